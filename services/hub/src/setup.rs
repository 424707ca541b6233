//! Making roles, databases and tables, and refusing to run on settings that could lose or change the record.

use std::sync::Arc;

use event_store::{StoreError, pool, settings::unsafe_settings};
use kernel::{Private, Timestamp};
use service_kit::{config::with_database, look};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};
use vault::{MasterKey, Vault};

use crate::{SERVICES, database};

/// The hub cannot be set up, or must not start.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The database does not answer or refuses.
    #[error("PostgreSQL does not answer or refuses: check that it runs and that the address and the role are right")]
    Database(#[from] sqlx::Error),
    /// The tables cannot be made.
    #[error("the tables of {service} cannot be brought to the present shape")]
    Migrate {
        /// Whose.
        service: &'static str,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// The tables of the keys cannot be made.
    #[error("the tables of the keys cannot be brought to the present shape")]
    Keys(#[source] sqlx::migrate::MigrateError),
    /// The master key cannot be used.
    #[error("the master key cannot be used")]
    MasterKey(#[from] vault::MasterKeyError),
    /// Settings that could lose or change the record.
    #[error("unsafe settings, so the hub does not start:\n{}", .0.join("\n"))]
    Unsafe(Vec<String>),
}

/// Makes the app role, the databases and the tables. `owner` is the address of the owner, without a database name.
///
/// # Errors
/// When the database refuses.
pub async fn migrate(owner: &Private<String>, app_password: &Private<String>, vault: &Arc<Vault>) -> Result<(), SetupError> {
    let mut server = PgConnection::connect(with_database(owner, "postgres").expose()).await?;
    make_role(&mut server, app_password).await?;
    let others = [database("vault"), database(look::NAME), database(web_front::SERVICE)];
    for name in SERVICES.iter().map(|service| database(service)).chain(others) {
        let there: bool =
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(&name).fetch_one(&mut server).await?;
        if !there {
            server.execute(AssertSqlSafe(format!("create database {name}"))).await?;
        }
    }
    server.close().await?;
    web_front::migrate(&owner_pool(owner, web_front::SERVICE).await?).await?;
    vault::migrate(&owner_pool(owner, "vault").await?).await.map_err(SetupError::Keys)?;
    let failed = |service| move |source| SetupError::Migrate { service, source };
    event_store::migrate(&owner_pool(owner, look::NAME).await?, &look::views()).await.map_err(failed(look::NAME))?;
    let intake = owner_pool(owner, "intake").await?;
    event_store::migrate(&intake, &referral_intake::views(Arc::clone(vault))).await.map_err(failed("intake"))?;
    let transfers = owner_pool(owner, "transfers").await?;
    event_store::migrate(&transfers, &case_transfer::views()).await.map_err(failed("transfers"))?;
    let procedures = owner_pool(owner, "procedures").await?;
    event_store::migrate(&procedures, &procedures_registry::views()).await.map_err(failed("procedures"))?;
    board_audit::migrate(&owner_pool(owner, "audit").await?).await.map_err(failed("audit"))
}

/// The role that the services connect as: it reads and adds, and owns nothing.
async fn make_role(server: &mut PgConnection, password: &Private<String>) -> Result<(), sqlx::Error> {
    let there: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = 'hub_app')").fetch_one(&mut *server).await?;
    if !there {
        server.execute("create role hub_app login nosuperuser nocreatedb nocreaterole nobypassrls").await?;
    }
    let quoted: String = sqlx::query_scalar("select quote_literal($1)").bind(password.expose()).fetch_one(&mut *server).await?;
    server.execute(AssertSqlSafe(format!("alter role hub_app login password {quoted}"))).await?;
    Ok(())
}

/// A pool of the owner on a service's database.
///
/// # Errors
/// When the database does not answer.
pub async fn owner_pool(owner: &Private<String>, service: &str) -> Result<PgPool, sqlx::Error> {
    pool::connect(with_database(owner, &database(service)).expose(), 4).await
}

/// The vault behind a pool.
///
/// # Errors
/// When the master key cannot be read.
pub fn vault(pool: PgPool, master: &std::path::Path) -> Result<Arc<Vault>, SetupError> {
    Ok(Arc::new(Vault::new(pool, Arc::new(MasterKey::from_file(master)?))))
}

/// Refuses a database whose settings could lose or change the record, by name.
///
/// The service's clock is read when the database is there to be asked for its own: to connect may take longer than clocks may be apart.
///
/// # Errors
/// [`SetupError::Unsafe`] with every reason.
pub async fn refuse_unsafe(pool: &PgPool, service: &str, now: impl Fn() -> Timestamp) -> Result<(), SetupError> {
    let mut connection = pool.acquire().await?;
    let reasons = unsafe_settings(&mut connection, now()).await?;
    if reasons.is_empty() {
        return Ok(());
    }
    Err(SetupError::Unsafe(reasons.into_iter().map(|reason| format!("{service}: {reason}")).collect()))
}
