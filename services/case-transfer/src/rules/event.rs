//! The events of the service as they are kept.

use kernel::{Borough, ChildId, DecodeError, GlassId, Person, StoredEvent, Stream, TransferId, edition::EditionEvent};
use serde::de::DeserializeOwned;

use crate::{
    board::BoardEvent,
    desk::DeskEvent,
    glass::GlassEvent,
    ledger::{LedgerEvent, Opening},
    look::LookEvent,
    transfer::TransferEvent,
};

/// What has happened, with the stream that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// To a transfer.
    Transfer(TransferId, TransferEvent),
    /// To the duties towards a child.
    Ledger(ChildId, LedgerEvent),
    /// To a desk.
    Desk(Borough, DeskEvent),
    /// To the top of the ladder.
    Board(BoardEvent),
    /// To a break-glass.
    Glass(GlassId, GlassEvent),
    /// To the record of who has read a transfer.
    Look(TransferId, LookEvent),
    /// To the record of who has read what desks wrote about a child's duties.
    ChildLook(ChildId, LookEvent),
    /// To what is known of an edition, as the registry told it.
    Edition(EditionEvent),
}

/// The stream of a transfer.
#[must_use]
pub fn transfer_stream(transfer: TransferId) -> Stream {
    Stream::new("transfer", transfer)
}

/// The stream of a break-glass.
#[must_use]
pub fn glass_stream(glass: GlassId) -> Stream {
    Stream::new("glass", glass)
}

/// The stream of those who have read a transfer.
#[must_use]
pub fn look_stream(transfer: TransferId) -> Stream {
    Stream::new("look", transfer)
}

/// The stream of those who have read what desks wrote about a child's duties.
fn child_look_stream(child: ChildId) -> Stream {
    Stream::new("child_look", child)
}

/// The stream of a child id's duties.
#[must_use]
pub fn child_stream(child: ChildId) -> Stream {
    Stream::new("child", child)
}

/// The stream of an edition.
#[must_use]
pub fn edition_stream(number: u32) -> Stream {
    Stream::new("edition", number)
}

/// The stream of a borough's desk.
#[must_use]
pub fn desk_stream(borough: &Borough) -> Stream {
    Stream::new("desk", borough)
}

/// The stream of the top of the ladder.
#[must_use]
pub fn board_stream() -> Stream {
    Stream::new("board", "chair")
}

impl Event {
    /// The person who decided it, where it moves, ends or decides something. A machine's event has none.
    #[must_use]
    pub fn decided_by(&self) -> Option<&Person> {
        match self {
            Self::Transfer(_, event) => event.decided_by(),
            Self::Ledger(_, event) => ledger_decided_by(event),
            Self::Desk(_, DeskEvent::Set { by, .. }) | Self::Board(BoardEvent::Set { by, .. }) => Some(by),
            Self::Glass(_, event) => event.decided_by(),
            Self::Desk(_, DeskEvent::RotaGap { .. })
            | Self::Board(BoardEvent::ChairGap { .. })
            | Self::Look(..)
            | Self::ChildLook(..)
            | Self::Edition(..) => None,
        }
    }

    /// Whether a duty begins to be somebody else's, ends, or a conversation about it is decided.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        match self {
            Self::Transfer(_, event) => event.is_decision(),
            Self::Ledger(_, event) => ledger_is_decision(event),
            Self::Desk(..) | Self::Board(..) | Self::Glass(..) | Self::Look(..) | Self::ChildLook(..) | Self::Edition(..) => false,
        }
    }
}

fn ledger_decided_by(event: &LedgerEvent) -> Option<&Person> {
    match event {
        LedgerEvent::DutyMoved { by, .. }
        | LedgerEvent::DutyEnded { by, .. }
        | LedgerEvent::ContactDecided { by, .. }
        | LedgerEvent::PlanChanged { by, .. }
        | LedgerEvent::ChildLinked { by, .. }
        | LedgerEvent::ChildUnlinked { by, .. }
        | LedgerEvent::ShieldSet { by, .. }
        | LedgerEvent::NightCaseTaken { by, .. }
        | LedgerEvent::NoticeGiven { by, .. }
        | LedgerEvent::MissingReported { by, .. }
        | LedgerEvent::MissingEnded { by, .. }
        | LedgerEvent::PowerStarted { by, .. }
        | LedgerEvent::PowerEnded { by, .. }
        | LedgerEvent::ChildBorn { by, .. }
        | LedgerEvent::DutyOpened { because: Opening::Decision { by, .. } | Opening::Plan { by, .. }, .. } => Some(by),
        LedgerEvent::DutyOpened { because: Opening::Referral(_), .. }
        | LedgerEvent::ContactOpened { .. }
        | LedgerEvent::ContactSettled { .. }
        | LedgerEvent::DutyKept { .. }
        | LedgerEvent::TransferOpened { .. }
        | LedgerEvent::TransferOver { .. }
        | LedgerEvent::NightCaseDue { .. }
        | LedgerEvent::NightCaseEscalated { .. }
        | LedgerEvent::PowerRanOut { .. } => None,
    }
}

fn ledger_is_decision(event: &LedgerEvent) -> bool {
    match event {
        LedgerEvent::DutyMoved { .. }
        | LedgerEvent::DutyEnded { .. }
        | LedgerEvent::ContactDecided { .. }
        | LedgerEvent::PlanChanged { .. }
        | LedgerEvent::DutyOpened { because: Opening::Decision { .. } | Opening::Plan { .. }, .. } => true,
        LedgerEvent::DutyOpened { because: Opening::Referral(_), .. }
        | LedgerEvent::ContactOpened { .. }
        | LedgerEvent::ContactSettled { .. }
        | LedgerEvent::DutyKept { .. }
        | LedgerEvent::TransferOpened { .. }
        | LedgerEvent::TransferOver { .. }
        | LedgerEvent::ChildLinked { .. }
        | LedgerEvent::ChildUnlinked { .. }
        | LedgerEvent::ShieldSet { .. }
        | LedgerEvent::NightCaseDue { .. }
        | LedgerEvent::NightCaseTaken { .. }
        | LedgerEvent::NightCaseEscalated { .. }
        | LedgerEvent::NoticeGiven { .. }
        | LedgerEvent::MissingReported { .. }
        | LedgerEvent::MissingEnded { .. }
        | LedgerEvent::PowerStarted { .. }
        | LedgerEvent::PowerEnded { .. }
        | LedgerEvent::PowerRanOut { .. }
        | LedgerEvent::ChildBorn { .. } => false,
    }
}

impl StoredEvent for Event {
    fn stream(&self) -> Stream {
        match self {
            Self::Transfer(id, _) => transfer_stream(*id),
            Self::Ledger(child, _) => child_stream(*child),
            Self::Desk(borough, _) => desk_stream(borough),
            Self::Board(_) => board_stream(),
            Self::Glass(id, _) => glass_stream(*id),
            Self::Look(id, _) => look_stream(*id),
            Self::ChildLook(child, _) => child_look_stream(*child),
            Self::Edition(event) => edition_stream(event.number()),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Transfer(_, event) => event.type_name(),
            Self::Ledger(_, event) => event.type_name(),
            Self::Desk(_, DeskEvent::Set { .. }) => "desk.set",
            Self::Desk(_, DeskEvent::RotaGap { .. }) => "desk.rota_gap",
            Self::Board(BoardEvent::Set { .. }) => "board.set",
            Self::Board(BoardEvent::ChairGap { .. }) => "board.chair_gap",
            Self::Glass(_, event) => event.type_name(),
            Self::Look(_, LookEvent::Viewed { .. }) => "sheet.viewed",
            Self::ChildLook(_, LookEvent::Viewed { .. }) => "notices.viewed",
            Self::Edition(event) => event.type_name(),
        }
    }

    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Transfer(_, event) => serde_json::to_vec(event),
            Self::Ledger(_, event) => serde_json::to_vec(event),
            Self::Desk(_, event) => serde_json::to_vec(event),
            Self::Board(event) => serde_json::to_vec(event),
            Self::Glass(_, event) => serde_json::to_vec(event),
            Self::Look(_, event) | Self::ChildLook(_, event) => serde_json::to_vec(event),
            Self::Edition(event) => serde_json::to_vec(event),
        }
    }

    fn from_data(stream: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError> {
        let unknown = || DecodeError { type_name: type_name.to_owned(), version, source: None };
        if version != 1 {
            return Err(unknown());
        }
        let event = match stream.category() {
            "transfer" => Self::Transfer(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            "child" => Self::Ledger(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            "desk" => Self::Desk(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            "glass" => Self::Glass(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            "board" => Self::Board(parse(type_name, data)?),
            "look" => Self::Look(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            "child_look" => Self::ChildLook(stream.id().parse().map_err(|_| unknown())?, parse(type_name, data)?),
            "edition" => Self::Edition(parse(type_name, data)?),
            _ => return Err(unknown()),
        };
        if event.type_name() == type_name { Ok(event) } else { Err(unknown()) }
    }
}

fn parse<T: DeserializeOwned>(type_name: &str, data: &[u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(data).map_err(|fault| DecodeError { type_name: type_name.to_owned(), version: 1, source: Some(fault) })
}
