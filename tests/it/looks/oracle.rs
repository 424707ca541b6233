//! T31: some hundred mixed reads and denials by forty people, and the record tells exactly these. `HUB_LOOKS=full` reads 2,000 times.

use std::collections::{BTreeMap, BTreeSet};

use hub::client::Client;
use hub_tests::storm::chance::{Chance, seed};
use kernel::Role;
use serde_json::{Value, json};
use testkit::TestHub;

use super::raw;
use crate::flow::{Made, Said as _, Story, concern};

const BOROUGHS: [&str; 10] =
    ["E08000001", "E08000002", "E08000003", "E08000004", "E08000005", "E08000006", "E08000007", "E08000008", "E08000009", "E08000010"];

/// Who, what, in which way, with which end.
type Look = (String, String, String, String);

/// Forty people: a worker and a manager of each borough, their systems, and others.
fn people(hub: &TestHub) -> Vec<Client> {
    let roles = [Role::DutyWorker, Role::DutyManager, Role::BoroughSystem, Role::ProcedureAuthor];
    let mut people = Vec::new();
    for borough in BOROUGHS {
        people.extend(roles.iter().take(3).map(|role| hub.somebody(&format!("{role:?}-{borough}").to_lowercase(), borough, *role)));
    }
    for number in 0..6 {
        let site = ["RM301", "RW602", "RMC01"][number % 3];
        people.push(hub.somebody(&format!("nurse-{number}"), site, Role::Referrer));
    }
    people.extend((0..2).map(|number| hub.somebody(&format!("auditor-{number}"), "board", Role::BoardAuditor)));
    people.push(hub.person("hub-operator"));
    people.push(hub.somebody("author", BOROUGHS[0], roles[3]));
    people
}

/// Every id in an answer, by walking it as JSON.
fn ids(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.starts_with("chd_") || text.starts_with("ref_") || text.starts_with("trf_") => {
            into.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| ids(value, into)),
        Value::Object(members) => members.values().for_each(|value| ids(value, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What the record must say of one read: which ids, and how it ended.
fn expected(path: &str, status: u16, body: &[u8]) -> Option<(BTreeSet<String>, &'static str)> {
    let mut named: BTreeSet<String> = path.split(['/', '?']).filter(|part| part.contains('_')).map(str::to_owned).collect();
    match status {
        200 => {
            ids(&serde_json::from_slice(body).unwrap(), &mut named);
            (!named.is_empty()).then_some((named, "shown"))
        }
        403 | 404 => Some((named, "denied")),
        other => panic!("{path} was answered {other}"),
    }
}

/// A route as the code has it, with an address of it.
fn route(chance: &mut Chance, made: &[Made]) -> (&'static str, String) {
    let one = chance.pick(made);
    let (child, referral) = (&one.child, &one.id);
    match chance.below(9) {
        0 => ("/api/intake/referrals/{id}", format!("/api/intake/referrals/{referral}")),
        1 => ("/api/intake/referrals/{id}/history", format!("/api/intake/referrals/{referral}/history")),
        2 => ("/api/intake/referrals", "/api/intake/referrals?limit=3".to_owned()),
        3 => ("/api/transfers/children/{child_id}/responsibility", format!("/api/transfers/children/{child}/responsibility")),
        4 => ("/api/transfers/children/{child_id}/notices", format!("/api/transfers/children/{child}/notices")),
        5 => ("/api/transfers/night-list", "/api/transfers/night-list".to_owned()),
        6 => ("/api/transfers", "/api/transfers?limit=5".to_owned()),
        7 => ("/api/audit/chronologies/{child_id}", format!("/api/audit/chronologies/{child}")),
        _ => ("/api/audit/handovers", "/api/audit/handovers?limit=2".to_owned()),
    }
}

/// Every look at a child that the record tells, each as often as it happened.
async fn told(story: &Story, auditor: &Client, child: &str) -> BTreeMap<Look, usize> {
    let (mut told, mut next) = (BTreeMap::new(), Some(format!("/api/audit/looks/{child}?limit=200")));
    while let Some(path) = next {
        let page = story.get(auditor, &path).await.ok();
        for look in page.body["items"].as_array().unwrap() {
            // The test's own questions, and the steps by which it made the cases.
            if ["board-auditor", "salford-duty"].contains(&look["who"]["id"].as_str().unwrap()) || look["how"] == "found" {
                continue;
            }
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let one = (text(&look["who"]["id"]), text(&look["action"]), text(&look["how"]), text(&look["outcome"]));
            *told.entry(one).or_default() += 1;
        }
        next = page.body["next"].as_str().map(str::to_owned);
    }
    told
}

/// How many denials are on the record, each with its reason.
async fn denials(hub: &TestHub) -> usize {
    let sql = "select count(*) from log.event where convert_from(data, 'UTF8')::json -> 'outcome' ->> 'denied' <> ''";
    let rows: i64 = sqlx::query_scalar(sql).fetch_one(&hub.owner("looks").await).await.unwrap();
    usize::try_from(rows).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_tells_every_look_of_forty_people_and_no_other() {
    let full = service_kit::Config::environment().get("HUB_LOOKS").is_some_and(|how| how == "full");
    let reads = if full { 2_000 } else { 300 };
    let story = Story::new(TestHub::start_at("looks-oracle", "2026-11-23T02:14:00Z", None).await.with_desks().await);
    let nurse = story.person("salford-royal-nurse");
    let mut made = Vec::new();
    for (number, borough) in BOROUGHS.iter().enumerate().take(6) {
        made.push(story.refer(&nurse, &concern(&format!("Child{number} Unlike{number}"), json!({ "borough": borough }))).await);
    }
    story.hub.settled().await;
    // Two of them are one child, as a person says: whoever looked at one has looked at the other.
    let salford = story.person("salford-duty");
    let link = json!({ "other": made[1].child, "reason": "The same child, says the school." });
    story.post(&salford, &format!("/api/intake/children/{}/links", made[5].child), &link).await.ok();
    story.hub.settled().await;

    let people = people(&story.hub);
    assert_eq!(people.len(), 40);
    let seed = seed();
    println!("looks: HUB_SEED={seed}");
    let mut chance = Chance::new(seed);
    let mut looked: Vec<(Look, BTreeSet<String>)> = Vec::new();
    let (mut denied, before) = (0, denials(&story.hub).await);
    for _ in 0..reads {
        let who = chance.pick(&people);
        let (route, path) = route(&mut chance, &made);
        let (status, body) = raw(who, &path).await;
        let Some((named, outcome)) = expected(&path, status, &body) else { continue };
        denied += usize::from(outcome == "denied");
        let how = if route.contains('{') { "opened" } else { "listed" };
        looked.push(((who.who.id.clone(), format!("GET {route}"), how.to_owned(), outcome.to_owned()), named));
    }
    let auditor = story.person("board-auditor");
    for one in &made {
        let family: Vec<&Made> = if [&made[1].child, &made[5].child].contains(&&one.child) { vec![&made[1], &made[5]] } else { vec![one] };
        let own: BTreeSet<&String> = family.iter().flat_map(|made| [&made.child, &made.id]).collect();
        let mut wanted: BTreeMap<Look, usize> = BTreeMap::new();
        for (look, _) in looked.iter().filter(|(_, named)| named.iter().any(|id| own.contains(id))) {
            *wanted.entry(look.clone()).or_default() += 1;
        }
        assert!(wanted.values().sum::<usize>() > reads / 60, "{} was looked at", one.child);
        assert_eq!(told(&story, &auditor, &one.child).await, wanted, "seed {seed}");
    }
    // Each denial has a row with a reason, those on a list too, where nobody is named.
    assert_eq!(denials(&story.hub).await - before, denied);
    println!("looks: {} of {reads} reads were on the record, {denied} of them denials", looked.len());
    story.hub.finish().await;
}
