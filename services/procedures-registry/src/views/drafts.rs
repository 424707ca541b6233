//! The drafts, for lists.

use event_store::{Applied, PgTime, View};
use kernel::{DraftId, Recorded, Timestamp};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, Row as _, postgres::PgRow};

use crate::{draft::DraftEvent, rules::Event};

/// The view.
#[derive(Debug)]
pub struct Drafts;

/// A draft in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its id.
    pub draft_id: String,
    /// Its version.
    pub version: i64,
    /// Its title.
    pub title: String,
    /// The edition that it builds on.
    pub based_on: u32,
    /// `draft`, `in_consultation`, `consulted`, `submitted`, `scheduled`, `adopted`, `withdrawn`.
    pub state: &'static str,
    /// Until when people may comment, if they were asked.
    pub consultation_until: Option<Timestamp>,
    /// Its number as an edition, if it was scheduled.
    pub number: Option<i64>,
    /// From when it is in force, if it was scheduled.
    pub in_force_from: Option<Timestamp>,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

impl View<Event> for Drafts {
    fn name(&self) -> &'static str {
        "drafts"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["draft"]
    }

    fn ddl(&self) -> &'static str {
        "create table draft (
            id            text primary key,
            version       bigint not null,
            title         text not null,
            based_on      bigint not null,
            situation     text not null, -- open, submitted, scheduled, withdrawn
            consulted     timestamptz,   -- until when
            shown         boolean not null default false, -- to everybody of the area
            number        bigint,
            in_force_from timestamptz,
            changed_at    timestamptz not null
        )"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                let Event::Draft(id, event) = &recorded.event else { continue };
                if let DraftEvent::Drafted { title, based_on, .. } = event {
                    sqlx::query(
                        "insert into draft (id, version, title, based_on, situation, changed_at) values ($1, $2, $3, $4, 'open', $5)",
                    )
                    .bind(id.to_string())
                    .bind(recorded.version)
                    .bind(title)
                    .bind(i64::from(*based_on))
                    .bind(PgTime(recorded.recorded_at))
                    .execute(&mut *connection)
                    .await?;
                } else {
                    change(connection, *id, recorded, event).await?;
                }
            }
            Ok(())
        })
    }
}

/// What an event changes in the row: the situation, the base, the end of the consultation, number and instant.
#[derive(Default)]
struct Change {
    situation: Option<&'static str>,
    based_on: Option<u32>,
    until: Option<Timestamp>,
    scheduled: Option<(u32, Timestamp)>,
}

impl Change {
    fn by(event: &DraftEvent) -> Self {
        match event {
            DraftEvent::DocumentPut { based_on, .. } => Self { based_on: Some(*based_on), ..Self::default() },
            DraftEvent::ConsultationOpened { until, .. } => Self { until: Some(*until), ..Self::default() },
            DraftEvent::Submitted { .. } => Self { situation: Some("submitted"), ..Self::default() },
            DraftEvent::Objected { .. } => Self { situation: Some("open"), ..Self::default() },
            DraftEvent::Scheduled { number, in_force_from, .. } => {
                Self { situation: Some("scheduled"), scheduled: Some((*number, *in_force_from)), ..Self::default() }
            }
            DraftEvent::Withdrawn { .. } => Self { situation: Some("withdrawn"), ..Self::default() },
            DraftEvent::Drafted { .. }
            | DraftEvent::ProcedurePut { .. }
            | DraftEvent::ProcedureRemoved { .. }
            | DraftEvent::PartsPut { .. }
            | DraftEvent::Commented { .. }
            | DraftEvent::CommentAnswered { .. }
            | DraftEvent::Approved { .. } => Self::default(),
        }
    }
}

async fn change(connection: &mut PgConnection, id: DraftId, recorded: &Recorded<Event>, event: &DraftEvent) -> Result<(), sqlx::Error> {
    let change = Change::by(event);
    sqlx::query(
        "update draft set version = $2, changed_at = $3, situation = coalesce($4, situation), based_on = coalesce($5, based_on),
            consulted = coalesce($6, consulted), shown = shown or $6 is not null or coalesce($4 = 'submitted', false),
            number = coalesce($7, number), in_force_from = coalesce($8, in_force_from)
         where id = $1",
    )
    .bind(id.to_string())
    .bind(recorded.version)
    .bind(PgTime(recorded.recorded_at))
    .bind(change.situation)
    .bind(change.based_on.map(i64::from))
    .bind(change.until.map(PgTime))
    .bind(change.scheduled.map(|(number, _)| i64::from(number)))
    .bind(change.scheduled.map(|(_, from)| PgTime(from)))
    .execute(connection)
    .await?;
    Ok(())
}

/// The drafts before an id, the newest first; for outsiders those that everybody of the area may read.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    executor: impl PgExecutor<'_>,
    all: bool,
    (before, most): (Option<String>, usize),
    now: Timestamp,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(
        "select id, version, title, based_on, situation, consulted, number, in_force_from, changed_at from draft
         where (shown or $1) and ($2::text is null or id < $2) order by id desc limit $3",
    )
    .bind(all)
    .bind(before)
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(executor)
    .await?;
    rows.iter().map(|row| listed(row, now)).collect()
}

fn listed(row: &PgRow, now: Timestamp) -> Result<Listed, sqlx::Error> {
    let time = |name: &str| row.try_get::<Option<PgTime>, _>(name).map(|time| time.map(|time| time.0));
    let (until, from) = (time("consulted")?, time("in_force_from")?);
    let state = match (row.try_get::<&str, _>("situation")?, until, from) {
        ("open", Some(until), _) if now < until => "in_consultation",
        ("open", Some(_), _) => "consulted",
        ("submitted", ..) => "submitted",
        ("scheduled", _, Some(from)) if now < from => "scheduled",
        ("scheduled", ..) => "adopted",
        ("withdrawn", ..) => "withdrawn",
        _ => "draft",
    };
    Ok(Listed {
        draft_id: row.try_get("id")?,
        version: row.try_get("version")?,
        title: row.try_get("title")?,
        based_on: u32::try_from(row.try_get::<i64, _>("based_on")?).map_err(|error| sqlx::Error::Decode(error.into()))?,
        state,
        consultation_until: until,
        number: row.try_get("number")?,
        in_force_from: from,
        changed_at: row.try_get::<PgTime, _>("changed_at")?.0,
    })
}
