//! How the form is used: the report equals a recount.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{ReferralId, Timestamp};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use proto_events::intake::Intake;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::*;

const SITTINGS: &str = "/api/procedures/forms/referral/sittings";
const FIELDS: [&str; 12] = [
    "concern",
    "referrer",
    "child_is_now",
    "danger_now",
    "names",
    "date_of_birth",
    "home",
    "with_the_child",
    "child_says",
    "parent_knows",
    "needs",
    "done_already",
];

/// A referral as a test made it up: when, what was filled, and for each decision whether the decider had opened it.
#[derive(Clone, Debug)]
struct Referral {
    minutes: i64,
    filled: BTreeSet<&'static str>,
    decisions: Vec<bool>,
}

/// A sitting as a test made it up.
#[derive(Clone, Debug)]
struct Sitting {
    seconds: u32,
    fields: BTreeMap<&'static str, u32>,
    sent: bool,
    /// Whether its beginning was told too.
    begun: bool,
}

fn some_fields() -> impl Strategy<Value = BTreeSet<&'static str>> {
    proptest::collection::btree_set(proptest::sample::select(&FIELDS[..]), 1..12)
}

fn referrals() -> impl Strategy<Value = Vec<Referral>> {
    let one = (0..20_000_i64, some_fields(), proptest::collection::vec(any::<bool>(), 0..3));
    proptest::collection::vec(one.prop_map(|(minutes, filled, decisions)| Referral { minutes, filled, decisions }), 2_000)
}

fn sittings() -> impl Strategy<Value = Vec<Sitting>> {
    let one = (60..1_000_u32, some_fields(), any::<bool>(), any::<bool>()).prop_map(|(seconds, fields, sent, begun)| {
        let spent = |(place, field)| (field, seconds / (place + 1));
        Sitting { seconds, fields: (0_u32..).zip(fields).map(spent).collect(), sent, begun }
    });
    proptest::collection::vec(one, 120)
}

fn middle(mut of: Vec<u32>) -> Value {
    of.sort_unstable();
    match (of.len(), of.len() / 2) {
        (0, _) => Value::Null,
        (length, half) if length % 2 == 1 => json!(f64::from(of[half])),
        (_, half) => json!((f64::from(of[half - 1]) + f64::from(of[half])) / 2.0),
    }
}

/// A row of figures; those with fewer than five forms under them are not in it.
fn row(figures: &[(&str, usize, Value)]) -> Value {
    let told = figures.iter().filter(|(_, forms, _)| *forms >= 5).map(|(name, _, figure)| ((*name).to_owned(), figure.clone()));
    let mut row: serde_json::Map<String, Value> = told.collect();
    row.insert("too_few".to_owned(), (row.len() < figures.len()).into());
    row.into()
}

/// Minutes of a week.
const WEEK: i64 = 7 * 24 * 60;

/// Referrals by their weeks, where each began so many minutes after a Monday's midnight.
fn by_week<'a>(referrals: &[&'a Referral], offset: i64) -> BTreeMap<i64, Vec<&'a Referral>> {
    let mut weeks = BTreeMap::<i64, Vec<&Referral>>::new();
    for referral in referrals {
        weeks.entry((offset + referral.minutes).div_euclid(WEEK)).or_default().push(referral);
    }
    weeks
}

/// The report by a count of one's own. All sittings are of one week.
fn recount(referrals: &[&Referral], offset: i64, sittings: &[Sitting]) -> Value {
    let weeks = by_week(referrals, offset);
    let mut fields = serde_json::Map::new();
    for field in FIELDS {
        let of_week =
            |week: &Vec<&Referral>| week.iter().filter(|one| one.filled.contains(field)).map(|one| one.decisions.contains(&true)).collect();
        let filled: Vec<bool> = weeks.values().map(of_week).filter(|week: &Vec<bool>| week.len() >= 5).flatten().collect();
        let read = filled.iter().filter(|read| **read).count();
        let spent: Vec<u32> = sittings.iter().filter_map(|sitting| sitting.fields.get(field).copied()).collect();
        let (forms, times) = (filled.len(), spent.len());
        if forms >= 5 || times >= 5 {
            let figures = [("filled", forms, json!(forms)), ("read", forms, json!(read)), ("median_seconds", times, middle(spent))];
            fields.insert(field.to_owned(), row(&figures));
        }
    }
    let counted: Vec<&Referral> = weeks.into_values().filter(|week| week.len() >= 5).flatten().collect();
    let (forms, sat) = (counted.len(), sittings.len());
    let sent: Vec<u32> = sittings.iter().filter(|sitting| sitting.sent).map(|sitting| sitting.seconds).collect();
    let mut report = row(&[
        ("referrals", forms, json!(forms)),
        ("decided", forms, json!(counted.iter().filter(|referral| !referral.decisions.is_empty()).count())),
        ("sittings", sat, json!(sat)),
        ("abandoned", sat, json!(sat - sent.len())),
        ("median_seconds", sent.len(), middle(sent)),
    ]);
    report["fields"] = fields.into();
    report
}

fn told(begin: Timestamp, number: usize, referral: &Referral) -> Vec<Intake> {
    let id = ReferralId::from_uuid(Uuid::from_u128(u128::try_from(number).unwrap() + 1)).to_string();
    let at = begin + std::time::Duration::from_secs(u64::try_from(referral.minutes).unwrap() * 60);
    let filled: Vec<String> = referral.filled.iter().map(|field| (*field).to_owned()).collect();
    let received = Intake::ReferralReceived {
        referral: id.clone(),
        children: Vec::new(),
        owner: SALFORD.to_owned(),
        home: None,
        received_at: at,
        decide_by: at,
        out_of_hours: false,
        edition: 1,
        filled: filled.clone(),
    };
    let decided = referral.decisions.iter().map(|opened| Intake::ReferralDecided {
        referral: id.clone(),
        children: Vec::new(),
        borough: SALFORD.to_owned(),
        outcome: "early_help".to_owned(),
        edition: 1,
        read: if *opened { filled.clone() } else { Vec::new() },
    });
    std::iter::once(received).chain(decided).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn report(world: &World, from: Timestamp, to: Timestamp) -> Value {
    world.get(NURSE, &format!("/api/procedures/forms/referral/report?from={from}&to={to}")).await.expect(200).body["report"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_equals_a_recount_of_random_referrals_and_sittings_also_after_the_view_is_made_again() {
    let world = World::new("report").await;
    let mut runner = TestRunner::new(Config::default());
    println!("{runner}");
    let mut referrals = referrals().new_tree(&mut runner).unwrap().current();
    let mut sittings = sittings().new_tree(&mut runner).unwrap().current();
    // One field that few forms of any week have, one that only few of a later week have, and one on which few people spent time.
    for (number, referral) in referrals.iter_mut().enumerate() {
        referral.filled.retain(|field| match *field {
            "needs" => number % 400 == 0,
            "home" => referral.minutes < 5_000 || number % 700 == 0,
            _ => true,
        });
        referral.filled.insert("concern");
    }
    for sitting in sittings.iter_mut().skip(3) {
        sitting.fields.remove("done_already");
    }
    let begin = world.clock.now() - std::time::Duration::from_secs(20_000 * 60);
    let events: Vec<Intake> = referrals.iter().enumerate().flat_map(|(number, referral)| told(begin, number, referral)).collect();
    world.intake_says(&events).await;
    for (sitting, id) in sittings.iter().zip((1..).map(Uuid::from_u128)) {
        if sitting.begun {
            world.post(NURSE, SITTINGS, &json!({ "sitting_id": id })).await.expect(201);
        }
        let body = json!({ "sitting_id": id, "seconds": sitting.seconds, "fields": sitting.fields, "sent": sitting.sent });
        world.post(NURSE, SITTINGS, &body).await.expect(201);
    }
    world.clock.set(at("2026-11-30T00:00:00Z"));
    let weeks = ["2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z", "2026-11-30T00:00:00Z"].map(at);
    let all: Vec<&Referral> = referrals.iter().collect();
    let offset = (begin - weeks[0]).as_secs() / 60;
    let expected = recount(&all, offset, &sittings);
    assert!(expected["fields"]["needs"].get("filled").is_none() && expected["fields"]["home"].get("filled").is_some());
    assert!(expected["fields"]["done_already"].get("median_seconds").is_none());
    assert_eq!(report(&world, weeks[0], weeks[2]).await, expected);
    // A part of the time has a part of the referrals, and none of the sittings.
    let until = (weeks[1] - begin).as_secs() / 60;
    let early: Vec<&Referral> = referrals.iter().filter(|referral| referral.minutes < until).collect();
    assert_eq!(report(&world, weeks[0], weeks[1]).await, recount(&early, offset, &[]));
    event_store::rebuild(&world.owner, &procedures_registry::views::form_use::FormUse, |_| ()).await.unwrap();
    assert_eq!(report(&world, weeks[0], weeks[2]).await, expected, "made again from the log");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sitting_is_kept_without_anything_that_leads_to_whoever_sat_there() {
    let world = World::new("sitting").await;
    let body = json!({ "sitting_id": Uuid::from_u128(1), "seconds": 200, "fields": { "concern": 90, "needs": 0 }, "sent": false });
    let sent = world.post(NURSE, SITTINGS, &body).await.expect(201);
    assert_eq!(sent.body, json!({ "told": true }));
    let row: (String, String) = sqlx::query_as("select actor::text, convert_from(data, 'utf8') from log.event where type = 'form.sat'")
        .fetch_one(&world.owner)
        .await
        .unwrap();
    for kept in [&row.0, &row.1] {
        assert!(!kept.contains("nurse") && !kept.contains(SALFORD_ROYAL), "{kept}");
    }
    let keys: i64 = sqlx::query_scalar("select count(*) from log.receipt where principal = 'nurse'").fetch_one(&world.owner).await.unwrap();
    assert_eq!(keys, 0, "nor with the key");
    for (bad, pointer) in [
        (json!({ "seconds": 86_401, "fields": {}, "sent": true }), "/seconds"),
        (json!({ "seconds": 10, "fields": { "concern": 11 }, "sent": true }), "/fields"),
        (json!({ "seconds": 10, "fields": { "Marigold": 1 }, "sent": true }), "/fields"),
        (json!({ "seconds": 10 }), "/sent"),
        (json!({ "fields": { "concern": 0 } }), "/sent"),
    ] {
        let mut bad = bad;
        bad["sitting_id"] = json!(Uuid::from_u128(2));
        let refused = world.post(NURSE, SITTINGS, &bad).await.expect(422);
        assert_eq!(refused.pointers(), [pointer]);
        assert!(!refused.body.to_string().contains("Marigold"));
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_of_a_hub_that_does_not_tell_its_fields_counts_nowhere() {
    let world = World::new("untold").await;
    let begin = world.clock.now();
    let silent = Referral { minutes: 0, filled: BTreeSet::new(), decisions: vec![true] };
    world.intake_says(&(0..6).flat_map(|number| told(begin, number, &silent)).collect::<Vec<_>>()).await;
    world.clock.set(at("2026-11-30T00:00:00Z"));
    assert_eq!(report(&world, at("2026-11-23T00:00:00Z"), at("2026-11-30T00:00:00Z")).await, recount(&[], 0, &[]));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_over_whole_weeks_that_are_over_and_shows_no_week_with_fewer_than_five_forms() {
    let world = World::new("weeks").await;
    world.clock.set(at("2027-04-05T12:00:00Z"));
    let referral = |minutes: i64| Referral { minutes, filled: BTreeSet::from(["concern"]), decisions: vec![true] };
    // Five in a week that the clocks' change makes an hour shorter, the last of them in its last minute; four in the one before.
    let (quiet, full) = (at("2027-03-15T00:00:00Z"), at("2027-03-22T00:00:00Z"));
    let fives: Vec<Referral> = [0, 1, 2, 3, 7 * 24 * 60 - 61].into_iter().map(referral).collect();
    let fours: Vec<Referral> = (0..4).map(referral).collect();
    let events = fives.iter().enumerate().map(|(number, referral)| told(full, number, referral));
    let more = fours.iter().enumerate().map(|(number, referral)| told(quiet, number + 5, referral));
    world.intake_says(&events.chain(more).flatten().collect::<Vec<_>>()).await;
    let (five, none) = (recount(&fives.iter().collect::<Vec<_>>(), 0, &[]), recount(&[], 0, &[]));
    assert_eq!(report(&world, full, at("2027-03-28T23:00:00Z")).await, five);
    assert_eq!(report(&world, quiet, full).await, none, "four forms show nothing");
    assert_eq!(report(&world, quiet, at("2027-03-28T23:00:00Z")).await, five, "nor does the difference of two reports");

    for (from, to, named, nearest) in [
        ("2027-03-22T00:00:01Z", "2027-03-28T23:00:00Z", "from", "2027-03-22T00:00:00Z or 2027-03-28T23:00:00Z"),
        ("2027-03-22T00:00:00Z", "2027-03-29T00:00:00Z", "to", "2027-03-28T23:00:00Z or 2027-04-04T23:00:00Z"),
        ("2027-03-22T00:00:00Z", "2027-04-11T23:00:00Z", "to", "a week that is over: 2027-04-04T23:00:00Z"),
    ] {
        let path = format!("/api/procedures/forms/referral/report?from={from}&to={to}");
        let refused = world.get(NURSE, &path).await.expect(422).body["errors"].take();
        assert_eq!((refused.as_array().unwrap().len(), &refused[0]["parameter"]), (1, &json!(named)), "{refused}");
        assert!(refused[0]["detail"].as_str().unwrap().contains(nearest), "{refused}");
    }
    world.end().await;
}
