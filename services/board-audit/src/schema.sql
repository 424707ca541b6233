-- What the audit has taken of the other services' logs. It can be thrown away and taken again from position 1.
create schema if not exists audit;

create table if not exists audit.record (
    service     text        not null,
    position    bigint      not null,
    event_id    uuid        not null,
    kind        text        not null,
    subject     text        not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    actor_id    text        not null,
    actor_org   text        not null,
    actor_role  text        not null,
    leaf_hash   bytea       not null,
    trace_id    text        not null,
    data        jsonb       not null,
    primary key (service, position)
);

create table if not exists audit.record_child (
    child    text   not null,
    service  text   not null,
    position bigint not null,
    primary key (child, service, position)
);

-- Records that a person says are one child, and when that began and ended.
create table if not exists audit.link (
    child    text   not null,
    other    text   not null,
    position bigint not null,
    linked   boolean not null,
    primary key (child, other, position)
);

-- One step of a transfer; the handover list is made from these.
create table if not exists audit.step (
    transfer text        not null,
    position bigint      not null,
    step     text        not null,
    at       timestamptz not null,
    code     text,
    primary key (transfer, position)
);

create table if not exists audit.offer (
    transfer     text primary key,
    from_borough text        not null,
    to_borough   text        not null,
    priority     text        not null,
    children     int         not null,
    offered_at   timestamptz not null
);
create index if not exists offer_by_time on audit.offer (offered_at, transfer);

-- Where an offer stands in its log, and by when it must be answered.
alter table audit.offer add column if not exists position bigint;
alter table audit.offer add column if not exists decide_by timestamptz;

-- A referral, once for each child that it is about.
create table if not exists audit.contact (
    referral    text        not null,
    child       text        not null,
    position    bigint      not null,
    owner       text        not null,
    received_at timestamptz not null,
    decide_by   timestamptz not null,
    primary key (referral, child)
);
create index if not exists contact_by_time on audit.contact (received_at);

-- What became of a referral: the outcome of a decision, `joined` or `withdrawn`.
create table if not exists audit.settled (
    referral text        not null,
    position bigint      not null,
    at       timestamptz not null,
    outcome  text        not null,
    primary key (referral, position)
);

-- What the reports look for.
create index if not exists record_by_kind on audit.record (kind, recorded_at);
create index if not exists step_that_hands_back on audit.step (code) where step = 'handed_back';

grant usage on schema audit to hub_app;
grant select, insert on all tables in schema audit to hub_app;
