//! What may be asked of the service. A person's commands carry a [`Person`] and the version they were decided on; a machine's
//! carry neither, and none of them can decide anything.

use std::collections::BTreeSet;

use kernel::{Actor, Borough, ChildId, GlassId, Person, Priority, Stream, Timestamp, TransferId, edition::Edition};

use crate::{
    board::Board,
    clocks::{Clocks, Terms, When},
    desk::Desk,
    glass::{GlassAsk, GlassClock},
    ledger::{DutyAsk, Fact, Reminder},
    rules::event,
    transfer::{Ask, Side, Tell},
};

/// One command, with the facts that the shell looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// When it was recorded, and when it happened.
    pub at: When,
    /// The due times that it may set.
    pub clocks: Clocks,
    /// What else of the edition it compares with.
    pub terms: Terms,
    /// What else must be loaded.
    pub scope: Scope,
    /// Who asks what.
    pub what: What,
}

/// The children and boroughs that a command may look at or write to beside those that it names, as the shell's views know them.
///
/// A child that is missing here refuses the command with `scope_changed`: look again, and send it once more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The children of the transfer and every id linked to the child.
    pub children: BTreeSet<ChildId>,
    /// The giver, the receiver, and whoever else is asked.
    pub boroughs: BTreeSet<Borough>,
    /// The transfers in which what is offered now was not taken before.
    pub transfers: BTreeSet<TransferId>,
}

/// Who asks what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A person asks something of a transfer.
    Ask {
        /// Which transfer; a new id for an offer.
        transfer: TransferId,
        /// Who asks.
        by: Person,
        /// The version of the transfer that they looked at; 0 for an offer.
        on: i64,
        /// The side that they act for, where their team may act for both.
        side: Option<Side>,
        /// What they ask.
        ask: Ask,
    },
    /// A machine, or a screen, reports something about a transfer.
    Tell {
        /// Which transfer.
        transfer: TransferId,
        /// Who reports it.
        by: Actor,
        /// What it reports.
        tell: Tell,
    },
    /// A person asks or records something about a child's duties.
    Duty {
        /// Which child.
        child: ChildId,
        /// Who asks.
        by: Person,
        /// The version of the ledger that they looked at.
        on: i64,
        /// What they ask.
        ask: DutyAsk,
    },
    /// Referral intake has recorded something.
    Fact {
        /// Which child.
        child: ChildId,
        /// What.
        fact: Fact,
    },
    /// A clock of the night list.
    Remind {
        /// Which child.
        child: ChildId,
        /// Which clock.
        reminder: Reminder,
    },
    /// A person asks something of a break-glass.
    Glass {
        /// Which; a new id to open one.
        glass: GlassId,
        /// Who asks.
        by: Person,
        /// The version that they looked at; 0 to open one.
        on: i64,
        /// What they ask.
        ask: GlassAsk,
    },
    /// A clock of a break-glass.
    GlassClock {
        /// Which.
        glass: GlassId,
        /// Which clock.
        clock: GlassClock,
    },
    /// A person sets their borough's desk.
    SetDesk {
        /// Which borough.
        borough: Borough,
        /// Who sets it.
        by: Person,
        /// The version of the desk that they looked at.
        on: i64,
        /// The whole desk.
        desk: Box<Desk>,
    },
    /// The board says who its chair is.
    SetBoard {
        /// Who says so.
        by: Person,
        /// The version that they looked at.
        on: i64,
        /// The chair and the deputy.
        board: Board,
    },
    /// The daily look whether anybody stands at the top of the ladder.
    CheckBoard,
    /// The daily look at a rota for empty levels.
    CheckRota {
        /// Which borough.
        borough: Borough,
        /// From when.
        from: Timestamp,
        /// Until when.
        to: Timestamp,
    },
}

impl Command {
    /// A command with the due times and terms of an edition at the instant at which it is recorded.
    #[must_use]
    pub fn under(edition: &Edition, priority: impl Into<Option<Priority>>, at: When, scope: Scope, what: What) -> Self {
        let (priority, now) = (priority.into(), at.recorded_at);
        Self { at, clocks: Clocks::under(edition, priority, now), terms: Terms::under(edition, priority, now), scope, what }
    }

    /// Every stream that the decision reads or writes.
    #[must_use]
    pub fn streams(&self) -> Vec<Stream> {
        let mut streams = BTreeSet::new();
        streams.extend(self.scope.children.iter().map(|child| event::child_stream(*child)));
        streams.extend(self.scope.boroughs.iter().map(event::desk_stream));
        streams.extend(self.scope.transfers.iter().copied().map(event::transfer_stream));
        match &self.what {
            What::Ask { transfer, ask, .. } => {
                if matches!(ask, Ask::Escalate) {
                    streams.insert(event::board_stream());
                }
                streams.insert(event::transfer_stream(*transfer));
                streams.extend(ask.transfers().map(event::transfer_stream));
                streams.extend(ask.children().map(event::child_stream));
                streams.extend(ask.boroughs().map(event::desk_stream));
            }
            What::Tell { transfer, tell, .. } => {
                if matches!(tell, Tell::ClockRanOut(_)) {
                    streams.insert(event::board_stream());
                }
                streams.insert(event::transfer_stream(*transfer));
            }
            What::Duty { child, ask, .. } => {
                streams.insert(event::child_stream(*child));
                if let DutyAsk::Link { other } | DutyAsk::Unlink { other } = ask {
                    streams.insert(event::child_stream(*other));
                }
            }
            What::Fact { child, .. } | What::Remind { child, .. } => {
                streams.insert(event::child_stream(*child));
            }
            What::Glass { glass, .. } | What::GlassClock { glass, .. } => {
                streams.extend([event::board_stream(), event::glass_stream(*glass)]);
            }
            What::SetBoard { .. } | What::CheckBoard => {
                streams.insert(event::board_stream());
            }
            What::SetDesk { borough, .. } | What::CheckRota { borough, .. } => {
                streams.insert(event::desk_stream(borough));
            }
        }
        streams.into_iter().collect()
    }
}
