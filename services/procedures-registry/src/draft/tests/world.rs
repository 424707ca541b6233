//! People, boroughs and commands for the tests of the rules.

use std::{collections::BTreeSet, sync::LazyLock};

use kernel::{
    Actor, Borough, DraftId, Org, Person, Role, Timestamp,
    edition::{Approval, Boroughs, Editions},
    scenario::{Answer, given},
};
use uuid::Uuid;

use crate::{
    document::{ContentHash, Document, Procedure},
    draft::{Ask, Command, DraftEvent, Party, Terms},
    register::{Carried, Origin, RegisterEvent},
    rules::{self, Event, Registry, Situation},
};

pub(crate) const MANCHESTER: &str = "E08000003";
pub(crate) const SALFORD: &str = "E08000006";
const AREA: &str = "Greater Manchester Combined Authority";

pub(crate) fn draft() -> DraftId {
    DraftId::from_uuid(Uuid::from_u128(1))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    at("2026-11-23T10:00:00Z")
}

pub(crate) fn borough(code: &str) -> Borough {
    code.parse().unwrap()
}

pub(crate) fn somebody(id: &str, org: &str, role: Role) -> Person {
    let org: Org = org.parse().unwrap();
    Person::try_from(Actor { id: id.to_owned(), name: format!("{role:?} of {org}"), org, role }).unwrap()
}

pub(crate) fn author() -> Person {
    somebody("author", MANCHESTER, Role::ProcedureAuthor)
}

pub(crate) fn board() -> Person {
    somebody("board", "board", Role::BoardApprover)
}

pub(crate) fn head(code: &str) -> Person {
    somebody(&format!("head-{code}"), code, Role::HeadOfService)
}

/// The board and two boroughs; a consultation may be as short as its authors think right.
pub(crate) fn terms() -> Terms {
    let approval = Approval { board: 1, boroughs: Boroughs::Each, area: AREA.to_owned(), consultation_days: 0 };
    let boroughs = BTreeSet::from([borough(MANCHESTER), borough(SALFORD)]);
    Terms { approval, boroughs, notice_minutes: 60, withdrawal_minutes: 10 }
}

pub(crate) fn procedure(id: &str) -> Procedure {
    crate::document::tests::procedure(id)
}

static CONTENT: LazyLock<(Document, ContentHash)> = LazyLock::new(|| {
    let one = procedure("police-protection");
    let parts = Editions::first().iter().next().unwrap().written().clone();
    let document = Document { parts, procedures: [(one.id.clone(), one)].into() };
    let hash = document.hash().unwrap();
    (document, hash)
});

/// The first edition with one procedure.
pub(crate) fn content() -> Document {
    CONTENT.0.clone()
}

pub(crate) fn hash() -> ContentHash {
    CONTENT.1.clone()
}

pub(crate) fn carried() -> Event {
    let carried = Carried {
        origin: Origin::Program,
        number: 1,
        id: "edition-1".to_owned(),
        in_force_from: at("2026-01-01T00:00:00Z"),
        document: Box::new(content()),
        at: now(),
    };
    Event::Register(rules::Situation::default().register.carry(&carried).unwrap().unwrap())
}

pub(crate) fn of(event: DraftEvent) -> Event {
    Event::Draft(draft(), event)
}

pub(crate) fn drafted() -> Event {
    of(DraftEvent::Drafted { title: "Second".to_owned(), based_on: 1, content: Box::new(content()), by: author(), at: now() })
}

pub(crate) fn submitted() -> Event {
    of(DraftEvent::Submitted { hash: hash(), unconsulted: None, by: author(), at: now() })
}

pub(crate) fn approved(by: &Person) -> Event {
    let party = Party::of(&by.actor().org).unwrap();
    of(DraftEvent::Approved { party, hash: hash(), by: by.clone(), at: now() })
}

pub(crate) fn withdrawn() -> Event {
    of(DraftEvent::Withdrawn { reason: "r".to_owned(), by: author(), at: now() })
}

/// The instant from which the second edition is in force.
pub(crate) fn begins() -> Timestamp {
    at("2026-12-01T00:00:00Z")
}

pub(crate) fn scheduled() -> [Event; 2] {
    let (number, in_force_from) = (2, begins());
    [
        of(DraftEvent::Scheduled { number, in_force_from, hash: hash(), by: board(), at: now() }),
        Event::Register(RegisterEvent::Scheduled {
            number,
            id: "edition-2".to_owned(),
            in_force_from,
            hash: hash(),
            draft: draft(),
            document: Box::new(content()),
            by: board(),
            at: now(),
        }),
    ]
}

/// Everything up to a state.
pub(crate) fn history(until: &str) -> Vec<Event> {
    let quorum = || vec![approved(&board()), approved(&head(MANCHESTER)), approved(&head(SALFORD))];
    let upto = |events: Vec<Vec<Event>>| [vec![carried()], events.concat()].concat();
    match until {
        "not_drafted" => upto(vec![]),
        "draft" => upto(vec![vec![drafted()]]),
        "submitted" => upto(vec![vec![drafted(), submitted()]]),
        "approved" => upto(vec![vec![drafted(), submitted()], quorum()]),
        "scheduled" => upto(vec![vec![drafted(), submitted()], quorum(), scheduled().to_vec()]),
        "withdrawn" => upto(vec![vec![drafted(), withdrawn()]]),
        other => panic!("no state {other}"),
    }
}

pub(crate) fn command(by: &Person, ask: Ask, at: Timestamp) -> rules::Command {
    rules::Command::Draft(draft(), Box::new(Command { at, by: by.clone(), terms: terms(), ask }))
}

/// Tries a command on a draft with a history.
pub(crate) fn when(history: Vec<Event>, by: &Person, ask: Ask) -> Answer<Registry> {
    given::<Registry>(history).when(command(by, ask, now()))
}

pub(crate) fn situation(history: &[Event]) -> Situation {
    let mut situation = Situation::default();
    history.iter().for_each(|event| situation.take(event));
    situation
}

/// Handing in what the boroughs were asked about.
pub(crate) fn submit() -> Ask {
    Ask::Submit { unconsulted: None }
}

/// Handing in what cannot wait.
pub(crate) fn submit_now() -> Ask {
    Ask::Submit { unconsulted: Some("The law changes on Monday.".to_owned()) }
}

pub(crate) fn approve(by: &Person) -> Ask {
    Ask::Approve { party: Party::of(&by.actor().org).unwrap(), hash: hash() }
}

pub(crate) fn schedule() -> Ask {
    Ask::Schedule { in_force_from: begins(), hash: hash() }
}
