//! Who looked at a child's record, over all services and linked records.

use kernel::{ChildId, Recorded, Role};
use serde::Serialize;
use service_kit::look::{self, How, LookEvent, Outcome, Purpose};
use sqlx::PgPool;
use utoipa::ToSchema;

use crate::chronology::{RECORDS_OF_ONE_CHILD, name_of};

/// One look.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Looked {
    /// Its place in the log of looks.
    pub(crate) position: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: kernel::Timestamp,
    /// Who.
    who: Looker,
    /// The service that was asked.
    service: String,
    /// What was asked: method and route.
    action: String,
    /// `opened`, `listed`, `found` (in the result of a search), `followed` (on a screen that stays open) or `told` (with the answer to a
    /// command).
    #[schema(value_type = String)]
    how: How,
    /// `shown`, `denied` or `refused`.
    outcome: &'static str,
    /// Why it was denied or refused, as a code.
    reason: Option<String>,
    /// `safeguarding`, `follow_up`, `audit`, `break_glass`, `machine` or `other`.
    #[schema(value_type = String)]
    purpose: Purpose,
    /// The records of this child that it was at.
    children: Vec<String>,
    /// The referrals and transfers about this child that it was at.
    cases: Vec<String>,
    /// The request that it belongs to.
    trace_id: String,
}

/// Who looked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Looker {
    /// The subject of the token.
    id: String,
    /// The name.
    name: String,
    /// The organisation's code.
    org: String,
    /// The organisation's name.
    org_name: String,
    /// The role acted in; none where they hold none.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
}

/// Everything by which looks at a child are found.
pub(crate) struct Subject {
    children: Vec<String>,
    cases: Vec<String>,
}

/// The records of a child, and the referrals and transfers about them.
pub(crate) async fn subject(pool: &PgPool, child: ChildId) -> Result<Subject, sqlx::Error> {
    let children = format!("{RECORDS_OF_ONE_CHILD} select child from same");
    let children: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(children)).bind(child.to_string()).fetch_all(pool).await?;
    let cases = sqlx::query_scalar(
        "select distinct substring(r.subject from '(?:ref|trf)_[0-9a-f]{32}') from audit.record_child c
         join audit.record r using (service, position) where c.child = any($1) and r.subject ~ '(?:ref|trf)_[0-9a-f]{32}'",
    )
    .bind(&children)
    .fetch_all(pool)
    .await?;
    Ok(Subject { children, cases })
}

/// Looks at a child before a position, the newest first.
pub(crate) async fn read(looks: &PgPool, of: &Subject, before: Option<i64>, most: i64) -> Result<Vec<Looked>, event_store::StoreError> {
    let named: Vec<String> = of.children.iter().chain(&of.cases).cloned().collect();
    let found = look::about(looks, &named, before, most).await?;
    Ok(found.into_iter().filter_map(|recorded| line(recorded, of)).collect())
}

/// Whether a borough holds a duty towards the child now, under any of its records.
pub(crate) async fn is_responsible(pool: &PgPool, child: ChildId, borough: &str) -> Result<bool, sqlx::Error> {
    let sql = format!(
        "{RECORDS_OF_ONE_CHILD}, last as (
             select distinct on (c.child, r.data ->> 'duty') r.kind, coalesce(r.data ->> 'to', r.data ->> 'holder') as holder
             from audit.record r join audit.record_child c using (service, position) join same on same.child = c.child
             where r.kind in ('duty_opened', 'duty_moved', 'duty_ended')
             order by c.child, r.data ->> 'duty', r.position desc
         )
         select exists (select from last where holder = $2 and kind <> 'duty_ended')"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(child.to_string()).bind(borough).fetch_one(pool).await
}

impl Looker {
    /// Somebody who looked; in a role, if they hold any.
    pub(crate) fn of(actor: kernel::Actor, role: Option<Role>) -> Self {
        let org = actor.org.to_string();
        Self { id: actor.id, name: actor.name, org_name: name_of(&org), org, role }
    }
}

/// A look as it concerns this child: what else was on the same page is nobody's business here.
fn line(recorded: Recorded<LookEvent>, of: &Subject) -> Option<Looked> {
    let look = recorded.event.look()?.clone();
    let (outcome, reason) = match look.outcome {
        Outcome::Shown => ("shown", None),
        Outcome::Denied(reason) => ("denied", Some(reason)),
        Outcome::Refused(reason) => ("refused", Some(reason)),
    };
    let role = Some(recorded.actor.role).filter(|_| !look.roles.is_empty());
    Some(Looked {
        position: recorded.position,
        at: recorded.recorded_at,
        who: Looker::of(recorded.actor, role),
        service: look.service,
        action: look.action,
        how: look.how,
        outcome,
        reason,
        purpose: look.purpose,
        children: look.children.into_iter().filter(|child| of.children.contains(child)).collect(),
        cases: look.cases.into_iter().filter(|case| of.cases.contains(case)).collect(),
        trace_id: recorded.correlation,
    })
}
