//! The main job: a concern arrives and has an owner in the answer.

use serde_json::{Value, json};

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_has_an_owner_a_deadline_and_a_telephone_number_in_the_answer() {
    let world = World::new("receipt").await;
    let mut body = referral(&["Marigold Testchild"], "2016-03-04");
    body["children"][0]["home"] = json!({ "borough": OLDHAM, "address": "1 Example Street" });
    let first = world.post(NURSE, "/api/intake/referrals", &body).await.expect(201);
    assert_eq!((first.etag.as_deref(), first.position.as_deref()), (Some("\"1\""), Some("intake:1")));
    assert_eq!(first.body["version"], 1);
    assert_eq!(first.body["owner"]["borough"], SALFORD, "where the child is found");
    assert_eq!((first.text("/owner/name"), first.text("/owner/desk")), ("Salford".to_owned(), "desk not set".to_owned()));
    assert_eq!(first.body["owner"]["phone"], Value::Null);
    assert_eq!(first.body["home_borough"], OLDHAM);
    assert_eq!(first.body["decide_by"], "2026-11-24T02:14:00Z", "one working day");
    assert_eq!((first.body["received_at"].as_str(), first.body["edition"].as_u64()), (Some("2026-11-23T02:14:00Z"), Some(1)));
    assert!(first.text("/reference").parse::<kernel::Reference>().is_ok());
    assert_eq!(first.body["children"][0]["possible_matches"], json!([]));

    world.transfers_say(&desk(SALFORD, Some(MANCHESTER))).await;
    let second = world.post(NURSE, "/api/intake/referrals", &body).await.expect(201);
    assert_eq!((second.text("/owner/desk"), second.text("/owner/phone")), ("EDT".to_owned(), "0161 496 0002".to_owned()));
    assert_eq!(second.body["owner"]["answered_by"], MANCHESTER);
    assert_ne!(second.text("/reference"), first.text("/reference"));
    let found = &second.body["children"][0]["possible_matches"][0];
    assert_eq!((&found["child_id"], &found["strength"]), (&first.body["children"][0]["child_id"], &json!("likely")));
    assert!(found["why"].as_array().is_some_and(|why| !why.is_empty()));
    assert!(!second.body.to_string().contains("Marigold"), "the answer is kept with the receipt, so it holds no name");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_known_but_the_four_answers_is_enough() {
    let world = World::new("least").await;
    let least = json!({ "concern": "A child is crying at night.", "referrer": { "anonymous": true }, "child_is_now": "not_known", "danger_now": "not_sure" });
    let reply = world.post(MANCHESTER_WORKER, "/api/intake/referrals", &least).await.expect(201);
    assert_eq!(reply.body["owner"]["borough"], MANCHESTER, "the borough that received it");
    assert_eq!(reply.body["owner"]["because"], "referral_arrived_there");
    assert_eq!(reply.body["children"].as_array().unwrap().len(), 1);
    world.post(NURSE, "/api/intake/referrals", &least).await.refused(409, "professional_must_be_named");

    let not_known_everywhere = json!({
        "concern": "Same.", "referrer": "not_known", "child_is_now": { "site": "not_known", "borough": OLDHAM }, "danger_now": "not_known",
        "children": [{ "names": "not_known", "date_of_birth": "not_known", "age_about": "not_known", "expected_on": "not_known",
            "nhs_number": "not_known", "home": "not_known", "child_says": "not_known" }],
        "with_the_child": "not_known", "parent_knows": "not_known", "needs": "not_known", "done_already": "not_known",
    });
    let reply = world.post(MANCHESTER_WORKER, "/api/intake/referrals", &not_known_everywhere).await.expect(201);
    assert_eq!(reply.body["owner"]["borough"], OLDHAM);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_nhs_number_that_is_none_is_kept_as_text_and_delays_nothing() {
    let world = World::new("nhs").await;
    let mut body = referral(&["Marigold Testchild"], "2016-03-04");
    body["children"][0]["nhs_number"] = json!("943 476 5918");
    let reply = world.post(NURSE, "/api/intake/referrals", &body).await.expect(201);
    assert_eq!(reply.body["children"][0]["nhs_number_kept_as_text"], true);
    let shown = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{}", reply.text("/referral_id"))).await.expect(200);
    assert_eq!(shown.body["children"][0]["nhs_number"], "943 476 5918");
    let indexed: Vec<String> = sqlx::query_scalar("select unnest(keys) from identity").fetch_all(&world.owner).await.unwrap();
    assert!(indexed.iter().all(|key| !key.starts_with("n:")), "left out of matching: {indexed:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_and_body_give_the_same_answer_and_another_body_is_refused() {
    let world = World::new("keys").await;
    let (body, headers) = (referral(&["Marigold Testchild"], "2016-03-04"), [("idempotency-key", "once")]);
    let first = world.post_with(NURSE, "/api/intake/referrals", &headers, &body).await.expect(201);
    let again = world.post_with(NURSE, "/api/intake/referrals", &headers, &body).await.expect(201);
    assert!(!first.replayed && again.replayed);
    assert_eq!((&again.body, &again.etag, &again.position), (&first.body, &first.etag, &first.position));
    let other = referral(&["Another Testchild"], "2016-03-04");
    world.post_with(NURSE, "/api/intake/referrals", &headers, &other).await.expect(422);
    world.post_with(NURSE, "/api/intake/referrals", &[], &body).await.expect(400);
    assert_eq!(world.count("referral.received").await, 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_stands_in_plain_form_in_the_log() {
    let world = World::new("sealed").await;
    let mut body = referral(&["Marigold Testchild"], "2016-03-04");
    body["children"][0]["child_says"] = json!("Marigold-said-this");
    body["children"][0]["home"] = json!({ "address": "1 Marigold Street", "postcode": "OL1 2JH" });
    body["with_the_child"] = json!("Marigold-uncle");
    let (id, _) = refer(&world, NURSE, &body).await;
    world.decide(SALFORD_WORKER, &id, &json!({ "outcome": "early_help", "reason": "Marigold-reason" })).await.expect(201);
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("select data from log.event").fetch_all(&world.owner).await.unwrap();
    let receipts: Vec<Vec<u8>> = sqlx::query_scalar("select body from log.receipt").fetch_all(&world.owner).await.unwrap();
    for bytes in kept.into_iter().chain(receipts) {
        let text = String::from_utf8(bytes).unwrap();
        for secret in ["Marigold", "2016-03-04", "Nora", "0161 496", "OL1 2JH", "Bruises"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    world.end().await;
}
