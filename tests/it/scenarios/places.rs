//! Who must act when the child is in one place, lives in another and is known to a third.

use serde_json::{Value, json};

use super::{ACT_NOW, BOLTON, BURY, MANCHESTER, SALFORD, acts, found_in, happened, hub_at, manager, offered, taken, worker};
use crate::flow::{Said as _, Story, concern, offer};

/// In another area; its desk is not set, so it is not connected.
const LEEDS: &str = "E08000035";

#[tokio::test]
async fn a_duty_follows_the_child_only_by_an_acceptance_wherever_the_child_is() {
    let story = hub_at("places", "2026-11-23T10:00:00Z").await;
    child_moves_again_before_the_answer(&story).await;
    child_found_in_c_lives_in_a_plan_with_b(&story).await;
    temporary_stay(&story).await;
    wrong_borough_and_not_ours(&story).await;
    borough_not_connected(&story).await;
    story.hub.finish().await;
}

async fn child_moves_again_before_the_answer(story: &Story) {
    let child = found_in(story, MANCHESTER, "Hana Moves").await.child;
    let giver = worker(story, MANCHESTER);
    let first = offered(story, (MANCHESTER, SALFORD), "P2", &child).await;
    story.on_transfer(&worker(story, SALFORD), &first, "open", json!({})).await.ok();
    let redirected = story.on_transfer(&giver, &first, "redirect", json!({ "to": BOLTON })).await.ok();
    let second = redirected.text("/new_transfer/transfer_id").to_owned();
    let redirected =
        redirected.has("/state", "redirected").has("/new_transfer/state", "offered").has("/new_transfer/previous", first.as_str());
    assert_eq!(redirected.body["first_offered_at"], redirected.body["new_transfer"]["first_offered_at"], "the whole age stays visible");
    let late = story.on_transfer(&worker(story, SALFORD), &first, "accept", taken(&child)).await.refused(409, "redirected");
    assert_eq!((late.text("/holder"), late.text("/next")), (MANCHESTER, second.as_str()), "{}", late.body);
    story.open_and_accept(&worker(story, BOLTON), &second).await.ok();
    assert_eq!(acts(story, &child).await, BOLTON);
}

async fn child_found_in_c_lives_in_a_plan_with_b(story: &Story) {
    let (c, a, b) = (MANCHESTER, SALFORD, BOLTON);
    let mut sent = concern("Ivan Three", json!({ "site": "RW602" }));
    sent["children"][0]["home"] = json!({ "address": "1 Example Street", "borough": a });
    let made = story.refer(&story.person("north-manchester-nurse"), &sent).await;
    made.reply.clone().has("/owner/borough", c).has("/home_borough", a);
    story.get(&worker(story, a), &made.path()).await.ok().has("/yours", "home");
    story.on_child(&worker(story, b), &made.child, "plan", json!({ "kind": "child_protection" })).await.ok();
    let holders = async || (acts(story, &made.child).await, story.holder(&made.child, "plan").await.unwrap_or_default());
    assert_eq!(holders().await, (c.to_owned(), b.to_owned()), "neither moves the other");
    let elsewhere = story.on_child(&worker(story, a), &made.child, "plan", json!({ "kind": "child_in_need" })).await;
    assert_eq!(elsewhere.refused(409, "not_the_holder").body["duties"][1]["holder"], b);
    let transfer = offered(story, (c, a), "P2", &made.child).await;
    story.open_and_accept(&worker(story, a), &transfer).await.ok();
    assert_eq!(holders().await, (a.to_owned(), b.to_owned()));
}

async fn temporary_stay(story: &Story) {
    let child = found_in(story, MANCHESTER, "Jo Stays").await.child;
    let notice = json!({ "to": BURY, "until": "2026-12-01T12:00:00Z", "text": "With an aunt until the end of the month." });
    story.on_child(&worker(story, MANCHESTER), &child, "notices", notice.clone()).await.ok();
    let told = story.desk_events(&worker(story, BURY), BURY, "notice.given").await;
    assert!(told.contains(&child), "{told}");
    assert!(!told.contains("aunt"), "a live event holds no text");
    story.on_child(&worker(story, MANCHESTER), &child, "notices", notice).await.ok();
    story.hub.settled().await;
    let lines = story.chronology(&child).await;
    assert_eq!(lines.iter().filter(|line| line["kind"] == "notice.given").count(), 1, "the same notice again adds nothing");
    assert_eq!(acts(story, &child).await, MANCHESTER, "no duty moves");
}

async fn wrong_borough_and_not_ours(story: &Story) {
    let child = found_in(story, MANCHESTER, "Kit Wrong").await.child;
    let transfer = offered(story, (MANCHESTER, SALFORD), "P3", &child).await;
    let taker = worker(story, SALFORD);
    let wordless = story.on_transfer(&taker, &transfer, "decline", json!({ "reason": "below_threshold" })).await.refused(422, "invalid");
    assert_eq!(wordless.text("/errors/0/pointer"), "/text");
    story.on_transfer(&taker, &transfer, "decline", json!({ "reason": "too_busy" })).await.refused(422, "invalid");
    let no = json!({ "reason": "not_our_area", "suggest": BURY });
    let declined = story.on_transfer(&taker, &transfer, "decline", no).await.ok();
    assert!(declined.body["reoffer_by"].is_string(), "the giver has to act by a time: {}", declined.body);
    let lines = happened(story, MANCHESTER, &transfer, "declined").await;
    assert_eq!((lines.len(), &lines[0]["code"], &lines[0]["by"]["org"]), (1, &json!("not_our_area"), &json!(SALFORD)));
    // The first decline is not the end, and a manager may dispute it.
    let plan = json!({ "interim_plan": "She stays with her grandmother in Manchester." });
    story.on_transfer(&worker(story, MANCHESTER), &transfer, "dispute", plan.clone()).await.refused(403, "forbidden");
    story.on_transfer(&manager(story, MANCHESTER), &transfer, "dispute", plan).await.ok().has("/flags/disputed", true);
    assert_eq!(acts(story, &child).await, MANCHESTER);
}

async fn borough_not_connected(story: &Story) {
    let child = found_in(story, MANCHESTER, "Lea Afar").await.child;
    let sent = offer(LEEDS, "P2", &[(&child, &[ACT_NOW])]);
    let transfer = story.post(&worker(story, MANCHESTER), "/api/transfers", &sent).await.ok().text("/transfer_id").to_owned();
    let evidence = json!({ "items": [{ "child_id": child, "duties": [ACT_NOW] }], "person": "The duty manager of Leeds", "role": "duty manager",
                           "spoken_at": "2026-11-23T09:58:00Z", "evidence": "Her e-mail of 09:59." });
    let path = "acceptance-elsewhere";
    story.on_transfer(&worker(story, MANCHESTER), &transfer, path, evidence.clone()).await.refused(403, "forbidden");
    assert_eq!(acts(story, &child).await, MANCHESTER);
    story.on_transfer(&manager(story, MANCHESTER), &transfer, path, evidence.clone()).await.ok().has("/holder", LEEDS);
    assert_eq!(acts(story, &child).await, LEEDS);
    // A connected borough answers for itself.
    let other = found_in(story, MANCHESTER, "Max Near").await.child;
    let near = offered(story, (MANCHESTER, SALFORD), "P2", &other).await;
    let mut evidence = evidence;
    evidence["items"][0]["child_id"] = Value::from(other.as_str());
    story.on_transfer(&manager(story, MANCHESTER), &near, path, evidence).await.refused(409, "receiver_connected");
}
