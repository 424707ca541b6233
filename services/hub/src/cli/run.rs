//! `hub run`, `hub migrate`, `hub seed`.

use hub::{assemble::Plan, seed, setup};
use service_kit::{Clock, Config, logs, service};
use tokio::signal::unix::{SignalKind, signal};

use super::{Failed, demonstration, now, settings};

pub(super) async fn run(services: &[String]) -> Result<(), Failed> {
    let config = Config::from(&settings()?)?;
    logs::start(&config.log)?;
    let listen = config.listen;
    let plan = Plan::new(config, Clock::system()).await?;
    let services = plan.services(services).await?;
    service::run(services, &plan.kit.tasks, listen, stop_asked()).await?;
    Ok(())
}

/// Ctrl-C, or the word of whoever supervises the process.
pub(super) async fn stop_asked() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return drop(tokio::signal::ctrl_c().await) };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

pub(super) async fn migrate() -> Result<(), Failed> {
    let settings = settings()?;
    let config = Config::from(&settings)?;
    let owner = Config::owner_from(&settings)?;
    let password =
        config.database_password().ok_or_else(|| Failed::because("HUB_DATABASE_URL has no password: the role hub_app needs one"))?;
    let keys = sqlx::postgres::PgPoolOptions::new().connect_lazy(config.database_url(&hub::database("vault")).expose())?;
    setup::migrate(&owner, &password, &setup::vault(keys, &config.master_key_file)?).await?;
    println!("roles, databases and tables are as they should be");
    Ok(())
}

pub(super) async fn seed(url: &str) -> Result<(), Failed> {
    seed::desks(url, &demonstration()?, now(), |borough| println!("the desk of {borough} is set")).await?;
    Ok(())
}
