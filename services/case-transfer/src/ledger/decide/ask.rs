//! What a person asks or records about a child's duties.

use kernel::{Borough, Person, ReferralId, Sealed};

use super::Page;
use crate::{
    desk,
    ledger::{Duty, DutyAsk, Ending, Ledger, LedgerEvent, NightCase, Opening, PlanKind},
    rules::{Event, Refusal},
};

pub(crate) fn decide_ask(page: &Page<'_>, by: &Person, on: i64, ask: DutyAsk) -> Result<Vec<Event>, Refusal> {
    if !desk::has_duty_role(by) {
        return Err(Refusal::RoleMayNot);
    }
    let nothing_yet = Ledger::default();
    let ledger = page.ledger().unwrap_or(&nothing_yet);
    let event = match ask {
        DutyAsk::End { duty, reason } => end(page, ledger, by, (duty, reason))?,
        DutyAsk::OpenPlan { holder, kind } => open_plan(page, ledger, by, (holder, kind))?,
        DutyAsk::TakeNightCase { referral } => take_night_case(page, ledger, by, referral)?,
        DutyAsk::GiveNotice { .. }
        | DutyAsk::ReportMissing
        | DutyAsk::ReportFound
        | DutyAsk::StartPower { .. }
        | DutyAsk::EndPower { .. }
        | DutyAsk::RecordBirth { .. }
        | DutyAsk::Link { .. }
        | DutyAsk::Unlink { .. }
        | DutyAsk::Shield { .. } => circumstance(page, ledger, by, ask)?,
    };
    match event {
        None => Ok(vec![]),
        Some(_) if on != ledger.version => Err(Refusal::Stale(ledger.version)),
        Some(event) => Ok(both_ways(page, event)),
    }
}

/// A link is written to both ledgers, so that either finds the other's contacts.
fn both_ways(page: &Page<'_>, event: LedgerEvent) -> Vec<Event> {
    let this = page.child;
    let other_side = if let LedgerEvent::ChildLinked { other, by, at } = &event {
        Some(Event::Ledger(*other, LedgerEvent::ChildLinked { other: this, by: by.clone(), at: *at }))
    } else if let LedgerEvent::ChildUnlinked { other, by, at } = &event {
        Some(Event::Ledger(*other, LedgerEvent::ChildUnlinked { other: this, by: by.clone(), at: *at }))
    } else {
        None
    };
    [page.event(event)].into_iter().chain(other_side).collect()
}

fn end(page: &Page<'_>, ledger: &Ledger, by: &Person, (duty, reason): (Duty, Sealed)) -> Result<Option<LedgerEvent>, Refusal> {
    let Some(holder) = ledger.holder(duty) else {
        let last = ledger.history().iter().rev().find(|held| held.duty == duty);
        let ended_by_own = last.is_some_and(|held| page.may_act(by, &held.holder));
        return if ended_by_own { Ok(None) } else { Err(Refusal::NotTheHolder { duty, holder: None }) };
    };
    if !page.may_act(by, holder) {
        return Err(Refusal::NotTheHolder { duty, holder: Some(holder.clone()) });
    }
    if let Some(open) = ledger.in_transfer.get(&duty) {
        return Err(Refusal::TransferOpen(open.transfer));
    }
    if let Some(contact) = page.undecided(None)? {
        return Err(Refusal::AnotherContactUndecided(contact));
    }
    let (holder, why) = (holder.clone(), Ending::Reason(reason));
    Ok(Some(LedgerEvent::DutyEnded { duty, holder, why, by: by.clone(), edition: page.edition, at: page.at }))
}

fn open_plan(page: &Page<'_>, ledger: &Ledger, by: &Person, plan: (Borough, PlanKind)) -> Result<Option<LedgerEvent>, Refusal> {
    let (duty, (borough, kind)) = (Duty::Plan, plan);
    if !page.may_act(by, &borough) {
        return Err(Refusal::NotYourBorough(borough));
    }
    match ledger.holder(duty) {
        None => {
            let because = Opening::Plan { kind, by: by.clone(), edition: page.edition };
            Ok(Some(LedgerEvent::DutyOpened { duty, holder: borough, because, at: page.at }))
        }
        Some(holder) if *holder != borough => Err(Refusal::NotTheHolder { duty, holder: Some(holder.clone()) }),
        Some(_) if ledger.plan == Some(kind) => Ok(None),
        Some(_) => Ok(Some(LedgerEvent::PlanChanged { kind, by: by.clone(), edition: page.edition, at: page.at })),
    }
}

/// The case is taken by the day worker who takes it, in their own name, and by nobody else for them.
fn take_night_case(page: &Page<'_>, ledger: &Ledger, by: &Person, referral: ReferralId) -> Result<Option<LedgerEvent>, Refusal> {
    let contact = ledger.contacts.get(&referral).ok_or(Refusal::NoNightCase)?;
    let own = by.actor().org.borough() == Some(&contact.borough);
    match contact.night {
        None => Err(Refusal::NoNightCase),
        Some(_) if !own => Err(Refusal::NotYourBorough(contact.borough.clone())),
        Some(NightCase::Taken) => Ok(None),
        Some(_) if is_night(page, &contact.borough) => Err(Refusal::NightShift(contact.borough.clone())),
        Some(NightCase::Waiting | NightCase::Due | NightCase::Escalated) => {
            Ok(Some(LedgerEvent::NightCaseTaken { referral, by: by.clone(), at: page.at }))
        }
    }
}

/// Whether the night team is on shift at a desk that has a day team at all.
fn is_night(page: &Page<'_>, borough: &Borough) -> bool {
    let desk = page.situation.desk(borough).filter(|desk| desk.week.0.iter().any(Option::is_some));
    desk.is_some_and(|desk| desk.on_shift(page.at.recorded_at) == desk::Shift::Night)
}

/// Whether it takes a protection away from the child, or makes one end earlier than it does now.
fn lifts_protection(page: &Page<'_>, ledger: &Ledger, ask: &DutyAsk) -> bool {
    match ask {
        DutyAsk::EndPower { .. } => true,
        DutyAsk::StartPower { power, ends_at: Some(ends_at), .. } => {
            ledger.powers_at(page.at.recorded_at).any(|(running, until)| running == *power && until.is_none_or(|until| *ends_at < until))
        }
        DutyAsk::Shield { .. }
        | DutyAsk::StartPower { ends_at: None, .. }
        | DutyAsk::End { .. }
        | DutyAsk::OpenPlan { .. }
        | DutyAsk::TakeNightCase { .. }
        | DutyAsk::GiveNotice { .. }
        | DutyAsk::ReportMissing
        | DutyAsk::ReportFound
        | DutyAsk::RecordBirth { .. }
        | DutyAsk::Link { .. }
        | DutyAsk::Unlink { .. } => false,
    }
}

/// What any duty desk may record, since whoever learns it first must be able to say it. None of it moves a duty.
/// What lifts a protection is for those alone who hold a duty towards the child.
fn circumstance(page: &Page<'_>, ledger: &Ledger, by: &Person, ask: DutyAsk) -> Result<Option<LedgerEvent>, Refusal> {
    if let DutyAsk::StartPower { ends_at: Some(ends_at), .. } = ask
        && ends_at <= page.at.recorded_at
    {
        return Err(Refusal::PowerOver);
    }
    if let DutyAsk::StartPower { power, ends_at, latest: Some(latest), .. } = ask
        && ends_at.is_none_or(|ends_at| latest < ends_at)
    {
        return Err(Refusal::PowerTooLong { power, latest });
    }
    if lifts_protection(page, ledger, &ask) && !ledger.duties().any(|held| page.may_act(by, &held.holder)) {
        let duty = ledger.duties().next().map_or(Duty::EmergencyAction, |held| held.duty);
        return Err(Refusal::NotTheHolder { duty, holder: ledger.holder(duty).cloned() });
    }
    let (by, at, told) = (by.clone(), page.at, ledger.concerned());
    let transfers = || {
        let mut transfers: Vec<_> = ledger.in_transfer.values().map(|open| open.transfer).collect();
        transfers.dedup();
        transfers
    };
    let (news, event) = match ask {
        DutyAsk::ReportMissing => (!ledger.missing, LedgerEvent::MissingReported { transfers: transfers(), by, told, at }),
        DutyAsk::ReportFound => (ledger.missing, LedgerEvent::MissingEnded { transfers: transfers(), by, told, at }),
        DutyAsk::StartPower { power, started_at, ends_at, .. } => {
            let known = ledger.powers_at(at.recorded_at).any(|running| running == (power, ends_at));
            (!known, LedgerEvent::PowerStarted { power, started_at, ends_at, by, told, at })
        }
        DutyAsk::EndPower { power } => {
            let runs = ledger.powers_at(at.recorded_at).any(|(running, _)| running == power);
            (runs, LedgerEvent::PowerEnded { power, by, told, at })
        }
        DutyAsk::RecordBirth { born_at } => (!ledger.born, LedgerEvent::ChildBorn { born_at, by, at }),
        DutyAsk::Link { other } => (!ledger.linked.contains(&other) && other != page.child, LedgerEvent::ChildLinked { other, by, at }),
        DutyAsk::Unlink { other } => (ledger.linked.contains(&other), LedgerEvent::ChildUnlinked { other, by, at }),
        // Whoever takes it off by mistake shows an address to the one who must not have it, and nobody can take that back.
        DutyAsk::Shield { shielded: false } if ledger.shielded => return Err(Refusal::ShieldStays),
        DutyAsk::Shield { shielded } => (ledger.shielded != shielded, LedgerEvent::ShieldSet { shielded, by, told, at }),
        DutyAsk::GiveNotice { to, until, text } => {
            (!ledger.notices.contains(&(to.clone(), until)), LedgerEvent::NoticeGiven { to, until, text, by, at })
        }
        DutyAsk::End { .. } | DutyAsk::OpenPlan { .. } | DutyAsk::TakeNightCase { .. } => return Err(Refusal::NothingAsked),
    };
    Ok(news.then_some(event))
}
