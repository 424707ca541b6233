//! The events of the service as they are kept: `golden/` holds one of each.

#[cfg(test)]
mod tests;

use kernel::{Borough, DecodeError, DraftId, StoredEvent, Stream};
use serde::de::DeserializeOwned;

use crate::{
    desk::DeskEvent,
    draft::DraftEvent,
    register::RegisterEvent,
    rules::{desk_stream, draft_stream, register_stream},
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
}

impl StoredEvent for Event {
    fn stream(&self) -> Stream {
        match self {
            Self::Draft(id, _) => draft_stream(*id),
            Self::Register(_) => register_stream(),
            Self::Desk(borough, _) => desk_stream(borough),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Draft(_, event) => event.type_name(),
            Self::Register(event) => event.type_name(),
            Self::Desk(_, DeskEvent::Learnt(_)) => "desk.learnt",
        }
    }

    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Draft(_, event) => serde_json::to_vec(event),
            Self::Register(event) => serde_json::to_vec(event),
            Self::Desk(_, event) => serde_json::to_vec(event),
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
            _ => return Err(unknown()),
        };
        if event.type_name() == type_name { Ok(event) } else { Err(unknown()) }
    }
}

fn parse<T: DeserializeOwned>(type_name: &str, data: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(data).map_err(|fault| DecodeError { type_name: type_name.to_owned(), version: 1, source: Some(fault) })
}
