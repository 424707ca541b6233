//! What the edition in force asks must be answered where it is compulsory. "Not known" is an answer; nothing said is none.
//!
//! A field that the edition has taken out is not asked. What somebody answers to it all the same is kept: a page that was opened
//! before the change sends it in good faith.

#[cfg(test)]
mod tests;

use kernel::edition::{FieldName, FormField};
use service_kit::Fault;

use super::{
    body::{Maybe, NewChild, NewPlace, NewReferral},
    check::{Checked, CheckedChild},
};
use crate::referral::ParentKnows;

/// A fault for each compulsory field to which nothing is said, where it would stand. The concern has a check of its own, whatever an
/// edition says, and a name for which a referral has no place is asked of nobody.
pub(super) fn missing(form: &[FormField], sent: &NewReferral) -> Vec<Fault> {
    let compulsory = form.iter().filter(|field| field.compulsory);
    let known = compulsory.filter_map(|field| Some((field, FieldName::of(&field.name)?)));
    known.flat_map(|(field, name)| places(name, sent).into_iter().map(move |place| Fault::at(place, what_to_do(field, name)))).collect()
}

fn what_to_do(field: &FormField, name: FieldName) -> String {
    match name {
        FieldName::Referrer => format!("{} Give a name; a caller of the public may be {{ \"anonymous\": true }}.", field.question),
        FieldName::Concern
        | FieldName::ChildIsNow
        | FieldName::DangerNow
        | FieldName::Names
        | FieldName::DateOfBirth
        | FieldName::Home
        | FieldName::WithTheChild
        | FieldName::ChildSays
        | FieldName::ParentKnows
        | FieldName::Needs
        | FieldName::DoneAlready => format!("{} Say it, or answer \"not_known\".", field.question),
    }
}

/// The places of a field at which nothing is said.
fn places(name: FieldName, sent: &NewReferral) -> Vec<String> {
    let whole = |said: bool| if said { Vec::new() } else { vec![format!("/{}", name.code())] };
    let each = |said: fn(&NewChild) -> bool| {
        let silent = silent_children(&sent.children, said);
        silent.into_iter().map(|index| format!("/children/{index}/{}", name.code())).collect()
    };
    match name {
        FieldName::Concern => Vec::new(),
        FieldName::Referrer => whole(sent.referrer.is_answered(|_| true)),
        FieldName::ChildIsNow => whole(is_place(&sent.child_is_now)),
        FieldName::DangerNow => whole(sent.danger_now.is_answered(|_| true)),
        FieldName::Names => each(|child| child.names.is_answered(|names| names.iter().any(|name| !name.trim().is_empty()))),
        FieldName::DateOfBirth => {
            each(|child| is_text(&child.date_of_birth) || child.age_about.is_answered(|_| true) || is_text(&child.expected_on))
        }
        FieldName::Home => each(|child| is_place(&child.home)),
        FieldName::WithTheChild => whole(is_text(&sent.with_the_child)),
        FieldName::ChildSays => each(|child| is_text(&child.child_says)),
        FieldName::ParentKnows => whole(sent.parent_knows.is_answered(|_| true)),
        FieldName::Needs => whole(is_text(&sent.needs)),
        FieldName::DoneAlready => whole(is_text(&sent.done_already)),
    }
}

/// The children of whom it is not said, by their place. No children at all are one of whom nothing is said; children who are not known
/// are an answer to everything about them.
fn silent_children(children: &Maybe<Vec<NewChild>>, said: fn(&NewChild) -> bool) -> Vec<usize> {
    match children {
        Maybe::NotKnown => Vec::new(),
        Maybe::Known(children) if !children.is_empty() => {
            children.iter().enumerate().filter(|(_, child)| !said(child)).map(|(index, _)| index).collect()
        }
        Maybe::Known(_) | Maybe::NotSaid => vec![0],
    }
}

fn is_text(text: &Maybe<String>) -> bool {
    text.is_answered(|text| !text.trim().is_empty())
}

fn is_place(place: &Maybe<NewPlace>) -> bool {
    place.is_answered(|place| [&place.site, &place.address, &place.postcode, &place.borough].into_iter().any(is_text))
}

/// The names of the fields that were filled, as the form of the procedures has them. "Not known" fills nothing, but that nobody can
/// tell whether there is danger does.
pub(super) fn filled(form: &Checked) -> Vec<String> {
    FieldName::ALL.into_iter().filter(|name| is_filled(*name, form)).map(|name| name.code().to_owned()).collect()
}

fn is_filled(name: FieldName, form: &Checked) -> bool {
    let any = |said: fn(&CheckedChild) -> bool| form.children.iter().any(said);
    match name {
        FieldName::Concern => !form.concern.is_empty(),
        FieldName::Referrer => form.referrer.is_some(),
        FieldName::ChildIsNow => form.found.site.is_some() || form.found.borough.is_some() || !form.found.said.is_empty(),
        FieldName::DangerNow => form.danger_said,
        FieldName::Names => any(|child| !child.identity.names.is_empty()),
        FieldName::DateOfBirth => any(|child| {
            child.identity.date_of_birth.is_some() || child.identity.age_about.is_some() || child.identity.expected_on.is_some()
        }),
        FieldName::Home => any(|child| child.home.borough.is_some() || !child.home.said.is_empty()),
        FieldName::WithTheChild => form.with_the_child.is_some(),
        FieldName::ChildSays => any(|child| child.says.is_some()),
        FieldName::ParentKnows => form.parent_knows != ParentKnows::NotKnown,
        FieldName::Needs => form.needs.is_some(),
        FieldName::DoneAlready => form.done_already.is_some(),
    }
}
