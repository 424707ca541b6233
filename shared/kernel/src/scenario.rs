//! Given / when / then: the form in which rules are tested.

use std::fmt::Debug;

use crate::{Decider, Refusal};

/// A history to test against.
pub struct Given<D: Decider>(D::State);

/// The answer to the command that was tried.
pub struct Answer<D: Decider>(Result<Vec<D::Event>, D::Refusal>);

/// Starts a scenario from what has already happened.
pub fn given<D: Decider>(events: impl IntoIterator<Item = D::Event>) -> Given<D> {
    Given(events.into_iter().fold(D::State::default(), |state, event| D::evolve(state, &event)))
}

impl<D: Decider> Given<D> {
    /// Tries the command.
    #[must_use]
    pub fn when(self, command: D::Command) -> Answer<D> {
        Answer(D::decide(&self.0, command))
    }
}

impl<D: Decider> Answer<D>
where
    D::Event: PartialEq + Debug,
    D::Refusal: Debug,
{
    /// Exactly these events follow.
    ///
    /// # Panics
    /// When they do not.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = D::Event>) {
        match self.0 {
            Ok(events) => assert_eq!(events, expected.into_iter().collect::<Vec<_>>()),
            Err(refusal) => panic!("refused: {refusal:?}"),
        }
    }

    /// Nothing follows: it was already so.
    ///
    /// # Panics
    /// When something does.
    #[track_caller]
    pub fn then_nothing(self) {
        self.then([]);
    }

    /// The rules say no, with this code.
    ///
    /// # Panics
    /// When they say yes, or no for another reason.
    #[track_caller]
    pub fn refused(self, code: &str) {
        match self.0 {
            Ok(events) => panic!("not refused: {events:?}"),
            Err(refusal) => assert_eq!(refusal.code(), code),
        }
    }

    /// The events, for a closer look.
    ///
    /// # Panics
    /// When the command was refused.
    #[track_caller]
    pub fn events(self) -> Vec<D::Event> {
        match self.0 {
            Ok(events) => events,
            Err(refusal) => panic!("refused: {refusal:?}"),
        }
    }
}
