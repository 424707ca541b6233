//! `hub rebuild`, `hub verify`, `hub parked`, `hub health`.

use hub::{INBOXES, operate, setup};
use reqwest::Method;
use serde_json::Value;
use service_kit::{Config, config::BadConfig};

use super::{Failed, now, settings, signer};

/// How often progress is told, in positions.
const STEP: i64 = 50_000;

pub(super) async fn rebuild(view: &str) -> Result<(), Failed> {
    let settings = settings()?;
    let config = Config::from(&settings)?;
    let owner = Config::owner_from(&settings)?;
    let keys = event_store::pool::connect(config.database_url(&hub::database("vault")).expose(), 4).await?;
    let vault = setup::vault(keys, &config.master_key_file)?;
    let mut told = 0;
    operate::rebuild_views(&owner, &vault, view, |name, position| {
        if position - told >= STEP || position < told {
            eprintln!("{name}: position {position}");
            told = position;
        }
    })
    .await?;
    println!("rebuilt: {view}");
    Ok(())
}

pub(super) async fn verify() -> Result<(), Failed> {
    let owner = Config::owner_from(&settings()?).map_err(|BadConfig(reasons)| Failed::because(reasons.join("\n")))?;
    let found = operate::verify(&owner, |service, position| {
        if position % STEP == 0 {
            eprintln!("{service}: position {position}");
        }
    })
    .await?;
    let mut good = true;
    for (service, head, fault) in found {
        match fault {
            None => println!("{service}: all {head} events are as they were written, and none is missing"),
            Some(fault) => {
                good = false;
                println!("{service}: ALTERED at position {}: {}", fault.position, fault.what);
            }
        }
    }
    if good { Ok(()) } else { Err(Failed::because("the record is not as it was written")) }
}

pub(super) async fn parked(url: &str, retry: bool) -> Result<(), Failed> {
    let token = signer()?.service("operator", now())?;
    let http = reqwest::Client::new();
    let mut waiting = 0;
    for (service, source) in INBOXES {
        let method = if retry { Method::POST } else { Method::GET };
        let address = format!("{url}/api/{service}/parked/{source}");
        let answer: Value = http.request(method, address).bearer_auth(&token).send().await?.error_for_status()?.json().await?;
        if retry {
            println!("{service} from {source}: taken {}, still parked {}", answer["taken"], answer["kept"]);
            continue;
        }
        for event in answer["items"].as_array().into_iter().flatten() {
            waiting += 1;
            println!("{service} from {source} at {}: {} (since {})", event["position"], event["cause"], event["parked_at"]);
        }
    }
    if !retry && waiting == 0 {
        println!("nothing is parked");
    }
    Ok(())
}

pub(super) async fn health(url: &str) -> Result<(), Failed> {
    let response = reqwest::get(format!("{url}/readyz")).await?;
    let ready = response.status().is_success();
    println!("{}", response.text().await?);
    if ready { Ok(()) } else { Err(Failed::because("the hub is not ready")) }
}
