//! How long a closed referral is kept, by the edition that its decision cites.

#![expect(clippy::unwrap_used, reason = "a test helper")]

use serde_json::{Value, json};

use crate::support::*;

const CHANGE: &str = "2026-11-23T03:00:00Z";

const HEAD: Who = Who("head", SALFORD, "head_of_service");

/// A second edition in which early help is kept for one year, and a class of its own holds no further action.
fn world_editions() -> kernel::edition::Editions {
    second_edition(CHANGE, |parts| {
        for class in parts["retention"].as_array_mut().unwrap() {
            match class["class"].as_str().unwrap() {
                "early_help" => class["years"] = json!(1),
                "no_further_action" => class["class"] = json!("advice"),
                _ => {}
            }
        }
    })
}

async fn preview(world: &World, who: Who, query: &str) -> Vec<Value> {
    let reply = world.get(who, &format!("/api/intake/retention?{query}")).await.expect(200);
    let lines = reply.body["classes"].as_array().unwrap();
    lines.iter().map(|line| json!([line["class"], line["edition"], line["closed"], line["due"], line["without_birth"]])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decided_referral_is_kept_by_the_edition_that_its_decision_cites_and_the_preview_counts_what_would_be_due() {
    let world = World::under("retention", world_editions()).await;
    let decided = async |names: &str, born_on: &str, outcome: &str| {
        let (id, _) = refer(&world, NURSE, &referral(&[names], born_on)).await;
        world.decide(SALFORD_WORKER, &id, &json!({ "outcome": outcome, "reason": "r" })).await.expect(201);
        id
    };
    let shown =
        async |id: &str| world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}")).await.expect(200).body["retention"].clone();
    let help = decided("Marigold Testchild", "2016-03-04", "early_help").await;
    let expected = json!({ "class": "early_help", "edition": 1, "starts_on": "closure", "years": 6, "until": "2032-11-23" });
    assert_eq!(shown(&help).await, expected);
    let (open, _) = refer(&world, NURSE, &referral(&["Rowan Otherchild"], "2012-05-06")).await;
    assert_eq!(shown(&open).await, Value::Null, "nobody has decided");
    let need = decided("Hazel Examplechild", "2010-05-06", "child_in_need_assessment").await;
    assert_eq!(shown(&need).await["until"], "2035-05-06", "25 years after the birth");

    // The second edition is in force: what was closed stays as it was, what is closed now goes by it.
    world.clock.set(instant(CHANGE));
    assert_eq!(shown(&help).await, expected);
    let advice = decided("Goldie Thirdchild", "2015-01-02", "no_further_action").await;
    assert_eq!((&shown(&advice).await["class"], &shown(&advice).await["edition"]), (&json!("advice"), &json!(2)));
    let mut unborn = referral(&[], "2016-03-04");
    unborn["children"] = json!([{ "expected_on": "2027-01-20" }]);
    let (unborn, _) = refer(&world, NURSE, &unborn).await;
    world.decide(SALFORD_WORKER, &unborn, &json!({ "outcome": "child_in_need_assessment", "reason": "r" })).await.expect(201);
    assert_eq!(shown(&unborn).await["until"], Value::Null, "no birth, no first day");
    let elsewhere = json!({ "concern": "c", "referrer": { "name": "n" }, "child_is_now": { "borough": OLDHAM }, "danger_now": "no" });
    let (elsewhere, _) = refer(&world, OLDHAM_WORKER, &elsewhere).await;
    world.decide(OLDHAM_WORKER, &elsewhere, &json!({ "outcome": "early_help", "reason": "r" })).await.expect(201);

    let own = [
        json!(["child_in_need", 1, 1, 1, 0]),
        json!(["early_help", 1, 1, 1, 0]),
        json!(["advice", 2, 1, 1, 0]),
        json!(["child_in_need", 2, 1, 0, 1]),
    ];
    assert_eq!(preview(&world, HEAD, "at=2035-05-06").await, own);
    assert_eq!(preview(&world, HEAD, "at=2032-11-22").await[1], json!(["early_help", 1, 1, 0, 0]), "a day before it is not due");
    assert_eq!(preview(&world, AUDITOR, &format!("at=2035-05-06&borough={SALFORD}")).await, own);
    let all = preview(&world, AUDITOR, "at=2035-05-06").await;
    assert_eq!(all.last(), Some(&json!(["early_help", 2, 1, 1, 0])), "another borough's, under the second edition");
    world.get(HEAD, &format!("/api/intake/retention?at=2035-05-06&borough={OLDHAM}")).await.expect(403);
    for who in [SALFORD_WORKER, NURSE] {
        world.get(who, "/api/intake/retention?at=2035-05-06").await.expect(403);
    }
    for bad in ["at=1999-12-31", "at=soon", ""] {
        world.get(AUDITOR, &format!("/api/intake/retention?{bad}")).await.expect(422);
    }
    let said = world.get(AUDITOR, "/api/intake/retention?at=2035-05-06").await.expect(200).body.to_string();
    for personal in [&help, &unborn, "Marigold", "2016", "chd_"] {
        assert!(!said.contains(personal), "{personal} in {said}");
    }
    assert_eq!(world.count("referral.received").await, 6, "nothing was deleted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_joined_referral_is_kept_as_the_one_in_which_it_is_decided() {
    let world = World::new("retention-joined").await;
    let (call, first) = refer(&world, SALFORD_WORKER, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let (written, second) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let link = json!({ "other": first, "reason": "the same child" });
    world.post(SALFORD_WORKER, &format!("/api/intake/children/{second}/links"), &link).await.expect(201);
    world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{written}/history")).await.expect(200);
    world.change(SALFORD_WORKER, &written, "join", &json!({ "with": call, "reason": "the written form" })).await.expect(201);
    assert_eq!(preview(&world, HEAD, "at=2099-01-01").await, [Value::Null; 0], "neither is closed");
    world.decide(SALFORD_WORKER, &call, &json!({ "outcome": "section_47_enquiry", "reason": "r" })).await.expect(201);
    assert_eq!(preview(&world, HEAD, "at=2061-11-23").await, [json!(["child_protection", 1, 2, 2, 0])]);
    let shown = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{written}")).await.expect(200);
    assert_eq!((&shown.body["retention"], shown.text("/joined_to")), (&Value::Null, call));
    world.end().await;
}
