//! The HTTP side, one file for each group of addresses.

mod approving;
mod ask;
mod drafts;
mod editions;
mod faults;
mod procedures;
#[cfg(test)]
mod tests;
mod writing;

use axum::{
    Extension, Router,
    routing::{get, post},
};
use service_kit::{json::Most, openapi::complete};
use utoipa::OpenApi;

#[cfg(test)]
pub(crate) use faults::pointed;

use crate::app::App;

/// The largest document: some 500 procedures.
const DOCUMENT: Most = Most(8 << 20);

/// Every route of the service.
pub(crate) fn router(app: App) -> Router {
    let draft = Router::new()
        .route("/", get(drafts::show_draft))
        .route("/faults", get(drafts::list_faults))
        .route("/procedures", post(writing::put_procedure))
        .route("/removals", post(writing::remove_procedure))
        .route("/parts", post(writing::put_parts))
        .route("/document", post(writing::put_document).layer(Extension(DOCUMENT)))
        .route("/consultation", post(writing::open_consultation))
        .route("/comments", post(writing::comment_on_draft))
        .route("/comments/{number}/answer", post(writing::answer_comment))
        .route("/submission", post(approving::submit_draft))
        .route("/objections", post(approving::object_to_draft))
        .route("/approvals", post(approving::approve_draft))
        .route("/schedule", post(approving::schedule_draft))
        .route("/withdrawal", post(approving::withdraw_draft));
    Router::new()
        .route("/api/procedures/editions", get(editions::list_editions))
        .route("/api/procedures/editions/in-force", get(editions::show_edition_in_force))
        .route("/api/procedures/editions/{number}", get(editions::show_edition))
        .route("/api/procedures/editions/{number}/document", get(editions::show_document))
        .route("/api/procedures/drafts", get(drafts::list_drafts).post(drafts::begin_draft))
        .nest("/api/procedures/drafts/{id}", draft)
        .route("/api/procedures/{procedure_id}", get(procedures::show_procedure))
        .with_state(app)
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    complete(Document::openapi(), &["comment_on_draft"])
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Procedures registry",
        description = "One procedure set that every borough and hospital follows: its editions, and how the next one comes about."
    ),
    paths(
        editions::list_editions,
        editions::show_edition_in_force,
        editions::show_edition,
        editions::show_document,
        procedures::show_procedure,
        drafts::list_drafts,
        drafts::begin_draft,
        drafts::show_draft,
        drafts::list_faults,
        writing::put_procedure,
        writing::remove_procedure,
        writing::put_parts,
        writing::put_document,
        writing::open_consultation,
        writing::comment_on_draft,
        writing::answer_comment,
        approving::submit_draft,
        approving::object_to_draft,
        approving::approve_draft,
        approving::schedule_draft,
        approving::withdraw_draft
    )
)]
struct Document;
