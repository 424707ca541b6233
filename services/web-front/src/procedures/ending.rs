//! Ending a local variation before its time: whoever leads the borough says why, and the procedure is done there as everywhere again.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{Timestamp, VariationId};
use serde_json::json;

use crate::{
    failure::Failure,
    form::{Faults, Form},
    me::{Me, on_to},
};

/// The variation, and the form.
pub(crate) async fn show(me: Me, Path(id): Path<VariationId>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    page(&me, id, (&kept.form, &Faults::default(), kept.at)).await
}

async fn page(me: &Me, id: VariationId, (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>)) -> Result<Response, Failure> {
    let found = me.get(&format!("/api/procedures/variations/{id}")).await?;
    let of = found.body["procedure"].as_str().unwrap_or_default();
    let edition = me.get("/api/procedures/editions/in-force").await?.body;
    let mut procedures = edition["procedures"].as_array().into_iter().flatten();
    let title = procedures.find(|procedure| procedure["id"] == of).map_or(found.body["procedure"].clone(), |known| known["title"].clone());
    // One that is over has no form, and nobody else ends it.
    let ends = me.leads() && found.body["borough"].as_str() == me.borough().map(kernel::Borough::code);
    let data = json!({
        "variation": found.body, "title_of": title, "version": found.version, "ends": ends, "key": me.key_of(form), "values": form.values(),
        "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page("variation-end.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Ends it, on the version that was on the screen.
pub(crate) async fn end(me: Me, Path(id): Path<VariationId>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    faults.need(&form, "reason", "Enter why it ends now");
    if !faults.is_empty() {
        return page(&me, id, (&form, &faults, None)).await;
    }
    let body = json!({ "reason": form.text("reason") });
    match me.command(&format!("/api/procedures/variations/{id}/end"), (form.text("key"), form.version()), &body).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to("/procedures/variations?done=ended"))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            faults.add("reason", refusal.words_again());
            page(&me, id, (&form.after(&refusal), &faults, None)).await
        }
    }
}
