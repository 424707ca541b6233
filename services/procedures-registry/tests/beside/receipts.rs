//! Receipts and questions.

use serde_json::{Value, json};

use crate::support::*;

const READ: &str = "/api/procedures/police-protection/receipts";
const MINE: &str = "/api/procedures/receipts/mine";
const COVERAGE: &str = "/api/procedures/receipts/coverage";
const REMINDERS: &str = "/api/procedures/receipts/reminders";

fn titles(items: &Value) -> Vec<(String, String)> {
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    items.as_array().unwrap().iter().map(|item| (text(item, "procedure"), text(item, "why"))).collect()
}

fn pair(procedure: &str, why: &str) -> (String, String) {
    (procedure.to_owned(), why.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_holds_for_the_text_and_an_edition_that_does_not_change_it_needs_no_new_one() {
    let world = World::new("receipts").await;
    let (police, unborn) = (procedure("police-protection", "Police protection"), procedure("unborn-child", "Unborn child"));
    world.adopt(&[police.clone(), unborn.clone()]).await;
    let first = world.get(SALFORD_WORKER, REMINDERS).await.expect(200).body;
    assert_eq!(titles(&first["mine"]), [pair("police-protection", "not_read"), pair("unborn-child", "not_read")]);
    assert_eq!(first["staff"], Value::Null, "a worker answers for nobody");
    world.post(SALFORD_WORKER, READ, &json!({ "edition": 2 })).await.expect(201);
    world.post(SALFORD_WORKER, READ, &json!({ "edition": 2 })).await.expect(201);
    assert_eq!(world.get(SALFORD_WORKER, MINE).await.expect(200).body["receipts"].as_array().unwrap().len(), 1, "once");
    assert_eq!(world.post(SALFORD_WORKER, READ, &json!({ "edition": 9 })).await.expect(422).pointers(), ["/edition"]);
    world.post(SALFORD_WORKER, "/api/procedures/nowhere/receipts", &json!({ "edition": 2 })).await.refused(404, "not_found");

    // The next edition changes the other one alone.
    let unborn = json!({ "full": "Ring, then decide, then write.", "change": "Write it down." }).as_object().unwrap().iter().fold(
        unborn,
        |mut changed, (key, value)| {
            changed[key] = value.clone();
            changed
        },
    );
    world.adopt(&[unborn]).await;
    let second = world.get(SALFORD_WORKER, REMINDERS).await.expect(200).body;
    assert_eq!(titles(&second["mine"]), [pair("unborn-child", "not_read")], "police protection is as it was");
    assert_eq!(world.post(SALFORD_WORKER, READ, &json!({ "edition": 2 })).await.expect(422).pointers(), ["/edition"], "it is superseded");

    // And one that is scheduled is read before it is in force.
    let mut changed = police;
    changed["short"] = "1. Ring at once.".into();
    world.schedule(&[changed]).await;
    let third = world.get(SALFORD_WORKER, REMINDERS).await.expect(200).body;
    assert_eq!(titles(&third["mine"]), [pair("police-protection", "changed"), pair("unborn-child", "not_read")]);
    world.post(SALFORD_WORKER, READ, &json!({ "edition": 4 })).await.expect(201);
    assert_eq!(titles(&world.get(SALFORD_WORKER, REMINDERS).await.expect(200).body["mine"]), [pair("unborn-child", "not_read")]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn coverage_is_counts_by_team_expected_as_somebody_has_said_and_names_only_to_their_own_manager() {
    let world = World::new("coverage").await;
    let police = procedure("police-protection", "Police protection");
    world.adopt(std::slice::from_ref(&police)).await;
    for who in [SALFORD_WORKER, Who("sal2", SALFORD, "duty_worker"), MANCHESTER_WORKER, NURSE] {
        world.post(who, READ, &json!({ "edition": 2 })).await.expect(201);
    }
    let expects = json!({ "org": SALFORD, "role": "duty_worker", "expected": 12 });
    let path = "/api/procedures/receipts/expected";
    world.post(SALFORD_WORKER, path, &expects).await.refused(403, "forbidden");
    world.post(MANCHESTER_MANAGER, path, &expects).await.refused(409, "not_your_team");
    world.post(SALFORD_MANAGER, path, &expects).await.expect(200);
    let everywhere = world.get(AUDITOR, COVERAGE).await.expect(200).body;
    let team = |org: &str, role: &str, read: u32, expected: Value| json!({ "org": org, "role": role, "read": read, "expected": expected });
    let (salford, manchester) = (team(SALFORD, "duty_worker", 2, json!(12)), team(MANCHESTER, "duty_worker", 1, Value::Null));
    let expected = json!([manchester, salford, team(SALFORD_ROYAL, "referrer", 1, Value::Null)]);
    assert_eq!(everywhere["items"][0]["teams"], expected, "nobody has said it for the others");
    for name in ["sal2", "Name of"] {
        assert!(!everywhere.to_string().contains(name), "{everywhere}");
    }
    let own = world.get(SALFORD_MANAGER, COVERAGE).await.expect(200).body;
    assert_eq!(own["items"][0]["teams"], json!([team(SALFORD, "duty_worker", 2, json!(12))]), "the own organisation alone");
    world.get(NURSE, COVERAGE).await.refused(403, "forbidden");

    // The text changes: the manager is told who is behind, of the own people alone.
    let mut changed = police;
    changed["short"] = "1. Ring at once.".into();
    world.adopt(&[changed]).await;
    world.post(SALFORD_WORKER, READ, &json!({ "edition": 3 })).await.expect(201);
    let staff = world.get(SALFORD_MANAGER, REMINDERS).await.expect(200).body["staff"].clone();
    let behind = json!({ "id": "sal2", "name": "Name of sal2", "role": "duty_worker", "why": "changed" });
    assert_eq!(staff[0]["people"], json!([behind]));
    assert!(!staff.to_string().contains("Name of man"), "{staff}");
    assert_eq!(world.get(AUDITOR, REMINDERS).await.expect(200).body["staff"], Value::Null);
    world.end().await;
}

fn person(id: &str, role: &str) -> Value {
    json!({ "id": id, "name": format!("Name of {id}"), "role": role, "why": "not_read" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_is_told_of_everybody_known_in_the_team_who_has_not_read_the_version_in_force() {
    let world = World::new("reminders").await;
    let (police, mut unborn) = (procedure("police-protection", "Police protection"), procedure("unborn-child", "Unborn child"));
    unborn["applies_to"]["roles"] = json!(["duty_manager"]);
    world.adopt(&[police, unborn]).await;
    let people = async |of: &str| {
        let staff = world.get(SALFORD_MANAGER, REMINDERS).await.expect(200).body["staff"].clone();
        staff.as_array().unwrap().iter().find(|item| item["procedure"] == of).map_or(Value::Null, |item| item["people"].clone())
    };
    assert_eq!(people("police-protection").await, Value::Null, "nobody of the team has done anything here");
    // One has read it, one has only put a field in the bin, and one works elsewhere.
    world.post(SALFORD_WORKER, READ, &json!({ "edition": 2 })).await.expect(201);
    let reason = json!({ "reason": "Nobody reads it." });
    for who in [Who("sal2", SALFORD, "duty_worker"), MANCHESTER_WORKER] {
        world.post(who, "/api/procedures/fields/needs/nominations", &reason).await.expect(201);
    }
    assert_eq!(people("police-protection").await, json!([person("sal2", "duty_worker")]));
    assert_eq!(people("unborn-child").await, Value::Null, "it is for another role");
    world.post(Who("sal2", SALFORD, "duty_worker"), READ, &json!({ "edition": 2 })).await.expect(201);
    assert_eq!(people("police-protection").await, Value::Null, "all have");
    event_store::rebuild(&world.owner, &procedures_registry::views::readings::Readings, |_| ()).await.unwrap();
    assert_eq!(people("police-protection").await, Value::Null, "made again from the log");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_listed_to_authors_without_a_name_and_its_answer_shown_to_whoever_asked() {
    let world = World::new("questions").await;
    world.adopt(&[procedure("police-protection", "Police protection")]).await;
    let asked = world.post(NURSE, READ, &json!({ "edition": 2, "question": "Who rings at night?" })).await.expect(201);
    let id = asked.text("/question_id");
    world.get(NURSE, "/api/procedures/questions").await.refused(403, "forbidden");
    let list = world.get(AUTHOR, "/api/procedures/questions?open=true").await.expect(200).body;
    assert_eq!((&list["items"][0]["question_id"], &list["items"][0]["org"]), (&json!(id), &json!(SALFORD_ROYAL)));
    assert!(!list.to_string().contains("nurse"), "{list}");
    let path = format!("/api/procedures/questions/{id}/answer");
    world.post(NURSE, &path, &json!({ "text": "The desk." })).await.refused(403, "forbidden");
    world.post(AUTHOR, &path, &json!({ "text": "The duty desk does." })).await.expect(200);
    world.post(AUTHOR, &path, &json!({ "text": "Somebody else." })).await.refused(409, "answered_already");
    let mine = world.get(NURSE, MINE).await.expect(200).body;
    assert_eq!(mine["questions"][0]["answer"], "The duty desk does.");
    assert_eq!(world.get(SALFORD_WORKER, MINE).await.expect(200).body["questions"], json!([]), "another's are not shown");
    assert_eq!(world.get(AUTHOR, "/api/procedures/questions?open=true").await.expect(200).body["items"], json!([]));
    world.end().await;
}
