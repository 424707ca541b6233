//! Handing a draft in, approving it by named people, giving it its instant, and taking it back.

use axum::extract::State;
use kernel::{DraftId, Person, Role, Timestamp};
use serde::Deserialize;
use service_kit::{
    Answered, Authority, Caller, Change, Path, Problem,
    caller::{Authors, BoardApprovers},
};
use utoipa::ToSchema;

use super::writing::{whole_second, words};
use crate::{
    app::App,
    document::ContentHash,
    draft::{Ask, Party},
};

/// Whoever may approve: for the board its approvers, for a borough its head of service or director.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Approvers {}

impl Authority for Approvers {
    type Who = Person;
    const ROLES: &'static [Role] = &[Role::BoardApprover, Role::HeadOfService, Role::Director];
}

/// Whoever may take a draft back; the rules say when.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Takers {}

impl Authority for Takers {
    type Who = Person;
    const ROLES: &'static [Role] = &[Role::BoardApprover, Role::ProcedureAuthor];
}

/// A draft to be handed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSubmission {
    /// Why the boroughs were not asked first, or not for as long as the edition in force says. Whoever approves reads it.
    #[schema(min_length = 1, max_length = 5_000)]
    unconsulted: Option<String>,
}

/// Why it goes back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewObjection {
    /// In words.
    #[schema(min_length = 1, max_length = 5_000)]
    reason: String,
}

/// An approval.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApproval {
    /// The hash of the content that was read.
    #[schema(value_type = String)]
    hash: ContentHash,
}

/// From when it is in force.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSchedule {
    /// The instant, in whole seconds.
    #[schema(value_type = String, format = DateTime)]
    in_force_from: Timestamp,
    /// The hash of the content that was approved.
    #[schema(value_type = String)]
    hash: ContentHash,
}

/// Why it is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWithdrawal {
    /// In words.
    #[schema(min_length = 1, max_length = 5_000)]
    reason: String,
}

/// The organisation that somebody approves for: their own.
fn party(caller: &Caller) -> Result<Party, Problem> {
    Party::of(&caller.org).ok_or_else(|| Problem::forbidden("The board and the boroughs approve."))
}

/// Freezes the content for approval; a draft with faults is refused with every one of them.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/submission", operation_id = "submit_draft", params(("id" = String, Path)),
    request_body = NewSubmission, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn submit_draft(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    change: Change<Authors, NewSubmission>,
) -> Result<Answered, Problem> {
    let unconsulted = change.body.unconsulted.as_deref().map(|why| words("/unconsulted", why)).transpose()?;
    app.change(id, &change, Ask::Submit { unconsulted }).await
}

/// Sends a submitted draft back to its authors. Every approval is void.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/objections", operation_id = "object_to_draft", params(("id" = String, Path)),
    request_body = NewObjection, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn object_to_draft(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    change: Change<Approvers, NewObjection>,
) -> Result<Answered, Problem> {
    let ask = Ask::Object { party: party(&change.by.caller)?, reason: words("/reason", &change.body.reason)? };
    app.change(id, &change, ask).await
}

/// Approves this content for one's own organisation.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/approvals", operation_id = "approve_draft", params(("id" = String, Path)),
    request_body = NewApproval, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn approve_draft(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    change: Change<Approvers, NewApproval>,
) -> Result<Answered, Problem> {
    let ask = Ask::Approve { party: party(&change.by.caller)?, hash: change.body.hash.clone() };
    app.change(id, &change, ask).await
}

/// Gives an approved draft its number, and the instant from which it is in force everywhere.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/schedule", operation_id = "schedule_draft", params(("id" = String, Path)),
    request_body = NewSchedule, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn schedule_draft(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    change: Change<BoardApprovers, NewSchedule>,
) -> Result<Answered, Problem> {
    let in_force_from = whole_second("/in_force_from", change.body.in_force_from)?;
    let ask = Ask::Schedule { in_force_from, hash: change.body.hash.clone() };
    app.change(id, &change, ask).await
}

/// Takes a draft back; a scheduled edition too, if it does not begin soon.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/withdrawal", operation_id = "withdraw_draft", params(("id" = String, Path)),
    request_body = NewWithdrawal, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn withdraw_draft(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    change: Change<Takers, NewWithdrawal>,
) -> Result<Answered, Problem> {
    let ask = Ask::Withdraw { reason: words("/reason", &change.body.reason)? };
    app.change(id, &change, ask).await
}
