select * from (
(
    select r.*, 'owner' as stands from referral r
    where r.owner = $1 and {condition} and ($3::timestamptz is null or (r.received_at, r.id) > ($3, $4))
    order by r.received_at, r.id limit $5
)
union all
(
    select r.*, 'home' as stands from referral r
    where r.homes @> array[$1] and r.owner <> $1 and {condition} and ($3::timestamptz is null or (r.received_at, r.id) > ($3, $4))
    order by r.received_at, r.id limit $5
)
union all
(
    select r.*, 'shared' as stands from referral r
    where r.children && array(select child from reader where borough = $1) and r.owner <> $1 and not r.homes @> array[$1] and {condition} and ($3::timestamptz is null or (r.received_at, r.id) > ($3, $4))
    order by r.received_at, r.id limit $5
)
) r
order by received_at, id limit $5
