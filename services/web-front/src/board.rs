//! What the board reads: how handovers went, the trail of one child, and whether the record is whole.

pub(crate) mod learning;
pub(crate) mod reports;
pub(crate) mod samples;

use std::collections::BTreeSet;

use axum::{
    body::Bytes,
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use kernel::ChildId;
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::look::Named;

use crate::{failure::Failure, me::Me};

/// Which page of a list: the question that the service gave for the next one.
#[derive(Default, Deserialize)]
pub(crate) struct Part {
    #[serde(default)]
    cursor: String,
}

impl Part {
    pub(crate) fn question(&self) -> String {
        if self.cursor.is_empty() {
            return String::new();
        }
        format!("?{}", form_urlencoded::Serializer::new(String::new()).append_pair("cursor", &self.cursor).finish())
    }
}

/// Which case of a sample this child was.
#[derive(Deserialize)]
pub(crate) struct Unmasked {
    case: Option<u32>,
}

/// A value out of the question of an address.
fn asked_in(address: &Value, wanted: &str) -> Option<String> {
    let (_, question) = address.as_str()?.split_once('?')?;
    form_urlencoded::parse(question.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}

/// The cursor of the next page, out of its address.
pub(crate) fn cursor_of(next: &Value) -> Option<String> {
    asked_in(next, "cursor")
}

/// A file to be kept, under a name.
fn kept(bytes: Bytes, kind: &'static str, name: &str) -> Response {
    let mut response = ([(header::CONTENT_TYPE, kind)], bytes).into_response();
    if let Ok(how) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, how);
    }
    response
}

impl Me {
    /// The day in London.
    fn today(&self) -> Date {
        TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC).to_datetime(self.app.kit().clock.now()).date()
    }
}

/// From the beginning of one day up to the end of another, in London.
fn whole_days(from: Date, to: Date) -> Option<(Timestamp, Timestamp)> {
    let zone = TimeZone::get("Europe/London").ok()?;
    let begins = |day: Date| zone.to_ambiguous_timestamp(day.to_datetime(Time::midnight())).compatible().ok();
    Some((begins(from)?, begins(to.tomorrow().ok()?)?))
}

/// Every handover and how it went.
pub(crate) async fn handovers(me: Me, Query(part): Query<Part>) -> Result<Response, Failure> {
    let found = me.get(&format!("/api/audit/handovers{}", part.question())).await?;
    Ok(me.page("board.html", json!({ "handovers": found.body["items"], "next": cursor_of(&found.body["next"]) })))
}

/// Everything about one child, over every service, in order.
pub(crate) async fn chronology(
    me: Me,
    Path(id): Path<ChildId>,
    (Query(part), Query(unmasked)): (Query<Part>, Query<Unmasked>),
) -> Result<Response, Failure> {
    let found = me.get(&format!("/api/audit/chronologies/{id}{}", part.question())).await?;
    let next = cursor_of(&found.body["next"]);
    // A desk goes on from here to what it may read; an auditor reads no case.
    let cases = if me.works_a_desk() { cases(&found.body["events"]) } else { Vec::new() };
    let data = json!({ "child": id, "events": found.body["events"], "next": next, "case": unmasked.case, "cases": cases });
    Ok(me.page("chronology.html", data))
}

/// The referrals and transfers of a chronology, each with when it is first told of.
fn cases(events: &Value) -> Vec<Value> {
    let (mut known, mut cases) = (BTreeSet::new(), Vec::new());
    for event in events.as_array().into_iter().flatten() {
        for id in Named::within(event.to_string().as_bytes()).cases {
            let (kind, below) = if id.starts_with("ref_") { ("Referral", "referrals") } else { ("Transfer", "transfers") };
            let case = json!({ "kind": kind, "href": format!("/{below}/{id}"), "at": event["recorded_at"] });
            if known.insert(id) {
                cases.push(case);
            }
        }
    }
    cases
}

/// The whole chronology as one page for paper.
pub(crate) async fn pack(me: Me, Path(id): Path<ChildId>) -> Result<Response, Failure> {
    let page = me.file(&format!("/api/audit/chronologies/{id}/pack")).await?;
    // Kept and not shown: the page brings its own style, which ours do not let in.
    Ok(kept(page, "text/html; charset=utf-8", &format!("chronology-{id}.html")))
}

/// Who looked at a child.
pub(crate) async fn looks(me: Me, Path(id): Path<ChildId>, Query(part): Query<Part>) -> Result<Response, Failure> {
    let found = me.get(&format!("/api/audit/looks/{id}{}", part.question())).await?;
    Ok(me.page("looks.html", json!({ "child": id, "looks": found.body["items"], "next": cursor_of(&found.body["next"]) })))
}

/// Who outside the hub vouches for each log, and whether any of it is missing here.
pub(crate) async fn proofs(me: Me) -> Result<Response, Failure> {
    let proofs = me.get("/api/audit/proofs").await?;
    let whole = me.get("/api/audit/continuity").await?;
    Ok(me.page("proofs.html", json!({ "proofs": proofs.body, "whole": whole.body })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chronology_leads_to_each_case_once_the_first_told_of_first() {
        let (referral, transfer) = (format!("ref_{}", "0".repeat(32)), format!("trf_{}", "1".repeat(32)));
        let events = json!([{ "recorded_at": "1", "detail": { "referral_id": referral } },
                            { "recorded_at": "2", "detail": { "transfer_id": transfer, "referral_id": referral } }]);
        let line = |kind: &str, href: String, at: &str| json!({ "kind": kind, "href": href, "at": at });
        let expected = [line("Referral", format!("/referrals/{referral}"), "1"), line("Transfer", format!("/transfers/{transfer}"), "2")];
        assert_eq!(cases(&events), expected);
    }

    #[test]
    fn a_period_has_the_whole_of_its_last_day_in_london_time() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let (from, to) = whole_days(day("2026-06-30"), day("2026-06-30")).unwrap();
        assert_eq!((from.to_string().as_str(), to.to_string().as_str()), ("2026-06-29T23:00:00Z", "2026-06-30T23:00:00Z"));
    }
}
