//! What differs, side by side: between two editions for everybody, and between a draft and what is in force for those who may read it.

use std::sync::Arc;

use axum::{Json, extract::State};
use kernel::DraftId;
use serde::Serialize;
use service_kit::{Caller, Path, Problem};
use tokio::{sync::Semaphore, task::spawn_blocking};
use utoipa::ToSchema;

use crate::{
    app::App,
    difference::{Change, Difference, OfProcedure},
    document::Document,
};

/// What differs between two documents.
#[derive(Serialize, ToSchema)]
pub(crate) struct Compared {
    /// The edition on the left.
    before: u32,
    /// The edition on the right; none where a draft stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<u32>,
    /// The draft on the right, if one stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    draft_id: Option<String>,
    /// The version of that draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    /// The machine-readable parts that differ, in the order of their names.
    parts: Vec<OfPart>,
    /// The procedures that differ, in the order of their ids.
    procedures: Vec<OfProcedure>,
}

/// What differs in one part that the services obey.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfPart {
    /// Its name: `clocks`, `escalation_ladder`, `form`, `retention`, `approval`, …
    part: String,
    /// Its values that differ.
    changes: Vec<Change>,
}

/// What an edition changes in another.
#[utoipa::path(get, path = "/api/procedures/editions/{number}/difference/{other}", operation_id = "compare_editions",
    params(("number" = u32, Path), ("other" = u32, Path)), responses((status = 200, body = Compared)))]
pub(crate) async fn compare_editions(
    State(app): State<App>,
    _: Caller,
    Path((number, other)): Path<(u32, u32)>,
) -> Result<Json<Compared>, Problem> {
    let (_, before) = app.numbered(number).await?.ok_or_else(Problem::not_found)?;
    let (_, after) = app.numbered(other).await?.ok_or_else(Problem::not_found)?;
    let (parts, procedures) = between(before, after).await?;
    Ok(Json(Compared { before: number, after: Some(other), draft_id: None, version: None, parts, procedures }))
}

/// What a draft would change in the edition that is in force now.
#[utoipa::path(get, path = "/api/procedures/drafts/{id}/difference", operation_id = "compare_draft", params(("id" = String, Path)),
    responses((status = 200, body = Compared)))]
pub(crate) async fn compare_draft(State(app): State<App>, caller: Caller, Path(id): Path<DraftId>) -> Result<Json<Compared>, Problem> {
    let now = app.now();
    let loaded = app.draft(id, &caller, &app.terms(now).await?).await?;
    let work = loaded.draft().work().ok_or_else(Problem::not_found)?;
    let (known, document) = app.in_force(now).await?;
    let (parts, procedures) = between(document, Arc::new(work.content.clone())).await?;
    let (draft_id, version) = (Some(id.to_string()), Some(loaded.version));
    Ok(Json(Compared { before: known.number, after: None, draft_id, version, parts, procedures }))
}

/// One at a time, beside the threads that answer requests: comparing long texts takes a processor for a while, and a referral does not
/// wait for it.
async fn between(before: Arc<Document>, after: Arc<Document>) -> Result<(Vec<OfPart>, Vec<OfProcedure>), Problem> {
    static ONE: Semaphore = Semaphore::const_new(1);
    let turn = ONE.acquire().await.map_err(|closed| Problem::internal("editions", &closed))?;
    let compared = spawn_blocking(move || Difference::between(&before, &after)).await;
    drop(turn);
    let Difference { parts, procedures } = compared.map_err(|failed| Problem::internal("editions", &failed))?;
    let mut grouped: Vec<OfPart> = Vec::new();
    for change in parts {
        // The changes come in the order of the parts' names.
        let name = change.at.split(['/', ' ']).nth(1).unwrap_or_default().to_owned();
        match grouped.last_mut() {
            Some(last) if last.part == name => last.changes.push(change),
            Some(_) | None => grouped.push(OfPart { part: name, changes: vec![change] }),
        }
    }
    Ok((grouped, procedures))
}
