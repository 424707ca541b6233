//! The learning log: what nearly went wrong, and what went right. Nothing on these pages says who told.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::Role;
use serde_json::{Value, json};

use super::samples::Done;
use crate::{
    api::plain,
    failure::Failure,
    form::{Faults, Form},
    me::{Me, on_to},
};

/// Who can change something because of the log, and so reads it.
const READERS: [Role; 6] =
    [Role::BoardAuditor, Role::BoardApprover, Role::ProcedureAuthor, Role::DutyManager, Role::HeadOfService, Role::Director];

/// Who says which procedure an item is about.
const LINKERS: [Role; 3] = [Role::BoardAuditor, Role::BoardApprover, Role::ProcedureAuthor];

/// The log, what one has told oneself, and the form.
pub(crate) async fn show(me: Me, Query(done): Query<Done>) -> Result<Response, Failure> {
    page(&me, done.which(), (&Form::default(), &Faults::default())).await
}

async fn page(me: &Me, done: &str, (form, faults): (&Form, &Faults)) -> Result<Response, Failure> {
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
    let key = form.some("key").map_or_else(|| me.new_key(), str::to_owned);
    let data = json!({
        "own": own["items"], "log": log["items"], "reads": reads, "links": me.session.who.is_any(&LINKERS), "titles": titles,
        "key": key, "done": done, "values": form.values(), "errors": faults.shown(),
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
        return page(&me, "", (&form, &faults)).await;
    }
    let procedures: Vec<&str> = form.some("procedure").into_iter().collect();
    let body = json!({ "kind": form.text("kind"), "what": form.text("what"), "system": form.text("system"), "procedures": procedures });
    match me.command("/api/audit/learning", (form.text("key"), None), &body).await {
        Ok(_) => Ok(on_to("/learning?done=told")),
        Err(failure) => {
            faults.add("what", failure.refusal()?.detail);
            page(&me, "", (&form, &faults)).await
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
