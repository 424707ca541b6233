//! Break-glasses: which there are for whom, and what is still to be done about each.

use std::collections::BTreeSet;

use event_store::{Applied, PgTime, View};
use kernel::{Borough, ChildId, GlassId, Recorded, Timestamp};
use sqlx::{FromRow, PgConnection, PgExecutor};

use crate::{glass::GlassEvent, kept::Kept, rules::Event};

pub(crate) struct Glasses;

impl View<Kept> for Glasses {
    fn name(&self) -> &'static str {
        "glasses"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["glass"]
    }

    fn ddl(&self) -> &'static str {
        "create table glass (
             id text primary key, position bigint not null, child text not null, opener text not null, opener_org text not null,
             opened_at timestamptz not null, until timestamptz not null, ended_at timestamptz, holders text[] not null,
             read_by integer not null default 0, told integer not null default 1, review_by timestamptz not null,
             finding text, reviewer text, reviewer_org text,
             -- Nobody reviews their own, and no team that of one of its people.
             check (reviewer is null or (reviewer <> opener and reviewer_org <> opener_org)));
         create index on glass (opener, position)"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Kept>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                if let Event::Glass(id, event) = &recorded.event.event {
                    take(connection, (*id, recorded.position), event).await?;
                }
            }
            Ok(())
        })
    }
}

async fn take(connection: &mut PgConnection, (id, position): (GlassId, i64), event: &GlassEvent) -> Result<(), sqlx::Error> {
    let id = id.to_string();
    let query = match event {
        GlassEvent::Opened { child, holders, until, review_by, by, at, .. } => sqlx::query(
            "insert into glass (id, position, child, opener, opener_org, opened_at, until, holders, review_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(id)
        .bind(position)
        .bind(child.to_string())
        .bind(by.actor().id.clone())
        .bind(by.actor().org.to_string())
        .bind(PgTime(at.recorded_at))
        .bind(PgTime(*until))
        .bind(holders.iter().map(ToString::to_string).collect::<Vec<_>>())
        .bind(PgTime(*review_by)),
        GlassEvent::ToldAgain { .. } => sqlx::query("update glass set told = told + 1 where id = $1").bind(id),
        GlassEvent::Read { .. } => sqlx::query("update glass set read_by = read_by + 1 where id = $1").bind(id),
        GlassEvent::Ended { at, .. } => sqlx::query("update glass set ended_at = $2 where id = $1").bind(id).bind(PgTime(at.recorded_at)),
        GlassEvent::Reviewed { finding, by, .. } => {
            sqlx::query("update glass set finding = $2, reviewer = $3, reviewer_org = $4 where id = $1")
                .bind(id)
                .bind(serde_json::to_value(finding).ok().and_then(|finding| finding.as_str().map(str::to_owned)))
                .bind(by.actor().id.clone())
                .bind(by.actor().org.to_string())
        }
        GlassEvent::ReviewOverdue { .. } => return Ok(()),
    };
    query.execute(connection).await.map(drop)
}

/// One line of the list.
#[derive(FromRow)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) position: i64,
    pub(crate) child: String,
    pub(crate) opener: String,
    pub(crate) opener_org: String,
    opened_at: PgTime,
    until: PgTime,
    ended_at: Option<PgTime>,
    pub(crate) holders: Vec<String>,
    pub(crate) read_by: i32,
    pub(crate) told: i32,
    review_by: PgTime,
    pub(crate) finding: Option<String>,
}

impl Line {
    pub(crate) fn opened_at(&self) -> Timestamp {
        self.opened_at.0
    }

    /// When it is or was over.
    pub(crate) fn over_at(&self) -> Timestamp {
        self.ended_at.as_ref().map_or(self.until.0, |ended| ended.0)
    }

    pub(crate) fn review_by(&self) -> Timestamp {
        self.review_by.0
    }
}

/// The ones that somebody opened, and those of which these boroughs are told; all, for the board. The newest first.
pub(crate) async fn list(
    executor: impl PgExecutor<'_>,
    (opener, boroughs, all): (&str, &[&Borough], bool),
    before: Option<i64>,
    most: usize,
) -> Result<Vec<Line>, sqlx::Error> {
    let boroughs: Vec<&str> = boroughs.iter().map(|borough| borough.code()).collect();
    sqlx::query_as(
        "select id, position, child, opener, opener_org, opened_at, until, ended_at, holders, read_by, told, review_by, finding from glass
         where (opener = $1 or holders && $2 or $3) and ($4::bigint is null or position < $4) order by position desc limit $5",
    )
    .bind(opener)
    .bind(boroughs)
    .bind(all)
    .bind(before)
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(executor)
    .await
}

/// Whose records somebody has open now.
pub(crate) async fn open_of(executor: impl PgExecutor<'_>, opener: &str, now: Timestamp) -> Result<BTreeSet<ChildId>, sqlx::Error> {
    let sql = "select child from glass where opener = $1 and least(until, coalesce(ended_at, until)) > $2";
    let children: Vec<String> = sqlx::query_scalar(sql).bind(opener).bind(PgTime(now)).fetch_all(executor).await?;
    children.iter().map(|child| child.parse().map_err(|fault| sqlx::Error::Decode(Box::new(fault)))).collect()
}

/// The one that somebody opened last.
pub(crate) async fn last_of(executor: impl PgExecutor<'_>, opener: &str) -> Result<Option<GlassId>, sqlx::Error> {
    let id: Option<String> = sqlx::query_scalar("select id from glass where opener = $1 order by position desc limit 1")
        .bind(opener)
        .fetch_optional(executor)
        .await?;
    id.map(|id| id.parse().map_err(|fault| sqlx::Error::Decode(Box::new(fault)))).transpose()
}
