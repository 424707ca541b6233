//! Dip samples: drawn by a seed, read without identities, and unmasked with a reason.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::whole_days;
use crate::{
    api::plain,
    failure::Failure,
    form::{Faults, Form},
    me::{Done, Me, on_to},
    words,
};

/// Every sample, and the form for another.
pub(crate) async fn list(me: Me) -> Result<Response, Failure> {
    page(&me, &Form::default(), &Faults::default()).await
}

async fn page(me: &Me, form: &Form, faults: &Faults) -> Result<Response, Failure> {
    let found = me.get("/api/audit/dip-samples").await?;
    let key = form.some("key").map_or_else(|| me.new_key(), str::to_owned);
    let data = json!({ "samples": found.body["items"], "key": key, "values": form.values(), "errors": faults.shown() });
    let page = me.page("samples.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Draws one.
pub(crate) async fn draw(me: Me, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let (from, to) = (words::read_day(form.text("from")), words::read_day(form.text("to")));
    for (field, day) in [("from", from), ("to", to)] {
        if day.is_none() {
            faults.add(field, "Enter a day like 23/11/2026");
        }
    }
    let days = from.zip(to);
    if days.is_some_and(|(from, to)| from > to) {
        faults.add("to", "Enter a day that is not before the first");
    }
    let size: Option<usize> = form.text("size").parse().ok().filter(|size| (1..=100).contains(size));
    if size.is_none() {
        faults.add("size", "Enter a number from 1 to 100");
    }
    let seed = form.some("seed");
    if seed.is_some_and(|seed| !(8..=128).contains(&seed.len()) || !seed.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        faults.add("seed", "Enter 8 to 128 letters and digits, or nothing");
    }
    let Some(((from, to), size)) = days.and_then(|(from, to)| whole_days(from, to)).zip(size).filter(|_| faults.is_empty()) else {
        return page(&me, &form, &faults).await;
    };
    let mut body = json!({ "from": from, "to": to, "size": size });
    if let Some(seed) = seed {
        body["seed"] = seed.into();
    }
    match me.command("/api/audit/dip-samples", (form.text("key"), None), &body).await {
        Ok(drawn) => Ok(on_to(&format!("/samples/{}?done=drawn", drawn.body["sample_id"].as_str().unwrap_or_default()))),
        Err(failure) => {
            faults.add("from", failure.refusal()?.detail);
            page(&me, &form, &faults).await
        }
    }
}

/// One sample and its cases, by number.
pub(crate) async fn show(me: Me, Path(id): Path<String>, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    let sample = me.get(&format!("/api/audit/dip-samples/{}", plain(&id)?)).await?.body;
    let cases: Vec<u64> = (1..=sample["cases"].as_u64().unwrap_or(0)).collect();
    Ok(me.page("sample.html", json!({ "sample": sample, "cases": cases, "done": done })))
}

/// What happened in a case, without who it is about.
pub(crate) async fn case(me: Me, Path((id, case)): Path<(String, u32)>) -> Result<Response, Failure> {
    case_page(&me, (&id, case), (&Form::default(), &Faults::default())).await
}

async fn case_page(me: &Me, (id, case): (&str, u32), (form, faults): (&Form, &Faults)) -> Result<Response, Failure> {
    let masked: Value = me.get(&format!("/api/audit/dip-samples/{}/cases/{case}", plain(id)?)).await?.body;
    let data = json!({ "sample": id, "case": case, "events": masked["events"], "key": me.new_key(), "values": form.values(), "errors": faults.shown() });
    let page = me.page("case.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Tells who a case is, for a reason that is kept.
pub(crate) async fn unmask(me: Me, Path((id, case)): Path<(String, u32)>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let reason = form.text("reason");
    if !(10..=1_000).contains(&reason.chars().count()) {
        faults.add("reason", "Enter why you must know who it is, in 10 to 1,000 characters");
        return case_page(&me, (&id, case), (&form, &faults)).await;
    }
    let path = format!("/api/audit/dip-samples/{}/cases/{case}/unmask", plain(&id)?);
    match me.command(&path, (form.text("key"), None), &json!({ "reason": reason })).await {
        Ok(told) => Ok(on_to(&format!("/children/{}/chronology?case={case}", told.body["child_id"].as_str().unwrap_or_default()))),
        Err(failure) => {
            faults.add("reason", failure.refusal()?.detail);
            case_page(&me, (&id, case), (&form, &faults)).await
        }
    }
}
