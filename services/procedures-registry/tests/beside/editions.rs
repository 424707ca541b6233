//! What an edition says of how it came about.

use serde_json::{Value, json};

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_that_the_boroughs_were_not_asked_about_says_so_with_the_reason() {
    let world = World::new("unconsulted").await;
    world.adopt(&[procedure("police-protection", "Police protection")]).await;
    let said = async |path: &str| world.get(NURSE, path).await.expect(200).body;
    assert_eq!(said("/api/procedures/editions/1").await["unconsulted"], Value::Null, "the program's is no draft");
    for path in ["/api/procedures/editions/2", "/api/procedures/editions/in-force"] {
        assert_eq!(said(path).await["unconsulted"], "It cannot wait.", "{path}");
    }
    assert_eq!(said("/api/procedures/editions").await["items"][0]["unconsulted"], "It cannot wait.");
    assert_eq!(said("/api/procedures/police-protection").await["edition"]["unconsulted"], "It cannot wait.");

    // The next one is put to the boroughs, and has nothing to say.
    let draft = world.post(AUTHOR, "/api/procedures/drafts", &json!({ "title": "Asked" })).await.expect(201);
    let at = format!("/api/procedures/drafts/{}", draft.text("/draft_id"));
    let until = world.clock.now() + std::time::Duration::from_secs(3_600);
    world.change(AUTHOR, &at, "consultation", &json!({ "until": until })).await.expect(200);
    world.clock.set(until);
    world.change(AUTHOR, &at, "submission", &json!({})).await.expect(200);
    world.approve(&at).await;
    assert_eq!(said("/api/procedures/editions/3").await["unconsulted"], Value::Null);
    event_store::rebuild(&world.owner, &procedures_registry::views::editions::Editions, |_| ()).await.unwrap();
    assert_eq!(said("/api/procedures/editions/2").await["unconsulted"], "It cannot wait.", "made again from the log");
    world.end().await;
}
