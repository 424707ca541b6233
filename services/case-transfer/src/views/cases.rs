//! The case of each child: which duties are open, and when the last of them ended and under which edition, so that it can be said how
//! long the record is kept.

use event_store::{Applied, PgTime, View};
use kernel::{Borough, ChildId, Recorded, Timestamp};
use service_kit::retention::Closed;
use sqlx::{PgConnection, PgExecutor, Row as _, postgres::PgRow};

use crate::{
    due::day_of,
    kept::Kept,
    ledger::{Duty, LedgerEvent, Opening, Outcome, PlanKind},
    rules::Event,
};

pub(crate) struct Cases;

impl View<Kept> for Cases {
    fn name(&self) -> &'static str {
        "cases"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["child_case", "case_outcome"]
    }

    fn ddl(&self) -> &'static str {
        "create table child_case (
             child text primary key, open text[] not null default '{}', holder text, ended_at timestamptz, edition bigint,
             born_on text); -- a day, which may lie before every day that PostgreSQL knows
         create table case_outcome (child text not null, cause text not null, outcome text not null, primary key (child, cause))"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Kept>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                if let Event::Ledger(child, event) = &recorded.event.event {
                    take(connection, &child.to_string(), event).await?;
                }
            }
            Ok(())
        })
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only these events open or end a case or say what it came to")]
async fn take(connection: &mut PgConnection, child: &str, event: &LedgerEvent) -> Result<(), sqlx::Error> {
    match event {
        LedgerEvent::DutyOpened { duty, because, .. } => {
            opened(connection, child, *duty).await?;
            match because {
                Opening::Plan { kind, .. } => came_to(connection, child, &plan(*kind)).await,
                Opening::Referral(_) | Opening::Decision { .. } => Ok(()),
            }
        }
        LedgerEvent::DutyEnded { duty, holder, edition, at, .. } => {
            ended(connection, child, (*duty, holder), (*edition, at.recorded_at)).await
        }
        LedgerEvent::PlanChanged { kind, .. } => came_to(connection, child, &plan(*kind)).await,
        LedgerEvent::ContactDecided { referral, outcome, .. } => {
            came_to(connection, child, &(referral.to_string(), outcome_code(*outcome))).await
        }
        LedgerEvent::ChildBorn { born_at, .. } => {
            sqlx::query(
                "insert into child_case (child, born_on) values ($1, $2) on conflict (child) do update set born_on = excluded.born_on",
            )
            .bind(child)
            .bind(day_of(*born_at).to_string())
            .execute(connection)
            .await?;
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn opened(connection: &mut PgConnection, child: &str, duty: Duty) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into child_case (child, open) values ($1, array[$2]) on conflict (child) do update
         set open = array_append(array_remove(child_case.open, $2), $2), ended_at = null, edition = null",
    )
    .bind(child)
    .bind(duty_code(duty))
    .execute(connection)
    .await?;
    Ok(())
}

/// The case is over when no duty is left; whoever held the last one keeps the record.
async fn ended(
    connection: &mut PgConnection,
    child: &str,
    (duty, holder): (Duty, &Borough),
    (edition, at): (u32, Timestamp),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update child_case set open = array_remove(open, $2), holder = $3,
             ended_at = case when array_remove(open, $2) = '{}' then $4 end,
             edition = case when array_remove(open, $2) = '{}' then $5 end
         where child = $1",
    )
    .bind(child)
    .bind(duty_code(duty))
    .bind(holder.code())
    .bind(PgTime(at))
    .bind(i64::from(edition))
    .execute(connection)
    .await?;
    Ok(())
}

/// What stands is the last decision of each referral, and every kind of plan that there ever was.
async fn came_to(connection: &mut PgConnection, child: &str, (cause, outcome): &(String, &'static str)) -> Result<(), sqlx::Error> {
    sqlx::query("insert into case_outcome values ($1, $2, $3) on conflict (child, cause) do update set outcome = excluded.outcome")
        .bind(child)
        .bind(cause)
        .bind(outcome)
        .execute(connection)
        .await?;
    Ok(())
}

fn plan(kind: PlanKind) -> (String, &'static str) {
    let outcome = match kind {
        PlanKind::ChildProtection => "child_protection_plan",
        PlanKind::ChildInNeed => "child_in_need_plan",
        PlanKind::LookedAfter => "looked_after",
    };
    (outcome.to_owned(), outcome)
}

fn outcome_code(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::ImmediateProtection => "immediate_protection",
        Outcome::Section47Enquiry => "section_47_enquiry",
        Outcome::ChildInNeedAssessment => "child_in_need_assessment",
        Outcome::EarlyHelp => "early_help",
        Outcome::NoFurtherAction => "no_further_action",
    }
}

fn duty_code(duty: Duty) -> &'static str {
    match duty {
        Duty::EmergencyAction => "emergency_action",
        Duty::Enquiry => "enquiry",
        Duty::Plan => "plan",
    }
}

fn from_pg(row: &PgRow) -> Result<(Closed, i64), sqlx::Error> {
    let day = |text: &str| text.parse().map_err(|error: jiff::Error| sqlx::Error::Decode(Box::new(error)));
    let edition: i64 = row.try_get("edition")?;
    let closed = Closed {
        outcomes: row.try_get("outcomes")?,
        edition: edition.try_into().map_err(|error: std::num::TryFromIntError| sqlx::Error::Decode(Box::new(error)))?,
        closed_on: day(row.try_get("closed_on")?)?,
        born_on: row.try_get::<Option<&str>, _>("born_on")?.map(day).transpose()?,
    };
    Ok((closed, row.try_get("cases")?))
}

/// The cases that have ended: of one child, of those that a borough held last, or all. A birth is known here only of a child that was
/// expected when it came in.
async fn ended_cases(
    executor: impl PgExecutor<'_>,
    child: Option<ChildId>,
    borough: Option<&Borough>,
) -> Result<Vec<(Closed, i64)>, sqlx::Error> {
    let rows = sqlx::query(
        "with ended as (
             select edition, (ended_at at time zone 'Europe/London')::date::text as closed_on, born_on,
                 array(select distinct outcome from case_outcome o where o.child = c.child order by outcome) as outcomes
             from child_case c
             where ended_at is not null and ($1::text is null or child = $1) and ($2::text is null or holder = $2))
         select edition, closed_on, born_on, outcomes, count(*) as cases from ended group by edition, closed_on, born_on, outcomes",
    )
    .bind(child.map(|child| child.to_string()))
    .bind(borough.map(Borough::code))
    .fetch_all(executor)
    .await?;
    rows.iter().map(from_pg).collect()
}

/// The cases that a borough held last and that have ended, or all, each with how many are like it.
pub(crate) async fn ended_by(executor: impl PgExecutor<'_>, borough: Option<&Borough>) -> Result<Vec<(Closed, i64)>, sqlx::Error> {
    ended_cases(executor, None, borough).await
}

/// The case of a child, if it has ended.
pub(crate) async fn ended_of(executor: impl PgExecutor<'_>, child: ChildId) -> Result<Option<Closed>, sqlx::Error> {
    Ok(ended_cases(executor, Some(child), None).await?.into_iter().next().map(|(closed, _)| closed))
}
