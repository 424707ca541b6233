//! Taking an offer back, correcting it, and closing it.

use axum::extract::State;
use kernel::{ChildId, TransferId};
use serde::Deserialize;
use service_kit::{Answered, Change, Path, Problem, caller::DutyDesk};
use utoipa::ToSchema;

use super::{answers::place, ask::Nothing};
use crate::{
    app::App,
    text::Text,
    transfer::{Ask, Repoint},
};

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// In words.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    pub(crate) reason: Text,
}

/// A correction, which stands beside what was wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Correction {
    /// Which field of the sheet.
    #[schema(max_length = 40)]
    field: String,
    /// What is right.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    text: Text,
    /// The offer named the wrong child.
    repoint: Option<NewRepoint>,
}

/// A child that was named wrongly.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRepoint {
    /// The id that was named.
    #[schema(value_type = String)]
    from: ChildId,
    /// The child it is.
    #[schema(value_type = String)]
    to: ChildId,
}

/// The giver takes the offer back, or keeps the duties after a decline. It is still responsible.
#[utoipa::path(post, path = "/api/transfers/{id}/withdraw", params(("id" = String, Path)), request_body = Reason,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn withdraw_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Reason>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    let reason = app.sealer_for(&loaded).await?.seal(&place("withdrawn", id), &change.body.reason)?;
    app.ask(loaded, &change, Ask::Withdraw(reason)).await
}

/// The giver keeps what the receiver left of an offer that it accepted in part; the clock to offer it again stops.
#[utoipa::path(post, path = "/api/transfers/{id}/keep", params(("id" = String, Path)), request_body = Reason,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn keep_rest(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Reason>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    let reason = app.sealer_for(&loaded).await?.seal(&place("rest_settled", id), &change.body.reason)?;
    app.ask(loaded, &change, Ask::KeepRest(reason)).await
}

/// Adds a correction; nothing is edited.
#[utoipa::path(post, path = "/api/transfers/{id}/corrections", params(("id" = String, Path)), request_body = Correction,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn correct_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Correction>,
) -> Result<Answered, Problem> {
    let Correction { field, text, repoint } = &change.body;
    let plain = (1..=40).contains(&field.len()) && field.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if !plain {
        return Err(Problem::invalid_at("/field", "the name of a field of the sheet"));
    }
    let loaded = app.of(id, &change).await?;
    let text = app.sealer_for(&loaded).await?.seal(&place("fact_corrected", id), text)?;
    let repoint = repoint.as_ref().map(|repoint| Repoint { from: repoint.from, to: repoint.to });
    app.ask(loaded, &change, Ask::Correct { field: field.clone(), text, repoint }).await
}

/// The holder closes a transfer that was handed over, withdrawn or superseded.
#[utoipa::path(post, path = "/api/transfers/{id}/close", params(("id" = String, Path)), request_body = Nothing,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn close_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, Nothing>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    app.ask(loaded, &change, Ask::Close).await
}
