select r.*,
       case
           when $2::text is not null then 'referrer'
           when r.owner = any($1) then 'owner'
           when r.homes && $1 then 'home'
           else 'shared'
       end as yours
from referral r
where (
        r.owner = any($1) or r.homes && $1 or r.from_org = $2
        or exists (select from reader where reader.borough = any($1) and reader.child = any(r.children))
    )
  and case $3::text
          when 'undecided' then r.outcome is null
          when 'decided' then r.outcome is not null
          when 'overdue' then r.outcome is null and r.decide_by < $4
          when 'withdrawn' then r.withdrawn
          when 'feedback_overdue' then r.feedback_by < $4 and not r.feedback_done
          else true
      end
  and ($5::timestamptz is null or (r.received_at, r.id) > ($5, $6))
order by r.received_at, r.id
limit $7
