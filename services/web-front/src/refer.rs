//! Refer a child: four screens, a look at the answers, and a reference number. Every Continue keeps the answers, sealed.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    failure::{Failure, Refusal},
    form::{Faults, Form},
    me::{Me, on_to},
    service::App,
    words,
};

mod answers;
mod check;
mod draft;
mod sitting;

use answers::Answers;
use draft::Draft;

/// The screens in their order, each with the path and the template.
const STEPS: [&str; 5] = ["danger", "place", "worries", "you", "check"];

/// The first page: what one needs, and what one began earlier.
pub(crate) async fn start(me: Me) -> Result<Response, Failure> {
    if !me.refers() {
        return Err(Failure::Forbidden("Referrals are made by hospitals and duty desks.".to_owned()));
    }
    let drafts = me.app.unfinished(&me.session.who.id).await?;
    let desks = me.get("/api/transfers/desks").await?;
    let around = me.around().map(|borough| borough.to_string());
    let desk = desks.body["items"].as_array().into_iter().flatten().find(|desk| desk["borough"].as_str() == around.as_deref()).cloned();
    Ok(me.page("home.html", json!({ "drafts": drafts, "desk": desk })))
}

/// Begins a referral.
pub(crate) async fn begin(me: Me) -> Result<Response, Failure> {
    let sitting = me.app.kit().ids.uuid();
    let answers = Answers::of(&me.session.who, sitting);
    let id = me.app.begin_draft(&me.session.who.id, &answers).await?;
    sitting::begun(&me, sitting).await;
    Ok(on_to(&format!("/refer/{id}/danger")))
}

/// Throws an unfinished referral away.
pub(crate) async fn throw_away(me: Me, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    if let Some(draft) = me.app.drop_draft(id, &me.session.who.id).await? {
        sitting::over(&me, &draft, false).await;
    }
    Ok(on_to("/refer"))
}

/// Shows a screen with what was answered before.
pub(crate) async fn show(me: Me, Path((id, step)): Path<(Uuid, String)>) -> Result<Response, Failure> {
    let step = known(&step)?;
    let draft = me.app.draft(id, &me.session.who.id).await?;
    if let Some(referral) = draft.sent_as {
        return Ok(on_to(&format!("/referrals/{referral}/sent")));
    }
    Ok(screen(&me, id, step, (&draft.answers, &Faults::default())))
}

/// Keeps what a screen was told and goes on to the next; the last one sends the referral.
pub(crate) async fn save(me: Me, Path((id, step)): Path<(Uuid, String)>, form: Form) -> Result<Response, Failure> {
    let step = known(&step)?;
    let draft = me.app.draft(id, &me.session.who.id).await?;
    if let Some(referral) = draft.sent_as {
        return Ok(on_to(&format!("/referrals/{referral}/sent")));
    }
    if step == "check" {
        return send(&me, id, &draft).await;
    }
    let mut answers = draft.answers;
    answers.take(step, &form);
    // Kept before it is looked at: what was typed is never lost to a fault.
    me.app.keep_draft(id, &me.session.who.id, &answers).await?;
    if form.some("another").is_some() {
        return Ok(on_to(&format!("/refer/{id}/place#child-{}", answers.children())));
    }
    let faults = check::screen(step, &answers, me.app.kit().clock.now());
    if !faults.is_empty() {
        return Ok(screen(&me, id, step, (&answers, &faults)));
    }
    let whole = check::first_open(&answers, me.app.kit().clock.now());
    let next = STEPS.iter().skip_while(|known| **known != step).nth(1).copied().unwrap_or("check");
    // Whoever changes one answer of a whole form comes back to the list of answers.
    let next = if form.text("from") == "check" && whole.is_none() { "check" } else { next };
    Ok(on_to(&format!("/refer/{id}/{next}")))
}

/// Keeps what stands on a screen while it is written. The screen does not count as answered.
pub(crate) async fn keep_typed(app: &App, owner: &str, page: &str, form: &Form) -> Result<(), Failure> {
    let mut parts = page.trim_start_matches("/refer/").split('/');
    let id: Uuid = parts.next().and_then(|id| id.parse().ok()).ok_or(Failure::NotFound)?;
    let step = known(parts.next().unwrap_or_default())?;
    let draft = app.draft(id, owner).await?;
    if draft.sent_as.is_some() || step == "check" {
        return Ok(());
    }
    let mut answers = draft.answers;
    answers.take_typed(step, form);
    app.keep_draft(id, owner, &answers).await
}

fn known(step: &str) -> Result<&'static str, Failure> {
    STEPS.into_iter().find(|known| *known == step).ok_or(Failure::NotFound)
}

fn screen(me: &Me, id: Uuid, step: &'static str, (answers, faults): (&Answers, &Faults)) -> Response {
    if step == "check"
        && let Some(open) = check::first_open(answers, me.app.kit().clock.now())
    {
        return on_to(&format!("/refer/{id}/{open}"));
    }
    let before = STEPS.iter().take_while(|known| **known != step).last().copied();
    let back = if me.here.contains("from=check") { Some("check") } else { before };
    let site = match &me.session.who.org {
        kernel::Org::Site(site) => json!({ "code": site, "name": words::org(&site.to_string()) }),
        kernel::Org::Borough(_) | kernel::Org::Board | kernel::Org::Hub => Value::Null,
    };
    let boroughs: Vec<Value> =
        words::boroughs_near(me.around().as_ref()).into_iter().map(|(code, name)| json!({ "value": code, "text": name })).collect();
    let mut data = Map::new();
    for (name, value) in [
        ("draft", json!(id)),
        ("step", json!(step)),
        ("back", back.map_or_else(|| json!("/refer"), |back| json!(format!("/refer/{id}/{back}")))),
        ("from_check", json!(me.here.contains("from=check"))),
        ("values", json!(answers.values())),
        ("children", json!(answers.children())),
        ("errors", faults.shown()),
        ("site", site),
        ("boroughs", boroughs.into()),
    ] {
        data.insert(name.to_owned(), value);
    }
    if step == "check" {
        data.insert("groups".to_owned(), check::shown(answers));
    }
    let template = format!("{step}.html");
    let page = me.page(&template, Value::Object(data));
    if faults.is_empty() { page } else { (axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response() }
}

/// Sends it under the key of the form, so that a form that is sent twice is one referral.
async fn send(me: &Me, id: Uuid, draft: &Draft) -> Result<Response, Failure> {
    let answers = &draft.answers;
    if let Some(open) = check::first_open(answers, me.app.kit().clock.now()) {
        return Ok(on_to(&format!("/refer/{id}/{open}")));
    }
    let sent = me.command("/api/intake/referrals", (&id.to_string(), None), &answers.body(&me.session.who.org)).await;
    match sent.map_err(Failure::refusal) {
        Ok(receipt) => {
            let referral = receipt.body["referral_id"].as_str().ok_or(Failure::Broken)?;
            if me.app.sent_draft(id, &me.session.who.id, referral).await? {
                sitting::over(me, draft, true).await;
            }
            Ok(on_to(&format!("/referrals/{referral}/sent")))
        }
        Err(Ok(refusal)) => Ok(screen(me, id, "check", (answers, &said(&refusal)))),
        Err(Err(failure)) => Err(failure),
    }
}

/// What the service had against it, each at the answer that it is about.
fn said(refusal: &Refusal) -> Faults {
    let mut faults = Faults::default();
    for fault in refusal.problem["errors"].as_array().into_iter().flatten() {
        let text = |member: &str| fault[member].as_str().unwrap_or_default();
        let place = answers::place_of(text("pointer"));
        faults.add(place.0, format!("{}: {}", place.1, text("detail")));
    }
    if refusal.code == "key_reused" || refusal.code == "idempotency_key_reused" {
        faults.add(
            "send",
            "This referral was received already, with the answers as they were then. Open it under My referrals and add there what is new.",
        );
    }
    if faults.is_empty() {
        faults.add("send", refusal.detail.clone());
    }
    faults
}
