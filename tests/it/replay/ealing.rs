//! Ealing: a matter of housing, nine weeks without anybody, and a placement in another borough.

use serde_json::{Value, json};

use super::{
    BRENT, EALING,
    stage::{Stage, about, utc},
};
use crate::flow::{Made, Said as _, responsibility};

/// April and May 1999.
pub(super) async fn spring(stage: &mut Stage) -> Made {
    stage.outside(1, "nobody in London has met her yet.");
    stage.outside(2, "the housing unit is no party of the hub; what it knows comes with the next step.");
    stage.step(3, "10:00").await;
    let referrer = json!({ "name": "A worker of the Homeless Persons Unit", "role": "housing worker", "phone": "020 7946 0900" });
    let found = json!({ "address": "Acton", "borough": EALING });
    let sent = about("A woman and a child of seven, newly arrived, without home or money.", referrer, found, "no");
    let ealing = stage.story.refer(&stage.desk(EALING), &sent).await;
    let receipt = ealing.reply.clone().has("/owner/borough", EALING).has("/owner/desk", "MASH");
    receipt.has("/decide_by", utc("1999-04-27T10:00")).has("/children/0/possible_matches", json!([]));
    assert_eq!(stage.story.holder(&ealing.child, "emergency_action").await.as_deref(), Some(EALING));
    stage.hub("Ealing is responsible from the moment the referral is taken. A decision is due on 27 April at 10:00.");
    nobody_decides(stage, &ealing).await;
    placed_in_brent(stage, &ealing).await;
    stage.outside(5, "a family doctor’s practice registers her and has no concern to refer.");
    stage.outside(6, "a relative sees her; the call comes the next day.");
    ealing
}

async fn nobody_decides(stage: &mut Stage, ealing: &Made) {
    // The ladder has four levels, two hours apart where nobody is said to be in danger.
    for (time, level) in [("10:00", 1), ("12:00", 2), ("14:00", 3), ("16:00", 4)] {
        stage.at(&format!("1999-04-27T{time}")).await;
        let entry = stage.listed(EALING, "undecided", ealing).await;
        assert_eq!(entry["level"], level, "{time}: {entry}");
    }
    stage.at("1999-04-27T16:30").await;
    assert_eq!(stage.listed(EALING, "overdue", ealing).await["overdue"], true);
    let shown = stage.story.get(&stage.desk(EALING), &ealing.path()).await.ok();
    let called: Vec<&Value> = shown.body["entries"].as_array().into_iter().flatten().map(|entry| &entry["who"]).collect();
    assert_eq!(called, ["duty_manager", "head_of_service", "director", "board_chair"]);
    stage.hub(
        "The record tells of no decision. After one working day the hub calls the duty manager, and by that evening the head of \
               service, the director and the chair of the board. The child stays on Ealing’s list, overdue, until a person decides.",
    );
}

async fn placed_in_brent(stage: &mut Stage, ealing: &Made) {
    stage.step(4, "11:00").await;
    let brent = stage.desk(BRENT);
    let notice =
        json!({ "to": BRENT, "text": "A woman and a child of seven are lodged in Nicoll Road, Harlesden. Ealing pays and sees them." });
    stage.story.on_child(&stage.desk(EALING), &ealing.child, "notices", notice.clone()).await.ok();
    stage.story.hub.settled().await;
    let told = stage.story.desk_events(&brent, BRENT, "notice.given").await;
    assert!(told.contains(&ealing.child), "{told}");
    let read = stage.story.get(&brent, &format!("/api/transfers/children/{}/notices", ealing.child)).await.ok();
    read.has("/notices/0/from", EALING).has("/notices/0/text", notice["text"].clone()).has("/notices/0/by/role", "duty_worker");
    let duties = stage.story.get(&brent, &responsibility(&ealing.child)).await.ok();
    duties.has("/duties/0/holder", EALING);
    assert_eq!(stage.story.holder(&ealing.child, "emergency_action").await.as_deref(), Some(EALING));
    stage.hub(
        "A temporary stay is a notice: it is on the list of Brent’s desk at once, with the child’s record; Brent reads its words, and whoever asks there is \
         told that Ealing is responsible. No duty moves. (In 1999 Brent was not told.)",
    );
}

/// June and July 1999.
pub(super) async fn summer(stage: &mut Stage, ealing: &Made) {
    stage.step(10, "10:00").await;
    let desk = stage.desk(EALING);
    let history = stage.story.history(&desk, ealing).await;
    let from: Vec<(&str, &str)> =
        history.iter().map(|line| (line["borough"].as_str().unwrap_or(""), line["outcome"].as_str().unwrap_or(""))).collect();
    assert_eq!(from, [(BRENT, "undecided"), (BRENT, "child_in_need_assessment")]);
    let decision = json!({ "outcome": "child_in_need_assessment", "reason": "The child’s own needs are to be assessed." });
    stage.story.on(&desk, &ealing.path(), "decisions", decision).await.refused(409, "repeat_prompt_needed");
    stage.hub(
        "Whoever takes the case in Ealing sees both calls to Brent of this month before anything can be decided, and must say why \
               a third contact within the year changes nothing.",
    );
    stage.story.decide(&desk, ealing, "child_in_need_assessment").await.ok();
    assert_eq!(stage.story.holder(&ealing.child, "enquiry").await.as_deref(), Some(EALING));
    assert_eq!(stage.story.holder(&ealing.child, "emergency_action").await.as_deref(), Some(EALING));
    stage.hub(
        "Ealing’s assessment opens as a duty of its own. The duty to act now does not end with it, because Brent has yet to \
               decide on a call about the same child.",
    );

    stage.outside(11, "the family moves and tells nobody. The hub knows no more than it is told.");
    stage.step(12, "10:00").await;
    let june = stage.list(BRENT, "overdue").await;
    assert_eq!((june.len(), &june[0]["level"], &june[0]["received_at"]), (1, &json!(4), &json!(utc("1999-06-18T10:00"))), "{june:?}");
    stage.hub(
        "There is nothing to enter: the call of 18 June has been on Brent’s list for 18 days, overdue since 21 June and at the top \
               of the ladder.",
    );
    stage.step(13, "14:00").await;
    stage.note(&stage.desk(EALING), ealing, "Interview with an interpreter; the carer came alone. The child was not seen.").await;
    assert_eq!(stage.story.holder(&ealing.child, "enquiry").await.as_deref(), Some(EALING));
    stage.hub("The interview is added to the referral. The assessment stays open with Ealing.");
}

/// Ealing closes its case.
pub(super) async fn closing(stage: &mut Stage, ealing: &Made) {
    stage.step(23, "15:00").await;
    let refused = stage.may_not_close(EALING, &ealing.child, "enquiry").await;
    assert!(refused.text("/detail").contains("undecided"), "{}", refused.body);
    stage.may_not_close(EALING, &ealing.child, "emergency_action").await;
    stage.hub(
        "Refused: Ealing cannot close while Brent’s contact about the same child is undecided. To send her “back to Brent” Ealing \
               must offer the case to Brent, and is responsible until a person of Brent accepts.",
    );
}
