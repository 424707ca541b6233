with events as (
    insert into log.event (position, stream, version, event_id, type, schema_version, occurred_at, recorded_at, actor,
                           correlation, causation, data, leaf_hash)
    select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::smallint[], $7::timestamptz[],
                         $8::timestamptz[], $9::text[], $10::text[], $11::uuid[], $12::bytea[], $13::bytea[])
), receipts as (
    insert into log.receipt (principal, key, fingerprint, status, body, position, version)
    select * from unnest($14::text[], $15::text[], $16::bytea[], $17::smallint[], $18::bytea[], $19::bigint[], $20::bigint[])
), inbox as (
    insert into log.inbox (source, position)
    select * from unnest($21::text[], $22::bigint[])
    on conflict (source) do update set position = excluded.position
)
update log.head set position = $23 where one
