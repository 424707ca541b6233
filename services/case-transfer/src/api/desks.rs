//! The duty desks: hours, telephones, rota by level.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use event_store::Context;
use jiff::{
    ToSpan as _,
    civil::{Date, Time},
};
use kernel::{Borough, Org, Timestamp, directory::Directory};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use service_kit::{Answered, Caller, Path, Problem, caller::Managers, problem::types};
use utoipa::ToSchema;

use super::{ask::tag, replace::Replace};
use crate::{
    app::{App, away, name_of},
    clocks::When,
    desk::{Desk, OnCall, Open, Shift, Week, local},
    rules::{Command, Scope, What, desk_stream},
    shown::object,
    views::desks::{self, Known},
    write::{Order, References, Sent},
};

/// The calendar by which desks keep their holidays.
const CALENDAR: &str = "england-and-wales";

/// For how many days ahead the bank holidays of the calendar are filled in.
const AHEAD_DAYS: i64 = 800;

/// A borough's duty desk. It is always set as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDesk {
    /// Opening hours in London time; a day without hours is closed.
    hours: Vec<Hours>,
    /// Days on which the desk is closed although the hours say open: the bank holidays of the calendar, if nothing is said.
    #[schema(value_type = Option<Vec<String>>)]
    closed_on: Option<BTreeSet<Date>>,
    /// The telephones of the day team and of the night.
    phones: Phones,
    /// The borough whose emergency duty team acts out of hours, if it is another one. The duty stays with the covered borough.
    #[schema(value_type = Option<String>)]
    covered_by: Option<Borough>,
    /// Who is on call, by level.
    #[serde(default)]
    rota: Vec<Turn>,
}

/// The hours of one day of the week.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hours {
    /// 1 is Monday.
    weekday: u8,
    /// `09:00`.
    #[schema(value_type = String)]
    from: Time,
    /// `17:00`.
    #[schema(value_type = String)]
    to: Time,
}

/// Two telephones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phones {
    /// In office hours.
    day: String,
    /// Out of hours.
    night: String,
}

/// One turn of one person in the rota.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Turn {
    /// The level of the escalation ladder.
    level: u8,
    /// The name to ask for.
    name: String,
    /// The telephone to ring.
    phone: String,
    /// When the turn begins.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// When the turn is over.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
}

/// Every desk, with the number to ring now.
#[utoipa::path(get, path = "/api/transfers/desks", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_desks(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Problem> {
    let known = desks::all(app.pool()).await.map_err(away)?;
    let now = app.kit.clock.now();
    let items: Vec<Value> = known.iter().map(|known| shown(known, &caller, now).into()).collect();
    Ok(Json(json!({ "items": items })))
}

/// One desk. The rota's names are shown to boroughs; everybody else gets the telephones.
#[utoipa::path(get, path = "/api/transfers/desks/{borough}", params(("borough" = String, Path)),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_desk(State(app): State<App>, Path(borough): Path<Borough>, caller: Caller) -> Result<Response, Problem> {
    let known = desks::of(app.pool(), [&borough]).await.map_err(away)?.into_iter().next().ok_or_else(Problem::not_found)?;
    let now = app.kit.clock.now();
    Ok((tag(known.version), Json(Value::from(shown(&known, &caller, now)))).into_response())
}

fn shown(known: &Known, caller: &Caller, now: Timestamp) -> Map<String, Value> {
    let desk = &known.desk;
    let mut shown = object(json!({
        "borough": known.borough,
        "name": name_of(&known.borough),
        "version": known.version,
        "on_shift": desk.on_shift(now),
        "desk": desk_name(desk.on_shift(now)),
        "phone_now": desk.phone_now(now),
        "phones": { "day": desk.phone_day, "night": desk.phone_night },
        "covered_by": desk.covered_by,
        "covering_now": desk.covering(now),
        "hours": hours(&desk.week),
        "closed_on": desk.closed_on,
    }));
    if matches!(caller.org, Org::Borough(_)) {
        shown.insert("rota".to_owned(), json!(desk.rota));
    }
    shown
}

/// The name of the team that is on shift.
pub(crate) fn desk_name(shift: Shift) -> &'static str {
    match shift {
        Shift::Day => "MASH",
        Shift::Night => "EDT",
    }
}

fn hours(week: &Week) -> Vec<Value> {
    let days = week.0.iter().zip(1_u8..).filter_map(|(open, weekday)| open.map(|open| (open, weekday)));
    let time = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
    days.map(|(open, weekday)| json!({ "weekday": weekday, "from": time(open.from), "to": time(open.to) })).collect()
}

/// A manager sets the desk of their borough, as a whole.
#[utoipa::path(put, path = "/api/transfers/desks/{borough}", params(("borough" = String, Path)), request_body = NewDesk,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn set_desk(
    State(app): State<App>,
    Path(borough): Path<Borough>,
    replace: Replace<Managers, NewDesk>,
) -> Result<Answered, Problem> {
    if replace.by.borough()? != &borough {
        return Err(Problem::forbidden("A desk is set by a manager of its own borough."));
    }
    let now = replace.now;
    let known = desks::of(app.pool(), [&borough]).await.map_err(away)?.into_iter().next();
    let first_time = replace.version.is_none();
    if known.is_some() && first_time && replace.receipt.is_none() {
        return Err(Problem::of(&types::VERSION_REQUIRED));
    }
    let on = replace.version.unwrap_or(0);
    if replace.body.covered_by.as_ref().is_some_and(|cover| *cover == borough || Directory::get().borough(cover).is_none()) {
        return Err(Problem::invalid_at("/covered_by", "another borough of the directory"));
    }
    let desk = Box::new(app.desk_from(&replace.body, now)?);
    let stream = desk_stream(&borough);
    let what = What::SetDesk { borough: borough.clone(), by: replace.by.person().clone(), on, desk };
    let command = Command::under(&app.edition(now), None, When::now(now), Scope::default(), what);
    let (answered, expected) = (borough.clone(), stream.clone());
    let order = Order {
        command,
        references: References::new(),
        status: 200,
        resource: stream,
        answer: Box::new(move |situation| {
            let desk = situation.desk(&answered);
            json!({ "borough": answered, "name": name_of(&answered), "phone_now": desk.map(|desk| desk.phone_now(now)) })
        }),
        describe: |_, _| json!({}),
    };
    let actor = replace.by.actor().clone();
    let context = Context { actor, occurred_at: None, recorded_at: now, correlation: replace.trace.id(), causation: None };
    // The same key is given its first answer, with or without a version; any other command without one is too old for a desk that is set.
    match app.carry_out(Sent { context, receipt: replace.receipt, expect: Some((expected, on)) }, order).await {
        Err(problem) if first_time && problem.code() == "stale" => Err(Problem::of(&types::VERSION_REQUIRED)),
        answered => answered,
    }
}

impl App {
    fn desk_from(&self, new: &NewDesk, now: Timestamp) -> Result<Desk, Problem> {
        let mut week = [None; 7];
        for (at, hours) in new.hours.iter().enumerate() {
            let day = usize::from(hours.weekday).checked_sub(1).and_then(|day| week.get_mut(day));
            match day {
                Some(day) if day.is_none() && hours.from < hours.to => *day = Some(Open { from: hours.from, to: hours.to }),
                Some(_) | None => {
                    let what = "weekday 1 to 7, each once, and from before to";
                    return Err(Problem::invalid_at(format!("/hours/{at}"), what));
                }
            }
        }
        let rota = new.rota.iter().enumerate().map(|(at, turn)| on_call(at, turn)).collect::<Result<_, _>>()?;
        Ok(Desk {
            week: Week(week),
            closed_on: new.closed_on.clone().unwrap_or_else(|| self.bank_holidays(now)),
            phone_day: phone("/phones/day", &new.phones.day)?,
            phone_night: phone("/phones/night", &new.phones.night)?,
            covered_by: new.covered_by.clone(),
            rota,
        })
    }

    /// The bank holidays from today on that the edition's calendar knows.
    fn bank_holidays(&self, now: Timestamp) -> BTreeSet<Date> {
        let Some(calendar) = self.edition(now).calendar(CALENDAR).cloned() else { return BTreeSet::new() };
        let today = local(now).date();
        let days = (0..AHEAD_DAYS).map(|days| today.saturating_add(days.days())).filter(|day| calendar.covers().contains(day));
        let weekday = |day: &Date| day.weekday().to_monday_zero_offset() < 5;
        days.filter(weekday).filter(|day| !calendar.is_working_day(*day)).collect()
    }
}

fn on_call(at: usize, turn: &Turn) -> Result<OnCall, Problem> {
    let fits = (1..=9).contains(&turn.level) && turn.from < turn.to && (1..=200).contains(&turn.name.trim().chars().count());
    if !fits {
        return Err(Problem::invalid_at(format!("/rota/{at}"), "level from 1, a name, and from before to"));
    }
    let phone = phone(&format!("/rota/{at}/phone"), &turn.phone)?;
    Ok(OnCall { level: turn.level, name: turn.name.clone(), phone, from: turn.from, to: turn.to })
}

pub(super) fn phone(pointer: &str, text: &str) -> Result<String, Problem> {
    let plain = |c: char| c.is_ascii_digit() || " +-()x".contains(c);
    let good = (3..=40).contains(&text.len()) && text.chars().all(plain) && text.chars().any(|c| c.is_ascii_digit());
    if good { Ok(text.to_owned()) } else { Err(Problem::invalid_at(pointer, "a telephone number")) }
}
