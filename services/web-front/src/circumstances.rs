//! What stands about a child besides who holds it: missing, legal powers, the plan, notices to another borough. A duty desk records it,
//! since whoever learns of it first must be able to say so. None of it moves a duty.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{Borough, ChildId, Timestamp};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Refusal},
    form::{Faults, Form},
    me::{Done, Me, on_to},
    words,
};

mod orders;

use orders::{Order, order};

/// The pages of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Missing,
    Powers,
    Plan,
    Notices,
}

impl Which {
    const ALL: [Self; 4] = [Self::Missing, Self::Powers, Self::Plan, Self::Notices];

    /// The last part of its address.
    fn address(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Powers => "powers",
            Self::Plan => "plan",
            Self::Notices => "notices",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Missing => "missing.html",
            Self::Powers => "powers.html",
            Self::Plan => "plan.html",
            Self::Notices => "notices.html",
        }
    }
}

/// What stands, and the form.
pub(crate) async fn show(
    me: Me,
    Path((child, address)): Path<(ChildId, String)>,
    Query(Done { done }): Query<Done>,
) -> Result<Response, Failure> {
    let which = Which::ALL.into_iter().find(|which| which.address() == address).ok_or(Failure::NotFound)?;
    let kept = me.kept().await?;
    page(&me, (child, which, &done), (&kept.form, &Faults::default(), kept.at)).await
}

async fn page(
    me: &Me,
    (child, which, done): (ChildId, Which, &str),
    (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>),
) -> Result<Response, Failure> {
    let own = me.desk_of()?;
    let held = me.get(&format!("/api/transfers/children/{child}/responsibility")).await?;
    let others = words::boroughs_near(Some(own)).into_iter().filter(|(code, _)| code != own.code());
    let boroughs: Vec<Value> = others.map(|(code, name)| json!({ "value": code, "text": name })).collect();
    let mut data = json!({
        "child": child, "held": held.body, "version": held.version, "own": own, "boroughs": boroughs, "lasts": me.lengths().await,
        "key": me.new_key(), "keys": form.keys(), "values": form.values(), "errors": faults.shown(), "kept_at": kept_at, "done": done,
    });
    if which == Which::Notices {
        data["given"] = given(me, child).await?;
    }
    let page = me.page(which.template(), data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// The notices, and why duties ended, as far as they concern this borough. Where nothing does there is nothing.
async fn given(me: &Me, child: ChildId) -> Result<Value, Failure> {
    match me.get(&format!("/api/transfers/children/{child}/notices")).await {
        Ok(given) => Ok(given.body),
        Err(Failure::NotFound) => Ok(Value::Null),
        Err(failure) => Err(failure),
    }
}

/// Records what a form says, on the version that was on the screen.
pub(crate) async fn record(me: Me, Path((child, act)): Path<(ChildId, String)>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let Order { which, address, body, at } = order(&act, &form, me.app.kit().clock.now(), &mut faults).ok_or(Failure::NotFound)?;
    if !faults.is_empty() {
        return page(&me, (child, which, ""), (&form, &faults, None)).await;
    }
    match me.command(&format!("/api/transfers/children/{child}/{address}"), (form.text("key"), form.version()), &body).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/children/{child}/{}?done={act}", which.address())))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            said(&refusal, &at, &mut faults);
            page(&me, (child, which, ""), (&form.after(&refusal), &faults, None)).await
        }
    }
}

/// What the service had against it, beside the field that it is about.
fn said(refusal: &Refusal, at: &str, faults: &mut Faults) {
    for fault in refusal.problem["errors"].as_array().into_iter().flatten() {
        let field = match fault["pointer"].as_str() {
            Some("/started_at") => "started_day",
            Some("/ends_at") => "ends_day",
            Some("/until") => "until_day",
            Some("/to") => "to",
            Some("/text" | "/reason") => "text",
            Some(_) | None => at,
        };
        faults.add(field, format!("This must be {}", fault["detail"].as_str().unwrap_or_default()));
    }
    if faults.is_empty() {
        let field = if refusal.code == "power_too_long" { "ends_day" } else { at };
        faults.add(field, refusal.words_again());
    }
}

impl Me {
    /// Whether their own borough holds a duty, as a service tells who does.
    pub(crate) fn holds(&self, held: &Value) -> bool {
        let own = self.borough().map(Borough::code);
        held["duties"].as_array().into_iter().flatten().any(|duty| duty["holder"].as_str() == own)
    }
}
