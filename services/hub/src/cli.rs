//! The commands of the program.

mod demo;
mod operate;
mod procedures;
mod proofs;
mod run;

use std::{
    collections::BTreeMap,
    error::Error,
    path::{Path, PathBuf},
};

use clap::{Parser, Subcommand};
use hub::{people, token::Signer};
use kernel::Timestamp;
use service_kit::{Clock, Config};

/// A command did not go through.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct Failed(Box<dyn Error + Send + Sync>);

impl Failed {
    /// The error and what is behind it, as sentences.
    pub(crate) fn in_words(&self) -> String {
        let mut words = vec![self.0.to_string()];
        let mut next = self.0.source();
        while let Some(error) = next {
            let said = error.to_string();
            if words.last() != Some(&said) {
                words.push(said);
            }
            next = error.source();
        }
        words.join("\n  because: ")
    }

    pub(crate) fn because(words: impl Into<String>) -> Self {
        Self(words.into().into())
    }
}

macro_rules! failures {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for Failed {
            fn from(error: $error) -> Self {
                Self(Box::new(error))
            }
        }
    )*};
}

failures![
    std::io::Error,
    hub::assemble::AssembleError,
    hub::client::ClientError,
    hub::export::ExportError,
    hub::keys::KeyError,
    hub::operate::OperateError,
    hub::procedures::ProceduresError,
    hub::setup::SetupError,
    hub::stand::StandError,
    hub::witness::WitnessError,
    jsonwebtoken::errors::Error,
    procedures_registry::folder::DiskError,
    procedures_registry::print::PrintError,
    reqwest::Error,
    serde_json::Error,
    service_kit::config::BadConfig,
    service_kit::logs::BadLog,
    service_kit::service::StartError,
    sqlx::Error,
    transparency::policy::BadPolicy,
];

/// Cross-borough safeguarding: referrals, transfers and the record of both.
#[derive(Parser)]
#[command(name = "hub", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run services: intake, transfers, procedures, audit, web (the pages), or all.
    Run {
        /// Which; all of them if none is named.
        services: Vec<String>,
    },
    /// Set up private servers, run everything, and play a night of made-up cases.
    Demo {
        /// Where servers, keys and data are kept.
        #[arg(long, default_value = ".hub")]
        dir: PathBuf,
        /// The port to listen on, on 127.0.0.1.
        #[arg(long, default_value_t = 8480)]
        port: u16,
        /// Play the night and stop, instead of running on until Ctrl-C.
        #[arg(long)]
        once: bool,
    },
    /// Make roles, databases and tables, and bring them to the present shape.
    Migrate,
    /// Set the desks of the demonstration's boroughs, through the API.
    Seed {
        /// The address of the hub.
        #[arg(long, default_value = "http://127.0.0.1:8480")]
        url: String,
    },
    /// List the made-up people of the demonstration.
    People {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print a token for one of the made-up people, and nothing else.
    Token {
        /// Who, by the id that `people` lists.
        #[arg(long = "as")]
        who: String,
    },
    /// Make a view again from its log, beside the live one.
    Rebuild {
        /// The view, for instance transfers.desks; or all.
        view: String,
    },
    /// Recompute the hash of every event of every log, and look for holes.
    Verify,
    /// Run a witness: what a borough runs on a machine of its own, to cosign the hub's checkpoints.
    Witness(proofs::WitnessArguments),
    /// Make the key of a log or of a witness, and print the half that others pin.
    ProofKey {
        /// Whose.
        whose: proofs::Whose,
        /// Its name for ever, for instance hub.example/intake.
        name: String,
        /// The file to keep it in.
        file: PathBuf,
    },
    /// Write a service's log into a file for an auditor, whole or for one child, while the hub runs.
    Export(proofs::ExportArguments),
    /// Events of another service that could not be taken.
    Parked {
        #[command(subcommand)]
        what: Parked,
    },
    /// The procedures as a folder: export, check, publish, print.
    Procedures {
        #[command(subcommand)]
        what: procedures::Procedures,
    },
    /// Ask a running hub how it is; fails when it is not ready.
    Health {
        /// Its address.
        #[arg(default_value = "http://127.0.0.1:8480")]
        url: String,
    },
}

#[derive(Subcommand)]
enum Parked {
    /// Show what waits, and why.
    List {
        /// The address of the hub.
        #[arg(long, default_value = "http://127.0.0.1:8480")]
        url: String,
    },
    /// Try again, in order.
    Retry {
        /// The address of the hub.
        #[arg(long, default_value = "http://127.0.0.1:8480")]
        url: String,
    },
}

/// Carries out the command line.
pub(crate) async fn run() -> Result<(), Failed> {
    match Cli::parse().command {
        Command::Run { services } => run::run(&services).await,
        Command::Demo { dir, port, once } => demo::run(&dir, port, once).await,
        Command::Migrate => run::migrate().await,
        Command::Seed { url } => run::seed(&url).await,
        Command::People { json } => list_people(json),
        Command::Token { who } => print_token(&who),
        Command::Rebuild { view } => operate::rebuild(&view).await,
        Command::Verify => operate::verify().await,
        Command::Witness(arguments) => proofs::witness(&arguments).await,
        Command::ProofKey { whose, name, file } => proofs::proof_key(whose, &name, &file),
        Command::Export(arguments) => proofs::export(&arguments).await,
        Command::Parked { what: Parked::List { url } } => operate::parked(&url, false).await,
        Command::Parked { what: Parked::Retry { url } } => operate::parked(&url, true).await,
        Command::Procedures { what } => procedures::run(what).await,
        Command::Health { url } => operate::health(&url).await,
    }
}

/// The settings: from the environment, and where it is silent from the demonstration that runs in this directory.
fn settings() -> Result<BTreeMap<String, String>, Failed> {
    let mut settings = Config::environment();
    let file = settings.get("HUB_ENV_FILE").map_or_else(|| Path::new(".hub/hub.env").to_owned(), PathBuf::from);
    if !settings.contains_key("HUB_DATABASE_URL") && !settings.contains_key("HUB_DATABASE_URL_FILE") && file.exists() {
        for (name, value) in std::fs::read_to_string(file)?.lines().filter_map(|line| line.split_once('=')) {
            settings.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
    }
    Ok(settings)
}

fn signer() -> Result<Signer, Failed> {
    let settings = settings()?;
    let key = settings.get("HUB_SERVICE_KEY_FILE");
    let key = key.ok_or_else(|| {
        Failed::because("HUB_SERVICE_KEY_FILE is not set, and no demonstration runs in this directory: start `cargo xtask demo`")
    })?;
    Ok(Signer::read(Path::new(key))?)
}

/// The key that signs made-up people in. Outside a demonstration nobody is made up.
fn demonstration() -> Result<Signer, Failed> {
    if settings()?.get("HUB_DEMO").is_some_and(|demo| demo == "true") {
        return signer();
    }
    Err(Failed::because("this is no demonstration: made-up people sign in only where HUB_DEMO is true"))
}

fn now() -> Timestamp {
    Clock::system().now()
}

fn list_people(json: bool) -> Result<(), Failed> {
    let people = people::everybody();
    if json {
        println!("{}", serde_json::to_string_pretty(&people)?);
        return Ok(());
    }
    for someone in people {
        println!("{:<28} {}", someone.id, someone.name);
    }
    Ok(())
}

fn print_token(who: &str) -> Result<(), Failed> {
    let someone =
        people::by_id(who).ok_or_else(|| Failed::because(format!("there is nobody called {who}: `hub people` lists everybody")))?;
    println!("{}", demonstration()?.person(&someone, now())?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
