//! Faults of a draft, each with the place that it is in.

use kernel::edition;
use service_kit::Fault as Pointed;

use crate::{document::Fault, field::WasToGo};

/// A fault with a pointer into the document.
pub(crate) fn pointed(fault: &Fault) -> Pointed {
    Pointed::at(pointer(fault), fault.to_string())
}

/// A promise of the board that a draft would break, with its place in the form.
pub(crate) fn promised(broken: &WasToGo) -> Pointed {
    Pointed::at(format!("/parts/form/{}", broken.index), broken.to_string())
}

fn pointer(fault: &Fault) -> String {
    match fault {
        Fault::Parts(fault) => format!("/parts{}", part(fault)),
        Fault::Given { part } => format!("/parts{part}"),
        Fault::UnknownField { index, .. } => format!("/parts/form/{index}"),
        Fault::NoProcedures => "/procedures".to_owned(),
        Fault::Empty { procedure, field } => format!("/procedures/{procedure}{field}"),
        Fault::MustWithoutBasis { procedure, step } => format!("/procedures/{procedure}/steps/{}/basis", step - 1),
        Fault::UnknownClock { procedure, step } => format!("/procedures/{procedure}/steps/{}/clock", step - 1),
        Fault::DeadLink { procedure, .. } => format!("/procedures/{procedure}/full"),
        Fault::TooLarge { procedure, .. } => format!("/procedures/{procedure}"),
        Fault::ShortFormTooLong { procedure, .. } => format!("/procedures/{procedure}/short"),
    }
}

fn part(fault: &edition::Fault) -> String {
    match fault {
        edition::Fault::Shape { part, .. }
        | edition::Fault::Empty { part }
        | edition::Fault::Twice { part, .. }
        | edition::Fault::Zero { part } => part.clone(),
        edition::Fault::ClockMissing { .. }
        | edition::Fault::ClockTwice { .. }
        | edition::Fault::ClockWithoutStart { .. }
        | edition::Fault::ClockWithoutBasis { .. }
        | edition::Fault::ClockLength { .. }
        | edition::Fault::UnknownCalendar { .. } => "/clocks".to_owned(),
        edition::Fault::Calendar { .. } => "/calendars".to_owned(),
        edition::Fault::EmptyLevel { .. } => "/escalation_ladder".to_owned(),
        edition::Fault::FieldWithoutDecision { .. } | edition::Fault::TooManyCompulsory { .. } => "/form".to_owned(),
        edition::Fault::InEdition { fault, .. } => part(fault),
        edition::Fault::OutOfOrder { .. } => "/number".to_owned(),
    }
}
