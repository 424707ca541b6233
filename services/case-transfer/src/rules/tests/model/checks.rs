//! The seven rules, checked in every state and on every step.

use std::ops::BitOr;

use super::{Boroughs, Kind, Sent, State, borough, child, trf};
use crate::{
    ledger::{Duty, LedgerEvent},
    rules::{CaseTransfer, Event, Situation},
    transfer::{Stage, Transfer, TransferEvent},
};
use kernel::Decider;

/// What went wrong on the way to a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Faults {
    pub(super) moved_without_acceptance: bool,
    pub(super) refusal_moved: bool,
    pub(super) stale_taken: bool,
    pub(super) decided_by_nobody: bool,
}

impl BitOr for Faults {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            moved_without_acceptance: self.moved_without_acceptance | other.moved_without_acceptance,
            refusal_moved: self.refusal_moved | other.refusal_moved,
            stale_taken: self.stale_taken | other.stale_taken,
            decided_by_nobody: self.decided_by_nobody | other.decided_by_nobody,
        }
    }
}

/// Looks at one commit.
pub(super) fn faults_of(model: &Boroughs, sent: Sent, (before, after): (&Situation, &Situation), events: &[Event]) -> Faults {
    let holders = |now: &Situation| -> Vec<_> {
        model.children.iter().map(|number| now.ledgers[&child(*number)].holder(Duty::EmergencyAction).cloned()).collect()
    };
    let changed = holders(before) != holders(after);
    let receiver = match before.transfers.get(&trf(u128::from(sent.slot) + 1)) {
        Some(Transfer::Offered(talk)) => Some((talk.offer.to.clone(), talk.version)),
        Some(Transfer::NotOffered) | None => None,
    };
    let accepts = matches!(sent.kind, Kind::Accept | Kind::AcceptOneChild);
    let by_receiver = receiver.as_ref().is_some_and(|(to, _)| *to == borough(sent.by.into()));
    let refused = |event: &Event| {
        matches!(
            event,
            Event::Transfer(_, TransferEvent::Declined { .. } | TransferEvent::Withdrawn { .. } | TransferEvent::Redirected { .. })
        )
    };
    let moved = events.iter().any(|event| matches!(event, Event::Ledger(_, LedgerEvent::DutyMoved { .. })));
    let on = match sent.kind {
        Kind::Received | Kind::Offer(_) => None,
        Kind::End => Some(before.ledgers[&child(model.children[0])].version),
        Kind::Inform
        | Kind::Accept
        | Kind::AcceptOneChild
        | Kind::Decline
        | Kind::Withdraw
        | Kind::Redirect(..)
        | Kind::Handover
        | Kind::HandBack(_)
        | Kind::Close => receiver.map(|(_, version)| version),
    };
    Faults {
        moved_without_acceptance: (changed || moved) && !(accepts && by_receiver && moved) && sent.kind != Kind::End,
        refusal_moved: changed && events.iter().any(refused),
        stale_taken: on.is_some_and(|version| version != i64::from(sent.on)),
        decided_by_nobody: events.iter().any(|event| event.is_decision() && event.decided_by().is_none()),
    } | intruders(model, after)
}

/// In the new situation, an acceptance by anybody but the receiver must lead nowhere.
fn intruders(model: &Boroughs, now: &Situation) -> Faults {
    let mut faults = Faults::default();
    for (slot, id) in (0..3_u8).map(|slot| (slot, trf(u128::from(slot) + 1))) {
        let Some(Transfer::Offered(talk)) = now.transfers.get(&id) else { continue };
        for by in (0..3).filter(|by| borough(usize::from(*by)) != talk.offer.to) {
            let on = u8::try_from(talk.version).unwrap();
            for kind in [Kind::Accept, Kind::Received] {
                let answer = CaseTransfer::decide(now, model.command(Sent { by, kind, slot, on }));
                faults.moved_without_acceptance |= answer.is_ok_and(|events| !events.is_empty());
            }
        }
    }
    faults
}

/// Whatever was held was held by one borough after the other, without a hole and without an overlap, and at most one holds it now.
pub(super) fn one_holder(state: &State) -> bool {
    state.record.situation.ledgers.values().all(|ledger| {
        let of = |duty| ledger.history().iter().filter(move |held| held.duty == duty);
        [Duty::EmergencyAction, Duty::Plan].into_iter().all(|duty| {
            let open = of(duty).filter(|held| held.until.is_none()).count();
            let last_is_open = of(duty).next_back().is_some_and(|held| held.until.is_none());
            let joined = of(duty).zip(of(duty).skip(1)).all(|(one, next)| one.until == Some(next.since) && one.holder != next.holder);
            joined && open == usize::from(last_is_open) && last_is_open == ledger.holder(duty).is_some()
        })
    })
}

pub(super) fn plan_stays(model: &Boroughs, state: &State) -> bool {
    let ledger = |number: &u128| &state.record.situation.ledgers[&child(*number)];
    model.children.iter().all(|number| ledger(number).holder(Duty::Plan) == Some(&borough(2)))
}

/// As long as the duty is open, the screen of at least one borough says that it is that borough's.
pub(super) fn somebody_believes(state: &State) -> bool {
    let screens = || state.screens.iter().zip(0_usize..).map(|(shown, by)| shown.believes[by]);
    let ledgers = state.record.situation.ledgers.values();
    ledgers.enumerate().all(|(index, ledger)| ledger.holder(Duty::EmergencyAction).is_none() || screens().any(|by| by[index]))
}

/// How often the first child's emergency action has moved.
pub(super) fn moves(state: &State) -> usize {
    let first = state.record.situation.ledgers.values().next();
    first.map_or(0, |ledger| ledger.history().iter().filter(|held| held.duty == Duty::EmergencyAction).count().saturating_sub(1))
}

/// B has handed the first transfer back as the second one, and A holds the emergency again by it.
pub(super) fn handed_back(state: &State) -> bool {
    let stage = |number| match state.record.situation.transfers.get(&trf(number)) {
        Some(Transfer::Offered(talk)) => Some(talk.stage),
        Some(Transfer::NotOffered) | None => None,
    };
    let holder = state.record.situation.ledgers.values().next().and_then(|ledger| ledger.holder(Duty::EmergencyAction));
    stage(1) == Some(Stage::HandedBack) && stage(2) == Some(Stage::Accepted) && holder == Some(&borough(0))
}
