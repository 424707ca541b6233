//! Haringey: a strategy meeting, a discharge, and letters that nobody owned.

use kernel::Role;
use serde_json::{Value, json};

use super::{
    ENFIELD, HARINGEY, NORTH_MIDDLESEX,
    enfield::from_hospital,
    stage::{Stage, utc},
};
use crate::flow::{Made, Said as _};

/// 28 July to 5 August 1999.
pub(super) async fn strategy(stage: &mut Stage, admission: &Made) {
    stage.step(27, "09:30").await;
    let desk = stage.desk(HARINGEY);
    let inbox = stage.story.get(&desk, &format!("/api/transfers?borough={HARINGEY}&direction=in&state=open")).await.ok();
    let transfer = inbox.text("/items/0/transfer_id").to_owned();
    stage.story.hub.settled().await;
    assert_eq!(stage.story.holder(&admission.child, "emergency_action").await.as_deref(), Some(ENFIELD));
    stage.story.open_and_accept(&desk, &transfer).await.ok().has("/state", "accepted");
    assert_eq!(stage.story.holder(&admission.child, "emergency_action").await.as_deref(), Some(HARINGEY));
    let ward = stage.story.of(NORTH_MIDDLESEX, Role::Referrer);
    stage.story.get(&ward, &format!("/api/transfers/{transfer}")).await.ok().has("/do_not_discharge", true);
    stage.story.on_transfer(&desk, &transfer, "received", json!({})).await.ok();
    stage.story.get(&ward, &format!("/api/transfers/{transfer}")).await.ok().has("/do_not_discharge", false);
    let spoken = json!({ "giver": "Enfield’s hospital social worker", "taker": "Haringey’s duty worker", "spoken_at": utc("1999-07-28T09:20"),
                         "read_back": "I understand that she stays on the ward until we have seen her and the home." });
    stage.story.on_transfer(&desk, &transfer, "handover", spoken.clone()).await.ok();
    stage.story.on_transfer(&stage.desk(ENFIELD), &transfer, "handover", spoken).await.ok().has("/state", "handed_over");
    stage.hub(
        "Until this minute Enfield was responsible. A named person of Haringey accepts, the desk confirms the receipt, and both \
               sides confirm what they said to each other. From 09:30 on Haringey is responsible.",
    );
    stage.story.hub.settled().await;
    let history = stage.story.history(&desk, admission).await;
    assert_eq!(history.len(), 4, "{history:?}");
    stage.story.decide(&desk, admission, "section_47_enquiry").await.ok();
    assert_eq!(stage.story.holder(&admission.child, "enquiry").await.as_deref(), Some(HARINGEY));
    stage.hub(
        "The strategy meeting’s decision, an enquiry under section 47, can be recorded only by somebody who has opened the four \
               earlier contacts in Ealing and Brent. The enquiry is Haringey’s until its outcome is recorded.",
    );
    stage.outside(28, "the police are no users of this hub; their officer is named in Haringey’s record.");
    stage.outside(29, "who works on a case inside a team is the team’s own matter. The borough holds the enquiry whoever that is.");
    for (n, text) in [
        (30, "The look at the home before discharge was dropped. The home has not been seen."),
        (31, "The carer was interviewed at the office. The child was not present."),
    ] {
        stage.step(n, "15:00").await;
        stage.note(&stage.desk(HARINGEY), admission, text).await;
        stage.hub("What was done and what was not is added to the record of the admission, with its day and its author.");
    }
    stage.outside(32, "the centre is not connected. No duty passes to it: the enquiry stays with Haringey, whatever the centre does.");
}

/// 6 August 1999.
pub(super) async fn discharge(stage: &mut Stage, admission: &Made) {
    stage.step(33, "11:00").await;
    stage.note(&stage.desk(HARINGEY), admission, "The child was spoken to for the first time, on the ward.").await;
    stage.hub("The talk is on the record, thirteen days after the admission.");
    stage.step(34, "16:00").await;
    for duty in ["emergency_action", "enquiry"] {
        stage.may_not_close(HARINGEY, &admission.child, duty).await;
    }
    let told = stage.listed(HARINGEY, "feedback_overdue", admission).await;
    assert_eq!(told["feedback"], json!({ "state": "overdue", "due_by": utc("1999-07-29T09:30") }), "{told}");
    stage.hub(
        "She goes home. Refused: neither the duty to act nor the enquiry can be closed, since Brent’s call of June is undecided. The \
               hospital was due to be told by 29 July what was decided; that item is open and overdue.",
    );
    stage.outside(35, "the centre is not connected.");
}

/// August and September 1999: the consultant's letters. Gives the first as a referral.
pub(super) async fn letters(stage: &mut Stage, admission: &Made) -> Made {
    stage.step(36, "12:00").await;
    let hospital = stage.story.of(NORTH_MIDDLESEX, Role::Referrer);
    let home = json!({ "address": "Somerset Gardens, Tottenham", "borough": HARINGEY });
    let letter = stage.story.refer(&hospital, &from_hospital("The consultant is worried and asks what is being done.", home)).await;
    letter.reply.clone().has("/owner/borough", HARINGEY).has("/decide_by", utc("1999-08-16T12:00"));
    stage.open_and_link(&stage.desk(HARINGEY), &letter).await;
    stage.hub(
        "A letter is a referral: Haringey owns it at once, the hospital has a reference and a telephone number, and a decision is \
               due on Monday 16 August at 12:00.",
    );
    stage.step(37, "12:30").await;
    let entry = stage.listed(HARINGEY, "overdue", &letter).await;
    assert_eq!(entry["level"], 1, "{entry}");
    stage.note(&stage.desk(HARINGEY), admission, "First visit to the home, by appointment. The child was hardly spoken to.").await;
    stage.hub("The visit is on the record. The consultant’s question is overdue since noon, and the duty manager is called.");
    stage.outside(38, "the centre is not connected. In the hub an entry is never changed: a later one supersedes it, and both are read.");
    stage.step(39, "10:00").await;
    let hospital = stage.story.of(NORTH_MIDDLESEX, Role::Referrer);
    stage.note(&hospital, &letter, "The consultant writes a second time.").await;
    let mine = stage.story.get(&hospital, "/api/intake/referrals?mine=true&limit=200").await.ok();
    let state = |made: &Made| {
        let items = mine.body["items"].as_array().cloned().unwrap_or_default();
        items.iter().find(|entry| entry["referral_id"] == made.id.as_str()).cloned().unwrap_or_default()
    };
    assert_eq!((&state(&letter)["state"], &state(&letter)["overdue"]), (&json!("undecided"), &Value::Bool(true)), "{}", mine.body);
    assert_eq!(state(admission)["feedback"]["state"], "overdue");
    stage.hub(
        "The hospital sees both of its referrals: the admission, decided, and nobody has told it so; the letter of August, \
               undecided and overdue. It need not write to ask whether anybody has read it.",
    );
    letter
}
