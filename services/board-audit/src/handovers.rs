//! The plain list of handovers.

use event_store::PgTime;
use kernel::Timestamp;
use serde::Serialize;
use sqlx::{PgPool, Row as _, postgres::PgRow};
use utoipa::ToSchema;

use crate::chronology::name_of;

/// One transfer and how it went. A time that is missing means that it has not happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Handover {
    /// The transfer.
    transfer_id: String,
    /// Who offered it.
    from: String,
    /// Their name.
    from_name: String,
    /// Who was asked.
    to: String,
    /// Their name.
    to_name: String,
    /// `P1` to `P4`.
    priority: String,
    /// How many children.
    children: i32,
    /// When it was offered.
    #[schema(value_type = String, format = DateTime)]
    offered_at: Timestamp,
    /// When it arrived at the other desk.
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
    /// When a person there opened it.
    #[schema(value_type = Option<String>, format = DateTime)]
    seen_at: Option<Timestamp>,
    /// When it was accepted.
    #[schema(value_type = Option<String>, format = DateTime)]
    accepted_at: Option<Timestamp>,
    /// Accepted by voice by a borough that is not connected; the giver recorded it with evidence.
    accepted_elsewhere: bool,
    /// When it was declined.
    #[schema(value_type = Option<String>, format = DateTime)]
    declined_at: Option<Timestamp>,
    /// Why it was declined, as a code.
    decline_reason: Option<String>,
    /// When the receiving desk's screen had it.
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Timestamp>,
    /// When both had spoken.
    #[schema(value_type = Option<String>, format = DateTime)]
    handed_over_at: Option<Timestamp>,
    /// The highest level that it was escalated to.
    escalated_to: Option<i32>,
    /// The last step.
    last_step: String,
}

/// Where a page ends: the offer's time and transfer.
pub(crate) type Mark = (Timestamp, String);

/// Handovers offered from one instant up to, not including, another; oldest first.
pub(crate) async fn list(
    pool: &PgPool,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
    after: Option<Mark>,
    limit: i64,
) -> Result<Vec<(Mark, Handover)>, sqlx::Error> {
    let (after_at, after_transfer) = after.unzip();
    sqlx::query(
        "select o.*, s.* from audit.offer o cross join lateral (
             select min(at) filter (where step = 'delivered') as delivered_at, min(at) filter (where step = 'seen') as seen_at,
                    min(at) filter (where step in ('accepted', 'accepted_elsewhere')) as accepted_at,
                    coalesce(bool_or(step = 'accepted_elsewhere'), false) as accepted_elsewhere, min(at) filter (where step = 'declined') as declined_at,
                    min(code) filter (where step = 'declined') as decline_reason, min(at) filter (where step = 'received') as received_at,
                    min(at) filter (where step = 'handed_over') as handed_over_at,
                    max(substring(code from '^level_([0-9]+)')::int) filter (where step = 'escalated') as escalated_to,
                    coalesce((array_agg(step order by position desc))[1], 'offered') as last_step
             from audit.step where step.transfer = o.transfer) s
         where ($1::timestamptz is null or o.offered_at >= $1) and ($2::timestamptz is null or o.offered_at < $2)
           and ($3::timestamptz is null or (o.offered_at, o.transfer) > ($3, $4))
         order by o.offered_at, o.transfer limit $5",
    )
    .bind(from.map(PgTime))
    .bind(to.map(PgTime))
    .bind(after_at.map(PgTime))
    .bind(after_transfer)
    .bind(limit)
    .fetch_all(pool)
    .await?
    .iter()
    .map(handover)
    .collect()
}

fn handover(row: &PgRow) -> Result<(Mark, Handover), sqlx::Error> {
    let time = |column: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<PgTime>, _>(column)?.map(|PgTime(time)| time));
    let (transfer, from, to): (String, String, String) =
        (row.try_get("transfer")?, row.try_get("from_borough")?, row.try_get("to_borough")?);
    let PgTime(offered_at) = row.try_get("offered_at")?;
    let handover = Handover {
        transfer_id: transfer.clone(),
        from_name: name_of(&from),
        from,
        to_name: name_of(&to),
        to,
        priority: row.try_get("priority")?,
        children: row.try_get("children")?,
        offered_at,
        delivered_at: time("delivered_at")?,
        seen_at: time("seen_at")?,
        accepted_at: time("accepted_at")?,
        accepted_elsewhere: row.try_get("accepted_elsewhere")?,
        declined_at: time("declined_at")?,
        decline_reason: row.try_get("decline_reason")?,
        received_at: time("received_at")?,
        handed_over_at: time("handed_over_at")?,
        escalated_to: row.try_get("escalated_to")?,
        last_step: row.try_get("last_step")?,
    };
    Ok(((offered_at, transfer), handover))
}
