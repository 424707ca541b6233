select r.*, 'referrer' as stands from referral r
where r.from_org = $1 and {condition} and ($3::timestamptz is null or (r.received_at, r.id) > ($3, $4))
order by r.received_at, r.id limit $5
