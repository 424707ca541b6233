//! Telephones of a borough for paper: what is printed stays on the wall, so it says both numbers and not the one of this hour.

use procedures_registry::{document::Contact, print::Numbers};
use serde_json::Value;

/// What the registry says about a borough's contacts, as the page shows it.
pub(super) fn of(said: &Value) -> Numbers {
    let desk = &said["desk"];
    let borough = said["borough"]["name"].as_str().unwrap_or_default();
    let line = |entry: &Value| {
        let contact: Contact = serde_json::from_value(entry["contact"].clone()).ok()?;
        if let Some(unknown) = entry["not_recorded"].as_str() {
            return Some((contact, unknown.to_owned()));
        }
        let (day, night) = (desk["day_phone"].as_str()?, desk["night_phone"].as_str()?);
        let ask = entry["ask_for"].as_str().map(|whom| format!(". Ask for {whom}")).unwrap_or_default();
        Some((contact, format!("{borough}: in office hours {day}; nights, weekends and bank holidays {night}{ask}")))
    };
    said["contacts"].as_array().into_iter().flatten().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_printed_contact_has_both_telephones_or_says_that_none_is_recorded() {
        let said = json!({
            "borough": { "code": "E08000003", "name": "Manchester" },
            "desk": { "day_phone": "0161 496 0001", "night_phone": "0161 496 0002", "phone_now": "0161 496 0002" },
            "contacts": [
                { "contact": "duty_desk", "ask_for": null, "not_recorded": null },
                { "contact": "director", "ask_for": "the director on call", "not_recorded": null },
                { "contact": "board", "ask_for": "the safeguarding board", "not_recorded": "not recorded: write to them" },
                { "contact": "one_of_a_later_hub", "ask_for": null, "not_recorded": null }
            ]
        });
        let numbers = of(&said);
        let both = "Manchester: in office hours 0161 496 0001; nights, weekends and bank holidays 0161 496 0002";
        assert_eq!(numbers[&Contact::DutyDesk], both);
        assert_eq!(numbers[&Contact::Director], format!("{both}. Ask for the director on call"));
        assert_eq!(numbers[&Contact::Board], "not recorded: write to them");
        assert_eq!(numbers.len(), 3);
    }
}
