//! A transfer: the sheet on one screen, and what can be done now by whoever looks.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{Borough, Timestamp, TransferId};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Refusal},
    form::{Faults, Form},
    me::{Done, Me, on_to},
    responsibility::local_instant,
    words,
};

mod orders;

use orders::{Order, order};

fn path(id: TransferId) -> String {
    format!("/api/transfers/{id}")
}

/// The transfer as it is now.
pub(crate) async fn show(me: Me, Path(id): Path<TransferId>, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    page(&me, id, (&done, &kept.form, &Faults::default())).await
}

async fn page(me: &Me, id: TransferId, (done, form, faults): (&str, &Form, &Faults)) -> Result<Response, Failure> {
    let transfer = me.get(&path(id)).await?;
    let body = transfer.body;
    let own = me.borough().map(Borough::code).unwrap_or_default();
    let side = |member: &str| me.works_a_desk() && body[member] == own;
    let boroughs: Vec<Value> = words::boroughs_near(me.around().as_ref())
        .into_iter()
        .filter(|(code, _)| body["from"] != code.as_str() && body["to"] != code.as_str())
        .map(|(code, name)| json!({ "value": code, "text": name }))
        .collect();
    let reasons =
        if side("to") && matches!(body["state"].as_str(), Some("seen" | "query")) { decline_reasons(me).await? } else { Value::Null };
    let data = json!({
        "gives": side("from"), "takes": side("to"), "manages": me.manages(), "agreed": agreed(&body, own), "version": transfer.version, "boroughs": boroughs, "reasons": reasons,
        "key": me.new_key(), "keys": form.keys(), "done": done, "values": form.values(), "errors": faults.shown(), "transfer": body,
    });
    let page = me.page("transfer.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// What was agreed by voice and is not confirmed: `theirs` where the other borough wrote it down, `ours` where this one did.
fn agreed(transfer: &Value, own: &str) -> Option<&'static str> {
    let mut lines = transfer["history"].as_array().into_iter().flatten();
    let last = lines.rfind(|line| matches!(line["what"].as_str(), Some("agreement_recorded" | "agreement_confirmed")))?;
    (last["what"] == "agreement_recorded").then(|| if last["by"]["org"] == own { "ours" } else { "theirs" })
}

/// The reasons for a no, as the edition in force has them.
async fn decline_reasons(me: &Me) -> Result<Value, Failure> {
    let edition = me.get("/api/procedures/editions/in-force").await?.body;
    let known = edition["parts"]["decline_reasons"].as_array().cloned().unwrap_or_default();
    let reasons = known.iter().filter_map(|reason| reason["code"].as_str());
    Ok(reasons.map(|code| json!({ "value": code, "text": words::said(code) })).collect())
}

/// Does what a button says, on the version that was on the screen.
pub(crate) async fn act(me: Me, Path((id, act)): Path<(TransferId, String)>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let Order { address, body, at } = order(&act, &form, &mut faults).ok_or(Failure::NotFound)?;
    if !faults.is_empty() {
        return page(&me, id, ("", &form, &faults)).await;
    }
    match me.command(&format!("{}/{address}", path(id)), (form.text("key"), form.version()), &body).await {
        Ok(answer) => {
            me.sent(&form).await?;
            let next = answer.body["new_transfer"]["transfer_id"].as_str().map_or_else(|| id.to_string(), str::to_owned);
            Ok(on_to(&format!("/transfers/{next}?done={act}")))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            said(&refusal, at, &mut faults);
            page(&me, id, ("", &form.after(&refusal), &faults)).await
        }
    }
}

/// What the service had against it, beside the field that it is about.
fn said(refusal: &Refusal, at: &str, faults: &mut Faults) {
    for fault in refusal.problem["errors"].as_array().into_iter().flatten() {
        let field = match fault["pointer"].as_str() {
            Some("/text") if at == "decline_reason" => "decline_text",
            Some("/suggest") => "suggest",
            Some(_) | None => at,
        };
        faults.add(field, words::said(fault["detail"].as_str().unwrap_or_default()));
    }
    if faults.is_empty() {
        faults.add(at, refusal.words_again());
    }
}

/// The spoken handover.
pub(crate) async fn handover_form(me: Me, Path(id): Path<TransferId>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    handover_page(&me, id, (&kept.form, &Faults::default(), kept.at)).await
}

async fn handover_page(me: &Me, id: TransferId, (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>)) -> Result<Response, Failure> {
    let transfer = me.get(&path(id)).await?;
    let takes = me.borough().is_some_and(|own| transfer.body["to"] == own.code());
    let mut values = form.values();
    let own = if takes { "taker" } else { "giver" };
    values.entry(own.to_owned()).or_insert_with(|| me.session.who.name.clone());
    let data = json!({
        "transfer": transfer.body, "version": transfer.version, "takes": takes, "key": me.key_of(form), "values": values,
        "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page("handover.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Confirms what was said.
pub(crate) async fn handover(me: Me, Path(id): Path<TransferId>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    faults.need(&form, "giver", "Enter who gave the handover");
    faults.need(&form, "taker", "Enter who took it");
    let spoken = local_instant(form.text("day"), form.text("time"));
    let mut body = json!({ "giver": form.text("giver"), "taker": form.text("taker") });
    match (spoken, form.some("not_spoken_because")) {
        (Some(at), None) => body["spoken_at"] = json!(at),
        (None, Some(why)) if form.text("day").is_empty() => body["not_spoken_because"] = why.into(),
        (Some(_), Some(_)) => faults.add("not_spoken_because", "Enter either when you spoke or why you did not"),
        (None, _) => faults.add("day", "Enter when you spoke, a day like 23/11/2026 and a time like 02:14, or why you did not"),
    }
    if let Some(text) = form.some("read_back") {
        body["read_back"] = text.into();
    } else if form.text("takes") == "yes" {
        faults.add("read_back", "Enter what you understood, beginning with “I understand that”");
    }
    if !faults.is_empty() {
        return handover_page(&me, id, (&form, &faults, None)).await;
    }
    match me.command(&format!("{}/handover", path(id)), (form.text("key"), form.version()), &body).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/transfers/{id}?done=handover")))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            faults.add("read_back", refusal.words_again());
            handover_page(&me, id, (&form.after(&refusal), &faults, None)).await
        }
    }
}
