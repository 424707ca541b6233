//! The texts of one procedure in a draft: read, and changed in plain fields with a preview. Nothing typed is lost: what was refused is
//! shown again as it was typed.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::DraftId;
use markdown::to_html;
use serde_json::{Map, Value, json};

use super::{path, refused};
use crate::{
    api::{Answer, plain},
    failure::Failure,
    form::{Faults, Form},
    me::{Done, Me, on_to},
    procedures::PAGE,
};

/// The fields that a page changes, in its order. Steps, contacts and what the services obey are changed in the folder.
pub(super) const FIELDS: [&str; 6] = ["title", "summary", "change", "short", "full", "legal_basis"];

/// What is said when somebody has changed the draft meanwhile.
const OVERTAKEN: &str = "Somebody changed this draft after you opened it. Nothing was recorded, and what you typed is below. Read what it \
                         says now by the link “The text” above; saving again writes over it.";

/// A draft, and one procedure as it holds it.
async fn found(me: &Me, id: DraftId, procedure: &str) -> Result<(Answer, Value), Failure> {
    let procedure = plain(procedure)?;
    let draft = me.get(&path(id)).await?;
    let all = draft.body["document"]["procedures"].as_array();
    let one = all.into_iter().flatten().find(|one| one["id"] == procedure).cloned().ok_or(Failure::NotFound)?;
    Ok((draft, one))
}

/// As the draft holds it, for whoever is asked.
pub(crate) async fn show(
    me: Me,
    Path((id, procedure)): Path<(DraftId, String)>,
    Query(Done { done }): Query<Done>,
) -> Result<Response, Failure> {
    let (draft, one) = found(&me, id, &procedure).await?;
    let html = |field: &str| to_html(one[field].as_str().unwrap_or_default(), PAGE);
    let data = json!({
        "draft": { "draft_id": id, "title": draft.body["title"], "state": draft.body["state"] }, "procedure": one, "done": done == "saved",
        "texts": { "short": html("short"), "full": html("full") }, "writes": writes(&me, &draft.body),
    });
    Ok(me.page("draft-text.html", data))
}

/// Whether whoever looks may change it now.
fn writes(me: &Me, draft: &Value) -> bool {
    let open = matches!(draft["state"].as_str(), Some("draft" | "in_consultation" | "consulted"));
    open && me.session.who.is_any(&[kernel::Role::ProcedureAuthor])
}

/// The form.
pub(crate) async fn form(me: Me, Path((id, procedure)): Path<(DraftId, String)>) -> Result<Response, Failure> {
    let (draft, one) = found(&me, id, &procedure).await?;
    let mut values = Map::new();
    for field in FIELDS {
        values.insert(field.to_owned(), one[field].as_str().map_or_else(|| lines(&one[field]).into(), Value::from));
    }
    let kept = me.kept().await?;
    values.extend(kept.form.values().into_iter().map(|(field, text)| (field, text.into())));
    // What was typed was typed over the version that was on the screen then.
    let version = kept.form.saw().or(draft.version);
    let data = json!({
        "values": values, "version": version, "errors": Faults::default().shown(), "key": me.key_of(&kept.form), "kept_at": kept.at,
    });
    Ok(page(&me, (id, &procedure), &draft.body, data))
}

/// A list as a field has it: one entry on each line.
fn lines(list: &Value) -> String {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

fn page(me: &Me, (id, procedure): (DraftId, &str), draft: &Value, mut data: Value) -> Response {
    data["draft"] = json!({ "draft_id": id, "title": draft["title"], "state": draft["state"] });
    data["procedure"] = procedure.into();
    me.page("draft-edit.html", data)
}

/// Saves, or shows what it would look like.
pub(crate) async fn save(me: Me, Path((id, procedure)): Path<(DraftId, String)>, form: Form) -> Result<Response, Failure> {
    let (draft, mut one) = found(&me, id, &procedure).await?;
    let again = |faults: &Faults, preview: Value, version: Option<i64>| {
        let data = json!({
            "values": form.values(), "version": version, "errors": faults.shown(), "texts": preview, "key": me.new_key(),
        });
        page(&me, (id, &procedure), &draft.body, data)
    };
    if form.text("do") == "preview" {
        let html = |field: &str| to_html(form.text(field), PAGE);
        return Ok(again(&Faults::default(), json!({ "short": html("short"), "full": html("full") }), form.saw()));
    }
    for field in FIELDS {
        let text = form.text(field);
        let entries = || text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
        one[field] = if field == "legal_basis" { json!(entries()) } else { text.into() };
    }
    match me.command(&format!("{}/procedures", path(id)), (form.text("key"), form.saw()), &json!({ "procedure": one })).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/procedures/drafts/{id}/texts/{procedure}?done=saved")))
        }
        Err(failure) => {
            let mut faults = Faults::default();
            let refusal = failure.refusal()?;
            let version = if refusal.status == 412 {
                // Whoever was told so may decide to write over it.
                faults.add("full", OVERTAKEN);
                draft.version
            } else {
                refused(&refusal, "full", &mut faults);
                form.saw()
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again(&faults, Value::Null, version)).into_response())
        }
    }
}
