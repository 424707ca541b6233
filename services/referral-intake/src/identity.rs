//! What is known about who a child is: parsed facts, each of which may be missing or wrong.
//!
//! Nothing here is refused for being incomplete: "not known" is an answer everywhere (domain.md section 3).

mod birth;
mod nhs;
mod postcode;

use std::fmt;

use kernel::Private;

pub use birth::{Birth, BirthDate};
pub use nhs::{KeptAsText, NhsNumber, WhyText};
pub use postcode::{BadPostcode, Postcode};

/// The facts about one child that two records can be compared by.
#[derive(Clone, Default)]
pub struct Identity {
    /// Every name used, as written: any order, any script, placeholders such as "Baby" included.
    pub names: Vec<Private<String>>,
    /// The date of birth, or what is said in its place.
    pub birth: Birth,
    /// The NHS number, when one was given and is good. A bad one is kept as text elsewhere and never compared.
    pub nhs_number: Option<NhsNumber>,
    /// The postcode of the home, or of the last known one.
    pub home_postcode: Option<Postcode>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[identity]")
    }
}
