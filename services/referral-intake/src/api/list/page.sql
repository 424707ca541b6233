-- One page with who answers for it now. The rules are those of `Reach`: for each child the borough that took the enquiry last, else
-- emergency action, else the owner; beside these, whoever has taken any other duty and still holds it. Of the latter, a plan decides
-- nothing: its holder stands near as the home borough or as one that it is shared with.
select page.*, now.holds_now,
    case
        when page.stands = 'referrer' then 'referrer'
        when page.owner = $1 and $1 = any(answers.boroughs) then 'owner'
        when $1 = any(answers.boroughs || acting.boroughs) then 'holder'
        when page.homes @> array[$1] then 'home'
        else 'shared'
    end as yours
from (
{page}
) page
cross join lateral (
    select coalesce(array_agg(distinct coalesce(taken.borough, page.owner)), array[page.owner]) as boroughs
    from unnest(page.children) as named (child)
    left join lateral (
        select h.borough from holder h
        where h.child = named.child and h.duty in ('enquiry', 'emergency_action')
        order by h.duty = 'enquiry' desc limit 1
    ) taken on true
) answers
cross join lateral (
    select coalesce(array_agg(h.borough), '{}') as boroughs
    from holder h where h.child = any(page.children) and h.duty in ('enquiry', 'emergency_action') and not h.ended
) acting
cross join lateral (
    select array_agg(borough order by borough) as holds_now
    from (
        select unnest(answers.boroughs) as borough
        union
        select h.borough from holder h where h.child = any(page.children) and not h.ended
    ) each_once
) now
order by page.received_at, page.id
