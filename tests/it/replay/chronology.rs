//! The whole history on one line of time.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use kernel::Timestamp;
use serde_json::Value;

use super::{BRENT, CENTRAL_MIDDLESEX, EALING, ENFIELD, HARINGEY, NORTH_MIDDLESEX, stage::Stage};
use crate::flow::Made;

/// Looks at the record are in the chronology too, and a link at both of its ends; the report leaves these out.
const LEFT_OUT: [&str; 4] = ["referral.viewed", "referral.history_opened", "notices.viewed", "child.linked"];

/// From whichever record one starts, the board reads the same line of time over every service and borough.
pub(super) async fn one_line(stage: &mut Stage, records: &[&Made]) {
    let mut lines = Vec::new();
    for record in records {
        let read = stage.story.chronology(&record.child).await;
        let read: Vec<Value> = read.into_iter().filter(|line| line["service"] != "audit").collect();
        assert!(lines.is_empty() || lines == read, "the records are one child");
        lines = read;
    }
    let told: Vec<&str> = lines.iter().filter_map(|line| line["recorded_at"].as_str()).collect();
    let instants: Vec<Timestamp> = told.iter().filter_map(|text| text.parse().ok()).collect();
    assert!(instants.len() == lines.len() && instants.is_sorted(), "in the order of time");
    let places: BTreeSet<(&str, i64)> =
        lines.iter().filter_map(|line| Some((line["service"].as_str()?, line["position"].as_i64()?))).collect();
    assert_eq!(places.len(), lines.len(), "each event once");
    let orgs: BTreeSet<&str> = lines.iter().filter_map(|line| line["actor"]["org"].as_str()).collect();
    for org in [EALING, BRENT, HARINGEY, ENFIELD, CENTRAL_MIDDLESEX, NORTH_MIDDLESEX] {
        assert!(orgs.contains(org), "{org}: {orgs:?}");
    }
    let received = lines.iter().filter(|line| line["kind"] == "referral_received").count();
    assert_eq!(received, 8, "eight contacts, in one line");
    stage.report().chronology(&lines.iter().filter(|line| !is_left_out(line)).map(shown).collect::<Vec<_>>());
}

fn is_left_out(line: &Value) -> bool {
    line["kind"].as_str().is_some_and(|kind| LEFT_OUT.contains(&kind))
}

fn shown(line: &Value) -> (String, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let at: Timestamp = text(&line["recorded_at"]).parse().unwrap_or_default();
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let what = text(&line["summary"]);
    let who = format!("{}, {}", text(&line["actor"]["org_name"]), text(&line["actor"]["role"]).replace('_', " "));
    (zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string(), who, what)
}
