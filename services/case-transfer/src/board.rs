//! Who stands at the top of the ladder: the chair of the safeguarding board, and a deputy. They are informed and do not decide.

use std::{fmt, sync::Arc};

use kernel::{Org, Person, Role};
use serde::{Deserialize, Serialize};

use crate::{
    clocks::When,
    ledger::Named,
    rules::{Event, Refusal, Situation},
};

/// Somebody of the board, and how to reach them.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reached {
    /// The name to ask for.
    pub name: String,
    /// The telephone to ring.
    pub phone: String,
}

impl fmt::Debug for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[somebody of the board]")
    }
}

/// The chair and the deputy. They are always set together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Board {
    /// The chair.
    pub chair: Reached,
    /// Who stands in.
    pub deputy: Reached,
}

/// What has happened to the top of the ladder. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoardEvent {
    /// The board said who they are.
    Set {
        /// Both.
        board: Board,
        /// Who said so.
        by: Person,
        /// When.
        at: When,
    },
    /// Nobody is named at the top of the ladder: an alert, once until somebody is.
    ChairGap {
        /// When it was noticed.
        at: When,
    },
}

/// The top of the ladder as the events have left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BoardState {
    /// How many events the stream has.
    pub version: i64,
    /// Both, once they are set.
    pub board: Option<Arc<Board>>,
    /// Whether it was alerted that nobody is.
    pub gap: bool,
}

impl BoardState {
    /// Takes one event in.
    pub fn evolve(&mut self, event: &BoardEvent) {
        self.version += 1;
        match event {
            BoardEvent::Set { board, .. } => (self.board, self.gap) = (Some(Arc::new(board.clone())), false),
            BoardEvent::ChairGap { .. } => self.gap = true,
        }
    }
}

/// A person who approves for the board sets the chair and the deputy.
pub(crate) fn decide_set(situation: &Situation, (by, on): (Person, i64), board: Board, at: When) -> Result<Vec<Event>, Refusal> {
    if by.actor().org != Org::Board || by.actor().role != Role::BoardApprover {
        return Err(Refusal::RoleMayNot);
    }
    let state = &situation.board;
    if state.board.as_deref() == Some(&board) {
        return Ok(vec![]);
    }
    if on != state.version {
        return Err(Refusal::Stale(state.version));
    }
    Ok(vec![Event::Board(BoardEvent::Set { board, by, at })])
}

/// An alert while nobody is named, once.
pub(crate) fn decide_check(situation: &Situation, at: When) -> Vec<Event> {
    let state = &situation.board;
    let alert = state.board.is_none() && !state.gap;
    alert.then_some(Event::Board(BoardEvent::ChairGap { at })).into_iter().collect()
}

/// Who is informed at the top: the chair, and the deputy for when the chair does not answer.
pub(crate) fn informed(situation: &Situation) -> Vec<Named> {
    let Some(board) = &situation.board.board else { return vec![] };
    let named = |Reached { name, phone }: &Reached| Named { borough: None, name: name.clone(), phone: phone.clone() };
    vec![named(&board.chair), named(&board.deputy)]
}
