//! Links, unlinks and births.

use serde_json::{Value, json};

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_links_and_unlinks_and_nothing_is_destroyed() {
    let world = World::new("links").await;
    let (first, one) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let mut elsewhere = referral(&["Quite Another"], "2011-09-01");
    elsewhere["child_is_now"] = json!({ "borough": OLDHAM });
    let (_, two) = refer(&world, OLDHAM_WORKER, &elsewhere).await;
    let links = format!("/api/intake/children/{one}/links");
    let body = json!({ "other": two, "reason": "the grandmother says so" });
    let reply = world.post(SALFORD_WORKER, &links, &body).await.expect(201);
    assert_eq!((&reply.body["child_id"], &reply.body["version"]), (&json!(one), &json!(1)));
    let again = world.post(SALFORD_WORKER, &links, &body).await.expect(201);
    assert_eq!(again.body["version"], 1, "linking twice adds nothing");
    assert_eq!(world.count("child.linked").await, 2, "one at each end");
    let history = async || {
        let reply = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{first}/history")).await.expect(200);
        reply.body["contacts"].as_array().unwrap().len()
    };
    assert_eq!(history().await, 1);
    world.post(SALFORD_WORKER, &format!("/api/intake/children/{one}/unlinks"), &body).await.expect(201);
    assert_eq!(history().await, 0);
    world
        .post(OLDHAM_WORKER, &format!("/api/intake/children/{two}/links"), &json!({ "other": one, "reason": "after all" }))
        .await
        .expect(201);
    assert_eq!(history().await, 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suggestion_that_a_person_has_said_is_another_child_stays_in_sight_with_that_said() {
    let world = World::new("apart").await;
    let (_, one) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let (id, two) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let apart = json!({ "other": one, "reason": "seen together" });
    world.post(SALFORD_WORKER, &format!("/api/intake/children/{two}/unlinks"), &apart).await.expect(201);
    let history = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}/history")).await.expect(200);
    let line = &history.body["contacts"][0];
    assert_eq!((&line["children"], &line["possible"]), (&json!([one]), &json!(true)));
    assert!(line["why"].as_array().unwrap().contains(&json!("a person has said that this is another child")), "{line}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_desk_that_may_see_the_child_links_it_and_only_to_a_child_that_is_there() {
    let world = World::new("nolinks").await;
    let (_, one) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let links = format!("/api/intake/children/{one}/links");
    let nobody = "chd_00000000000000000000000000000007";
    world.post(SALFORD_WORKER, &links, &json!({ "other": nobody, "reason": "r" })).await.expect(422);
    world.post(SALFORD_WORKER, &links, &json!({ "other": one, "reason": "r" })).await.refused(409, "same_record");
    world.post(SALFORD_WORKER, &links, &json!({ "other": one, "reason": " " })).await.expect(422);
    world.post(SALFORD_WORKER, &links, &json!({ "other": "Marigold", "reason": "r" })).await.expect(422);
    world.post(NURSE, &links, &json!({ "other": one, "reason": "r" })).await.expect(403);
    world.post(MANCHESTER_WORKER, &links, &json!({ "other": one, "reason": "r" })).await.expect(404);
    world.post(SALFORD_WORKER, &format!("/api/intake/children/{nobody}/links"), &json!({ "other": one, "reason": "r" })).await.expect(404);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unborn_child_is_expected_and_found_again_after_its_birth() {
    let world = World::new("birth").await;
    let mut unborn = referral(&["Baby Testchild"], "2016-03-04");
    unborn["children"][0] = json!({ "names": ["Unborn Baby Testchild"], "expected_on": "2027-01-20" });
    let (id, child) = refer(&world, NURSE, &unborn).await;
    let path = format!("/api/intake/children/{child}/birth");
    world.post(SALFORD_WORKER, &path, &json!({ "date_of_birth": "2027-01-18" })).await.expect(422);
    world.clock.set("2027-01-19T12:00:00Z".parse().unwrap());
    let born = json!({ "date_of_birth": "2027-01-18", "names": ["Marigold Testchild"] });
    world.post(SALFORD_WORKER, &path, &born).await.expect(201);
    world.post(SALFORD_WORKER, &path, &born).await.refused(409, "already_born");
    let shown = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}")).await.expect(200);
    let about = &shown.body["children"][0];
    assert_eq!((&about["unborn"], &about["date_of_birth"]), (&json!(false), &json!("2027-01-18")));
    assert_eq!(about["names"], json!(["Unborn Baby Testchild", "Marigold Testchild"]), "what was said before stays");
    let next = world.post(NURSE, "/api/intake/referrals", &referral(&["Marigold Testchild"], "2027-01-18")).await.expect(201);
    let found: Vec<&Value> = next.body["children"][0]["possible_matches"].as_array().unwrap().iter().map(|it| &it["child_id"]).collect();
    assert_eq!(found, [&json!(child)]);
    let (_, another) = refer(&world, NURSE, &referral(&["Rowan Otherchild"], "2012-05-06")).await;
    let again = world.post(SALFORD_WORKER, &format!("/api/intake/children/{another}/birth"), &born).await;
    again.refused(409, "not_unborn");
    world.end().await;
}
