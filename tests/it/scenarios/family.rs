//! Unborn children, siblings, mistaken identity, addresses that must not be shown, and what is not known.

use serde_json::{Value, json};

use super::{ACT_NOW, BOLTON, MANCHESTER, SALFORD, acts, found_in, happened, hub_at, offered, worker};
use crate::flow::{Made, Said as _, Story, concern, offer};

#[tokio::test]
async fn each_child_of_a_family_has_a_holder_of_its_own() {
    let story = hub_at("family", "2026-11-23T10:00:00Z").await;
    unborn_child_and_birth(&story).await;
    siblings_as_a_group_with_mixed_outcomes(&story).await;
    one_sibling_already_held_by_b(&story).await;
    identity_wrong_re_pointed(&story).await;
    records_linked_over_another_are_one_child(&story).await;
    shielded_address(&story).await;
    partial_information(&story).await;
    story.hub.finish().await;
}

async fn unborn_child_and_birth(story: &Story) {
    let desk = worker(story, MANCHESTER);
    let mut sent = concern("Baby of Vera Expected", json!({ "borough": MANCHESTER, "address": "1 Example Street" }));
    sent["children"][0] = json!({ "names": ["Baby of Vera Expected"], "expected_on": "2026-12-20" });
    let made = story.refer(&desk, &sent).await;
    story.get(&desk, &made.path()).await.ok().has("/children/0/unborn", true);
    let mut ask = offer(SALFORD, "P4", &[(&made.child, &[ACT_NOW])]);
    ask["items"][0]["unborn"] = true.into();
    let transfer = story.post(&desk, "/api/transfers", &ask).await.ok().text("/transfer_id").to_owned();
    let born = json!({ "date_of_birth": "2026-11-23", "names": ["Wim Expected"] });
    story.post(&desk, &format!("/api/intake/children/{}/birth", made.child), &born).await.ok();
    story.on_child(&desk, &made.child, "birth", json!({ "born_on": "2026-11-23" })).await.ok();
    let shown = story.get(&desk, &made.path()).await.ok().has("/children/0/unborn", false);
    assert_eq!(shown.text("/children/0/child_id"), made.child, "the born child is the child that was expected");
    assert_eq!(acts(story, &made.child).await, MANCHESTER, "a birth moves nothing");
    story.open_and_accept(&worker(story, SALFORD), &transfer).await.ok();
    assert_eq!(acts(story, &made.child).await, SALFORD);
}

/// A referral of several children.
async fn siblings(story: &Story, names: &[&str]) -> (Made, Vec<String>) {
    let mut sent = concern(names[0], json!({ "borough": MANCHESTER, "address": "1 Example Street" }));
    sent["children"] = names.iter().map(|name| json!({ "names": [name], "age_about": 5 })).collect();
    let made = story.refer(&worker(story, MANCHESTER), &sent).await;
    let children = made.reply.body["children"].as_array().cloned().unwrap_or_default();
    let children = children.iter().filter_map(|child| child["child_id"].as_str().map(str::to_owned)).collect();
    (made, children)
}

async fn siblings_as_a_group_with_mixed_outcomes(story: &Story) {
    let (_, children) = siblings(story, &["Xan Group", "Yve Group", "Zoe Group"]).await;
    let items: Vec<(&str, &[&str])> = children.iter().map(|child| (child.as_str(), [ACT_NOW].as_slice())).collect();
    let offered = story.post(&worker(story, MANCHESTER), "/api/transfers", &offer(SALFORD, "P2", &items)).await.ok();
    let transfer = offered.text("/transfer_id");
    let taker = worker(story, SALFORD);
    story.on_transfer(&taker, transfer, "open", json!({})).await.ok();
    let two: Vec<Value> = children[..2].iter().map(|child| json!({ "child_id": child, "duties": [ACT_NOW] })).collect();
    story.on_transfer(&taker, transfer, "accept", json!({ "items": two })).await.ok();
    let holders = [acts(story, &children[0]).await, acts(story, &children[1]).await, acts(story, &children[2]).await];
    assert_eq!(holders, [SALFORD, SALFORD, MANCHESTER], "what is not named stays with the giver");
    let split = happened(story, MANCHESTER, transfer, "siblings_split").await;
    let told: Vec<&Value> = split[0]["told"].as_array().into_iter().flatten().map(|manager| &manager["borough"]).collect();
    assert_eq!(told, [MANCHESTER, SALFORD], "both managers are told by name: {split:?}");
    assert_eq!(split[0]["left"], json!([children[2]]));
    // The one who stayed may be offered elsewhere.
    offered_again(story, &children[2]).await;
}

async fn offered_again(story: &Story, child: &str) {
    let transfer = offered(story, (MANCHESTER, BOLTON), "P2", child).await;
    story.open_and_accept(&worker(story, BOLTON), &transfer).await.ok();
    assert_eq!(acts(story, child).await, BOLTON);
}

async fn one_sibling_already_held_by_b(story: &Story) {
    let (first, second) = (found_in(story, MANCHESTER, "Abe Already").await.child, found_in(story, SALFORD, "Bea Already").await.child);
    let items: [(&str, &[&str]); 2] = [(&first, &[ACT_NOW]), (&second, &[ACT_NOW])];
    let offered = story.post(&worker(story, MANCHESTER), "/api/transfers", &offer(SALFORD, "P2", &items)).await.ok();
    assert_eq!(offered.body["already_held"], json!([{ "child_id": second, "duties": [ACT_NOW] }]), "{}", offered.body);
    assert_eq!(offered.body["items"], json!([{ "child_id": first, "duties": [ACT_NOW] }]), "{}", offered.body);
    story.open_and_accept(&worker(story, SALFORD), offered.text("/transfer_id")).await.ok();
    assert_eq!((acts(story, &first).await.as_str(), acts(story, &second).await.as_str()), (SALFORD, SALFORD));
    let again = offer(SALFORD, "P2", &[(&second, &[ACT_NOW])]);
    story.post(&worker(story, MANCHESTER), "/api/transfers", &again).await.refused(409, "already_held");
}

async fn identity_wrong_re_pointed(story: &Story) {
    let (wrong, right) = (found_in(story, MANCHESTER, "Cy Mistaken").await.child, found_in(story, MANCHESTER, "Di Meant").await.child);
    let transfer = offered(story, (MANCHESTER, SALFORD), "P2", &wrong).await;
    let taker = worker(story, SALFORD);
    let mut correction = json!({ "field": "children", "text": "It is her sister.", "repoint": { "from": wrong, "to": right } });
    story.on_transfer(&taker, &transfer, "corrections", correction.clone()).await.refused(409, "not_the_giver");
    story.on_transfer(&worker(story, MANCHESTER), &transfer, "corrections", correction.clone()).await.ok();
    let shown = story.get(&taker, &format!("/api/transfers/{transfer}")).await.ok();
    assert_eq!(shown.body["items"][0]["child_id"], right.as_str(), "{}", shown.body);
    assert_eq!(happened(story, SALFORD, &transfer, "offered").await.len(), 1, "what was said first stays");
    story.open_and_accept(&taker, &transfer).await.ok();
    assert_eq!((acts(story, &wrong).await.as_str(), acts(story, &right).await.as_str()), (MANCHESTER, SALFORD));
    correction["repoint"] = json!({ "from": right, "to": wrong });
    story.on_transfer(&worker(story, MANCHESTER), &transfer, "corrections", correction).await.refused(409, "already_accepted");
}

async fn records_linked_over_another_are_one_child(story: &Story) {
    let (first, middle) = (found_in(story, MANCHESTER, "Ed Chain").await, found_in(story, SALFORD, "Flo Chain").await);
    let last = found_in(story, BOLTON, "Gil Chain").await;
    for (borough, made) in [(MANCHESTER, &first), (SALFORD, &middle)] {
        story.decide(&worker(story, borough), made, "immediate_protection").await.ok();
    }
    let desk = worker(story, SALFORD);
    for other in [&first.child, &last.child] {
        let link = json!({ "other": other, "reason": "The mother names all three." });
        story.post(&desk, &format!("/api/intake/children/{}/links", middle.child), &link).await.ok();
    }
    story.hub.settled().await;
    // Bolton has yet to decide about the child, two links away.
    let end = json!({ "reason": "Safe with her aunt." });
    let path = format!("duties/{ACT_NOW}/end");
    let refused = story.on_child(&worker(story, MANCHESTER), &first.child, &path, end.clone()).await;
    refused.refused(409, "another_contact_undecided");
    story.decide(&worker(story, BOLTON), &last, "immediate_protection").await.ok();
    story.hub.settled().await;
    story.on_child(&worker(story, MANCHESTER), &first.child, &path, end).await.ok();
    assert_eq!(story.holder(&first.child, ACT_NOW).await, None);
    let contacts = story.history(&worker(story, MANCHESTER), &first).await;
    assert_eq!(contacts.len(), 2, "either end sees the other: {contacts:?}");
}

async fn shielded_address(story: &Story) {
    let child = found_in(story, MANCHESTER, "Hal Hidden").await.child;
    let desk = worker(story, MANCHESTER);
    story.on_child(&desk, &child, "shield", json!({ "shielded": true })).await.ok().has("/shielded", true);
    let mut sent = offer(SALFORD, "P2", &[(&child, &[ACT_NOW])]);
    sent["items"][0]["child_is_now"] = json!({ "address": "12 Secret Lane" });
    let refused = story.post(&desk, "/api/transfers", &sent).await.refused(409, "shielded_address");
    assert!(!refused.body.to_string().contains("Secret"), "a refusal repeats no address");
    sent["items"][0]["child_is_now"] = json!({ "contact_desk": MANCHESTER });
    let transfer = story.post(&desk, "/api/transfers", &sent).await.ok().text("/transfer_id").to_owned();
    let shown = story.get(&worker(story, SALFORD), &format!("/api/transfers/{transfer}")).await.ok();
    assert_eq!(shown.body["sheet"]["children"][0]["child_is_now"], json!({ "contact_desk": MANCHESTER }), "{}", shown.body);
}

async fn partial_information(story: &Story) {
    let child = found_in(story, MANCHESTER, "Ida Partly").await.child;
    let (giver, taker) = (worker(story, MANCHESTER), worker(story, SALFORD));
    let sent = json!({ "to": SALFORD, "priority": "P2", "items": [{ "child_id": child, "duties": [ACT_NOW] }],
                       "sheet": { "situation": "A man waits outside.", "not_known": ["Who he is", "Where the brother is"] } });
    let offered = story.post(&giver, "/api/transfers", &sent).await.ok();
    let (transfer, decide_by) = (offered.text("/transfer_id").to_owned(), offered.text("/decide_by").to_owned());
    let path = format!("/api/transfers/{transfer}");
    let read = story.get(&taker, &path).await.ok().has("/sheet/children/0/child_is_now", "not_known");
    assert_eq!(read.body["sheet"]["not_known"], json!(["Who he is", "Where the brother is"]));
    story.on_transfer(&taker, &transfer, "open", json!({})).await.ok();
    let asked =
        story.on_transfer(&taker, &transfer, "questions", json!({ "text": "Where is the brother?" })).await.ok().has("/state", "query");
    assert_eq!(asked.text("/decide_by"), decide_by, "a question does not stop the clock");
    story.on_transfer(&taker, &transfer, "answers", json!({ "text": "At school." })).await.refused(409, "not_the_giver");
    story.on_transfer(&giver, &transfer, "answers", json!({ "text": "At school." })).await.ok().has("/state", "seen");
    assert_eq!(happened(story, SALFORD, &transfer, "information_given").await[0]["text"], "At school.");
    let without = json!({ "to": SALFORD, "priority": "P2", "items": [{ "child_id": child, "duties": [ACT_NOW] }], "sheet": {} });
    story.post(&giver, "/api/transfers", &without).await.refused(422, "invalid");
}
