//! Views are made from the log and nothing else, and an erased child is in none of them.

use std::sync::Arc;

use event_store::{digest, rebuild};
use proto_events::transfers::Transfers;
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_view_made_again_from_the_log_equals_the_live_one() {
    let world = World::new("rebuilt").await;
    world.transfers_say(&desk(SALFORD, Some(MANCHESTER))).await;
    let (id, one) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let (_, two) = refer(&world, NURSE, &referral(&["Goldie Testchild"], "2016-03-04")).await;
    world.post(SALFORD_WORKER, &format!("/api/intake/children/{one}/links"), &json!({ "other": two, "reason": "r" })).await.expect(201);
    world.decide(SALFORD_WORKER, &id, &json!({ "outcome": "early_help", "reason": "r" })).await.expect(201);
    let (from, to, transfer) = (SALFORD.to_owned(), MANCHESTER.to_owned(), "trf_00000000000000000000000000000007".to_owned());
    for (child, duty) in [(&one, "emergency_action"), (&one, "plan"), (&two, "emergency_action")] {
        let (child, duty, from, to, transfer) = (child.clone(), duty.to_owned(), from.clone(), to.clone(), transfer.clone());
        world.transfers_say(&Transfers::DutyMoved { child, duty, from, to, transfer }).await;
    }
    world.transfers_say(&Transfers::DutyEnded { child: one, duty: "emergency_action".to_owned(), holder: to }).await;
    for view in referral_intake::views(Arc::clone(&world.vault)) {
        let live = digest(&world.owner, view.tables()).await.unwrap();
        rebuild(&world.owner, view.as_ref(), |_| ()).await.unwrap();
        assert_eq!(digest(&world.owner, view.tables()).await.unwrap(), live, "{}", view.name());
    }
    let next = world.post(NURSE, "/api/intake/referrals", &referral(&["Rowan Otherchild"], "2012-05-06")).await.expect(201);
    assert!(next.text("/reference").starts_with("SG-2026-00003"), "numbers go on after a rebuild");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_child_is_found_no_more_and_its_record_says_so() {
    let world = World::new("erased").await;
    let (id, child) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let (_, sibling) = refer(&world, NURSE, &referral(&["Rowan Otherchild"], "2012-05-06")).await;
    let child_id = child.parse().unwrap();
    world.vault.erase(child_id, world.clock.now()).await.unwrap();
    referral_intake::views::identities::forget(&world.owner, child_id).await.unwrap();
    let indexed = async || -> Vec<String> { sqlx::query_scalar("select child from identity").fetch_all(&world.owner).await.unwrap() };
    assert_eq!(indexed().await, std::slice::from_ref(&sibling));
    for view in referral_intake::views(Arc::clone(&world.vault)) {
        rebuild(&world.owner, view.as_ref(), |_| ()).await.unwrap();
    }
    assert_eq!(indexed().await, [sibling]);
    let shown = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}")).await.expect(200);
    assert_eq!((&shown.body["erased"], &shown.body["concern"]), (&json!(true), &Value::Null));
    assert_eq!(shown.text("/state"), "undecided", "what is no personal data stays");
    world.end().await;
}
