//! The rules of the service as one decider over several streams: the transfer, the ledgers of its children, and the desks.
//!
//! The shell loads the streams that a command names, folds them, decides, and appends all events in one commit.

mod command;
mod event;
mod refusal;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Borough, ChildId, Decider, GlassId, TransferId};

pub use command::{Command, Scope, What};
pub use event::{Event, board_stream, child_stream, desk_stream, edition_stream, glass_stream, look_stream, transfer_stream};
pub use refusal::Refusal;
pub(crate) use refusal::duty_words;

use crate::{
    board::BoardState,
    desk::{Desk, DeskState},
    glass::{self, Glass},
    ledger::{self, Ledger},
    transfer::{self, Transfer},
};

/// The rules of the service.
#[derive(Clone, Copy, Debug)]
pub struct CaseTransfer;

/// Everything that a command looks at. Each part comes from one stream, so streams may be folded in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Situation {
    /// The transfers; a redirect or a hand-back concerns two.
    pub transfers: BTreeMap<TransferId, Transfer>,
    /// The ledgers, by child id.
    pub ledgers: BTreeMap<ChildId, Ledger>,
    /// The desks, by borough.
    pub desks: BTreeMap<Borough, DeskState>,
    /// The top of the ladder.
    pub board: BoardState,
    /// The break-glasses.
    pub glasses: BTreeMap<GlassId, Glass>,
}

impl Situation {
    /// The desk of a borough; none when the borough is not connected.
    #[must_use]
    pub fn desk(&self, borough: &Borough) -> Option<&Desk> {
        self.desks.get(borough).and_then(|state| state.desk.as_deref())
    }

    /// Whether the address of a child must not be shown: the child, or an id that is linked to it over however many others, is
    /// shielded now. Ids that were not loaded cannot be looked at.
    #[must_use]
    pub fn is_shielded(&self, child: ChildId) -> bool {
        let (mut reached, mut ahead) = (BTreeSet::new(), vec![child]);
        while let Some(child) = ahead.pop() {
            let Some(ledger) = self.ledgers.get(&child).filter(|_| reached.insert(child)) else { continue };
            if ledger.shielded {
                return true;
            }
            ahead.extend(&ledger.linked);
        }
        false
    }

    /// Whether a transfer pauses because one of its children is missing.
    #[must_use]
    pub fn is_paused(&self, transfer: TransferId) -> bool {
        let Some(Transfer::Offered(talk)) = self.transfers.get(&transfer) else { return false };
        talk.children().any(|child| self.ledgers.get(&child).is_some_and(|ledger| ledger.missing))
    }
}

impl Decider for CaseTransfer {
    type State = Situation;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(state: &Situation, command: Command) -> Result<Vec<Event>, Refusal> {
        let Command { at, clocks, terms, scope, what } = command;
        match what {
            What::Ask { transfer, by, on, side, ask } => {
                let turn = transfer::Turn { situation: state, transfer, at, clocks: &clocks, terms: &terms, scope: &scope };
                transfer::decide_ask(&turn, &by, (on, side), ask)
            }
            What::Tell { transfer, by, tell } => {
                let turn = transfer::Turn { situation: state, transfer, at, clocks: &clocks, terms: &terms, scope: &scope };
                transfer::decide_tell(&turn, &by, tell)
            }
            What::Duty { child, by, on, ask } => {
                let page = ledger::Page { situation: state, child, at, edition: clocks.edition };
                ledger::decide_ask(&page, &by, on, ask)
            }
            What::Fact { child, fact } => {
                let page = ledger::Page { situation: state, child, at, edition: clocks.edition };
                ledger::decide_fact(&page, fact)
            }
            What::Remind { child, reminder } => {
                let page = ledger::Page { situation: state, child, at, edition: clocks.edition };
                ledger::decide_reminder(&page, reminder, clocks.rota_levels)
            }
            What::Glass { glass, by, on, ask } => {
                let pane = glass::Pane { situation: state, glass, at, levels: clocks.rota_levels, terms: &terms };
                glass::decide_ask(&pane, (&by, on), &scope, ask)
            }
            What::GlassClock { glass, clock } => {
                let pane = glass::Pane { situation: state, glass, at, levels: clocks.rota_levels, terms: &terms };
                glass::decide_clock(&pane, clock, clocks.next_escalation_at)
            }
            What::SetDesk { borough, by, on, desk } => crate::desk::decide_set(state, borough, (by, on), desk, at),
            What::SetBoard { by, on, board } => crate::board::decide_set(state, (by, on), board, at),
            What::CheckBoard => Ok(crate::board::decide_check(state, at)),
            What::CheckRota { borough, from, to } => Ok(crate::desk::decide_check(state, &borough, (from, to), clocks.rota_levels, at)),
        }
    }

    fn evolve(mut state: Situation, event: &Event) -> Situation {
        state.take(event);
        state
    }
}

impl Situation {
    /// Takes one event in.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Transfer(id, event) => self.transfers.entry(*id).or_default().evolve(event),
            Event::Ledger(child, event) => self.ledgers.entry(*child).or_default().evolve(event),
            Event::Desk(borough, event) => self.desks.entry(borough.clone()).or_default().evolve(event),
            Event::Board(event) => self.board.evolve(event),
            Event::Glass(id, event) => Glass::take(self.glasses.entry(*id), event),
            // The shell goes by editions; a command comes with the times that they set.
            Event::Look(..) | Event::ChildLook(..) | Event::Edition(..) => {}
        }
    }
}
