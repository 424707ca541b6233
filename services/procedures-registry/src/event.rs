//! The events of the service as they are kept: `golden/` holds one of each.

#[cfg(test)]
mod beside;
#[cfg(test)]
mod tests;

use kernel::{Borough, DecodeError, DraftId, Org, ReferralId, StoredEvent, Stream};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{
    desk::DeskEvent,
    draft::DraftEvent,
    field::{BinEvent, FieldEvent},
    form_use::{SittingEvent, UseEvent},
    reading::{CoverageEvent, ReaderEvent},
    register::RegisterEvent,
    rules::{
        bin_stream, coverage_stream, desk_stream, draft_stream, field_stream, reader_stream, register_stream, sitting_stream, use_stream,
        variation_stream,
    },
    variation::{Place, VariationEvent},
};

/// Everything that happens in the registry.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// To a draft.
    Draft(DraftId, DraftEvent),
    /// To the list of editions.
    Register(RegisterEvent),
    /// To a desk.
    Desk(Borough, DeskEvent),
    /// To a local variation.
    Variation(Place, VariationEvent),
    /// To a reader, by the subject of the token.
    Reader(String, ReaderEvent),
    /// To what is known of the people who are expected to read.
    Coverage(Org, CoverageEvent),
    /// To a field of the form.
    Field(String, FieldEvent),
    /// To the fields that go.
    Bin(BinEvent),
    /// To the form of a referral.
    Use(ReferralId, UseEvent),
    /// Before the form.
    Sitting(Uuid, SittingEvent),
}

impl StoredEvent for Event {
    fn stream(&self) -> Stream {
        match self {
            Self::Draft(id, _) => draft_stream(*id),
            Self::Register(_) => register_stream(),
            Self::Desk(borough, _) => desk_stream(borough),
            Self::Variation(place, _) => variation_stream(place),
            Self::Reader(subject, _) => reader_stream(subject),
            Self::Coverage(org, _) => coverage_stream(org),
            Self::Field(name, _) => field_stream(name),
            Self::Bin(_) => bin_stream(),
            Self::Use(referral, _) => use_stream(*referral),
            Self::Sitting(id, _) => sitting_stream(*id),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Draft(_, event) => event.type_name(),
            Self::Register(event) => event.type_name(),
            Self::Desk(_, DeskEvent::Learnt(_)) => "desk.learnt",
            Self::Variation(_, event) => event.type_name(),
            Self::Reader(_, event) => event.type_name(),
            Self::Coverage(_, CoverageEvent::ExpectedSet { .. }) => "coverage.expected_set",
            Self::Field(_, event) => event.type_name(),
            Self::Bin(BinEvent::Promised { .. }) => "bin.promised",
            Self::Use(_, event) => event.type_name(),
            Self::Sitting(_, event) => event.type_name(),
        }
    }

    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Draft(_, event) => serde_json::to_vec(event),
            Self::Register(event) => serde_json::to_vec(event),
            Self::Desk(_, event) => serde_json::to_vec(event),
            Self::Variation(_, event) => serde_json::to_vec(event),
            Self::Reader(_, event) => serde_json::to_vec(event),
            Self::Coverage(_, event) => serde_json::to_vec(event),
            Self::Field(_, event) => serde_json::to_vec(event),
            Self::Bin(event) => serde_json::to_vec(event),
            Self::Use(_, event) => serde_json::to_vec(event),
            Self::Sitting(_, event) => serde_json::to_vec(event),
        }
    }

    fn from_data(stream: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError> {
        let unknown = || DecodeError { type_name: type_name.to_owned(), version, source: None };
        if version != 1 {
            return Err(unknown());
        }
        let event = match stream.category() {
            "draft" => Self::Draft(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            "register" => Self::Register(parse(type_name, data)?),
            "desk" => Self::Desk(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            "variation" => Self::Variation(stream.id().parse().map_err(|()| unknown())?, parse(type_name, data)?),
            "reader" => Self::Reader(stream.id().to_owned(), parse(type_name, data)?),
            "coverage" => Self::Coverage(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            "field" => Self::Field(stream.id().to_owned(), parse(type_name, data)?),
            "bin" => Self::Bin(parse(type_name, data)?),
            "use" => Self::Use(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            "sitting" => Self::Sitting(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            _ => return Err(unknown()),
        };
        if event.type_name() == type_name { Ok(event) } else { Err(unknown()) }
    }
}

fn parse<T: DeserializeOwned>(type_name: &str, data: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(data).map_err(|fault| DecodeError { type_name: type_name.to_owned(), version: 1, source: Some(fault) })
}
