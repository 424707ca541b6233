//! Who sees what. That a referral exists is a secret too.

use proto_events::transfers::Transfers;
use serde_json::json;

use crate::support::*;

async fn with_home(world: &World) -> (String, String) {
    let mut body = referral(&["Marigold Testchild"], "2016-03-04");
    body["children"][0]["home"] = json!({ "borough": OLDHAM });
    refer(world, NURSE, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_home_borough_and_referrer_see_a_referral_and_for_everybody_else_it_is_not_there() {
    let world = World::new("access").await;
    let (id, _) = with_home(&world).await;
    let path = format!("/api/intake/referrals/{id}");
    for (who, yours) in [(SALFORD_WORKER, "owner"), (OLDHAM_WORKER, "home"), (NURSE, "referrer")] {
        let reply = world.get(who, &path).await.expect(200);
        assert_eq!((reply.text("/yours"), reply.etag.as_deref()), (yours.to_owned(), Some("\"1\"")));
        assert_eq!(reply.text("/concern"), "Bruises on both arms; the story does not fit.");
        assert_eq!(reply.text("/children/0/names/0"), "Marigold Testchild");
    }
    let other_nurse = Who("other", "R0A02", "referrer");
    for who in [MANCHESTER_WORKER, other_nurse, AUDITOR] {
        for what in ["", "/history"] {
            world.get(who, &format!("{path}{what}")).await.expect(404);
        }
        let reply = world.change(who, &id, "information", &json!({ "text": "x" })).await;
        assert!(matches!(reply.status, 403 | 404), "{}", reply.body);
    }
    world.get(Who("op", "board", "hub_operator"), &path).await.expect(403);
    assert_eq!(world.count("referral.viewed").await, 3, "each look is on the record, and no other");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referrer_sees_how_far_things_are_and_not_the_boroughs_notes() {
    let world = World::new("notes").await;
    let (id, _) = with_home(&world).await;
    world.change(NURSE, &id, "information", &json!({ "text": "A second bruise.", "written_form": true })).await.expect(201);
    world.decide(SALFORD_WORKER, &id, &json!({ "outcome": "section_47_enquiry", "reason": "the reason of the borough" })).await.expect(201);
    world.change(SALFORD_WORKER, &id, "withholdings", &json!({ "what": "the new address", "reason": "danger" })).await.expect(201);
    world.change(SALFORD_WORKER, &id, "feedback", &json!({ "text": "We will visit today." })).await.expect(201);
    let reply = world.get(NURSE, &format!("/api/intake/referrals/{id}")).await.expect(200);
    assert_eq!(reply.text("/state"), "decided");
    let seen = reply.body["entries"].to_string();
    for shown in ["A second bruise.", "section_47_enquiry", "We will visit today."] {
        assert!(seen.contains(shown), "{seen}");
    }
    for kept in ["the reason of the borough", "the new address", "Name of sal"] {
        assert!(!seen.contains(kept), "{seen}");
    }
    let owner = world.get(OLDHAM_WORKER, &format!("/api/intake/referrals/{id}")).await.expect(200);
    assert!(owner.body["entries"].to_string().contains("the reason of the borough"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_borough_that_takes_over_a_duty_reads_the_referral_and_decides() {
    let world = World::new("moved").await;
    let (id, child) = with_home(&world).await;
    let path = format!("/api/intake/referrals/{id}");
    world.get(MANCHESTER_WORKER, &path).await.expect(404);
    let moved = |from: &str, to: &str| Transfers::DutyMoved {
        child: child.clone(),
        duty: "emergency_action".to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
        transfer: "trf_00000000000000000000000000000007".to_owned(),
    };
    world.transfers_say(&moved(SALFORD, MANCHESTER)).await;
    let reply = world.get_after(MANCHESTER_WORKER, &path, "transfers:1").await.expect(200);
    assert_eq!(reply.text("/yours"), "holder");
    world.decide(MANCHESTER_WORKER, &id, &json!({ "outcome": "section_47_enquiry", "reason": "ours now" })).await.expect(201);
    world.transfers_say(&moved(MANCHESTER, OLDHAM)).await;
    assert_eq!(world.get(MANCHESTER_WORKER, &path).await.expect(200).text("/yours"), "shared");
    let again = world.decide(MANCHESTER_WORKER, &id, &json!({ "outcome": "early_help", "reason": "x" })).await;
    again.refused(409, "not_yours_to_decide");
    world.get(SALFORD_WORKER, &path).await.expect(200);
    let overrules = world.decide(SALFORD_WORKER, &id, &json!({ "outcome": "no_further_action", "reason": "x" })).await;
    overrules.refused(409, "not_yours_to_decide");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_records_say_who_answers_for_the_child_now_and_whom_to_ring() {
    let world = World::new("holds").await;
    let (id, child) = with_home(&world).await;
    let path = format!("/api/intake/referrals/{id}");
    world.transfers_say(&desk(MANCHESTER, None)).await;
    let listed = async |who: Who| {
        let reply = world.get(who, "/api/intake/referrals").await.expect(200);
        (reply.text("/items/0/yours"), reply.body["items"][0]["holds_now"].clone())
    };
    assert_eq!(listed(SALFORD_WORKER).await, ("owner".to_owned(), json!([SALFORD])));
    let (duty, from, to) = ("emergency_action".to_owned(), SALFORD.to_owned(), MANCHESTER.to_owned());
    let transfer = "trf_00000000000000000000000000000007".to_owned();
    world.transfers_say(&Transfers::DutyMoved { child: child.clone(), duty: duty.clone(), from, to, transfer }).await;
    let stand = [(MANCHESTER_WORKER, "holder"), (SALFORD_WORKER, "shared"), (OLDHAM_WORKER, "home"), (NURSE, "referrer")];
    for (who, yours) in stand {
        assert_eq!(listed(who).await, (yours.to_owned(), json!([MANCHESTER])));
        let shown = world.get(who, &path).await.expect(200);
        assert_eq!((shown.text("/yours"), shown.text("/holds_now/0/borough")), (yours.to_owned(), MANCHESTER.to_owned()));
        assert_eq!((shown.text("/holds_now/0/desk"), shown.text("/holds_now/0/phone")), ("EDT".to_owned(), "0161 496 0002".to_owned()));
        assert_eq!(shown.text("/owner/borough"), SALFORD, "where it began stays readable");
    }
    world.transfers_say(&Transfers::DutyEnded { child, duty, holder: MANCHESTER.to_owned() }).await;
    assert_eq!(listed(MANCHESTER_WORKER).await, ("holder".to_owned(), json!([MANCHESTER])), "that it has ended does not give it back");
    assert_eq!(listed(SALFORD_WORKER).await.0, "shared");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_team_acts_for_a_borough_that_it_covers_while_the_night_lasts() {
    let world = World::new("night").await;
    world.transfers_say(&desk(SALFORD, Some(MANCHESTER))).await;
    let (id, _) = with_home(&world).await;
    let (path, list) = (format!("/api/intake/referrals/{id}"), format!("/api/intake/referrals?borough={SALFORD}"));
    world.get(MANCHESTER_WORKER, &path).await.expect(200);
    world.get(MANCHESTER_WORKER, &list).await.expect(200);
    world.get(OLDHAM_WORKER, &list).await.expect(403);
    world.clock.set("2026-11-23T10:00:00Z".parse().unwrap());
    world.get(MANCHESTER_WORKER, &path).await.expect(404);
    world.get(MANCHESTER_WORKER, &list).await.expect(403);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_day_on_which_the_boroughs_desk_is_closed_the_night_team_is_rung_and_acts() {
    let world = World::new("closed").await;
    let Transfers::DeskSet { borough, day_phone, night_phone, covered_by, hours, .. } = desk(SALFORD, Some(MANCHESTER)) else {
        panic!("a desk")
    };
    let closed_on = vec!["2026-11-24".to_owned()];
    world.transfers_say(&Transfers::DeskSet { borough, day_phone, night_phone, covered_by, hours, closed_on }).await;
    let (id, _) = with_home(&world).await;
    let path = format!("/api/intake/referrals/{id}");
    world.clock.set("2026-11-24T11:00:00Z".parse().unwrap());
    let shown = world.get(SALFORD_WORKER, &path).await.expect(200);
    assert_eq!((shown.text("/owner/desk"), shown.text("/owner/phone")), ("EDT".to_owned(), "0161 496 0002".to_owned()));
    world.get(MANCHESTER_WORKER, &path).await.expect(200);
    world.clock.set("2026-11-25T11:00:00Z".parse().unwrap());
    assert_eq!(world.get(SALFORD_WORKER, &path).await.expect(200).text("/owner/phone"), "0161 496 0001");
    world.get(MANCHESTER_WORKER, &path).await.expect(404);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_as_fresh_as_it_was_asked_to_be() {
    let world = World::new("fresh").await;
    let reply = world.post(NURSE, "/api/intake/referrals", &referral(&["A Testchild"], "2016-03-04")).await.expect(201);
    let path = format!("/api/intake/referrals?borough={SALFORD}");
    let listed = world.get_after(SALFORD_WORKER, &path, &reply.position.clone().unwrap()).await.expect(200);
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
    world.get_after(SALFORD_WORKER, &path, "intake:99").await.refused(503, "not_yet_visible");
    world.get_after(SALFORD_WORKER, &path, "transfers:99").await.refused(503, "not_yet_visible");
    world.end().await;
}
