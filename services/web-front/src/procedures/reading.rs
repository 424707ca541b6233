//! What one has read and asked, what one has not read yet, and for authors the questions of all.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{QuestionId, Timestamp};
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    form::{Faults, Form},
    me::{Done, Me, on_to},
};

/// One's own receipts and questions, and what is still to be read.
pub(crate) async fn mine(me: Me) -> Result<Response, Failure> {
    let own = me.get("/api/procedures/receipts/mine").await?.body;
    let left = me.get("/api/procedures/receipts/reminders").await?.body;
    let edition = me.get("/api/procedures/editions/in-force").await?.body;
    let data = json!({
        "receipts": own["receipts"], "questions": own["questions"], "left": left["mine"], "staff": left["staff"],
        "procedures": edition["procedures"],
    });
    Ok(me.page("reading.html", data))
}

/// The questions of all, for authors.
pub(crate) async fn questions(me: Me, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    page(&me, &done, (&kept.form, &Faults::default(), kept.at)).await
}

async fn page(me: &Me, done: &str, (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>)) -> Result<Response, Failure> {
    let found = me.get("/api/procedures/questions?limit=200").await?.body;
    let (open, answered): (Vec<Value>, Vec<Value>) =
        found["items"].as_array().cloned().unwrap_or_default().into_iter().partition(|question| question["answer"].is_null());
    let data = json!({
        "open": open, "answered": answered, "more": found["next"].is_string(), "done": done == "answered", "key": me.new_key(),
        "keys": form.keys(), "values": form.values(), "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page("questions.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// An author answers one.
pub(crate) async fn answer(me: Me, Path(id): Path<QuestionId>, form: Form) -> Result<Response, Failure> {
    let field = format!("text-{id}");
    let mut faults = Faults::default();
    faults.need(&form, &field, "Enter the answer");
    if !faults.is_empty() {
        return page(&me, "", (&form, &faults, None)).await;
    }
    let body = json!({ "text": form.text(&field) });
    match me.command(&format!("/api/procedures/questions/{id}/answer"), (form.text("key"), None), &body).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to("/procedures/questions?done=answered"))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            faults.add(field, refusal.words_again());
            page(&me, "", (&form.after(&refusal), &faults, None)).await
        }
    }
}
