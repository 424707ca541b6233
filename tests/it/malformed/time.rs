//! Instants and days at the ends of time, and texts that are odd and yet texts: taken whole, or refused with a pointer.

use kernel::Role;
use serde_json::{Value, json};
use testkit::TestHub;

use crate::flow::{Said as _, Story, concern, offer};

/// The first and last instants that can be written, and where PostgreSQL's own time begins.
const ENDS: [&str; 9] = [
    "-009999-01-02T01:59:59Z",
    "-004713-11-23T23:59:59Z",
    "-004713-11-24T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999999Z",
    "9999-12-30T22:00:00.999999999Z",
    "2026-11-23T02:14:60Z",
    "2026-11-23T02:14:00+25:59",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instant_at_the_end_of_time_is_taken_or_refused_and_the_hub_goes_on() {
    let story = Story::new(TestHub::start("malformed-time").await.with_desks().await);
    let (worker, manager) = (story.of("E08000003", Role::DutyWorker), story.of("E08000003", Role::DutyManager));
    let other = story.of("E08000006", Role::DutyWorker);
    let made = story.refer(&worker, &concern("Ada Example", json!({ "borough": "E08000003" }))).await;
    story.hub.settled().await;
    let duty: &[&str] = &["emergency_action"];
    let transfer =
        story.post(&worker, "/api/transfers", &offer("E08000006", "P2", &[(&made.child, duty)])).await.ok().text("/transfer_id").to_owned();
    let mut told = Vec::new();
    for end in ENDS {
        let mut referral = concern("Ben Example", json!("not_known"));
        referral["occurred_at"] = end.into();
        told.push(("referral", end, story.post(&worker, "/api/intake/referrals", &referral).await));
        let mut late = offer("E08000006", "P2", &[(&made.child, duty)]);
        late["occurred_at"] = end.into();
        told.push(("offer", end, story.post(&worker, "/api/transfers", &late).await));
        let said = json!({ "people": ["One Example", "Other Example"], "spoken_at": end, "text": "As agreed." });
        told.push(("agreement", end, story.on_transfer(&worker, &transfer, "agreements", said).await));
        told.push((
            "decline",
            end,
            story.on_transfer(&other, &transfer, "decline", json!({ "reason": "nothing", "occurred_at": end })).await,
        ));
        let notice = json!({ "to": "E08000006", "until": end, "text": "With an aunt." });
        told.push(("notice", end, story.on_child(&worker, &made.child, "notices", notice).await));
        let power = json!({ "power": "police_protection", "started_at": end });
        told.push(("power", end, story.on_child(&worker, &made.child, "powers", power).await));
        let power = json!({ "power": "care_order", "started_at": "2026-01-01T00:00:00Z", "ends_at": end });
        told.push(("order", end, story.on_child(&worker, &made.child, "powers", power).await));
        let day = end.split('T').next().unwrap_or_default();
        told.push(("birth", end, story.on_child(&worker, &made.child, "birth", json!({ "born_on": day })).await));
        let mut child = concern("Cy Example", json!("not_known"));
        child["children"] = json!([{ "date_of_birth": day }, { "expected_on": day }]);
        told.push(("child", end, story.post(&worker, "/api/intake/referrals", &child).await));
        let desk = "/api/transfers/desks/E08000003";
        let now = story.get(&manager, desk).await.ok();
        let turn = json!({ "level": 1, "name": "A manager", "phone": "0161 496 0001", "from": end, "to": "2030-01-01T00:00:00Z" });
        let set =
            json!({ "hours": [], "closed_on": [day], "phones": { "day": "0161 496 0001", "night": "0161 496 0002" }, "rota": [turn] });
        told.push(("desk", end, manager.put(desk, &story.hub.key(), now.version, &set).await.unwrap()));
        told.push((
            "responsibility",
            end,
            story.get(&worker, &format!("/api/transfers/children/{}/responsibility?at={end}", made.child)).await,
        ));
    }
    let faults: Vec<String> = told
        .iter()
        .filter(|(_, _, reply)| reply.status >= 500 || (reply.status == 422 && reply.body["errors"].as_array().is_none_or(Vec::is_empty)))
        .map(|(what, end, reply)| format!("{what} at {end}: {} {}", reply.status, reply.body))
        .collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    for (what, end, reply) in &told {
        println!("time: {what} at {end}: {} {}", reply.status, reply.body["code"]);
    }
    // What was taken can be read by everybody whom it reaches.
    story.get(&worker, "/api/intake/referrals?borough=E08000003").await.ok();
    story.get(&worker, "/api/transfers?borough=E08000003").await.ok();
    story.chronology(&made.child).await;
    story.hub.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_in_any_script_comes_back_as_it_was_sent() {
    let story = Story::new(TestHub::start("malformed-texts").await);
    let worker = story.of("E08000003", Role::DutyWorker);
    let long = "é".repeat(20_000);
    let texts = [
        "Ζωή, Ольга, 美雨, فاطمة, שרה, ਗੁਰਪ੍ਰੀਤ",
        "👩🏽‍👧🏿 family",
        "\u{202e}from right to left",
        "zero\u{200b}width\u{feff}",
        "a\u{301}\u{301}\u{301}",
        "\u{ffff}\u{10ffff}\u{fffd}",
        "tab\tnew line\r\nand \\ \" / \u{7f} \u{85}",
        "'; drop table log.event; --",
        "{{7*7}} ${7*7} <script>alert(1)</script> %s %n",
        "\u{1}\u{2}\u{1f}",
        long.as_str(),
    ];
    for text in texts {
        let mut body = concern("Ada Example", json!("not_known"));
        body["concern"] = text.into();
        let made = story.refer(&worker, &body).await;
        let read: Value = story.get(&worker, &made.path()).await.ok().body;
        assert_eq!(read["concern"], text.trim(), "{read}");
    }
    story.hub.finish().await;
}
