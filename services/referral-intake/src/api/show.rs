//! `GET /api/intake/referrals/{id}`: the record, as far as the caller may see it. Each look is on the record before anything is released.

mod render;

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{Borough, Person, ReferralId, Role, Timestamp};
use service_kit::{As, Authority, Problem, Trace, command, params::Path};

use self::render::{ReferralBody, render};
use crate::{
    api::words::HolderDesk,
    app::{App, Loaded, away, request},
    referral::{self, EntryId, Reach},
    rules::Command,
    views::desks,
};

/// People who may ask. Whether they see anything depends on where they stand; an auditor stands nowhere near a case's content.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Looker {}

impl Authority for Looker {
    type Who = Person;
    const ROLES: &'static [Role] =
        &[Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director, Role::Referrer, Role::BoardAuditor];
}

/// Finds a referral that these people may see; 404 for everybody else, because that it exists is secret.
pub(crate) async fn look(app: &App, by: &Person, id: ReferralId, now: Timestamp) -> Result<(Loaded, Reach, BTreeSet<Borough>), Problem> {
    let acting_for = app.acting_for(&by.actor().org, now).await?;
    let acting_for = if works_with_cases(by) { acting_for } else { BTreeSet::new() };
    let loaded = app.load(id).await?.ok_or_else(Problem::not_found)?;
    let reach = Reach::of(loaded.case()?, &loaded.situation.children, &by.actor().org, &acting_for);
    let (reach, _) =
        reach.filter(|_| by.actor().role != Role::BoardAuditor).ok_or_else(|| Problem::not_found().because("no_relationship"))?;
    Ok((loaded, reach, acting_for))
}

/// Whether a person works on a duty desk. A referrer of the same organisation sees what a referrer sees.
pub(crate) fn works_with_cases(by: &Person) -> bool {
    matches!(by.actor().role, Role::DutyWorker | Role::DutyManager | Role::HeadOfService | Role::Director)
}

/// Shows a referral.
#[utoipa::path(get, path = "/api/intake/referrals/{id}", operation_id = "show", tag = "referrals",
    params(("id" = String, Path, description = "The referral.")),
    responses((status = 200, description = "The record, as far as you may see it.", body = ReferralBody)))]
pub(crate) async fn show(State(app): State<App>, by: As<Looker>, trace: Trace, Path(id): Path<ReferralId>) -> Result<Response, Problem> {
    let now = app.now();
    let (loaded, reach, acting_for) = look(&app, by.person(), id, now).await?;
    let context =
        event_store::Context { actor: by.actor().clone(), occurred_at: None, recorded_at: now, correlation: trace.id(), causation: None };
    let entry = EntryId::from_uuid(app.parts.kit.ids.uuid());
    let view = Command::Referral(id, referral::Command::View { by: by.person().clone(), acting_for, entry });
    let ask = request(loaded.streams.clone(), context, view, (200, serde_json::Value::Null, None));
    command::run(&app.parts.kit.tasks, &app.store, ask).await?;
    let owner = &loaded.case()?.received.owner.borough;
    let desk = desks::desk_of(app.pool(), owner).await.map_err(|error| away(&error))?;
    let shift = desk.as_ref().map(|desk| desk.shift(now, app.calendar(now).as_deref()));
    let sealed: Vec<&kernel::Sealed> = loaded.events.iter().flat_map(|recorded| recorded.event.sealed()).collect();
    let keys = app.keys_for(&sealed).await?;
    let mut body = render(&loaded, reach, desk.as_ref().zip(shift), (&keys, &app.parts.editions.editions(), now))?;
    body.holds_now = holders(&app, &loaded, now).await?;
    let etag = command::etag(loaded.version());
    Ok(([(header::ETAG, etag)], Json(body)).into_response())
}

/// The boroughs that answer for the children now, each with the telephone to ring.
async fn holders(app: &App, loaded: &Loaded, now: Timestamp) -> Result<Vec<HolderDesk>, Problem> {
    let mut holders = Vec::new();
    for borough in loaded.case()?.holds_now(&loaded.situation.children) {
        let desk = desks::desk_of(app.pool(), &borough).await.map_err(|error| away(&error))?;
        let shift = desk.as_ref().map(|desk| desk.shift(now, app.calendar(now).as_deref()));
        holders.push(HolderDesk::of(borough, desk.as_ref().zip(shift)));
    }
    Ok(holders)
}
