//! The drafts: begun by an author, read by those who make editions, and in consultation by everybody of the area.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{DraftId, StoredEvent as _};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Answered, Caller, Create, List, Page, Path, Problem, Query, caller::Authors, command::etag};
use utoipa::ToSchema;

use super::{
    ask::{Sent, summary},
    editions::Pages,
};
use crate::{
    app::{App, Loaded, away, is_insider, takes_part},
    draft::{Approved, Ask, Comment, Draft, Objection, Terms},
    views::{drafts, editions},
};

/// A new draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDraft {
    /// Its title, for lists: 1 to 200 characters.
    title: String,
    /// The edition whose document it begins as; the last one if nothing is said.
    based_on: Option<u32>,
}

/// The drafts, the newest first.
#[utoipa::path(get, path = "/api/procedures/drafts", operation_id = "list_drafts", params(Pages),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_drafts(
    State(app): State<App>,
    caller: Caller,
    page: Page,
    Query(_): Query<Pages>,
) -> Result<List<drafts::Listed>, Problem> {
    let now = app.now();
    let after: Option<DraftId> = page.after()?;
    if !takes_part(&caller, &app.terms(now).await?) {
        return Err(Problem::forbidden("Drafts are for the people of the area. Editions are for everybody who is signed in."));
    }
    let wanted = (after.map(|id| id.to_string()), page.limit() + 1);
    let found = drafts::list(app.pool(), is_insider(&caller), wanted, now).await.map_err(away)?;
    Ok(page.list(found, |draft| draft.draft_id.clone()))
}

/// Begins a draft as the document of an edition.
#[utoipa::path(post, path = "/api/procedures/drafts", operation_id = "begin_draft", request_body = NewDraft,
    responses((status = 201, body = serde_json::Value)))]
pub(crate) async fn begin_draft(State(app): State<App>, create: Create<Authors, NewDraft>) -> Result<Answered, Problem> {
    let title = super::writing::needed("/title", &create.body.title, 200)?;
    let last = editions::last(app.pool()).await.map_err(away)?;
    let based_on = create.body.based_on.or(last).unwrap_or(1);
    let (_, content) = app.numbered(based_on).await?.ok_or_else(|| Problem::invalid_at("/based_on", "the number of an edition"))?;
    let ask = Ask::Draft { title, based_on, content: Box::new((*content).clone()) };
    let sent = Sent {
        caller: &create.by.caller,
        person: create.by.person(),
        context: create.context(None),
        receipt: create.receipt.clone(),
        version: None,
        status: 201,
    };
    app.ask(app.kit.ids.draft(), sent, ask).await
}

/// A draft: where it stands, what it holds, what was said about it, and who has approved it.
#[utoipa::path(get, path = "/api/procedures/drafts/{id}", operation_id = "show_draft", params(("id" = String, Path)),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_draft(State(app): State<App>, caller: Caller, Path(id): Path<DraftId>) -> Result<Response, Problem> {
    let terms = app.terms(app.now()).await?;
    let loaded = app.draft(id, &caller, &terms).await?;
    Ok(([(header::ETAG, etag(loaded.version))], Json(shown(&app, &loaded, &terms))).into_response())
}

fn shown(app: &App, loaded: &Loaded, terms: &Terms) -> Value {
    let (draft, now) = (loaded.draft(), app.now());
    let mut shown = summary(loaded.id, &loaded.situation, terms, now);
    let (Some(work), Some(members)) = (draft.work(), shown.as_object_mut()) else { return shown };
    let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    put("version", loaded.version.into());
    put("document", json!(work.content));
    put("comments", (1_u32..).zip(&work.comments).map(|(number, comment)| commented(number, comment)).collect());
    put("objections", work.objections.iter().map(objected).collect());
    put("approvals", draft.approvals().iter().map(approved).collect());
    if let Draft::Withdrawn(_, reason) = draft {
        put("withdrawn_because", reason.as_str().into());
    }
    let history = loaded.events.iter().map(|recorded| {
        json!({
            "what": recorded.event.type_name(),
            "at": recorded.recorded_at,
            "by": recorded.actor.name,
            "org": recorded.actor.org,
            "role": recorded.actor.role,
        })
    });
    put("history", history.collect());
    shown
}

fn commented(number: u32, comment: &Comment) -> Value {
    json!({
        "number": number,
        "on": comment.on,
        "text": comment.text,
        "by": comment.by.actor().name,
        "org": comment.by.actor().org,
        "at": comment.at,
        "answer": comment.answer.as_ref().map(|(text, by)| json!({ "text": text, "by": by.actor().name })),
    })
}

fn objected(objection: &Objection) -> Value {
    json!({ "for": objection.party, "reason": objection.reason, "by": objection.by.actor().name, "at": objection.at })
}

fn approved(approved: &Approved) -> Value {
    let by = approved.by.actor();
    json!({ "for": approved.party, "by": by.name, "role": by.role, "at": approved.at })
}

/// Everything that is wrong with a draft now, with the places.
#[utoipa::path(get, path = "/api/procedures/drafts/{id}/faults", operation_id = "list_faults", params(("id" = String, Path)),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_faults(State(app): State<App>, caller: Caller, Path(id): Path<DraftId>) -> Result<Json<Value>, Problem> {
    let terms = app.terms(app.now()).await?;
    let loaded = app.draft(id, &caller, &terms).await?;
    Ok(Json(json!({ "version": loaded.version, "items": loaded.faults(app.now()) })))
}
