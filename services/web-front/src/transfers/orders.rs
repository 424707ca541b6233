//! What the buttons of a transfer's page do: the address, what is sent, and which fields it needs.

use serde_json::{Value, json};

use crate::{
    form::{Faults, Form},
    offer::items,
    responsibility::local_instant,
};

/// A command of the page.
pub(super) struct Order {
    /// The last part of the address.
    pub(super) address: &'static str,
    /// What is sent.
    pub(super) body: Value,
    /// The field beside which a refusal stands.
    pub(super) at: &'static str,
}

/// What a button does, and what is missing for it; none where there is no such button.
pub(super) fn order(act: &str, form: &Form, faults: &mut Faults) -> Option<Order> {
    let plain = |address| Order { address, body: json!({}), at: "act" };
    Some(match act {
        "open" => plain("open"),
        "received" => plain("received"),
        "close" => plain("close"),
        "escalate" => plain("escalate"),
        "conflict" => plain("conflict"),
        "agree" => plain("conditions/agree"),
        "confirm" => plain("agreements/confirm"),
        "accept" => {
            let items: Value = items(form).map(|(child, duties)| json!({ "child_id": child, "duties": duties })).collect();
            if form.all("items").is_empty() {
                faults.add("items", "Select what you accept");
            }
            Order { address: "accept", body: json!({ "items": items }), at: "items" }
        }
        "decline" => decline(form, faults),
        "agreement" => agreement(form, faults),
        "correct" => {
            faults.need(form, "field", "Select what was wrong");
            faults.need(form, "correction", "Enter what is right");
            let body = json!({ "field": form.text("field"), "text": form.text("correction") });
            Order { address: "corrections", body, at: "correction" }
        }
        _ => {
            let (address, member, at, advice) = said(act)?;
            faults.need(form, at, advice);
            Order { address, body: json!({ member: form.text(at) }), at }
        }
    })
}

/// The buttons beside one field: the address, the member, the field and what to do where it is empty.
fn said(act: &str) -> Option<(&'static str, &'static str, &'static str, &'static str)> {
    Some(match act {
        "ask" => ("questions", "text", "question", "Enter what you need to know"),
        "answer" => ("answers", "text", "reply", "Enter your answer"),
        "withdraw" => ("withdraw", "reason", "reason", "Enter why you take the offer back"),
        "keep" => ("keep", "reason", "keep_reason", "Enter why you keep it"),
        "redirect" => ("redirect", "to", "to", "Select the borough to ask instead"),
        "conditions" => ("accept", "conditions", "conditions", "Enter the conditions on which you would accept"),
        "dispute" => ("dispute", "interim_plan", "dispute_plan", "Enter how the child is kept safe until it is settled"),
        "interim" => ("interim-plan", "interim_plan", "interim", "Enter how the child is kept safe until it is settled"),
        "settle" => ("settle", "text", "settlement", "Enter what was settled"),
        _ => return None,
    })
}

fn decline(form: &Form, faults: &mut Faults) -> Order {
    faults.need(form, "decline_reason", "Select why you decline");
    let mut body = json!({ "reason": form.text("decline_reason") });
    for (member, field) in [("text", "decline_text"), ("suggest", "suggest")] {
        if let Some(said) = form.some(field) {
            body[member] = said.into();
        }
    }
    Order { address: "decline", body, at: "decline_reason" }
}

fn agreement(form: &Form, faults: &mut Faults) -> Order {
    faults.need(form, "agreed_by", "Enter who spoke for your borough");
    faults.need(form, "agreed_with", "Enter who spoke for the other borough");
    faults.need(form, "agreed", "Enter what you agreed");
    let spoken = local_instant(form.text("agreed_day"), form.text("agreed_time"));
    if spoken.is_none() {
        faults.add("agreed_day", "Enter when you spoke, a day like 23/11/2026 and a time like 02:14");
    }
    let people = [form.text("agreed_by"), form.text("agreed_with")];
    let body = json!({ "people": people, "spoken_at": spoken, "text": form.text("agreed") });
    Order { address: "agreements", body, at: "agreed" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(act: &str, body: &str) -> (Option<(&'static str, Value)>, bool) {
        let mut faults = Faults::default();
        let order = order(act, &Form::read(body.as_bytes()), &mut faults);
        (order.map(|order| (order.address, order.body)), faults.is_empty())
    }

    #[test]
    fn conditions_take_nothing_and_a_plain_yes_takes_what_is_ticked() {
        let (order, good) = ordered("conditions", "conditions=A+worker+stays&items=chd_1+plan");
        assert_eq!((order, good), (Some(("accept", json!({ "conditions": "A worker stays" }))), true));
        let taken = json!({ "items": [{ "child_id": "chd_1", "duties": ["plan"] }] });
        assert_eq!(ordered("accept", "items=chd_1+plan"), (Some(("accept", taken)), true));
        assert!(!ordered("accept", "").1, "nothing is taken by an empty yes");
    }

    #[test]
    fn an_agreement_by_voice_names_both_people_and_the_time() {
        let spoken = "agreed_by=One&agreed_with=Other&agreed=Stays+tonight&agreed_day=23/11/2026&agreed_time=02:14";
        let body = json!({ "people": ["One", "Other"], "spoken_at": "2026-11-23T02:14:00Z", "text": "Stays tonight" });
        assert_eq!(ordered("agreement", spoken), (Some(("agreements", body)), true));
        assert!(!ordered("agreement", &spoken.replace("02:14", "later")).1);
        assert!(!ordered("agreement", &spoken.replace("agreed_with=Other", "agreed_with=")).1);
        assert_eq!(ordered("delete", ""), (None, true));
    }
}
