//! Personal data in plain form, as it is sealed: what stands in each sealed field, and for which place.

use jiff::civil::Date;
use kernel::Stream;
use serde::{Deserialize, Serialize};

use crate::identity::{Birth, BirthDate, Identity, NhsNumber, Postcode};

/// The place that a field is sealed for. A ciphertext that is moved elsewhere does not open.
#[must_use]
pub fn place(type_name: &str, field: &str, stream: &Stream) -> String {
    format!("{type_name}/{field}/{stream}")
}

/// The place of a field of a referral about one of its children.
#[must_use]
pub fn child_place(field: &str, child: kernel::ChildId, stream: &Stream) -> String {
    format!("referral.received/{child}/{field}/{stream}")
}

/// Who a child is, as somebody said.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidIdentity {
    /// Names and names used.
    #[serde(default)]
    pub names: Vec<String>,
    /// `2016-03-04`.
    pub date_of_birth: Option<String>,
    /// Whole years, guessed.
    pub age_about: Option<u8>,
    /// When an unborn child is expected.
    pub expected_on: Option<String>,
    /// As given; only a good one is compared.
    pub nhs_number: Option<String>,
    /// The day on which it was said.
    pub said_on: Option<Date>,
}

impl SaidIdentity {
    /// Whether anything was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { names, date_of_birth, age_about, expected_on, nhs_number, said_on: _ } = self;
        names.is_empty() && date_of_birth.is_none() && age_about.is_none() && expected_on.is_none() && nhs_number.is_none()
    }

    /// The facts that two records can be compared by.
    #[must_use]
    pub fn facts(&self, home: Option<&SaidPlace>) -> Identity {
        Identity {
            names: self.names.iter().cloned().map(kernel::Private::new).collect(),
            birth: self.birth(),
            nhs_number: self.nhs_number.as_deref().and_then(|text| NhsNumber::parse(text).ok()),
            home_postcode: home.and_then(|home| home.postcode.as_deref()).and_then(|text| Postcode::parse(text).ok()),
        }
    }

    fn birth(&self) -> Birth {
        let born = self.date_of_birth.as_deref().and_then(BirthDate::parse).map(Birth::On);
        let age = || Some(Birth::AgeAbout { years: self.age_about?, said_on: self.said_on? });
        let expected = || self.expected_on.as_deref().and_then(|day| day.parse().ok()).map(Birth::ExpectedOn);
        born.or_else(expected).or_else(age).unwrap_or_default()
    }
}

/// A place, as somebody said.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidPlace {
    /// The address.
    pub address: Option<String>,
    /// The postcode as written.
    pub postcode: Option<String>,
}

impl SaidPlace {
    /// Whether anything was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.address.is_none() && self.postcode.is_none()
    }
}

/// Who raised a concern.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidReferrer {
    /// The name.
    pub name: Option<String>,
    /// What they are, for instance `A&E nurse`.
    pub role: Option<String>,
    /// How to reach them in the next hour.
    pub phone: Option<String>,
}

/// A birth.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidBirth {
    /// `2027-01-20`.
    pub date_of_birth: String,
    /// Names, if there are any yet.
    #[serde(default)]
    pub names: Vec<String>,
}

impl SaidIdentity {
    /// The same child after its birth: the date is known, and earlier names stay.
    pub fn born(&mut self, birth: &SaidBirth) {
        self.date_of_birth = Some(birth.date_of_birth.clone());
        self.expected_on = None;
        self.names.extend(birth.names.iter().filter(|name| !self.names.contains(name)).cloned().collect::<Vec<_>>());
    }
}
