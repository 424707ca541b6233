//! `POST /api/intake/children/{id}/links`, `/unlinks` and `/birth`: a person says which records are one child. Nothing is merged.

use axum::extract::State;
use jiff::civil::Date;
use kernel::{ChildId, Person, ReferralId, Timestamp};
use serde::Deserialize;
use serde_json::json;
use service_kit::{Answered, Create, Problem, caller::DutyDesk, command, params::Path};
use utoipa::ToSchema;

use super::{additions::needed, show::look, words::date_in_london};
use crate::{
    app::{App, away, no_keys, request},
    child::ChildCommand,
    personal::{SaidBirth, place},
    referral::EntryId,
    rules::{Command, child_stream},
    views::identities::{self, Home},
};

/// Which record, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLink {
    /// The other record.
    #[schema(value_type = String)]
    other: ChildId,
    /// Why.
    #[schema(max_length = 10_000)]
    reason: String,
}

/// A birth.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBirth {
    /// The day of birth.
    #[schema(format = Date)]
    date_of_birth: String,
    /// Names, if there are any yet.
    #[serde(default)]
    names: Vec<String>,
}

/// A child's record after a command.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct ChildBody {
    /// The child.
    child_id: String,
    /// The version of the child's record.
    version: i64,
}

/// Says that two records are one child.
#[utoipa::path(post, path = "/api/intake/children/{id}/links", operation_id = "link", tag = "children", request_body = NewLink,
    params(("id" = String, Path, description = "The child.")),
    responses((status = 201, description = "They are linked; nothing is merged.", body = ChildBody)))]
pub(crate) async fn link(State(app): State<App>, Path(id): Path<ChildId>, sent: Create<DutyDesk, NewLink>) -> Result<Answered, Problem> {
    join(&app, id, sent, "child.linked", |by, other, reason| ChildCommand::Link { by, other, reason }).await
}

/// Says that two records are not one child.
#[utoipa::path(post, path = "/api/intake/children/{id}/unlinks", operation_id = "unlink", tag = "children", request_body = NewLink,
    params(("id" = String, Path, description = "The child.")),
    responses((status = 201, description = "They are no longer linked; that they were stays on the record.", body = ChildBody)))]
pub(crate) async fn unlink(State(app): State<App>, Path(id): Path<ChildId>, sent: Create<DutyDesk, NewLink>) -> Result<Answered, Problem> {
    join(&app, id, sent, "child.unlinked", |by, other, reason| ChildCommand::Unlink { by, other, reason }).await
}

async fn join(
    app: &App,
    id: ChildId,
    sent: Create<DutyDesk, NewLink>,
    kind: &str,
    make: impl FnOnce(Person, ChildId, kernel::Sealed) -> ChildCommand,
) -> Result<Answered, Problem> {
    let (other, reason) = (sent.body.other, needed("/reason", &sent.body.reason)?);
    record(app, id, sent.by.person(), sent.now).await?;
    let known = identities::record_of(app.pool(), other).await.map_err(|error| away(&error))?;
    known.ok_or_else(|| Problem::invalid_at("/other", "a child that the hub knows"))?;
    let key = app.vault().new_key(&format!("{}/link", child_stream(id)), &[id, other]).await.map_err(|error| no_keys(&error))?;
    // The reason is written at both ends of the link, so it is sealed for the pair.
    let reason = key.seal(&format!("{kind}/reason/{id}"), reason).map_err(|error| Problem::internal("vault", &error))?;
    let command = Command::Child(id, make(sent.by.person().clone(), other, reason));
    let streams = vec![child_stream(id), child_stream(other)];
    let mut ask = request(streams, sent.context(None), command, (201, json!({ "child_id": id }), Some(child_stream(id))));
    ask.receipt = Some(sent.receipt.clone());
    command::run(&app.parts.kit.tasks, &app.store, ask).await
}

/// Records a birth.
#[utoipa::path(post, path = "/api/intake/children/{id}/birth", operation_id = "birth", tag = "children", request_body = NewBirth,
    params(("id" = String, Path, description = "The child.")),
    responses((status = 201, description = "It is recorded; what was said before stays.", body = ChildBody)))]
pub(crate) async fn birth(State(app): State<App>, Path(id): Path<ChildId>, sent: Create<DutyDesk, NewBirth>) -> Result<Answered, Problem> {
    let birth = checked(&sent.body, date_in_london(sent.now))?;
    let home = record(&app, id, sent.by.person(), sent.now).await?;
    let stream = child_stream(id);
    let key = app.vault().new_key(&format!("{stream}/birth"), &[id]).await.map_err(|error| no_keys(&error))?;
    let sealed = key.seal(&place("child.born", "birth", &stream), &birth).map_err(|error| Problem::internal("vault", &error))?;
    let entry = EntryId::from_uuid(app.parts.kit.ids.uuid());
    let by = sent.by.person().clone();
    let command = Command::Child(id, ChildCommand::RecordBirth { by, entry, expected: home.unborn, birth: sealed });
    let mut ask = request(vec![stream.clone()], sent.context(None), command, (201, json!({ "child_id": id }), Some(stream)));
    ask.receipt = Some(sent.receipt.clone());
    command::run(&app.parts.kit.tasks, &app.store, ask).await
}

fn checked(sent: &NewBirth, today: Date) -> Result<SaidBirth, Problem> {
    let text = sent.date_of_birth.trim();
    if !text.parse::<Date>().is_ok_and(|day| day.to_string() == text && day <= today) {
        return Err(Problem::invalid_at("/date_of_birth", "a day that is not in the future, for instance 2027-01-20"));
    }
    if sent.names.len() > 20 || sent.names.iter().any(|name| name.chars().count() > 200) {
        return Err(Problem::invalid_at("/names", "at most 20 names of at most 200 characters"));
    }
    let names = sent.names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    Ok(SaidBirth { date_of_birth: text.to_owned(), names })
}

/// The record of a child that these people may see; 404 otherwise.
async fn record(app: &App, id: ChildId, by: &Person, now: Timestamp) -> Result<Home, Problem> {
    let home = identities::record_of(app.pool(), id).await.map_err(|error| away(&error))?.ok_or_else(Problem::not_found)?;
    let referral: ReferralId = home.referral.parse().map_err(|_| Problem::not_found())?;
    look(app, by, referral, now).await?;
    Ok(home)
}
