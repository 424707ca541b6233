//! The shape of every rule in the hub.

/// A refusal in the words of the procedures. It is an outcome, not a failure: it is never logged as an error.
pub trait Refusal: std::error::Error + Send + Sync + 'static {
    /// The stable code that machines may rely on, for instance `not_the_holder`.
    fn code(&self) -> &'static str;
}

/// One set of rules: what may happen (`decide`) and what has happened (`evolve`).
///
/// Both are pure and total. Time, ids and looked-up facts travel in the command, so that every field of an event can be
/// asserted and the same command on the same state always gives the same answer.
pub trait Decider {
    /// The situation, built from events alone.
    type State: Default;
    /// What somebody asks for.
    type Command;
    /// What has happened.
    type Event;
    /// Why the answer is no.
    type Refusal: Refusal;

    /// Answers one command. Repeating a command that was carried out gives no further event.
    ///
    /// # Errors
    /// The refusal, when the rules say no.
    fn decide(state: &Self::State, command: Self::Command) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// Takes one event into the state. It cannot fail: it has happened.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;

    /// The state after a whole history.
    fn replay<'a>(events: impl IntoIterator<Item = &'a Self::Event>) -> Self::State
    where
        Self::Event: 'a,
    {
        events.into_iter().fold(Self::State::default(), Self::evolve)
    }
}
