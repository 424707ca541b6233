//! T33: alerts on looks by plain rules, within a minute, and no false one on a seeded set of people.

use hub::{client::Client, people::Someone, seed};
use hub_tests::storm::chance::{Chance, seed};
use kernel::Role;
use serde_json::json;
use testkit::{TestHub, until};

use crate::flow::{Said as _, Story, concern, responsibility};

const MANY: &str = "many_unrelated";

const BOROUGHS: [&str; 3] = ["E08000003", "E08000006", "E08000009"];

/// Who is on the list by a rule.
async fn alerted(story: &Story, who: &Client, rule: &str) -> Vec<String> {
    let page = story.get(who, "/api/audit/alerts?limit=200").await.ok();
    let items = page.body["items"].as_array().unwrap().clone();
    let of_rule = items.iter().filter(|line| line["rule"] == rule);
    let mut people: Vec<String> = of_rule.map(|line| line["who"]["id"].as_str().unwrap().to_owned()).collect();
    people.sort_unstable();
    people
}

/// A duty worker of a borough by this name.
fn named(story: &Story, name: &str, borough: &str) -> Client {
    let org = borough.parse().unwrap();
    let id = name.to_lowercase().replace(' ', "-");
    let someone = Someone { id, name: name.to_owned(), org_name: borough.to_owned(), org, roles: [Role::DutyWorker].into(), phone: None };
    seed::client(&story.hub.stand.url(), &story.hub.stand.ground.signer, &someone, story.hub.clock.now()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_opens_more_than_twenty_unrelated_children_in_ten_minutes_is_alerted_and_nobody_else() {
    let seed = seed();
    let mut chance = Chance::new(seed);
    let story = Story::new(TestHub::start_at("alerts", "2026-11-23T11:00:00Z", None).await.with_desks().await);
    let mut children: Vec<Vec<String>> = Vec::new();
    for borough in BOROUGHS {
        let mut own = Vec::new();
        for number in 0..25 {
            let taker = story.hub.somebody(&format!("taker-{borough}-{number}"), borough, Role::DutyWorker);
            own.push(story.refer(&taker, &concern(&format!("Ada Example {borough} {number}"), json!({ "borough": borough }))).await.child);
        }
        children.push(own);
    }
    story.hub.settled().await;
    // Of a dozen people some open up to 20 of another borough, some more than that, and some all of their own.
    let mut expected = Vec::new();
    for number in 0..12 {
        let own = number % 3;
        let person = story.hub.somebody(&format!("viewer-{number}"), BOROUGHS[own], Role::DutyWorker);
        let many = 16 + usize::try_from(chance.below(9)).unwrap();
        let (of, many) = if number % 4 == 0 { (own, 25) } else { ((own + 1) % 3, many) };
        for child in children[of].iter().take(many) {
            story.get(&person, &responsibility(child)).await.ok();
        }
        if of != own && many > 20 {
            expected.push(person.who.id.clone());
        }
    }
    let auditor = story.person("board-auditor");
    expected.sort_unstable();
    until("everybody who must be is alerted", async || alerted(&story, &auditor, MANY).await.len() >= expected.len()).await;
    // Another one: when they are alerted, the rules have gone over all the others once more.
    let last = story.hub.somebody("viewer-last", BOROUGHS[0], Role::DutyWorker);
    for child in children[1].iter().take(21) {
        story.get(&last, &responsibility(child)).await.ok();
    }
    expected.push("viewer-last".to_owned());
    expected.sort_unstable();
    until("the last one is alerted", async || alerted(&story, &auditor, MANY).await.contains(&"viewer-last".to_owned())).await;
    assert_eq!(alerted(&story, &auditor, MANY).await, expected, "seed {seed}");
    let manager = story.of(BOROUGHS[0], Role::DutyManager);
    let own = alerted(&story, &manager, MANY).await;
    assert!(own.contains(&"viewer-last".to_owned()) && own.len() <= expected.len(), "{own:?}");
    let elsewhere = story.hub.somebody("elsewhere", "E08000001", Role::DutyManager);
    assert_eq!(alerted(&story, &elsewhere, MANY).await, Vec::<String>::new());
    story.get(&story.person("salford-duty"), "/api/audit/alerts").await.refused(403, "forbidden");
    names(&story, &auditor).await;
    story.hub.finish().await;
}

/// By the name in the token and the names of the child alone: whoever bears another one is not alerted.
async fn names(story: &Story, auditor: &Client) {
    let taker = story.of(BOROUGHS[0], Role::DutyWorker);
    let made = story.refer(&taker, &concern("Ada Lockwood", json!({ "borough": BOROUGHS[0] }))).await;
    for name in ["Rufus Adjei", "Ada Lockwood", "Rufus LOCKWOOD", "Lockwood Ada"] {
        story.get(&named(story, name, BOROUGHS[0]), &made.path()).await.ok();
    }
    until("both are alerted", async || {
        alerted(story, auditor, "own_name").await.len() + alerted(story, auditor, "same_surname").await.len() >= 2
    })
    .await;
    assert_eq!(alerted(story, auditor, "own_name").await, ["ada-lockwood"]);
    assert_eq!(alerted(story, auditor, "same_surname").await, ["rufus-lockwood"]);
}
