//! What nobody may do to the keys.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "test helpers")]

use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use vault::{OpenError, VaultError};

use crate::support::{PLACE, World, child, noon};

/// Ways for the services' role to change, lose or keep alive a key. `$key` is an existing key about child 1.
const BY_THE_SERVICES: [&str; 24] = [
    "update vault.data_key set wrapped = null, destroyed_at = now() where id = '$key'",
    "update vault.data_key set wrapped = '\\x00' where id = '$key'",
    "update vault.data_key set subject = 'other' where id = '$key'",
    "update vault.data_key set master_key = 'other'",
    "delete from vault.data_key where id = '$key'",
    "truncate vault.data_key cascade",
    "insert into vault.data_key (id, subject, wrapped, master_key, commitment) select id, subject, wrapped, master_key, commitment \
     from vault.data_key on conflict (id) do update set wrapped = excluded.wrapped",
    "merge into vault.data_key k using (select '$key' as id) n on k.id = n.id when matched then delete",
    "with gone as (delete from vault.data_key returning id) select * from gone",
    "select * from vault.data_key for update",
    "alter table vault.data_key disable trigger all",
    "alter table vault.data_key owner to hub_app",
    "drop table vault.data_key cascade",
    "drop function vault.only_destroy_or_rewrap() cascade",
    "set session_replication_role = replica",
    "set role hub_owner",
    "create rule lose as on insert to vault.data_key do also delete from vault.data_key",
    "delete from vault.data_key_about",
    "update vault.data_key_about set child_id = 'chd_other'",
    "insert into vault.data_key_about (key_id, child_id) values ('$key', 'chd_00000000000000000000000000000009')",
    "insert into vault.erased_child (child_id, erased_at) values ('chd_00000000000000000000000000000001', now())",
    "insert into vault.data_key (id, subject, wrapped, master_key, commitment, made_in) values ('k', '', '', '', '', '1')",
    "insert into vault.data_key (id, subject, wrapped, master_key, commitment) values ('k', '', '', '', sha256(''))",
    "create table vault.mine ()",
];

/// Ways that even the owner is refused.
const BY_THE_OWNER: [&str; 9] = [
    "update vault.data_key set subject = 'other' where id = '$key'",
    "update vault.data_key set commitment = sha256('')",
    "update vault.data_key set wrapped = '\\x00', destroyed_at = null where wrapped is null",
    "update vault.data_key set destroyed_at = now() where id = '$key'",
    "delete from vault.data_key",
    "truncate vault.data_key cascade",
    "set session_replication_role = replica; delete from vault.data_key_about",
    "update vault.erased_child set erased_at = now()",
    "delete from vault.erased_child",
];

/// Everything in the database, as one number.
async fn fingerprint(pool: &PgPool) -> String {
    let sql = "select md5(concat(
        (select string_agg(k::text, ';' order by id) from vault.data_key k),
        (select string_agg(a::text, ';' order by key_id, child_id) from vault.data_key_about a),
        (select string_agg(e::text, ';' order by child_id) from vault.erased_child e)))";
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// Not allowed; a key about nobody, or a half-destroyed one; a transaction with an old snapshot.
const REFUSALS: [&str; 3] = ["42501", "23514", "25000"];

/// Tries statements, each on a connection of its own and with a commit, and expects each to be refused for a good reason.
async fn all_refused(pool: &PgPool, statements: &[&str], key: &str) {
    for statement in statements {
        let mut connection = PgConnection::connect_with(&pool.connect_options()).await.unwrap();
        let sql = format!("begin; {}; commit", statement.replace("$key", key));
        let answer = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
        let error = answer.expect_err(statement);
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
        assert!(REFUSALS.contains(&&*code), "{statement}: {error}");
        connection.close().await.unwrap();
    }
}

#[tokio::test]
async fn neither_the_services_nor_the_owner_can_change_or_lose_a_key() {
    let world = World::new("rights").await;
    let vault = world.vault();
    let key = vault.new_key("a", &[child(1)]).await.unwrap();
    let sealed = key.seal(PLACE, "Ada").unwrap();
    vault.new_key("b", &[child(2)]).await.unwrap();
    vault.erase(child(2), noon()).await.unwrap();

    let before = fingerprint(&world.owner).await;
    all_refused(&world.app, &BY_THE_SERVICES, key.id()).await;
    all_refused(&world.owner, &BY_THE_OWNER, key.id()).await;
    assert_eq!(fingerprint(&world.owner).await, before);
    assert_eq!(world.vault().open::<String>(PLACE, &sealed).await.unwrap().expose(), "Ada");
    world.end().await;
}

#[tokio::test]
async fn erasing_and_making_keys_under_an_old_snapshot_is_refused() {
    let world = World::new("snapshot").await;
    world.vault().new_key("a", &[child(1)]).await.unwrap();
    let before = fingerprint(&world.owner).await;
    let statements = [
        "set transaction isolation level repeatable read; select vault.erase('chd_00000000000000000000000000000001', now())",
        "set transaction isolation level serializable; select vault.erase('chd_00000000000000000000000000000001', now())",
        "set transaction isolation level repeatable read; insert into vault.data_key (id, subject, wrapped, master_key, commitment)
         values ('k', '', '', '', sha256('')); insert into vault.data_key_about values ('k', 'chd_00000000000000000000000000000001')",
    ];
    all_refused(&world.app, &statements, "").await;
    assert_eq!(fingerprint(&world.owner).await, before);
    world.end().await;
}

#[tokio::test]
async fn a_row_that_was_tampered_with_opens_nothing_and_says_so() {
    let world = World::new("tampered").await;
    let vault = world.vault();
    let mut keys = Vec::new();
    for subject in ["one", "two", "three"] {
        keys.push(vault.new_key(subject, &[child(1)]).await.unwrap());
    }
    let sealed: Vec<_> = keys.iter().map(|key| key.seal(PLACE, "Ada").unwrap()).collect();
    // With every guard off: one key gets the wrapping of another.
    let swap = "begin; alter table vault.data_key disable trigger user;
         update vault.data_key k set wrapped = o.wrapped from vault.data_key o where k.subject = 'one' and o.subject = 'two';
         update vault.data_key set commitment = sha256('') where subject = 'three'; commit";
    sqlx::raw_sql(swap).execute(&world.owner).await.unwrap();

    let fresh = world.vault();
    let items: Vec<_> = sealed.iter().map(|sealed| (PLACE, sealed)).collect();
    let answers = fresh.open_many::<String>(&items).await.unwrap();
    assert!(matches!(answers.as_slice(), [Err(OpenError::Wrong), Ok(_), Err(OpenError::Wrong)]), "{answers:?}");
    let rotated = fresh.rewrap_all(&world.owner, world.another_master("master-1")).await;
    assert!(matches!(rotated, Err(VaultError::Damaged(_))), "{rotated:?}");
    assert!(fresh.open::<String>(PLACE, &sealed[1]).await.is_ok());
    world.end().await;
}
