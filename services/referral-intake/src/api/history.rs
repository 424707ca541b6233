//! `GET /api/intake/referrals/{id}/history`: what must be seen before a decision. Opening it is recorded before anything is released.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use kernel::{Borough, Org, Person, ReferralId, Sealed, Timestamp};
use serde::Serialize;
use service_kit::{As, Problem, Trace, command, look::under, params::Path};
use utoipa::ToSchema;

use super::{
    show::{Looker, look_at},
    words::HolderDesk,
};
use crate::{
    app::{App, Loaded, away, request},
    history::{self, Line},
    personal::{SaidReferrer, place},
    referral::{self, EntryId},
    rules::{Command, referral_stream},
    views::{circumstances::Power, contacts::Contact, desks},
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
    /// Whether only dates and codes are shown, as to whoever raised the concern.
    lines_only: bool,
    /// Where only dates and codes are shown: whom to ring about contacts of a child who is shielded. Nothing else of these is told.
    ring: Vec<HolderDesk>,
}

/// One contact. Whoever raised the concern sees dates and codes: no reference, no record and no word of the other referral.
#[derive(Serialize, ToSchema)]
struct ContactBody {
    /// When it came in.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The borough that owns it.
    borough: String,
    /// The organisation that sent it.
    from: String,
    /// From which kind of professional: `hospital`, `borough`, `member_of_the_public` or `other`.
    raised_by: &'static str,
    /// Whether anyone was in danger.
    danger_now: String,
    /// What was decided, or `undecided`.
    outcome: String,
    /// Whether the referrer took it back.
    withdrawn: bool,
    /// The legal powers that were recorded for the child of that contact, each with its start and end.
    powers: Vec<Power>,
    /// Whether it only may be about the same child.
    possible: bool,
    /// Why it may be.
    why: Vec<String>,
    #[serde(flatten)]
    record: Option<RecordBody>,
}

/// What of a contact the boroughs see beside its line.
#[derive(Serialize, ToSchema)]
struct RecordBody {
    /// Its reference.
    reference: String,
    /// The referral.
    referral_id: String,
    /// The children who are, or may be, these, as that referral named them.
    children: Vec<String>,
    /// Who raised it, by role; the organisation where the role is not known.
    who: String,
    /// Other referrals about the same that a person has joined to it.
    joined: Vec<String>,
}

/// Opens the history.
#[utoipa::path(get, path = "/api/intake/referrals/{id}/history", operation_id = "history", tag = "referrals",
    params(("id" = String, Path, description = "The referral.")),
    responses((status = 200, description = "Every earlier contact. That you opened it is on the record.", body = HistoryBody)))]
pub(crate) async fn open(State(app): State<App>, by: As<Looker>, trace: Trace, Path(id): Path<ReferralId>) -> Result<Response, Problem> {
    let now = app.now();
    let looked = look_at(&app, by.person(), id, now).await?;
    let (loaded, reach) = (&looked.loaded, looked.reach);
    let case = loaded.case()?;
    // Whoever raised a concern sees what happened to the child before, as dates and codes. A call of the public opens nothing.
    let lines_only = !reach.sees_notes();
    if lines_only && case.received.anonymous {
        return Err(Problem::not_found());
    }
    let own = looked.glass.as_ref().map(|glass| glass.child);
    let children: Vec<String> =
        case.children().filter(|child| own.is_none_or(|own| own == *child)).map(|child| child.to_string()).collect();
    let edition = app.edition(now);
    let found = history::of(app.pool(), id, &children, (&edition, now)).await.map_err(|error| away(&error))?;
    // That it was opened lets a person decide; a look under a break-glass does not.
    if looked.glass.is_none() {
        record(&app, by.person(), loaded, (&found, lines_only, trace, (now, edition.number))).await?;
    }
    let (contacts, ring) = if lines_only { lines(&app, &found.lines, now).await? } else { (whole(&app, &found.lines).await?, Vec::new()) };
    let body = HistoryBody {
        referral_id: id,
        contacts,
        contacts_in_12_months: found.facts.lately,
        repeat_prompt: found.facts.lately >= found.facts.prompt_from,
        months: edition.prompts.history_months,
        lines_only,
        ring,
    };
    // The records that may be the same child stay: they are what the history is for.
    Ok(under(Json(body).into_response(), looked.under()))
}

/// Lines as the boroughs see them.
async fn whole(app: &App, lines: &[Line]) -> Result<Vec<ContactBody>, Problem> {
    let who = opened_roles(app, lines).await?;
    let body = |(line, who): (&Line, String)| {
        let record = RecordBody {
            reference: line.contact.reference.clone(),
            referral_id: line.contact.referral.clone(),
            children: line.children.clone(),
            who,
            joined: line.joined.clone(),
        };
        ContactBody { record: Some(record), ..ContactBody::of(line) }
    };
    Ok(lines.iter().zip(who).map(body).collect())
}

/// Lines as whoever raised the concern sees them. Of a shielded child they are told whom to ring, and nothing else.
async fn lines(app: &App, lines: &[Line], now: Timestamp) -> Result<(Vec<ContactBody>, Vec<HolderDesk>), Problem> {
    let mut ring = Vec::new();
    let boroughs: BTreeSet<&str> = lines.iter().filter(|line| line.shielded).map(|line| line.contact.owner.as_str()).collect();
    for borough in boroughs {
        let borough: Borough = borough.parse().map_err(|error| Problem::internal("history", &error))?;
        let desk = desks::desk_of(app.pool(), &borough).await.map_err(|error| away(&error))?;
        let shift = desk.as_ref().map(|desk| desk.shift(now, app.calendar(now).as_deref()));
        ring.push(HolderDesk::of(borough, desk.as_ref().zip(shift)));
    }
    Ok((lines.iter().filter(|line| !line.shielded).map(ContactBody::of).collect(), ring))
}

async fn record(
    app: &App,
    by: &Person,
    loaded: &Loaded,
    (found, lines_only, trace, (now, edition)): (&history::History, bool, Trace, (Timestamp, u32)),
) -> Result<(), Problem> {
    let command = referral::Command::OpenHistory {
        by: by.clone(),
        entry: EntryId::from_uuid(app.parts.kit.ids.uuid()),
        contacts: found.facts.clone(),
        lines_only,
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
    fn of(line: &Line) -> Self {
        let contact = line.contact.clone();
        Self {
            received_at: contact.received_at,
            raised_by: raised_by(&contact),
            borough: contact.owner,
            from: contact.from_org,
            danger_now: contact.danger,
            outcome: contact.outcome.unwrap_or_else(|| "undecided".to_owned()),
            withdrawn: contact.withdrawn,
            powers: line.powers.clone(),
            possible: line.possible.is_some(),
            why: line.possible.as_ref().map(|possible| possible.why.clone()).unwrap_or_default(),
            record: None,
        }
    }
}

/// From which kind of professional a contact came, by the organisation that sent it. The role that was written down is sealed.
fn raised_by(contact: &Contact) -> &'static str {
    if contact.referrer.is_none() {
        return "member_of_the_public";
    }
    match contact.from_org.parse::<Org>() {
        Ok(Org::Site(_)) => "hospital",
        Ok(Org::Borough(_)) => "borough",
        Ok(Org::Board | Org::Hub) | Err(_) => "other",
    }
}
