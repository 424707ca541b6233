//! T39: where a shielded child is, the duty desk that answers for the child is shown, and nobody else, on any path.

use proto_events::transfers::{Circumstance, Transfers};
use serde_json::{Value, json};

use crate::{earlier::noted, support::*};

/// Where they live, where they were found, and what was corrected about it, each with a word that stands nowhere else.
const CANARIES: [&str; 6] = ["Zebedee", "SK15 9ZX", "Quillfeather", "OL16 8QX", "Marchbanks", "Thistlewood"];

/// A referral of a brother and a sister at one address, with their ids.
async fn two_children(world: &World) -> (String, [String; 2]) {
    let mut body = referral(&["Marigold Testchild"], "2016-03-04");
    let home = json!({ "borough": OLDHAM, "address": "14 Zebedee Wharf", "postcode": "SK15 9ZX" });
    body["children"] = json!([
        { "names": ["Marigold Testchild"], "date_of_birth": "2016-03-04", "home": home },
        { "names": ["Rowan Testchild"], "date_of_birth": "2012-05-06", "home": home },
    ]);
    body["child_is_now"] = json!({ "borough": SALFORD, "address": "3 Quillfeather Row", "postcode": "OL16 8QX" });
    let made = world.post(NURSE, "/api/intake/referrals", &body).await.expect(201);
    let id = made.text("/referral_id");
    for (field, text) in [("home", "Number 15, Marchbanks House."), ("child_is_now", "At Thistlewood now.")] {
        world.change(NURSE, &id, "corrections", &json!({ "field": field, "text": text })).await.expect(201);
    }
    (id, [made.text("/children/0/child_id"), made.text("/children/1/child_id")])
}

fn found_in(body: &Value) -> Vec<&'static str> {
    let text = body.to_string();
    CANARIES.into_iter().filter(|canary| text.contains(canary)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_a_shielded_child_or_their_siblings_is_shown_to_whoever_answers_for_them_and_to_nobody_else() {
    let world = World::new("shield").await;
    let (id, [one, other]) = two_children(&world).await;
    let path = format!("/api/intake/referrals/{id}");
    for who in [SALFORD_WORKER, OLDHAM_WORKER, NURSE] {
        assert_eq!(found_in(&world.get(who, &path).await.expect(200).body), CANARIES, "before there is a shield");
    }
    world.transfers_say(&noted("child.shield_set", &other, Circumstance::Shielded { shielded: true })).await;
    assert_eq!(found_in(&world.get(SALFORD_WORKER, &path).await.expect(200).body), CANARIES);
    for who in [OLDHAM_WORKER, NURSE] {
        let shown = world.get(who, &path).await.expect(200);
        assert_eq!(found_in(&shown.body), Vec::<&str>::new(), "{}", shown.body);
        assert_eq!((shown.text("/children/0/home/borough"), &shown.body["child_is_now"]["address"]), (OLDHAM.to_owned(), &Value::Null));
        assert_eq!(shown.body["shielded"], true);
    }
    // It goes with the duty.
    let (duty, from, to) = ("emergency_action".to_owned(), SALFORD.to_owned(), MANCHESTER.to_owned());
    for child in [one, other] {
        let transfer = "trf_00000000000000000000000000000007".to_owned();
        let moved = Transfers::DutyMoved { child, duty: duty.clone(), from: from.clone(), to: to.clone(), transfer };
        world.transfers_say(&moved).await;
    }
    assert_eq!(found_in(&world.get(MANCHESTER_WORKER, &path).await.expect(200).body), CANARIES);
    for who in [SALFORD_WORKER, OLDHAM_WORKER, NURSE] {
        assert_eq!(found_in(&world.get(who, &path).await.expect(200).body), Vec::<&str>::new());
    }
    for path in [format!("{path}/history"), "/api/intake/referrals".to_owned()] {
        assert_eq!(found_in(&world.get(SALFORD_WORKER, &path).await.expect(200).body), Vec::<&str>::new());
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_searches_with_one_postcode_after_another_does_not_learn_the_home_of_a_shielded_child() {
    let world = World::new("shield-search").await;
    let (_, [child, _]) = two_children(&world).await;
    let mut body = referral(&["Marigold Testchild"], "2016-03-04");
    body["children"][0]["home"] = json!({ "postcode": "SK15 9ZX" });
    let asked = async || {
        let made = world.post(NURSE, "/api/intake/referrals", &body).await.expect(201);
        let matches = made.body["children"][0]["possible_matches"].as_array().unwrap().clone();
        matches.into_iter().find(|found| found["child_id"] == child.as_str()).unwrap()["why"].to_string()
    };
    let before = asked().await;
    assert!(before.contains("same name") && before.contains("same home postcode"), "{before}");
    world.transfers_say(&noted("child.shield_set", &child, Circumstance::Shielded { shielded: true })).await;
    let after = asked().await;
    assert!(after.contains("same name") && !after.contains("home"), "found all the same: {after}");
    world.end().await;
}
