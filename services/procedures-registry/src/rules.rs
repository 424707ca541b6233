//! The rules of the service as one decider, over whatever streams a command names.

use std::collections::BTreeMap;

use kernel::{Borough, Decider, DraftId, Stream};

use crate::{
    desk::{Desk, DeskEvent},
    draft::{self, Draft},
    register::{Carried, NotCarried, Register},
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
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Draft(refusal) => refusal.code(),
            Self::Carried(refusal) => refusal.code(),
        }
    }
}

impl Command {
    /// Every stream that the decision reads or writes.
    #[must_use]
    pub fn streams(&self) -> Vec<Stream> {
        match self {
            Self::Draft(id, _) => vec![draft_stream(*id), register_stream()],
            Self::Carry(_) => vec![register_stream()],
            Self::LearnDesk(borough, _) => vec![desk_stream(borough)],
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
