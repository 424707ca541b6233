//! The second hospital, which stands in Enfield: a Saturday evening, and a case that is passed to Haringey.

use kernel::Role;
use serde_json::{Value, json};
use testkit::until;

use super::{
    BRENT, CENTRAL_MIDDLESEX, ENFIELD, HARINGEY, NORTH_MIDDLESEX,
    stage::{Stage, about, living_in, utc},
};
use crate::flow::{Made, Said as _, offer};

const TOTTENHAM: &str = "Somerset Gardens, Tottenham";

/// What the hospital writes.
pub(super) fn from_hospital(concern: &str, found: Value) -> Value {
    let referrer = json!({ "name": "A doctor of the children’s ward", "role": "hospital doctor", "phone": "020 7946 0920" });
    living_in(about(concern, referrer, found, "yes"), TOTTENHAM, HARINGEY)
}

/// July 1999. Gives the hospital's referral; its transfer is answered in the next chapter.
pub(super) async fn second_hospital(stage: &mut Stage) -> Made {
    stage.outside(24, "the hospital treats and admits her; it refers in the evening.");
    stage.step(25, "18:00").await;
    let hospital = stage.story.of(NORTH_MIDDLESEX, Role::Referrer);
    let sent = from_hospital("A scald that staff suspect was no accident, and other marks. Admitted.", json!({ "site": NORTH_MIDDLESEX }));
    let admission = stage.story.refer(&hospital, &sent).await;
    let receipt =
        admission.reply.clone().has("/owner/borough", ENFIELD).has("/owner/because", "child_is_at_site").has("/owner/desk", "EDT");
    let receipt = receipt.has("/home_borough", HARINGEY);
    let matches = receipt.body["children"][0]["possible_matches"].as_array().map_or(0, Vec::len);
    assert_eq!(matches, 4, "{}", receipt.body);
    assert_eq!(stage.story.holder(&admission.child, "emergency_action").await.as_deref(), Some(ENFIELD));
    stage.hub(
        "No wrong door: whoever the ward rings, Enfield’s night team is responsible, because she is found there; Haringey is told \
               as her home. The ward is told at once that four earlier records may be hers, and why.",
    );
    the_ward_sees_the_first_admission(stage, &admission).await;
    assert_eq!(stage.listed(HARINGEY, "undecided", &admission).await["yours"], "home");
    haringey_reads_the_first_admission(stage, &admission).await;
    monday(stage, &admission).await;
    passed_on(stage, &admission).await;
    admission
}

/// The second hospital's own people, and nobody for them, before any borough has said that the records are one child.
async fn the_ward_sees_the_first_admission(stage: &mut Stage, admission: &Made) {
    let ward = stage.story.of(NORTH_MIDDLESEX, Role::Referrer);
    let shown = stage.story.get(&ward, &format!("{}/history", admission.path())).await.ok().has("/lines_only", true);
    let lines = shown.body["contacts"].as_array().cloned().unwrap_or_default();
    assert_eq!(lines.len(), 4, "{lines:?}");
    let first = lines.iter().find(|line| line["from"] == CENTRAL_MIDDLESEX).cloned().unwrap_or_default();
    assert_eq!((&first["received_at"], &first["borough"]), (&json!(utc("1999-07-14T16:40")), &json!(BRENT)));
    assert_eq!((&first["raised_by"], &first["danger_now"]), (&json!("hospital"), &json!("yes")));
    assert_eq!((&first["outcome"], &first["possible"]), (&json!("child_in_need_assessment"), &json!(true)));
    let powers = json!([{ "power": "police_protection", "started_at": utc("1999-07-14T17:15"), "ends_at": utc("1999-07-17T17:15"),
                          "ended_at": utc("1999-07-15T10:00") }]);
    assert_eq!(first["powers"], powers);
    let all = shown.body.to_string();
    for kept in ["not accidental", "paediatric registrar", "Nicoll Road", "scabies", "SG-"] {
        assert!(!all.contains(kept), "{kept}: {all}");
    }
    stage.story.hub.settled().await;
    let chronology = stage.story.chronology(&admission.child).await;
    let looked = chronology.iter().any(|line| line["kind"] == "referral.history_opened" && line["actor"]["org"] == NORTH_MIDDLESEX);
    assert!(looked, "the ward's look is on the record");
    stage.hub(
        "The ward’s own people open what is known of her: ten days before, Central Middlesex Hospital referred her in Brent, “in danger: \
               yes”; decided as a child in need; police protection from 14 July, 17:15, to end by law on the 17th, and ended on the 15th \
               at 10:00. They see dates and codes, not what was written, and the look is on the record.",
    );
}

async fn haringey_reads_the_first_admission(stage: &mut Stage, admission: &Made) {
    stage.at("1999-07-24T18:20").await;
    let night = stage.desk(HARINGEY);
    let history = stage.open_and_link(&night, admission).await;
    let first = history.iter().find(|line| line["who"] == "hospital doctor").cloned().unwrap_or_default();
    assert_eq!((&first["borough"], &first["danger_now"]), (&json!(BRENT), &json!("yes")), "{history:?}");
    let chronology = stage.story.get(&night, &format!("/api/audit/chronologies/{}", admission.child)).await.ok();
    let noted: Vec<&str> = chronology.body["events"].as_array().into_iter().flatten().filter_map(|line| line["kind"].as_str()).collect();
    for what in ["notice.given", "power.started", "power.ended"] {
        assert!(noted.contains(&what), "{what}: {noted:?}");
    }
    stage.hub("Haringey’s night worker can open the history within minutes, and reads: a hospital doctor’s referral in Brent ten days before, “in \
               danger: yes”, first an enquiry, then a child in need; police protection used and lifted; Ealing’s placement. A person \
               says that the records are one child.");
}

/// The note that was left for Monday.
async fn monday(stage: &mut Stage, admission: &Made) {
    stage.at("1999-07-26T09:00").await;
    assert_eq!(night_case(stage, admission).await["state"], "due");
    stage.at("1999-07-26T10:00").await;
    let stage_now: &Stage = stage;
    until("the duty manager is told", async || night_case(stage_now, admission).await["state"] == "escalated").await;
    let case = night_case(stage, admission).await;
    assert!(case["manager_told"].to_string().contains("duty manager"), "{case}");
    stage.hub(
        "A case of the weekend cannot wait unseen in a tray: on Monday at 09:00 it is on Enfield’s day list to be taken by a named \
               worker. Nobody takes it; at 10:00 Enfield’s duty manager is told, by name.",
    );
}

/// How it stands on Enfield's night list.
async fn night_case(stage: &Stage, made: &Made) -> Value {
    let list = stage.story.get(&stage.desk(ENFIELD), &format!("/api/transfers/night-list?borough={ENFIELD}")).await.ok();
    list.body["items"].as_array().into_iter().flatten().find(|case| case["referral_id"] == made.id.as_str()).cloned().unwrap_or_default()
}

async fn passed_on(stage: &mut Stage, admission: &Made) {
    stage.step(26, "14:00").await;
    let desk = stage.desk(ENFIELD);
    stage.story.history(&desk, admission).await;
    let mut sent = offer(HARINGEY, "P2", &[(&admission.child, &["emergency_action"])]);
    sent["sheet"]["situation"] =
        "On the children’s ward with a scald that is suspected to be no accident. The address is in Haringey.".into();
    sent["sheet"]["not_known"] = json!(["Who lives at the address"]);
    sent["discharge_pending"] = true.into();
    let offered = stage.story.post(&desk, "/api/transfers", &sent).await.ok();
    let offered = offered.has("/still_responsible", ENFIELD).has("/seen_by", utc("1999-07-27T14:30")).has("/do_not_discharge", true);
    let transfer = offered.text("/transfer_id").to_owned();
    let path = format!("/api/transfers/{transfer}");
    stage.story.get(&desk, &path).await.ok().has("/message", "You are still responsible.");
    stage.story.get(&stage.story.of(NORTH_MIDDLESEX, Role::Referrer), &path).await.ok().has("/do_not_discharge", true);
    stage.hub(
        "Passing the case on is an offer. Enfield sees: “You are still responsible.” The ward sees: do not discharge before the \
               answer. Haringey is to open it by 14:30.",
    );
    stage.at("1999-07-27T14:30").await;
    let shown = stage.story.get(&stage.story.of(NORTH_MIDDLESEX, Role::Referrer), &path).await.ok();
    let history = shown.body["history"].as_array().cloned().unwrap_or_default();
    let escalated = history.iter().find(|line| line["what"] == "escalated").cloned().unwrap_or_default();
    let called: Vec<&Value> = escalated["called"].as_array().into_iter().flatten().map(|person| &person["borough"]).collect();
    assert_eq!((&escalated["level"], called), (&json!(1), vec![&json!(ENFIELD), &json!(HARINGEY)]), "{history:?}");
    assert!(escalated["called"].as_array().into_iter().flatten().all(|person| person["name"].to_string().contains("duty manager")));
    assert!(history.iter().any(|line| line["what"] == "link_down" && line["ring"].is_string()), "{history:?}");
    stage.hub(
        "No answer is not silence: after two minutes without delivery Enfield is shown Haringey’s telephone, and at 14:30 the duty \
               managers of both boroughs are called by name. The ward follows all of it.",
    );
}
