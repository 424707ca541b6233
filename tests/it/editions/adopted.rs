//! From a draft to an edition that both services obey, through the API.

use kernel::{
    Timestamp,
    edition::{Edition, Editions},
};
use serde_json::json;
use testkit::{TestHub, until};

use super::{Press, boroughs, clock, procedure};
use crate::flow::{Said as _, Story, concern};

const DRAFTS: &str = "/api/procedures/drafts";

fn found() -> serde_json::Value {
    json!({ "borough": "E08000003" })
}

/// The edition that a referral's clocks cite.
async fn cited(story: &Story) -> i64 {
    let made = story.refer(&story.person("manchester-duty"), &concern("Ada Example", found())).await;
    story.get(&story.person("manchester-duty"), &made.path()).await.ok();
    made.reply.body["edition"].as_i64().unwrap_or_else(|| panic!("no edition: {}", made.reply.body))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edition_comes_about_by_named_people_and_is_in_force_in_both_services_at_its_instant() {
    let story = Story::new(TestHub::start_at("adopted", "2026-11-23T10:00:00Z", None).await.with_desks().await);
    let (author, nurse, board) = (story.person("salford-author"), story.person("salford-royal-nurse"), story.person("board-approver"));
    let shown = story.get(&nurse, "/api/procedures/editions/in-force").await.ok();
    shown.has("/number", 1).has("/adopted", false).has("/standing", "draft carried by the program, not adopted");

    let begun = story.post(&author, DRAFTS, &json!({ "title": "Second edition" })).await.ok().has("/state", "draft");
    let path = format!("{DRAFTS}/{}", begun.text("/draft_id"));
    assert_eq!(story.get(&nurse, &path).await.status, 404, "nobody was asked yet");
    story.on(&author, &path, "procedures", json!({ "procedure": procedure("First text.") })).await.ok();
    let opened = story.on(&author, &path, "consultation", json!({ "until": "2026-11-23T12:00:00Z" })).await.ok();
    opened.has("/state", "in_consultation");

    // Everybody of the area reads and comments; operators do not.
    story.get(&nurse, &path).await.ok();
    assert_eq!(story.get(&story.person("hub-operator"), &path).await.status, 403);
    let comment = json!({ "procedure": super::PROCEDURE, "text": "Say which number to ring." });
    story.post(&nurse, &format!("{path}/comments"), &comment).await.ok().has("/comments", 1);
    story.on(&author, &path, "submission", json!({})).await.refused(409, "consultation_running");
    story.hub.advance("2026-11-23T12:00:00Z").await;
    let author = story.person("salford-author");
    story.on(&author, &path, "submission", json!({})).await.refused(409, "comments_unanswered");
    story.on(&author, &path, "comments/1/answer", json!({ "text": "It does now." })).await.ok();

    // A draft with faults is handed in for nobody, and each fault is named.
    let mut parts = story.get(&author, &path).await.ok().body["document"]["parts"].take();
    let good = parts.clone();
    parts["escalation_ladder"][0]["who"] = json!(null);
    parts["form"][5]["compulsory"] = json!(true);
    story.on(&author, &path, "parts", json!({ "parts": parts })).await.ok();
    story.on(&author, &path, "submission", json!({})).await.refused(409, "changed_since_consultation");
    let why = json!({ "unconsulted": "The clock for a decision was asked for in the comments." });
    let refused = story.on(&author, &path, "submission", why.clone()).await.refused(422, "invalid");
    let pointers: Vec<&str> = refused.body["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/parts/escalation_ladder", "/parts/form"]);
    let mut document = json!({ "parts": good });
    clock(&mut document, "decide_on_referral", None)["length"] = json!(2);
    story.on(&author, &path, "parts", json!({ "parts": document["parts"] })).await.ok();
    let handed_in = story.on(&author, &path, "submission", why).await.ok().has("/state", "submitted");
    let hash = handed_in.body["hash"].clone();
    story.on(&author, &path, "parts", json!({ "parts": good })).await.refused(409, "content_frozen");

    // The board and ten boroughs approve, each by a person of its own; then the board gives it its instant.
    let schedule = json!({ "hash": hash, "in_force_from": "2026-11-23T14:00:00Z" });
    let approve = json!({ "hash": hash });
    for borough in boroughs() {
        story.on(&board, &path, "schedule", schedule.clone()).await.refused(409, "quorum_missing");
        story.on(&story.person(&format!("{borough}-head")), &path, "approvals", approve.clone()).await.ok();
    }
    story.on(&board, &path, "schedule", schedule.clone()).await.refused(409, "quorum_missing");
    assert_eq!(story.on(&author, &path, "approvals", approve.clone()).await.status, 403);
    story.on(&board, &path, "approvals", approve).await.ok();
    story.on(&board, &path, "schedule", json!({ "hash": hash, "in_force_from": "2026-11-23T12:59:59Z" })).await.refused(409, "too_soon");
    story.on(&board, &path, "schedule", schedule).await.ok().has("/state", "scheduled").has("/number", 2);
    let approvals = story.get(&nurse, &path).await.ok().body["approvals"].as_array().unwrap().len();
    assert_eq!(approvals, 11);
    in_force_at_its_instant(&story).await;
    the_views_made_again_are_the_same(&story).await;
    story.hub.finish().await;
}

async fn the_views_made_again_are_the_same(story: &Story) {
    let owner = story.hub.owner("procedures").await;
    for view in procedures_registry::views() {
        let before = event_store::digest(&owner, view.tables()).await.unwrap();
        event_store::rebuild(&owner, view.as_ref(), |_| ()).await.unwrap();
        assert_eq!(event_store::digest(&owner, view.tables()).await.unwrap(), before, "{}", view.name());
    }
}

async fn in_force_at_its_instant(story: &Story) {
    story.hub.settled().await;
    let learnt = async |service: &str| {
        let sql = "select count(*) from log.event where type = 'edition.learnt'";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&story.hub.owner(service).await).await.unwrap()
    };
    assert_eq!((learnt("intake").await, learnt("transfers").await), (2, 2), "the carried one and the adopted one");
    another_program_changes_no_edition_that_was_in_force(story).await;
    for (time, number) in [("2026-11-23T13:59:59.999999Z", 1), ("2026-11-23T14:00:00Z", 2)] {
        story.hub.advance(time).await;
        // The book follows the log within a moment; the notice is far longer than that.
        until("a referral is taken under the edition in force", async || cited(story).await == number).await;
        let at = time.parse::<Timestamp>().unwrap();
        let shown = story.get(&story.person("salford-royal-nurse"), &format!("/api/procedures/editions/in-force?at={at}")).await.ok();
        shown.has("/number", number);
        let made = story.refer(&story.person("manchester-duty"), &concern("Ben Example", found())).await;
        story.hub.settled().await;
        let offered = story.offer(&story.person("manchester-duty"), "E08000006", "P1", (&made.child, &["emergency_action"])).await.ok();
        offered.has("/edition", number);
    }
    let made = story.refer(&story.person("manchester-duty"), &concern("Cy Example", found())).await;
    assert_eq!(made.reply.text("/decide_by"), "2026-11-25T14:00:00Z", "two working days, as the second edition has it");
}

/// A later version of the program may bring another text of the first edition; what was learnt stands before it.
async fn another_program_changes_no_edition_that_was_in_force(story: &Story) {
    let brought = Editions::first();
    let first = brought.iter().next().unwrap();
    let mut parts = first.written().clone();
    parts["title"] = "Of a later program".into();
    let later = Editions::new(vec![Edition::numbered(parts, 1, first.in_force_from).unwrap()]).unwrap();
    for service in ["intake", "transfers"] {
        let kept = service_kit::editions::load(&story.hub.owner(service).await, &later).await.unwrap();
        assert_eq!(kept.numbered(1).unwrap().written(), first.written(), "{service}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_never_moves_a_clock_that_is_already_running() {
    let file = super::first_edition("running-clock", 60);
    let hub = TestHub::start_at("running-clock", "2026-11-23T10:00:00Z", Some(&file)).await.with_desks().await;
    let story = Story::new(hub);
    let press = Press::new(|id| story.person(id), &["salford"]);
    let from = "2026-11-23T11:00:00Z".parse().unwrap();
    let number = press
        .publish(from, |document| {
            clock(document, "seen_by", Some("P1"))["length"] = json!(30);
            clock(document, "decide_on_referral", None)["length"] = json!(5);
        })
        .await;
    story.hub.advance("2026-11-23T10:55:00Z").await;
    let worker = story.person("manchester-duty");
    let made = story.refer(&worker, &concern("Ada Example", found())).await;
    let decide_by = made.reply.text("/decide_by").to_owned();
    story.hub.settled().await;
    let offered = story.offer(&worker, "E08000006", "P1", (&made.child, &["emergency_action"])).await.ok();
    let transfer = format!("/api/transfers/{}", offered.text("/transfer_id"));
    offered.has("/seen_by", "2026-11-23T11:05:00Z").has("/edition", 1);

    // The second edition is in force: what runs goes on as it was set, what begins goes by the new one.
    story.hub.advance("2026-11-23T11:00:30Z").await;
    until("the second edition is in force", async || cited(&story).await == number).await;
    let shown = story.get(&worker, &transfer).await.ok();
    shown.has("/seen_by", "2026-11-23T11:05:00Z").has("/edition", 1);
    let again = story.get(&worker, &made.path()).await.ok();
    assert!(again.body.to_string().contains(&decide_by), "{}", again.body);
    let next = story.refer(&worker, &concern("Ben Example", found())).await;
    story.hub.settled().await;
    let later = story.offer(&worker, "E08000006", "P1", (&next.child, &["emergency_action"])).await.ok();
    later.has("/seen_by", "2026-11-23T11:30:30Z").has("/edition", number);

    // And it runs out when it was to run out.
    story.hub.advance("2026-11-23T11:05:00Z").await;
    let run_out = "select count(*) from log.event where stream = $1 and type = 'transfer.escalated'
                   and occurred_at = '2026-11-23T11:05:00Z' and convert_from(data, 'UTF8') like '%{\"clock\":\"seen_by\"}%'";
    let transfers = story.hub.owner("transfers").await;
    let stream = transfer.replace("/api/transfers/", "transfer-");
    until("the first offer is escalated at its own time", async || {
        sqlx::query_scalar::<_, i64>(run_out).bind(&stream).fetch_one(&transfers).await.unwrap() > 0
    })
    .await;
    story.hub.finish().await;
}
