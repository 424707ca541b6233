//! The referrals that are closed, as their retention sees them. It reads the queue and the births of the index of identities.

use kernel::Borough;
use service_kit::retention::Closed;
use sqlx::{PgExecutor, Row as _, postgres::PgRow};

/// The closed referrals of a borough, or of all, each with how many are like it. A referral is closed when it is decided; one that was
/// joined is kept with the one in which it is decided.
///
/// # Errors
/// When the database does not answer.
pub async fn closed(executor: impl PgExecutor<'_>, borough: Option<&Borough>) -> Result<Vec<(Closed, i64)>, sqlx::Error> {
    let rows = sqlx::query(
        "with recursive root (id, root) as (
            select id, id from referral where joined is null
            union all
            select r.id, root.root from referral r join root on r.joined = root.id),
         closed as (
            select r.children, d.outcome, d.edition, (d.decided_at at time zone 'Europe/London')::date as closed_on
            from root join referral r on r.id = root.id join referral d on d.id = root.root
            where d.outcome is not null and ($1::text is null or r.owner = $1)),
         dated as (
            select c.outcome, c.edition, c.closed_on, (
                select case when count(*) = count(born_on) then max(born_on) end
                from (select i.said::jsonb ->> 'date_of_birth' as born_on
                      from unnest(c.children) as named (child) left join identity i using (child)) births) as born_on
            from closed c)
         select outcome, edition, closed_on::text, born_on, count(*) as records from dated group by outcome, edition, closed_on, born_on",
    )
    .bind(borough.map(Borough::code))
    .fetch_all(executor)
    .await?;
    rows.iter().map(from_pg).collect()
}

fn from_pg(row: &PgRow) -> Result<(Closed, i64), sqlx::Error> {
    let day = |text: &str| text.parse().map_err(|error: jiff::Error| sqlx::Error::Decode(Box::new(error)));
    let edition: i64 = row.try_get("edition")?;
    let closed = Closed {
        outcomes: vec![row.try_get("outcome")?],
        edition: edition.try_into().map_err(|error: std::num::TryFromIntError| sqlx::Error::Decode(Box::new(error)))?,
        closed_on: day(row.try_get("closed_on")?)?,
        born_on: row.try_get::<Option<&str>, _>("born_on")?.map(day).transpose()?,
    };
    Ok((closed, row.try_get("records")?))
}
