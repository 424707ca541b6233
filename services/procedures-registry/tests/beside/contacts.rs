//! Whom to ring, in the borough of the reader or the one asked for.

use proto_events::transfers::{OfficeHours, Transfers};
use serde_json::json;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_resolved_for_the_readers_borough_as_its_desk_is_on_shift_now_and_what_is_unknown_says_what_to_do() {
    let world = World::new("contacts").await;
    let mut all = procedure("police-protection", "Police protection");
    all["contacts"] = json!(["duty_desk", "duty_manager", "board"]);
    world.adopt(&[all]).await;
    let hours = (1..=5).map(|weekday| OfficeHours { weekday, from: "09:00".to_owned(), to: "17:00".to_owned() });
    let desk = Transfers::DeskSet {
        borough: SALFORD.to_owned(),
        day_phone: "0161 496 0001".to_owned(),
        night_phone: "0161 496 0002".to_owned(),
        covered_by: Some(MANCHESTER.to_owned()),
        hours: hours.collect(),
        closed_on: vec!["2026-12-25".to_owned()],
    };
    world.transfers_say(&[desk]).await;
    let own = "/api/procedures/police-protection?borough=own";

    // 04:14 on a Monday: the night team of the neighbour.
    let night = world.get(SALFORD_WORKER, own).await.expect(200).body;
    assert_eq!(night["borough"], json!({ "code": SALFORD, "name": "Salford" }));
    assert_eq!((&night["desk"]["on_shift"], &night["emergency"]), (&json!("EDT"), &json!("999")));
    assert_eq!((&night["desk"]["day_phone"], &night["desk"]["closed_on"]), (&json!("0161 496 0001"), &json!(["2026-12-25"])));
    assert_eq!(night["desk"]["hours"].as_array().unwrap().len(), 5);
    let (duty, manager, board) = (&night["contacts"][0], &night["contacts"][1], &night["contacts"][2]);
    assert_eq!(
        *duty,
        json!({ "contact": "duty_desk", "desk": "EDT", "phone_now": "0161 496 0002", "ask_for": null,
                             "covered_by": MANCHESTER, "not_recorded": null })
    );
    assert_eq!((&manager["phone_now"], &manager["ask_for"]), (&json!("0161 496 0002"), &json!("the duty manager")));
    assert!(board["phone_now"].is_null() && board["not_recorded"].as_str().unwrap().starts_with("not recorded: "), "{board}");
    assert_eq!(world.get(NURSE, own).await.expect(200).body, night, "the hospital stands in Salford");

    // 10:14: the day team.
    world.clock.set("2026-11-23T10:14:00Z".parse().unwrap());
    let day = world.get(NURSE, &format!("/api/procedures/contacts?borough={SALFORD}")).await.expect(200).body;
    assert_eq!((&day["desk"]["on_shift"], &day["contacts"].as_array().unwrap().len()), (&json!("MASH"), &5));
    assert_eq!((&day["contacts"][0]["phone_now"], &day["contacts"][0]["covered_by"]), (&json!("0161 496 0001"), &json!(null)));

    // Manchester has set no desk.
    let unknown = world.get(MANCHESTER_WORKER, own).await.expect(200).body;
    assert!(unknown["desk"].is_null());
    for contact in unknown["contacts"].as_array().unwrap() {
        assert!(contact["phone_now"].is_null() && !contact["not_recorded"].as_str().unwrap().is_empty(), "{contact}");
    }
    assert!(unknown["contacts"][0]["not_recorded"].as_str().unwrap().contains("Manchester"), "{unknown}");

    // Without a borough everybody is given the same; the board has none of its own.
    let plain = world.get(NURSE, "/api/procedures/police-protection").await.expect(200).body;
    assert!(plain.get("contacts").is_none() && plain == world.get(MANCHESTER_WORKER, "/api/procedures/police-protection").await.body);
    assert_eq!(world.get(APPROVER, own).await.status, 422);
    assert_eq!(world.get(NURSE, "/api/procedures/police-protection?borough=E08999999").await.status, 422);
    world.end().await;
}
