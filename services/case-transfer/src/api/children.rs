//! What a duty desk records about a child's duties. None of it moves a duty.

use axum::extract::State;
use jiff::civil::Date;
use kernel::{Borough, ChildId, Timestamp, directory::Directory, edition::ClockName};
use serde::Deserialize;
use service_kit::{Answered, Change, Path, Problem, caller::DutyDesk, clock::EARLIEST};
use utoipa::ToSchema;

use super::{ask::Nothing, ends::Reason};
use crate::{
    app::App,
    ledger::{Duty, DutyAsk, PlanKind, Power},
    text::Text,
};

/// A plan of a borough.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlan {
    /// `child_protection`, `child_in_need` or `looked_after`.
    #[schema(value_type = String)]
    kind: PlanKind,
    /// Whose plan: your own borough's, unless your team acts for another one now.
    #[schema(value_type = Option<String>)]
    borough: Option<Borough>,
}

/// A child stays in another borough for a time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notice {
    /// The borough where the child stays.
    #[schema(value_type = String)]
    to: Borough,
    /// Until when, if known.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// What they should know.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    text: Text,
}

/// A legal power that began to run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPower {
    /// `police_protection`, `emergency_protection_order` or `care_order`.
    #[schema(value_type = String)]
    power: Power,
    /// When it was used or made.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When it ends by the order; by the edition's clock if nothing is said. Police protection ends no later than its clock.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
}

/// A legal power that ended before its time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverPower {
    /// Which.
    #[schema(value_type = String)]
    power: Power,
}

/// A birth.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Birth {
    /// The day.
    #[schema(value_type = String, format = Date)]
    born_on: Date,
}

/// Whether the address is shielded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shield {
    /// From now on.
    shielded: bool,
}

/// Nothing more must be done under this duty; a person of its holder says so, and why.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/duties/{duty}/end",
    params(("child_id" = String, Path), ("duty" = String, Path)), request_body = Reason,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn end_duty(
    State(app): State<App>,
    Path((child, duty)): Path<(ChildId, Duty)>,
    change: Change<DutyDesk, Reason>,
) -> Result<Answered, Problem> {
    app.known_child(child).await?;
    let reason = app.sealer(&child.to_string(), &[child]).await?.seal(&reason_place(child), &change.body.reason)?;
    app.ask_about(child, &change, DutyAsk::End { duty, reason }).await
}

/// The child is on a plan of this borough, which holds that duty from now on.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/plan", params(("child_id" = String, Path)), request_body = NewPlan,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn open_plan(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    change: Change<DutyDesk, NewPlan>,
) -> Result<Answered, Problem> {
    let NewPlan { kind, borough } = &change.body;
    let holder = borough.clone().map_or_else(|| change.by.borough().cloned(), Ok)?;
    app.ask_about(child, &change, DutyAsk::OpenPlan { holder, kind: *kind }).await
}

/// The child stays in another borough for a time: that borough is told, and no duty moves.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/notices", params(("child_id" = String, Path)), request_body = Notice,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn give_notice(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    change: Change<DutyDesk, Notice>,
) -> Result<Answered, Problem> {
    app.known_child(child).await?;
    let Notice { to, until, text } = &change.body;
    if Directory::get().borough(to).is_none() {
        return Err(Problem::invalid_at("/to", "a borough of the directory"));
    }
    if until.is_some_and(|until| until <= change.now) {
        return Err(Problem::invalid_at("/until", "later than now"));
    }
    let text = app.sealer(&child.to_string(), &[child]).await?.seal(&notice_place(child), text)?;
    app.ask_about(child, &change, DutyAsk::GiveNotice { to: to.clone(), until: *until, text }).await
}

/// The child is missing: every open transfer of the child pauses, and the holder stays responsible.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/missing", params(("child_id" = String, Path)), request_body = Nothing,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn report_missing(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    change: Change<DutyDesk, Nothing>,
) -> Result<Answered, Problem> {
    app.ask_about(child, &change, DutyAsk::ReportMissing).await
}

/// The child was found; the transfers go on.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/found", params(("child_id" = String, Path)), request_body = Nothing,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn report_found(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    change: Change<DutyDesk, Nothing>,
) -> Result<Answered, Problem> {
    app.ask_about(child, &change, DutyAsk::ReportFound).await
}

/// A legal power began to run. Its end comes from the order, or else from the edition's clock.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/powers", params(("child_id" = String, Path)), request_body = NewPower,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn start_power(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    change: Change<DutyDesk, NewPower>,
) -> Result<Answered, Problem> {
    let NewPower { power, started_at, ends_at } = change.body;
    if started_at > change.now || started_at < EARLIEST {
        return Err(Problem::invalid_at("/started_at", "not later than now, and not before 1900"));
    }
    if ends_at.is_some_and(|ends_at| ends_at <= started_at || ends_at <= change.now) {
        return Err(Problem::invalid_at("/ends_at", "later than started_at, and than now"));
    }
    let due = |clock| Some(app.edition(started_at).due(clock, None, started_at).at);
    // A court may extend its order, and nobody police protection.
    let (by_clock, latest) = match power {
        Power::PoliceProtection => (due(ClockName::PoliceProtection), due(ClockName::PoliceProtection)),
        Power::EmergencyProtectionOrder => (due(ClockName::EmergencyProtectionOrder), None),
        Power::CareOrder => (None, None),
    };
    app.ask_about(child, &change, DutyAsk::StartPower { power, started_at, ends_at: ends_at.or(by_clock), latest }).await
}

/// A legal power ended before its time.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/powers/end", params(("child_id" = String, Path)),
    request_body = OverPower, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn end_power(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    change: Change<DutyDesk, OverPower>,
) -> Result<Answered, Problem> {
    app.ask_about(child, &change, DutyAsk::EndPower { power: change.body.power }).await
}

/// The expected child was born. Nothing moves.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/birth", params(("child_id" = String, Path)), request_body = Birth,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn record_birth(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    change: Change<DutyDesk, Birth>,
) -> Result<Answered, Problem> {
    let born_at = crate::due::start_of(change.body.born_on);
    if born_at > change.now {
        return Err(Problem::invalid_at("/born_on", "not later than today"));
    }
    app.ask_about(child, &change, DutyAsk::RecordBirth { born_at }).await
}

/// The address is shielded from now on: nobody but whoever answers for the child is shown it. A shield is not taken off.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/shield", params(("child_id" = String, Path)), request_body = Shield,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn set_shield(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    change: Change<DutyDesk, Shield>,
) -> Result<Answered, Problem> {
    app.ask_about(child, &change, DutyAsk::Shield { shielded: change.body.shielded }).await
}

/// The place that the text of a notice is sealed for.
pub(super) fn notice_place(child: ChildId) -> String {
    format!("notice.given/text/{child}")
}

/// The place that the reason for the end of a duty is sealed for.
pub(super) fn reason_place(child: ChildId) -> String {
    format!("duty.ended/reason/{child}")
}

impl App {
    /// Nothing is sealed about a child that was never heard of.
    async fn known_child(&self, child: ChildId) -> Result<(), Problem> {
        if self.children([child]).await?.is_empty() { Err(Problem::not_found()) } else { Ok(()) }
    }
}
