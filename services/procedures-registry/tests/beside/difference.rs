//! What differs, side by side.

use serde_json::{Value, json};

use crate::support::*;

/// The names of the parts that differ, and the procedures with what happens to them.
fn differs(found: &Value) -> (Vec<&str>, Vec<(&str, &str)>) {
    let parts = found["parts"].as_array().unwrap().iter().map(|part| part["part"].as_str().unwrap());
    let all = found["procedures"].as_array().unwrap().iter();
    (parts.collect(), all.map(|one| (one["id"].as_str().unwrap(), one["fate"].as_str().unwrap())).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_editions_and_a_draft_with_what_is_in_force_stand_side_by_side_by_procedure_and_by_part() {
    let world = World::new("difference").await;
    world.adopt(&[procedure("stays", "Stays"), procedure("changes", "Changes"), procedure("goes", "Goes")]).await;
    let draft = world.post(AUTHOR, "/api/procedures/drafts", &json!({ "title": "Next" })).await.expect(201);
    let at = format!("/api/procedures/drafts/{}", draft.text("/draft_id"));
    let compare = format!("{at}/difference");
    assert_eq!(differs(&world.get(AUTHOR, &compare).await.expect(200).body), (vec![], vec![]), "it begins as what is in force");
    assert_eq!(world.get(NURSE, &compare).await.status, 404, "nobody was asked about it yet");

    let mut document = world.get(AUTHOR, &at).await.expect(200).body["document"].clone();
    let mut changed = procedure("changes", "Changes");
    changed["short"] = "1. Ring.\n2. Write it down.".into();
    document["procedures"] = json!([procedure("stays", "Stays"), changed, procedure("new", "New")]);
    let clocks = document["parts"]["clocks"].as_array_mut().unwrap();
    clocks.iter_mut().find(|clock| clock["name"] == "decide_on_referral").unwrap()["length"] = 2.into();
    document["parts"]["escalation_ladder"][0]["decides"] = false.into();
    world.change(AUTHOR, &at, "document", &json!({ "document": document })).await.expect(200);
    let version = world.get(AUTHOR, &at).await.expect(200).body["version"].clone();
    let shown = world.get(AUTHOR, &compare).await.expect(200).body;
    assert_eq!((&shown["before"], &shown["draft_id"], &shown["version"]), (&json!(2), &draft.body["draft_id"], &version));
    let (parts, procedures) = differs(&shown);
    assert_eq!(parts, ["clocks", "escalation_ladder"]);
    assert_eq!(procedures, [("changes", "changed"), ("goes", "removed"), ("new", "added")]);
    assert_eq!(shown["parts"][0]["changes"][0], json!({ "at": "/clocks/decide_on_referral/length", "before": "1", "after": "2" }));
    let short = &shown["procedures"][0]["changes"][0];
    assert_eq!(
        short["lines"],
        json!([{ "side": "both", "before": 1, "after": 1, "text": "1. Ring." },
                                      { "side": "after", "after": 2, "text": "2. Write it down." }])
    );

    world.approve_and_schedule(&at).await;
    let between = |from: u32, to: u32| format!("/api/procedures/editions/{from}/difference/{to}");
    let forward = world.get(NURSE, &between(2, 3)).await.expect(200).body;
    assert_eq!((&forward["parts"], &forward["procedures"]), (&shown["parts"], &shown["procedures"]), "of editions everybody is told");
    let back = world.get(NURSE, &between(3, 2)).await.expect(200).body;
    assert_eq!(differs(&back).1, [("changes", "changed"), ("goes", "added"), ("new", "removed")]);
    assert_eq!(differs(&world.get(NURSE, &between(3, 3)).await.expect(200).body), (vec![], vec![]));
    assert_eq!(world.get(NURSE, &between(2, 99)).await.status, 404);
    world.end().await;
}
