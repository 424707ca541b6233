//! What each report counts: one fact for each event, from the typed tables of the record.

use event_store::PgTime;
use jiff::tz::TimeZone;
use kernel::Timestamp;
use sqlx::{PgConnection, Row as _, postgres::PgRow};

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
     select array[o.from_borough, o.to_borough], f.figure, null, 'transfers', f.position, f.at from o cross join lateral (
         select distinct on (figure) s.position, s.at,
                case step when 'accepted_elsewhere' then 'accepted' when 'dispute_opened' then 'disputed' else step end as figure
         from audit.step s where s.transfer = o.transfer
           and step in ('accepted', 'accepted_elsewhere', 'declined', 'handed_over', 'escalated', 'dispute_opened')
         order by figure, s.position) f"
);

/// The hour is put in afterwards, from the time.
const HOURS: &str = over_offers!(
    "select array[]::text[] as labels, 'offers' as figure, null::bigint as seconds, 'transfers' as service, position, offered_at as at from o
     union all
     select array[]::text[], f.figure, null, 'transfers', f.position, f.at from o cross join lateral (
         select distinct on (figure) s.position, s.at, case step when 'accepted_elsewhere' then 'accepted' else step end as figure
         from audit.step s where s.transfer = o.transfer and step in ('accepted', 'accepted_elsewhere', 'declined')
         order by figure, s.position) f"
);

const TIMES: &str = over_offers!(
    "select array[f.label] as labels, 'handovers' as figure, floor(extract(epoch from f.at - o.offered_at))::bigint as seconds,
            'transfers' as service, f.position, f.at
     from o cross join lateral (
         select distinct on (label) s.position, s.at,
                case when step in ('accepted', 'accepted_elsewhere', 'declined') then 'answered' else step end as label
         from audit.step s where s.transfer = o.transfer
           and step in ('delivered', 'seen', 'accepted', 'accepted_elsewhere', 'declined', 'received', 'handed_over')
         order by label, s.position) f"
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

/// Linked records count as one child: each has the least id among those it can be reached from.
const REPEATS: &str = "
    with recursive now_linked as (
        select child, other from (
            select distinct on (child, other) child, other, linked from audit.link order by child, other, position desc
        ) latest where linked
    ), reached as (
        select child, other from now_linked union select r.child, n.other from reached r join now_linked n on n.child = r.other
    ), one as (
        select child, min(other) as root from reached group by child
    ), told as (
        select distinct on (c.referral, person) c.referral, coalesce(least(one.root, c.child), c.child) as person, c.position, c.owner, c.received_at
        from audit.contact c left join one on one.child = c.child
        where c.received_at >= $1 - interval '12 months' and c.received_at < $2
        order by c.referral, person
    ), seen as (
        select t.*, s.assessed from told t left join lateral (
            select bool_or(outcome in ('immediate_protection', 'section_47_enquiry', 'child_in_need_assessment')) as assessed,
                   bool_or(outcome = 'joined') as joined
            from audit.settled where settled.referral = t.referral and at <= $4) s on true
        where s.joined is not true
    ), before as (
        select *, count(*) over w as contacts, bool_or(coalesce(assessed, false)) over w as helped from seen
        window w as (partition by person order by received_at range between interval '12 months' preceding and current row)
    )
    select array[owner] as labels, f.figure, null::bigint as seconds, 'intake' as service, position, min(received_at) as at
    from before cross join (values ('repeat'), ('without_assessment')) as f (figure)
    where received_at >= $1 and contacts > 1 and (f.figure = 'repeat' or not helped) and ($3::text is null or owner = $3)
    group by owner, f.figure, position";

const OVERDUE: &str = over_offers!(
    ", c as (
         select distinct on (referral) * from audit.contact where received_at >= $1 and received_at < $2 and ($3::text is null or owner = $3)
         order by referral
     ), r as (
         select c.*, s.at as settled_at from c left join lateral (
             select min(at) as at from audit.settled where settled.referral = c.referral and at <= $4) s on true
     ), t as (
         select o.*, s.answered_at, s.over_at from o left join lateral (
             select min(at) filter (where step in ('accepted', 'accepted_elsewhere', 'declined')) as answered_at, min(at) as over_at
             from audit.step where step.transfer = o.transfer and at <= $4 and step in
                 ('accepted', 'accepted_elsewhere', 'declined', 'redirected', 'withdrawn', 'superseded', 'closed')) s on true
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

/// The facts of a report, oldest first.
pub(crate) async fn read(connection: &mut PgConnection, report: Report, over: &Over) -> Result<Vec<Fact>, sqlx::Error> {
    let sql = match report {
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
    };
    let rows = sqlx::query(sql).bind(PgTime(over.from)).bind(PgTime(over.to)).bind(over.borough.as_deref()).bind(PgTime(over.as_of));
    let mut facts = rows.fetch_all(connection).await?.iter().map(fact).collect::<Result<Vec<_>, _>>()?;
    if report == Report::Hours {
        // The time zone is built into the program; without it the answer is UTC.
        let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
        for fact in &mut facts {
            fact.labels = vec![hour(london.to_datetime(fact.at).hour())];
        }
    }
    facts.sort_by(|a, b| (a.at, &a.service, a.position).cmp(&(b.at, &b.service, b.position)));
    Ok(facts)
}

/// An hour of the day, as a label.
pub(super) fn hour(hour: i8) -> String {
    format!("{hour:02}:00")
}

fn fact(row: &PgRow) -> Result<Fact, sqlx::Error> {
    Ok(Fact {
        labels: row.try_get("labels")?,
        figure: row.try_get("figure")?,
        seconds: row.try_get("seconds")?,
        service: row.try_get("service")?,
        position: row.try_get("position")?,
        at: row.try_get::<PgTime, _>("at")?.0,
    })
}
