//! The JetStream stream of a service, and the server settings that it needs.

use std::time::Duration;

use async_nats::jetstream::{
    Context,
    context::CreateStreamError,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};
use proto_events::subject;
use serde_json::Value;

/// How long NATS keeps an event. The logs keep it for ever, so this only has to outlast a long weekend.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long NATS itself drops a repeated event. Consumers drop it for ever.
const DUPLICATES: Duration = Duration::from_secs(120);

/// The oldest nats-server that stops a stream at an I/O error instead of carrying on.
const OLDEST: (u64, u64) = (2, 14);

/// How long the monitor may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The monitor port did not answer, so nothing is known about the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the NATS monitor port does not answer")]
pub struct MonitorSilent;

/// Makes the stream of a service if there is none, and says whether it had to. Whoever reads the stream can add to it and
/// take nothing away.
pub(crate) async fn ensure(jetstream: &Context, service: &str, replicas: usize) -> Result<bool, CreateStreamError> {
    let name = subject::stream(service);
    // An error here is met again, and named, by the creation below.
    if jetstream.get_stream(&name).await.is_ok() {
        return Ok(false);
    }
    let config = Config {
        name,
        description: Some(format!("Events of {service}. A copy: the log of the service is the truth.")),
        subjects: vec![subject::all_of(service)],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        discard: DiscardPolicy::Old,
        max_age: KEPT,
        duplicate_window: DUPLICATES,
        num_replicas: replicas,
        deny_delete: true,
        deny_purge: true,
        ..Config::default()
    };
    jetstream.create_stream(config).await?;
    Ok(true)
}

/// Reads the server's settings at its monitor port. Each entry names one that could lose an acknowledged event, and what to do;
/// no entry means that it is safe.
///
/// # Errors
/// When the monitor does not answer. NATS may just be away: that is not unsafe, and it is asked again when it is back.
pub async fn check_settings(monitor_url: &str) -> Result<Vec<String>, MonitorSilent> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(|_| MonitorSilent)?;
    let base = monitor_url.trim_end_matches('/');
    let jetstream = ask(&client, &format!("{base}/jsz?config=true")).await?;
    let server = ask(&client, &format!("{base}/varz")).await?;
    Ok(unsafe_in(&jetstream, &server))
}

async fn ask(client: &reqwest::Client, url: &str) -> Result<Value, MonitorSilent> {
    let answer = client.get(url).send().await.and_then(reqwest::Response::error_for_status).map_err(|_| MonitorSilent)?;
    answer.json().await.map_err(|_| MonitorSilent)
}

/// What is unsafe in the answers of `/jsz?config=true` and `/varz`.
fn unsafe_in(jetstream: &Value, server: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let config = &jetstream["config"];
    if !config.is_object() || jetstream["disabled"] == true {
        found.push("NATS JetStream is off: add a jetstream block with a store_dir to the server's settings".to_owned());
    } else if config["sync_always"] != true {
        found.push(
            "NATS sync_interval is not always: set jetstream { sync_interval: always }, or acknowledged events can be lost".to_owned(),
        );
    }
    let version = server["version"].as_str().unwrap_or_default();
    if number(version) < Some(OLDEST) {
        found.push(format!("nats-server {version} is older than 2.14: upgrade it, or a disk error can go unnoticed"));
    }
    found
}

fn number(version: &str) -> Option<(u64, u64)> {
    let mut parts = version.split(['.', '-']).map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_server_that_syncs_always_and_is_new_enough_is_safe() {
        let none = Vec::<String>::new();
        assert_eq!(unsafe_in(&json!({"config": {"sync_always": true}}), &json!({"version": "2.14.0"})), none);
        assert_eq!(unsafe_in(&json!({"config": {"sync_always": true}}), &json!({"version": "3.0.0-beta.1"})), none);
    }

    #[test]
    fn every_unsafe_setting_is_named() {
        let lazy = unsafe_in(&json!({"config": {"sync_interval": 120_000_000_000_u64}}), &json!({"version": "2.13.9"}));
        assert!(lazy.len() == 2 && lazy[0].contains("sync_interval") && lazy[1].contains("2.13.9"), "{lazy:?}");
        let off = unsafe_in(&json!({"disabled": true}), &json!({}));
        assert!(off.len() == 2 && off[0].contains("JetStream is off"), "{off:?}");
    }
}
