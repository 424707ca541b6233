//! The written form of a call comes in as a referral of its own, and a person joins the two.

use serde_json::json;

use crate::support::*;

/// A call and its written form, with their children linked. Gives the two referrals.
async fn call_and_form(world: &World) -> (String, String) {
    let (call, one) = refer(world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let (form, two) = refer(world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let link = json!({ "other": one, "reason": "the written form of the call" });
    world.post(SALFORD_WORKER, &format!("/api/intake/children/{two}/links"), &link).await.expect(201);
    (call, form)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_and_its_written_form_are_joined_and_are_one_line_and_both_referrers_are_told() {
    let world = World::new("joins").await;
    let (call, form) = call_and_form(&world).await;
    let join = json!({ "with": call, "reason": "the written form of the call" });
    world.change(SALFORD_WORKER, &form, "join", &join).await.refused(409, "history_not_read");
    world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{form}/history")).await.expect(200);
    let reply = world.change(SALFORD_WORKER, &form, "join", &join).await.expect(201);
    assert_eq!((&reply.body["referral_id"], &reply.body["version"]), (&json!(form), &json!(2)));
    let shown = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{form}")).await.expect(200);
    assert_eq!((shown.text("/state"), shown.text("/joined_to")), ("joined".to_owned(), call.clone()));
    assert!(shown.body["entries"].to_string().contains("the written form of the call"));
    let listed = world.get(SALFORD_WORKER, "/api/intake/referrals?state=undecided").await.expect(200);
    assert_eq!((listed.body["items"].as_array().unwrap().len(), listed.text("/items/0/referral_id")), (1, call.clone()));
    assert_eq!(world.get(SALFORD_WORKER, "/api/intake/referrals?state=joined").await.expect(200).text("/items/0/referral_id"), form);

    let (third, three) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let history = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{third}/history")).await.expect(200);
    assert_eq!((history.body["contacts"].as_array().unwrap().len(), &history.body["contacts"][0]["joined"]), (1, &json!([form])));
    assert_eq!(history.text("/contacts/0/referral_id"), call);
    assert!(three.starts_with("chd_"));
    world.decide(SALFORD_WORKER, &call, &json!({ "outcome": "early_help", "reason": "r" })).await.expect(201);

    world.clock.set("2026-11-25T09:30:00Z".parse().unwrap());
    world.until("neither referrer was told", async || world.count("referral.feedback_overdue").await == 2).await;
    assert_eq!(world.count("referral.decision_overdue").await, 1, "the third alone");
    for referral in [&call, &form] {
        world.change(SALFORD_WORKER, referral, "feedback", &json!({ "text": "told" })).await.expect(201);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_referrals_that_are_joined_to_each_other_at_once_leave_one_to_decide() {
    let world = World::new("crossed").await;
    let (call, form) = call_and_form(&world).await;
    for id in [&call, &form] {
        world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}/history")).await.expect(200);
    }
    let to = |with: &str| json!({ "with": with, "reason": "r" });
    let (there, back) = (to(&call), to(&form));
    let (one, two) = tokio::join!(world.change(SALFORD_WORKER, &form, "join", &there), world.change(SALFORD_WORKER, &call, "join", &back));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{} {}", one.body, two.body);
    let refused = if one.status == 409 { one } else { two };
    refused.refused(409, "joined_elsewhere");
    assert_eq!(world.count("referral.joined").await, 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_is_joined_only_to_one_that_the_person_may_read() {
    let world = World::new("join-unread").await;
    let (call, _) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let mut elsewhere = referral(&["Marigold Testchild"], "2016-03-04");
    elsewhere["child_is_now"] = json!({ "borough": OLDHAM });
    let (other, _) = refer(&world, OLDHAM_WORKER, &elsewhere).await;
    let reply = world.change(SALFORD_WORKER, &call, "join", &json!({ "with": other, "reason": "r" })).await.expect(422);
    assert_eq!(reply.pointers(), ["/with"]);
    assert_eq!(world.change(NURSE, &call, "join", &json!({ "with": other, "reason": "r" })).await.status, 403);
    world.end().await;
}
