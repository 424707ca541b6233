//! How a transfer looks to the outside: the same members in every answer, every list and every refusal.

use std::collections::BTreeMap;

use kernel::{Borough, Reference, Stream, TransferId};
use serde_json::{Map, Value, json};

use crate::{
    app::name_of,
    clocks::Clock,
    ledger::{Belief, Duty, Ledger, STILL_RESPONSIBLE},
    rules::{Situation, duty_words},
    transfer::{Asked, Stage, Talk, Transfer, Whereabouts},
};

/// What everybody who may know of a transfer sees of it. It holds no text and no name of a person.
pub(crate) fn summary(id: TransferId, talk: &Talk, reference: &Reference) -> Map<String, Value> {
    let offer = &talk.offer;
    let mut shown = object(json!({
        "transfer_id": id,
        "reference": reference,
        "version": talk.version,
        "state": talk.stage.code(),
        "from": offer.from,
        "from_name": name_of(&offer.from),
        "to": offer.to,
        "to_name": name_of(&offer.to),
        "priority": offer.priority,
        "items": items(&talk.asked),
        "taken": items(&talk.taken),
        "left": items(&talk.left),
        "already_held": items(&talk.already_held),
        "where_not_said": offer.items.iter().filter(|item| item.whereabouts == Whereabouts::NotSaid).map(|item| item.child).collect::<Vec<_>>(),
        "flags": {
            "escalated": talk.escalated,
            "disputed": talk.is_disputed(),
            "link_down": talk.link_down,
            "provisional": talk.provisional,
            "conditions_open": talk.conditions_open,
            "awaiting_receipt": talk.stage == Stage::Accepted,
        },
        "do_not_discharge": talk.do_not_discharge(),
        "edition": talk.edition,
        "first_offered_at": talk.chain.first_offered_at,
        "declines_before": talk.chain.declines,
        "previous": talk.chain.previous,
        "next": talk.next,
    }));
    shown.extend(talk.due.iter().map(|(clock, at)| (clock_name(*clock).to_owned(), json!(at))));
    if talk.taken.is_empty() && talk.stage.is_open() {
        shown.insert("still_responsible".to_owned(), json!(offer.from));
    }
    shown
}

/// The same with what the ledgers say now, in words for the borough that asked.
pub(crate) fn answer(situation: &Situation, id: TransferId, reference: &Reference, viewer: Option<&Borough>) -> Value {
    let Some(talk) = talk(situation, id) else { return json!({}) };
    let mut shown = summary(id, talk, reference);
    add_duties(&mut shown, situation, talk, viewer);
    if let Some(Value::Object(flags)) = shown.get_mut("flags") {
        flags.insert("paused".to_owned(), situation.is_paused(id).into());
    }
    Value::Object(shown)
}

/// Who holds each duty of the transfer, and who is told what about it.
pub(crate) fn add_duties(shown: &mut Map<String, Value>, situation: &Situation, talk: &Talk, viewer: Option<&Borough>) {
    let from = &talk.offer.from;
    let duties: Vec<Value> = talk
        .asked
        .iter()
        .flat_map(|asked| asked.duties.iter().map(move |duty| (asked.child, *duty)))
        .filter_map(|(child, duty)| {
            let ledger = situation.ledgers.get(&child)?;
            let awaiting = ledger.belief(from, duty) == Belief::StillYoursAwaitingReceipt;
            Some(json!({ "child_id": child, "duty": duty, "holder": ledger.holder(duty), "awaiting_receipt": awaiting }))
        })
        .collect();
    let still = holders(situation, talk).any(|holder| holder == from);
    let awaiting = duties.iter().any(|duty| duty["awaiting_receipt"] == true);
    shown.insert("duties".to_owned(), duties.into());
    shown.insert("holder".to_owned(), json!(holder(situation, talk)));
    shown.remove("still_responsible");
    let message = match (still, awaiting, viewer == Some(from)) {
        (true, ..) if holders(situation, talk).any(|holder| holder != from) => each_duty(situation, talk, viewer),
        (true, _, true) => STILL_RESPONSIBLE.to_owned(),
        (true, _, false) => format!("{} is still responsible.", name_of(from)),
        (false, true, true) => "Still yours, awaiting receipt.".to_owned(),
        (false, _, _) => match holder(situation, talk) {
            Some(holder) if viewer == Some(holder) => "You are responsible.".to_owned(),
            Some(holder) => format!("{} is responsible.", name_of(holder)),
            None => "No duty of this transfer is open.".to_owned(),
        },
    };
    let held = |asked: &Asked, duty| situation.ledgers.get(&asked.child).and_then(|ledger| ledger.holder(duty)) == Some(from);
    if !talk.waiting().iter().any(|asked| asked.duties.iter().any(|duty| held(asked, *duty))) {
        // Whoever holds nothing of it has nothing to offer again.
        shown.remove(clock_name(Clock::ReofferBy));
    }
    if still {
        shown.insert("still_responsible".to_owned(), json!(from));
    }
    shown.insert("message".to_owned(), message.into());
}

/// Who is responsible for which duty, where a transfer has parted them: one sentence for each duty and holder.
fn each_duty(situation: &Situation, talk: &Talk, viewer: Option<&Borough>) -> String {
    let mut held: BTreeMap<(Duty, &Borough), usize> = BTreeMap::new();
    let asked = talk.asked.iter().flat_map(|asked| asked.duties.iter().map(move |duty| (asked.child, *duty)));
    for (child, duty) in asked {
        if let Some(holder) = situation.ledgers.get(&child).and_then(|ledger| ledger.holder(duty)) {
            *held.entry((duty, holder)).or_default() += 1;
        }
    }
    let many = talk.asked.len() > 1;
    let sentence = |((duty, holder), children): ((Duty, &Borough), usize)| {
        let mine = viewer == Some(holder);
        let who = match (mine, holder == &talk.offer.from) {
            (true, true) => "You are still responsible".to_owned(),
            (true, false) => "You are responsible".to_owned(),
            (false, true) => format!("{} is still responsible", name_of(holder)),
            (false, false) => format!("{} is responsible", name_of(holder)),
        };
        let for_whom = match (many, children) {
            (false, _) => String::new(),
            (true, 1) => " of 1 child".to_owned(),
            (true, children) => format!(" of {children} children"),
        };
        format!("{who} for {}{for_whom}.", duty_words(duty))
    };
    held.into_iter().map(sentence).collect::<Vec<_>>().join(" ")
}

/// The state of the resource now, for somebody whose command was refused or decided on an older version.
pub(crate) fn state(situation: &Situation, resource: &Stream) -> Value {
    if let Some(talk) = resource.id().parse().ok().and_then(|id| talk(situation, id)) {
        let (code, version) = (talk.stage.code(), talk.version);
        return json!({ "state": code, "version": version, "holder": holder(situation, talk), "next": talk.next });
    }
    if let Some(ledger) = resource.id().parse().ok().and_then(|child| situation.ledgers.get(&child)) {
        return json!({ "version": ledger.version, "duties": held(ledger) });
    }
    // A new offer was refused: who holds what it named.
    let duties: Vec<Value> = situation
        .ledgers
        .iter()
        .flat_map(|(child, ledger)| ledger.duties().map(move |held| json!({ "child_id": child, "duty": held.duty, "holder": held.holder })))
        .collect();
    let first = situation.ledgers.values().flat_map(Ledger::duties).next();
    json!({ "holder": first.map(|held| &held.holder), "duties": duties })
}

fn held(ledger: &Ledger) -> Vec<Value> {
    ledger.duties().map(|held| json!({ "duty": held.duty, "holder": held.holder, "since": held.since })).collect()
}

pub(crate) fn talk(situation: &Situation, id: TransferId) -> Option<&Talk> {
    match situation.transfers.get(&id) {
        Some(Transfer::Offered(talk)) => Some(talk),
        Some(Transfer::NotOffered) | None => None,
    }
}

/// Who holds what the transfer is about: of the duties that were taken, or else of those that were asked.
pub(crate) fn holder<'a>(situation: &'a Situation, talk: &'a Talk) -> Option<&'a Borough> {
    holders_of(situation, if talk.taken.is_empty() { &talk.asked } else { &talk.taken }).next()
}

fn holders<'a>(situation: &'a Situation, talk: &'a Talk) -> impl Iterator<Item = &'a Borough> {
    holders_of(situation, &talk.asked)
}

fn holders_of<'a>(situation: &'a Situation, asked: &'a [Asked]) -> impl Iterator<Item = &'a Borough> {
    asked
        .iter()
        .filter_map(|asked| Some((situation.ledgers.get(&asked.child)?, &asked.duties)))
        .flat_map(|(ledger, duties)| duties.iter().filter_map(|duty| ledger.holder(*duty)))
}

fn items(asked: &[Asked]) -> Value {
    asked.iter().map(|asked| json!({ "child_id": asked.child, "duties": asked.duties })).collect()
}

/// The member under which the due time of a running clock is shown.
pub(crate) fn clock_name(clock: Clock) -> &'static str {
    match clock {
        Clock::LinkDown => "link_down_at",
        Clock::SeenBy => "seen_by",
        Clock::DecideBy => "decide_by",
        Clock::ReceivedAlarm => "received_alarm_at",
        Clock::ReceivedManager => "received_manager_at",
        Clock::HandoverBy => "handover_by",
        Clock::ReofferBy => "reoffer_by",
        Clock::AgreementBy => "agreement_by",
        Clock::NextEscalation => "next_escalation_at",
        Clock::SettleBy => "settle_by",
    }
}

/// The members of a value that is written as an object above.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(members) = value { members } else { Map::new() }
}
