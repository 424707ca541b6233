//! Every state answers every command.

use serde_json::Map;

use super::world::*;
use crate::{
    document::Document,
    draft::{Ask, Party},
};

const STATES: [&str; 6] = ["not_drafted", "draft", "submitted", "approved", "scheduled", "withdrawn"];

/// What each command answers in each state: `+` something happens, `=` nothing, else the code of the refusal.
fn answer(state: &str, by: &kernel::Person, ask: Ask) -> String {
    let mut situation = situation(&history(state));
    let refused = |refusal: crate::rules::Refusal| kernel::Refusal::code(&refusal).to_owned();
    match <crate::rules::Registry as kernel::Decider>::decide(&situation, command(by, ask, now())) {
        Ok(events) if events.is_empty() => "=".to_owned(),
        Ok(events) => {
            events.iter().for_each(|event| situation.take(event));
            "+".to_owned()
        }
        Err(refusal) => refused(refusal),
    }
}

#[track_caller]
fn row(by: &kernel::Person, ask: &Ask, expected: [&str; 6]) {
    for (state, expected) in STATES.into_iter().zip(expected) {
        assert_eq!(answer(state, by, ask.clone()), expected, "{ask:?} in {state}");
    }
}

#[test]
fn writing_is_possible_until_the_draft_is_submitted_and_refused_with_a_reason_after_that() {
    let (missing, frozen, over, gone) = ("no_such_draft", "content_frozen", "already_scheduled", "draft_withdrawn");
    let writes = [missing, "+", frozen, frozen, over, gone];
    row(&author(), &Ask::PutProcedure(Box::new(procedure("unborn-child"))), writes);
    row(&author(), &Ask::RemoveProcedure { procedure: procedure("police-protection").id, reason: "r".to_owned() }, writes);
    row(&author(), &Ask::PutParts(Map::new()), writes);
    row(&author(), &Ask::PutDocument { content: Box::new(Document::default()), based_on: 1 }, writes);
    row(&author(), &Ask::Consult { until: begins() }, writes);
    row(&author(), &Ask::Answer { number: 1, text: "t".to_owned() }, [missing, "no_such_comment", frozen, frozen, over, gone]);
    row(&author(), &Ask::Comment { on: None, text: "t".to_owned() }, [missing, "not_in_consultation", frozen, frozen, over, gone]);
}

#[test]
fn each_step_follows_the_one_before_it_and_no_other() {
    let (missing, early, over, gone) = ("no_such_draft", "not_submitted", "already_scheduled", "draft_withdrawn");
    let begin = Ask::Draft { title: "Second".to_owned(), based_on: 1, content: Box::new(content()) };
    row(&author(), &begin, ["+", "=", "id_taken", "id_taken", "id_taken", "id_taken"]);
    row(&author(), &submit_now(), [missing, "+", "=", "=", over, gone]);
    let object = Ask::Object { party: Party::Board, reason: "r".to_owned() };
    row(&board(), &object, [missing, early, "+", "+", over, gone]);
    row(&head(SALFORD), &approve(&head(SALFORD)), [missing, early, "+", "=", over, gone]);
    row(&board(), &schedule(), [missing, early, "quorum_missing", "+", "=", gone]);
    let withdraw = Ask::Withdraw { reason: "r".to_owned() };
    row(&author(), &withdraw, [missing, "+", "+", "+", "board_needed", "="]);
    row(&board(), &withdraw, [missing, "+", "+", "+", "+", "="]);
}

#[test]
fn the_state_that_is_shown_follows_from_what_happened_and_from_the_time() {
    let shown = |state: &str, at| situation(&history(state)).draft(draft()).state(at);
    assert_eq!(["draft", "submitted", "withdrawn"].map(|state| shown(state, now())), ["draft", "submitted", "withdrawn"]);
    assert_eq!(shown("scheduled", begins() - jiff::SignedDuration::from_micros(1)), "scheduled");
    assert_eq!(shown("scheduled", begins()), "adopted");
}
