//! What the edition in force says is what the service asks for.

use axum::http::Method;
use kernel::{
    Timestamp,
    edition::{EditionEvent, Learnt},
};
use serde_json::{Map, Value, json};

use super::hub::{ASHA, AUDITOR, BEN, BOSS, Hub, MANAGER, MANCHESTER, NURSE, SALFORD, Who, child, offer};

/// Has the service learn a second edition.
fn learn(hub: &Hub, in_force_from: Timestamp, change: impl FnOnce(&mut Map<String, Value>)) {
    let editions = hub.app.editions.editions();
    let mut parts = editions.iter().next().unwrap().written().clone();
    change(&mut parts);
    let second = Learnt { number: 2, id: "edition-2".to_owned(), in_force_from, hash: "00".to_owned(), parts };
    hub.app.editions.replace(editions.having_learnt(&[EditionEvent::Learnt(second)]).unwrap());
}

fn other_reasons(parts: &mut Map<String, Value>) {
    parts["decline_reasons"] = json!([
        { "code": "school_place_pending", "text": "A school place is not there yet", "words_needed": true },
        { "code": "other", "text": "Another reason", "words_needed": true }
    ]);
}

/// A ladder of two levels, climbed in steps of five minutes, and half an hour to see an offer.
fn short_ladder(parts: &mut Map<String, Value>) {
    parts["escalation_ladder"] = json!([
        { "level": 1, "who": "head_of_service", "of": "both", "decides": true },
        { "level": 2, "who": "board_chair", "of": "board", "decides": false }
    ]);
    for (name, minutes) in [("escalation_step", 5), ("seen_by", 30)] {
        let clocks = parts["clocks"].as_array_mut().unwrap();
        clocks.iter_mut().find(|clock| clock["name"] == name && clock["priorities"] == json!(["P1"])).unwrap()["length"] = minutes.into();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_the_edition_in_force_does_not_have_is_refused_with_the_list_of_those_it_has() {
    let mut hub = Hub::start("reasons").await;
    hub.desk(MANAGER, None).await;
    let (child, other) = (child(), child());
    hub.referral(MANCHESTER, &[child]).await;
    hub.referral(MANCHESTER, &[other]).await;
    let decline = format!("/{}/decline", hub.offered(&[child]).await.id());
    let earlier = format!("/{}/decline", hub.offered(&[other]).await.id());
    let from = hub.clock.now() + jiff::SignedDuration::from_mins(5);
    learn(&hub, from, other_reasons);
    let pending = json!({ "reason": "school_place_pending", "text": "From Monday." });
    hub.post(BEN, &decline, 1, &pending).await.refused(422, "invalid");
    let below = json!({ "reason": "below_threshold", "text": "t" });
    let (headers, said) = ([("idempotency-key", "below"), ("if-match", "\"1\"")], (Method::POST, earlier.as_str()));
    let first = hub.send(BEN, said.clone(), &headers, Some(&below)).await.ok();

    hub.clock.set(from);
    let gone = hub.post(BEN, &decline, 1, &json!({ "reason": "below_threshold", "text": "t" })).await.refused(422, "invalid");
    assert_eq!(gone.body["errors"][0]["pointer"], "/reason");
    assert_eq!(gone.body["errors"][0]["detail"], "a reason of the edition in force: school_place_pending, other");
    hub.post(BEN, &decline, 1, &json!({ "reason": "school_place_pending" })).await.refused(422, "invalid");
    let declined = hub.post(BEN, &decline, 1, &pending).await.ok();
    assert_eq!(declined.body["state"], "declined");
    let again = hub.send(BEN, said, &headers, Some(&below)).await.ok();
    assert_eq!(again.body, first.body, "what was answered under the first edition is answered again");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ladder_is_climbed_from_its_instant_on_and_a_clock_that_runs_is_not_moved() {
    let mut hub = Hub::start("ladder").await;
    hub.desk(MANAGER, None).await;
    hub.desk(BOSS, None).await;
    let (first, second) = (child(), child());
    hub.referral(MANCHESTER, &[first]).await;
    hub.referral(MANCHESTER, &[second]).await;
    let offered = hub.offered(&[first]).await;
    assert_eq!((&offered.body["seen_by"], &offered.body["edition"]), (&json!("2026-11-23T02:24:00Z"), &json!(1)));
    let path = format!("/{}", offered.id());
    learn(&hub, "2026-11-23T02:19:00Z".parse().unwrap(), short_ladder);
    let escalated = async |hub: &Hub| -> Vec<Value> {
        let shown = hub.get(ASHA, &path).await.ok().body;
        shown["history"].as_array().unwrap().iter().filter(|line| line["what"] == "escalated").cloned().collect()
    };

    hub.clock.set("2026-11-23T02:19:00Z".parse().unwrap());
    let later = hub.create(ASHA, "", &offer(SALFORD, &[second])).await.ok();
    assert_eq!((&later.body["seen_by"], &later.body["edition"]), (&json!("2026-11-23T02:49:00Z"), &json!(2)));
    hub.clock.set("2026-11-23T02:23:59Z".parse().unwrap());
    hub.timers.look().await.unwrap();
    assert_eq!(escalated(&hub).await, [Value::Null; 0]);
    for (time, code) in [("2026-11-23T02:24:00Z", "level_1_seen_by"), ("2026-11-23T02:29:00Z", "level_2_next_escalation")] {
        hub.clock.set(time.parse().unwrap());
        hub.timers.look().await.unwrap();
        assert_eq!(escalated(&hub).await.last().unwrap()["code"], code, "{time}");
    }
    assert_eq!(escalated(&hub).await[1]["called"], json!([]), "the second level is the board's, and no rota has it");
    for _ in 0..3 {
        hub.advance(20 * 60);
        hub.timers.look().await.unwrap();
    }
    let levels: Vec<Value> = escalated(&hub).await.into_iter().map(|line| line["code"].clone()).collect();
    assert_eq!(levels, ["level_1_seen_by", "level_2_next_escalation", "level_2_decide_by"], "the time to decide was not moved either");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_that_is_learnt_late_moves_no_clock_of_a_case_of_the_night_that_is_running() {
    let mut hub = Hub::start("learnt-late").await;
    hub.desk(MANAGER, None).await;
    let later = |at: &'static str| {
        move |parts: &mut Map<String, Value>| {
            let clocks = parts["clocks"].as_array_mut().unwrap();
            clocks.iter_mut().find(|clock| clock["name"] == "night_case_to_manager").unwrap()["at"] = at.into();
        }
    };
    hub.referral(MANCHESTER, &[child()]).await;
    learn(&hub, "2026-11-23T02:00:00Z".parse().unwrap(), later("12:00"));
    hub.referral(MANCHESTER, &[child()]).await;
    let escalated = async |hub: &mut Hub, time: &str| {
        hub.clock.set(time.parse().unwrap());
        hub.timers.look().await.unwrap();
        hub.types().await.iter().filter(|what| *what == "night_case.escalated").count()
    };
    assert_eq!(escalated(&mut hub, "2026-11-23T09:59:59Z").await, 0);
    assert_eq!(escalated(&mut hub, "2026-11-23T10:00:00Z").await, 1, "the first came in under the first edition");
    assert_eq!(escalated(&mut hub, "2026-11-23T11:59:59Z").await, 1, "the second came in under the second");
    assert_eq!(escalated(&mut hub, "2026-11-23T12:00:00Z").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_case_is_kept_by_the_edition_that_its_end_cites_and_the_preview_counts_what_would_be_due() {
    let mut hub = Hub::start("kept").await;
    hub.desk(MANAGER, None).await;
    let (child, other) = (child(), child());
    let end = async |hub: &Hub, child: kernel::ChildId, duty: &str| {
        let version = hub.get(ASHA, &format!("/children/{child}/responsibility")).await.ok().version();
        hub.post(ASHA, &format!("/children/{child}/duties/{duty}/end"), version, &json!({ "reason": "It is over." })).await.ok();
    };
    let kept =
        async |hub: &Hub, child: kernel::ChildId| hub.get(ASHA, &format!("/children/{child}/notices")).await.ok().body["retention"].clone();
    let referral = hub.referral(MANCHESTER, &[child]).await;
    hub.decision(ASHA, referral, &[child], "section_47_enquiry").await;
    assert_eq!(kept(&hub, child).await, Value::Null, "an enquiry is open");
    end(&hub, child, "enquiry").await;
    let protection = json!({ "class": "child_protection", "edition": 1, "starts_on": "closure", "years": 35, "until": "2061-11-23" });
    assert_eq!(kept(&hub, child).await, protection);

    learn(&hub, "2026-11-23T02:19:00Z".parse().unwrap(), |parts| {
        let classes = parts["retention"].as_array_mut().unwrap();
        classes.iter_mut().find(|class| class["class"] == "child_protection").unwrap()["years"] = json!(10);
    });
    hub.clock.set("2026-11-23T02:19:00Z".parse().unwrap());
    assert_eq!(kept(&hub, child).await, protection, "a later edition does not move it");
    let referral = hub.referral(MANCHESTER, &[other]).await;
    hub.decision(ASHA, referral, &[other], "early_help").await;
    let version = hub.get(ASHA, &format!("/children/{other}/responsibility")).await.ok().version();
    hub.post(ASHA, &format!("/children/{other}/plan"), version, &json!({ "kind": "child_protection" })).await.ok();
    end(&hub, other, "plan").await;
    let shorter = json!({ "class": "child_protection", "edition": 2, "starts_on": "closure", "years": 10, "until": "2036-11-23" });
    assert_eq!(kept(&hub, other).await, shorter, "by the plan, which keeps longer than early help");

    let preview = async |hub: &Hub, who, query: &str| {
        let body = hub.get(who, &format!("/retention?{query}")).await.ok().body;
        let lines = body["classes"].as_array().unwrap().clone();
        lines.iter().map(|line| json!([line["class"], line["edition"], line["closed"], line["due"]])).collect::<Vec<_>>()
    };
    let head = Who("hana", MANCHESTER, "head_of_service");
    let lines = [json!(["child_protection", 1, 1, 0]), json!(["child_protection", 2, 1, 1])];
    assert_eq!(preview(&hub, head, "at=2036-11-23").await, lines);
    assert_eq!(preview(&hub, AUDITOR, "at=2036-11-22").await[1], json!(["child_protection", 2, 1, 0]));
    assert_eq!(preview(&hub, AUDITOR, &format!("at=2036-11-23&borough={SALFORD}")).await, [Value::Null; 0]);
    hub.get(head, &format!("/retention?at=2036-11-23&borough={SALFORD}")).await.refused(403, "forbidden");
    for who in [ASHA, NURSE] {
        hub.get(who, "/retention?at=2036-11-23").await.refused(403, "forbidden");
    }

    // The case begins again, and ends again under the edition of then.
    let again = hub.referral(MANCHESTER, &[child]).await;
    assert_eq!(kept(&hub, child).await, Value::Null);
    hub.decision(ASHA, again, &[child], "child_in_need_assessment").await;
    end(&hub, child, "enquiry").await;
    assert_eq!(kept(&hub, child).await["class"], "child_in_need", "25 years from a birth are more than ten from the closure");
    let version = hub.get(ASHA, &format!("/children/{child}/responsibility")).await.ok().version();
    hub.post(ASHA, &format!("/children/{child}/birth"), version, &json!({ "born_on": "-004713-11-23" })).await.ok();
    assert_eq!(kept(&hub, child).await["until"], "-004688-11-23", "a day that nobody believes is kept as it was said");
    for view in crate::views::views() {
        let live = event_store::digest(&hub.owner, view.tables()).await.unwrap();
        event_store::rebuild(&hub.owner, view.as_ref(), |_| ()).await.unwrap();
        assert_eq!(event_store::digest(&hub.owner, view.tables()).await.unwrap(), live, "{}", view.name());
    }
}
