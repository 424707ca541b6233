//! What each report counts: one fact for each event, from the typed tables of the record.

use event_store::PgTime;
use jiff::tz::TimeZone;
use kernel::Timestamp;
use sqlx::{
    AssertSqlSafe, PgConnection, Postgres, Row as _,
    postgres::{PgArguments, PgRow},
    query::Query,
};

use super::Report;

/// One event that a figure counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The row of the report.
    pub(crate) labels: Vec<String>,
    /// The figure.
    pub(crate) figure: String,
    /// How long it took, where that is what is told.
    pub(crate) seconds: Option<i64>,
    /// The service whose log holds the event.
    pub(crate) service: String,
    /// Its place there.
    pub(crate) position: i64,
    /// When the hub was told.
    pub(crate) at: Timestamp,
}

/// Over what: from one instant up to, not including, another; one borough's or all; as it was known at an instant.
#[derive(Clone, Debug)]
pub(crate) struct Over {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) borough: Option<String>,
    pub(crate) as_of: Timestamp,
}

/// The offers of the period, which most reports begin with. `$4` stands in each, so that all have the same values.
macro_rules! over_offers {
    ($rest:literal) => {
        concat!(
            "with o as (select * from audit.offer where offered_at >= $1 and offered_at < $2
                 and ($3::text is null or $3 in (from_borough, to_borough)) and $4::timestamptz is not null) ",
            $rest
        )
    };
}

const PAIRS: &str = over_offers!(
    "select array[from_borough, to_borough] as labels, 'offers' as figure, null::bigint as seconds, 'transfers' as service, position,
            offered_at as at from o
     union all
     select array[o.from_borough, o.to_borough], f.figure, null, 'transfers', min(f.position), min(f.at) from o join (
         select transfer, position, at,
                case step when 'accepted_elsewhere' then 'accepted' when 'dispute_opened' then 'disputed' else step end as figure
         from audit.step where step in ('accepted', 'accepted_elsewhere', 'declined', 'handed_over', 'escalated', 'dispute_opened')
     ) f on f.transfer = o.transfer
     group by o.transfer, o.from_borough, o.to_borough, f.figure"
);

/// The label is the hour since 1970 at which it was, of which [`labels`] makes the hour of the day in England.
const HOURS: &str = over_offers!(
    "select array[floor(extract(epoch from offered_at) / 3600)::bigint::text] as labels, 'offers' as figure, null::bigint as seconds,
            'transfers' as service, position, offered_at as at from o
     union all
     select array[floor(extract(epoch from min(f.at)) / 3600)::bigint::text], f.figure, null, 'transfers', min(f.position), min(f.at) from o join (
         select transfer, position, at, case step when 'accepted_elsewhere' then 'accepted' else step end as figure
         from audit.step where step in ('accepted', 'accepted_elsewhere', 'declined')
     ) f on f.transfer = o.transfer
     group by o.transfer, f.figure"
);

const TIMES: &str = over_offers!(
    "select array[f.label] as labels, 'handovers' as figure, floor(extract(epoch from min(f.at) - o.offered_at))::bigint as seconds,
            'transfers' as service, min(f.position) as position, min(f.at) as at
     from o join (
         select transfer, position, at, case when step in ('accepted', 'accepted_elsewhere', 'declined') then 'answered' else step end as label
         from audit.step where step in ('delivered', 'seen', 'accepted', 'accepted_elsewhere', 'declined', 'received', 'handed_over')
     ) f on f.transfer = o.transfer
     group by o.transfer, o.offered_at, f.label"
);

const DECLINES: &str = over_offers!(
    "select array[coalesce(s.code, 'not_told')] as labels, 'declines' as figure, null::bigint as seconds, 'transfers' as service, s.position, s.at
     from o join audit.step s on s.transfer = o.transfer and s.step = 'declined'"
);

const ESCALATIONS: &str = over_offers!(
    "select array['level ' || coalesce(substring(s.code from '^level_([0-9]+)'), '?')] as labels, 'transfers' as figure, null::bigint as seconds,
            'transfers' as service, s.position, s.at
     from o join audit.step s on s.transfer = o.transfer and s.step = 'escalated'
     union all
     select array['level ' || coalesce(data ->> 'level', '?')], 'referrals', null, service, position, recorded_at from audit.record
     where service = 'intake' and kind = 'decision_overdue' and recorded_at >= $1 and recorded_at < $2
       and ($3::text is null or data ->> 'borough' = $3)"
);

const DISPUTES: &str = over_offers!(
    "select array[o.from_borough, o.to_borough] as labels, case s.step when 'dispute_opened' then 'opened' else 'settled' end as figure,
            null::bigint as seconds, 'transfers' as service, s.position, s.at
     from o join audit.step s on s.transfer = o.transfer and s.step in ('dispute_opened', 'dispute_settled')"
);

const HAND_BACKS: &str = over_offers!(
    "select array[o.from_borough, o.to_borough] as labels, f.figure, null::bigint as seconds, 'transfers' as service, o.position, o.offered_at as at
     from o cross join (values ('hand_backs'), ('not_taken')) as f (figure)
     where exists (select from audit.step h where h.step = 'handed_back' and h.code = o.transfer)
       and (f.figure = 'hand_backs' or not exists (
            select from audit.step s where s.transfer = o.transfer and s.step in ('accepted', 'accepted_elsewhere')))"
);

const NIGHT_CASES: &str = "
    select array[coalesce(data ->> 'borough', '')] as labels, case kind when 'night_case.due' then 'due' else 'not_taken' end as figure,
           null::bigint as seconds, service, position, recorded_at as at
    from audit.record
    where service = 'transfers' and kind in ('night_case.due', 'night_case.escalated') and recorded_at >= $1 and recorded_at < $2
      and ($3::text is null or data ->> 'borough' = $3) and $4::timestamptz is not null";

/// Linked records count as one child: each has the least id among those it can be reached from. Most children are told of once, and are
/// left out before anything is sorted.
const REPEATS: &str = "
    with recursive now_linked as (
        select child, other from (
            select distinct on (child, other) child, other, linked from audit.link order by child, other, position desc
        ) latest where linked
    ), reached as (
        select child, other from now_linked union select r.child, n.other from reached r join now_linked n on n.child = r.other
    ), one as (
        select child, min(other) as root from reached group by child
    ), settled as (
        select referral, bool_or(outcome in ('immediate_protection', 'section_47_enquiry', 'child_in_need_assessment')) as assessed,
               bool_or(outcome = 'joined') as joined
        from audit.settled where at <= $4 group by referral
    ), told as (
        select c.referral, coalesce(least(one.root, c.child), c.child) as person, c.position, c.owner, c.received_at
        from audit.contact c left join one on one.child = c.child
        where c.received_at >= $1 - interval '12 months' and c.received_at < $2
    ), often as (
        select person from told group by person having count(*) > 1
    ), seen as (
        select distinct t.*, s.assessed from told t join often using (person) left join settled s using (referral) where s.joined is not true
    ), before as (
        select *, count(*) over w as contacts, bool_or(coalesce(assessed, false)) over w as helped from seen
        window w as (partition by person order by received_at range between interval '12 months' preceding and current row)
    ), counted as (
        select owner, position, min(received_at) as at, bool_or(not helped) as unhelped from before
        where received_at >= $1 and contacts > 1 and ($3::text is null or owner = $3) group by owner, position
    )
    select array[owner] as labels, f.figure, null::bigint as seconds, 'intake' as service, position, at
    from counted cross join (values ('repeat'), ('without_assessment')) as f (figure) where f.figure = 'repeat' or unhelped";

const OVERDUE: &str = over_offers!(
    ", c as (
         select distinct referral, position, owner, received_at, decide_by from audit.contact
         where received_at >= $1 and received_at < $2 and ($3::text is null or owner = $3)
     ), r as (
         select c.*, s.at as settled_at from c left join (
             select referral, min(at) as at from audit.settled where at <= $4 group by referral) s on s.referral = c.referral
     ), t as (
         select o.*, s.answered_at, s.over_at from o left join (
             select transfer, min(at) filter (where step in ('accepted', 'accepted_elsewhere', 'declined')) as answered_at, min(at) as over_at
             from audit.step where at <= $4 and step in
                 ('accepted', 'accepted_elsewhere', 'declined', 'redirected', 'withdrawn', 'superseded', 'closed')
             group by transfer) s on s.transfer = o.transfer
         where $3::text is null or $3 = to_borough
     )
     select array[owner] as labels, case when settled_at is null then 'referrals_undecided' else 'referrals_decided_late' end as figure,
            null::bigint as seconds, 'intake' as service, position, received_at as at
     from r where coalesce(settled_at, $4) > decide_by
     union all
     select array[to_borough], case when over_at is null then 'transfers_unanswered' else 'transfers_answered_late' end, null, 'transfers',
            position, offered_at
     from t where case when over_at is null then $4 else answered_at end > decide_by"
);

/// One figure of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    /// The row of the report.
    pub(crate) labels: Vec<String>,
    /// The figure.
    pub(crate) figure: String,
    /// How many facts.
    pub(crate) count: i64,
    /// The time that half of them reach, and that nine tenths reach, where times are told: each one that occurred.
    pub(crate) ranks: Option<(i64, i64)>,
}

fn sql(report: Report) -> &'static str {
    match report {
        Report::Pairs => PAIRS,
        Report::Hours => HOURS,
        Report::Times => TIMES,
        Report::Declines => DECLINES,
        Report::Escalations => ESCALATIONS,
        Report::Disputes => DISPUTES,
        Report::HandBacks => HAND_BACKS,
        Report::NightCases => NIGHT_CASES,
        Report::Repeats => REPEATS,
        Report::Overdue => OVERDUE,
    }
}

/// The facts of a report, counted where they are: five years of an area are some 200,000.
pub(crate) async fn count(connection: &mut PgConnection, report: Report, over: &Over) -> Result<Vec<Count>, sqlx::Error> {
    // A percentile sorts everything, so it is asked for where times are told alone.
    let ranks = match report {
        Report::Times => "percentile_disc(array[0.5, 0.9]) within group (order by seconds)",
        Report::Pairs
        | Report::Hours
        | Report::Declines
        | Report::Escalations
        | Report::Disputes
        | Report::HandBacks
        | Report::NightCases
        | Report::Repeats
        | Report::Overdue => "null::bigint[]",
    };
    let sql = format!("select labels, figure, count(*) as count, {ranks} as ranks from ({}) facts group by labels, figure", sql(report));
    let rows = values(sqlx::query(AssertSqlSafe(sql)), over).fetch_all(connection).await?;
    let counted = |row: &PgRow| {
        let ranks: Option<Vec<i64>> = row.try_get("ranks")?;
        let ranks = ranks.and_then(|ranks| Some((*ranks.first()?, *ranks.get(1)?)));
        Ok(Count { labels: labels(report, row)?, figure: row.try_get("figure")?, count: row.try_get("count")?, ranks })
    };
    rows.iter().map(counted).collect()
}

/// The facts of a report, oldest first.
pub(crate) async fn read(connection: &mut PgConnection, report: Report, over: &Over) -> Result<Vec<Fact>, sqlx::Error> {
    let rows = values(sqlx::query(sql(report)), over).fetch_all(connection).await?;
    let mut facts = rows.iter().map(|row| fact(report, row)).collect::<Result<Vec<_>, _>>()?;
    facts.sort_by(|a, b| (a.at, &a.service, a.position).cmp(&(b.at, &b.service, b.position)));
    Ok(facts)
}

/// An hour of the day, as a label.
pub(super) fn hour(hour: i8) -> String {
    format!("{hour:02}:00")
}

fn values<'a>(query: Query<'a, Postgres, PgArguments>, over: &'a Over) -> Query<'a, Postgres, PgArguments> {
    query.bind(PgTime(over.from)).bind(PgTime(over.to)).bind(over.borough.as_deref()).bind(PgTime(over.as_of))
}

/// The labels of a row, with the hour of the day in England where it is told by the hour.
fn labels(report: Report, row: &PgRow) -> Result<Vec<String>, sqlx::Error> {
    let found: Vec<String> = row.try_get("labels")?;
    if report != Report::Hours {
        return Ok(found);
    }
    // The time zone is built into the program; without it the answer is UTC.
    let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let at = found.first().and_then(|hours| Timestamp::from_second(hours.parse::<i64>().ok()? * 3_600).ok());
    Ok(at.map(|at| hour(london.to_datetime(at).hour())).into_iter().collect())
}

fn fact(report: Report, row: &PgRow) -> Result<Fact, sqlx::Error> {
    Ok(Fact {
        labels: labels(report, row)?,
        figure: row.try_get("figure")?,
        seconds: row.try_get("seconds")?,
        service: row.try_get("service")?,
        position: row.try_get("position")?,
        at: row.try_get::<PgTime, _>("at")?.0,
    })
}
