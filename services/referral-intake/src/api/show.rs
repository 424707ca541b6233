//! `GET /api/intake/referrals/{id}`: the record, as far as the caller may see it. Each look is on the record before anything is released.

mod render;

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{Borough, ChildId, Person, ReferralId, Role, Timestamp};
use serde::Serialize;
use serde_json::Value;
use service_kit::{
    As, Authority, Problem, Trace,
    access::{Purpose, Thing, Who},
    command,
    look::{Glass, Tie, Under, glass_of, under},
    params::Path,
};

use self::render::{ReferralBody, render};
use crate::{
    api::words::HolderDesk,
    app::{App, Loaded, away, request},
    child::Child,
    matching::{Namesake, namesake},
    referral::{self, Case, EntryId, Reach},
    rules::Command,
    service::NAME,
    views::{circumstances, desks},
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
    let (reach, _) = reach
        .filter(|_| by.actor().role != Role::BoardAuditor)
        .filter(|_| permitted(app, by, &acting_for, (&loaded, Purpose::Work)))
        .ok_or_else(|| Problem::not_found().because("no_relationship"))?;
    Ok((loaded, reach, acting_for))
}

/// Asks the policy, by how organisations stand to the referral.
fn permitted(app: &App, by: &Person, acting_for: &BTreeSet<Borough>, (loaded, purpose): (&Loaded, Purpose)) -> bool {
    let Ok(case) = loaded.case() else { return false };
    let who = Who::from(by.actor()).acting_for(acting_for);
    app.parts.kit.access.permits(NAME, &who, ("see referral", purpose), &relations(case, &loaded.situation.children))
}

/// The facts that the policy goes by.
fn relations(case: &Case, children: &BTreeMap<ChildId, Child>) -> Thing {
    let codes = |boroughs: &mut dyn Iterator<Item = &Borough>| boroughs.map(ToString::to_string).collect::<BTreeSet<_>>();
    let named = || case.children().filter_map(|child| children.get(&child));
    let owner = &case.received.owner.borough;
    let kept = case.answering(children).contains(owner).then_some(owner);
    let relations = vec![
        ("answers", codes(&mut kept.into_iter().chain(named().flat_map(Child::deciders)))),
        ("homes", codes(&mut case.received.home_boroughs())),
        ("shared", codes(&mut named().flat_map(|child| &child.shared_with))),
        ("raised_by", BTreeSet::from([case.received.from.to_string()])),
    ];
    Thing { kind: "Referral", relations }
}

/// The referral for somebody who only reads: under a break-glass for one of its children too, as a borough that shares in it. That their
/// borough raised the concern, and sees a part of it, does not stand in the way of that.
pub(super) async fn look_at(app: &App, by: &Person, id: ReferralId, now: Timestamp) -> Result<Looked, Problem> {
    let own = look(app, by, id, now).await.map(|(loaded, reach, acting_for)| Looked { loaded, reach, acting_for, glass: None });
    if own.as_ref().is_ok_and(|own| own.reach.sees_notes()) || !works_with_cases(by) {
        return own;
    }
    let Some(loaded) = app.load(id).await? else { return own };
    let glass = glass_of(&app.parts.looks, &by.actor().id, loaded.case()?.children(), now).await?;
    match glass.filter(|_| permitted(app, by, &BTreeSet::new(), (&loaded, Purpose::BreakGlass))) {
        Some(glass) => Ok(Looked { loaded, reach: Reach::Shared, acting_for: BTreeSet::new(), glass: Some(glass) }),
        None => own,
    }
}

/// A referral, and as whom it is read.
pub(super) struct Looked {
    pub(super) loaded: Loaded,
    pub(super) reach: Reach,
    acting_for: BTreeSet<Borough>,
    /// Where they may read it for no other reason.
    pub(super) glass: Option<Glass>,
}

impl Looked {
    /// The answer as it is shown: under a break-glass without any other child, and where one of them is shielded without an address, but
    /// for a duty desk that answers for the children.
    pub(super) async fn shown(&self, app: &App, by: &Person, body: impl Serialize) -> Result<Value, Problem> {
        let mut body = serde_json::to_value(body).map_err(|error| Problem::internal("show", &error))?;
        self.glass.iter().for_each(|glass| glass.only_its_child(&mut body));
        if self.glass.is_none() && self.reach.decides() && works_with_cases(by) {
            return Ok(body);
        }
        // Brothers and sisters mostly live at one address.
        let children: Vec<String> = self.loaded.case()?.children().map(|child| child.to_string()).collect();
        let shielded = circumstances::shielded(app.pool(), &children).await.map_err(|error| away(&error))?;
        if !shielded.is_empty() {
            without_addresses(&mut body);
            body["shielded"] = true.into();
        }
        Ok(body)
    }

    /// What the look has to do with a break-glass, for the record.
    pub(super) fn under(&self) -> Option<Under> {
        self.glass.as_ref().map(|glass| Under::Looking(glass.id))
    }
}

/// Takes away where somebody is, and leaves in which borough.
fn without_addresses(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(without_addresses),
        Value::Object(members) => {
            // A correction says in words what it corrects.
            if members.get("field").is_some_and(|field| field == "home" || field == "child_is_now") {
                members.insert("text".to_owned(), Value::Null);
            }
            for (name, member) in members {
                if ["address", "postcode"].contains(&name.as_str()) {
                    *member = Value::Null;
                } else {
                    without_addresses(member);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
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
    let looked = look_at(&app, by.person(), id, now).await?;
    let loaded = &looked.loaded;
    // That a desk has seen a referral means something to its clocks. A look under a break-glass does not.
    if looked.glass.is_none() {
        record(&app, by.person(), &looked, trace).await?;
    }
    let owner = &loaded.case()?.received.owner.borough;
    let desk = desks::desk_of(app.pool(), owner).await.map_err(|error| away(&error))?;
    let shift = desk.as_ref().map(|desk| desk.shift(now, app.calendar(now).as_deref()));
    let sealed: Vec<&kernel::Sealed> = loaded.events.iter().flat_map(|recorded| recorded.event.sealed()).collect();
    let keys = app.keys_for(&sealed).await?;
    let mut body = render(loaded, looked.reach, desk.as_ref().zip(shift), (&keys, &app.parts.editions.editions(), now))?;
    body.holds_now = holders(&app, loaded, now).await?;
    let etag = command::etag(loaded.version());
    let body = looked.shown(&app, by.person(), body).await?;
    let tie = tie(&by.caller.name, &body);
    let mut response = ([(header::ETAG, etag)], Json(body)).into_response();
    if let Some(tie) = tie {
        response.extensions_mut().insert(tie);
    }
    Ok(under(response, looked.under()))
}

/// What somebody of this name seems to have to do with the children that they are shown: for the record of the look alone.
fn tie(viewer: &str, body: &Value) -> Option<Tie> {
    let names = body["children"].as_array()?.iter().filter_map(|child| child["names"].as_array()).flatten().filter_map(Value::as_str);
    let nearest = names.filter_map(|name| namesake(viewer, name)).max()?;
    Some(match nearest {
        Namesake::Whole => Tie::OwnName,
        Namesake::Surname => Tie::SameSurname,
    })
}

async fn record(app: &App, by: &Person, looked: &Looked, trace: Trace) -> Result<(), Problem> {
    let (loaded, recorded_at) = (&looked.loaded, app.now());
    let context =
        event_store::Context { actor: by.actor().clone(), occurred_at: None, recorded_at, correlation: trace.id(), causation: None };
    let entry = EntryId::from_uuid(app.parts.kit.ids.uuid());
    let view = referral::Command::View { by: by.clone(), acting_for: looked.acting_for.clone(), entry };
    let ask = request(loaded.streams.clone(), context, Command::Referral(loaded.id, view), (200, Value::Null, None));
    command::run(&app.parts.kit.tasks, &app.store, ask).await.map(drop)
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
