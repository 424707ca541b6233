//! What case transfer tells others, event by event. Ids, codes and times; no names, no telephones of people, no texts.

use kernel::{Borough, ChildId, Recorded};
use proto_events::transfers::{Circumstance, Item, OfficeHours, Transfers};

use crate::{
    clocks::Clocks,
    desk::{Desk, DeskEvent},
    kept::{About, Kept},
    ledger::{Duty, LedgerEvent},
    look::LookEvent,
    rules::Event,
    transfer::{Asked, Cause, Offer, TransferEvent},
};

/// The published form of one stored event. Every position is published; what concerns nobody outside is only noted.
#[must_use]
pub fn publish(recorded: &Recorded<Kept>) -> Option<Transfers> {
    let what = || kernel::StoredEvent::type_name(&recorded.event).to_owned();
    match &recorded.event.event {
        Event::Desk(borough, DeskEvent::Set { desk, .. }) => Some(desk_set(borough, desk)),
        Event::Desk(borough, DeskEvent::RotaGap { .. }) => {
            Some(Transfers::Noted { what: what(), children: vec![], borough: Some(borough.to_string()), circumstance: None })
        }
        Event::Board(_) => Some(Transfers::Noted { what: what(), children: vec![], borough: None, circumstance: None }),
        Event::Glass(_, event) => {
            let children = vec![event.child().to_string()];
            let borough = event.told().first().map(ToString::to_string);
            Some(Transfers::Noted { what: what(), children, borough, circumstance: None })
        }
        // No borough: a look wakes no screen.
        Event::Look(_, LookEvent::Viewed { children, .. }) | Event::ChildLook(_, LookEvent::Viewed { children, .. }) => {
            let children = children.iter().map(ToString::to_string).collect();
            Some(Transfers::Noted { what: what(), children, borough: None, circumstance: None })
        }
        Event::Edition(_) => Some(Transfers::Noted { what: what(), children: vec![], borough: None, circumstance: None }),
        Event::Ledger(child, event) => Some(ledger(*child, event, what())),
        Event::Transfer(_, TransferEvent::Offered { offer, asked, clocks, .. }) => {
            Some(offered(recorded.stream.id().to_owned(), offer, asked, clocks))
        }
        Event::Transfer(id, event) => {
            let about = recorded.event.about.as_ref()?;
            Some(changed(id.to_string(), about, event))
        }
    }
}

fn code(value: impl serde::Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn duty(duty: Duty) -> String {
    code(duty).unwrap_or_default()
}

fn ledger(child: ChildId, event: &LedgerEvent, what: String) -> Transfers {
    let child = child.to_string();
    let noted = |borough: Option<&Borough>| Transfers::Noted {
        what,
        children: vec![child.clone()],
        borough: borough.map(ToString::to_string),
        circumstance: circumstance(event),
    };
    match event {
        LedgerEvent::DutyOpened { duty: which, holder, .. } => {
            Transfers::DutyOpened { child, duty: duty(*which), holder: holder.to_string() }
        }
        LedgerEvent::DutyMoved { duty: which, from, to, transfer, .. } => {
            Transfers::DutyMoved { child, duty: duty(*which), from: from.to_string(), to: to.to_string(), transfer: transfer.to_string() }
        }
        LedgerEvent::DutyEnded { duty: which, holder, .. } => {
            Transfers::DutyEnded { child, duty: duty(*which), holder: holder.to_string() }
        }
        LedgerEvent::ContactOpened { borough, .. }
        | LedgerEvent::ContactDecided { borough, .. }
        | LedgerEvent::NightCaseEscalated { borough, .. } => noted(Some(borough)),
        LedgerEvent::DutyKept { holder, .. } => noted(Some(holder)),
        LedgerEvent::NoticeGiven { to, .. } => noted(Some(to)),
        // The desks of all that are told see it on their live queues; one of them stands in what is published.
        LedgerEvent::ShieldSet { told, .. }
        | LedgerEvent::NightCaseDue { told, .. }
        | LedgerEvent::MissingReported { told, .. }
        | LedgerEvent::MissingEnded { told, .. }
        | LedgerEvent::PowerStarted { told, .. }
        | LedgerEvent::PowerEnded { told, .. }
        | LedgerEvent::PowerRanOut { told, .. } => noted(told.first()),
        LedgerEvent::ContactSettled { .. }
        | LedgerEvent::PlanChanged { .. }
        | LedgerEvent::TransferOpened { .. }
        | LedgerEvent::TransferOver { .. }
        | LedgerEvent::ChildLinked { .. }
        | LedgerEvent::ChildUnlinked { .. }
        | LedgerEvent::NightCaseTaken { .. }
        | LedgerEvent::ChildBorn { .. } => noted(None),
    }
}

/// What intake shows beside a contact, and must know before it shows anything.
fn circumstance(event: &LedgerEvent) -> Option<Circumstance> {
    match event {
        LedgerEvent::PowerStarted { power, started_at, ends_at, .. } => {
            Some(Circumstance::PowerStarted { power: code(power)?, started_at: *started_at, ends_at: *ends_at })
        }
        LedgerEvent::PowerEnded { power, .. } => Some(Circumstance::PowerEnded { power: code(power)? }),
        LedgerEvent::ShieldSet { shielded, .. } => Some(Circumstance::Shielded { shielded: *shielded }),
        LedgerEvent::ContactOpened { .. }
        | LedgerEvent::ContactDecided { .. }
        | LedgerEvent::ContactSettled { .. }
        | LedgerEvent::DutyOpened { .. }
        | LedgerEvent::DutyKept { .. }
        | LedgerEvent::DutyMoved { .. }
        | LedgerEvent::DutyEnded { .. }
        | LedgerEvent::PlanChanged { .. }
        | LedgerEvent::TransferOpened { .. }
        | LedgerEvent::TransferOver { .. }
        | LedgerEvent::ChildLinked { .. }
        | LedgerEvent::ChildUnlinked { .. }
        | LedgerEvent::NightCaseDue { .. }
        | LedgerEvent::NightCaseTaken { .. }
        | LedgerEvent::NightCaseEscalated { .. }
        | LedgerEvent::NoticeGiven { .. }
        | LedgerEvent::MissingReported { .. }
        | LedgerEvent::MissingEnded { .. }
        | LedgerEvent::PowerRanOut { .. }
        | LedgerEvent::ChildBorn { .. } => None,
    }
}

fn offered(transfer: String, offer: &Offer, asked: &[Asked], clocks: &Clocks) -> Transfers {
    let item = |asked: &Asked| Item { child: asked.child.to_string(), duties: asked.duties.iter().copied().map(duty).collect() };
    Transfers::TransferOffered {
        transfer,
        from: offer.from.to_string(),
        to: offer.to.to_string(),
        priority: code(offer.priority).unwrap_or_default(),
        items: asked.iter().map(item).collect(),
        seen_by: clocks.seen_by,
        decide_by: clocks.decide_by,
        edition: clocks.edition,
    }
}

fn changed(transfer: String, about: &About, event: &TransferEvent) -> Transfers {
    let (step, code) = step(event);
    Transfers::TransferChanged {
        transfer,
        children: about.children.iter().map(ToString::to_string).collect(),
        from: about.from.to_string(),
        to: about.to.to_string(),
        step: step.to_owned(),
        code,
    }
}

/// What happened, and the code that goes with it.
pub(crate) fn step(event: &TransferEvent) -> (&'static str, Option<String>) {
    let what = event.type_name();
    let step = what.strip_prefix("transfer.").unwrap_or(what);
    let code = match event {
        TransferEvent::Declined { reason, .. } => code(reason),
        TransferEvent::Escalated { level, because, .. } => Some(match because {
            Cause::Asked(_) => format!("level_{level}"),
            Cause::Clock(clock) => format!("level_{level}_{}", code(clock).unwrap_or_default()),
        }),
        TransferEvent::ClockRanOut { clock, .. } => code(clock),
        TransferEvent::Redirected { to, .. } => Some(to.to_string()),
        TransferEvent::Superseded { next, .. }
        | TransferEvent::HandedBack { next, .. }
        | TransferEvent::RestSettled { next: Some(next), .. } => Some(next.to_string()),
        TransferEvent::DisputeOpened { because, .. } => code(because),
        TransferEvent::HandoverConfirmed { side, .. }
        | TransferEvent::AgreementRecorded { side, .. }
        | TransferEvent::SettlementSigned { side, .. } => code(side),
        TransferEvent::Offered { .. }
        | TransferEvent::Delivered { .. }
        | TransferEvent::LinkDown { .. }
        | TransferEvent::Seen { .. }
        | TransferEvent::InformationRequested { .. }
        | TransferEvent::InformationGiven { .. }
        | TransferEvent::ConditionsProposed { .. }
        | TransferEvent::ConditionsAgreed { .. }
        | TransferEvent::Accepted { .. }
        | TransferEvent::AcceptedElsewhere { .. }
        | TransferEvent::RestSettled { next: None, .. }
        | TransferEvent::SiblingsSplit { .. }
        | TransferEvent::Received { .. }
        | TransferEvent::Withdrawn { .. }
        | TransferEvent::HandedOver { .. }
        | TransferEvent::AgreementConfirmed { .. }
        | TransferEvent::InterimPlanRecorded { .. }
        | TransferEvent::DisputeSettled { .. }
        | TransferEvent::FactCorrected { .. }
        | TransferEvent::ConflictDeclared { .. }
        | TransferEvent::Closed { .. } => None,
    };
    (step, code)
}

fn desk_set(borough: &Borough, desk: &Desk) -> Transfers {
    let open = desk.week.0.iter().zip(1_u8..).filter_map(|(open, weekday)| open.map(|open| (open, weekday)));
    let time = |time: jiff::civil::Time| format!("{:02}:{:02}", time.hour(), time.minute());
    Transfers::DeskSet {
        borough: borough.to_string(),
        day_phone: desk.phone_day.clone(),
        night_phone: desk.phone_night.clone(),
        covered_by: desk.covered_by.as_ref().map(ToString::to_string),
        hours: open.map(|(open, weekday)| OfficeHours { weekday, from: time(open.from), to: time(open.to) }).collect(),
        closed_on: desk.closed_on.iter().map(ToString::to_string).collect(),
    }
}
