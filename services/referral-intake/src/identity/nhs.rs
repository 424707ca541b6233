//! NHS numbers: ten digits, the last of which checks the others by Modulus 11.

use std::fmt;

use kernel::Private;
use nhs_number::NHSNumber;

/// A number that can be an NHS number: right form, right check digit, and in a range that is issued.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NhsNumber(u64);

/// What was entered is not an NHS number. It is no error of the referral: the text is kept, flagged, and left out of matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAsText {
    /// As entered.
    pub text: Private<String>,
    /// What is wrong with it.
    pub why: WhyText,
}

/// Why a text is not an NHS number. The first three are form, the fourth arithmetic, the rest policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyText {
    /// Nothing was entered.
    Empty,
    /// It holds something other than digits and separators.
    NotDigits,
    /// It has not ten digits.
    NotTenDigits,
    /// The check digit is wrong, so some digit is.
    CheckDigit,
    /// One digit repeated: put in to fill the box, though it passes Modulus 11.
    Placeholder,
    /// A Scottish CHI number: it begins with a date and is another scheme's.
    ScottishChi,
    /// No number of this range is issued.
    NotIssued,
}

impl WhyText {
    /// For the person who entered it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Empty => "nothing was entered",
            Self::NotDigits => "it holds something other than digits",
            Self::NotTenDigits => "an NHS number has ten digits",
            Self::CheckDigit => "one of the digits is wrong: the check digit does not fit",
            Self::Placeholder => "one digit repeated is not an NHS number",
            Self::ScottishChi => "this looks like a Scottish CHI number",
            Self::NotIssued => "no NHS number of this range is issued",
        }
    }
}

impl NhsNumber {
    /// Reads a number as people write, paste and dictate it: spaces, hyphens and dots between digits do not count.
    ///
    /// The range reserved for testing (999) passes, as it must in a demonstration; [`Self::is_for_tests`] tells it apart.
    ///
    /// # Errors
    /// The text itself with what is wrong with it, to be kept beside the referral.
    pub fn parse(text: &str) -> Result<Self, KeptAsText> {
        Self::digits(text).map_err(|why| KeptAsText { text: Private::new(text.to_owned()), why })
    }

    fn digits(text: &str) -> Result<Self, WhyText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(WhyText::Empty);
        }
        let mut digits = String::with_capacity(10);
        for c in text.chars() {
            if c.is_ascii_digit() {
                digits.push(c);
            } else if digits.is_empty() || !is_separator(c) {
                return Err(WhyText::NotDigits);
            }
        }
        let number: NHSNumber = digits.parse().map_err(|_| WhyText::NotTenDigits)?;
        if !number.validate_check_digit() {
            return Err(WhyText::CheckDigit);
        }
        let value = digits.parse().map_err(|_| WhyText::NotTenDigits)?;
        if number.digits.iter().all(|digit| *digit == number.digits[0]) { Err(WhyText::Placeholder) } else { in_range(value) }
    }

    /// Whether the number is from the range that is never issued to anybody.
    #[must_use]
    pub fn is_for_tests(self) -> bool {
        self.0 >= 9_990_000_000
    }

    /// The ten digits without spaces, for keys and for sealing.
    #[must_use]
    pub fn as_digits(self) -> String {
        format!("{:010}", self.0)
    }
}

/// Ranges as the notes of data/nhs-numbers.json state them; the upper end of the third is rounded up, as sources differ.
#[expect(clippy::inconsistent_digit_grouping, reason = "grouped as ranges are published: nine digits and the check digit")]
fn in_range(value: u64) -> Result<NhsNumber, WhyText> {
    match value {
        320_000_001_0..=399_999_999_9 | 400_000_000_0..=499_999_999_9 | 600_000_000_0..=799_999_999_9 | 999_000_000_0..=999_999_999_9 => {
            Ok(NhsNumber(value))
        }
        10_100_000_0..=311_299_999_9 => Err(WhyText::ScottishChi),
        0..=u64::MAX => Err(WhyText::NotIssued),
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '.' | '\u{b7}' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}' | '\u{feff}')
}

impl fmt::Debug for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[NHS number]")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list() -> serde_json::Value {
        serde_json::from_str(include_str!("../../tests-data/nhs-numbers.json")).unwrap()
    }

    #[test]
    fn every_good_number_of_the_list_is_read() {
        let list = list();
        let valid = list["valid"].as_array().unwrap();
        assert_eq!(valid.len(), 200);
        for number in valid {
            let number = number.as_str().unwrap();
            assert_eq!(NhsNumber::parse(number).map(NhsNumber::as_digits), Ok(number.to_owned()));
        }
        for format in list["accepted_formats"].as_array().unwrap() {
            let read = NhsNumber::parse(format["input"].as_str().unwrap()).map(NhsNumber::as_digits);
            assert_eq!(read.as_deref(), Ok(format["normalised"].as_str().unwrap()));
        }
    }

    #[test]
    fn every_bad_number_of_the_list_is_kept_as_text_and_the_layer_that_refused_it_is_told() {
        let list = list();
        let invalid = list["invalid"].as_array().unwrap();
        assert_eq!(invalid.len(), 200);
        for case in invalid {
            let kept = NhsNumber::parse(case["value"].as_str().unwrap()).unwrap_err();
            assert_eq!(kept.text.expose(), case["value"].as_str().unwrap());
            let expected: &[WhyText] = match case["reason"].as_str().unwrap() {
                "wrong_check_digit" | "transposed_digits" | "mistyped_digit" | "check_value_ten" => &[WhyText::CheckDigit],
                "too_short" | "too_long" => &[WhyText::NotTenDigits],
                "letter_in_number" | "not_ascii_digits" => &[WhyText::NotDigits],
                "not_a_number" => &[WhyText::NotDigits, WhyText::NotTenDigits],
                "range_not_issued" => &[WhyText::NotIssued],
                "looks_like_scottish_chi" => &[WhyText::ScottishChi],
                "all_same_digit" => &[WhyText::Placeholder],
                "empty" => &[WhyText::Empty],
                other => panic!("a new reason: {other}"),
            };
            assert!(expected.contains(&kept.why), "{case}: {:?}", kept.why);
        }
    }

    #[test]
    fn separators_of_writing_pasting_and_dictating_do_not_count() {
        let plain = NhsNumber::parse("9990468893").unwrap();
        for text in ["999\u{a0}046\u{a0}8893", "999.046.8893", "999–046–8893", "9 9 9 0 4 6 8 8 9 3", "\t999 046 8893\n", "999. 046. 8893."]
        {
            assert_eq!(NhsNumber::parse(text), Ok(plain), "{text}");
        }
        assert!(plain.is_for_tests());
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC*") {
            if let Ok(number) = NhsNumber::parse(&text) {
                prop_assert_eq!(NhsNumber::parse(&number.as_digits()), Ok(number));
            }
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(at in 0_usize..10, by in 1_u8..10) {
            let mut digits = *b"9990468893";
            digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
            let kept = NhsNumber::parse(std::str::from_utf8(&digits).unwrap());
            prop_assert_eq!(kept.map_err(|kept| kept.why), Err(WhyText::CheckDigit));
        }
    }
}
