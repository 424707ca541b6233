//! What each event makes of a ledger.

use kernel::{ReferralId, Timestamp};

use super::{Contact, Duty, InTransfer, Ledger, LedgerEvent, NightCase, Opening, Refused, Settled};

/// Takes one event into the ledger; `now` never runs backwards, whatever the clocks of the tellers say.
pub(super) fn apply(ledger: &mut Ledger, event: &LedgerEvent, now: Timestamp) {
    match event {
        LedgerEvent::DutyOpened { duty, holder, because, .. } => {
            if let Opening::Plan { kind, .. } = because {
                ledger.plan = Some(*kind);
            }
            ledger.begin(*duty, holder, now);
        }
        LedgerEvent::DutyMoved { duty, from, to, transfer, .. } => {
            ledger.begin(*duty, to, now);
            ledger
                .in_transfer
                .insert(*duty, InTransfer { transfer: *transfer, to: Some(to.clone()), awaiting_receipt: Some(from.clone()) });
        }
        LedgerEvent::DutyEnded { duty, .. } => {
            if *duty == Duty::Plan {
                ledger.plan = None;
            }
            ledger.finish(*duty, now);
        }
        LedgerEvent::TransferOpened { transfer, duties, to, .. } => {
            let open = |duty: &Duty| (*duty, InTransfer { transfer: *transfer, to: to.clone(), awaiting_receipt: None });
            ledger.in_transfer.extend(duties.iter().map(open));
        }
        LedgerEvent::TransferOver { transfer, duties, unmoved, .. } => {
            let refused = unmoved.map(|how| Refused { transfer: *transfer, how });
            ledger.refused.extend(duties.iter().filter_map(|duty| Some((*duty, refused?))));
            ledger.in_transfer.retain(|duty, open| open.transfer != *transfer || !duties.contains(duty));
        }
        LedgerEvent::PlanChanged { kind, .. } => ledger.plan = Some(*kind),
        LedgerEvent::DutyKept { .. } => {}
        LedgerEvent::ContactOpened { .. }
        | LedgerEvent::ContactDecided { .. }
        | LedgerEvent::ContactSettled { .. }
        | LedgerEvent::NightCaseDue { .. }
        | LedgerEvent::NightCaseTaken { .. }
        | LedgerEvent::NightCaseEscalated { .. } => apply_contact(ledger, event),
        LedgerEvent::ChildLinked { .. }
        | LedgerEvent::ChildUnlinked { .. }
        | LedgerEvent::ShieldSet { .. }
        | LedgerEvent::NoticeGiven { .. }
        | LedgerEvent::MissingReported { .. }
        | LedgerEvent::MissingEnded { .. }
        | LedgerEvent::PowerStarted { .. }
        | LedgerEvent::PowerEnded { .. }
        | LedgerEvent::PowerRanOut { .. }
        | LedgerEvent::ChildBorn { .. } => apply_circumstance(ledger, event),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`apply` names every event and sends only these here")]
fn apply_contact(ledger: &mut Ledger, event: &LedgerEvent) {
    match event {
        LedgerEvent::ContactOpened { referral, borough, received_at, day_by, home, late_by, .. } => {
            let night = day_by.map(|_| NightCase::Waiting);
            let (borough, home, received_at, late_by) = (borough.clone(), home.clone(), *received_at, *late_by);
            let contact = Contact { borough, home, received_at, decided: None, joined: false, withdrawn: false, night, late_by };
            ledger.contacts.insert(*referral, contact);
        }
        LedgerEvent::ContactDecided { referral, borough, outcome, at, .. } => {
            let received_at = at.recorded_at;
            let unknown = || Contact {
                borough: borough.clone(),
                home: None,
                received_at,
                decided: None,
                joined: false,
                withdrawn: false,
                night: None,
                late_by: None,
            };
            ledger.contacts.entry(*referral).or_insert_with(unknown).decided = Some((*outcome, borough.clone()));
        }
        LedgerEvent::ContactSettled { referral, how, .. } => {
            if let Some(contact) = ledger.contacts.get_mut(referral) {
                match how {
                    Settled::Withdrawn => contact.withdrawn = true,
                    Settled::Joined(_) => contact.joined = true,
                }
            }
        }
        LedgerEvent::NightCaseDue { referral, .. } => set_night(ledger, *referral, NightCase::Due),
        LedgerEvent::NightCaseTaken { referral, .. } => set_night(ledger, *referral, NightCase::Taken),
        LedgerEvent::NightCaseEscalated { referral, .. } => set_night(ledger, *referral, NightCase::Escalated),
        _ => {}
    }
}

fn set_night(ledger: &mut Ledger, referral: ReferralId, night: NightCase) {
    if let Some(contact) = ledger.contacts.get_mut(&referral) {
        contact.night = Some(night);
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`apply` names every event and sends only these here")]
fn apply_circumstance(ledger: &mut Ledger, event: &LedgerEvent) {
    match event {
        LedgerEvent::ChildLinked { other, .. } => {
            ledger.linked.insert(*other);
        }
        LedgerEvent::ChildUnlinked { other, .. } => {
            ledger.linked.remove(other);
        }
        LedgerEvent::ShieldSet { shielded, .. } => ledger.shielded = *shielded,
        LedgerEvent::NoticeGiven { to, until, .. } => {
            ledger.notices.insert((to.clone(), *until));
        }
        LedgerEvent::MissingReported { .. } => ledger.missing = true,
        LedgerEvent::MissingEnded { .. } => ledger.missing = false,
        LedgerEvent::PowerStarted { power, ends_at, .. } => {
            ledger.powers.insert(*power, *ends_at);
        }
        LedgerEvent::PowerEnded { power, .. } | LedgerEvent::PowerRanOut { power, .. } => {
            ledger.powers.remove(power);
        }
        LedgerEvent::ChildBorn { .. } => ledger.born = true,
        _ => {}
    }
}
