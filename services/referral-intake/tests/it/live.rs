//! The live queue of a desk.

use serde_json::json;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_follows_what_concerns_it_and_goes_on_after_the_last_id() {
    let world = World::new("live").await;
    let path = |borough: &str| format!("/api/intake/desks/{borough}/events");
    for who in [OLDHAM_WORKER, NURSE, AUDITOR] {
        world.get(who, &path(SALFORD)).await.expect(403);
    }
    let mut body = referral(&["Marigold Testchild"], "2016-03-04");
    body["children"][0]["home"] = json!({ "borough": OLDHAM });
    let (first, _) = refer(&world, NURSE, &body).await;
    world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{first}")).await.expect(200);
    world.decide(SALFORD_WORKER, &first, &json!({ "outcome": "early_help", "reason": "the reason" })).await.expect(201);
    let heard = world.heard(SALFORD_WORKER, &path(SALFORD), "0", "referral_decided").await;
    assert!(heard.contains("event: referral_received") && heard.contains("id: 1\n") && heard.contains(&first), "{heard}");
    for kept in ["referral.viewed", "referral.history_opened", "Bruises", "the reason", "Marigold"] {
        assert!(!heard.contains(kept), "{kept}: {heard}");
    }
    let home = world.heard(OLDHAM_WORKER, &path(OLDHAM), "0", "referral_received").await;
    assert!(home.contains(&first), "the home borough is told: {home}");
    let (second, _) = refer(&world, NURSE, &referral(&["Rowan Otherchild"], "2012-05-06")).await;
    let on = world.heard(SALFORD_WORKER, &path(SALFORD), "4", "referral_received").await;
    assert!(on.contains(&second) && !on.contains(&first), "{on}");
    for bad in ["x", "-1", "99"] {
        assert_eq!(world.heard_status(SALFORD_WORKER, &path(SALFORD), bad).await, 400);
    }
    world.end().await;
}
