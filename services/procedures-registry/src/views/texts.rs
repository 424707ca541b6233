//! The texts of procedures, one row for each version, and which edition has which: for search at any instant, and to see who has
//! read what.

use event_store::{Applied, View};
use kernel::{Recorded, Role, Timestamp};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, Row as _, postgres::PgRow};

use crate::{
    document::{By, Document, Procedure},
    reading,
    register::RegisterEvent,
    rules::Event,
    search,
};

/// The view.
#[derive(Debug)]
pub struct Texts;

impl View<Event> for Texts {
    fn name(&self) -> &'static str {
        "texts"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["procedure_text", "edition_procedure"]
    }

    fn ddl(&self) -> &'static str {
        "create table procedure_text (
            hash          text primary key, -- the version of the procedure
            procedure     text not null,
            title         text not null,
            search        text not null, -- words by which people look for it
            summary       text not null,
            short         text not null,
            steps         text not null,
            full_text     text not null,
            change        text not null,
            roles         text[] not null,
            head          tsvector generated always as (
                setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', search), 'B') ||
                setweight(to_tsvector('english', summary), 'C') || setweight(to_tsvector('english', short), 'D')) stored,
            words         tsvector generated always as (
                setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', search), 'A') ||
                setweight(to_tsvector('english', summary), 'B') || setweight(to_tsvector('english', short), 'B') ||
                setweight(to_tsvector('english', steps), 'C') || setweight(to_tsvector('english', full_text), 'D')) stored
        );
        create index procedure_text_words on procedure_text using gin (words);
        create table edition_procedure (
            number    bigint not null,
            procedure text not null,
            hash      text not null,
            primary key (number, procedure)
        );
        create index edition_procedure_hash on edition_procedure (hash);"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                match &recorded.event {
                    Event::Register(
                        RegisterEvent::Carried { number, document, .. } | RegisterEvent::Scheduled { number, document, .. },
                    ) => {
                        take(connection, *number, document).await?;
                    }
                    Event::Register(RegisterEvent::Withdrawn { .. })
                    | Event::Draft(..)
                    | Event::Desk(..)
                    | Event::Variation(..)
                    | Event::Reader(..)
                    | Event::Coverage(..)
                    | Event::Field(..)
                    | Event::Bin(_)
                    | Event::Use(..)
                    | Event::Sitting(..) => {}
                }
            }
            Ok(())
        })
    }
}

async fn take(connection: &mut PgConnection, number: u32, document: &Document) -> Result<(), sqlx::Error> {
    for procedure in document.procedures.values() {
        let hash = reading::version(procedure).map_err(|error| sqlx::Error::Encode(error.into()))?;
        // The same version of a text is the same text, whichever edition has it.
        sqlx::query(
            "insert into procedure_text (hash, procedure, title, search, summary, short, steps, full_text, change, roles)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (hash) do nothing",
        )
        .bind(&hash.0)
        .bind(procedure.id.as_str())
        .bind(&procedure.title)
        .bind(procedure.search.join(" · "))
        .bind(&procedure.summary)
        .bind(&procedure.short)
        .bind(steps(procedure))
        .bind(&procedure.full)
        .bind(&procedure.change)
        .bind(procedure.applies_to.roles.iter().map(|role| code(*role)).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
        sqlx::query("insert into edition_procedure (number, procedure, hash) values ($1, $2, $3)")
            .bind(i64::from(number))
            .bind(procedure.id.as_str())
            .bind(&hash.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn steps(procedure: &Procedure) -> String {
    let line = |step: &crate::document::Step| match &step.by {
        By::Words(words) => format!("{} {words}", step.what),
        By::Clock(_) => step.what.clone(),
    };
    procedure.steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A role as it is written down.
#[must_use]
pub fn code(role: Role) -> String {
    serde_json::to_value(role).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A version of a procedure, and the editions now in force or coming that have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Current {
    /// The procedure.
    pub procedure: String,
    /// Its title.
    pub title: String,
    /// Its version.
    pub hash: String,
    /// What this version changes.
    pub change: String,
    /// The first of the editions that have it.
    pub edition: i64,
    /// From when that is in force.
    pub in_force_from: Timestamp,
}

/// Every version that is in force in an edition or is coming, and is for one of these roles; all roles if none is named.
///
/// # Errors
/// When the database does not answer.
pub async fn current(
    executor: impl PgExecutor<'_>,
    in_force: u32,
    now: Timestamp,
    roles: Option<Vec<String>>,
) -> Result<Vec<Current>, sqlx::Error> {
    let rows = sqlx::query(
        "select distinct on (t.procedure, t.hash) t.procedure, t.title, t.hash, t.change, e.number, e.in_force_from
         from edition e join edition_procedure p on p.number = e.number join procedure_text t on t.hash = p.hash
         where (e.number = $1 or (e.withdrawn is null and e.in_force_from > $2)) and ($3::text[] is null or t.roles && $3)
         order by t.procedure, t.hash, e.number",
    )
    .bind(i64::from(in_force))
    .bind(event_store::PgTime(now))
    .bind(roles)
    .fetch_all(executor)
    .await?;
    rows.iter().map(row).collect()
}

fn row(row: &PgRow) -> Result<Current, sqlx::Error> {
    Ok(Current {
        procedure: row.try_get("procedure")?,
        title: row.try_get("title")?,
        hash: row.try_get("hash")?,
        change: row.try_get("change")?,
        edition: row.try_get("number")?,
        in_force_from: row.try_get::<event_store::PgTime, _>("in_force_from")?.0,
    })
}

/// The version of each procedure that an edition has, with its title.
///
/// # Errors
/// When the database does not answer.
pub async fn versions(executor: impl PgExecutor<'_>, number: u32) -> Result<Vec<(String, String, String)>, sqlx::Error> {
    sqlx::query_as(
        "select t.procedure, t.title, t.hash from edition_procedure p join procedure_text t on t.hash = p.hash
         where p.number = $1 order by t.procedure",
    )
    .bind(i64::from(number))
    .fetch_all(executor)
    .await
}

/// A procedure in which all the words stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The procedure.
    pub procedure: String,
    /// Its title.
    pub title: String,
    /// One sentence.
    pub summary: String,
    /// Where they stand: `title`, `search_words`, `summary`, `short`, `steps`, `full`, or `together` in several of these.
    pub why: String,
    /// A part of the text with the words marked, as [`crate::search::pieces`] takes it apart.
    pub snippet: String,
}

/// The number of the edition in force at an instant, without its document.
///
/// # Errors
/// When the database does not answer.
pub async fn number_in_force(executor: impl PgExecutor<'_>, at: Timestamp) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "select number from edition where withdrawn is null
         order by in_force_from <= $1 desc, case when in_force_from <= $1 then in_force_from end desc, in_force_from limit 1",
    )
    .bind(event_store::PgTime(at))
    .fetch_optional(executor)
    .await
}

/// The procedures of an edition in which a query finds something, those first in whose title and short text most of it stands; at most 20.
///
/// A long text is neither ranked nor marked as a whole, which would cost more than everything else. The letters of `head` tell where
/// a word stands; its title and search words count most. Each step is
/// materialized, or the text would be put together again for every use of it.
///
/// # Errors
/// When the database does not answer.
pub async fn search(executor: impl PgExecutor<'_>, number: i64, query: &search::Query) -> Result<Vec<Found>, sqlx::Error> {
    let marks = format!("StartSel={}, StopSel={}, MaxFragments=1, MaxWords=30, MinWords=12", search::BEGIN, search::END);
    let rows = sqlx::query(
        "with asked as (select to_tsquery('english', $2) as q, to_tsquery('english', $3) as either),
         found as materialized (
            select t.*, ts_rank('{0.4, 0.4, 1, 1}', t.head, either) as rank, q
            from asked, edition_procedure p join procedure_text t on t.hash = p.hash
            where p.number = $1 and t.words @@ q order by rank desc, t.procedure limit 20),
         placed as materialized (
            select *, case when ts_filter(head, '{a}') @@ q then 'title' when ts_filter(head, '{b}') @@ q then 'search_words'
                 when ts_filter(head, '{c}') @@ q then 'summary' when ts_filter(head, '{d}') @@ q then 'short'
                 when ts_filter(words, '{c}') @@ q then 'steps' when ts_filter(words, '{d}') @@ q then 'full'
                 else 'together' end as why
            from found),
         told as materialized (
            select *, case why when 'short' then short when 'steps' then steps when 'full' then full_text
                when 'together' then concat_ws(E'\\n', summary, short, steps, full_text) else summary end as body
            from placed),
         plain as materialized (
            select *, ' ' || replace(replace(replace(lower(body), E'\\n', ' '), '-', ' '), '(', ' ') as plain from told),
         begun as (
            select *, coalesce((select min(at) from unnest($4::text[]) word, strpos(plain, ' ' || word) at where at > 0), 1) as place from plain)
         select procedure, title, summary, why,
            ts_headline('english', translate(substr(body, greatest(1, place - 100), 400), chr(2) || chr(3), ''), q, $5) as snippet
         from begun order by rank desc, procedure",
    )
    .bind(number)
    .bind(&query.all)
    .bind(&query.any)
    .bind(&query.near)
    .bind(marks)
    .fetch_all(executor)
    .await?;
    let found = |row: &PgRow| {
        Ok(Found {
            procedure: row.try_get("procedure")?,
            title: row.try_get("title")?,
            summary: row.try_get("summary")?,
            why: row.try_get("why")?,
            snippet: row.try_get("snippet")?,
        })
    };
    rows.iter().map(found).collect()
}

/// The titles and search words of an edition.
///
/// # Errors
/// When the database does not answer.
pub async fn vocabulary(executor: impl PgExecutor<'_>, number: i64) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "select t.title || ' ' || t.search from edition_procedure p join procedure_text t on t.hash = p.hash
         where p.number = $1 order by t.procedure",
    )
    .bind(number)
    .fetch_all(executor)
    .await
}
