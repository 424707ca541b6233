//! Writing a draft, and asking the boroughs what they think.

use axum::extract::State;
use kernel::{DraftId, Person, Role, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};
use service_kit::{Answered, Authority, Change, Create, Path, Problem, caller::Authors};
use utoipa::ToSchema;

use super::ask::Sent;
use crate::{
    app::App,
    document::{Document, Procedure, ProcedureId},
    draft::Ask,
};

/// The longest comment, answer or reason, in characters.
const TEXT: usize = 5_000;

/// Whoever may say what they think: people, whatever their role.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Consulted {}

impl Authority for Consulted {
    type Who = Person;
    const ROLES: &'static [Role] = &[
        Role::DutyWorker,
        Role::DutyManager,
        Role::HeadOfService,
        Role::Director,
        Role::Referrer,
        Role::ProcedureAuthor,
        Role::BoardApprover,
        Role::BoardAuditor,
    ];
}

/// A whole procedure.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProcedure {
    /// The procedure. One with the same id is replaced.
    #[schema(value_type = Object)]
    procedure: Procedure,
}

/// A procedure to take out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removal {
    /// Its id.
    #[schema(value_type = String)]
    procedure: ProcedureId,
    /// Why.
    #[schema(min_length = 1, max_length = 5_000)]
    reason: String,
}

/// What the services obey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewParts {
    /// Title, note, calendars, clocks, ladder, reasons, form, retention, prompts, limits and quorum, all of them. A draft may hold
    /// faults until it is submitted.
    #[schema(value_type = serde_json::Value)]
    parts: Map<String, Value>,
}

/// Everything.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDocument {
    /// Parts and procedures.
    #[schema(value_type = Object)]
    document: Document,
    /// The edition that it builds on; what the draft builds on already if nothing is said.
    based_on: Option<u32>,
}

/// A consultation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConsultation {
    /// Until when people may comment.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// A comment. It is about the text: it names no child.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewComment {
    /// The procedure; the whole draft if nothing is said.
    #[schema(value_type = Option<String>)]
    procedure: Option<ProcedureId>,
    /// In words.
    #[schema(min_length = 1, max_length = 5_000)]
    text: String,
}

/// An answer to a comment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAnswer {
    /// In words.
    #[schema(min_length = 1, max_length = 5_000)]
    text: String,
}

/// A text that must be there, without the spaces around it.
pub(super) fn needed(pointer: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    let good = !text.is_empty() && text.chars().count() <= most;
    if good { Ok(text.to_owned()) } else { Err(Problem::invalid_at(pointer, format!("text of 1 to {most} characters"))) }
}

/// A reason or an answer that must be there.
pub(super) fn words(pointer: &str, text: &str) -> Result<String, Problem> {
    needed(pointer, text, TEXT)
}

/// Writes a whole procedure.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/procedures", operation_id = "put_procedure", params(("id" = String, Path)),
    request_body = NewProcedure, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn put_procedure(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    change: Change<Authors, NewProcedure>,
) -> Result<Answered, Problem> {
    let ask = Ask::PutProcedure(Box::new(change.body.procedure.clone()));
    app.change(id, &change, ask).await
}

/// Takes a procedure out.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/removals", operation_id = "remove_procedure", params(("id" = String, Path)),
    request_body = Removal, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn remove_procedure(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    change: Change<Authors, Removal>,
) -> Result<Answered, Problem> {
    let ask = Ask::RemoveProcedure { procedure: change.body.procedure.clone(), reason: words("/reason", &change.body.reason)? };
    app.change(id, &change, ask).await
}

/// Writes the parts that the services obey, as a whole.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/parts", operation_id = "put_parts", params(("id" = String, Path)),
    request_body = NewParts, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn put_parts(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    change: Change<Authors, NewParts>,
) -> Result<Answered, Problem> {
    let ask = Ask::PutParts(change.body.parts.clone());
    app.change(id, &change, ask).await
}

/// Writes everything: what a folder of the edition holds, say.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/document", operation_id = "put_document", params(("id" = String, Path)),
    request_body = NewDocument, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn put_document(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    change: Change<Authors, NewDocument>,
) -> Result<Answered, Problem> {
    let based_on = match change.body.based_on {
        Some(number) => number,
        None => {
            let terms = app.terms(change.now).await?;
            let loaded = app.draft_alone(id, &change.by.caller, &terms).await?;
            loaded.draft().work().map_or(1, |work| work.based_on)
        }
    };
    let ask = Ask::PutDocument { content: Box::new(change.body.document.clone()), based_on };
    app.change(id, &change, ask).await
}

/// Opens the consultation, or lets it run to another end.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/consultation", operation_id = "open_consultation", params(("id" = String, Path)),
    request_body = NewConsultation, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn open_consultation(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    change: Change<Authors, NewConsultation>,
) -> Result<Answered, Problem> {
    app.change(id, &change, Ask::Consult { until: whole_second("/until", change.body.until)? }).await
}

/// Comments on a draft in consultation. It needs no version: whoever comments decides nothing.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/comments", operation_id = "comment_on_draft", params(("id" = String, Path)),
    request_body = NewComment, responses((status = 201, body = serde_json::Value)))]
pub(crate) async fn comment_on_draft(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    create: Create<Consulted, NewComment>,
) -> Result<Answered, Problem> {
    let ask = Ask::Comment { on: create.body.procedure.clone(), text: words("/text", &create.body.text)? };
    let sent = Sent {
        caller: &create.by.caller,
        person: create.by.person(),
        context: create.context(None),
        receipt: create.receipt.clone(),
        version: None,
        status: 201,
    };
    app.ask(id, sent, ask).await
}

/// Answers a comment.
#[utoipa::path(post, path = "/api/procedures/drafts/{id}/comments/{number}/answer", operation_id = "answer_comment",
    params(("id" = String, Path), ("number" = u32, Path)), request_body = NewAnswer, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn answer_comment(
    State(app): State<App>,
    Path((id, number)): Path<(DraftId, u32)>,
    change: Change<Authors, NewAnswer>,
) -> Result<Answered, Problem> {
    let text = words("/text", &change.body.text)?;
    app.change(id, &change, Ask::Answer { number, text }).await
}

/// An instant that every database and every clock writes the same.
pub(super) fn whole_second(pointer: &str, at: Timestamp) -> Result<Timestamp, Problem> {
    let good = at.subsec_nanosecond() == 0 && (service_kit::clock::EARLIEST..=LATEST).contains(&at);
    if good { Ok(at) } else { Err(Problem::invalid_at(pointer, "an instant in whole seconds, for instance 2026-12-01T00:00:00Z")) }
}

/// The last instant that is taken: the year 2999 is later than any edition.
const LATEST: Timestamp = Timestamp::constant(32_503_680_000, 0);
