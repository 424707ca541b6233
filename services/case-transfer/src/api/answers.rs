//! The receiver's answer, and its receipt.

use axum::extract::State;
use kernel::{Borough, Timestamp, TransferId, directory::Directory, edition::Edition};
use serde::Deserialize;
use service_kit::{
    Answered, Change, Path, Problem,
    caller::{DeskOrSystem, DutyDesk, Managers},
};
use utoipa::ToSchema;

use super::{
    ask::{Asking, Nothing},
    offers::NamedItem,
};
use crate::{
    app::{App, Loaded},
    text::{Sealer, Text},
    transfer::{Ask, Asked, DeclineReason, Tell},
};

/// The duties that are taken; or the conditions on which they would be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accept {
    /// What is taken. What is not named stays with the giver.
    #[serde(default)]
    items: Vec<NamedItem>,
    /// Conditions: then this is a query until the giver agrees, and nothing moves.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    conditions: Option<Text>,
    /// When it happened, where it is entered later.
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// A no, with its reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decline {
    /// A code of the edition in force: `not_our_area`, `no_such_child_here`, `already_with_another`, `below_threshold`,
    /// `unsafe_to_move_now`, `other`, or one that a later edition has added.
    #[schema(value_type = String)]
    reason: DeclineReason,
    /// In words; some reasons need them.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    text: Option<Text>,
    /// Whom to ask instead, if known.
    #[schema(value_type = Option<String>)]
    suggest: Option<Borough>,
    /// When it happened, where it is entered later.
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// An acceptance by a named person of a borough that is not connected, with the evidence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptanceElsewhere {
    /// What they took.
    items: Vec<NamedItem>,
    /// Who accepted.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    person: Text,
    /// In which role.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    role: Text,
    /// When they said so.
    #[schema(value_type = String, format = DateTime)]
    spoken_at: Timestamp,
    /// The evidence.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    evidence: Text,
}

/// Takes duties: from this commit on the receiver is responsible for them, and for nothing that is not named.
#[utoipa::path(post, path = "/api/transfers/{id}/accept", params(("id" = String, Path)), request_body = Accept,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn accept_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Accept>,
) -> Result<Answered, Problem> {
    let Accept { items, conditions, occurred_at } = &change.body;
    if items.is_empty() && conditions.is_none() {
        return Err(Problem::invalid_at("/items", "at least one child with at least one duty"));
    }
    let loaded = app.of(id, &change).await?;
    let ask = match conditions {
        Some(text) => Ask::AcceptOnConditions(app.sealer_for(&loaded).await?.seal(&place("conditions_proposed", id), text)?),
        None => Ask::Accept(items.iter().map(Asked::from).collect()),
    };
    app.ask(loaded, &change, Asking { occurred_at: *occurred_at, ..Asking::from(ask) }).await
}

/// The giver agrees to the conditions; the receiver may now accept plainly.
#[utoipa::path(post, path = "/api/transfers/{id}/conditions/agree", params(("id" = String, Path)), request_body = Nothing,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn agree_conditions(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Nothing>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    app.ask(loaded, &change, Ask::AgreeConditions).await
}

/// The receiving desk, or its system, knows that it is responsible. Until then the giver goes on seeing "still yours".
#[utoipa::path(post, path = "/api/transfers/{id}/received", params(("id" = String, Path)), request_body = Nothing,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn confirm_receipt(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DeskOrSystem, Nothing>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    app.tell(loaded, &change, Tell::Received).await
}

/// Says no. The giver is still responsible, and is told so.
#[utoipa::path(post, path = "/api/transfers/{id}/decline", params(("id" = String, Path)), request_body = Decline,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn decline_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Decline>,
) -> Result<Answered, Problem> {
    let Decline { reason, text, suggest, occurred_at } = &change.body;
    let code = serde_json::to_value(reason).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
    if let Err(problem) = is_a_reason(&app.edition(change.now), &code, text.is_some())
        // The first answer stands, also where the reasons have changed since.
        && !app.is_replay(&change.receipt).await?
    {
        return Err(problem);
    }
    let loaded = app.of(id, &change).await?;
    let text = match text {
        Some(text) => Some(app.sealer_for(&loaded).await?.seal(&place("declined", id), text)?),
        None => None,
    };
    let only_candidate = is_only_candidate(&loaded);
    let ask = Ask::Decline { reason: *reason, text, suggest: suggest.clone(), only_candidate };
    app.ask(loaded, &change, Asking { occurred_at: *occurred_at, ..Asking::from(ask) }).await
}

/// A reason of the edition in force, with words where it needs them.
fn is_a_reason(edition: &Edition, code: &str, in_words: bool) -> Result<(), Problem> {
    let Some(known) = edition.decline_reason(code) else {
        let codes: Vec<&str> = edition.decline_reasons.iter().map(|reason| reason.code.as_str()).collect();
        return Err(Problem::invalid_at("/reason", format!("a reason of the edition in force: {}", codes.join(", "))));
    };
    if known.words_needed && !in_words {
        return Err(Problem::invalid_at("/text", "this reason must be told in words as well"));
    }
    Ok(())
}

/// Whether no other borough of the area could be asked.
fn is_only_candidate(loaded: &Loaded) -> bool {
    let offer = &loaded.talk.offer;
    let directory = Directory::get();
    let others = directory.neighbours(&offer.from).filter(|entry| entry.code != offer.from && entry.code != offer.to).count();
    directory.borough(&offer.from).is_some() && others == 0
}

/// A manager of the giver records that a named person of a borough that is not connected has accepted.
#[utoipa::path(post, path = "/api/transfers/{id}/acceptance-elsewhere", params(("id" = String, Path)), request_body = AcceptanceElsewhere,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn record_acceptance_elsewhere(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<Managers, AcceptanceElsewhere>,
) -> Result<Answered, Problem> {
    let sent = &change.body;
    if sent.role.expose().chars().count() > 200 {
        return Err(Problem::invalid_at("/role", "1 to 200 characters"));
    }
    if sent.spoken_at > change.now {
        return Err(Problem::invalid_at("/spoken_at", "not later than now"));
    }
    let loaded = app.of(id, &change).await?;
    let sealer = app.sealer_for(&loaded).await?;
    let ask = Ask::RecordAcceptanceElsewhere {
        to: loaded.talk.offer.to.clone(),
        items: sent.items.iter().map(Asked::from).collect(),
        person: sealer.seal(&place("accepted_elsewhere/person", id), &sent.person)?,
        role: sealer.seal(&place("accepted_elsewhere/role", id), &sent.role)?,
        spoken_at: sent.spoken_at,
        evidence: sealer.seal(&place("accepted_elsewhere/evidence", id), &sent.evidence)?,
    };
    app.ask(loaded, &change, ask).await
}

/// The place that a text of a transfer is sealed for.
pub(crate) fn place(what: &str, id: TransferId) -> String {
    format!("transfer.{what}/{id}")
}

impl App {
    /// A key for the texts of one command on a transfer.
    pub(crate) async fn sealer_for(&self, loaded: &Loaded) -> Result<Sealer, Problem> {
        let children: Vec<_> = loaded.talk.children().collect();
        self.sealer(&loaded.id.to_string(), &children).await
    }
}
