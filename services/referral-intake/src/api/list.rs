//! `GET /api/intake/referrals`: what a borough's desk has, or what a referrer has sent. No content of any case is in a list.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use event_store::PgTime;
use kernel::{Actor, Borough, Org, Role, Timestamp};
use serde::{Deserialize, Serialize};
use service_kit::{
    As, Authority, Fault, Problem,
    clock::EARLIEST,
    live,
    page::{List, Page},
    params::Query,
};
use sqlx::{AssertSqlSafe, Row as _, postgres::PgRow};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::{App, away},
    service::NAME,
};

/// Whoever may see lists: people and the borough's system.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lister {}

impl Authority for Lister {
    type Who = Actor;
    const ROLES: &'static [Role] =
        &[Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director, Role::BoroughSystem, Role::Referrer];
}

/// What to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The borough; your own where nothing is said.
    #[param(value_type = Option<String>)]
    borough: Option<Borough>,
    /// Only those in this state.
    #[param(inline)]
    state: Option<State_>,
    /// What your organisation has sent.
    #[serde(default)]
    mine: bool,
    /// How many: 1 to 200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200)]
    #[serde(rename = "limit")]
    _limit: Option<String>,
    /// Where the page starts.
    #[serde(rename = "cursor")]
    _cursor: Option<String>,
}

/// The states that a list can be cut down to.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum State_ {
    /// Nobody has decided.
    Undecided,
    /// Somebody has.
    Decided,
    /// It is decided in another referral about the same.
    Joined,
    /// Nobody has, and it is late.
    Overdue,
    /// The referrer took it back.
    Withdrawn,
    /// Decided, and the referrer was not told in time.
    FeedbackOverdue,
}

impl State_ {
    /// As a condition on a row. The text is fixed, so that the planner sees which index fits it.
    fn condition(self) -> &'static str {
        match self {
            Self::Undecided => "r.outcome is null and r.joined is null",
            Self::Decided => "r.outcome is not null",
            Self::Joined => "r.joined is not null",
            Self::Overdue => "r.outcome is null and r.joined is null and r.decide_by < $2",
            Self::Withdrawn => "r.withdrawn",
            Self::FeedbackOverdue => "r.feedback_by is not null and not r.feedback_done and r.feedback_by < $2",
        }
    }
}

/// One page of referrals.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `List` is written as")]
pub(crate) struct Entries {
    /// The entries, the oldest first.
    items: Vec<Entry>,
    /// Address of the next page, if there is one.
    next: Option<String>,
}

/// One referral of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Entry {
    referral_id: String,
    reference: String,
    version: i64,
    /// `owner`, `holder`, `home`, `shared` or `referrer`: how near you stand.
    yours: String,
    /// The boroughs that answer for the children now: the owner, or whoever has taken the duties over from it.
    holds_now: Vec<String>,
    /// `undecided`, `decided`, or `joined`: it is decided in another referral about the same.
    state: &'static str,
    outcome: Option<String>,
    /// That other referral.
    joined_to: Option<String>,
    overdue: bool,
    /// The level of the ladder that an overdue decision has reached.
    level: i16,
    /// Whether a person of the desk has opened it.
    seen: bool,
    withdrawn: bool,
    owner: String,
    home_boroughs: Vec<String>,
    from: String,
    children: Vec<String>,
    danger_now: String,
    out_of_hours: bool,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    decide_by: Timestamp,
    feedback: Feedback,
}

/// The answer to the referrer.
#[derive(Serialize, ToSchema)]
struct Feedback {
    /// `not_yet_due`, `open`, `overdue`, `given` or `nobody_to_tell`.
    state: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    due_by: Option<Timestamp>,
}

/// Lists referrals, the oldest first.
#[utoipa::path(get, path = "/api/intake/referrals", operation_id = "list", tag = "referrals", params(Wanted),
    responses((status = 200, description = "The oldest first; `Link` leads to the next page.", body = Entries)))]
pub(crate) async fn list(State(app): State<App>, by: As<Lister>, Query(wanted): Query<Wanted>, page: Page) -> Result<Response, Problem> {
    let now = app.now();
    let whose = whose(&app, &by, &wanted, now).await?;
    let after: Option<(i64, String)> = page.after()?;
    let condition = wanted.state.map_or("true", State_::condition);
    let sql = include_str!("list/page.sql").replace("{page}", whose.sql()).replace("{condition}", condition);
    let here = live::here(&app.store, NAME).await?;
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(whose.code())
        .bind(PgTime(now))
        .bind(after.as_ref().map(|(micros, _)| PgTime(Timestamp::from_microsecond(*micros).unwrap_or(EARLIEST).max(EARLIEST))))
        .bind(after.as_ref().map(|(_, id)| id.as_str()))
        .bind(i64::try_from(page.limit()).unwrap_or(200) + 1)
        .fetch_all(app.pool())
        .await
        .map_err(|error| away(&error))?;
    let entries = rows.iter().map(|row| Entry::from_pg(row, now)).collect::<Result<Vec<_>, _>>().map_err(|error| away(&error))?;
    let list: List<Entry> = page.list(entries, |entry| (entry.received_at.as_microsecond(), entry.referral_id.clone()));
    Ok((here, list).into_response())
}

/// Whose referrals are listed.
enum Whose {
    /// Those that a borough owns, or that concern its children.
    Borough(Borough),
    /// Those that an organisation has sent.
    Sender(Org),
}

impl Whose {
    /// Each way to stand near a referral has an index of its own, in the order of the list, so that a page costs what a page holds
    /// however long the list has become.
    fn sql(&self) -> &'static str {
        match self {
            Self::Borough(_) => include_str!("list/borough.sql"),
            Self::Sender(_) => include_str!("list/sender.sql"),
        }
    }

    fn code(&self) -> String {
        match self {
            Self::Borough(borough) => borough.to_string(),
            Self::Sender(org) => org.to_string(),
        }
    }
}

async fn whose(app: &App, by: &As<Lister>, wanted: &Wanted, now: Timestamp) -> Result<Whose, Problem> {
    let actor: &Actor = &by.who;
    let referrer = actor.role == Role::Referrer;
    if wanted.mine && wanted.borough.is_some() {
        return Err(Problem::invalid(vec![Fault::in_parameter("borough", "either a borough or mine=true, not both")]));
    }
    if wanted.mine || (referrer && wanted.borough.is_none()) {
        return Ok(Whose::Sender(actor.org.clone()));
    }
    let own = by.borough()?;
    let asked = wanted.borough.as_ref().unwrap_or(own);
    if referrer || !app.acting_for(&actor.org, now).await?.contains(asked) {
        return Err(Problem::forbidden(
            "You may list the referrals of your own borough, and at night of those that your night team covers.",
        ));
    }
    Ok(Whose::Borough(asked.clone()))
}

impl Entry {
    fn from_pg(row: &PgRow, now: Timestamp) -> Result<Self, sqlx::Error> {
        let time = |column: &str| row.try_get::<PgTime, _>(column).map(|time| time.0);
        let outcome: Option<String> = row.try_get("outcome")?;
        let joined_to: Option<String> = row.try_get("joined")?;
        let decide_by = time("decide_by")?;
        let due_by = row.try_get::<Option<PgTime>, _>("feedback_by")?.map(|time| time.0);
        let feedback = match (due_by, outcome.is_some(), row.try_get("feedback_done")?) {
            (_, _, true) => "given",
            (Some(due), _, false) if due < now => "overdue",
            (Some(_), _, false) => "open",
            (None, true, false) => "nobody_to_tell",
            (None, false, false) => "not_yet_due",
        };
        Ok(Self {
            referral_id: row.try_get("id")?,
            reference: row.try_get("reference")?,
            version: row.try_get("version")?,
            yours: row.try_get("yours")?,
            holds_now: row.try_get("holds_now")?,
            state: match (&outcome, &joined_to) {
                (Some(_), _) => "decided",
                (None, Some(_)) => "joined",
                (None, None) => "undecided",
            },
            overdue: outcome.is_none() && joined_to.is_none() && decide_by < now,
            outcome,
            joined_to,
            level: row.try_get("level")?,
            seen: row.try_get("seen")?,
            withdrawn: row.try_get("withdrawn")?,
            owner: row.try_get("owner")?,
            home_boroughs: row.try_get("homes")?,
            from: row.try_get("from_org")?,
            children: row.try_get("children")?,
            danger_now: row.try_get("danger")?,
            out_of_hours: row.try_get("out_of_hours")?,
            received_at: time("received_at")?,
            decide_by,
            feedback: Feedback { state: feedback, due_by },
        })
    }
}
