//! Break-glass on pages: asking for one child's record in an emergency, what it opened, and the review by another team.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{ChildId, GlassId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    board::{Part, cursor_of},
    failure::Failure,
    form::{Faults, Form},
    me::{Me, on_to},
};

/// The fewest characters of a reason, as case transfer asks for them.
const SHORTEST: usize = 10;

/// Which banner, and which page of the looks.
#[derive(Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    done: String,
    #[serde(flatten)]
    part: Part,
}

/// The form.
pub(crate) async fn ask(me: Me, Path(child): Path<ChildId>) -> Result<Response, Failure> {
    ask_page(&me, child, (&Form::default(), &Faults::default())).await
}

async fn ask_page(me: &Me, child: ChildId, (form, faults): (&Form, &Faults)) -> Result<Response, Failure> {
    me.desk_of()?;
    let held = me.get(&format!("/api/transfers/children/{child}/responsibility")).await?;
    let kept = me.kept().await?;
    let typed = if faults.is_empty() { &kept.form } else { form };
    let key = typed.some("key").map_or_else(|| me.new_key(), str::to_owned);
    let data = json!({
        "child": child, "held": held.body, "key": key, "values": typed.values(), "errors": faults.shown(),
        "kept_at": kept.at.filter(|_| faults.is_empty()),
    });
    let page = me.page("glass-ask.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Opens the record.
pub(crate) async fn open(me: Me, Path(child): Path<ChildId>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let reason = form.text("reason");
    if reason.chars().count() < SHORTEST {
        faults.add("reason", format!("Enter why you must see this record now, in at least {SHORTEST} characters"));
        return ask_page(&me, child, (&form, &faults)).await;
    }
    let path = format!("/api/transfers/children/{child}/break-glass");
    match me.command(&path, (form.text("key"), None), &json!({ "reason": reason })).await {
        Ok(opened) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/break-glass/{}?done=open", opened.body["glass_id"].as_str().unwrap_or_default())))
        }
        Err(failure) => {
            faults.add("reason", failure.refusal()?.detail);
            ask_page(&me, child, (&form, &faults)).await
        }
    }
}

/// Every break-glass that this person opened, or is told of.
pub(crate) async fn list(me: Me, Query(part): Query<Part>) -> Result<Response, Failure> {
    let found = me.get(&format!("/api/transfers/break-glass{}", part.question())).await?;
    Ok(me.page("glasses.html", json!({ "glasses": found.body["items"], "next": cursor_of(&found.body["next"]) })))
}

/// One break-glass.
pub(crate) async fn show(me: Me, Path(id): Path<GlassId>, Query(Shown { done, part }): Query<Shown>) -> Result<Response, Failure> {
    page(&me, id, (&done, &part), (&Form::default(), &Faults::default())).await
}

async fn page(me: &Me, id: GlassId, (done, part): (&str, &Part), (form, faults): (&Form, &Faults)) -> Result<Response, Failure> {
    let glass = me.get(&format!("/api/transfers/break-glass/{id}")).await?;
    let looks =
        if me.audits() { me.get(&format!("/api/audit/break-glass/{id}/looks{}", part.question())).await?.body } else { Value::Null };
    let kept = me.kept().await?;
    let typed = if faults.is_empty() { &kept.form } else { form };
    let data = json!({
        "glass": glass.body, "version": glass.version, "done": done, "key": me.new_key(), "values": typed.values(), "errors": faults.shown(),
        "kept_at": kept.at.filter(|_| faults.is_empty()), "looks": looks["items"], "next": cursor_of(&looks["next"]), "reviews": me.audits() || me.manages(),
    });
    let page = me.page("glass.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Ends it, says that it was read, or reviews it.
pub(crate) async fn act(me: Me, Path((id, act)): Path<(GlassId, String)>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let body = match act.as_str() {
        "end" | "read" => json!({}),
        "review" => {
            if form.some("finding").is_none() {
                faults.add("finding", "Select whether it had to be opened");
            }
            faults.need(&form, "text", "Enter why");
            json!({ "finding": form.text("finding"), "text": form.text("text") })
        }
        _ => return Err(Failure::NotFound),
    };
    if faults.is_empty() {
        match me.command(&format!("/api/transfers/break-glass/{id}/{act}"), (form.text("key"), form.version()), &body).await {
            Ok(_) => {
                me.sent(&form).await?;
                return Ok(on_to(&format!("/break-glass/{id}?done={act}")));
            }
            Err(failure) => faults.add(if act == "review" { "finding" } else { "act" }, failure.refusal()?.detail),
        }
    }
    page(&me, id, ("", &Part::default()), (&form, &faults)).await
}
