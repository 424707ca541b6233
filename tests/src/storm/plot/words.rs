//! What is written in the forms. Every child is made up, and unlike the others.

use serde_json::{Value, json};

use crate::storm::chance::Chance;

pub(super) fn referral(chance: &mut Chance, borough: &str) -> Value {
    let name = format!("{} {}", word(chance), word(chance));
    let born = format!("20{:02}-{:02}-{:02}", 8 + chance.below(17), 1 + chance.below(12), 1 + chance.below(28));
    json!({
        "concern": "A made-up concern of the storm.",
        "referrer": { "name": "Duty worker", "role": "social worker", "phone": "0161 496 0999" },
        "child_is_now": { "address": "1 Example Street", "borough": borough },
        "danger_now": "yes",
        "children": [{ "names": [name], "date_of_birth": born, "child_says": "Nothing yet." }],
        "parent_knows": "yes"
    })
}

pub(super) fn offer(to: &str, child: &str) -> Value {
    json!({
        "to": to, "priority": "P1", "items": [{ "child_id": child, "duties": [super::DUTY] }],
        "sheet": { "situation": "In hospital.", "assessment": "Seen.", "family": "Mother.", "expected": "See the child tonight.",
                   "child_says": "Nothing yet.", "not_known": ["Who the man is"] }
    })
}

pub(super) fn handover(read_back: bool) -> Value {
    let mut body = json!({ "giver": "A giver", "taker": "A taker", "not_spoken_because": "The line is down." });
    if read_back {
        body["read_back"] = json!("I understand that the child stays on the ward.");
    }
    body
}

/// A word of six letters that nobody is called by.
fn word(chance: &mut Chance) -> String {
    let letter = |letters: &[u8], chance: &mut Chance| char::from(*chance.pick(letters));
    (0..3).flat_map(|_| [letter(b"bdfgklmnprstvz", chance), letter(b"aeiou", chance)]).collect()
}
