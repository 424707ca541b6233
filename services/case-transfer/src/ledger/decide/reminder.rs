//! Cases of the night: at 09:00 on the day team's list, at 10:00 with the duty manager. A clock decides nothing.

use super::Page;
use crate::{
    ledger::{LedgerEvent, NightCase, Reminder},
    rules::{Event, Refusal},
    transfer::call_level,
};

pub(crate) fn decide_reminder(page: &Page<'_>, reminder: Reminder, levels: u8) -> Result<Vec<Event>, Refusal> {
    let (Reminder::NightListDue { referral } | Reminder::NightCaseLate { referral }) = reminder;
    let contact = page.ledger().and_then(|ledger| ledger.contacts.get(&referral)).ok_or(Refusal::NoNightCase)?;
    let night = contact.night.ok_or(Refusal::NoNightCase)?;
    let at = page.at;
    match (reminder, night) {
        (Reminder::NightListDue { .. }, NightCase::Waiting) => {
            let told = vec![contact.borough.clone()];
            Ok(vec![page.event(LedgerEvent::NightCaseDue { referral, told, at })])
        }
        (Reminder::NightCaseLate { .. }, NightCase::Waiting | NightCase::Due) => {
            let borough = contact.borough.clone();
            let called = call_level(page.situation, &[&borough], 1, levels, at);
            let to = called.people.into_iter().next();
            let escalated = LedgerEvent::NightCaseEscalated { referral, borough, level: called.level, to, at };
            Ok(called.gaps.into_iter().chain([page.event(escalated)]).collect())
        }
        (Reminder::NightListDue { .. }, NightCase::Due | NightCase::Escalated | NightCase::Taken)
        | (Reminder::NightCaseLate { .. }, NightCase::Escalated | NightCase::Taken) => Ok(vec![]),
    }
}
