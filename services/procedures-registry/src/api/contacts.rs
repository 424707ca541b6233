//! Whom to ring in a borough now: procedures name posts, and a post is resolved for the borough of the reader or the one asked for.

use axum::{Json, extract::State};
use kernel::{Borough, Directory, Org, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Caller, Fault, Problem, Query};
use utoipa::IntoParams;

use crate::{
    app::{App, away},
    desk::Desk,
    document::Contact,
    views::desks,
};

/// The number where nothing is recorded, or the desk does not answer, and a child is in danger.
const EMERGENCY: &str = "999";

/// Every post that a procedure can name.
const ALL: [Contact; 5] = [Contact::DutyDesk, Contact::DutyManager, Contact::HeadOfService, Contact::Director, Contact::Board];

/// Which borough.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct In {
    /// The GSS code of a borough, or `own`; the caller's own if nothing is said.
    #[param(value_type = Option<String>)]
    borough: Option<Whose>,
}

/// The borough that somebody asks for.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Whose {
    /// That of the caller: the borough itself, or the one in which the hospital stands.
    Own,
    /// This one.
    Of(Borough),
}

impl TryFrom<String> for Whose {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "own" { Ok(Self::Own) } else { text.parse().map(Self::Of).map_err(|_| "the GSS code of a borough, or own") }
    }
}

/// Whom to ring in a borough now, for every post that a procedure can name.
#[utoipa::path(get, path = "/api/procedures/contacts", operation_id = "show_contacts", params(In),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_contacts(
    State(app): State<App>,
    caller: Caller,
    Query(In { borough }): Query<In>,
) -> Result<Json<Value>, Problem> {
    resolve(&app, &caller, &borough.unwrap_or(Whose::Own), &ALL).await.map(Json)
}

/// The borough, its desk as it stands now, and whom to ring for each of some posts.
pub(super) async fn resolve(app: &App, caller: &Caller, whose: &Whose, contacts: &[Contact]) -> Result<Value, Problem> {
    let directory = Directory::get();
    let code = match (whose, &caller.org) {
        (Whose::Of(code), _) | (Whose::Own, Org::Borough(code)) => Some(code),
        (Whose::Own, Org::Site(site)) => directory.site(site).map(|site| &site.borough),
        (Whose::Own, Org::Board | Org::Hub) => None,
    };
    let entry = code.and_then(|code| directory.borough(code));
    let entry = entry.ok_or_else(|| Problem::invalid(vec![Fault::in_parameter("borough", "the GSS code of a borough")]))?;
    let (desk, now) = (desks::of(app.pool(), &entry.code).await.map_err(away)?, app.now());
    let resolved: Value = contacts.iter().map(|contact| resolved(*contact, desk.as_ref(), &entry.name, now)).collect();
    Ok(json!({
        "borough": { "code": entry.code, "name": entry.name },
        "desk": desk.map(|desk| shown(&desk, now)),
        "emergency": EMERGENCY,
        "contacts": resolved,
    }))
}

fn shown(desk: &Desk, now: Timestamp) -> Value {
    json!({
        "on_shift": on_shift(desk, now),
        "phone_now": desk.phone_now(now),
        "day_phone": desk.day_phone,
        "night_phone": desk.night_phone,
        "hours": desk.hours,
        "closed_on": desk.closed_on,
        "covered_by": covered_by(desk, now),
    })
}

fn on_shift(desk: &Desk, now: Timestamp) -> &'static str {
    if desk.is_open(now) { "MASH" } else { "EDT" }
}

fn covered_by(desk: &Desk, now: Timestamp) -> Option<&Borough> {
    desk.covered_by.as_ref().filter(|_| !desk.is_open(now))
}

/// Whom to ring for a post. A borough tells the telephones of its desk alone: the others are asked for there. What nobody has told
/// is said, with what to do instead.
fn resolved(contact: Contact, desk: Option<&Desk>, borough: &str, now: Timestamp) -> Value {
    let ask_for = match contact {
        Contact::DutyDesk => None,
        Contact::DutyManager => Some("the duty manager"),
        Contact::HeadOfService => Some("the head of service on call"),
        Contact::Director => Some("the director on call"),
        Contact::Board => Some("the safeguarding board"),
    };
    let desk = desk.filter(|_| contact != Contact::Board);
    let not_recorded = match (contact, desk) {
        (Contact::Board, _) => Some("not recorded: write to the safeguarding board; it is not a number for the night".to_owned()),
        (Contact::DutyDesk | Contact::DutyManager | Contact::HeadOfService | Contact::Director, None) => Some(format!(
            "not recorded: ring the switchboard of {borough} and ask for children's social care; {EMERGENCY} if a child is in danger now"
        )),
        (Contact::DutyDesk | Contact::DutyManager | Contact::HeadOfService | Contact::Director, Some(_)) => None,
    };
    json!({
        "contact": contact,
        "desk": desk.map(|desk| on_shift(desk, now)),
        "phone_now": desk.map(|desk| desk.phone_now(now)),
        "ask_for": ask_for,
        "covered_by": desk.and_then(|desk| covered_by(desk, now)),
        "not_recorded": not_recorded,
    })
}
