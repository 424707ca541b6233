//! A referral: followed by whoever sent it, read and decided by the desk.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{ChildId, ReferralId, Timestamp};
use serde_json::{Map, Value, json};

use crate::{
    failure::Failure,
    form::{Faults, Form},
    me::{Done, Me, on_to},
};

fn path(id: ReferralId) -> String {
    format!("/api/intake/referrals/{id}")
}

/// What this organisation has sent.
pub(crate) async fn mine(me: Me) -> Result<Response, Failure> {
    let sent = me.get("/api/intake/referrals?mine=true&limit=100").await?;
    let mut items = sent.body["items"].as_array().cloned().unwrap_or_default();
    items.reverse(); // the newest first
    Ok(me.page("referrals.html", json!({ "referrals": items })))
}

/// It has arrived: who holds it now, whom to ring, what happens by when.
pub(crate) async fn sent(me: Me, Path(id): Path<ReferralId>) -> Result<Response, Failure> {
    let referral = me.get(&path(id)).await?;
    let duties = responsibilities(&me, &referral.body).await?;
    Ok(me.page("sent.html", json!({ "referral": referral.body, "responsibilities": duties })))
}

/// A referral, as far as one may see it.
pub(crate) async fn show(me: Me, Path(id): Path<ReferralId>, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    page(&me, id, (&done, &kept.form, &Faults::default(), kept.at)).await
}

async fn page(
    me: &Me,
    id: ReferralId,
    (done, form, faults, kept_at): (&str, &Form, &Faults, Option<Timestamp>),
) -> Result<Response, Failure> {
    let referral = me.get(&path(id)).await?;
    let duties = responsibilities(me, &referral.body).await?;
    let follows = referral.body["yours"] == "referrer" && !me.works_a_desk();
    let data = json!({
        "referral": referral.body, "version": referral.version, "responsibilities": duties, "done": done,
        "key": me.key_of(form), "values": form.values(), "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page(if follows { "follow.html" } else { "referral.html" }, data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Who holds each of the children, where the ledger knows them yet.
pub(crate) async fn responsibilities(me: &Me, referral: &Value) -> Result<Map<String, Value>, Failure> {
    let mut all = Map::new();
    for child in referral["children"].as_array().into_iter().flatten().filter_map(|child| child["child_id"].as_str()) {
        match me.get(&format!("/api/transfers/children/{child}/responsibility")).await {
            Ok(held) => drop(all.insert(child.to_owned(), held.body)),
            // A referral of a moment ago may not be in the ledger yet: the page says that it is being entered.
            Err(Failure::NotFound | Failure::Away | Failure::Forbidden(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(all)
}

/// The history, which must be read, and the decision below it.
pub(crate) async fn decide_form(me: Me, Path(id): Path<ReferralId>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    decide_page(&me, id, (&kept.form, &Faults::default(), kept.at)).await
}

async fn decide_page(me: &Me, id: ReferralId, (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>)) -> Result<Response, Failure> {
    let history = me.get(&format!("{}/history", path(id))).await?;
    let referral = me.get(&path(id)).await?;
    let key = me.key_of(form);
    let data = json!({
        "referral": referral.body, "version": referral.version, "history": history.body, "key": key, "link_key": me.new_key(),
        "values": form.values(), "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page("decide.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Decides.
pub(crate) async fn decide(me: Me, Path(id): Path<ReferralId>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    faults.need(&form, "outcome", "Select what happens next");
    faults.need(&form, "reason", "Enter the reason for your decision");
    if form.text("prompted") == "yes" {
        faults.need(&form, "repeat_prompt", "Enter why this is right although there were several contacts lately");
    }
    if !faults.is_empty() {
        return decide_page(&me, id, (&form, &faults, None)).await;
    }
    let mut body = json!({ "outcome": form.text("outcome"), "reason": form.text("reason") });
    if let Some(text) = form.some("repeat_prompt") {
        body["repeat_prompt"] = text.into();
    }
    match me.command(&format!("{}/decisions", path(id)), (form.text("key"), form.version()), &body).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/referrals/{id}?done=decided")))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            faults.add("reason", refusal.detail);
            decide_page(&me, id, (&form, &faults, None)).await
        }
    }
}

/// The referrer was told.
pub(crate) async fn feedback(me: Me, Path(id): Path<ReferralId>, form: Form) -> Result<Response, Failure> {
    say(&me, id, ("feedback", "told"), &form).await
}

/// Something more to say.
pub(crate) async fn add(me: Me, Path(id): Path<ReferralId>, form: Form) -> Result<Response, Failure> {
    say(&me, id, ("information", "added"), &form).await
}

/// Records a text under the key of its form. After an answer that was lost it is the same form, and counts once.
async fn say(me: &Me, id: ReferralId, (address, done): (&str, &str), form: &Form) -> Result<Response, Failure> {
    let body = json!({ "text": form.text("text") });
    match me.command(&format!("{}/{address}", path(id)), (form.text("key"), form.version()), &body).await {
        Ok(_) => {
            me.sent(form).await?;
            Ok(on_to(&format!("/referrals/{id}?done={done}")))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            let mut faults = Faults::default();
            faults.add("text", refusal.words_again());
            page(me, id, ("", &form.after(&refusal), &faults, None)).await
        }
    }
}

/// A person says that two records are one child.
pub(crate) async fn link(me: Me, Path(id): Path<ReferralId>, form: Form) -> Result<Response, Failure> {
    let child: ChildId = form.text("child").parse().map_err(|_| Failure::NotFound)?;
    let body = json!({ "other": form.text("other"), "reason": form.text("reason") });
    me.command(&format!("/api/intake/children/{child}/links"), (form.text("key"), None), &body).await?;
    Ok(on_to(&format!("/referrals/{id}/decide")))
}
