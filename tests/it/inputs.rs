//! T41, through HTTP: NHS numbers, names and postcodes as people give them. None of them ever delays a referral; what matches is
//! offered to a person, and nothing is linked by itself.

use std::collections::BTreeMap;

use hub::client::Client;
use kernel::Role;
use serde_json::{Value, json};
use testkit::TestHub;

use crate::flow::{Said as _, Story};

const NHS_NUMBERS: &str = include_str!("../../services/referral-intake/tests-data/nhs-numbers.json");
const NAMES: &str = include_str!("../../services/referral-intake/tests-data/names.json");
const POSTCODES: &str = include_str!("inputs/postcodes.json");

/// How many children one referral may name.
const FAMILY: usize = 30;

/// Two records of whom nothing is known but that nothing is known: suggested to nobody, since they would match each other for ever.
const NO_IDENTITY: u64 = 139;

fn form(children: &[Value]) -> Value {
    json!({
        "concern": "A bruise that the account does not explain.",
        "referrer": { "name": "A nurse in charge", "role": "A&E nurse", "phone": "0161 496 0900" },
        "child_is_now": { "site": "RM301" }, "danger_now": "no", "children": children,
    })
}

/// Refers children, 30 at once, and gives the receipt of each.
async fn refer(story: &Story, who: &Client, children: &[Value]) -> Vec<Value> {
    let mut receipts = Vec::new();
    for family in children.chunks(FAMILY) {
        let reply = story.post(who, "/api/intake/referrals", &form(family)).await.ok();
        let received = reply.body["children"].as_array().unwrap().clone();
        assert_eq!(received.len(), family.len());
        receipts.extend(received);
    }
    receipts
}

fn matches(receipt: &Value) -> BTreeMap<&str, &Value> {
    let matches = receipt["possible_matches"].as_array().unwrap();
    matches.iter().map(|one| (one["child_id"].as_str().unwrap(), one)).collect()
}

fn id(receipt: &Value) -> &str {
    receipt["child_id"].as_str().unwrap()
}

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|one| one[field].as_str().unwrap()).collect()
}

/// No record was ever joined to another by the hub.
async fn assert_nothing_was_linked(hub: &TestHub) {
    hub.settled().await;
    for service in ["intake", "transfers"] {
        let sql = "select count(*) from log.event where type like '%linked%'";
        let linked: i64 = sqlx::query_scalar(sql).fetch_one(&hub.owner(service).await).await.unwrap();
        assert_eq!(linked, 0, "{service}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_nhs_number_finds_the_child_and_a_bad_one_is_kept_flagged_and_left_out_and_none_refuses_a_referral() {
    let story = Story::new(TestHub::start("inputs-nhs").await);
    let nurse = story.of("RM301", Role::Referrer);
    let lists: Value = serde_json::from_str(NHS_NUMBERS).unwrap();
    let numbered = |numbers: &[&str]| numbers.iter().map(|number| json!({ "nhs_number": number })).collect::<Vec<_>>();
    let valid: Vec<&str> = lists["valid"].as_array().unwrap().iter().map(|number| number.as_str().unwrap()).collect();
    let (invalid, formats) = (texts(&lists["invalid"], "value"), texts(&lists["accepted_formats"], "input"));
    assert_eq!((valid.len(), invalid.len(), formats.len()), (200, 200, 10));

    let first = refer(&story, &nurse, &numbered(&valid)).await;
    let again = refer(&story, &nurse, &numbered(&valid)).await;
    for ((number, first), again) in valid.iter().zip(&first).zip(&again) {
        assert_eq!((&first["nhs_number_kept_as_text"], &again["nhs_number_kept_as_text"]), (&json!(false), &json!(false)), "{number}");
        let found = matches(again);
        let found = found.get(id(first)).unwrap_or_else(|| panic!("{number} does not find the child: {again}"));
        assert!(found["why"].as_array().unwrap().iter().any(|why| why.as_str().unwrap().contains("NHS number")), "{found}");
    }
    let typed = refer(&story, &nurse, &numbered(&formats)).await;
    for (receipt, format) in typed.iter().zip(lists["accepted_formats"].as_array().unwrap()) {
        let place = valid.iter().position(|number| *number == format["normalised"]).unwrap();
        assert_eq!(receipt["nhs_number_kept_as_text"], false, "{format}");
        assert!(matches(receipt).contains_key(id(&first[place])), "{format}");
    }
    for _ in 0..2 {
        let receipts = refer(&story, &nurse, &numbered(&invalid)).await;
        for (number, receipt) in invalid.iter().zip(&receipts) {
            assert_eq!(receipt["nhs_number_kept_as_text"], !number.trim().is_empty(), "{number:?}");
            assert_eq!(matches(receipt).len(), 0, "{number:?} was used for matching: {receipt}");
        }
    }
    assert_nothing_was_linked(&story.hub).await;
    story.hub.finish().await;
}

fn record(record: &Value) -> Value {
    let parts = ["given", "middle", "family"].into_iter().filter_map(|part| record[part].as_str());
    let name = parts.collect::<Vec<_>>().join(" ");
    let mut child = json!({ "names": [name], "date_of_birth": record["dob"] });
    if record["postcode"].is_string() {
        child["home"] = json!({ "postcode": record["postcode"] });
    }
    child
}

/// A day of birth that is none cannot be sent: the answer points to it, and the referral is sent without it.
async fn without_what_is_no_date(story: &Story, who: &Client, mut child: Value) -> Value {
    if child["date_of_birth"].as_str().unwrap().parse::<jiff::civil::Date>().is_err() {
        let asked_back = story.post(who, "/api/intake/referrals", &form(std::slice::from_ref(&child))).await.refused(422, "invalid");
        assert_eq!(asked_back.text("/errors/0/pointer"), "/children/0/date_of_birth");
        child["date_of_birth"] = "not_known".into();
    }
    child
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_pair_of_names_that_may_be_one_child_is_offered_none_that_cannot_and_a_person_decides() {
    let story = Story::new(TestHub::start("inputs-names").await);
    let nurse = story.of("RM301", Role::Referrer);
    let lists: Value = serde_json::from_str(NAMES).unwrap();
    let pairs = lists["pairs"].as_array().unwrap();
    let (mut earlier, mut later) = (Vec::new(), Vec::new());
    for pair in pairs {
        earlier.push(without_what_is_no_date(&story, &nurse, record(&pair["a"])).await);
        later.push(without_what_is_no_date(&story, &nurse, record(&pair["b"])).await);
    }
    let earlier = refer(&story, &nurse, &earlier).await;
    let later = refer(&story, &nurse, &later).await;
    let (mut count, mut faults) = (BTreeMap::<&str, u32>::new(), Vec::new());
    for (pair, (a, b)) in pairs.iter().zip(earlier.iter().zip(&later)) {
        let found = matches(b);
        let found = found.get(id(a));
        let strength = found.map(|found| found["strength"].as_str().unwrap());
        let reasons = found.map_or(0, |found| found["why"].as_array().unwrap().len());
        let right = match pair["expect"].as_str().unwrap() {
            "match" => reasons > 0,
            "no_match" => found.is_none(),
            "review" if pair["n"] == NO_IDENTITY => found.is_none(),
            "review" => strength == Some("unsure") && reasons > 0,
            other => panic!("a new expectation: {other}"),
        };
        *count.entry(pair["expect"].as_str().unwrap()).or_default() += 1;
        if !right {
            faults.push(format!("{pair}: {found:?}"));
        }
    }
    assert_eq!(count, BTreeMap::from([("match", 54), ("no_match", 17), ("review", 79)]));
    assert!(faults.is_empty(), "{faults:#?}");
    assert_nothing_was_linked(&story.hub).await;
    story.hub.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postcode_of_any_form_is_kept_as_it_was_given_and_never_refuses_a_referral() {
    let story = Story::new(TestHub::start("inputs-postcodes").await);
    let nurse = story.of("RM301", Role::Referrer);
    let lists: Value = serde_json::from_str(POSTCODES).unwrap();
    let list = |name: &str| lists[name].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let (valid, invalid) = (list("valid"), list("invalid"));
    assert_eq!((valid.len(), invalid.len()), (30, 30));
    let salford_royal = |code: &str| json!({ "site": "RM301", "postcode": code });
    for code in valid.iter().chain(&invalid) {
        let mut body = form(&[json!({ "names": ["Ada Example"], "home": { "address": "1 Example Street", "postcode": code } })]);
        body["child_is_now"] = salford_royal(code);
        let made = story.refer(&nurse, &body).await;
        assert_eq!(made.reply.text("/owner/borough"), "E08000006", "{code:?}: it belongs to the borough of the hospital");
        let sender = story.get(&nurse, &made.path()).await.ok();
        let kept = if code.trim().is_empty() { Value::Null } else { code.as_str().into() };
        assert_eq!(sender.body.pointer("/children/0/home/postcode"), Some(&kept), "{code:?}: {}", sender.body);
        if invalid.contains(code) {
            assert!(made.reply.body["home_borough"].is_null(), "{code:?} led to a borough: {}", made.reply.body);
        }
    }
    story.hub.finish().await;
}
