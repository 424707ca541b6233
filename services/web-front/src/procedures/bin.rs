//! The form's budget: which decision each field serves, how it is used, and the bin.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::ToSpan as _;
use kernel::Role;
use serde_json::{Value, json};

use super::Done;
use crate::{
    api::plain,
    failure::Failure,
    form::{Faults, Form},
    me::{Me, on_to},
};

/// How far back the use of the form is counted: four weeks.
const COUNTED_HOURS: i32 = 28 * 24;

/// Every field and how it is used, and what one has put in the bin oneself.
pub(crate) async fn list(me: Me) -> Result<Response, Failure> {
    let fields = me.get("/api/procedures/fields").await?.body;
    let mine = me.get("/api/procedures/fields/mine").await?.body;
    let used = used(&me).await?;
    let data = json!({ "fields": fields["items"], "number": fields["edition"], "nominated": mine["items"], "used": used["report"] });
    Ok(me.page("fields.html", data))
}

async fn used(me: &Me) -> Result<Value, Failure> {
    let now = me.app.kit().clock.now();
    let from = now.checked_sub(COUNTED_HOURS.hours()).map_err(|_| Failure::Broken)?;
    Ok(me.get(&format!("/api/procedures/forms/referral/report?from={from}&to={now}")).await?.body)
}

/// One field.
pub(crate) async fn show(me: Me, Path(name): Path<String>, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    page(&me, (&name, &done), (&Form::default(), &Faults::default())).await
}

async fn page(me: &Me, (name, done): (&str, &str), (form, faults): (&Form, &Faults)) -> Result<Response, Failure> {
    let fields = me.get("/api/procedures/fields").await?.body;
    let field = fields["items"].as_array().into_iter().flatten().find(|field| field["name"] == name).ok_or(Failure::NotFound)?;
    let used = used(me).await?;
    let open = field["nominations"].as_array().into_iter().flatten().find(|nomination| nomination["answer"].is_null());
    let key = form.some("key").map_or_else(|| me.new_key(), str::to_owned);
    let data = json!({
        "field": field, "used": used["report"], "use": used["report"]["fields"][name], "number": fields["edition"],
        "answers": open.filter(|_| me.session.who.is_any(&[Role::BoardApprover])), "done": done,
        "key": key, "values": form.values(), "errors": faults.shown(),
    });
    let page = me.page("field.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Puts a field in the bin.
pub(crate) async fn nominate(me: Me, Path(name): Path<String>, form: Form) -> Result<Response, Failure> {
    let name = plain(&name)?;
    let mut faults = Faults::default();
    faults.need(&form, "reason", "Enter why nobody needs this field");
    if !faults.is_empty() {
        return page(&me, (name, ""), (&form, &faults)).await;
    }
    let body = json!({ "reason": form.text("reason") });
    match me.command(&format!("/api/procedures/fields/{name}/nominations"), (form.text("key"), None), &body).await {
        Ok(_) => Ok(on_to(&format!("/procedures/fields/{name}?done=nominated"))),
        Err(failure) => {
            faults.add("reason", failure.refusal()?.detail);
            page(&me, (name, ""), (&form, &faults)).await
        }
    }
}

/// The board answers a nomination.
pub(crate) async fn answer(me: Me, Path(name): Path<String>, form: Form) -> Result<Response, Failure> {
    let name = plain(&name)?;
    let number: u32 = form.text("number").parse().map_err(|_| Failure::NotFound)?;
    let mut faults = Faults::default();
    faults.need(&form, "keep", "Select whether the field stays");
    faults.need(&form, "why", "Enter why, for whoever put it in the bin");
    let mut body = json!({ "keep": form.text("keep") == "yes", "why": form.text("why") });
    if form.text("keep") == "no" {
        match form.text("from_edition").parse::<u32>() {
            Ok(edition) => body["from_edition"] = edition.into(),
            Err(_) => faults.add("from_edition", "Enter the number of the first edition that does not ask it"),
        }
    }
    if !faults.is_empty() {
        return page(&me, (name, ""), (&form, &faults)).await;
    }
    match me.command(&format!("/api/procedures/fields/{name}/nominations/{number}/answer"), (form.text("key"), None), &body).await {
        Ok(_) => Ok(on_to(&format!("/procedures/fields/{name}?done=answered"))),
        Err(failure) => {
            faults.add("why", failure.refusal()?.detail);
            page(&me, (name, ""), (&form, &faults)).await
        }
    }
}
