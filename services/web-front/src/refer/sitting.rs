//! What the report on the form is told: that somebody began, how it ended, and how long each question took. Never who.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use super::draft::Draft;
use crate::me::Me;

/// How long somebody who refers waits for the field report.
const BRIEFLY: Duration = Duration::from_secs(1);

/// The longest sitting that the field report takes, in seconds: a day.
const LONGEST: u32 = 86_400;

/// The edition's name of the field that a question of the pages belongs to.
pub(super) fn field(question: &str) -> Option<&'static str> {
    let about_a_child =
        question.strip_prefix("child_").and_then(|rest| rest.split_once('_')).filter(|(child, _)| child.parse::<u8>().is_ok());
    match about_a_child.map_or(question, |(_, question)| question) {
        "danger_now" => Some("danger_now"),
        "where" | "address" | "postcode" | "borough" => Some("child_is_now"),
        "concern" => Some("concern"),
        "child_says" => Some("child_says"),
        "with_the_child" => Some("with_the_child"),
        "parent_knows" => Some("parent_knows"),
        "needs" => Some("needs"),
        "done_already" => Some("done_already"),
        "name" | "role" | "phone" | "anonymous" => Some("referrer"),
        "given" | "family" | "known_as" => Some("names"),
        "day" | "month" | "year" | "age" | "expected" => Some("date_of_birth"),
        "home_address" | "home_postcode" | "home_borough" => Some("home"),
        _ => None,
    }
}

/// The seconds that a page says were spent on each of its questions, by the edition's fields. Where scripts do not run nothing is said.
pub(super) fn spent(said: &str) -> BTreeMap<String, u32> {
    let by_question: BTreeMap<String, u32> = serde_json::from_str(said).unwrap_or_default();
    let mut spent = BTreeMap::<String, u32>::new();
    for (question, seconds) in by_question {
        if let Some(field) = field(&question) {
            let sum = spent.entry(field.to_owned()).or_default();
            *sum = sum.saturating_add(seconds).min(LONGEST);
        }
    }
    spent
}

/// Tells that somebody has begun a form.
pub(super) async fn begun(me: &Me, sitting: Uuid) {
    tell(me, &json!({ "sitting_id": sitting })).await;
}

/// Tells how long a form took and whether it was sent.
pub(super) async fn over(me: &Me, draft: &Draft, sent: bool) {
    let Some(sitting) = draft.answers.sitting() else { return };
    let seconds = me.app.kit().clock.now().duration_since(draft.begun_at).as_secs();
    let seconds = u32::try_from(seconds.max(0)).unwrap_or(LONGEST).min(LONGEST);
    let mut fields = draft.answers.spent().clone();
    // A clock that was set meanwhile makes no field longer than the whole.
    fields.values_mut().for_each(|spent| *spent = (*spent).min(seconds));
    tell(me, &json!({ "sitting_id": sitting, "seconds": seconds, "fields": fields, "sent": sent })).await;
}

/// Under a key of its own and of nobody. Whoever refers does not wait long for it, and a report that misses one is no fault of theirs.
async fn tell(me: &Me, body: &Value) {
    let key = me.new_key();
    let telling = me.tell("/api/procedures/forms/referral/sittings", &key, body);
    if !matches!(timeout(BRIEFLY, telling).await, Ok(Ok(()))) {
        tracing::warn!("a sitting before the form was not told");
    }
}

#[cfg(test)]
mod tests {
    use kernel::edition::FieldName;

    use super::*;

    #[test]
    fn seconds_are_added_up_by_the_fields_of_the_edition_and_what_is_none_is_left_out() {
        let said =
            r#"{ "child_1_day": 3, "child_2_month": 4, "child_1_nhs": 9, "concern": 60, "child_says": 5, "another": 2, "child_x_day": 1 }"#;
        let told: Vec<(String, u32)> = spent(said).into_iter().collect();
        let expected = [("child_says", 5), ("concern", 60), ("date_of_birth", 7)].map(|(field, seconds)| (field.to_owned(), seconds));
        assert_eq!(told, expected);
        assert!(spent("nothing").is_empty() && spent("").is_empty() && spent(r#"{"concern":-1}"#).is_empty());
    }

    #[test]
    fn every_field_of_the_edition_is_timed_by_some_question() {
        let questions = ["danger_now", "where", "concern", "child_says", "with_the_child", "parent_knows", "needs", "done_already", "name"];
        let about_a_child = ["child_1_given", "child_8_day", "child_1_home_address"];
        let timed: Vec<_> = questions.into_iter().chain(about_a_child).filter_map(field).collect();
        for name in FieldName::ALL {
            assert!(timed.contains(&name.code()), "{}", name.code());
        }
    }
}
