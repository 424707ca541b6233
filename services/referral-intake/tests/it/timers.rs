//! Clocks over the running service: late ones fire once, and only record.

use serde_json::json;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_decision_climbs_the_ladder_and_a_decision_ends_that() {
    let world = World::new("timers").await;
    let (id, _) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    world.clock.set("2026-11-23T02:30:00Z".parse().unwrap());
    world.until("nobody opened it: the first level is called", async || world.count("referral.not_seen").await == 1).await;
    world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}")).await.expect(200);
    for (time, levels) in [("2026-11-24T02:20:00Z", 1), ("2026-11-24T02:40:00Z", 2), ("2026-11-24T09:00:00Z", 3)] {
        world.clock.set(time.parse().unwrap());
        world.until("the next level is called", async || world.count("referral.decision_overdue").await == levels).await;
    }
    let listed = world.get(SALFORD_WORKER, "/api/intake/referrals?state=overdue").await.expect(200);
    assert_eq!((&listed.body["items"][0]["level"], &listed.body["items"][0]["overdue"]), (&json!(3), &json!(true)));
    let shown = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}")).await.expect(200);
    assert!(shown.body["entries"].to_string().contains("duty_manager"));
    assert_eq!(shown.etag.as_deref(), Some("\"1\""), "a clock does not make stale what somebody is deciding on");
    world.decide(SALFORD_WORKER, &id, &json!({ "outcome": "early_help", "reason": "r" })).await.expect(201);
    world.clock.set("2026-11-25T09:30:00Z".parse().unwrap());
    world.until("the referrer was not told in time", async || world.count("referral.feedback_overdue").await == 1).await;
    world.change(SALFORD_WORKER, &id, "feedback", &json!({ "text": "told" })).await.expect(201);
    let left: i64 = sqlx::query_scalar("select count(*) from timer").fetch_one(&world.owner).await.unwrap();
    assert_eq!((left, world.count("referral.not_seen").await, world.count("referral.decision_overdue").await), (0, 1, 3));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_cannot_be_fired_do_not_hold_up_the_others() {
    let world = World::new("starved").await;
    world.transfers_say(&desk(SALFORD, None)).await;
    for n in 0..250 {
        let id = format!("no-referral-{n}");
        sqlx::query("insert into timer_danger (referral, danger) values ($1, 'no')").bind(&id).execute(&world.owner).await.unwrap();
        sqlx::query("insert into timer (referral, kind, level, due_at) values ($1, 'decision', 1, '2026-11-01')")
            .bind(&id)
            .execute(&world.owner)
            .await
            .unwrap();
    }
    let (id, _) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    world.clock.set("2026-11-23T02:30:00Z".parse().unwrap());
    world.until("the one that can be fired is fired", async || world.count("referral.not_seen").await == 1).await;
    let shown = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}")).await.expect(200);
    let called = shown.body["entries"][0].clone();
    let rings = json!([{ "borough": SALFORD, "desk": "EDT", "phone": "0161 496 0002" }]);
    assert_eq!((&called["who"], &called["rings"]), (&json!("duty_manager"), &rings), "whom the hub tells to ring, and where");
    world.end().await;
}
