//! What happened, in words for a board member. Codes that are not in this list are shown as they are: nothing is left out.

use serde_json::Value;

use crate::chronology::name_of;

/// One sentence for an event.
pub(crate) fn summary(kind: &str, data: &Value) -> String {
    let said = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default();
    let place = |key: &str| name_of(said(key));
    let duty = || said("duty").replace('_', " ");
    match kind {
        "referral_received" => format!("A referral was received; {} must act now.", place("owner")),
        "referral_decided" => format!("{} decided: {}.", place("borough"), said("outcome").replace('_', " ")),
        "referral_joined" => format!("{} joined the referral to another one about the same.", place("borough")),
        "referral_withdrawn" => "The referrer withdrew the referral.".to_owned(),
        "decision_overdue" => format!("The decision of {} is overdue: escalated to level {}.", place("borough"), data["level"]),
        "children_linked" => "A person said that two records are one child.".to_owned(),
        "children_unlinked" => "A person said that two records are not one child.".to_owned(),
        "duty_opened" => format!("{} holds the {} duty.", place("holder"), duty()),
        "duty_moved" => format!("The {} duty moved from {} to {}.", duty(), place("from"), place("to")),
        "duty_ended" => format!("The {} duty of {} ended.", duty(), place("holder")),
        "transfer_offered" => format!("{} offered a transfer ({}) to {}.", place("from"), said("priority"), place("to")),
        "transfer_changed" => {
            let code = Some(said("code").replace('_', " ")).filter(|code| !code.is_empty()).map(|code| format!(" ({code})"));
            let step = said("step").replace('_', " ");
            format!("The transfer from {} to {}: {step}{}.", place("from"), place("to"), code.unwrap_or_default())
        }
        "contact.opened" => "A contact about the child was entered in the ledger.".to_owned(),
        "contact.decided" => "The ledger took the decision on a contact.".to_owned(),
        "child.transfer_opened" => "A transfer of a duty towards the child is open.".to_owned(),
        "child.transfer_over" => "No transfer of that duty is open any more.".to_owned(),
        "child.duty_taken" => "The duty was taken in the transfer.".to_owned(),
        "duty.kept" => "The duty stays with its holder.".to_owned(),
        "referral.history_opened" => "The earlier contacts were read.".to_owned(),
        "referral.viewed" => "The referral was opened.".to_owned(),
        "record_read" => "The chronology was opened.".to_owned(),
        "record_unmasked" => format!("An auditor was told that case {} of a dip sample is this child.", data["case"]),
        other => format!("{}.", other.replace(['_', '.'], " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_told_in_words_with_names_for_codes() {
        let moved = json!({ "duty": "emergency_action", "from": "E08000003", "to": "E08000006" });
        assert_eq!(summary("duty_moved", &moved), "The emergency action duty moved from Manchester to Salford.");
    }

    #[test]
    fn an_event_of_a_kind_not_known_here_is_still_told() {
        assert_eq!(summary("referral.something_new", &Value::Null), "referral something new.");
    }
}
