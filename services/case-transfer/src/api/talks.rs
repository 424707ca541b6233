//! What is said between offer and answer.

use axum::extract::State;
use kernel::TransferId;
use serde::Deserialize;
use service_kit::{
    Answered, Change, Path, Problem,
    caller::{DutyDesk, Machine, Practitioners},
};
use utoipa::ToSchema;

use super::{answers::place, ask::Nothing};
use crate::{
    app::App,
    text::Text,
    transfer::{Ask, Tell},
};

/// Something said in a transfer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    /// The words.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    pub(crate) text: Text,
}

/// A confirmed delivery.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delivered {
    /// By which route, for instance `case_system`.
    #[schema(max_length = 40)]
    route: Option<String>,
}

/// The receiver's system has the offer. The first confirmed route counts; without one in time the giver is shown the telephone.
#[utoipa::path(post, path = "/api/transfers/{id}/delivered", params(("id" = String, Path)), request_body = Delivered,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn confirm_delivery(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<Machine, Delivered>,
) -> Result<Answered, Problem> {
    let route = change.body.route.clone().unwrap_or_else(|| "case_system".to_owned());
    let plain = (1..=40).contains(&route.len()) && route.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !plain {
        return Err(Problem::invalid_at("/route", "1 to 40 of a-z, 0-9 and _"));
    }
    let loaded = app.of(id, &change).await?;
    app.tell(loaded, &change, Tell::Delivered { route }).await
}

/// A person of the receiver opens the offer.
#[utoipa::path(post, path = "/api/transfers/{id}/open", params(("id" = String, Path)), request_body = Nothing,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn open_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Nothing>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    app.ask(loaded, &change, Ask::Open).await
}

/// The receiver asks something. The time to decide goes on running.
#[utoipa::path(post, path = "/api/transfers/{id}/questions", params(("id" = String, Path)), request_body = Said,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn ask_question(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Said>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    let text = app.sealer_for(&loaded).await?.seal(&place("information_requested", id), &change.body.text)?;
    app.ask(loaded, &change, Ask::AskInformation(text)).await
}

/// The giver answers.
#[utoipa::path(post, path = "/api/transfers/{id}/answers", params(("id" = String, Path)), request_body = Said,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn give_answer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Said>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    let text = app.sealer_for(&loaded).await?.seal(&place("information_given", id), &change.body.text)?;
    app.ask(loaded, &change, Ask::GiveInformation(text)).await
}

/// This person has a conflict of interest and takes no further part.
#[utoipa::path(post, path = "/api/transfers/{id}/conflict", params(("id" = String, Path)), request_body = Nothing,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn declare_conflict(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Nothing>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    app.ask(loaded, &change, Ask::DeclareConflict).await
}

/// Calls the next level of both boroughs, by name. Either borough may, and whoever raised the concern.
#[utoipa::path(post, path = "/api/transfers/{id}/escalate", params(("id" = String, Path)), request_body = Nothing,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn escalate_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<Practitioners, Nothing>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    app.ask(loaded, &change, Ask::Escalate).await
}
