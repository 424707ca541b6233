//! `POST /api/intake/referrals/{id}/decisions`: a named person decides what happens next.

use axum::extract::State;
use kernel::{ReferralId, Timestamp, edition::ClockName};
use serde::{Deserialize, Serialize};
use service_kit::{Answered, Change, Problem, caller::DutyDesk, command, params::Path};
use utoipa::ToSchema;

use super::{
    additions::{describe, needed},
    show::look,
};
use crate::{
    app::{App, Loaded, away, request},
    history,
    personal::place,
    referral::{self, Decide, EntryId, Outcome},
    rules::{Command, referral_stream},
};

/// A decision.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDecision {
    /// What happens next.
    outcome: Outcome,
    /// Why.
    #[schema(max_length = 10_000)]
    reason: String,
    /// Why this outcome is right all the same, where there were several contacts lately.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    repeat_prompt: Option<String>,
}

/// A decision as it was recorded.
#[derive(Serialize, ToSchema)]
pub(crate) struct DecisionBody {
    /// The referral.
    #[schema(value_type = String)]
    referral_id: ReferralId,
    /// The entry.
    decision_id: String,
    /// The version of the referral.
    version: i64,
    /// `decided`.
    state: &'static str,
    /// What happens next.
    outcome: Outcome,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    decided_at: Timestamp,
    /// The edition that it was decided under.
    edition: u32,
    /// The decision that it replaces; that one stays readable.
    supersedes: Option<String>,
    /// What becomes of the duty to act now.
    duty: &'static str,
    /// When the referrer must have been told; none when there is nobody to tell.
    #[schema(value_type = Option<String>, format = DateTime)]
    feedback_by: Option<Timestamp>,
}

/// Decides.
#[utoipa::path(post, path = "/api/intake/referrals/{id}/decisions", operation_id = "decide", tag = "referrals", request_body = NewDecision,
    params(("id" = String, Path, description = "The referral.")),
    responses((status = 201, description = "It is decided.", body = DecisionBody)))]
pub(crate) async fn decide(
    State(app): State<App>,
    Path(id): Path<ReferralId>,
    sent: Change<DutyDesk, NewDecision>,
) -> Result<Answered, Problem> {
    let reason = needed("/reason", &sent.body.reason)?;
    let prompt = sent.body.repeat_prompt.as_deref().map(|text| needed("/repeat_prompt", text)).transpose()?;
    let (loaded, _, acting_for) = look(&app, sent.by.person(), id, sent.now).await?;
    let edition = app.edition(sent.now);
    let children: Vec<String> = loaded.case()?.children().map(|child| child.to_string()).collect();
    let found = history::of(app.pool(), id, &children, (&edition, sent.now)).await.map_err(|error| away(&error))?;
    let key = app.key(&loaded.case()?.received.concern.key).await?;
    let seal = |field: &str, text: &str| key.seal(&place("referral.decided", field, &referral_stream(id)), text);
    let sealed = |error: vault::SealError| Problem::internal("vault", &error);
    let ask = Decide {
        by: sent.by.person().clone(),
        acting_for,
        entry: EntryId::from_uuid(app.parts.kit.ids.uuid()),
        outcome: sent.body.outcome,
        reason: seal("reason", reason).map_err(sealed)?,
        repeat_prompt: prompt.map(|text| seal("repeat_prompt", text)).transpose().map_err(sealed)?,
        contacts: found.facts,
        edition: edition.number,
        at: sent.now,
        feedback_by: edition.due(ClockName::FeedbackToReferrer, None, sent.now).at,
    };
    let body = serde_json::to_value(answer(&loaded, &ask)?).map_err(|error| Problem::internal("decision", &error))?;
    let command = Command::Referral(id, referral::Command::Decide(Box::new(ask)));
    let streams = loaded.streams.clone();
    let mut ask = request(streams, sent.context(None), command, (201, body, Some(referral_stream(id))));
    ask.receipt = Some(sent.receipt.clone());
    ask.expect = Some((referral_stream(id), sent.version));
    ask.describe = Some(Box::new(describe));
    let answered = command::run(&app.parts.kit.tasks, &app.store, ask).await?;
    if !answered.answer.replayed {
        metrics::counter!("intake_decisions_total", "outcome" => sent.body.outcome.code()).increment(1);
    }
    Ok(answered)
}

fn answer(loaded: &Loaded, ask: &Decide) -> Result<DecisionBody, Problem> {
    let anonymous = loaded.case()?.received.anonymous;
    Ok(DecisionBody {
        referral_id: loaded.id,
        decision_id: ask.entry.to_string(),
        version: 0, // the log fills it in
        state: "decided",
        outcome: ask.outcome,
        decided_at: ask.at,
        edition: ask.edition,
        supersedes: loaded.situation.referral.decision().map(|earlier| earlier.entry.to_string()),
        duty: ask.outcome.what_happens_to_the_duty(),
        feedback_by: (!anonymous).then_some(ask.feedback_by),
    })
}
