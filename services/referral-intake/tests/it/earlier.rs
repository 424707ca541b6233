//! What whoever raised a concern sees of the child's earlier contacts: dates and codes, and nothing that was written.

use proto_events::transfers::{Circumstance, Transfers};
use serde_json::json;

use crate::support::*;

const OTHER_NURSE: Who = Who("other-nurse", "R0A02", "referrer");

pub(crate) fn noted(what: &str, child: &str, circumstance: Circumstance) -> Transfers {
    let (what, children) = (what.to_owned(), vec![child.to_owned()]);
    Transfers::Noted { what, children, borough: None, circumstance: Some(circumstance) }
}

fn police_protection(child: &str) -> [Transfers; 2] {
    let power = || "police_protection".to_owned();
    let (started_at, ends_at) = (instant("2026-11-22T17:15:00Z"), Some(instant("2026-11-25T17:15:00Z")));
    [
        noted("power.started", child, Circumstance::PowerStarted { power: power(), started_at, ends_at }),
        noted("power.ended", child, Circumstance::PowerEnded { power: power() }),
    ]
}

/// An earlier contact from a hospital, with police protection that was used and lifted; and a second hospital's referral. Gives the
/// second one and the first child.
async fn two_hospitals(world: &World) -> (String, String) {
    let (earlier, child) = refer(world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    for event in police_protection(&child) {
        world.transfers_say(&event).await;
    }
    world.decide(SALFORD_WORKER, &earlier, &json!({ "outcome": "child_in_need_assessment", "reason": "the reason" })).await.expect(201);
    let mut body = referral(&["Testchild Marigold"], "2016-03-04");
    body["child_is_now"] = json!({ "borough": MANCHESTER });
    (refer(world, OTHER_NURSE, &body).await.0, child)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_hospital_sees_the_firsts_contact_and_police_protection_as_dates_and_codes() {
    let world = World::new("earlier").await;
    let (id, _) = two_hospitals(&world).await;
    let path = format!("/api/intake/referrals/{id}/history");
    let shown = world.get(OTHER_NURSE, &path).await.expect(200);
    let line = &shown.body["contacts"][0];
    assert_eq!((&line["borough"], &line["from"], &line["raised_by"]), (&json!(SALFORD), &json!(SALFORD_ROYAL), &json!("hospital")));
    assert_eq!((&line["danger_now"], &line["outcome"]), (&json!("yes"), &json!("child_in_need_assessment")));
    assert_eq!((&line["received_at"], &line["possible"]), (&json!("2026-11-23T02:14:00Z"), &json!(true)));
    let powers = json!([{ "power": "police_protection", "started_at": "2026-11-22T17:15:00Z", "ends_at": "2026-11-25T17:15:00Z",
                          "ended_at": "2026-11-23T02:14:00Z" }]);
    assert_eq!(line["powers"], powers);
    assert_eq!((&shown.body["lines_only"], &shown.body["ring"]), (&json!(true), &json!([])));
    let all = shown.body.to_string();
    for kept in ["reference", "Nora Nurse", "A&E nurse", "Bruises", "the reason", "SG-", "chd_"] {
        assert!(!all.contains(kept), "{kept}: {all}");
    }
    assert_eq!(world.count("referral.history_opened").await, 2, "the look is on the record");
    let whole = world.get(MANCHESTER_WORKER, &path).await.expect(200);
    assert_eq!((&whole.body["contacts"][0]["powers"], &whole.body["lines_only"]), (&powers, &json!(false)));
    assert_eq!(whole.text("/contacts/0/who"), "A&E nurse");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_earlier_contacts_by_a_referral_that_is_not_theirs_or_that_the_public_made() {
    let world = World::new("not-theirs").await;
    let (id, _) = two_hospitals(&world).await;
    world.get(NURSE, &format!("/api/intake/referrals/{id}/history")).await.expect(404);
    let mut call = referral(&["Marigold Testchild"], "2016-03-04");
    call["referrer"] = json!({ "anonymous": true });
    call["child_is_now"] = json!({ "borough": MANCHESTER });
    let (call, _) = refer(&world, OLDHAM_WORKER, &call).await;
    world.get(OLDHAM_WORKER, &format!("/api/intake/referrals/{call}")).await.expect(200);
    world.get(OLDHAM_WORKER, &format!("/api/intake/referrals/{call}/history")).await.expect(404);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_shielded_child_a_hospital_is_told_whom_to_ring_and_nothing_else() {
    let world = World::new("shielded").await;
    world.transfers_say(&desk(SALFORD, None)).await;
    let (id, child) = two_hospitals(&world).await;
    // Under a linked record too.
    let (_, linked) = refer(&world, NURSE, &referral(&["Rowan Otherchild"], "2012-05-06")).await;
    let link = json!({ "other": linked, "reason": "r" });
    world.post(SALFORD_WORKER, &format!("/api/intake/children/{child}/links"), &link).await.expect(201);
    world.transfers_say(&noted("child.shield_set", &linked, Circumstance::Shielded { shielded: true })).await;
    let path = format!("/api/intake/referrals/{id}/history");
    let shown = world.get(OTHER_NURSE, &path).await.expect(200);
    assert_eq!(shown.body["contacts"], json!([]));
    let ring = json!([{ "borough": SALFORD, "name": "Salford", "desk": "EDT", "phone": "0161 496 0002" }]);
    assert_eq!(shown.body["ring"], ring);
    assert_eq!(world.get(MANCHESTER_WORKER, &path).await.expect(200).body["contacts"].as_array().unwrap().len(), 1);
    world.transfers_say(&noted("child.shield_set", &linked, Circumstance::Shielded { shielded: false })).await;
    assert_eq!(world.get(OTHER_NURSE, &path).await.expect(200).body["contacts"].as_array().unwrap().len(), 1);
    world.end().await;
}
