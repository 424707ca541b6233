//! Brent: two calls in June that became two stories, a first admission in July, and a pile that was cleared in September.

use kernel::Role;
use serde_json::{Value, json};

use super::{
    BRENT, CENTRAL_MIDDLESEX, EALING, HARINGEY,
    stage::{Stage, about, living_in, utc},
};
use crate::flow::{Made, Said as _, responsibility};

fn anonymous() -> Value {
    json!({ "anonymous": true })
}

fn lodging() -> Value {
    json!({ "address": "Nicoll Road, Harlesden", "borough": BRENT })
}

/// June 1999. Gives the first call.
pub(super) async fn june(stage: &mut Stage, ealing: &Made) -> Made {
    stage.step(7, "10:00").await;
    let concern = "A fresh mark on the face, wetting, and unfit lodgings. The caller says that the child’s life is in danger.";
    let sent = living_in(about(concern, anonymous(), lodging(), "yes"), "Nicoll Road, Harlesden", BRENT);
    let first = stage.story.refer(&stage.desk(BRENT), &sent).await;
    let receipt = first.reply.clone().has("/owner/borough", BRENT).has("/decide_by", utc("1999-06-21T10:00"));
    let receipt = receipt.has("/children/0/possible_matches/0/child_id", ealing.child.as_str());
    assert!(receipt.body["children"][0]["possible_matches"][0]["why"].as_array().is_some_and(|why| !why.is_empty()), "{}", receipt.body);
    stage.hub(
        "Brent is responsible at once; “in danger: yes” stays with the call whoever reads it. The answer to the person who typed it \
               says that there may be an earlier record of the child in another borough, and why.",
    );
    assert!(stage.listed(BRENT, "undecided", &first).await["seen"] == false);
    stage.outside(8, "nothing is sent on. The same record is on the duty team’s list, and the hub knows whether anybody has opened it.");
    stage.at("1999-06-18T10:10").await;
    assert_eq!(not_seen(stage, &first).await, 1);
    stage.at("1999-06-18T10:25").await;
    assert_eq!(not_seen(stage, &first).await, 2);
    stage.hub(
        "Nobody opens it: after ten minutes the hub calls Brent’s duty manager, a quarter of an hour later the head of service. \
               That it “never came” cannot be said.",
    );
    second_call(stage, &first).await;
    first
}

async fn second_call(stage: &mut Stage, first: &Made) {
    stage.step(9, "09:30").await;
    let sent = living_in(about("Wetting.", anonymous(), lodging(), "not_sure"), "Nicoll Road, Harlesden", BRENT);
    let desk = stage.desk(BRENT);
    let second = stage.story.refer(&desk, &sent).await;
    second.reply.clone().has("/owner/borough", BRENT);
    let history = stage.open_and_link(&desk, &second).await;
    let lines: Vec<(&Value, &Value)> = history.iter().map(|line| (&line["danger_now"], &line["outcome"])).collect();
    assert_eq!(lines, [(&json!("no"), &json!("undecided")), (&json!("yes"), &json!("undecided"))]);
    stage.hub(
        "Before the second call can be decided on, its history must be opened: Ealing’s referral of April, and the call of 18 June \
               with “in danger: yes”, both undecided. A person says that the three records are one child; nothing is merged.",
    );
    stage.story.decide(&desk, &second, "child_in_need_assessment").await.ok();
    stage.story.hub.settled().await;
    stage.may_not_close(BRENT, &second.child, "emergency_action").await;
    stage.hub(
        "The milder call is classed as a child in need. That does not settle the graver one: the duty to act now stays open with \
               Brent, and cannot be closed while the call of 18 June is undecided.",
    );
    stage.at("1999-06-21T10:00").await;
    let entry = stage.listed(BRENT, "undecided", first).await;
    assert_eq!(entry["level"], 1, "{entry}");
    for time in ["10:15", "10:30", "10:45"] {
        stage.at(&format!("1999-06-21T{time}")).await;
    }
    let ladder = ["duty_manager", "head_of_service", "director", "board_chair"];
    assert_eq!(called(stage, first, "referral.decision_overdue").await, ladder);
    rung(stage, first).await;
    assert_eq!(called(stage, first, "referral.not_seen").await, ladder);
    stage.hub(
        "One working day after the first call its decision is overdue: the duty manager is called at 10:00, then every quarter of \
               an hour the next level, the board’s chair at 10:45, each with the telephone of Brent’s desk.",
    );
}

/// Where whoever is called is reached: intake knows the level and the desk, and no name.
async fn rung(stage: &Stage, made: &Made) {
    let shown = stage.story.get(&stage.desk(BRENT), &made.path()).await.ok();
    let calls: Vec<&Value> = shown.body["entries"].as_array().into_iter().flatten().filter(|entry| entry["rings"].is_array()).collect();
    assert_eq!(calls.len(), 8, "{calls:?}");
    for call in calls {
        assert_eq!((&call["rings"][0]["borough"], &call["rings"][0]["desk"]), (&json!(BRENT), &json!("MASH")), "{call}");
        assert!(call["rings"][0]["phone"].as_str().is_some_and(|phone| phone.starts_with("020 7946 0")), "{call}");
    }
}

/// How often the hub has called somebody because nobody had opened a referral. Looking at the record itself would stop that clock.
async fn not_seen(stage: &Stage, made: &Made) -> usize {
    let lines = stage.story.chronology(&made.child).await;
    lines.iter().filter(|line| line["kind"] == "referral.not_seen" && line["actor"]["id"] == "hub:timer").count()
}

/// Who was called about a referral, in order.
async fn called(stage: &Stage, made: &Made, what: &str) -> Vec<String> {
    let shown = stage.story.get(&stage.desk(BRENT), &made.path()).await.ok();
    let entries = shown.body["entries"].as_array().cloned().unwrap_or_default();
    entries.iter().filter(|entry| entry["what"] == what).filter_map(|entry| entry["who"].as_str().map(str::to_owned)).collect()
}

/// July 1999: the visit and the first hospital. Gives the hospital's referral.
pub(super) async fn july(stage: &mut Stage, june: &Made) -> Made {
    stage.step(14, "10:30").await;
    stage.note(&stage.desk(BRENT), june, "Two workers called at Nicoll Road. Nobody was in.").await;
    assert_eq!(stage.listed(BRENT, "overdue", june).await["state"], "undecided");
    stage.hub("The visit is added to the call of 18 June, which stays undecided.");
    stage.outside(15, "the hospital treats her; it has not referred yet.");
    stage.outside(16, "the hospital tells social services by telephone: the next step.");
    stage.step(17, "16:40").await;
    let referrer = json!({ "name": "The paediatric registrar", "role": "hospital doctor", "phone": "020 7946 0910" });
    let ward = json!({ "site": CENTRAL_MIDDLESEX });
    let concern = "Cuts, bruises and bloodshot eyes that the registrar believes were not accidental. Admitted.";
    let sent = living_in(about(concern, referrer, ward, "yes"), "Nicoll Road, Harlesden", BRENT);
    let people = stage.story.of(CENTRAL_MIDDLESEX, Role::Referrer);
    let hospital = stage.story.refer(&people, &sent).await;
    hospital.reply.clone().has("/owner/borough", BRENT).has("/owner/because", "child_is_at_site").has("/owner/desk", "MASH");
    let lines = stage.story.history(&people, &hospital).await;
    let boroughs: Vec<(&Value, &Value)> = lines.iter().map(|line| (&line["borough"], &line["danger_now"])).collect();
    assert_eq!(boroughs, [(&json!(EALING), &json!("no")), (&json!(BRENT), &json!("yes")), (&json!(BRENT), &json!("not_sure"))]);
    stage.hub(
        "The hospital refers itself, and its own people see that three contacts in two boroughs may be about her, one of them “in \
               danger: yes” and undecided: dates and codes, no more.",
    );
    let desk = stage.desk(BRENT);
    let history = stage.open_and_link(&desk, &hospital).await;
    assert_eq!(history.len(), 3, "{history:?}");
    stage.story.decide(&desk, &hospital, "section_47_enquiry").await.ok();
    stage.story.hub.settled().await;
    assert_eq!(stage.story.holder(&hospital.child, "enquiry").await.as_deref(), Some(BRENT));
    stage.hub(
        "A call at 16:40 is the day team’s. Before the decision they see three earlier contacts in two boroughs. The enquiry opens \
               with Brent; the duty to act now stays open beside it.",
    );
    protection(stage, &hospital).await;
    hospital
}

async fn protection(stage: &mut Stage, hospital: &Made) {
    stage.step(18, "17:30").await;
    let desk = stage.desk(BRENT);
    let began = json!({ "power": "police_protection", "started_at": utc("1999-07-14T17:15") });
    stage.story.on_child(&desk, &hospital.child, "powers", began).await.ok();
    let runs = json!([{ "power": "police_protection", "started_at": utc("1999-07-14T17:15"), "ends_at": utc("1999-07-17T17:15") }]);
    stage.story.get(&desk, &responsibility(&hospital.child)).await.ok().has("/powers", runs);
    stage.hub("Police protection is on the record with its end by law, 72 hours after it was used: 17 July, 17:15.");
    stage.step(19, "21:00").await;
    stage.note(&desk, hospital, "A consultant finds that scabies explains the marks.").await;
    let shown = stage.story.get(&desk, &hospital.path()).await.ok();
    let kinds: Vec<&Value> = shown.body["entries"].as_array().into_iter().flatten().map(|entry| &entry["what"]).collect();
    assert_eq!(kinds, ["referral.decided", "referral.information_added"]);
    assert!(shown.text("/concern").contains("not accidental"), "{}", shown.body);
    stage.hub("The opinion stands beside the registrar’s view of the same day. Neither replaces the other.");
    stage.step(20, "09:30").await;
    let desk = stage.desk(BRENT);
    let again = stage.story.decide(&desk, hospital, "child_in_need_assessment").await.ok();
    assert!(again.body["supersedes"].is_string(), "{}", again.body);
    let shown = stage.story.get(&desk, &hospital.path()).await.ok();
    let outcomes: Vec<&Value> = shown.body["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|it| it["what"] == "referral.decided")
        .map(|it| &it["outcome"])
        .collect();
    assert_eq!(outcomes, ["section_47_enquiry", "child_in_need_assessment"]);
    stage.hub("The second decision supersedes the first; both stay readable, each with its person and reason.");
    stage.step(21, "10:00").await;
    stage.story.on_child(&desk, &hospital.child, "powers/end", json!({ "power": "police_protection" })).await.ok();
    let lines = stage.story.chronology(&hospital.child).await;
    assert!(lines.iter().any(|line| line["kind"] == "power.ended" && line["recorded_at"] == utc("1999-07-15T10:00")), "{lines:?}");
    stage.hub("That police protection was lifted after 17 hours is on the record of the child, for whoever sees her next.");
    stage.step(22, "14:00").await;
    stage.may_not_close(BRENT, &hospital.child, "emergency_action").await;
    stage.hub("She goes home. Refused: Brent’s duty to act now cannot be closed, since its own call of 18 June is undecided.");
}

/// September 1999.
pub(super) async fn closing(stage: &mut Stage, june: &Made, hospital: &Made) {
    stage.step(40, "11:00").await;
    for (child, duty) in [(&june.child, "emergency_action"), (&hospital.child, "emergency_action"), (&hospital.child, "enquiry")] {
        stage.may_not_close(BRENT, child, duty).await;
    }
    let desk = stage.desk(BRENT);
    let decision =
        json!({ "outcome": "no_further_action", "reason": "The family is said to have left the address.", "repeat_prompt": "Moved." });
    stage.story.on(&desk, &june.path(), "decisions", decision).await.refused(409, "history_not_read");
    let history = stage.story.history(&desk, june).await;
    let boroughs: Vec<&Value> = history.iter().map(|line| &line["borough"]).collect();
    assert!(boroughs.contains(&&json!(HARINGEY)), "{history:?}");
    let undecided = history.iter().filter(|line| line["outcome"] == "undecided").count();
    let doctors = history.iter().filter(|line| line["who"] == "hospital doctor").count();
    assert!(undecided > 0 && doctors == 3, "{history:?}");
    stage.hub(
        "Refused, three times: nothing about her can be closed while contacts are undecided. To decide on the call of June a person \
               must open its history, and there reads of two hospital stays and a worried doctor’s letter to Haringey. “Moved” names no \
               borough that took over; an offer to Haringey would.",
    );
}
