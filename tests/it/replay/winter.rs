//! November 1999 to February 2000: an allegation that was taken back, silence that was read as an end, and a file that was closed.

use kernel::Role;
use serde_json::{Value, json};

use super::{
    ENFIELD, HARINGEY, NORTH_MIDDLESEX,
    enfield::from_hospital,
    stage::{Stage, about, living_in, utc},
};
use crate::flow::{Made, Said as _};

/// October 1999 to January 2000.
pub(super) async fn autumn(stage: &mut Stage, admission: &Made) {
    stage.step(41, "14:00").await;
    stage.note(&stage.desk(HARINGEY), admission, "Second visit. The child was not spoken to alone.").await;
    stage.hub("The visit is on the record.");
    allegation(stage).await;
    stage.outside(45, "a manager changes. Nothing of the case hangs on that person: who holds it and what is overdue is in the hub.");
    stage.step(46, "15:00").await;
    stage.note(&stage.desk(HARINGEY), admission, "The carer did not come to an appointment.").await;
    stage.may_not_close(HARINGEY, &admission.child, "enquiry").await;
    stage.hub(
        "An absence is added as an absence. Refused: the enquiry cannot be closed because the family is thought to have moved; the \
               consultant’s letter is still undecided, and no borough has accepted the case.",
    );
    stage.step(47, "11:00").await;
    stage.note(&stage.desk(HARINGEY), admission, "Calls at the flat found no reply.").await;
    let duties = stage.story.get(&stage.desk(HARINGEY), &crate::flow::responsibility(&admission.child)).await.ok();
    let held: Vec<&Value> = duties.body["duties"].as_array().into_iter().flatten().map(|duty| &duty["holder"]).collect();
    assert_eq!(held, [HARINGEY, HARINGEY], "{}", duties.body);
    stage.hub("Whoever asks in January is told that Haringey has been responsible since 28 July. Silence changes nothing about that.");
    stage.outside(48, "the centre is not connected. What it is said to have been told cannot close anything here.");
}

async fn allegation(stage: &mut Stage) {
    stage.step(42, "10:00").await;
    let referrer = json!({ "name": "The carer, at the office", "role": "carer", "phone": "not_known" });
    let found = json!({ "address": "North Tottenham office", "borough": HARINGEY });
    let sent =
        living_in(about("The carer says that a man in the home has harmed the child.", referrer, found, "yes"), "Tottenham", HARINGEY);
    let desk = stage.desk(HARINGEY);
    let allegation = stage.story.refer(&desk, &sent).await;
    allegation.reply.clone().has("/owner/borough", HARINGEY).has("/owner/because", "child_is_in_borough");
    let history = stage.open_and_link(&desk, &allegation).await;
    assert_eq!((history.len(), history.iter().filter(|line| line["who"] == "hospital doctor").count()), (6, 3), "{history:?}");
    stage.hub(
        "A new contact with its own clock. Six earlier ones in four boroughs, three of them from hospitals, must be read before it is \
               decided on.",
    );
    stage.step(43, "11:00").await;
    let desk = stage.desk(HARINGEY);
    let back = json!({ "reason": "The carer takes it back." });
    stage.story.on(&desk, &allegation.path(), "withdrawal", back).await.ok();
    let entry = stage.listed(HARINGEY, "overdue", &allegation).await;
    assert_eq!((&entry["withdrawn"], &entry["state"]), (&json!(true), &json!("undecided")), "{entry}");
    stage.hub("Taking it back is added and ends nothing: a person must still decide, and that has been overdue since 10:00.");
    stage.step(44, "14:00").await;
    let desk = stage.desk(HARINGEY);
    let decision = json!({ "outcome": "section_47_enquiry", "reason": "Strategy meeting." });
    stage.story.history(&desk, &allegation).await;
    stage.story.on(&desk, &allegation.path(), "decisions", decision).await.refused(409, "repeat_prompt_needed");
    let decided = stage.story.decide(&desk, &allegation, "section_47_enquiry").await.ok();
    decided.has("/edition", 1);
    stage.hub("The meeting’s decision needs a reason why, after seven contacts within the year, it is right. Haringey holds the enquiry.");
}

/// 24 to 28 February 2000.
pub(super) async fn last_days(stage: &mut Stage, admission: &Made, letter: &Made) {
    stage.step(49, "21:00").await;
    let hospital = stage.story.of(NORTH_MIDDLESEX, Role::Referrer);
    let sent = from_hospital("Brought in gravely ill; moved to intensive care.", json!({ "site": NORTH_MIDDLESEX }));
    let last = stage.story.refer(&hospital, &sent).await;
    last.reply.clone().has("/owner/borough", ENFIELD).has("/home_borough", HARINGEY).has("/owner/desk", "EDT");
    assert_eq!(stage.listed(HARINGEY, "undecided", &last).await["yours"], "home");
    let history = stage.open_and_link(&stage.desk(ENFIELD), &last).await;
    assert_eq!(history.len(), 7, "{history:?}");
    stage.hub(
        "Enfield’s night team is responsible and reads seven earlier contacts. The referral is on Haringey’s list in the same minute.",
    );

    stage.step(50, "09:30").await;
    for duty in ["enquiry", "emergency_action"] {
        stage.may_not_close(HARINGEY, &admission.child, duty).await;
    }
    let overdue = stage.list(HARINGEY, "overdue").await;
    assert!(overdue.iter().any(|entry| entry["referral_id"] == letter.id.as_str()), "{overdue:?}");
    let read = stage.story.get(&stage.desk(HARINGEY), &last.path()).await.ok().has("/yours", "home");
    read.has("/child_is_now/site", NORTH_MIDDLESEX);
    stage.hub(
        "Refused: the file cannot be closed. The hospital’s referral of the evening before is undecided, and so is the \
               consultant’s letter of August. Haringey can read in it that she is in hospital.",
    );
    stage.outside(51, "she has died. The hub has nothing to say here.");
    stage.step(52, "10:00").await;
    let pool = stage.story.hub.owner("intake").await;
    for attack in
        ["delete from log.event where position = 1", "update log.event set data = data where position = 1", "truncate log.event cascade"]
    {
        assert!(sqlx::query(attack).execute(&pool).await.is_err(), "{attack}");
    }
    assert_eq!(stage.story.holder_at(&admission.child, "enquiry", Some(&utc("2000-02-25T09:30"))).await.as_deref(), Some(HARINGEY));
    stage.hub(
        "A page cannot be taken out: the log refuses every change, even to the owner of the database, and every log is checked at the end of this replay.",
    );
}
