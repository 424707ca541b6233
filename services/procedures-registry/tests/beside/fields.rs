//! The form's budget and the bin.

use serde_json::{Value, json};

use crate::support::*;

const FIELDS: &str = "/api/procedures/fields";

fn police() -> Value {
    procedure("police-protection", "Police protection")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fifth_compulsory_field_is_refused_at_submission_and_the_fault_is_named() {
    let world = World::new("fifth").await;
    let fifth = |parts: &mut Value| {
        let form = parts["form"].as_array_mut().unwrap();
        form.iter_mut().find(|field| field["name"] == "names").unwrap()["compulsory"] = true.into();
    };
    let (at, submitted) = world.submit(&[police()], fifth).await;
    let submitted = submitted.expect(422);
    assert_eq!(submitted.pointers(), ["/parts/form"]);
    assert!(submitted.text("/errors/0/detail").contains('5'), "{}", submitted.body);
    let draft = world.get(AUTHOR, &at).await.expect(200).body;
    assert_eq!(draft["state"], "draft", "nothing was submitted");
    let hash = draft["hash"].clone();
    let approval = world.change(APPROVER, &at, "approvals", &json!({ "hash": hash })).await;
    approval.refused(409, "not_submitted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_a_nomination_is_shown_to_whoever_asked_and_a_promise_to_remove_is_kept() {
    let world = World::new("bin").await;
    let list = world.get(NURSE, FIELDS).await.expect(200).body;
    let needs = |list: &Value| list["items"].as_array().unwrap().iter().find(|field| field["name"] == "needs").unwrap().clone();
    assert_eq!(list["items"].as_array().unwrap().len(), 12);
    assert_eq!(needs(&list)["decision_served"], "how to speak with the child and the family");
    assert_eq!((&needs(&list)["review_by"], &needs(&list)["review_overdue"]), (&json!("2027-03-31"), &json!(false)));

    world.post(NURSE, &format!("{FIELDS}/nowhere/nominations"), &json!({ "reason": "x" })).await.refused(404, "not_found");
    let path = format!("{FIELDS}/needs/nominations");
    world.post(NURSE, &path, &json!({ "reason": "Nobody ever reads it." })).await.expect(201);
    let verdict = json!({ "keep": false, "why": "It serves no decision.", "from_edition": 2 });
    let answer = format!("{path}/1/answer");
    world.post(AUDITOR, &answer, &verdict).await.refused(403, "forbidden");
    let in_force = json!({ "keep": false, "why": "It serves no decision.", "from_edition": 1 });
    world.post(APPROVER, &answer, &in_force).await.refused(409, "not_later");
    assert_eq!(world.post(APPROVER, &answer, &json!({ "keep": false, "why": "x" })).await.expect(422).pointers(), ["/from_edition"]);
    world.post(APPROVER, &answer, &verdict).await.expect(200);
    let mine = world.get(NURSE, &format!("{FIELDS}/mine")).await.expect(200).body;
    assert_eq!(mine["items"][0]["answer"], json!({ "remove": { "from_edition": 2, "why": "It serves no decision." } }));
    assert_eq!(world.get(SALFORD_WORKER, &format!("{FIELDS}/mine")).await.expect(200).body["items"], json!([]));
    let shown = needs(&world.get(NURSE, FIELDS).await.expect(200).body);
    assert_eq!((&shown["goes_with_edition"], &shown["nominations"][0]["number"]), (&json!(2), &json!(1)));
    assert!(!shown.to_string().contains("nurse"), "{shown}");

    // The next edition still asks it.
    let (at, submitted) = world.submit(&[police()], |_| ()).await;
    let submitted = submitted.expect(422);
    assert!(submitted.text("/errors/0/detail").starts_with("field_was_to_go"), "{}", submitted.body);
    assert_eq!(submitted.pointers(), ["/parts/form/10"]);
    let faults = world.get(AUTHOR, &format!("{at}/faults")).await.expect(200).body;
    assert_eq!(faults["items"][0]["pointer"], "/parts/form/10");
    let without = |parts: &mut Value| parts["form"].as_array_mut().unwrap().retain(|field| field["name"] != "needs");
    world.submit(&[police()], without).await.1.expect(200);
    world.end().await;
}
