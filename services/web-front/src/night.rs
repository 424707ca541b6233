//! The cases of the night: by 09:00 each is taken by a named day worker, at 10:00 the duty manager is told.

use axum::{extract::Query, response::Response};
use kernel::{ChildId, ReferralId};
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    form::Form,
    me::{Done, Me, on_to},
};

/// The list, the longest waiting first.
pub(crate) async fn show(me: Me, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    let borough = me.desk_of()?;
    let list = me.get("/api/transfers/night-list").await?;
    let mut cases = list.body["items"].as_array().cloned().unwrap_or_default();
    for case in cases.iter_mut().filter(|case| case["state"] != "taken") {
        // A case is taken on the duties as they stood on the screen.
        let child = case["child_id"].as_str().unwrap_or_default();
        let held = me.get(&format!("/api/transfers/children/{child}/responsibility")).await?;
        case["version"] = json!(held.version);
        case["holders"] = held.body["duties"].as_array().into_iter().flatten().map(|duty| duty["holder_name"].clone()).collect::<Value>();
    }
    let data = json!({
        "borough_name": crate::words::org(borough.code()), "cases": cases, "stale_since": list.body["stale_since"], "key": me.new_key(),
        "done": done == "taken",
    });
    Ok(me.page("night.html", data))
}

/// A day worker takes a case in their own name.
pub(crate) async fn take(me: Me, form: Form) -> Result<Response, Failure> {
    let child: ChildId = form.text("child").parse().map_err(|_| Failure::NotFound)?;
    let referral: ReferralId = form.text("referral").parse().map_err(|_| Failure::NotFound)?;
    let body = json!({ "referral_id": referral });
    me.command(&format!("/api/transfers/children/{child}/night/take"), (form.text("key"), form.version()), &body).await?;
    Ok(on_to("/night?done=taken"))
}
