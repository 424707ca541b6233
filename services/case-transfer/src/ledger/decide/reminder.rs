//! Cases of the night: at 09:00 on the day team's list, at 10:00 with the duty manager. Legal powers: told when their time is over.
//! A clock decides nothing.

use super::Page;
use crate::{
    ledger::{LedgerEvent, NightCase, Power, Reminder},
    rules::{Event, Refusal},
    transfer::call_level,
};

pub(crate) fn decide_reminder(page: &Page<'_>, reminder: Reminder, levels: u8) -> Result<Vec<Event>, Refusal> {
    let (late, referral) = match reminder {
        Reminder::PowerOver { power } => return power_over(page, power),
        Reminder::NightListDue { referral } => (false, referral),
        Reminder::NightCaseLate { referral } => (true, referral),
    };
    let contact = page.ledger().and_then(|ledger| ledger.contacts.get(&referral)).ok_or(Refusal::NoNightCase)?;
    let night = contact.night.ok_or(Refusal::NoNightCase)?;
    let at = page.at;
    match (late, night) {
        (false, NightCase::Waiting) => {
            let told = vec![contact.borough.clone()];
            Ok(vec![page.event(LedgerEvent::NightCaseDue { referral, told, at })])
        }
        (true, NightCase::Waiting | NightCase::Due) => {
            let borough = contact.borough.clone();
            let called = call_level(page.situation, &[&borough], 1, levels, at);
            let to = called.people.into_iter().next();
            let escalated = LedgerEvent::NightCaseEscalated { referral, borough, level: called.level, to, at };
            Ok(called.gaps.into_iter().chain([page.event(escalated)]).collect())
        }
        (false, NightCase::Due | NightCase::Escalated | NightCase::Taken) | (true, NightCase::Escalated | NightCase::Taken) => Ok(vec![]),
    }
}

/// Everybody concerned hears that a power is over. One that was ended before its time, or told of already, is none any more.
fn power_over(page: &Page<'_>, power: Power) -> Result<Vec<Event>, Refusal> {
    let Some(ledger) = page.ledger() else { return Ok(vec![]) };
    let Some(ended_at) = ledger.power_ends(power) else { return Ok(vec![]) };
    if page.at.recorded_at < ended_at {
        return Err(Refusal::NotDue);
    }
    Ok(vec![page.event(LedgerEvent::PowerRanOut { power, ended_at, told: ledger.concerned(), at: page.at })])
}
