-- The data keys, wrapped by a master key that is not in this database.
-- The owner of these tables is the migrator; the services' own role (hub_app) may read keys and add keys. What it cannot do is
-- change one, lose one, or say later that a key is about somebody else. A key leaves by vault.erase alone.

create schema vault;

create table vault.data_key (
    id           text        primary key,
    subject      text        not null, -- what the key is for, in ids; never personal data
    wrapped      bytea,                -- null once destroyed
    master_key   text        not null, -- the id of the master key that wraps it
    commitment   bytea       not null check (octet_length(commitment) = 32),
    created_at   timestamptz not null default now(),
    destroyed_at timestamptz,
    made_in      xid8        not null default pg_current_xact_id(),
    constraint data_key_is_whole_or_destroyed check ((wrapped is null) = (destroyed_at is not null))
);
create index data_key_by_master on vault.data_key (master_key, id) where wrapped is not null;

-- Whom a key is about. A referral about siblings has one key about all of them.
create table vault.data_key_about (
    key_id   text not null references vault.data_key,
    child_id text not null,
    primary key (key_id, child_id)
);
create index data_key_about_child on vault.data_key_about (child_id, key_id);

create table vault.erased_child (
    child_id  text        primary key,
    erased_at timestamptz not null
);

create function vault.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'a key is never lost: % on % is refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- A key may be destroyed, or wrapped by another master key. Nothing else, not even by the owner.
create function vault.only_destroy_or_rewrap() returns trigger language plpgsql as $$
begin
    if (new.id, new.subject, new.commitment, new.created_at, new.made_in)
            is distinct from (old.id, old.subject, old.commitment, old.created_at, old.made_in)
        or old.wrapped is null
        or (new.wrapped is null and new.master_key <> old.master_key)
    then
        raise exception 'a key may only be destroyed or wrapped anew' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

-- Under an older snapshot an erasure would miss a key that has just been made, and a new key would miss an erasure.
create function vault.refuse_old_snapshot() returns void language plpgsql as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'the vault works in read committed transactions' using errcode = 'invalid_transaction_state';
    end if;
end $$;

-- Whom a key is about is said in the transaction that makes it; a sibling added later would keep the key alive.
-- Nothing new is written about an erased child. The lock makes this and vault.erase wait for each other.
create function vault.check_about() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform vault.refuse_old_snapshot();
    lock table vault.erased_child in row share mode;
    if exists (select from added a join vault.data_key k on k.id = a.key_id where k.made_in <> pg_current_xact_id()) then
        raise exception 'whom a key is about is said when it is made' using errcode = 'insufficient_privilege';
    end if;
    if exists (select from added a join vault.erased_child e on e.child_id = a.child_id) then
        raise exception 'the child was erased' using errcode = 'VT001';
    end if;
    return null;
end $$;

-- A key about nobody could never be erased.
create function vault.check_somebody() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from vault.data_key_about where key_id = new.id) then
        raise exception 'a key is about at least one child' using errcode = 'check_violation';
    end if;
    return null;
end $$;

create trigger key_is_not_changed before update on vault.data_key for each row execute function vault.only_destroy_or_rewrap();
create trigger key_is_not_deleted before delete on vault.data_key for each row execute function vault.refuse_change();
create trigger key_is_not_truncated before truncate on vault.data_key for each statement execute function vault.refuse_change();
create constraint trigger key_is_about_somebody after insert on vault.data_key deferrable initially deferred
    for each row execute function vault.check_somebody();
create trigger about_is_said_at_once after insert on vault.data_key_about referencing new table as added
    for each statement execute function vault.check_about();
create trigger about_is_not_changed before update or delete on vault.data_key_about for each row execute function vault.refuse_change();
create trigger about_is_not_truncated before truncate on vault.data_key_about for each statement execute function vault.refuse_change();
create trigger erased_is_not_changed before update or delete on vault.erased_child for each row execute function vault.refuse_change();
create trigger erased_is_not_truncated before truncate on vault.erased_child for each statement execute function vault.refuse_change();
-- "always": also when a session pretends to be a replica.
alter table vault.data_key enable always trigger key_is_not_changed;
alter table vault.data_key enable always trigger key_is_not_deleted;
alter table vault.data_key enable always trigger key_is_not_truncated;
alter table vault.data_key enable always trigger key_is_about_somebody;
alter table vault.data_key_about enable always trigger about_is_said_at_once;
alter table vault.data_key_about enable always trigger about_is_not_changed;
alter table vault.data_key_about enable always trigger about_is_not_truncated;
alter table vault.erased_child enable always trigger erased_is_not_changed;
alter table vault.erased_child enable always trigger erased_is_not_truncated;

-- Erases a child: destroys every key about erased children alone. A key that is also about a living sibling waits until the last
-- of them is erased. Doing it again changes nothing.
create function vault.erase(child text, at timestamptz, out destroyed bigint, out waiting bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform vault.refuse_old_snapshot();
    lock table vault.erased_child in exclusive mode;
    insert into vault.erased_child (child_id, erased_at) values (child, at) on conflict (child_id) do nothing;
    with doomed as (
        select k.id from vault.data_key k
        where k.wrapped is not null
            and exists (select from vault.data_key_about a where a.key_id = k.id and a.child_id = child)
            and not exists (
                select from vault.data_key_about a
                where a.key_id = k.id and not exists (select from vault.erased_child e where e.child_id = a.child_id)
            )
        order by k.id for update
    ), gone as (
        update vault.data_key k set wrapped = null, destroyed_at = at from doomed where k.id = doomed.id returning k.id
    )
    select count(*) into destroyed from gone;
    select count(*) into waiting from vault.data_key k
        join vault.data_key_about a on a.key_id = k.id where a.child_id = child and k.wrapped is not null;
end $$;

revoke all on all functions in schema vault from public;
grant usage on schema vault to hub_app;
grant select on vault.data_key, vault.data_key_about, vault.erased_child to hub_app;
grant insert (id, subject, wrapped, master_key, commitment) on vault.data_key to hub_app;
grant insert on vault.data_key_about to hub_app;
grant execute on function vault.erase(text, timestamptz) to hub_app;
