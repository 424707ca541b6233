-- The log of one service, and what must be written in the same transaction as an event.
-- The owner of these tables is the migrator; the service's own role (hub_app) may read and add, and never change the past.

create schema if not exists log;
create schema if not exists view;

create table log.event (
    position       bigint      primary key check (position > 0),
    stream         text        not null,
    version        bigint      not null check (version > 0),
    event_id       uuid        not null unique,
    type           text        not null,
    schema_version smallint    not null,
    occurred_at    timestamptz not null,
    recorded_at    timestamptz not null,
    actor          text        not null, -- JSON, kept byte for byte because it is hashed
    correlation    text        not null,
    causation      uuid,
    data           bytea       not null, -- JSON, kept byte for byte because it is hashed
    leaf_hash      bytea       not null check (octet_length(leaf_hash) = 32),
    -- The concurrency check: two writers can never both be told yes for one version of a stream.
    constraint event_stream_version_key unique (stream, version)
);

-- Position of the last event. Every append locks this row, so positions are contiguous and in commit order.
create table log.head (
    one      boolean primary key default true check (one),
    position bigint  not null
) with (fillfactor = 50);
insert into log.head (position) values (0);

-- The first answer to each command, for ever.
create table log.receipt (
    principal   text     not null,
    key         text     not null,
    fingerprint bytea    not null,
    status      smallint not null,
    body        bytea    not null,
    position    bigint   not null,
    version     bigint,
    primary key (principal, key)
);

-- How far this service has taken the events of each other service.
create table log.inbox (
    source   text   primary key,
    position bigint not null
) with (fillfactor = 50);

-- Events of others that could not be taken. They wait here, and so do later ones about the same subject.
create table log.parked (
    source    text        not null,
    position  bigint      not null,
    subject   text        not null,
    event     bytea       not null,
    cause     text        not null,
    parked_at timestamptz not null,
    primary key (source, position)
);
create index parked_subject on log.parked (source, subject, position);

-- How far the relay has published.
create table log.relay (
    one      boolean primary key default true check (one),
    position bigint  not null
) with (fillfactor = 50);
insert into log.relay (position) values (0);

-- Which shape each view was built with; another shape means that it is rebuilt.
create table log.view_shape (
    name  text primary key,
    shape bytea not null
);

create function log.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the log is append-only: % on % is refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger event_is_append_only before update or delete on log.event for each row execute function log.refuse_change();
create trigger event_is_not_truncated before truncate on log.event for each statement execute function log.refuse_change();
create trigger receipt_is_append_only before update or delete on log.receipt for each row execute function log.refuse_change();
create trigger receipt_is_not_truncated before truncate on log.receipt for each statement execute function log.refuse_change();
-- "always": also when a session pretends to be a replica.
alter table log.event enable always trigger event_is_append_only;
alter table log.event enable always trigger event_is_not_truncated;
alter table log.receipt enable always trigger receipt_is_append_only;
alter table log.receipt enable always trigger receipt_is_not_truncated;

create function log.head_moves_forward() returns trigger language plpgsql as $$
begin
    if new.position < old.position then
        raise exception 'the head of the log never goes back' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger head_moves_forward before update on log.head for each row execute function log.head_moves_forward();

grant usage on schema log, view to hub_app;
grant select, insert on log.event, log.receipt to hub_app;
grant select, update on log.head, log.relay to hub_app;
grant select, insert, update on log.inbox to hub_app;
grant select, insert, delete on log.parked to hub_app;
grant select on log.view_shape to hub_app;
alter default privileges in schema view grant select, insert, update, delete on tables to hub_app;
alter default privileges in schema view grant usage, select on sequences to hub_app;
