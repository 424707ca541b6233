//! The HTTP side, one file for each group of addresses.

mod approving;
mod ask;
mod contacts;
mod difference;
mod drafts;
mod editions;
mod faults;
mod fields;
mod forms;
mod procedures;
mod questions;
mod receipts;
mod search;
#[cfg(test)]
mod tests;
mod told;
mod variations;
mod writing;

use axum::{
    Extension, Router,
    routing::{get, post},
};
use service_kit::{json::Most, openapi::complete};
use utoipa::OpenApi;

pub(crate) use faults::{pointed, promised};

use crate::app::App;

/// The largest document: some 500 procedures.
const DOCUMENT: Most = Most(8 << 20);

/// Every route of the service.
pub(crate) fn router(app: App) -> Router {
    let draft = Router::new()
        .route("/", get(drafts::show_draft))
        .route("/faults", get(drafts::list_faults))
        .route("/difference", get(difference::compare_draft))
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
        .route("/api/procedures/editions/{number}/difference/{other}", get(difference::compare_editions))
        .route("/api/procedures/drafts", get(drafts::list_drafts).post(drafts::begin_draft))
        .nest("/api/procedures/drafts/{id}", draft)
        .route("/api/procedures/variations", get(variations::list_variations).post(variations::make_variation))
        .route("/api/procedures/variations/all", get(variations::list_all_variations))
        .route("/api/procedures/variations/{id}", get(variations::show_variation))
        .route("/api/procedures/variations/{id}/end", post(variations::end_variation))
        .route("/api/procedures/receipts/mine", get(receipts::list_my_receipts))
        .route("/api/procedures/receipts/coverage", get(receipts::show_coverage))
        .route("/api/procedures/receipts/expected", post(receipts::set_expected))
        .route("/api/procedures/receipts/reminders", get(receipts::list_reminders))
        .route("/api/procedures/questions", get(questions::list_questions))
        .route("/api/procedures/questions/{id}/answer", post(questions::answer_question))
        .route("/api/procedures/fields", get(fields::list_fields))
        .route("/api/procedures/fields/mine", get(fields::list_my_nominations))
        .route("/api/procedures/fields/{name}/nominations", post(fields::nominate_field))
        .route("/api/procedures/fields/{name}/nominations/{number}/answer", post(fields::answer_nomination))
        .route("/api/procedures/forms/referral/sittings", post(forms::tell_sitting))
        .route("/api/procedures/forms/referral/report", get(forms::show_form_report))
        .route("/api/procedures/contacts", get(contacts::show_contacts))
        .route("/api/procedures/search", get(search::search_procedures))
        .route("/api/procedures/{procedure_id}", get(procedures::show_procedure))
        .route("/api/procedures/{procedure_id}/receipts", post(receipts::give_receipt))
        .with_state(app)
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    complete(Document::openapi(), &["comment_on_draft", "give_receipt", "answer_question", "nominate_field", "answer_nomination"])
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
        difference::compare_editions,
        procedures::show_procedure,
        contacts::show_contacts,
        drafts::list_drafts,
        drafts::begin_draft,
        drafts::show_draft,
        drafts::list_faults,
        difference::compare_draft,
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
        approving::withdraw_draft,
        variations::list_variations,
        variations::list_all_variations,
        variations::show_variation,
        variations::make_variation,
        variations::end_variation,
        receipts::give_receipt,
        receipts::list_my_receipts,
        receipts::show_coverage,
        receipts::set_expected,
        receipts::list_reminders,
        questions::list_questions,
        questions::answer_question,
        fields::list_fields,
        fields::list_my_nominations,
        fields::nominate_field,
        fields::answer_nomination,
        forms::tell_sitting,
        forms::show_form_report,
        search::search_procedures
    )
)]
struct Document;
