//! When two boroughs disagree. The holder stays as it was.

use axum::extract::State;
use kernel::TransferId;
use serde::Deserialize;
use service_kit::{
    Answered, Change, Path, Problem,
    caller::{DutyDesk, Managers},
};
use utoipa::ToSchema;

use super::{answers::place, ask::Asking};
use crate::{
    app::App,
    text::Text,
    transfer::{Ask, Interim, Side},
};

/// The interim safety plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInterim {
    /// How the child is kept safe meanwhile.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    interim_plan: Text,
}

/// What was settled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settlement {
    /// The words.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    text: Text,
    /// `giver` or `taker`, where your team acts for both now.
    #[schema(value_type = Option<String>)]
    side: Option<Side>,
}

/// A manager disputes a decline, with the interim safety plan.
#[utoipa::path(post, path = "/api/transfers/{id}/dispute", params(("id" = String, Path)), request_body = NewInterim,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn dispute_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<Managers, NewInterim>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    let plan = app.sealer_for(&loaded).await?.seal(&place("dispute_opened", id), &change.body.interim_plan)?;
    app.ask(loaded, &change, Ask::Dispute(Interim { plan })).await
}

/// Records the interim safety plan of an open dispute.
#[utoipa::path(post, path = "/api/transfers/{id}/interim-plan", params(("id" = String, Path)), request_body = NewInterim,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn record_interim_plan(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<DutyDesk, NewInterim>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    let plan = app.sealer_for(&loaded).await?.seal(&place("interim_plan_recorded", id), &change.body.interim_plan)?;
    app.ask(loaded, &change, Ask::RecordInterimPlan(plan)).await
}

/// A manager of one side signs the settlement; it stands when both have.
#[utoipa::path(post, path = "/api/transfers/{id}/settle", params(("id" = String, Path)), request_body = Settlement,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn settle_dispute(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    change: Change<Managers, Settlement>,
) -> Result<Answered, Problem> {
    let loaded = app.of(id, &change).await?;
    let text = app.sealer_for(&loaded).await?.seal(&place("settlement_signed", id), &change.body.text)?;
    app.ask(loaded, &change, Asking { side: change.body.side, ..Asking::from(Ask::Settle(text)) }).await
}
