//! Local variations.

use serde_json::{Value, json};

use crate::support::*;

const LIST: &str = "/api/procedures/variations";

fn variation(from: Option<&str>, until: &str) -> Value {
    let mut body = json!({
        "procedure": "police-protection", "text": "Ring the other station first.", "reason": "The custody suite is closed.",
        "owner": "head of the front door", "until": until
    });
    if let Some(from) = from {
        body["from"] = from.into();
    }
    body
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["variation_id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variation_is_shown_with_its_procedure_to_everybody_while_it_holds_and_expires_by_itself() {
    let world = World::new("variations").await;
    world.adopt(&[procedure("police-protection", "Police protection"), procedure("unborn-child", "Unborn child")]).await;
    let until = "2027-02-01T00:00:00Z";
    world.post(SALFORD_WORKER, LIST, &variation(None, until)).await.refused(403, "forbidden");
    let unknown = json!({ "procedure": "nowhere", "text": "x", "reason": "x", "owner": "x", "until": until });
    assert_eq!(world.post(SALFORD_HEAD, LIST, &unknown).await.expect(422).pointers(), ["/procedure"]);
    world.post(SALFORD_HEAD, LIST, &variation(None, "2027-05-23T03:14:01Z")).await.refused(409, "variation_too_long");
    let before = world.clock.now();
    world.clock.set(before + std::time::Duration::from_secs(60));
    let made = world.post(SALFORD_HEAD, LIST, &variation(None, until)).await.expect(201);
    let id = made.text("/variation_id");
    world.post(SALFORD_HEAD, LIST, &variation(Some("2027-01-01T00:00:00Z"), until)).await.refused(409, "variations_overlap");

    // A nurse, a worker elsewhere and the board see the same.
    for who in [NURSE, MANCHESTER_WORKER, AUDITOR] {
        let list = world.get(who, LIST).await.expect(200).body;
        assert_eq!(ids(&list["items"]), [&id], "{list}");
        let item = &list["items"][0];
        assert_eq!(
            (&item["state"], &item["borough_name"], &item["owner"]),
            (&json!("in_force"), &json!("Salford"), &json!("head of the front door"))
        );
        let shown = world.get(who, "/api/procedures/police-protection").await.expect(200).body;
        assert_eq!(ids(&shown["variations"]), [&id]);
        assert_eq!(world.get(who, "/api/procedures/unborn-child").await.expect(200).body["variations"], json!([]));
    }
    let at = |when: &str| format!("{LIST}?at={when}");
    assert_eq!(world.get(NURSE, &at(&before.to_string())).await.expect(200).body["items"], json!([]), "not yet");
    assert_eq!(ids(&world.get(NURSE, &at("2027-01-31T23:59:59Z")).await.expect(200).body["items"]), [&id]);
    assert_eq!(world.get(NURSE, &at(until)).await.expect(200).body["items"], json!([]), "over by itself");
    let elsewhere = world.get(NURSE, &format!("{LIST}?borough={MANCHESTER}")).await.expect(200).body;
    assert_eq!(elsewhere["items"], json!([]));
    assert_eq!(world.get(NURSE, &format!("{LIST}?borough=E08000099")).await.status, 422);

    // Fourteen days before its end a clock says so, and at the end, once each.
    assert_eq!((world.count("variation.expires_soon").await, world.count("variation.expired").await), (0, 0));
    world.clock.set("2027-01-18T00:00:00Z".parse().unwrap());
    world.until("the notice is recorded", async || world.count("variation.expires_soon").await == 1).await;
    let near = async |at: &str| {
        let listed = world.get(NURSE, &format!("{LIST}?at={at}")).await.expect(200).body;
        let shown = world.get(NURSE, &format!("/api/procedures/police-protection?at={at}")).await.expect(200).body;
        (listed["items"][0]["ends_soon"].clone(), shown["variations"][0]["ends_soon"].clone())
    };
    assert_eq!(near("2027-01-18T00:00:00Z").await, (json!(true), json!(true)), "wherever it is shown");
    assert_eq!(near("2027-01-17T23:59:59Z").await, (json!(false), json!(false)));
    world.clock.set(until.parse().unwrap());
    assert_eq!(world.get(NURSE, LIST).await.expect(200).body["items"], json!([]), "whether or not the clock has fired");
    world.until("the end is recorded", async || world.count("variation.expired").await == 1).await;
    let all = world.get(AUDITOR, "/api/procedures/variations/all").await.expect(200).body;
    assert_eq!((ids(&all["items"]), &all["items"][0]["state"]), (vec![id.as_str()], &json!("expired")));
    world.get(NURSE, "/api/procedures/variations/all").await.refused(403, "forbidden");
    assert_eq!((world.count("variation.expires_soon").await, world.count("variation.expired").await), (1, 1));

    // Going on takes a new one that names the old.
    world.post(SALFORD_HEAD, LIST, &variation(None, "2027-04-01T00:00:00Z")).await.refused(409, "names_no_old");
    let mut renewal = variation(None, "2027-04-01T00:00:00Z");
    renewal["renews"] = id.as_str().into();
    world.post(SALFORD_HEAD, LIST, &renewal).await.expect(201);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variation_is_ended_early_by_its_own_borough_on_the_version_that_was_read() {
    let world = World::new("ended").await;
    world.adopt(&[procedure("police-protection", "Police protection")]).await;
    let made = world.post(SALFORD_HEAD, LIST, &variation(None, "2027-02-01T00:00:00Z")).await.expect(201);
    let at = format!("{LIST}/{}", made.text("/variation_id"));
    let end = json!({ "reason": "The custody suite is open again." });
    let key = world.key();
    world.post_with(SALFORD_HEAD, &format!("{at}/end"), &[("idempotency-key", &key)], &end).await.refused(428, "version_required");
    let stale = [("idempotency-key", key.as_str()), ("if-match", "\"7\"")];
    world.post_with(SALFORD_HEAD, &format!("{at}/end"), &stale, &end).await.refused(412, "stale");
    let elsewhere = Who("mah", MANCHESTER, "head_of_service");
    world.change(elsewhere, &at, "end", &end).await.refused(409, "not_your_borough");
    world.clock.set(world.clock.now() + std::time::Duration::from_secs(60));
    let ended = world.change(SALFORD_HEAD, &at, "end", &end).await.expect(200);
    assert_eq!(ended.body["in_force"], false);
    assert_eq!(world.get(NURSE, LIST).await.expect(200).body["items"], json!([]));
    let shown = world.get(NURSE, &at).await.expect(200).body;
    assert_eq!((&shown["state"], &shown["ended_because"]), (&json!("ended"), &end["reason"]));
    world.end().await;
}
