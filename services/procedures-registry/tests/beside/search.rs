//! Search over the set in force.

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::*;

fn search(q: &str) -> String {
    let escaped: String = q.bytes().map(|byte| format!("%{byte:02x}")).collect();
    format!("/api/procedures/search?q={escaped}")
}

fn ids(found: &Value) -> Vec<&str> {
    found["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

fn written(id: &str, title: &str, changes: &Value) -> Value {
    let mut written = procedure(id, title);
    for (key, value) in changes.as_object().unwrap() {
        written[key] = value.clone();
    }
    written
}

#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_is_found_by_word_short_form_beginning_or_slip_of_the_pen_in_the_set_in_force_at_the_instant() {
    let world = World::new("search").await;
    let before = world.clock.now();
    let bruising = written(
        "bruising-in-babies",
        "Bruising in babies who do not move",
        &json!({ "summary": "A bruise may be a non-accidental injury.", "search": ["bruise", "baby"],
                 "full": "Look <script>alert(1)</script> at the whole child & write it down." }),
    );
    let strategy = written("strategy-discussion", "Strategy discussion", &json!({ "summary": "Before an enquiry under section 47." }));
    world.adopt(&[bruising, strategy, procedure("police-protection", "Police protection")]).await;
    for (q, id, why) in [
        ("NAI", "bruising-in-babies", "summary"),
        ("s47", "strategy-discussion", "summary"),
        ("Section 47 enquiry", "strategy-discussion", "summary"),
        ("bruising bab", "bruising-in-babies", "title"),
        ("babies bruised", "bruising-in-babies", "title"),
        ("strat", "strategy-discussion", "title"),
        ("whole child", "bruising-in-babies", "full"),
    ] {
        let found = world.get(NURSE, &search(q)).await.expect(200).body;
        assert_eq!((ids(&found), &found["items"][0]["why"]), (vec![id], &json!(why)), "{q}: {found}");
    }
    let slip = world.get(NURSE, &search("bruisnig")).await.expect(200).body;
    assert_eq!((ids(&slip), &slip["searched_instead"]), (vec!["bruising-in-babies"], &json!("bruising")));
    assert_eq!(ids(&world.get(NURSE, &search("station")).await.expect(200).body).len(), 3, "a step of each");
    assert_eq!(world.get(NURSE, &search("xyzzy")).await.expect(200).body["items"], json!([]));
    let earlier = world.get(NURSE, &format!("{}&at={before}", search("NAI"))).await.expect(200).body;
    assert_eq!((&earlier["edition"], ids(&earlier)[0]), (&json!(1), "bruising-in-babies-who-do-not-move"), "the set of that instant");
    assert!(!ids(&earlier).contains(&"bruising-in-babies"), "{earlier}");

    let marked = world.get(NURSE, &search("whole")).await.expect(200).body["items"][0]["snippet"].clone();
    let hits: Vec<_> = marked.as_array().unwrap().iter().filter(|piece| piece["hit"] == true).map(|piece| piece["text"].clone()).collect();
    assert_eq!(hits, [json!("whole")], "text in pieces, and no HTML is made of it: {marked}");
    for bad in ["", " ", &"a".repeat(201)] {
        assert_eq!(world.get(NURSE, &search(bad)).await.status, 422);
    }
    for odd in ["') | !a:*", "\u{0}", "a & b | !c <-> d:A", "%_\\", "🙂"] {
        world.get(NURSE, &search(odd)).await.expect(200);
    }
    assert!(!world.get(NURSE, &search(&"Marigold ".repeat(40))).await.expect(422).body.to_string().contains("Marigold"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn among_five_hundred_procedures_the_first_result_is_the_one_that_is_named_so() {
    let world = World::new("search-500").await;
    let words = ["hospital", "school", "night", "transfer", "plan", "family", "neglect", "missing", "police", "conference"];
    let text = |n: usize| (0..120).map(|k| words[(n * 7 + k * 3 + k * k) % words.len()]).collect::<Vec<_>>().join(" ");
    let all: Vec<Value> = (0..500)
        .map(|n| {
            let title = format!("Procedure {} about {} and {}", n, words[n % 10], words[(n / 10) % 10]);
            written(&format!("p-{n}"), &title, &json!({ "full": text(n), "search": [format!("code{n}")] }))
        })
        .collect();
    let draft = world.post(AUTHOR, "/api/procedures/drafts", &json!({ "title": "Many" })).await.expect(201);
    let at = format!("/api/procedures/drafts/{}", draft.text("/draft_id"));
    let mut document = world.get(AUTHOR, &at).await.expect(200).body["document"].clone();
    document["procedures"] = all.into();
    world.change(AUTHOR, &at, "document", &json!({ "document": document })).await.expect(200);
    world.approve_and_schedule(&at).await;
    world.clock.set(world.clock.now() + std::time::Duration::from_secs(2 * 3_600));
    let mut slowest = std::time::Duration::ZERO;
    for n in (0..500).step_by(25) {
        let begun = Instant::now();
        let found = world.get(NURSE, &search(&format!("code{n}"))).await.expect(200).body;
        slowest = slowest.max(begun.elapsed());
        assert!(ids(&found).contains(&format!("p-{n}").as_str()), "{found}");
        assert_eq!(found["items"][0]["why"], "search_words");
    }
    let begun = Instant::now();
    let common = world.get(NURSE, &search("procedure")).await.expect(200).body;
    assert_eq!(ids(&common).len(), 20, "a page");
    // Measured, and not asserted: the machine of a test may be busy.
    println!("search among 500 procedures: a rare word at most {slowest:?}, common words {:?}", begun.elapsed());
    world.end().await;
}
