//! T39: the address of a shielded child stands in no answer of any route of the hub but to the duty desk that answers for the child.

use hub::client::Client;
use serde_json::json;

use crate::{
    flow::{Made, Said as _, Story, concern, offer},
    looks::{Night, address, raw},
    openapi::{documents, operations},
};
use testkit::TestHub;

/// Words of the address that stand nowhere else: where the child lives, is now, and was said to be on the sheet.
const CANARIES: [&str; 5] = ["Zebedee", "SK15 9ZX", "Quillfeather", "OL16 8QX", "Marchbanks"];

/// Who may know something of the child, by what they are to it, and one who is nothing.
const READERS: [&str; 10] = [
    "salford-royal-nurse",
    "salford-duty",
    "salford-manager",
    "manchester-duty",
    "wigan-duty",
    "bolton-duty",
    "oldham-duty",
    "board-auditor",
    "manchester-author",
    "hub-operator",
];

/// A child who lives in Bolton, was found in Salford, is offered to Manchester with an address, and is shielded after that; Wigan's
/// desk reads it under a break-glass.
async fn shielded() -> Night {
    let story = Story::new(TestHub::start_at("shielded", "2026-11-23T02:14:00Z", None).await.with_desks().await);
    let nurse = story.person("salford-royal-nurse");
    let mut body = concern("Ada Example", json!({ "borough": "E08000006", "address": "3 Quillfeather Row", "postcode": "OL16 8QX" }));
    let home = json!({ "borough": "E08000001", "address": "14 Zebedee Wharf", "postcode": "SK15 9ZX" });
    body["children"] = json!([
        { "names": ["Ada Example"], "date_of_birth": "2018-03-04", "home": home },
        { "names": ["Hal Example"], "date_of_birth": "2014-03-04", "home": home },
    ]);
    let referral: Made = story.refer(&nurse, &body).await;
    let sibling = referral.reply.text("/children/1/child_id").to_owned();
    story.on(&nurse, &referral.path(), "corrections", json!({ "field": "home", "text": "It is Marchbanks House." })).await.ok();
    story.hub.settled().await;
    let salford = story.person("salford-duty");
    let mut sent = offer("E08000003", "P1", &[(&referral.child, &["emergency_action"]), (&sibling, &["emergency_action"])]);
    sent["items"][0]["child_is_now"] = json!({ "address": "3 Quillfeather Row, OL16 8QX" });
    let made = story.post(&salford, "/api/transfers", &sent).await.ok();
    story.on_child(&salford, &referral.child, "shield", json!({ "shielded": true })).await.ok();
    let reason = json!({ "reason": "The child is at our station." });
    let path = format!("/api/transfers/children/{}/break-glass", referral.child);
    let glass = story.post(&story.person("wigan-duty"), &path, &reason).await.ok();
    story.hub.settled().await;
    let (transfer, glass) = (made.text("/transfer_id").to_owned(), glass.text("/glass_id").to_owned());
    Night { story, referral, transfer, glass }
}

/// Asks every route that is read, as everybody, and gives the routes that showed somebody the address.
async fn shown(night: &Night) -> Vec<(String, String)> {
    let readers: Vec<Client> = READERS.into_iter().map(|id| night.story.person(id)).collect();
    let (mut shown, mut asked, mut answered) = (Vec::new(), 0, 0);
    for document in documents(&night.story.hub).await.values() {
        for operation in operations(document).into_iter().filter(|one| one.method == "get" && !one.path.ends_with("/events")) {
            for reader in &readers {
                let (status, body) = raw(reader, &address(night, &operation.path)).await;
                let body = String::from_utf8_lossy(&body);
                asked += 1;
                answered += i32::from(status == 200);
                if CANARIES.into_iter().any(|canary| body.contains(canary)) {
                    shown.push((reader.who.id.clone(), operation.path.clone()));
                }
            }
        }
    }
    assert!(answered > 100, "only {answered} of {asked} were answered, so nothing was proved");
    shown
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_of_a_shielded_child_is_in_no_answer_but_to_the_desk_that_answers_for_the_child() {
    let night = shielded().await;
    let screen = "/api/intake/referrals/{id}".to_owned();
    let of = |who: &str| (who.to_owned(), screen.clone());
    assert_eq!(shown(&night).await, [of("salford-duty"), of("salford-manager")]);
    let story = &night.story;
    let lifted = story.on_child(&story.person("salford-manager"), &night.referral.child, "shield", json!({ "shielded": false })).await;
    lifted.refused(409, "shield_stays");
    story.open_and_accept(&story.person("manchester-duty"), &night.transfer).await.ok();
    story.hub.settled().await;
    assert_eq!(shown(&night).await, [of("manchester-duty")], "it goes with the duty");
    night.story.hub.finish().await;
}
