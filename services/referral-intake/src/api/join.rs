//! `POST /api/intake/referrals/{id}/join`: a person says that a referral tells the same as another, in which it is decided.

use axum::extract::State;
use event_store::Request;
use kernel::{ReferralId, edition::ClockName};
use serde::Deserialize;
use serde_json::json;
use service_kit::{Answered, Change, Problem, caller::DutyDesk, params::Path};
use utoipa::ToSchema;

use super::{
    additions::{EntryBody, describe, needed},
    show::look,
};
use crate::{
    app::{App, LOOKS, goes_on_moving, request},
    event::Event,
    personal::place,
    referral::{self, EntryId, JoinTo},
    rules::{Command, referral_stream},
};

/// Another join could make two referrals wait for each other.
const CHANGED_BY: &[&str] = &["referral.joined"];

/// The other referral, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewJoin {
    /// The referral in which it is decided.
    #[schema(value_type = String)]
    with: ReferralId,
    /// Why.
    #[schema(max_length = 10_000)]
    reason: String,
}

/// Joins a referral to another one about the same. Each keeps its referrer, who must be told.
#[utoipa::path(post, path = "/api/intake/referrals/{id}/join", operation_id = "join", tag = "referrals", request_body = NewJoin,
    params(("id" = String, Path, description = "The referral.")),
    responses((status = 201, description = "It is decided in the other one.", body = EntryBody)))]
pub(crate) async fn join(State(app): State<App>, Path(id): Path<ReferralId>, sent: Change<DutyDesk, NewJoin>) -> Result<Answered, Problem> {
    needed("/reason", &sent.body.reason)?;
    for _ in 0..LOOKS {
        let look = app.before_a_look(CHANGED_BY).await?;
        let ask = Request { unmoved: Some(look), ..prepared(&app, id, &sent).await? };
        if let Some(answered) = app.unless_moved(ask).await? {
            return Ok(answered);
        }
    }
    Err(goes_on_moving())
}

async fn prepared(app: &App, id: ReferralId, sent: &Change<DutyDesk, NewJoin>) -> Result<Request<Event>, Problem> {
    let (loaded, _, acting_for) = look(app, sent.by.person(), id, sent.now).await?;
    let other = look(app, sent.by.person(), sent.body.with, sent.now).await;
    let (other, _, _) = other.map_err(|problem| {
        if problem.status().as_u16() == 404 { Problem::invalid_at("/with", "a referral that you may read") } else { problem }
    })?;
    let key = app.key(&loaded.case()?.received.concern.key).await?;
    let reason = key.seal(&place("referral.joined", "reason", &referral_stream(id)), sent.body.reason.trim());
    let edition = app.edition(sent.now);
    let entry = EntryId::from_uuid(app.parts.kit.ids.uuid());
    let ask = JoinTo {
        by: sent.by.person().clone(),
        acting_for,
        entry,
        with: sent.body.with,
        children: other.case()?.children().collect(),
        joined_to: other.situation.referral.join().map(|join| join.with),
        reason: reason.map_err(|error| Problem::internal("vault", &error))?,
        edition: edition.number,
        at: sent.now,
        feedback_by: edition.due(ClockName::FeedbackToReferrer, None, sent.now).at,
    };
    let body = json!({ "referral_id": id, "entry": entry.to_string() });
    let command = Command::Referral(id, referral::Command::Join(Box::new(ask)));
    let mut ask = request(loaded.streams, sent.context(None), command, (201, body, Some(referral_stream(id))));
    ask.receipt = Some(sent.receipt.clone());
    ask.expect = Some((referral_stream(id), sent.version));
    ask.describe = Some(Box::new(describe));
    Ok(ask)
}
