//! The sentence.

use jiff::Timestamp;
use transparency::{Policy, export::Part, verify::Found};

/// What is said of a record that is whole and unaltered, and what that does not cover.
pub(crate) fn good(found: &Found, policy: &Policy) -> String {
    let Found { origin, events, size, .. } = found;
    let held = match found.held {
        Some(0) | None => String::new(),
        Some(held) => format!(", and the record begins with the {held} events of the checkpoint that you held"),
    };
    let told = match &found.part {
        Part::Whole => format!(
            "WHOLE AND UNALTERED: all {events} events of {origin} are exactly as they were recorded, in order, and none is missing{held}"
        ),
        Part::Child(child) => format!(
            "UNALTERED: the {events} events given about child {child} are exactly as they stand among the {size} of {origin}{held}; whether more were recorded about this child only the whole record shows"
        ),
    };
    format!("{told}; {}.", outside(found, policy))
}

/// Who outside vouches for it.
fn outside(found: &Found, policy: &Policy) -> String {
    let latest = found.cosigned.values().max().and_then(|second| Timestamp::from_second(i64::try_from(*second).ok()?).ok());
    let (by, of) = (found.cosigned.len(), policy.witnesses().len());
    match latest {
        Some(at) => format!("{by} of {of} witnesses outside the hub vouch that it is the only record, the last at {at}"),
        None => "your policy asks for no witness, so nobody outside the hub vouches that it is the only record".to_owned(),
    }
}
