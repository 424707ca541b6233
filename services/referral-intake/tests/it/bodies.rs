//! What cannot be taken is refused with a pointer to each fault, and never quoted.

#![expect(clippy::unwrap_used, reason = "a test helper")]

use serde_json::{Value, json};

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_body_is_refused_with_a_pointer_to_each_fault_and_nothing_of_it_is_quoted() {
    let world = World::new("bodies").await;
    let cases: Vec<(&str, Value, Vec<&str>)> = vec![
        ("/concern", Value::Null, vec!["/concern"]),
        ("/concern", json!("  "), vec!["/concern"]),
        ("/concern", json!("Marigold".repeat(3_000)), vec!["/concern"]),
        ("/referrer", json!({ "role": "Marigold" }), vec!["/referrer/name"]),
        ("/referrer", json!({ "name": "Marigold", "anonymous": true }), vec!["/referrer/anonymous"]),
        ("/referrer/telephone", json!("Marigold"), vec!["/referrer"]),
        ("/child_is_now", json!({ "site": "Marigold House" }), vec!["/child_is_now/site"]),
        ("/child_is_now", json!({ "borough": "E99999999" }), vec!["/child_is_now/borough"]),
        ("/danger_now", json!("Marigold"), vec!["/danger_now"]),
        ("/children/0/date_of_birth", json!("2030-01-01"), vec!["/children/0/date_of_birth"]),
        ("/children/0/date_of_birth", json!("Marigold"), vec!["/children/0/date_of_birth"]),
        ("/children/0/date_of_birth", json!("2016-02-30"), vec!["/children/0/date_of_birth"]),
        ("/children/0/age_about", json!(99), vec!["/children/0/age_about"]),
        ("/children/0/names", json!("Marigold"), vec!["/children/0/names"]),
        ("/children/0/home", json!({ "borough": "Marigold" }), vec!["/children/0/home/borough"]),
        ("/parent_knows", json!("Marigold"), vec!["/parent_knows"]),
        ("/occurred_at", json!("2027-01-01T00:00:00Z"), vec!["/occurred_at"]),
        ("/unheard_of", json!("Marigold"), vec![""]),
    ];
    for (pointer, value, expected) in cases {
        let mut body = referral(&["Somebody"], "2016-03-04");
        put(&mut body, pointer, value);
        let reply = world.post(NURSE, "/api/intake/referrals", &body).await;
        assert_eq!(reply.status, 422, "{pointer}: {}", reply.body);
        assert_eq!(reply.pointers(), expected, "{pointer}: {}", reply.body);
        assert!(!reply.body.to_string().contains("Marigold"), "{pointer}: {}", reply.body);
    }
    let mut two = referral(&["Somebody"], "2030-01-01");
    put(&mut two, "/concern", json!(""));
    assert_eq!(world.post(NURSE, "/api/intake/referrals", &two).await.pointers().len(), 2, "all faults at once");
    assert_eq!(world.count("referral.received").await, 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_the_four_compulsory_answers_is_asked_for_by_name() {
    let world = World::new("four").await;
    for field in ["concern", "referrer", "child_is_now", "danger_now"] {
        let mut body = referral(&["Somebody"], "2016-03-04");
        body.as_object_mut().unwrap().remove(field);
        let reply = world.post(NURSE, "/api/intake/referrals", &body).await.expect(422);
        assert_eq!(reply.pointers(), [format!("/{field}")]);
    }
    world.end().await;
}

/// Sets a value, makes what is not there, and takes away what is set to null.
fn put(body: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(key);
    } else {
        parent.insert(key.to_owned(), value);
    }
}
