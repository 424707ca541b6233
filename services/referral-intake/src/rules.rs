//! The rules of the whole service as one decider, over whatever streams a command names.

use std::collections::BTreeMap;

use kernel::{Borough, ChildId, Decider, ReferralId, Stream};

use crate::{
    child::{self, Child, ChildCommand, ChildRefusal},
    desk::{Desk, Known},
    event::Event,
    referral::{self, Referral, Watch},
};

/// Referral intake.
#[derive(Debug)]
pub struct Intake;

/// The part of the record that one command sees. A command is about one referral at most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Situation {
    /// The referral.
    pub referral: Referral,
    /// Who looked at it, and what ran out.
    pub watch: Watch,
    /// The children.
    pub children: BTreeMap<ChildId, Child>,
    /// The desks.
    pub desks: BTreeMap<Borough, Known>,
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// About a referral.
    Referral(ReferralId, referral::Command),
    /// About a child's record.
    Child(ChildId, ChildCommand),
    /// Case transfer says how a desk can be reached.
    LearnDesk(Borough, Desk),
}

/// Why the rules say no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// About a referral.
    #[error(transparent)]
    Referral(#[from] referral::Refusal),
    /// About a child's record.
    #[error(transparent)]
    Child(#[from] ChildRefusal),
}

impl kernel::Refusal for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Referral(refusal) => refusal.code(),
            Self::Child(refusal) => refusal.code(),
        }
    }
}

impl Decider for Intake {
    type State = Situation;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(state: &Situation, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Referral(id, command) => Ok(match referral::decide(state, id, command)? {
                referral::Outcomes::Nothing => Vec::new(),
                referral::Outcomes::Happened(of, event) => vec![Event::Referral(of, event)],
                referral::Outcomes::Noticed(of, event) => vec![Event::Watch(of, event)],
            }),
            Command::Child(id, command) => {
                let unknown = Child::default();
                let events = child::decide(id, state.children.get(&id).unwrap_or(&unknown), command)?;
                Ok(events.into_iter().map(|(id, event)| Event::Child(id, event)).collect())
            }
            Command::LearnDesk(borough, desk) => {
                let known = state.desks.get(&borough).unwrap_or(&Known::NotSet).learn(desk);
                Ok(known.map(|event| Event::Desk(borough, event)).into_iter().collect())
            }
        }
    }

    fn evolve(mut state: Situation, event: &Event) -> Situation {
        match event {
            Event::Referral(_, event) => state.referral = state.referral.evolve(event),
            Event::Watch(_, event) => state.watch = state.watch.evolve(event),
            Event::Child(id, event) => {
                let child = state.children.remove(id).unwrap_or_default().evolve(event);
                state.children.insert(*id, child);
            }
            Event::Desk(borough, event) => {
                let desk = state.desks.remove(borough).unwrap_or_default().evolve(event);
                state.desks.insert(borough.clone(), desk);
            }
            // The shell goes by editions; a command comes with the times that they set.
            Event::Edition(_) => {}
        }
        state
    }
}

/// The stream of a referral.
#[must_use]
pub fn referral_stream(id: ReferralId) -> Stream {
    Stream::new("referral", id)
}

/// The stream of what happens around a referral.
#[must_use]
pub fn watch_stream(id: ReferralId) -> Stream {
    Stream::new("watch", id)
}

/// The stream of a child's record.
#[must_use]
pub fn child_stream(id: ChildId) -> Stream {
    Stream::new("child", id)
}

/// The stream of a desk.
#[must_use]
pub fn desk_stream(borough: &Borough) -> Stream {
    Stream::new("desk", borough)
}
