//! Nobody answers, everybody answers, and nobody wants it: the holder stays, and somebody is called by name.

#![expect(clippy::unwrap_used, reason = "a test helper")]

use serde_json::{Value, json};

use super::{ACT_NOW, BOLTON, MANCHESTER, SALFORD, TRAFFORD, acts, called, found_in, happened, hub_at, manager, offered, taken, worker};
use crate::flow::{Said as _, Story, concern, offer, responsibility};

#[tokio::test]
async fn silence_refusal_and_rival_claims_leave_one_holder_and_call_somebody_by_name() {
    let story = hub_at("silence", "2026-11-23T10:00:00Z").await;
    same_offer_twice(&story).await;
    hospital_refers_and_may_follow_and_escalate_never_move_a_duty(&story).await;
    discharge_pending(&story).await;
    both_claim(&story).await;
    neither_claims(&story).await;
    receiver_silent(&story).await;
    empty_rota(&story).await;
    story.hub.finish().await;
}

async fn same_offer_twice(story: &Story) {
    let child = found_in(story, MANCHESTER, "Ann Twice").await.child;
    let giver = worker(story, MANCHESTER);
    let body = offer(SALFORD, "P2", &[(&child, &[ACT_NOW])]);
    let (first, again) =
        (giver.post("/api/transfers", "offer-of-ann", &body).await, giver.post("/api/transfers", "offer-of-ann", &body).await);
    let (first, again) = (first.unwrap().ok(), again.unwrap().ok());
    assert_eq!((first.text("/transfer_id"), again.replayed), (again.text("/transfer_id"), true));
    let refused = story.post(&giver, "/api/transfers", &body).await.refused(409, "duty_in_transfer");
    assert!(refused.text("/detail").contains(first.text("/transfer_id")), "{}", refused.body);
    let inbox = story.get(&worker(story, SALFORD), &format!("/api/transfers?borough={SALFORD}&direction=in")).await.ok();
    let offers = inbox.body["items"].as_array().into_iter().flatten().filter(|it| it["items"][0]["child_id"] == child.as_str()).count();
    assert_eq!(offers, 1);
}

async fn hospital_refers_and_may_follow_and_escalate_never_move_a_duty(story: &Story) {
    let nurse = story.person("north-manchester-nurse");
    let child = story.refer(&nurse, &concern("Ben Ward", json!({ "site": "RW602" }))).await.child;
    assert_eq!(acts(story, &child).await, MANCHESTER);
    let transfer = offered(story, (MANCHESTER, SALFORD), "P1", &child).await;
    story.get(&nurse, &format!("/api/transfers/{transfer}")).await.ok().has("/holder", MANCHESTER);
    story.on_transfer(&nurse, &transfer, "escalate", json!({})).await.ok().has("/flags/escalated", 1);
    for command in ["accept", "decline", "withdraw", "redirect", "close", "handover"] {
        story.on_transfer(&nurse, &transfer, command, taken(&child)).await.refused(403, "forbidden");
    }
    let end = json!({ "reason": "She looks well." });
    story.on_child(&nurse, &child, &format!("duties/{ACT_NOW}/end"), end).await.refused(403, "forbidden");
    // Another hospital has nothing to do with it.
    story.get(&story.person("royal-bolton-nurse"), &format!("/api/transfers/{transfer}")).await.refused(404, "not_found");
    assert_eq!(acts(story, &child).await, MANCHESTER);
}

async fn discharge_pending(story: &Story) {
    let nurse = story.person("north-manchester-nurse");
    let child = story.refer(&nurse, &concern("Cara Bed", json!({ "site": "RW602" }))).await.child;
    assert_eq!(acts(story, &child).await, MANCHESTER);
    let mut sent = offer(SALFORD, "P2", &[(&child, &[ACT_NOW])]);
    sent["discharge_pending"] = true.into();
    let transfer = story.post(&worker(story, MANCHESTER), "/api/transfers", &sent).await.ok().text("/transfer_id").to_owned();
    let path = format!("/api/transfers/{transfer}");
    story.get(&nurse, &path).await.ok().has("/do_not_discharge", true);
    story.open_and_accept(&worker(story, SALFORD), &transfer).await.ok();
    story.get(&nurse, &path).await.ok().has("/do_not_discharge", true);
    story.on_transfer(&worker(story, SALFORD), &transfer, "received", json!({})).await.ok();
    story.get(&nurse, &path).await.ok().has("/do_not_discharge", false);
}

async fn both_claim(story: &Story) {
    let child = found_in(story, MANCHESTER, "Dana Both").await.child;
    let claimant = worker(story, SALFORD);
    let claim = story.post(&claimant, "/api/transfers", &offer(BOLTON, "P2", &[(&child, &[ACT_NOW])])).await.refused(409, "not_the_holder");
    assert_eq!(claim.text("/holder"), MANCHESTER, "{}", claim.body);
    let end = json!({ "reason": "It is ours, and done." });
    story.on_child(&claimant, &child, &format!("duties/{ACT_NOW}/end"), end).await.refused(409, "not_the_holder");
    assert_eq!(acts(story, &child).await, MANCHESTER);
    // The same child under a second record, held by the second borough: once a person has said so, everybody sees the conflict.
    let second = found_in(story, SALFORD, "Dana Both").await.child;
    let link = json!({ "other": child, "reason": "The same child: the mother says so." });
    story.post(&claimant, &format!("/api/intake/children/{second}/links"), &link).await.ok();
    story.hub.settled().await;
    let shown = story.get(&worker(story, MANCHESTER), &responsibility(&child)).await.ok().has("/conflict", true);
    assert_eq!(
        (&shown.body["duties"][0]["holder"], &shown.body["linked"][0]["duties"][0]["holder"]),
        (&json!(MANCHESTER), &json!(SALFORD))
    );
}

async fn neither_claims(story: &Story) {
    let child = found_in(story, MANCHESTER, "Eli Neither").await.child;
    let giver = worker(story, MANCHESTER);
    let first = offered(story, (MANCHESTER, SALFORD), "P1", &child).await;
    let no = json!({ "reason": "not_our_area", "text": "The address is in Bolton.", "suggest": BOLTON });
    let declined = story.on_transfer(&worker(story, SALFORD), &first, "decline", no.clone()).await.ok();
    declined.has("/state", "declined").has("/still_responsible", MANCHESTER);
    story.get(&giver, &format!("/api/transfers/{first}")).await.ok().has("/message", "You are still responsible.");
    let redirected = story.on_transfer(&giver, &first, "redirect", json!({ "to": BOLTON })).await.ok().has("/state", "redirected");
    let second = redirected.text("/new_transfer/transfer_id").to_owned();
    let declined = story.on_transfer(&worker(story, BOLTON), &second, "decline", no).await.ok().has("/flags/disputed", true);
    declined.has("/declines_before", 1).has("/still_responsible", MANCHESTER);
    let keep = json!({ "reason": "We keep her." });
    story.on_transfer(&giver, &second, "withdraw", keep.clone()).await.refused(409, "interim_plan_missing");
    let plan = json!({ "interim_plan": "She stays on the ward; our worker sees her at noon." });
    story.on_transfer(&giver, &second, "interim-plan", plan).await.ok();
    let agreed = json!({ "text": "Manchester keeps her until Friday." });
    story.on_transfer(&giver, &second, "settle", agreed.clone()).await.refused(403, "forbidden");
    story.on_transfer(&manager(story, MANCHESTER), &second, "settle", agreed.clone()).await.ok().has("/flags/disputed", true);
    story.on_transfer(&manager(story, BOLTON), &second, "settle", agreed).await.ok().has("/flags/disputed", false);
    story.on_transfer(&giver, &second, "withdraw", keep).await.ok().has("/state", "withdrawn");
    assert_eq!(acts(story, &child).await, MANCHESTER);
}

async fn receiver_silent(story: &Story) {
    let child = found_in(story, MANCHESTER, "Finn Silent").await.child;
    let transfer = offered(story, (MANCHESTER, SALFORD), "P1", &child).await;
    story.hub.advance("2026-11-23T10:02:00Z").await;
    let down = happened(story, MANCHESTER, &transfer, "link_down").await;
    assert!(down[0]["ring"].as_str().is_some_and(|phone| phone.starts_with("0161 496")), "{down:?}");
    let ladder = [
        ("2026-11-23T10:10:00Z", "duty manager"),
        ("2026-11-23T10:25:00Z", "head of service"),
        ("2026-11-23T10:40:00Z", "director"),
        // No rota has a fourth level: the board's chair is informed by name and decides nothing.
        ("2026-11-23T10:55:00Z", "chair of the safeguarding board"),
    ];
    for (level, (time, post)) in (1..).zip(ladder) {
        story.hub.advance(time).await;
        let lines = happened(story, MANCHESTER, &transfer, "escalated").await;
        let last = lines.last().cloned().unwrap_or_default();
        assert_eq!((lines.len(), &last["level"]), (level, &json!(level)), "{time}: {lines:?}");
        let people = called(&last);
        if level <= 3 {
            assert_eq!(people.iter().map(|(borough, _)| *borough).collect::<Vec<_>>(), [MANCHESTER, SALFORD], "{last}");
        }
        assert!(people.iter().all(|(_, name)| name.contains(post)), "{last}");
        assert_eq!(people.len(), 2, "every level names somebody, the board's chair and deputy too: {last}");
    }
    let shown = story.get(&worker(story, MANCHESTER), &format!("/api/transfers/{transfer}")).await.ok();
    shown.has("/message", "You are still responsible.").has("/state", "offered");
    assert_eq!(acts(story, &child).await, MANCHESTER);
    assert_eq!(happened(story, MANCHESTER, &transfer, "accepted").await, Vec::<Value>::new(), "no clock accepts");
}

async fn empty_rota(story: &Story) {
    let boss = manager(story, TRAFFORD);
    let path = format!("/api/transfers/desks/{TRAFFORD}");
    let now = story.get(&boss, &path).await.ok();
    let rota: Vec<Value> = now.body["rota"].as_array().into_iter().flatten().filter(|turn| turn["level"] != 1).cloned().collect();
    let desk = json!({ "hours": now.body["hours"], "phones": now.body["phones"], "rota": rota });
    boss.put(&path, &story.hub.key(), now.version, &desk).await.unwrap().ok();
    // The gap of tomorrow is an alert today, on the desk's own live list.
    let alert = story.desk_events(&worker(story, TRAFFORD), TRAFFORD, "desk.rota_gap").await;
    assert!(alert.contains("desk.rota_gap"), "{alert}");
    // A call to the empty level goes on to the next one.
    let child = found_in(story, MANCHESTER, "Gus Empty").await.child;
    let transfer = offered(story, (MANCHESTER, TRAFFORD), "P1", &child).await;
    story.on_transfer(&worker(story, MANCHESTER), &transfer, "escalate", json!({})).await.ok();
    let lines = happened(story, MANCHESTER, &transfer, "escalated").await;
    let people = called(&lines[0]);
    let of = |borough: &str| people.iter().find(|(of, _)| *of == borough).map(|(_, name)| *name).unwrap_or_default().to_owned();
    assert!(of(MANCHESTER).contains("duty manager") && of(TRAFFORD).contains("head of service"), "{people:?}");
}
