//! Referrals through a running hub into the field report: what the registry says of the form equals a recount from the logs.

use std::collections::{BTreeMap, BTreeSet};

use event_store::Row;
use serde_json::{Map, Value, json};
use testkit::{TestHub, until};
use uuid::Uuid;

use super::{Press, first_edition};
use crate::flow::{Made, Said as _, Story};

const REFERRALS: &str = "/api/intake/referrals";
const SITTINGS: &str = "/api/procedures/forms/referral/sittings";

/// How a decider comes to the decision.
#[derive(Clone, Copy, PartialEq)]
enum Decided {
    NotYet,
    /// By the history alone.
    Unopened,
    Opened,
    /// Opened, by somebody else than the one who decides.
    OpenedByAnother,
    /// Without having opened it, and again after that.
    Twice,
}

/// A referral with every second, third, … of the fields that may be left out.
fn form(number: usize) -> Value {
    let mut child = Map::new();
    let mut body = json!({
        "concern": "A bruise that the account does not explain.", "referrer": { "name": "A nurse in charge" }, "danger_now": "not_known",
    });
    let optional = [
        ("child_is_now", json!({ "borough": "E08000003" })),
        ("needs", json!("A signer.")),
        ("with_the_child", json!("Her aunt.")),
        ("parent_knows", json!("not_safe_to_ask")),
        ("done_already", json!("not_known")),
    ];
    for (bit, (name, value)) in optional.into_iter().enumerate() {
        body[name] = if number >> bit & 1 == 1 { value } else { json!("not_known") };
    }
    let said = [("names", json!([format!("Child {number}")])), ("date_of_birth", json!("2018-03-04")), ("child_says", json!("Stay."))];
    child.extend(
        said.into_iter().enumerate().filter(|(bit, _)| (number + 1) >> bit & 1 == 1).map(|(_, (name, value))| (name.to_owned(), value)),
    );
    body["children"] = json!([child]);
    body
}

/// The first member of this name, wherever it stands.
fn found<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(name).or_else(|| members.values().find_map(|member| found(member, name))),
        Value::Array(values) => values.iter().find_map(|value| found(value, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn names(value: Option<&Value>) -> BTreeSet<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

async fn log(story: &Story, service: &'static str) -> Vec<Row> {
    event_store::Log::new(story.hub.owner(service).await, service).after(0, 1_000_000).await.unwrap()
}

fn middle(mut of: Vec<u64>) -> Value {
    of.sort_unstable();
    let half = of.len() / 2;
    match of.len() {
        0 => Value::Null,
        length if length % 2 == 1 => json!(of[half] as f64),
        _ => json!((of[half - 1] + of[half]) as f64 / 2.0),
    }
}

/// One referral as intake's log has it.
#[derive(Default)]
struct Told {
    filled: BTreeSet<String>,
    looked: BTreeSet<String>,
    decided: bool,
    /// Whether one of its deciders had opened it before.
    read: bool,
}

/// The referrals of intake's log. A decision says nothing here of what its decider had read: that is counted from the looks before it.
fn referrals(rows: &[Row]) -> BTreeMap<String, Told> {
    let mut all = BTreeMap::<String, Told>::new();
    for row in rows {
        let Some((_, id)) = row.stream.split_once('-') else { continue };
        let data: Value = serde_json::from_slice(&row.data).unwrap();
        let actor: Value = serde_json::from_str(&row.actor).unwrap();
        let who = actor["id"].as_str().unwrap().to_owned();
        match row.type_name.as_str() {
            "referral.received" => all.entry(id.to_owned()).or_default().filled = names(found(&data, "filled")),
            "referral.viewed" => drop(all.entry(id.to_owned()).or_default().looked.insert(who)),
            "referral.decided" => {
                let told = all.entry(id.to_owned()).or_default();
                told.decided = true;
                told.read |= told.looked.contains(&who);
            }
            _ => {}
        }
    }
    all
}

/// The report by a count of one's own, from the logs of intake and of the registry.
fn recount(intake: &[Row], registry: &[Row]) -> Value {
    let told = referrals(intake);
    let of_kind = |name: &'static str| registry.iter().filter(move |row| row.type_name == name);
    let sittings: Vec<Value> = of_kind("form.sat").map(|row| serde_json::from_slice(&row.data).unwrap()).collect();
    // Whoever began and never came back has sent nothing either.
    let streams: BTreeSet<&str> = of_kind("form.sat").chain(of_kind("form.begun")).map(|row| row.stream.as_str()).collect();
    let seconds = |sitting: &Value| found(sitting, "seconds").and_then(Value::as_u64).unwrap();
    let sent = |sitting: &&Value| found(sitting, "sent") == Some(&json!(true));
    // What has fewer than five forms under it is not told.
    let row = |figures: &[(&str, usize, Value)]| {
        let enough = figures.iter().filter(|(_, forms, _)| *forms >= 5);
        let mut row: Map<String, Value> = enough.map(|(name, _, figure)| ((*name).to_owned(), figure.clone())).collect();
        row.insert("too_few".to_owned(), (row.len() < figures.len()).into());
        Value::Object(row)
    };
    let mut fields = Map::new();
    for field in kernel::edition::FieldName::ALL.map(kernel::edition::FieldName::code) {
        let filled: Vec<&Told> = told.values().filter(|told| told.filled.contains(field)).collect();
        let spent: Vec<u64> = sittings.iter().filter_map(|sitting| found(sitting, "fields")?[field].as_u64()).collect();
        let (forms, times, read) = (filled.len(), spent.len(), filled.iter().filter(|told| told.read).count());
        if forms >= 5 || times >= 5 {
            let figures = [("filled", forms, json!(forms)), ("read", forms, json!(read)), ("median_seconds", times, middle(spent))];
            fields.insert(field.to_owned(), row(&figures));
        }
    }
    let finished: Vec<u64> = sittings.iter().filter(sent).map(seconds).collect();
    let mut report = row(&[
        ("referrals", told.len(), json!(told.len())),
        ("decided", told.len(), json!(told.values().filter(|told| told.decided).count())),
        ("sittings", streams.len(), json!(streams.len())),
        ("abandoned", streams.len(), json!(streams.len() - finished.len())),
        ("median_seconds", finished.len(), middle(finished)),
    ]);
    report["fields"] = fields.into();
    report
}

async fn decide(story: &Story, made: &Made, how: Decided) {
    let (worker, other) = (story.person("manchester-duty"), story.person("manchester-night"));
    let unopened = async |on: i64| {
        story.get(&worker, &format!("{}/history", made.path())).await.ok();
        let body = json!({ "outcome": "early_help", "reason": "As it stands.", "repeat_prompt": "Each was read." });
        story.change(&worker, &format!("{}/decisions", made.path()), on, &body).await.ok();
    };
    match how {
        Decided::NotYet => {}
        Decided::Unopened => unopened(1).await,
        Decided::OpenedByAnother => {
            story.get(&other, &made.path()).await.ok();
            unopened(1).await;
        }
        Decided::Opened => drop(story.decide(&worker, made, "early_help").await.ok()),
        Decided::Twice => {
            unopened(1).await;
            story.decide(&worker, made, "section_47_enquiry").await.ok();
        }
    }
}

/// The second edition: it makes two things compulsory that were not, and asks one no more.
fn second(document: &mut Value) {
    let form = document["parts"]["form"].as_array_mut().unwrap();
    form.retain(|field| field["name"] != "with_the_child");
    for field in form {
        field["compulsory"] = ["concern", "referrer", "needs", "names"].contains(&field["name"].as_str().unwrap()).into();
    }
}

async fn in_force(story: &Story, number: i64) {
    let nurse = story.person("salford-royal-nurse");
    until("the second edition is gone by", async || {
        // Refused without a trace under the second, and under the first for another reason.
        let refused = story.post(&nurse, REFERRALS, &json!({})).await;
        refused.body["errors"].as_array().unwrap().iter().any(|fault| fault["pointer"] == "/needs") == (number == 2)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn referrals_with_and_without_fields_through_a_running_hub_make_the_report_that_a_recount_of_the_logs_makes() {
    let file = first_edition("used", 60);
    let story = Story::new(TestHub::start_at("used", "2026-11-23T10:00:00Z", Some(&file)).await.with_desks().await);
    let press = Press::new(|id| story.person(id), &["salford"]);
    assert_eq!(press.publish("2026-11-23T11:00:00Z".parse().unwrap(), second).await, 2);
    let (mut sent, mut refused) = (Vec::new(), 0);
    let mut sittings = (1..).map(Uuid::from_u128);
    let mut next = || sittings.next().unwrap();
    for edition in [1, 2] {
        in_force(&story, edition).await;
        let worker = story.person("manchester-duty");
        for number in 0..20 {
            let body = form(number);
            let reply = story.post(&worker, REFERRALS, &body).await;
            // Under the second edition names are asked for; "not known" is an answer to the rest.
            let child = &body["children"][0];
            if edition == 2 && child.get("names").is_none() {
                reply.refused(422, "invalid");
                refused += 1;
                continue;
            }
            let reply = reply.ok().has("/edition", edition);
            let made = Made { id: reply.text("/referral_id").to_owned(), child: reply.text("/children/0/child_id").to_owned(), reply };
            let how = [Decided::Opened, Decided::Unopened, Decided::NotYet, Decided::OpenedByAnother, Decided::Twice][sent.len() % 5];
            decide(&story, &made, how).await;
            sent.push((body, how));
        }
        for (seconds, given_up) in [(200, false), (340, false), (90, true), (61 * edition, false)] {
            let fields = json!({ "concern": seconds / 2, "child_says": seconds / 3 });
            let sitting_id = next();
            let ended = json!({ "sitting_id": sitting_id, "seconds": seconds, "fields": fields, "sent": !given_up });
            // An old page tells of the end alone, a new one of both, and neither of them counts twice.
            if !given_up {
                story.post(&worker, SITTINGS, &json!({ "sitting_id": sitting_id })).await.ok();
                story.post(&worker, SITTINGS, &ended).await.ok();
            }
            story.post(&worker, SITTINGS, &ended).await.ok();
        }
        story.post(&worker, SITTINGS, &json!({ "sitting_id": next() })).await.ok();
        story.hub.advance(["2026-11-23T11:00:00Z", "2026-11-23T11:05:00Z"][usize::from(edition == 2)]).await;
    }
    story.hub.settled().await;
    story.hub.advance("2026-11-30T00:00:00Z").await;
    let path = "/api/procedures/forms/referral/report?from=2026-11-23T00:00:00Z&to=2026-11-30T00:00:00Z";
    let report = story.get(&story.person("salford-royal-nurse"), path).await.ok().body["report"].take();
    assert_eq!(report, recount(&log(&story, "intake").await, &log(&story, "procedures").await));

    assert_eq!((&report["sittings"], &report["abandoned"]), (&json!(10), &json!(4)), "given up, or begun and never ended");

    // And the log says what was sent: with the field said, and of those as often as the decider had opened it.
    let said =
        |field: &str| sent.iter().filter(move |(body, _)| ![Value::Null, json!("not_known")].contains(&body[field])).collect::<Vec<_>>();
    for field in ["needs", "with_the_child", "done_already", "child_is_now"] {
        let filled = said(field);
        let read = filled.iter().filter(|(_, how)| matches!(how, Decided::Opened | Decided::Twice)).count();
        let told = &report["fields"][field];
        let counts = (told["filled"].as_u64().unwrap_or(0), told["read"].as_u64().unwrap_or(0));
        let said = if filled.len() < 5 { (0, 0) } else { (filled.len(), read) };
        assert_eq!(counts, (u64::try_from(said.0).unwrap(), u64::try_from(said.1).unwrap()), "{field}");
    }
    assert_eq!(report["referrals"], sent.len());
    assert!(refused > 5 && sent.len() > 22, "{refused} refused and {} taken prove nothing", sent.len());
    story.hub.finish().await;
}
