//! What two people said to each other.

use axum::extract::State;
use kernel::{Timestamp, TransferId};
use serde::Deserialize;
use service_kit::{Answered, Change, Path, Problem, caller::DutyDesk};
use utoipa::ToSchema;

use super::{
    answers::place,
    ask::{Asking, SideOf},
};
use crate::{
    app::App,
    text::Text,
    transfer::{Agreement, Ask, Handover, Side, Spoken},
};

/// A spoken agreement. It moves no duty.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAgreement {
    /// Both people, by name.
    #[schema(value_type = Vec<String>, min_items = 2, max_items = 2)]
    people: Vec<Text>,
    /// When they spoke.
    #[schema(value_type = String, format = DateTime)]
    spoken_at: Timestamp,
    /// What they agreed.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    text: Text,
    /// `giver` or `taker`, where your team acts for both now.
    #[schema(value_type = Option<String>)]
    side: Option<Side>,
}

/// The spoken handover as one side saw it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHandover {
    /// Who gave.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    giver: Text,
    /// Who took.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    taker: Text,
    /// When they spoke.
    #[schema(value_type = Option<String>, format = DateTime)]
    spoken_at: Option<Timestamp>,
    /// Why they did not.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    not_spoken_because: Option<Text>,
    /// The taker's one line: "I understand that …". The giver writes it down where the taker is not connected.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    read_back: Option<Text>,
    /// `giver` or `taker`, where your team acts for both now.
    #[schema(value_type = Option<String>)]
    side: Option<Side>,
}

/// Records what was agreed by voice, with both names and the time. The other side confirms it.
#[utoipa::path(post, path = "/api/transfers/{id}/agreements", params(("id" = String, Path)), request_body = NewAgreement,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn record_agreement(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, NewAgreement>,
) -> Result<Answered, Problem> {
    let NewAgreement { people, spoken_at, text, side } = &change.body;
    let [one, other] = people.as_slice() else {
        return Err(Problem::invalid_at("/people", "the names of the two people who spoke"));
    };
    spoken_before(*spoken_at, change.now)?;
    let loaded = app.of(id, &change).await?;
    let sealer = app.sealer_for(&loaded).await?;
    let named = place("agreement_recorded/people", id);
    let agreement = Agreement {
        people: [sealer.seal(&named, one)?, sealer.seal(&named, other)?],
        spoken_at: *spoken_at,
        text: sealer.seal(&place("agreement_recorded/text", id), text)?,
    };
    app.ask(loaded, &change, Asking { side: *side, ..Asking::from(Ask::RecordAgreement(agreement)) }).await
}

/// The other side confirms the agreement.
#[utoipa::path(post, path = "/api/transfers/{id}/agreements/confirm", params(("id" = String, Path)), request_body = SideOf,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn confirm_agreement(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, SideOf>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    app.ask(loaded, &change, Asking { side: change.body.side, ..Asking::from(Ask::ConfirmAgreement) }).await
}

/// Confirms the spoken handover, for one side. With both it is complete.
#[utoipa::path(post, path = "/api/transfers/{id}/handover", params(("id" = String, Path)), request_body = NewHandover,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn confirm_handover(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, NewHandover>,
) -> Result<Answered, Problem> {
    let NewHandover { giver, taker, spoken_at, not_spoken_because, read_back, side } = &change.body;
    if spoken_at.is_some() == not_spoken_because.is_some() {
        return Err(Problem::invalid_at("/spoken_at", "either this or not_spoken_because"));
    }
    spoken_at.map_or(Ok(()), |at| spoken_before(at, change.now))?;
    let loaded = app.of(id, &change).await?;
    let sealer = app.sealer_for(&loaded).await?;
    let at = |field: &str| place(&format!("handover_confirmed/{field}"), id);
    let spoken = match (spoken_at, not_spoken_because) {
        (Some(spoken_at), _) => Spoken::At(*spoken_at),
        (None, Some(why)) => Spoken::NotBecause(sealer.seal(&at("not_spoken_because"), why)?),
        (None, None) => return Err(Problem::invalid_at("/spoken_at", "either this or not_spoken_because")),
    };
    let handover = Handover {
        giver: sealer.seal(&at("giver"), giver)?,
        taker: sealer.seal(&at("taker"), taker)?,
        spoken,
        read_back: sealer.seal_if(&at("read_back"), read_back.as_ref())?,
    };
    app.ask(loaded, &change, Asking { side: *side, ..Asking::from(Ask::ConfirmHandover(handover)) }).await
}

fn spoken_before(spoken_at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    if spoken_at <= now { Ok(()) } else { Err(Problem::invalid_at("/spoken_at", "not later than now")) }
}
