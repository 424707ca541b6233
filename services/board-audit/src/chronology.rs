//! Everything that happened about one child, over all services, in order.

use event_store::PgTime;
use kernel::{ChildId, Directory, Org};
use serde::Serialize;
use serde_json::Value;
use sqlx::{PgPool, Row as _, postgres::PgRow};
use utoipa::ToSchema;

use crate::words;

/// One line of a chronology.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Line {
    /// The service whose log holds it.
    pub(crate) service: String,
    /// Its place there.
    pub(crate) position: i64,
    /// The event's id.
    pub(crate) event_id: String,
    /// What happened, as a code.
    pub(crate) kind: String,
    /// What happened, in words.
    pub(crate) summary: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) occurred_at: kernel::Timestamp,
    /// When the hub was told.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) recorded_at: kernel::Timestamp,
    /// Who did it.
    pub(crate) actor: Who,
    /// The children it is about.
    pub(crate) children: Vec<String>,
    /// The tamper-evident hash of the stored row, in hex.
    pub(crate) leaf_hash: String,
    /// The codes and times that belong to it.
    #[schema(value_type = Object)]
    pub(crate) detail: Value,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Who {
    /// The subject of the token.
    pub(crate) id: String,
    /// The organisation's code.
    pub(crate) org: String,
    /// The organisation's name.
    pub(crate) org_name: String,
    /// The role acted in.
    pub(crate) role: String,
}

/// The child and every record that persons have linked to it, directly or through others.
pub(crate) const RECORDS_OF_ONE_CHILD: &str = "
    with recursive now_linked as (
        select child, other from (
            select distinct on (child, other) child, other, linked from audit.link order by child, other, position desc
        ) latest where linked
    ), same (child) as (
        select $1::text union select now_linked.other from same join now_linked on now_linked.child = same.child
    )";

/// Where a page ends: when the hub was told, the service, the position.
pub(crate) type Mark = (kernel::Timestamp, String, i64);

impl Line {
    pub(crate) fn mark(&self) -> Mark {
        (self.recorded_at, self.service.clone(), self.position)
    }
}

/// Lines about a child and the records linked to it, after a mark. Times of different services are put in order by when the hub was
/// told; within one service the position decides.
pub(crate) async fn read(pool: &PgPool, child: ChildId, after: Option<Mark>, most: i64) -> Result<Vec<Line>, sqlx::Error> {
    let (at, after) = after.map(|(at, service, position)| (at, (service, position))).unzip();
    let (service, position) = after.unzip();
    let sql = format!(
        "{RECORDS_OF_ONE_CHILD}
         select r.service, r.position, r.event_id, r.kind, r.occurred_at, r.recorded_at, r.actor_id, r.actor_org, r.actor_role,
                r.leaf_hash, r.data::text as data, (select array_agg(c.child order by c.child) from audit.record_child c
                                      where c.service = r.service and c.position = r.position) as children
         from audit.record r
         where exists (select from audit.record_child c join same on same.child = c.child
                       where c.service = r.service and c.position = r.position)
           and ($2::timestamptz is null or (r.recorded_at, r.service, r.position) > ($2, $3, $4))
         order by r.recorded_at, r.service, r.position limit $5"
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(child.to_string());
    let query = query.bind(at.map(PgTime)).bind(service).bind(position).bind(most);
    query.fetch_all(pool).await?.iter().map(line).collect()
}

/// Everything about a child and the records linked to it.
pub(crate) async fn whole(pool: &PgPool, child: ChildId) -> Result<Vec<Line>, sqlx::Error> {
    const AT_ONCE: i64 = 1_000;
    let mut lines: Vec<Line> = Vec::new();
    loop {
        let found = read(pool, child, lines.last().map(Line::mark), AT_ONCE).await?;
        let last = i64::try_from(found.len()).is_ok_and(|found| found < AT_ONCE);
        lines.extend(found);
        if last {
            return Ok(lines);
        }
    }
}

/// Whether a borough has had to do with the child: the child was found or lives there, or the borough has held a duty. Having
/// recorded something about the child, or having been asked to take it on, opens nothing.
pub(crate) async fn concerns(pool: &PgPool, child: ChildId, borough: &str) -> Result<bool, sqlx::Error> {
    let sql = format!(
        "{RECORDS_OF_ONE_CHILD}
         select exists (
             select from audit.record r
             join audit.record_child c on c.service = r.service and c.position = r.position
             join same on same.child = c.child
             where $2 in (case when r.kind = 'referral_received' then r.data ->> 'owner' end,
                          case when r.kind = 'referral_received' then r.data ->> 'home' end,
                          case when r.kind in ('duty_opened', 'duty_ended') then r.data ->> 'holder' end,
                          case when r.kind = 'duty_moved' then r.data ->> 'from' end,
                          case when r.kind = 'duty_moved' then r.data ->> 'to' end))"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(child.to_string()).bind(borough).fetch_one(pool).await
}

fn line(row: &PgRow) -> Result<Line, sqlx::Error> {
    let (kind, detail): (String, String) = (row.try_get("kind")?, row.try_get("data")?);
    let detail: Value = serde_json::from_str(&detail).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let org: String = row.try_get("actor_org")?;
    let leaf: Vec<u8> = row.try_get("leaf_hash")?;
    Ok(Line {
        service: row.try_get("service")?,
        position: row.try_get("position")?,
        event_id: row.try_get::<uuid::Uuid, _>("event_id")?.to_string(),
        summary: words::summary(&kind, &detail),
        kind,
        occurred_at: row.try_get::<PgTime, _>("occurred_at")?.0,
        recorded_at: row.try_get::<PgTime, _>("recorded_at")?.0,
        actor: Who { id: row.try_get("actor_id")?, org_name: name_of(&org), org, role: row.try_get("actor_role")? },
        children: row.try_get::<Option<Vec<String>>, _>("children")?.unwrap_or_default(),
        leaf_hash: hex::encode(leaf),
        detail,
    })
}

/// The name of an organisation; its code where the directory does not know it.
pub(crate) fn name_of(code: &str) -> String {
    let directory = Directory::get();
    let name = match code.parse::<Org>() {
        Ok(Org::Borough(borough)) => directory.borough(&borough).map(|entry| entry.name.as_str()),
        Ok(Org::Site(site)) => directory.site(&site).map(|entry| entry.name.as_str()),
        Ok(Org::Board) => Some("Safeguarding board"),
        Ok(Org::Hub) => Some("The hub"),
        Err(_) => None,
    };
    name.unwrap_or(code).to_owned()
}
