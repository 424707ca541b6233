//! The form of the edition in force at the instant of receipt, obeyed.

#![expect(clippy::unwrap_used, reason = "a test helper")]

use serde_json::{Map, Value, json};

use crate::{decisions::found, support::*};

const REFERRALS: &str = "/api/intake/referrals";

/// From when the second edition is in force.
const CHANGE: &str = "2026-11-23T03:00:00Z";

/// Makes these fields of the form compulsory, and no other.
fn compulsory(parts: &mut Map<String, Value>, names: &[&str]) {
    for field in parts["form"].as_array_mut().unwrap() {
        let name = field["name"].as_str().unwrap().to_owned();
        field["compulsory"] = names.contains(&name.as_str()).into();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_edition_in_force_at_the_receipt_makes_compulsory_is_asked_for_and_nothing_else() {
    let world = World::under("form", second_edition(CHANGE, |parts| compulsory(parts, &["concern", "names", "home", "needs"]))).await;
    let body = json!({
        "concern": "  ", "referrer": { "name": "Nora Nurse" }, "child_is_now": "not_known", "danger_now": "not_known",
        "children": [{ "names": ["Marigold Testchild"], "home": "not_known" }, { "date_of_birth": "2030-01-01" }],
    });
    let first = world.post(NURSE, REFERRALS, &body).await.expect(422);
    assert_eq!(first.pointers(), ["/children/1/date_of_birth", "/concern"], "the first edition asks neither names nor needs");

    let mut good = body.clone();
    good["concern"] = json!("Bruises on both arms.");
    good["children"][1] = json!({});
    let before = world.post_with(NURSE, REFERRALS, &[("idempotency-key", "before")], &good).await.expect(201);
    assert_eq!(before.body["edition"], 1);

    world.clock.set(instant(CHANGE));
    let refused = world.post(NURSE, REFERRALS, &body).await.expect(422);
    let all = ["/children/1/names", "/children/1/home", "/needs", "/children/1/date_of_birth", "/concern"];
    assert_eq!(refused.pointers(), all, "every fault at once");
    let said: Vec<&str> = refused.body["errors"].as_array().unwrap().iter().filter_map(|fault| fault["detail"].as_str()).collect();
    assert_eq!(said[2], "Is an interpreter needed, or is there a disability? Say it, or answer \"not_known\".");

    // The same command under its key has the first answer, whatever is asked since.
    let again = world.post_with(NURSE, REFERRALS, &[("idempotency-key", "before")], &good).await.expect(201);
    assert!(again.replayed && again.body == before.body, "{}", again.body);

    for missing in [json!({}), json!({ "child_is_now": null, "danger_now": null })] {
        let mut after = json!({
            "concern": "Bruises on both arms.", "referrer": { "name": "Nora Nurse" }, "needs": "not_known", "children": "not_known",
        });
        after.as_object_mut().unwrap().extend(missing.as_object().unwrap().clone());
        let taken = world.post(NURSE, REFERRALS, &after).await.expect(201);
        assert_eq!((&taken.body["edition"], &taken.text("/owner/because")[..]), (&json!(2), "referral_arrived_there"));
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_an_edition_has_taken_out_is_not_asked_and_what_is_said_all_the_same_is_kept_and_can_be_corrected() {
    let without = |parts: &mut Map<String, Value>| {
        compulsory(parts, &[]);
        let form = parts["form"].as_array_mut().unwrap();
        form.retain(|field| field["name"] != "needs" && field["name"] != "danger_now");
        form[0]["name"] = json!("shoe_size");
        form[0]["compulsory"] = json!(true);
    };
    let world = World::under("taken-out", second_edition(CHANGE, without)).await;
    world.clock.set(instant(CHANGE));
    let mut body = referral(&["Marigold Testchild"], "2016-03-04");
    body.as_object_mut().unwrap().remove("danger_now");
    body["needs"] = json!("A signer.");
    let (id, _) = refer(&world, NURSE, &body).await;
    let path = format!("{REFERRALS}/{id}");
    let shown = world.get(SALFORD_WORKER, &path).await.expect(200);
    assert_eq!((shown.text("/needs"), shown.text("/danger_now")), ("A signer.".to_owned(), "not_sure".to_owned()));
    assert_eq!(shown.body["edition"], 2);
    world.change(NURSE, &id, "corrections", &json!({ "field": "needs", "text": "A lip speaker." })).await.expect(201);
    let received: String = sqlx::query_scalar("select convert_from(data, 'utf8') from log.event where type = 'referral.received'")
        .fetch_one(&world.owner)
        .await
        .unwrap();
    let filled = found(&serde_json::from_str(&received).unwrap(), "filled");
    assert_eq!(filled, json!(["concern", "referrer", "child_is_now", "names", "date_of_birth", "needs"]));

    // What the domain cannot do without stays, whatever an edition says: here not even the concern is in its form.
    assert_eq!(world.post(NURSE, REFERRALS, &json!({})).await.expect(422).pointers(), ["/concern"]);
    let unnamed = json!({ "concern": "Bruises on both arms." });
    world.post(NURSE, REFERRALS, &unnamed).await.refused(409, "professional_must_be_named");
    let called = world.post(SALFORD_WORKER, REFERRALS, &unnamed).await.expect(201);
    assert_eq!((called.text("/owner/borough"), &called.body["edition"]), (SALFORD.to_owned(), &json!(2)));
    world.end().await;
}
