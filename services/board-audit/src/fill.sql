-- What an older release has taken without keeping what the reports count: filled from the record, once.
update audit.offer o set position = r.position, decide_by = (r.data ->> 'decide_by')::timestamptz
from audit.record r
where o.position is null and r.service = 'transfers' and r.kind = 'transfer_offered' and r.data ->> 'transfer' = o.transfer;

insert into audit.contact
select r.data ->> 'referral', c.child, r.position, r.data ->> 'owner', (r.data ->> 'received_at')::timestamptz, (r.data ->> 'decide_by')::timestamptz
from audit.record r cross join lateral jsonb_array_elements_text(r.data -> 'children') as c (child)
where r.service = 'intake' and r.kind = 'referral_received' and not exists (select from audit.contact)
on conflict do nothing;

insert into audit.settled
select data ->> 'referral', position, recorded_at,
       case kind when 'referral_joined' then 'joined' when 'referral_withdrawn' then 'withdrawn' else data ->> 'outcome' end
from audit.record
where service = 'intake' and kind in ('referral_decided', 'referral_joined', 'referral_withdrawn') and not exists (select from audit.settled)
on conflict do nothing;
