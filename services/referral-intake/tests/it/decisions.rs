//! History before decision; decisions on the version that was read.

use serde_json::{Value, json};

use crate::support::*;

fn outcome(outcome: &str) -> Value {
    json!({ "outcome": outcome, "reason": "seen and spoken to" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_waits_until_this_person_has_seen_every_earlier_contact_in_every_borough() {
    let world = World::new("history").await;
    let mut in_oldham = referral(&["Marigold Testchild"], "2016-03-04");
    in_oldham["child_is_now"] = json!({ "borough": OLDHAM });
    let (earlier, _) = refer(&world, OLDHAM_WORKER, &in_oldham).await;
    world.decide(OLDHAM_WORKER, &earlier, &outcome("no_further_action")).await.expect(201);

    let (id, child) = refer(&world, NURSE, &referral(&["Testchild Marigold"], "2016-04-03")).await;
    world.change(SALFORD_WORKER, &id, "decisions", &outcome("section_47_enquiry")).await.refused(409, "history_not_read");
    let history = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}/history")).await.expect(200);
    let line = &history.body["contacts"][0];
    assert_eq!((&line["borough"], &line["outcome"], &line["who"]), (&json!(OLDHAM), &json!("no_further_action"), &json!("A&E nurse")));
    assert_eq!((&line["possible"], &line["referral_id"], &line["danger_now"]), (&json!(true), &json!(earlier), &json!("yes")));
    assert!(line["why"].as_array().is_some_and(|why| !why.is_empty()));
    assert_eq!(history.body["contacts_in_12_months"], 1, "a possible contact is shown and not counted");
    assert_eq!(world.count("referral.history_opened").await, 2);

    refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    world.change(SALFORD_WORKER, &id, "decisions", &outcome("section_47_enquiry")).await.refused(409, "history_changed");
    let reply = world.decide(SALFORD_WORKER, &id, &outcome("section_47_enquiry")).await.expect(201);
    assert_eq!((&reply.body["version"], reply.etag.as_deref()), (&json!(2), Some("\"2\"")), "looking does not make a version stale");
    assert_eq!(reply.body["edition"], 1);
    assert!(reply.text("/duty").starts_with("emergency_action ends if your borough holds it"));
    assert!(child.starts_with("chd_"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_shown_nothing_has_not_looked() {
    let world = World::new("head").await;
    let (id, _) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    for what in ["", "/history"] {
        world.head(SALFORD_WORKER, &format!("/api/intake/referrals/{id}{what}")).await.expect(405);
    }
    assert_eq!((world.count("referral.history_opened").await, world.count("referral.viewed").await), (0, 0));
    world.change(SALFORD_WORKER, &id, "decisions", &outcome("early_help")).await.refused(409, "history_not_read");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_contact_within_a_year_takes_a_reason_and_linked_records_count() {
    let world = World::new("third").await;
    let mut records = Vec::new();
    for names in [["Marigold Testchild"], ["Goldie Testchild"], ["M Testchild"]] {
        records.push(refer(&world, NURSE, &referral(&names, "2016-03-04")).await);
    }
    for (_, other) in &records[1..] {
        let link = json!({ "other": other, "reason": "same mother, same school" });
        world.post(SALFORD_WORKER, &format!("/api/intake/children/{}/links", records[0].1), &link).await.expect(201);
    }
    let id = &records[2].0;
    let history = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}/history")).await.expect(200);
    assert_eq!((&history.body["contacts_in_12_months"], &history.body["repeat_prompt"]), (&json!(3), &json!(true)));
    assert!(history.body["contacts"].as_array().unwrap().iter().all(|line| line["possible"] == json!(false)));
    world.change(SALFORD_WORKER, id, "decisions", &outcome("no_further_action")).await.refused(409, "repeat_prompt_needed");
    let with_reason = json!({ "outcome": "no_further_action", "reason": "r", "repeat_prompt": "the school is already working with them" });
    world.change(SALFORD_WORKER, id, "decisions", &with_reason).await.expect(201);
    world.clock.set("2028-01-03T12:00:00Z".parse().unwrap());
    let later = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}/history")).await.expect(200);
    assert_eq!(later.body["contacts_in_12_months"], 1, "the year is over");
    assert_eq!(later.body["contacts"].as_array().unwrap().len(), 2, "the two years are not");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_takes_the_version_it_was_decided_on_and_a_stale_one_is_told_the_state_now() {
    let world = World::new("versions").await;
    let (id, _) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let path = format!("/api/intake/referrals/{id}/information");
    let body = json!({ "text": "more" });
    world.post(NURSE, &path, &body).await.expect(428);
    world.post_with(NURSE, &path, &[("idempotency-key", "a"), ("if-match", "1")], &body).await.expect(400);
    world.post_with(NURSE, &path, &[("if-match", "\"1\"")], &body).await.expect(400);
    world.post_with(NURSE, &path, &[("idempotency-key", "b"), ("if-match", "\"1\"")], &body).await.expect(201);
    let stale = world.post_with(OLDHAM_WORKER, &path, &[("idempotency-key", "c"), ("if-match", "\"1\"")], &body).await;
    assert_eq!(stale.status, 404, "a stranger learns nothing, not even that it is stale");
    let stale = world.post_with(SALFORD_WORKER, &path, &[("idempotency-key", "d"), ("if-match", "\"1\"")], &body).await.expect(412);
    assert_eq!(
        (stale.body["version"].as_i64(), stale.text("/changed_by/id"), stale.text("/state/state")),
        (Some(2), "nurse".to_owned(), "undecided".to_owned())
    );
    let replay = world.post_with(NURSE, &path, &[("idempotency-key", "b"), ("if-match", "\"1\"")], &body).await.expect(201);
    assert!(replay.replayed, "a repetition is answered though the version has moved on");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_superseded_and_both_stay_readable() {
    let world = World::new("superseded").await;
    let (id, _) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let first = world.decide(SALFORD_WORKER, &id, &outcome("early_help")).await.expect(201);
    let second = world.decide(SALFORD_WORKER, &id, &outcome("immediate_protection")).await.expect(201);
    assert_eq!(second.text("/supersedes"), first.text("/decision_id"));
    let shown = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}")).await.expect(200);
    let outcomes: Vec<&Value> =
        shown.body["entries"].as_array().unwrap().iter().map(|entry| &entry["outcome"]).filter(|it| !it.is_null()).collect();
    assert_eq!(outcomes, [&json!("early_help"), &json!("immediate_protection")]);
    for who in [NURSE, Who("system", SALFORD, "borough_system"), Who("author", SALFORD, "procedure_author")] {
        world.change(who, &id, "decisions", &outcome("early_help")).await.expect(403);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_that_is_added_follows_the_rules() {
    let world = World::new("added").await;
    let (id, _) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    let checks = json!({ "with": "school and GP" });
    world.change(SALFORD_WORKER, &id, "checks", &checks).await.refused(409, "agreement_or_lawful_reason_needed");
    let lawful = json!({ "with": "school and GP", "lawful_reason": "asking would put the child at risk" });
    world.change(SALFORD_WORKER, &id, "checks", &lawful).await.expect(201);
    world.change(SALFORD_WORKER, &id, "cpis-checks", &json!({ "outcome": "no_answer" })).await.expect(201);
    world.change(NURSE, &id, "corrections", &json!({ "field": "home", "text": "It is number 7." })).await.expect(201);
    let wrong = world.change(NURSE, &id, "corrections", &json!({ "field": "colour", "text": "x" })).await.expect(422);
    assert_eq!(wrong.pointers(), ["/field"]);
    world.change(SALFORD_WORKER, &id, "withdrawal", &json!({ "reason": "x" })).await.refused(409, "not_the_referrer");
    world.change(NURSE, &id, "withdrawal", &json!({ "reason": "another child was meant" })).await.expect(201);
    world.decide(SALFORD_WORKER, &id, &outcome("section_47_enquiry")).await.expect(201);
    world.change(SALFORD_WORKER, &id, "checks", &checks).await.expect(201);
    let shown = world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}")).await.expect(200);
    assert_eq!((&shown.body["withdrawn"], shown.text("/state")), (&json!(true), "decided".to_owned()));
    let texts = shown.body["entries"].to_string();
    for text in ["asking would put the child at risk", "no_answer", "It is number 7.", "another child was meant", "child_protection"] {
        assert!(texts.contains(text), "{text} in {texts}");
    }
    world.end().await;
}

/// The look at the history is held up after it has read the contacts, and a new contact is recorded meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_is_recorded_between_the_look_and_the_decision_stops_the_decision() {
    let world = World::new("between").await;
    let (id, _) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
    world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}/history")).await.expect(200);
    let mut holding = world.owner.begin().await.unwrap();
    sqlx::query("lock table power in access exclusive mode").execute(&mut *holding).await.unwrap();
    let decision = outcome("no_further_action");
    let meanwhile = async {
        let waits = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like '%from power%')";
        world.until("the decision looks", async || sqlx::query_scalar(waits).fetch_one(&world.owner).await.unwrap()).await;
        refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
        holding.rollback().await.unwrap();
    };
    let (decided, ()) = tokio::join!(world.change(SALFORD_WORKER, &id, "decisions", &decision), meanwhile);
    decided.refused(409, "history_changed");
    assert_eq!(world.count("referral.decided").await, 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_filled_is_told_and_what_was_shown_before_a_decision_only_if_its_decider_had_opened_the_referral() {
    let world = World::new("filled").await;
    let filled = json!(["concern", "referrer", "child_is_now", "danger_now", "names", "date_of_birth"]);
    for (opens, read) in [(true, filled.clone()), (false, Value::Null)] {
        let (id, _) = refer(&world, NURSE, &referral(&["Marigold Testchild"], "2016-03-04")).await;
        if opens {
            world.get(SALFORD_WORKER, &format!("/api/intake/referrals/{id}")).await.expect(200);
        }
        world.decide(SALFORD_WORKER, &id, &outcome("early_help")).await.expect(201);
        let rows: Vec<String> = sqlx::query_scalar("select convert_from(data, 'utf8') from log.event where stream = $1 order by version")
            .bind(format!("referral-{id}"))
            .fetch_all(&world.owner)
            .await
            .unwrap();
        let [received, decided]: [Value; 2] =
            rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect::<Vec<_>>().try_into().unwrap();
        assert_eq!((found(&received, "filled"), found(&decided, "read")), (filled.clone(), read));
    }
    world.end().await;
}

/// The first member of this name, wherever it stands.
pub(crate) fn found(value: &Value, name: &str) -> Value {
    match value {
        Value::Object(members) => members
            .get(name)
            .cloned()
            .unwrap_or_else(|| members.values().map(|member| found(member, name)).find(|found| !found.is_null()).unwrap_or_default()),
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Value::Null,
    }
}
