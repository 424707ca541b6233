//! The rules of the service as one decider, over whatever streams a command names.

use std::collections::BTreeMap;

use kernel::{Borough, Decider, DraftId, Org, Person, ReferralId, Role, Stream, Timestamp};
use uuid::Uuid;

use crate::{
    desk::{Desk, DeskEvent},
    draft::{self, Draft},
    field::{self, Bin, Field},
    form_use::{SittingEvent, Use, UseEvent},
    reading::{self, CoverageEvent, Expected, Reader},
    register::{Carried, NotCarried, Register},
    variation::{self, Place, Variations},
};

pub use crate::event::Event;

/// The procedures registry.
#[derive(Clone, Copy, Debug)]
pub struct Registry;

/// The part of the record that one command sees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Situation {
    /// The drafts that the command names.
    pub drafts: BTreeMap<DraftId, Draft>,
    /// The list of editions.
    pub register: Register,
    /// The desks.
    pub desks: BTreeMap<Borough, Desk>,
    /// The local variations.
    pub variations: BTreeMap<Place, Variations>,
    /// The readers.
    pub readers: BTreeMap<String, Reader>,
    /// How many are expected to read.
    pub expected: BTreeMap<Org, Expected>,
    /// The fields that somebody put in the bin.
    pub fields: BTreeMap<String, Field>,
    /// The fields that go, and with which edition.
    pub bin: Bin,
    /// The forms of referrals.
    pub uses: BTreeMap<ReferralId, Use>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A person asks something of a draft.
    Draft(DraftId, Box<draft::Command>),
    /// The program brings an edition.
    Carry(Carried),
    /// Case transfer says how a desk can be reached.
    LearnDesk(Borough, Desk),
    /// Something is asked of the local variations of a procedure in a borough.
    Variation(Place, variation::Command),
    /// Something is asked of a reader's receipts and questions, by the reader's subject.
    Read(String, reading::Command),
    /// Somebody says how many of a role are expected to read.
    Expect { org: Org, role: Role, expected: u32, by: Person, at: Timestamp },
    /// Something is asked about a field of the form.
    Field(String, field::Command),
    /// Intake tells how the form of a referral was used.
    Use(ReferralId, UseEvent),
    /// A page tells of a sitting before the form.
    Sitting(Uuid, SittingEvent),
}

/// Why the answer is no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// About a draft.
    #[error(transparent)]
    Draft(#[from] draft::Refusal),
    /// About an edition of the program.
    #[error(transparent)]
    Carried(#[from] NotCarried),
    /// About a local variation.
    #[error(transparent)]
    Variation(#[from] variation::Refusal),
    /// About receipts and questions.
    #[error(transparent)]
    Reading(#[from] reading::Refusal),
    /// About a field.
    #[error(transparent)]
    Field(#[from] field::Refusal),
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Draft(refusal) => refusal.code(),
            Self::Carried(refusal) => refusal.code(),
            Self::Variation(refusal) => refusal.code(),
            Self::Reading(refusal) => refusal.code(),
            Self::Field(refusal) => refusal.code(),
        }
    }
}

impl Command {
    /// Every stream that the decision reads or writes.
    #[must_use]
    pub fn streams(&self) -> Vec<Stream> {
        match self {
            Self::Draft(id, _) => vec![draft_stream(*id), register_stream(), bin_stream()],
            Self::Carry(_) => vec![register_stream()],
            Self::LearnDesk(borough, _) => vec![desk_stream(borough)],
            Self::Variation(place, _) => vec![variation_stream(place)],
            Self::Read(subject, _) => vec![reader_stream(subject)],
            Self::Expect { org, .. } => vec![coverage_stream(org)],
            Self::Field(name, field::Command::Nominate { .. }) => vec![field_stream(name), bin_stream()],
            Self::Field(name, field::Command::Answer { .. }) => vec![field_stream(name), bin_stream(), register_stream()],
            Self::Use(referral, _) => vec![use_stream(*referral)],
            Self::Sitting(id, _) => vec![sitting_stream(*id)],
        }
    }
}

static NOT_DRAFTED: Draft = Draft::NotDrafted;

impl Situation {
    /// A draft.
    #[must_use]
    pub fn draft(&self, id: DraftId) -> &Draft {
        self.drafts.get(&id).unwrap_or(&NOT_DRAFTED)
    }

    /// Takes one event in.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Draft(id, event) => {
                let draft = self.drafts.remove(id).unwrap_or_default().evolve(event);
                self.drafts.insert(*id, draft);
            }
            Event::Register(event) => self.register.evolve(event),
            Event::Desk(borough, DeskEvent::Learnt(desk)) => drop(self.desks.insert(borough.clone(), desk.clone())),
            Event::Variation(place, event) => variation::evolve(self.variations.entry(place.clone()).or_default(), event),
            Event::Reader(subject, event) => self.readers.entry(subject.clone()).or_default().evolve(event),
            Event::Coverage(org, CoverageEvent::ExpectedSet { role, expected, .. }) => {
                self.expected.entry(org.clone()).or_default().insert(*role, *expected);
            }
            Event::Field(name, event) => self.fields.entry(name.clone()).or_default().evolve(event),
            Event::Bin(event) => field::promise(&mut self.bin, event),
            Event::Use(referral, event) => self.uses.entry(*referral).or_default().evolve(event),
            // A sitting is told once and looked at by no rule.
            Event::Sitting(..) => {}
        }
    }
}

impl Decider for Registry {
    type State = Situation;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(state: &Situation, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Draft(id, command) => Ok(draft::decide::decide(state, id, &command)?),
            Command::Carry(carried) => Ok(state.register.carry(&carried)?.map(Event::Register).into_iter().collect()),
            Command::LearnDesk(borough, desk) if state.desks.get(&borough) == Some(&desk) => Ok(vec![]),
            Command::LearnDesk(borough, desk) => Ok(vec![Event::Desk(borough, DeskEvent::Learnt(desk))]),
            Command::Variation(place, command) => {
                let none = Variations::new();
                let events = variation::decide(state.variations.get(&place).unwrap_or(&none), &place, command)?;
                Ok(events.into_iter().map(|event| Event::Variation(place.clone(), event)).collect())
            }
            Command::Read(subject, command) => {
                let events = state.readers.get(&subject).cloned().unwrap_or_default().decide(command)?;
                Ok(events.into_iter().map(|event| Event::Reader(subject.clone(), event)).collect())
            }
            Command::Expect { org, role, expected, by, at } => {
                let known = state.expected.get(&org).cloned().unwrap_or_default();
                let events = reading::expect(&known, &org, (role, expected), (by, at))?;
                Ok(events.into_iter().map(|event| Event::Coverage(org.clone(), event)).collect())
            }
            Command::Field(name, command) => {
                let (events, promised) = state.fields.get(&name).cloned().unwrap_or_default().decide((&name, &state.register), command)?;
                let events = events.into_iter().map(|event| Event::Field(name.clone(), event));
                Ok(events.chain(promised.into_iter().map(Event::Bin)).collect())
            }
            Command::Use(referral, event) => {
                let told = state.uses.get(&referral).cloned().unwrap_or_default().told(event);
                Ok(told.map(|event| Event::Use(referral, event)).into_iter().collect())
            }
            Command::Sitting(id, event) => Ok(vec![Event::Sitting(id, event)]),
        }
    }

    fn evolve(mut state: Situation, event: &Event) -> Situation {
        state.take(event);
        state
    }
}

/// The stream of a draft.
#[must_use]
pub fn draft_stream(id: DraftId) -> Stream {
    Stream::new("draft", id)
}

/// The stream of the list of editions. There is one hub, so there is one.
#[must_use]
pub fn register_stream() -> Stream {
    Stream::new("register", "hub")
}

/// The stream of a desk.
#[must_use]
pub fn desk_stream(borough: &Borough) -> Stream {
    Stream::new("desk", borough)
}

/// The stream of the local variations of a procedure in a borough.
#[must_use]
pub fn variation_stream(place: &Place) -> Stream {
    Stream::new("variation", place)
}

/// The stream of a reader.
#[must_use]
pub fn reader_stream(subject: &str) -> Stream {
    Stream::new("reader", subject)
}

/// The stream of how many an organisation expects to read.
#[must_use]
pub fn coverage_stream(org: &Org) -> Stream {
    Stream::new("coverage", org)
}

/// The stream of a field of the form.
#[must_use]
pub fn field_stream(name: &str) -> Stream {
    Stream::new("field", name)
}

/// The stream of the fields that go. There is one form, so there is one.
#[must_use]
pub fn bin_stream() -> Stream {
    Stream::new("bin", "hub")
}

/// The stream of a referral's form.
#[must_use]
pub fn use_stream(referral: ReferralId) -> Stream {
    Stream::new("use", referral)
}

/// The stream of a sitting before the form.
#[must_use]
pub fn sitting_stream(id: Uuid) -> Stream {
    Stream::new("sitting", id.simple())
}
