//! How the form is used: told by the page that shows it, and reported by field. Never by person.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use event_store::Context;
use kernel::{Actor, Timestamp, calendar::monday};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Answered, Caller, Create, Fault, Problem, Query, Trace};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{told::Told, writing::Consulted};
use crate::{
    app::{App, away},
    form_use::{Place, SittingEvent},
    rules::Command,
    views::form_use,
};

/// The longest sitting that is taken, in seconds: a day.
const LONGEST: u32 = 86_400;

/// The name under which all sittings are kept: no person's.
const NOBODY: &str = "hub:form";

/// A sitting before the form. Nothing of who sat there is kept: not the person, not the trace, not the key's owner.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSitting {
    /// Its number, drawn by the page, so that its beginning and its end are told as one. It is nobody's.
    #[schema(value_type = String, format = "uuid")]
    sitting_id: Uuid,
    /// How long it took, in seconds, at most a day; 0 where it has only begun.
    #[serde(default)]
    seconds: u32,
    /// How long each field took that was looked at, in seconds, by the field's name.
    #[serde(default)]
    fields: BTreeMap<String, u32>,
    /// Whether the form was sent, or given up; absent when it has only begun.
    sent: Option<bool>,
}

/// In which weeks.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// From this Monday, 00:00 in London.
    #[param(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Until before this Monday, 00:00 in London, which has begun.
    #[param(value_type = String, format = DateTime)]
    to: Timestamp,
}

/// Tells of a sitting before the form: that it has begun, and once more how it ended.
#[utoipa::path(post, path = "/api/procedures/forms/referral/sittings", operation_id = "tell_sitting", request_body = NewSitting,
    responses((status = 201, body = serde_json::Value)))]
pub(crate) async fn tell_sitting(State(app): State<App>, create: Create<Consulted, NewSitting>) -> Result<Answered, Problem> {
    let NewSitting { sitting_id, seconds, fields, sent } = &create.body;
    let (known, document) = app.in_force(create.now).await?;
    let form = app.edition(&known, &document)?.form;
    if *seconds > LONGEST {
        return Err(Problem::invalid_at("/seconds", "a whole number from 0 to 86400"));
    }
    // A name that is no field's may be anything, so it is not quoted.
    if fields.iter().any(|(name, spent)| *spent > *seconds || !form.iter().any(|field| field.name == *name)) {
        return Err(Problem::invalid_at("/fields", "fields of the form in force, none longer than the whole sitting"));
    }
    let (edition, from, at) = (known.number, Place::of(&create.by.caller.org), create.now);
    let event = match *sent {
        Some(sent) => SittingEvent::Sat { edition, from, seconds: *seconds, fields: fields.clone(), sent, at },
        None if *seconds > 0 || !fields.is_empty() => {
            return Err(Problem::invalid_at("/sent", "true or false, where the sitting took time"));
        }
        None => SittingEvent::Begun { edition, from, at },
    };
    let correlation = Trace::new(&app.kit.ids).id();
    let context = Context { actor: Actor::hub("form"), occurred_at: None, recorded_at: create.now, correlation, causation: None };
    let told = Told::new(&create, Command::Sitting(*sitting_id, event)).by_nobody(context, NOBODY);
    app.tell(told, None, |_| json!({ "told": true })).await
}

/// How often each field was filled and read before a decision, and how long it took: over whole weeks in London that are over.
///
/// Weeks with fewer than five referrals are not in the counts, and weeks with fewer than five sittings not in the times; of a field, weeks
/// in which fewer than five forms have it. A figure with nothing under it is absent, and its row says `too_few`; so nobody's form can be
/// seen in a report or in the difference of two.
#[utoipa::path(get, path = "/api/procedures/forms/referral/report", operation_id = "show_form_report", params(Wanted),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_form_report(
    State(app): State<App>,
    _: Caller,
    Query(Wanted { from, to }): Query<Wanted>,
) -> Result<Json<Value>, Problem> {
    if to <= from || from < service_kit::clock::EARLIEST {
        return Err(Problem::invalid(vec![Fault::in_parameter("to", "an instant after `from`")]));
    }
    let faults: Vec<Fault> = [("from", from), ("to", to)].into_iter().filter_map(|(name, at)| no_monday(name, at, app.now())).collect();
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let mut snapshot = app.pool().begin().await.map_err(away)?;
    sqlx::query("set transaction isolation level repeatable read read only").execute(&mut *snapshot).await.map_err(away)?;
    let report = form_use::report(&mut snapshot, (from, to)).await.map_err(away)?;
    snapshot.rollback().await.map_err(away)?;
    Ok(Json(json!({ "form": "referral", "from": from, "to": to, "report": report })))
}

/// What is wrong with an end of the time that is counted.
fn no_monday(name: &'static str, at: Timestamp, now: Timestamp) -> Option<Fault> {
    let (before, after, last) = (monday(at, 0), monday(at, 1), monday(now, 0));
    if at > last {
        return Some(Fault::in_parameter(name, format!("a week that is over: {last} at the latest")));
    }
    let nearest = format!("a Monday at 00:00 in London, since only whole weeks are counted: {before} or {after}");
    (before != at).then(|| Fault::in_parameter(name, nearest))
}
