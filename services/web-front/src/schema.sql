create schema if not exists web;

create table if not exists web.session (
    id        bytea       primary key, -- SHA-256 of the cookie: who reads this table can sign in as nobody
    content   bytea       not null,    -- sealed
    positions text        not null default '', -- how far each service's log was when this person last wrote
    seen_at   timestamptz not null,
    ends_at   timestamptz not null
);

create table if not exists web.draft (
    id         uuid        primary key, -- the idempotency key of what is sent in the end
    owner      text        not null,    -- the subject of the token; opaque
    content    bytea,                   -- sealed; gone once sent
    sent_as    text,                    -- the referral that it became
    begun_at   timestamptz not null,
    changed_at timestamptz not null
);

create index if not exists draft_of_owner on web.draft (owner);

create table if not exists web.kept (
    owner      text        not null,    -- as of a draft
    page       text        not null,    -- the address of the page, with ids alone
    content    bytea       not null,    -- sealed: what was typed there and not sent
    changed_at timestamptz not null,
    primary key (owner, page)
);

grant usage on schema web to hub_app;
grant select, insert, update, delete on web.session, web.draft, web.kept to hub_app;
