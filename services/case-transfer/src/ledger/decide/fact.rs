//! What follows from what referral intake has recorded.

use kernel::{Borough, Person, ReferralId};

use super::Page;
use crate::{
    desk::Shift,
    ledger::{Contact, Duty, Ending, Fact, Kept, LedgerEvent, Opening, Outcome, Settled},
    rules::{Event, Refusal},
};

/// A decision that was taken in referral intake.
struct Decided {
    referral: ReferralId,
    borough: Borough,
    outcome: Outcome,
    by: Person,
    edition: u32,
}

pub(crate) fn decide_fact(page: &Page<'_>, fact: Fact) -> Result<Vec<Event>, Refusal> {
    let contact = |referral| page.ledger().and_then(|ledger| ledger.contacts.get(&referral));
    match fact {
        Fact::ContactOpened { referral, .. } if contact(referral).is_some() => Ok(vec![]),
        Fact::ContactOpened { .. } => Ok(opened(page, fact)),
        Fact::ContactDecided { referral, borough, outcome, by, edition } => {
            let now = (outcome, borough.clone());
            if contact(referral).and_then(|known| known.decided.as_ref()) == Some(&now) {
                return Ok(vec![]);
            }
            decided(page, &Decided { referral, borough, outcome, by, edition })
        }
        Fact::ContactSettled { referral, how } => match contact(referral) {
            Some(known) if news(known, how) => Ok(vec![page.event(LedgerEvent::ContactSettled { referral, how, at: page.at })]),
            Some(_) | None => Ok(vec![]),
        },
    }
}

fn news(known: &Contact, how: Settled) -> bool {
    match how {
        Settled::Withdrawn => !known.withdrawn,
        Settled::Joined(_) => !known.joined,
    }
}

/// Emergency action opens where the child is found, or where the referral was received if that is not known. If it is open
/// already it stays with its holder: only an acceptance moves it.
fn opened(page: &Page<'_>, fact: Fact) -> Vec<Event> {
    let Fact::ContactOpened { referral, received_by, home, received_at, day_by, late_by, edition } = fact else { return vec![] };
    let borough = received_by.clone();
    let night = page.situation.desk(&borough).is_some_and(|desk| desk.team_for(received_at) == Shift::Night);
    let at = page.at;
    let duty = Duty::EmergencyAction;
    let follows = match page.ledger().and_then(|ledger| ledger.holder(duty)) {
        None => Some(LedgerEvent::DutyOpened { duty, holder: borough.clone(), because: Opening::Referral(referral), at }),
        Some(holder) if *holder == borough => None,
        Some(holder) => Some(kept(page, duty, holder, Kept::HeldElsewhere(holder.clone()))),
    };
    let (day_by, late_by, edition) = (night.then_some(day_by), night.then_some(late_by), night.then_some(edition));
    let contact = LedgerEvent::ContactOpened { referral, borough, received_by, received_at, day_by, home, late_by, edition, at };
    [Some(contact), follows].into_iter().flatten().map(|event| page.event(event)).collect()
}

fn decided(page: &Page<'_>, decision: &Decided) -> Result<Vec<Event>, Refusal> {
    let recorded = LedgerEvent::ContactDecided {
        referral: decision.referral,
        borough: decision.borough.clone(),
        outcome: decision.outcome,
        by: decision.by.clone(),
        edition: decision.edition,
        at: page.at,
    };
    let (emergency, enquiry) = match decision.outcome {
        Outcome::ImmediateProtection => (open(page, Duty::EmergencyAction, decision), open(page, Duty::Enquiry, decision)),
        Outcome::Section47Enquiry | Outcome::ChildInNeedAssessment => (end_emergency(page, decision)?, open(page, Duty::Enquiry, decision)),
        Outcome::EarlyHelp | Outcome::NoFurtherAction => (end_emergency(page, decision)?, None),
    };
    Ok([Some(recorded), emergency, enquiry].into_iter().flatten().map(|event| page.event(event)).collect())
}

fn open(page: &Page<'_>, duty: Duty, decision: &Decided) -> Option<LedgerEvent> {
    match page.ledger().and_then(|ledger| ledger.holder(duty)) {
        Some(holder) if *holder == decision.borough => None,
        Some(holder) => Some(kept(page, duty, holder, Kept::HeldElsewhere(holder.clone()))),
        None => {
            let because = Opening::Decision { referral: decision.referral, by: decision.by.clone(), edition: decision.edition };
            Some(LedgerEvent::DutyOpened { duty, holder: decision.borough.clone(), because, at: page.at })
        }
    }
}

/// A decision ends emergency action in one step, if the deciding borough holds it and nothing else about the child is open.
fn end_emergency(page: &Page<'_>, decision: &Decided) -> Result<Option<LedgerEvent>, Refusal> {
    let duty = Duty::EmergencyAction;
    let Some(ledger) = page.ledger() else { return Ok(None) };
    let Some(holder) = ledger.holder(duty) else { return Ok(None) };
    if *holder != decision.borough {
        return Ok(Some(kept(page, duty, holder, Kept::HeldElsewhere(holder.clone()))));
    }
    if let Some(other) = page.undecided(Some(decision.referral))? {
        return Ok(Some(kept(page, duty, holder, Kept::AnotherContactUndecided(other))));
    }
    if let Some(open) = ledger.in_transfer.get(&duty) {
        return Ok(Some(kept(page, duty, holder, Kept::TransferOpen(open.transfer))));
    }
    Ok(Some(LedgerEvent::DutyEnded {
        duty,
        holder: holder.clone(),
        why: Ending::Decision(decision.referral, decision.outcome),
        by: decision.by.clone(),
        edition: decision.edition,
        at: page.at,
    }))
}

fn kept(page: &Page<'_>, duty: Duty, holder: &Borough, why: Kept) -> LedgerEvent {
    LedgerEvent::DutyKept { duty, holder: holder.clone(), why, at: page.at }
}
