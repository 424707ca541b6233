-- What this log has told the world of itself: every checkpoint that was ever signed, and who outside cosigned it.
-- One checkpoint for each size, for ever: a second story of the same length cannot even be written down.

create table log.checkpoint (
    size      bigint      primary key check (size >= 0),
    root      bytea       not null check (octet_length(root) = 32),
    note      text        not null, -- signed by the log, as it was published
    signed_at timestamptz not null
);

create table log.cosignature (
    size        bigint      not null references log.checkpoint,
    witness     text        not null, -- the name of its key
    line        text        not null, -- the signature line, as the witness gave it
    cosigned_at timestamptz not null, -- as the witness says
    primary key (size, witness)
);

create trigger checkpoint_is_append_only before update or delete on log.checkpoint for each row execute function log.refuse_change();
create trigger checkpoint_is_not_truncated before truncate on log.checkpoint for each statement execute function log.refuse_change();
create trigger cosignature_is_append_only before update or delete on log.cosignature for each row execute function log.refuse_change();
create trigger cosignature_is_not_truncated before truncate on log.cosignature for each statement execute function log.refuse_change();
alter table log.checkpoint enable always trigger checkpoint_is_append_only;
alter table log.checkpoint enable always trigger checkpoint_is_not_truncated;
alter table log.cosignature enable always trigger cosignature_is_append_only;
alter table log.cosignature enable always trigger cosignature_is_not_truncated;

grant select, insert on log.checkpoint, log.cosignature to hub_app;
