//! Who has read which version, what was asked, and how many are expected to read.

use event_store::{Applied, PgTime, View};
use kernel::{Actor, Org, QuestionId, Recorded, Timestamp};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, Row as _, postgres::PgRow};

use super::texts::code;
use crate::{
    reading::{CoverageEvent, ReaderEvent},
    rules::Event,
};

/// The view.
#[derive(Debug)]
pub struct Readings;

/// A receipt of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Own {
    /// The procedure.
    pub procedure: String,
    /// The version that was read.
    pub hash: String,
    /// The edition that it was read in.
    pub edition: i64,
    /// When.
    pub read_at: Timestamp,
}

/// A question with its answer. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Its id.
    pub question_id: String,
    /// The procedure.
    pub procedure: String,
    /// The edition that was read.
    pub edition: i64,
    /// In words.
    pub text: String,
    /// The organisation that it comes from.
    pub org: String,
    /// The role of whoever asked.
    pub role: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// The answer.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

/// Somebody who has not read a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Behind {
    /// The subject.
    pub id: String,
    /// The name.
    pub name: String,
    /// The role.
    pub role: String,
    /// `changed` where an earlier version was read, `not_read` where none was.
    pub why: String,
}

/// How many of a team have read a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The organisation.
    pub org: String,
    /// The role.
    pub role: String,
    /// How many have read it.
    pub read: i64,
    /// How many are expected to, if somebody has said so.
    pub expected: Option<i64>,
}

impl View<Event> for Readings {
    fn name(&self) -> &'static str {
        "readings"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["reading", "question", "expected", "known_person"]
    }

    fn ddl(&self) -> &'static str {
        "create table reading (
            subject   text not null,
            procedure text not null,
            hash      text not null,
            edition   bigint not null,
            name      text not null,
            org       text not null,
            role      text not null,
            read_at   timestamptz not null,
            primary key (subject, procedure, hash)
        );
        create index reading_version on reading (procedure, hash);
        create index reading_org on reading (org);
        create table question (
            id          text primary key,
            subject     text not null,
            procedure   text not null,
            edition     bigint not null,
            text        text not null,
            org         text not null,
            role        text not null,
            asked_at    timestamptz not null,
            answer      text,
            answered_at timestamptz
        );
        create index question_subject on question (subject);
        create table known_person (
            subject text primary key,
            name    text not null,
            org     text not null,
            role    text not null
        );
        create index known_person_org on known_person (org);
        create table expected (org text not null, role text not null, expected bigint not null, primary key (org, role));"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                meet(connection, &recorded.actor).await?;
                if let Event::Reader(subject, event) = &recorded.event {
                    read(connection, subject, event).await?;
                }
                if let Event::Coverage(org, CoverageEvent::ExpectedSet { role, expected, .. }) = &recorded.event {
                    sqlx::query(
                        "insert into expected (org, role, expected) values ($1, $2, $3)
                         on conflict (org, role) do update set expected = excluded.expected",
                    )
                    .bind(org.to_string())
                    .bind(code(*role))
                    .bind(i64::from(*expected))
                    .execute(&mut *connection)
                    .await?;
                }
            }
            Ok(())
        })
    }
}

/// Whoever did anything here is known from then on, as of the last time: in one organisation, with one role.
async fn meet(connection: &mut PgConnection, actor: &Actor) -> Result<(), sqlx::Error> {
    if kernel::Person::try_from(actor.clone()).is_err() {
        return Ok(());
    }
    let Actor { id, name, org, role } = actor;
    sqlx::query(
        "insert into known_person (subject, name, org, role) values ($1, $2, $3, $4)
         on conflict (subject) do update set name = excluded.name, org = excluded.org, role = excluded.role",
    )
    .bind(id)
    .bind(name)
    .bind(org.to_string())
    .bind(code(*role))
    .execute(connection)
    .await?;
    Ok(())
}

async fn read(connection: &mut PgConnection, subject: &str, event: &ReaderEvent) -> Result<(), sqlx::Error> {
    let query = match event {
        ReaderEvent::Read { procedure, edition, hash, by, at } => {
            let Actor { name, org, role, .. } = by.actor();
            sqlx::query(
                "insert into reading (subject, procedure, hash, edition, name, org, role, read_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(subject)
            .bind(procedure.as_str())
            .bind(&hash.0)
            .bind(i64::from(*edition))
            .bind(name)
            .bind(org.to_string())
            .bind(code(*role))
            .bind(PgTime(*at))
        }
        ReaderEvent::Asked { question, procedure, edition, text, by, at, .. } => sqlx::query(
            "insert into question (id, subject, procedure, edition, text, org, role, asked_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(question.to_string())
        .bind(subject)
        .bind(procedure.as_str())
        .bind(i64::from(*edition))
        .bind(text)
        .bind(by.actor().org.to_string())
        .bind(code(by.actor().role))
        .bind(PgTime(*at)),
        ReaderEvent::Answered { question, text, at, .. } => sqlx::query("update question set answer = $2, answered_at = $3 where id = $1")
            .bind(question.to_string())
            .bind(text)
            .bind(PgTime(*at)),
    };
    query.execute(connection).await?;
    Ok(())
}

/// What somebody has read.
///
/// # Errors
/// When the database does not answer.
pub async fn of(executor: impl PgExecutor<'_>, subject: &str) -> Result<Vec<Own>, sqlx::Error> {
    let rows = sqlx::query("select procedure, hash, edition, read_at from reading where subject = $1 order by read_at, procedure")
        .bind(subject)
        .fetch_all(executor)
        .await?;
    let own = |row: &PgRow| {
        let read_at = row.try_get::<PgTime, _>("read_at")?.0;
        Ok(Own { procedure: row.try_get("procedure")?, hash: row.try_get("hash")?, edition: row.try_get("edition")?, read_at })
    };
    rows.iter().map(own).collect()
}

/// What somebody has asked, with the answers.
///
/// # Errors
/// When the database does not answer.
pub async fn asked_by(executor: impl PgExecutor<'_>, subject: &str) -> Result<Vec<Question>, sqlx::Error> {
    let rows = sqlx::query(
        "select id, procedure, edition, text, org, role, asked_at, answer, answered_at from question where subject = $1 order by id",
    )
    .bind(subject)
    .fetch_all(executor)
    .await?;
    rows.iter().map(question).collect()
}

/// Every question before an id, the newest first; only those without an answer, if wanted.
///
/// # Errors
/// When the database does not answer.
pub async fn questions(
    executor: impl PgExecutor<'_>,
    open: bool,
    (before, most): (Option<String>, usize),
) -> Result<Vec<Question>, sqlx::Error> {
    let rows = sqlx::query(
        "select id, procedure, edition, text, org, role, asked_at, answer, answered_at from question
         where (answer is null or not $1) and ($2::text is null or id < $2) order by id desc limit $3",
    )
    .bind(open)
    .bind(before)
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(executor)
    .await?;
    rows.iter().map(question).collect()
}

/// Whose question it is.
///
/// # Errors
/// When the database does not answer.
pub async fn asker(executor: impl PgExecutor<'_>, id: QuestionId) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("select subject from question where id = $1").bind(id.to_string()).fetch_optional(executor).await
}

fn question(row: &PgRow) -> Result<Question, sqlx::Error> {
    Ok(Question {
        question_id: row.try_get("id")?,
        procedure: row.try_get("procedure")?,
        edition: row.try_get("edition")?,
        text: row.try_get("text")?,
        org: row.try_get("org")?,
        role: row.try_get("role")?,
        asked_at: row.try_get::<PgTime, _>("asked_at")?.0,
        answer: row.try_get("answer")?,
        answered_at: row.try_get::<Option<PgTime>, _>("answered_at")?.map(|at| at.0),
    })
}

/// How many of each team have read a version; teams of one organisation alone, if it is named. Counts, and nobody's name.
///
/// # Errors
/// When the database does not answer.
pub async fn coverage(executor: impl PgExecutor<'_>, version: (&str, &str), org: Option<&Org>) -> Result<Vec<Count>, sqlx::Error> {
    let rows = sqlx::query(
        "with has_read as (select org, role, count(*) as read from reading where procedure = $1 and hash = $2 group by org, role)
         select coalesce(r.org, e.org) as org, coalesce(r.role, e.role) as role, coalesce(r.read, 0) as read, e.expected
         from has_read r full join expected e on e.org = r.org and e.role = r.role
         where $3::text is null or coalesce(r.org, e.org) = $3 order by 1, 2",
    )
    .bind(version.0)
    .bind(version.1)
    .bind(org.map(Org::to_string))
    .fetch_all(executor)
    .await?;
    let count = |row: &PgRow| {
        Ok(Count { org: row.try_get("org")?, role: row.try_get("role")?, read: row.try_get("read")?, expected: row.try_get("expected")? })
    };
    rows.iter().map(count).collect()
}

/// The people of an organisation who are known and have not read this version of a procedure: those whose role it is for, and those
/// who have read another version.
///
/// # Errors
/// When the database does not answer.
pub async fn behind(executor: impl PgExecutor<'_>, org: &Org, (procedure, hash): (&str, &str)) -> Result<Vec<Behind>, sqlx::Error> {
    let rows = sqlx::query(
        "with known as (
            select k.*, exists (select from reading r where r.subject = k.subject and r.procedure = $2) as before
            from known_person k where k.org = $1
              and not exists (select from reading n where n.subject = k.subject and n.procedure = $2 and n.hash = $3))
         select subject, name, role, case when before then 'changed' else 'not_read' end as why from known
         where before or role in (select unnest(t.roles) from procedure_text t where t.hash = $3) order by subject",
    )
    .bind(org.to_string())
    .bind(procedure)
    .bind(hash)
    .fetch_all(executor)
    .await?;
    let behind = |row: &PgRow| {
        Ok(Behind { id: row.try_get("subject")?, name: row.try_get("name")?, role: row.try_get("role")?, why: row.try_get("why")? })
    };
    rows.iter().map(behind).collect()
}
