//! Settings are promises: a database that could lose or change the record is refused by name.

use kernel::Timestamp;
use sqlx::{PgConnection, Row as _};

use crate::PgTime;

/// The oldest PostgreSQL that the hub is tested with.
const OLDEST: i32 = 150_000;

/// How far the clocks of the service and its database may be apart, in seconds.
const SKEW: i64 = 2;

/// Looks at everything that the promises rest on. Each entry names one unsafe setting and what to do.
///
/// # Errors
/// When the database does not answer.
pub async fn unsafe_settings(connection: &mut PgConnection, now: Timestamp) -> Result<Vec<String>, sqlx::Error> {
    let row = sqlx::query(
        "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
                current_setting('full_page_writes') as full_page_writes, current_setting('data_checksums') as data_checksums,
                current_setting('server_version_num')::int as version, pg_is_in_recovery() as replica,
                r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,
                exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where n.nspname = 'log' and c.relowner = r.oid) as owner,
                clock_timestamp() as clock
         from pg_roles r where r.rolname = current_user",
    )
    .fetch_one(connection)
    .await?;
    let mut found = Vec::new();
    for setting in ["fsync", "full_page_writes", "data_checksums"] {
        if row.try_get::<String, _>(setting)? != "on" {
            found.push(format!("PostgreSQL {setting} is not on: switch it on, or the record can be lost or damaged unseen"));
        }
    }
    let commit: String = row.try_get("synchronous_commit")?;
    if !matches!(commit.as_str(), "on" | "remote_apply") {
        found.push(format!("PostgreSQL synchronous_commit is {commit}: set it to on, or an acknowledged command can be lost"));
    }
    if row.try_get::<i32, _>("version")? < OLDEST {
        found.push("PostgreSQL is older than 15: upgrade it".to_owned());
    }
    if row.try_get::<bool, _>("replica")? {
        found.push("the database is a replica: point the service at the primary".to_owned());
    }
    for (column, what) in [
        ("rolsuper", "a superuser"),
        ("rolbypassrls", "allowed to bypass row security"),
        ("rolcreaterole", "allowed to create roles"),
        ("rolcreatedb", "allowed to create databases"),
        ("owner", "the owner of the log"),
    ] {
        if row.try_get::<bool, _>(column)? {
            found.push(format!("the database role is {what}: connect as hub_app"));
        }
    }
    let PgTime(clock) = row.try_get("clock")?;
    if (clock.as_second() - now.as_second()).abs() > SKEW {
        found.push(format!("the clocks of the service and its database are more than {SKEW} s apart: set the clocks"));
    }
    Ok(found)
}
