//! What boroughs do otherwise tonight, and the form by which whoever leads one makes it so for a time.

use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::ToSpan as _;
use kernel::Timestamp;
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Refusal},
    form::{Faults, Form},
    me::{Done, Me, on_to},
    responsibility::local_instant,
};

/// What boroughs do otherwise now, and where.
pub(crate) async fn list(me: Me, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    page(&me, &done, (&kept.form, &Faults::default(), kept.at)).await
}

async fn page(me: &Me, done: &str, (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>)) -> Result<Response, Failure> {
    let found = me.get("/api/procedures/variations").await?.body;
    let edition = me.get("/api/procedures/editions/in-force").await?.body;
    let choice = |procedure: &Value| json!({ "value": procedure["id"], "text": procedure["title"] });
    let choices: Vec<Value> = edition["procedures"].as_array().into_iter().flatten().map(choice).collect();
    let data = json!({
        "variations": found["items"], "procedures": edition["procedures"], "own": me.around().map(|borough| borough.to_string()),
        "leads": me.leads(), "choices": choices, "done": done, "key": me.key_of(form), "values": form.values(),
        "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page("variations.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Makes one in one's own borough.
pub(crate) async fn make(me: Me, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let body = body(&me, &form, &mut faults).await?;
    if !faults.is_empty() {
        return page(&me, "", (&form, &faults, None)).await;
    }
    match me.command("/api/procedures/variations", (form.text("key"), None), &body).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to("/procedures/variations?done=made"))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            said(&refusal, &mut faults);
            page(&me, "", (&form.after(&refusal), &faults, None)).await
        }
    }
}

async fn body(me: &Me, form: &Form, faults: &mut Faults) -> Result<Value, Failure> {
    faults.need(form, "procedure", "Select the procedure");
    faults.need(form, "otherwise", "Enter what is done otherwise");
    faults.need(form, "reason", "Enter why");
    faults.need(form, "owner", "Enter the post that answers for it");
    let mut body = json!({
        "procedure": form.text("procedure"), "text": form.text("otherwise"), "reason": form.text("reason"), "owner": form.text("owner"),
    });
    let mut begins = me.app.kit().clock.now();
    if form.some("begins_day").is_some() || form.some("begins_time").is_some() {
        match local_instant(form.text("begins_day"), form.text("begins_time")) {
            Some(at) => {
                begins = at;
                body["from"] = json!(at);
            }
            None => faults.add("begins_day", "Enter when it begins, a day like 23/11/2026 and a time like 09:00, or nothing"),
        }
    }
    match local_instant(form.text("ends_day"), form.text("ends_time")) {
        Some(at) => body["until"] = json!(at),
        None => faults.add("ends_day", "Enter when it ends, a day like 23/11/2026 and a time like 17:00"),
    }
    if form.text("renews") == "yes" && faults.is_empty() {
        match before(me, form.text("procedure"), begins).await? {
            Some(old) => body["renews"] = old,
            None => faults.add("renews", "Your borough has none of this procedure that is over when this begins. Select No"),
        }
    }
    Ok(body)
}

/// The one of the own borough that is over when this one begins.
async fn before(me: &Me, procedure: &str, begins: Timestamp) -> Result<Option<Value>, Failure> {
    let Some(own) = me.borough() else { return Ok(None) };
    for earlier in [1.second(), 24.hours()] {
        let Ok(at) = begins.checked_sub(earlier) else { continue };
        let there = me.get(&format!("/api/procedures/variations?at={at}&borough={own}")).await?.body;
        if let Some(old) = there["items"].as_array().into_iter().flatten().find(|item| item["procedure"] == procedure) {
            return Ok(Some(old["variation_id"].clone()));
        }
    }
    Ok(None)
}

/// What the service had against it, each at its field.
fn said(refusal: &Refusal, faults: &mut Faults) {
    for fault in refusal.problem["errors"].as_array().into_iter().flatten() {
        let field = match fault["pointer"].as_str().unwrap_or_default() {
            "/procedure" => "procedure",
            "/text" => "otherwise",
            "/reason" => "reason",
            "/owner" => "owner",
            "/from" => "begins_day",
            _ => "ends_day",
        };
        faults.add(field, format!("This must be {}", fault["detail"].as_str().unwrap_or_default()));
    }
    if faults.is_empty() {
        let field = match refusal.code.as_str() {
            "names_no_old" | "renews_none" => "renews",
            "begins_in_the_past" | "variations_overlap" => "begins_day",
            _ => "ends_day",
        };
        faults.add(field, refusal.detail.clone());
    }
}
