//! Lists: one's own borough, and what one has sent.

#![expect(clippy::unwrap_used, reason = "a test helper")]

use serde_json::json;

use crate::support::*;

fn ids(reply: &Reply) -> Vec<String> {
    reply.body["items"].as_array().unwrap().iter().map(|entry| entry["referral_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_lists_its_own_boroughs_referrals_by_state() {
    let world = World::new("lists").await;
    let mut body = referral(&["Marigold Testchild"], "2016-03-04");
    body["children"][0]["home"] = json!({ "borough": OLDHAM });
    let (first, _) = refer(&world, NURSE, &body).await;
    let (second, _) = refer(&world, NURSE, &referral(&["Rowan Otherchild"], "2012-05-06")).await;
    world.decide(SALFORD_WORKER, &second, &json!({ "outcome": "early_help", "reason": "r" })).await.expect(201);
    world.change(NURSE, &first, "withdrawal", &json!({ "reason": "r" })).await.expect(201);
    let listed = async |who: Who, query: &str| ids(&world.get(who, &format!("/api/intake/referrals{query}")).await.expect(200));
    let both = [first.clone(), second.clone()];
    assert_eq!(listed(SALFORD_WORKER, "").await, both, "one's own borough where nothing is said");
    assert_eq!(listed(SALFORD_WORKER, "?state=undecided").await, std::slice::from_ref(&first));
    assert_eq!(listed(SALFORD_WORKER, "?state=decided").await, std::slice::from_ref(&second));
    assert_eq!(listed(SALFORD_WORKER, "?state=withdrawn").await, std::slice::from_ref(&first));
    assert_eq!(listed(OLDHAM_WORKER, &format!("?borough={OLDHAM}")).await, std::slice::from_ref(&first), "the home borough is told");
    assert!(listed(MANCHESTER_WORKER, "").await.is_empty());
    assert_eq!(listed(NURSE, "?mine=true").await, both);
    assert!(listed(Who("other", "R0A02", "referrer"), "?mine=true").await.is_empty());
    assert!(listed(SALFORD_WORKER, "?state=overdue").await.is_empty());
    world.clock.set("2026-11-24T03:00:00Z".parse().unwrap());
    assert_eq!(listed(SALFORD_WORKER, "?state=overdue").await, [first]);
    assert_eq!(listed(SALFORD_WORKER, "?state=feedback_overdue").await, [second]);
    let entries = world.get(SALFORD_WORKER, "/api/intake/referrals").await.expect(200);
    assert_eq!((&entries.body["items"][0]["yours"], &entries.body["items"][1]["feedback"]["state"]), (&json!("owner"), &json!("overdue")));
    assert!(!entries.body.to_string().contains("Marigold"), "no content of any case is in a list");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_lists_another_boroughs_referrals() {
    let world = World::new("others").await;
    let path = format!("/api/intake/referrals?borough={SALFORD}");
    for who in [MANCHESTER_WORKER, NURSE, AUDITOR, Who("op", "board", "hub_operator")] {
        world.get(who, &path).await.expect(403);
    }
    world.get(SALFORD_WORKER, "/api/intake/referrals?state=marigold").await.expect(422);
    world.get(SALFORD_WORKER, "/api/intake/referrals?limit=0").await.expect(422);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_and_miss_nothing() {
    let world = World::new("pages").await;
    let mut sent = Vec::new();
    for day in 1..=5 {
        sent.push(refer(&world, NURSE, &referral(&["Somebody"], &format!("2016-03-0{day}"))).await.0);
    }
    let (mut seen, mut next) = (Vec::new(), Some("/api/intake/referrals?limit=2".to_owned()));
    while let Some(path) = next {
        let reply = world.get(SALFORD_WORKER, &path).await.expect(200);
        seen.extend(ids(&reply));
        next = reply.link.as_deref().map(|link| link.trim_start_matches('<').split('>').next().unwrap().to_owned());
    }
    sent.sort();
    seen.sort();
    assert_eq!(seen, sent);
    world.end().await;
}
