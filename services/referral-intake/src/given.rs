//! Made-up people, children and events for the tests of the rules.

use std::collections::BTreeSet;

use kernel::{Actor, Borough, ChildId, Org, Person, Reference, ReferralId, Role, Sealed, Timestamp, edition::Who};
use uuid::Uuid;

use crate::{
    event::{Event, Of},
    referral::{
        AboutChild, Addition, Clocks, Command, Contacts, Danger, Decide, Decision, EntryId, Found, Outcome, Owner, OwnerBecause,
        ParentKnows, Received, ReferralEvent, RunOut, WatchEvent,
    },
    rules,
};

pub(crate) const MANCHESTER: &str = "E08000003";
pub(crate) const SALFORD: &str = "E08000006";
pub(crate) const OLDHAM: &str = "E08000004";

pub(crate) fn borough(code: &str) -> Borough {
    code.parse().unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn night() -> Timestamp {
    at("2026-11-23T02:14:00Z")
}

pub(crate) fn referral() -> ReferralId {
    ReferralId::from_uuid(Uuid::from_u128(0xa1))
}

pub(crate) fn other_referral(n: u128) -> ReferralId {
    ReferralId::from_uuid(Uuid::from_u128(0xa000 + n))
}

pub(crate) fn child(n: u128) -> ChildId {
    ChildId::from_uuid(Uuid::from_u128(0xc0 + n))
}

pub(crate) fn entry(n: u128) -> EntryId {
    EntryId::from_uuid(Uuid::from_u128(0xe0 + n))
}

/// Stands for a sealed text; what is inside no rule sees.
pub(crate) fn sealed(what: &str) -> Sealed {
    Sealed { key: "key_1".to_owned(), box_: what.to_owned() }
}

pub(crate) fn actor(org: &str, role: Role) -> Actor {
    let org: Org = org.parse().unwrap();
    Actor { id: format!("{role:?} of {org}").to_lowercase().replace(' ', "-"), name: "Somebody".to_owned(), org, role }
}

pub(crate) fn person(org: &str, role: Role) -> Person {
    actor(org, role).try_into().unwrap()
}

pub(crate) fn worker() -> Person {
    person(MANCHESTER, Role::DutyWorker)
}

pub(crate) fn nurse() -> Person {
    person("RM301", Role::Referrer)
}

pub(crate) fn received() -> Received {
    Received {
        reference: Reference::referral(2026, 417),
        received_at: night(),
        from: "RM301".parse().unwrap(),
        anonymous: false,
        referrer: Some(sealed("referrer")),
        concern: sealed("concern"),
        found: Found { site: Some("RM301".parse().unwrap()), borough: None, address: None },
        danger_now: Danger::Yes,
        children: vec![about(1), AboutChild { home_borough: Some(borough(OLDHAM)), ..about(2) }],
        with_the_child: None,
        parent_knows: ParentKnows::NotSafeToAsk,
        needs: None,
        done_already: Some(sealed("done")),
        owner: Owner { borough: borough(MANCHESTER), because: OwnerBecause::ChildIsInBorough },
        home: Some(borough(OLDHAM)),
        out_of_hours: true,
        clocks: Clocks { decide_by: at("2026-11-24T02:14:00Z"), seen_by: Some(at("2026-11-23T02:24:00Z")), edition: 1 },
        filled: Vec::new(),
    }
}

pub(crate) fn about(n: u128) -> AboutChild {
    AboutChild {
        id: child(n),
        identity: Some(sealed("identity")),
        home: Some(sealed("home")),
        home_borough: None,
        says: None,
        unborn: false,
        nhs_number_kept_as_text: false,
    }
}

pub(crate) fn of() -> Of {
    Of { referral: referral(), children: vec![child(1), child(2)], owner: borough(MANCHESTER) }
}

pub(crate) fn happened(event: ReferralEvent) -> Event {
    Event::Referral(of(), event)
}

pub(crate) fn noticed(event: WatchEvent) -> Event {
    Event::Watch(of(), event)
}

pub(crate) fn came_in() -> Event {
    happened(ReferralEvent::Received(Box::new(received())))
}

pub(crate) fn opened_history(by: &Person, contacts: impl IntoIterator<Item = ReferralId>) -> Event {
    noticed(WatchEvent::HistoryOpened {
        entry: entry(1),
        person: by.actor().id.clone(),
        org: by.actor().org.clone(),
        contacts: contacts.into_iter().collect(),
        edition: 1,
        lines_only: false,
    })
}

pub(crate) fn decision(n: u128, outcome: Outcome) -> Decision {
    Decision {
        entry: entry(n),
        outcome,
        reason: sealed("reason"),
        by: worker(),
        borough: borough(MANCHESTER),
        at: night(),
        edition: 1,
        contacts: 1,
        repeat_prompt: None,
        feedback_by: Some(at("2026-11-24T02:14:00Z")),
        supersedes: None,
        read: Vec::new(),
    }
}

pub(crate) fn decided(n: u128, outcome: Outcome) -> Event {
    happened(ReferralEvent::Decided(decision(n, outcome)))
}

pub(crate) fn ask_to_decide(by: Person, n: u128) -> Decide {
    let acting_for = by.actor().org.borough().cloned().into_iter().collect();
    Decide {
        by,
        acting_for,
        entry: entry(n),
        outcome: Outcome::Section47Enquiry,
        reason: sealed("reason"),
        repeat_prompt: None,
        contacts: Contacts { all: BTreeSet::new(), lately: 1, prompt_from: 3 },
        edition: 1,
        at: night(),
        feedback_by: at("2026-11-24T02:14:00Z"),
    }
}

pub(crate) fn decide(ask: Decide) -> rules::Command {
    about_it(Command::Decide(Box::new(ask)))
}

pub(crate) fn add(by: Person, n: u128, what: Addition) -> rules::Command {
    let acting_for = by.actor().org.borough().cloned().into_iter().collect();
    about_it(Command::Add { by, acting_for, entry: entry(n), what })
}

pub(crate) fn receive(by: Actor, received: Received) -> rules::Command {
    about_it(Command::Receive { by, received: Box::new(received) })
}

pub(crate) fn about_it(command: Command) -> rules::Command {
    rules::Command::Referral(referral(), command)
}

pub(crate) fn run_out(level: u8) -> RunOut {
    RunOut {
        level,
        who: Who::DutyManager,
        due: at("2026-11-24T02:14:00Z"),
        next_at: Some(at("2026-11-24T02:29:00Z")),
        edition: 1,
        rings: Vec::new(),
    }
}
