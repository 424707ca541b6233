//! The form's budget: which decision each field serves, how it is used, and the bin.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{Role, Timestamp, calendar::monday};
use serde_json::{Value, json};

use crate::{
    api::plain,
    failure::Failure,
    form::{Faults, Form},
    me::{Done, Me, on_to},
};

/// How many weeks the use of the form is counted over, the last that are over: the registry counts whole weeks alone.
const COUNTED_WEEKS: i64 = 4;

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
    let (from, to) = (monday(now, -COUNTED_WEEKS), monday(now, 0));
    Ok(me.get(&format!("/api/procedures/forms/referral/report?from={from}&to={to}")).await?.body)
}

/// One field.
pub(crate) async fn show(me: Me, Path(name): Path<String>, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    page(&me, (&name, &done), (&kept.form, &Faults::default(), kept.at)).await
}

async fn page(
    me: &Me,
    (name, done): (&str, &str),
    (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>),
) -> Result<Response, Failure> {
    let fields = me.get("/api/procedures/fields").await?.body;
    let field = fields["items"].as_array().into_iter().flatten().find(|field| field["name"] == name).ok_or(Failure::NotFound)?;
    let used = used(me).await?;
    let open = field["nominations"].as_array().into_iter().flatten().find(|nomination| nomination["answer"].is_null());
    let data = json!({
        "field": field, "used": used["report"], "use": used["report"]["fields"][name], "number": fields["edition"],
        "answers": open.filter(|_| me.session.who.is_any(&[Role::BoardApprover])), "done": done,
        "key": me.key_of(form), "values": form.values(), "errors": faults.shown(), "kept_at": kept_at,
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
        return page(&me, (name, ""), (&form, &faults, None)).await;
    }
    let body = json!({ "reason": form.text("reason") });
    match me.command(&format!("/api/procedures/fields/{name}/nominations"), (form.text("key"), None), &body).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/procedures/fields/{name}?done=nominated")))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            faults.add("reason", refusal.words_again());
            page(&me, (name, ""), (&form.after(&refusal), &faults, None)).await
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
        return page(&me, (name, ""), (&form, &faults, None)).await;
    }
    match me.command(&format!("/api/procedures/fields/{name}/nominations/{number}/answer"), (form.text("key"), None), &body).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/procedures/fields/{name}?done=answered")))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            faults.add("why", refusal.words_again());
            page(&me, (name, ""), (&form.after(&refusal), &faults, None)).await
        }
    }
}
