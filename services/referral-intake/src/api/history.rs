//! `GET /api/intake/referrals/{id}/history`: what must be seen before a decision. Opening it is recorded before anything is released.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use kernel::{Person, ReferralId, Sealed, Timestamp};
use serde::Serialize;
use service_kit::{As, Problem, Trace, command, params::Path};
use utoipa::ToSchema;

use super::show::{Looker, look};
use crate::{
    app::{App, Loaded, away, request},
    history::{self, Line},
    personal::{SaidReferrer, place},
    referral::{self, EntryId},
    rules::{Command, referral_stream},
};

/// Every earlier contact about the children of a referral, in every borough.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryBody {
    /// The referral.
    #[schema(value_type = String)]
    referral_id: ReferralId,
    /// One line for each, the newest last.
    contacts: Vec<ContactBody>,
    /// How many contacts about these children there were within the months that raise the prompt, this one included and possible ones
    /// left out.
    contacts_in_12_months: u32,
    /// Whether a decision needs a reason in `repeat_prompt`.
    repeat_prompt: bool,
    /// Since when contacts are shown, in months.
    months: u8,
}

/// One contact.
#[derive(Serialize, ToSchema)]
struct ContactBody {
    /// When it came in.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The borough that owns it.
    borough: String,
    /// Its reference.
    reference: String,
    /// The referral.
    referral_id: String,
    /// The children who are, or may be, these, as that referral named them.
    children: Vec<String>,
    /// Who raised it, by role; the organisation where the role is not known.
    who: String,
    /// The organisation that sent it.
    from: String,
    /// Whether anyone was in danger.
    danger_now: String,
    /// What was decided, or `undecided`.
    outcome: String,
    /// Whether the referrer took it back.
    withdrawn: bool,
    /// Whether it only may be about the same child.
    possible: bool,
    /// Why it may be.
    why: Vec<String>,
}

/// Opens the history.
#[utoipa::path(get, path = "/api/intake/referrals/{id}/history", operation_id = "history", tag = "referrals",
    params(("id" = String, Path, description = "The referral.")),
    responses((status = 200, description = "Every earlier contact. That you opened it is on the record.", body = HistoryBody)))]
pub(crate) async fn open(State(app): State<App>, by: As<Looker>, trace: Trace, Path(id): Path<ReferralId>) -> Result<Response, Problem> {
    let now = app.now();
    let (loaded, reach, _) = look(&app, by.person(), id, now).await?;
    if !reach.sees_notes() {
        return Err(Problem::not_found());
    }
    let children: Vec<String> = loaded.case()?.children().map(|child| child.to_string()).collect();
    let edition = app.edition(now);
    let found = history::of(app.pool(), id, &children, (&edition, now)).await.map_err(|error| away(&error))?;
    record(&app, by.person(), &loaded, (&found, trace, now, edition.number)).await?;
    let who = opened_roles(&app, &found.lines).await?;
    let body = HistoryBody {
        referral_id: id,
        contacts: found.lines.iter().zip(who).map(|(line, who)| ContactBody::of(line, who)).collect(),
        contacts_in_12_months: found.facts.lately,
        repeat_prompt: found.facts.lately >= found.facts.prompt_from,
        months: edition.prompts.history_months,
    };
    Ok(Json(body).into_response())
}

async fn record(
    app: &App,
    by: &Person,
    loaded: &Loaded,
    (found, trace, now, edition): (&history::History, Trace, Timestamp, u32),
) -> Result<(), Problem> {
    let command = referral::Command::OpenHistory {
        by: by.clone(),
        entry: EntryId::from_uuid(app.parts.kit.ids.uuid()),
        contacts: found.facts.clone(),
        edition,
    };
    let context =
        event_store::Context { actor: by.actor().clone(), occurred_at: None, recorded_at: now, correlation: trace.id(), causation: None };
    let command = Command::Referral(loaded.id, command);
    let ask = request(loaded.streams.clone(), context, command, (200, serde_json::Value::Null, None));
    command::run(&app.parts.kit.tasks, &app.store, ask).await.map(drop)
}

/// Who raised each contact, by role. It was sealed; where it was erased, that is said.
async fn opened_roles(app: &App, lines: &[Line]) -> Result<Vec<String>, Problem> {
    let sealed: Vec<Option<Sealed>> =
        lines.iter().map(|line| line.contact.referrer.as_deref().and_then(|json| serde_json::from_str(json).ok())).collect();
    let keys = app.keys_for(&sealed.iter().flatten().collect::<Vec<_>>()).await?;
    let role = |line: &Line, sealed: &Option<Sealed>| {
        let Some(sealed) = sealed else { return "a member of the public".to_owned() };
        let stream = line.contact.referral.parse().map(referral_stream);
        let opened = stream.ok().map(|stream| keys.open::<SaidReferrer>(&place("referral.received", "referrer", &stream), sealed));
        match opened {
            Some(Ok(referrer)) => referrer.into_exposed().role.unwrap_or_else(|| "role not known".to_owned()),
            Some(Err(vault::OpenError::Erased)) => "erased".to_owned(),
            Some(Err(_)) | None => "cannot be read".to_owned(),
        }
    };
    Ok(lines.iter().zip(&sealed).map(|(line, sealed)| role(line, sealed)).collect())
}

impl ContactBody {
    fn of(line: &Line, who: String) -> Self {
        let contact = line.contact.clone();
        Self {
            received_at: contact.received_at,
            borough: contact.owner,
            reference: contact.reference,
            referral_id: contact.referral,
            children: line.children.clone(),
            who,
            from: contact.from_org,
            danger_now: contact.danger,
            outcome: contact.outcome.unwrap_or_else(|| "undecided".to_owned()),
            withdrawn: contact.withdrawn,
            possible: line.possible.is_some(),
            why: line.possible.as_ref().map(|possible| possible.why.clone()).unwrap_or_default(),
        }
    }
}
