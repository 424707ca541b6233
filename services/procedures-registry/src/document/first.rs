//! The first edition: the draft that the program carries, for a partnership to adopt.

use super::Document;
use crate::folder::{self, Texts};

macro_rules! texts {
    ($($file:literal,)*) => {
        [$(($file, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/editions/first/", $file))),)*]
    };
}

/// The files of `data/editions/first`.
pub(crate) const FILES: [(&str, &str); 25] = texts![
    "edition.json",
    "procedures/bruising-in-babies-who-do-not-move.md",
    "procedures/child-found-in-another-borough.md",
    "procedures/child-not-seen.md",
    "procedures/child-on-a-plan-moves.md",
    "procedures/discharge-from-hospital.md",
    "procedures/emergency-protection-or-care-order-running.md",
    "procedures/escalation-of-disagreement.md",
    "procedures/homeless-16-or-17.md",
    "procedures/information-sharing-and-withholding.md",
    "procedures/interpreter-and-communication.md",
    "procedures/learning-from-near-misses.md",
    "procedures/looking-up-a-child.md",
    "procedures/missing-child-and-stand-down.md",
    "procedures/out-of-hours-handover.md",
    "procedures/police-protection.md",
    "procedures/private-fostering.md",
    "procedures/receiving-in-conference.md",
    "procedures/referral-decision-and-feedback.md",
    "procedures/referral-to-a-borough.md",
    "procedures/repeat-referrals.md",
    "procedures/return-home-interview.md",
    "procedures/staff-conflict-of-interest.md",
    "procedures/unborn-child.md",
    "procedures/when-the-hub-or-the-telephone-is-down.md",
];

/// The document of the first edition.
///
/// # Panics
/// Never in a program whose tests pass: the texts are part of it.
#[must_use]
#[expect(clippy::expect_used, reason = "the texts are compiled in, and a test reads them")]
pub fn first() -> Document {
    let texts: Texts = FILES.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    folder::parse(&texts).sound().expect("data/editions/first is an edition")
}
