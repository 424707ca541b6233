//! The learning log: what nearly went wrong, and what went right. Nothing on these pages says who told.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{Role, Timestamp};
use serde_json::{Value, json};

use crate::{
    api::plain,
    failure::Failure,
    form::{Faults, Form},
    me::{Done, Me, on_to},
};

/// Who can change something because of the log, and so reads it.
const READERS: [Role; 6] =
    [Role::BoardAuditor, Role::BoardApprover, Role::ProcedureAuthor, Role::DutyManager, Role::HeadOfService, Role::Director];

/// Who says which procedure an item is about.
const LINKERS: [Role; 3] = [Role::BoardAuditor, Role::BoardApprover, Role::ProcedureAuthor];

/// The log, what one has told oneself, and the form.
pub(crate) async fn show(me: Me, Query(done): Query<Done>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    page(&me, &done.done, (&kept.form, &Faults::default(), kept.at)).await
}

async fn page(me: &Me, done: &str, (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>)) -> Result<Response, Failure> {
    let own = me.get("/api/audit/learning/mine").await?.body;
    let reads = me.session.who.is_any(&READERS);
    let log = if reads { me.get("/api/audit/learning").await?.body } else { Value::Null };
    let edition = me.get("/api/procedures/editions/in-force").await?.body;
    let titles: Vec<Value> = edition["procedures"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|procedure| json!({ "value": procedure["id"], "text": procedure["title"] }))
        .collect();
    let data = json!({
        "own": own["items"], "log": log["items"], "reads": reads, "links": me.session.who.is_any(&LINKERS), "titles": titles,
        "key": me.key_of(form), "done": done, "values": form.values(), "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page("learning.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Somebody tells of something.
pub(crate) async fn tell(me: Me, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    faults.need(&form, "kind", "Select whether it nearly went wrong or went right");
    faults.need(&form, "what", "Enter what happened, without a name");
    faults.need(&form, "system", "Enter what made it easy to happen");
    if !faults.is_empty() {
        return page(&me, "", (&form, &faults, None)).await;
    }
    let procedures: Vec<&str> = form.some("procedure").into_iter().collect();
    let body = json!({ "kind": form.text("kind"), "what": form.text("what"), "system": form.text("system"), "procedures": procedures });
    match me.command("/api/audit/learning", (form.text("key"), None), &body).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to("/learning?done=told"))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            faults.add("what", refusal.words_again());
            page(&me, "", (&form.after(&refusal), &faults, None)).await
        }
    }
}

/// Somebody says which procedure an item is about.
pub(crate) async fn link(me: Me, Path(id): Path<String>, form: Form) -> Result<Response, Failure> {
    let procedure = plain(form.text("procedure"))?;
    let body = json!({ "procedure": procedure });
    me.command(&format!("/api/audit/learning/{}/procedures", plain(&id)?), (form.text("key"), None), &body).await?;
    Ok(on_to("/learning?done=linked"))
}
