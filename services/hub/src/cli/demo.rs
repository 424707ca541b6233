//! `hub demo`: everything at once, on private servers.

use std::path::Path;

use hub::{
    night, people, seed,
    stand::{Stand, StandOptions},
};

use super::{Failed, now, run::stop_asked};

pub(super) async fn run(dir: &Path, port: u16, once: bool) -> Result<(), Failed> {
    std::fs::create_dir_all(dir)?;
    let dir = dir.canonicalize()?;
    eprintln!("starting PostgreSQL, nats-server and every service under {} …", dir.display());
    let stand = Stand::start(&dir, StandOptions { port, pages: true, ..StandOptions::default() }).await?;
    stand.ground.write_settings(&dir.join("hub.env"))?;
    let url = stand.url();
    let played = play(&url, &stand).await;
    if let Err(failed) = played {
        stand.stop().await;
        return Err(failed);
    }
    if !once {
        println!("\nThe hub runs at {url}. Ctrl-C stops it; what was recorded stays in {}.", dir.display());
        stop_asked().await;
        eprintln!("stopping …");
    }
    stand.stop().await;
    Ok(())
}

async fn play(url: &str, stand: &Stand) -> Result<(), Failed> {
    let signer = &stand.ground.signer;
    seed::desks(url, signer, now(), |borough| eprintln!("the desk of {borough} is set")).await?;
    println!("\nA night of made-up cases, through the HTTP API:\n");
    let child = night::play(url, signer, now(), |line| println!("  {line}")).await?;
    println!("\nPeople to sign in as (all {} with `hub people`):\n", people::everybody().len());
    for id in people::GUIDE {
        if let Some(someone) = people::by_id(id) {
            println!("  {:<24} {}", someone.id, someone.name);
        }
    }
    println!("\nOpen {url} in a browser and choose one of them; docs/ten-minutes.md is a walk through the night.");
    println!("\nBy program, in another terminal in this directory:\n");
    println!("  TOKEN=$(cargo run -q -p hub -- token --as salford-night)");
    println!("  curl -s -H \"Authorization: Bearer $TOKEN\" {url}/api/transfers/children/{child}/responsibility");
    println!("  TOKEN=$(cargo run -q -p hub -- token --as board-auditor)");
    println!("  curl -s -H \"Authorization: Bearer $TOKEN\" {url}/api/audit/chronologies/{child}");
    Ok(())
}
