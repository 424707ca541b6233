//! Handing back what was taken: a new offer the other way, with a sheet of its own. Whoever has it holds it until the other accepts.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::TransferId;
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    form::{Faults, Form},
    me::{Me, on_to},
    offer::{TEXTS, sheet},
};

/// The form, with the sheet as it was given.
pub(crate) async fn show(me: Me, Path(id): Path<TransferId>) -> Result<Response, Failure> {
    page(&me, id, None).await
}

async fn page(me: &Me, id: TransferId, again: Option<(&Form, &Faults)>) -> Result<Response, Failure> {
    let transfer = me.get(&format!("/api/transfers/{id}")).await?;
    let kept = me.kept().await?;
    let given = &transfer.body["sheet"];
    let mut values = json!({ "priority": transfer.body["priority"] });
    for name in TEXTS {
        values[name] = given[name].clone();
    }
    let not_known = given["not_known"].as_array().into_iter().flatten().filter_map(Value::as_str);
    values["not_known"] = not_known.collect::<Vec<_>>().join("\n").into();
    if let Some(values) = values.as_object_mut() {
        let typed = again.map_or(&kept.form, |(form, _)| form).values();
        values.extend(typed.into_iter().map(|(name, text)| (name, text.into())));
    }
    let key = again.map_or(&kept.form, |(form, _)| form).some("key").map_or_else(|| me.new_key(), str::to_owned);
    let errors = again.map_or_else(|| Faults::default().shown(), |(_, faults)| faults.shown());
    let data = json!({
        "transfer": transfer.body, "version": transfer.version, "values": values, "errors": errors, "key": key,
        "kept_at": kept.at.filter(|_| again.is_none()),
    });
    let page = me.page("hand-back.html", data);
    Ok(if again.is_none() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Hands back.
pub(crate) async fn send(me: Me, Path(id): Path<TransferId>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    faults.need(&form, "priority", "Select how soon it must be answered");
    faults.need(&form, "situation", "Enter what is happening and why you hand it back");
    if !faults.is_empty() {
        return page(&me, id, Some((&form, &faults))).await;
    }
    let body = json!({ "priority": form.text("priority"), "sheet": sheet(&form) });
    match me.command(&format!("/api/transfers/{id}/hand-back"), (form.text("key"), form.version()), &body).await {
        Ok(answer) => {
            me.sent(&form).await?;
            let next = answer.body["new_transfer"]["transfer_id"].as_str().map_or_else(|| id.to_string(), str::to_owned);
            Ok(on_to(&format!("/transfers/{next}?done=hand-back")))
        }
        Err(failure) => {
            faults.add("situation", failure.refusal()?.detail);
            page(&me, id, Some((&form, &faults))).await
        }
    }
}
