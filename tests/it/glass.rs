//! T34: break-glass opens whenever PostgreSQL is up, always with a reason, tells the child's borough, and is reviewed by another team.
//! `HUB_GLASS=full` opens 500 times instead of 50.

use std::time::Duration;

use hub::client::Client;
use kernel::Role;
use serde_json::{Value, json};
use testkit::TestHub;
use tokio::time::Instant;

use crate::{
    flow::{Made, Said as _, Story, concern},
    looks::{refuse_looks, take_looks_again},
};

const BOROUGHS: [&str; 10] =
    ["E08000001", "E08000002", "E08000003", "E08000004", "E08000005", "E08000006", "E08000007", "E08000008", "E08000009", "E08000010"];

/// One opening.
struct Case {
    made: Made,
    holder: &'static str,
    opener: Client,
    glass: String,
}

#[expect(clippy::disallowed_methods, reason = "the switch of a test, not of the service")]
fn how_many() -> usize {
    if std::env::var("HUB_GLASS").is_ok_and(|how| how == "full") { 500 } else { 50 }
}

fn reason(number: usize) -> Value {
    json!({ "reason": format!("The child is at our station, number {number}; nobody answers.") })
}

fn break_glass(child: &str) -> String {
    format!("/api/transfers/children/{child}/break-glass")
}

async fn referred(story: &Story, number: usize) -> (Made, &'static str) {
    let holder = BOROUGHS[number % 10];
    let worker = story.hub.somebody(&format!("taker-{number}"), holder, Role::DutyWorker);
    (story.refer(&worker, &concern(&format!("Ada Example {number}"), json!({ "borough": holder }))).await, holder)
}

/// Somebody of the next borough opens it: too short a reason opens nothing, and no record is shown before.
async fn opened(story: &Story, number: usize, (made, holder): (Made, &'static str)) -> Case {
    let opener = story.hub.somebody(&format!("opener-{number}"), BOROUGHS[(number + 1) % 10], Role::DutyWorker);
    let path = break_glass(&made.child);
    opener.get(&made.path()).await.unwrap().refused(404, "not_found");
    story.post(&opener, &path, &json!({ "reason": " too short " })).await.refused(409, "reason_too_short");
    let begun = Instant::now();
    let reply = story.post(&opener, &path, &reason(number)).await.ok();
    assert!(begun.elapsed() < Duration::from_secs(5), "it opens at once: {:?}", begun.elapsed());
    assert_eq!((reply.status, reply.text("/told/0")), (201, holder));
    story.post(&opener, &path, &reason(number)).await.refused(409, "reason_repeated");
    story.post(&opener, &path, &json!({ "reason": "Three more hours, for another reason." })).await.refused(409, "glass_open_already");
    let glass = reply.text("/glass_id").to_owned();
    Case { made, holder, opener, glass }
}

/// What is open under it, and nothing else.
async fn shows_that_child_alone(story: &Story, case: &Case, other: &Case) {
    let (by, child) = (&case.opener, &case.made.child);
    let get = async |path: String| by.get(&path).await.unwrap();
    let referral = get(case.made.path()).await.ok();
    assert_eq!(referral.text("/children/0/child_id"), child);
    get(format!("{}/history", case.made.path())).await.ok();
    get(format!("/api/transfers/children/{child}/notices")).await.ok();
    get(format!("/api/audit/chronologies/{child}")).await.ok();
    // No export, no list, no other child, and nothing is decided.
    get(format!("/api/audit/chronologies/{child}/pack")).await.refused(404, "not_found");
    get(format!("/api/audit/looks/{child}")).await.refused(404, "not_found");
    get(other.made.path()).await.refused(404, "not_found");
    get(format!("/api/audit/chronologies/{}", other.made.child)).await.refused(404, "not_found");
    let list = get("/api/intake/referrals".to_owned()).await.ok();
    assert!(!list.body.to_string().contains(&case.made.id));
    let decide = json!({ "outcome": "no_further_action", "reason": "Not for them to say." });
    let decided = by.change(&format!("{}/decisions", case.made.path()), &story.hub.key(), 1, &decide).await.unwrap();
    decided.refused(404, "not_found");
}

async fn is_closed(case: &Case) {
    for path in [case.made.path(), format!("/api/audit/chronologies/{}", case.made.child)] {
        case.opener.get(&path).await.unwrap().refused(404, "not_found");
    }
}

/// The board's whole list.
async fn list(story: &Story) -> Vec<Value> {
    let (auditor, mut all, mut next) = (story.person("board-auditor"), Vec::new(), Some("/api/audit/break-glass?limit=200".to_owned()));
    while let Some(path) = next {
        let page = story.get(&auditor, &path).await.ok();
        all.extend(page.body["items"].as_array().unwrap().iter().cloned());
        next = page.body["next"].as_str().map(str::to_owned);
    }
    all
}

/// A command on one, at its present version.
async fn on_glass(story: &Story, who: &Client, case: &Case, what: &str, body: Value) -> hub::client::Reply {
    story.on(who, &format!("/api/transfers/break-glass/{}", case.glass), what, body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn break_glass_opens_one_child_for_three_hours_is_told_within_thirty_seconds_and_reviewed_by_another_team() {
    let mut story = Story::new(TestHub::start_at("glass", "2026-11-23T02:14:00Z", None).await.with_desks().await);
    let mut made = Vec::new();
    for number in 0..how_many() {
        made.push(referred(&story, number).await);
    }
    story.hub.settled().await;
    let mut cases = Vec::new();
    for (number, one) in made.into_iter().enumerate() {
        // With NATS down nothing changes.
        if number == how_many() / 2 {
            story.hub.stand.ground.stack.nats.kill().await;
        }
        cases.push(opened(&story, number, one).await);
    }
    story.hub.settled().await;
    // The child of the next case is of the opener's own borough; that of the one after it is not.
    for (case, other) in cases.iter().zip(cases.iter().skip(2)).step_by(5) {
        shows_that_child_alone(&story, case, other).await;
    }
    // Told in the commit that opened it: two people by name, and the desk's live screen.
    for case in &cases {
        let holder = story.hub.somebody(&format!("reader-{}", case.glass), case.holder, Role::DutyWorker);
        let shown = story.get(&holder, &format!("/api/transfers/break-glass/{}", case.glass)).await.ok();
        assert!(shown.body["told_by_name"].as_array().unwrap().len() >= 2, "{}", shown.body);
        assert!(shown.text("/texts/reason").contains("nobody answers"));
        shown.has("/read", false);
    }
    let first = &cases[0];
    let screen = story.of(first.holder, Role::DutyWorker);
    story.desk_events(&screen, first.holder, "glass.opened").await;
    // Two people of the first borough read it; of the others nobody does, and they are told again.
    for who in ["one", "two"] {
        let reader = story.hub.somebody(who, first.holder, Role::DutyManager);
        on_glass(&story, &reader, first, "read", json!({})).await.ok();
    }
    story.hub.advance("2026-11-23T02:14:31Z").await;
    let on_list = list(&story).await;
    assert_eq!(on_list.len(), cases.len());
    for case in &cases {
        let line = on_list.iter().find(|line| line["glass_id"] == case.glass.as_str()).unwrap();
        let read = case.glass == first.glass;
        assert_eq!((&line["not_yet_read"], &line["times_told"]), (&json!(!read), &json!(if read { 1 } else { 2 })), "{line}");
        assert_eq!((&line["opened_by"]["id"], &line["child_id"]), (&json!(case.opener.who.id), &json!(case.made.child)));
    }
    let looked: Vec<&str> = on_list.iter().find(|line| line["glass_id"] == first.glass.as_str()).unwrap()["looks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|look| look["action"].as_str().unwrap())
        .collect();
    let routes = [
        "/api/audit/chronologies/{child_id}",
        "/api/transfers/children/{child_id}/notices",
        "/api/intake/referrals/{id}/history",
        "/api/intake/referrals/{id}",
    ];
    let wanted: Vec<String> = routes.into_iter().map(|route| format!("GET {route}")).collect();
    assert_eq!(looked, wanted, "each look under it stands on the board's list");
    reviews(&story, &cases).await;
    println!("glass: {} openings, half of them with NATS down", cases.len());
    story.hub.finish().await;
}

/// Ended by who opened it, over by itself, reviewed by another team or shown as overdue.
async fn reviews(story: &Story, cases: &[Case]) {
    let (first, last) = (&cases[0], &cases[cases.len() - 1]);
    on_glass(story, &first.opener, first, "end", json!({})).await.ok();
    is_closed(first).await;
    last.opener.get(&last.made.path()).await.unwrap().ok();
    story.hub.advance("2026-11-23T05:14:00Z").await;
    let auditor = story.person("board-auditor");
    let review = json!({ "finding": "justified", "text": "Nobody else was awake." });
    for (number, case) in cases.iter().enumerate() {
        let opener = story.hub.somebody(&case.opener.who.id, BOROUGHS[(number + 1) % 10], Role::DutyManager);
        opener.get(&case.made.path()).await.unwrap().refused(404, "not_found");
        if number % 2 == 0 {
            on_glass(story, &opener, case, "review", review.clone()).await.refused(409, "other_team_reviews");
            on_glass(story, &auditor, case, "review", review.clone()).await.ok().has("/finding", "justified");
        }
    }
    let holder = story.hub.somebody("stranger", "E08000005", Role::DutyManager);
    story.get(&holder, &format!("/api/transfers/break-glass/{}", first.glass)).await.refused(404, "not_found");
    story.hub.advance("2026-11-26T02:14:00Z").await;
    for line in list(story).await {
        let number = cases.iter().position(|case| case.glass == line["glass_id"].as_str().unwrap()).unwrap();
        assert_eq!((&line["reviewed"], &line["overdue"]), (&json!(number % 2 == 0), &json!(number % 2 == 1)), "{line}");
    }
}

/// Everything that was looked at under one, as its pages tell it, the newest first.
async fn looks_under(story: &Story, glass: &str) -> Vec<String> {
    let (auditor, mut all) = (story.person("board-auditor"), Vec::new());
    let mut next = Some(format!("/api/audit/break-glass/{glass}/looks?limit=10"));
    while let Some(path) = next {
        let page = story.get(&auditor, &path).await.ok();
        all.extend(page.body["items"].as_array().unwrap().iter().map(|look| look["action"].as_str().unwrap().to_owned()));
        next = page.body["next"].as_str().map(str::to_owned);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_sees_a_part_opens_the_whole_every_look_is_told_and_what_was_ended_stays_ended() {
    let story = Story::new(TestHub::start_at("glass-parts", "2026-11-23T02:14:00Z", None).await.with_desks().await);
    let (salford, bury, manchester) =
        (story.person("salford-duty"), story.of("E08000002", Role::DutyWorker), story.of("E08000003", Role::DutyWorker));
    let mut body = concern("Ada Example", json!({ "borough": "E08000006", "address": "3 Quillfeather Row" }));
    let home = json!({ "address": "14 Zebedee Wharf" });
    body["children"] =
        json!([{ "names": ["Ada Example"], "date_of_birth": "2018-03-04", "home": home }, { "names": ["Hal Example"], "home": home }]);
    let made = story.refer(&bury, &body).await;
    let sibling = made.reply.text("/children/1/child_id").to_owned();
    story.hub.settled().await;
    story.decide(&salford, &made, "section_47_enquiry").await.ok();
    story.hub.settled().await;
    let offered = story.offer(&salford, "E08000003", "P2", (&made.child, &["enquiry"])).await.ok().text("/transfer_id").to_owned();
    let transfer = format!("/api/transfers/{offered}");
    story.on_transfer(&manchester, &offered, "decline", json!({ "reason": "not_our_area", "text": "She lives in Salford." })).await.ok();
    story.hub.settled().await;
    // Who raised the concern does not see the reasons of the borough, and whose offer has ended sees no sheet.
    let part = story.get(&bury, &made.path()).await.ok().has("/yours", "referrer");
    assert!(!part.body.to_string().contains("As the history"), "{}", part.body);
    assert!(story.get(&manchester, &transfer).await.ok().body.get("sheet").is_none());
    let mut glasses = Vec::new();
    for (who, number) in [(&bury, 1), (&manchester, 2)] {
        glasses.push(story.post(who, &break_glass(&made.child), &reason(number)).await.ok().text("/glass_id").to_owned());
    }
    let whole = story.get(&bury, &made.path()).await.ok().has("/yours", "shared");
    assert!(whole.body.to_string().contains("As the history") && whole.body.to_string().contains("Quillfeather"), "{}", whole.body);
    let sheet = story.get(&manchester, &transfer).await.ok();
    assert!(sheet.text("/sheet/situation").contains("on the ward"));
    // The address of a shielded brother is the child's own, mostly.
    story.on_child(&salford, &sibling, "shield", json!({ "shielded": true })).await.ok();
    story.hub.settled().await;
    for _ in 0..24 {
        let shown = story.get(&bury, &made.path()).await.ok().body.to_string();
        assert!(!shown.contains("Zebedee") && !shown.contains("Quillfeather") && !shown.contains(&sibling), "{shown}");
    }
    assert_eq!(looks_under(&story, &glasses[0]).await, ["GET /api/intake/referrals/{id}"].repeat(25));
    assert_eq!(looks_under(&story, &glasses[1]).await, ["GET /api/transfers/{id}"]);
    let lines = list(&story).await;
    let line = lines.iter().find(|line| line["glass_id"] == glasses[0].as_str()).unwrap();
    let all = format!("/api/audit/break-glass/{}/looks", glasses[0]);
    assert_eq!((line["looks"].as_array().unwrap().len(), &line["all_looks"]), (20, &json!(all)));
    ended_before_it_was_told(&story, &made).await;
    story.hub.finish().await;
}

/// The look of the opening failed, so nothing was open; it was ended, and the command sent again opens nothing.
async fn ended_before_it_was_told(story: &Story, made: &Made) {
    let (wigan, key) = (story.of("E08000010", Role::DutyWorker), story.hub.key());
    refuse_looks(&story.hub).await;
    let lost = wigan.post(&break_glass(&made.child), &key, &reason(3)).await.unwrap();
    assert_eq!((lost.status, &lost.body), (503, &Value::Null));
    take_looks_again(&story.hub).await;
    wigan.get(&made.path()).await.unwrap().refused(404, "not_found");
    let own = story.get(&wigan, "/api/transfers/break-glass").await.ok();
    let glass = format!("/api/transfers/break-glass/{}", own.text("/items/0/glass_id"));
    story.on(&wigan, &glass, "end", json!({})).await.ok();
    let again = wigan.post(&break_glass(&made.child), &key, &reason(3)).await.unwrap().ok();
    assert!(again.replayed);
    wigan.get(&made.path()).await.unwrap().refused(404, "not_found");
}
