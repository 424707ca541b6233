//! "I have a question": listed to authors, answered by one, shown to whoever asked.

use axum::extract::State;
use kernel::QuestionId;
use serde::Deserialize;
use serde_json::json;
use service_kit::{Answered, As, Create, List, Page, Path, Problem, Query, caller::Authors};
use utoipa::{IntoParams, ToSchema};

use super::{told::Told, writing::words};
use crate::{
    app::{App, away},
    reading,
    rules::Command,
    views::readings,
};

/// Which page of which questions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Whether only those without an answer are wanted.
    #[serde(default)]
    open: bool,
    /// How many on a page, 1 to 200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200)]
    #[serde(rename = "limit")]
    _limit: Option<String>,
    /// Where the page starts.
    #[param(value_type = Option<String>)]
    #[serde(rename = "cursor")]
    _cursor: Option<String>,
}

/// An answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReply {
    /// In words: 1 to 5000 characters.
    text: String,
}

/// The questions, the newest first. They say from which organisation and role they come, and nobody's name.
#[utoipa::path(get, path = "/api/procedures/questions", operation_id = "list_questions", params(Wanted),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_questions(
    State(app): State<App>,
    _: As<Authors>,
    page: Page,
    Query(wanted): Query<Wanted>,
) -> Result<List<readings::Question>, Problem> {
    let before = page.after::<QuestionId>()?.map(|id| id.to_string());
    let found = readings::questions(app.pool(), wanted.open, (before, page.limit() + 1)).await.map_err(away)?;
    Ok(page.list(found, |question| question.question_id.clone()))
}

/// Answers a question. It needs no version: an answer that is there stays as it is.
#[utoipa::path(post, path = "/api/procedures/questions/{id}/answer", operation_id = "answer_question", params(("id" = String, Path)),
    request_body = NewReply, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn answer_question(
    State(app): State<App>,
    Path(question): Path<QuestionId>,
    create: Create<Authors, NewReply>,
) -> Result<Answered, Problem> {
    let text = words("/text", &create.body.text)?;
    let asker = readings::asker(app.pool(), question).await.map_err(away)?.ok_or_else(Problem::not_found)?;
    let (by, at) = (create.by.person().clone(), create.now);
    let command = Command::Read(asker, reading::Command::Answer { question, text, by, at });
    app.tell(Told::new(&create, command).ok(), None, move |_| json!({ "question_id": question, "answered": true })).await
}
