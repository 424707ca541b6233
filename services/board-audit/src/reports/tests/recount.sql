-- A second count of every report, over nothing but the raw rows of the record. $1 from, $2 to, $3 borough, $4 as of.
with recursive raw as materialized (
    select service, position, kind, recorded_at as at, data, data ->> 'step' as step, data ->> 'transfer' as id from audit.record
), talk as materialized (
    select id, min(at) filter (where kind = 'transfer_offered') as offered,
           min(data ->> 'from') filter (where kind = 'transfer_offered') as giver,
           min(data ->> 'to') filter (where kind = 'transfer_offered') as taker,
           min((data ->> 'decide_by')::timestamptz) as decide_by,
           min(at) filter (where step = 'delivered') as delivered,
           min(at) filter (where step = 'seen') as seen,
           min(at) filter (where step in ('accepted', 'accepted_elsewhere')) as accepted,
           min(at) filter (where step = 'declined') as declined,
           min(at) filter (where step = 'received') as received,
           min(at) filter (where step = 'handed_over') as handed_over,
           min(at) filter (where step = 'withdrawn') as withdrawn,
           count(*) filter (where step = 'escalated') as escalated,
           count(*) filter (where step = 'dispute_opened') as opened,
           count(*) filter (where step = 'dispute_settled') as settled
    from raw where service = 'transfers' and id is not null group by id
), talks as materialized (
    select * from talk where offered >= $1 and offered < $2 and ($3::text is null or giver = $3 or taker = $3)
), lasts (label, took) as (
    select 'delivered', delivered - offered from talks where delivered is not null
    union all select 'seen', seen - offered from talks where seen is not null
    union all select 'answered', least(accepted, declined) - offered from talks where least(accepted, declined) is not null
    union all select 'received', received - offered from talks where received is not null
    union all select 'handed_over', handed_over - offered from talks where handed_over is not null
), ranked as (
    select label, floor(extract(epoch from took))::bigint as seconds, row_number() over (partition by label order by took) as nth,
           count(*) over (partition by label) as of
    from lasts
), referral as materialized (
    select data ->> 'referral' as id, data ->> 'owner' as owner, (data ->> 'received_at')::timestamptz as received,
           (data ->> 'decide_by')::timestamptz as decide_by, data -> 'children' as children
    from raw where kind = 'referral_received'
), ending as materialized (
    select data ->> 'referral' as id, min(at) as first, bool_or(kind = 'referral_joined') as joined,
           bool_or(coalesce(data ->> 'outcome' in ('immediate_protection', 'section_47_enquiry', 'child_in_need_assessment'), false)) as helped
    from raw where kind in ('referral_decided', 'referral_joined', 'referral_withdrawn') group by 1
), saying as (
    select data ->> 'child' as a, data ->> 'other' as b, kind, position from raw where kind in ('children_linked', 'children_unlinked')
    union all
    select data ->> 'other', data ->> 'child', kind, position from raw where kind in ('children_linked', 'children_unlinked')
), linked as (
    select a, b from saying s where kind = 'children_linked'
      and not exists (select from saying t where t.a = s.a and t.b = s.b and t.position > s.position and t.kind = 'children_unlinked')
), same (a, b) as (
    select distinct c, c from referral cross join jsonb_array_elements_text(children) c
    union select same.a, linked.b from same join linked on linked.a = same.b
), visit as materialized (
    select r.id, c as child, r.owner, r.received, coalesce(e.helped, false) as helped
    from referral r cross join jsonb_array_elements_text(children) c left join ending e on e.id = r.id
    where coalesce(e.joined, false) is false
), earlier as (
    select v.id, v.owner, v.child, v.helped or bool_or(w.helped) as helped
    from visit v join same on same.a = v.child join visit w on w.child = same.b and w.id <> v.id
     and w.received >= v.received - interval '12 months' and w.received <= v.received
    where v.received >= $1 and v.received < $2 and ($3::text is null or v.owner = $3)
    group by v.id, v.owner, v.child, v.helped
), mine as (
    select r.*, e.first from referral r left join ending e on e.id = r.id
    where r.received >= $1 and r.received < $2 and ($3::text is null or r.owner = $3)
)
select 'pairs' as report, giver || '~' || taker as label, f.figure, count(*) filter (where f.so) as n
from talks cross join lateral (values ('offers', true), ('accepted', accepted is not null), ('declined', declined is not null),
     ('handed_over', handed_over is not null), ('escalated', escalated > 0), ('disputed', opened > 0)) as f (figure, so) group by 2, 3
union all
select 'hours', to_char(f.at at time zone 'Europe/London', 'HH24":00"'), f.figure, count(*)
from talks cross join lateral (values ('offers', offered), ('accepted', accepted), ('declined', declined)) as f (figure, at)
where f.at is not null group by 2, 3
union all
select 'times', label, 'handovers', count(*) from lasts group by label
union all
select 'times', label, 'median_seconds', min(seconds) from ranked where nth * 100 >= of * 50 group by label
union all
select 'times', label, 'p90_seconds', min(seconds) from ranked where nth * 100 >= of * 90 group by label
union all
select 'declines', raw.data ->> 'code', 'declines', count(*) from raw join talks using (id) where raw.step = 'declined' group by 2
union all
select 'escalations', 'level ' || split_part(raw.data ->> 'code', '_', 2), 'transfers', count(*) from raw join talks using (id)
where raw.step = 'escalated' group by 2
union all
select 'escalations', 'level ' || (data ->> 'level'), 'referrals', count(*) from raw
where kind = 'decision_overdue' and at >= $1 and at < $2 and ($3::text is null or data ->> 'borough' = $3) group by 2
union all
select 'disputes', giver || '~' || taker, f.figure, sum(f.n)::bigint
from talks cross join lateral (values ('opened', opened), ('settled', settled)) as f (figure, n) group by 2, 3
union all
select 'hand-backs', giver || '~' || taker, f.figure, count(*) filter (where f.so)
from talks cross join lateral (values ('hand_backs', true), ('not_taken', accepted is null)) as f (figure, so)
where id in (select data ->> 'code' from raw where step = 'handed_back') group by 2, 3
union all
select 'night-cases', data ->> 'borough', case kind when 'night_case.due' then 'due' else 'not_taken' end, count(*) from raw
where kind in ('night_case.due', 'night_case.escalated') and at >= $1 and at < $2 and ($3::text is null or data ->> 'borough' = $3) group by 2, 3
union all
select 'repeat-referrals', owner, 'repeat', count(distinct id) from earlier group by owner
union all
select 'repeat-referrals', owner, 'without_assessment', count(distinct id) from earlier where not helped group by owner
union all
select 'overdue-decisions', owner, 'referrals_decided_late', count(*) from mine where first > decide_by group by owner
union all
select 'overdue-decisions', owner, 'referrals_undecided', count(*) from mine where first is null and decide_by < $4 group by owner
union all
select 'overdue-decisions', taker, 'transfers_answered_late', count(*) from talks
where least(accepted, declined) > decide_by and ($3::text is null or taker = $3) group by taker
union all
select 'overdue-decisions', taker, 'transfers_unanswered', count(*) from talks
where least(accepted, declined, withdrawn) is null and decide_by < $4 and ($3::text is null or taker = $3) group by taker
