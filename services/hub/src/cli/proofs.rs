//! `hub witness`, `hub proof-key`, `hub export`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use hub::{export, keys, witness};
use service_kit::{Clock, Config, config::BadConfig, logs};
use transparency::{Checkpoint, Note, Policy, Signer, key::Kind};

use super::{Failed, run::stop_asked, settings};

/// How often progress is told, in positions.
const STEP: i64 = 50_000;

/// What a witness is started with.
#[derive(Args)]
pub(super) struct WitnessArguments {
    /// The witness's own key, from `hub proof-key witness`.
    #[arg(long)]
    key: PathBuf,
    /// The logs that it knows: a policy file; its lines `log` count, and its line `quorum` may say none.
    #[arg(long)]
    logs: PathBuf,
    /// Where it keeps the last checkpoint of each log. Never restore an older copy of it.
    #[arg(long)]
    dir: PathBuf,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8490")]
    listen: SocketAddr,
}

/// Whose key.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Whose {
    /// A service's log.
    Log,
    /// A witness.
    Witness,
}

/// What is exported.
#[derive(Args)]
pub(super) struct ExportArguments {
    /// The log: intake, transfers, procedures, audit or looks.
    service: String,
    /// The file to write.
    file: PathBuf,
    /// Only what is recorded about this child, with proofs.
    #[arg(long)]
    child: Option<String>,
    /// With --child: a checkpoint that the auditor holds, to prove that the record begins with it; may be given several times.
    #[arg(long)]
    held: Vec<PathBuf>,
}

/// Runs a witness until it is stopped. It has no settings but these, no database, and the hub cannot reach its key.
pub(super) async fn witness(arguments: &WitnessArguments) -> Result<(), Failed> {
    logs::start("info")?;
    let unusable =
        |path: &Path| Failed::because(format!("{} holds no key of a witness: make one with `hub proof-key witness`", path.display()));
    let key = Signer::parse(&std::fs::read_to_string(&arguments.key)?).map_err(|_| unusable(&arguments.key))?;
    if key.verifier().kind() != Kind::Witness {
        return Err(unusable(&arguments.key));
    }
    let known = Policy::parse(&std::fs::read_to_string(&arguments.logs)?)?;
    let witness = witness::Witness::new(key, known, &arguments.dir, Clock::system())?;
    let running = witness::start(witness, arguments.listen).await?;
    eprintln!("the witness takes checkpoints at http://{}/add-checkpoint", running.address);
    tokio::select! {
        () = stop_asked() => {}
        () = running.ended() => {}
    }
    Ok(())
}

/// Makes a key, and prints the half that others pin.
pub(super) fn proof_key(whose: Whose, name: &str, file: &Path) -> Result<(), Failed> {
    let kind = match whose {
        Whose::Log => Kind::Log,
        Whose::Witness => Kind::Witness,
    };
    println!("{}", keys::proof_key(file, name, kind)?.verifier());
    Ok(())
}

/// Writes the file for an auditor.
pub(super) async fn export(arguments: &ExportArguments) -> Result<(), Failed> {
    let ExportArguments { service, file, child, held } = arguments;
    if !hub::LOGS.contains(&service.as_str()) {
        return Err(Failed::because(format!("there is no log {service}: the logs are {}", hub::LOGS.join(", "))));
    }
    let settings = settings()?;
    let owner = Config::owner_from(&settings).map_err(|BadConfig(reasons)| Failed::because(reasons.join("\n")))?;
    let policy = settings.get("HUB_PROOF_POLICY_FILE").map(std::fs::read_to_string).transpose()?;
    let policy = policy.map(|text| Policy::parse(&text)).transpose()?;
    let events = match child {
        Some(child) => {
            let sizes: Vec<u64> = held.iter().map(|path| size_of(path)).collect::<Result<_, _>>()?;
            export::child(&owner, (service, policy.as_ref()), (child, &sizes), file).await?
        }
        None => {
            let mut told = 0;
            let progress = |position, last| {
                if position - told >= STEP {
                    eprintln!("{service}: position {position} of {last}");
                    told = position;
                }
            };
            export::whole(&owner, (service, policy.as_ref()), file, progress).await?
        }
    };
    println!("{events} events of {service} are in {}: the auditor looks at them with hub-verify", file.display());
    Ok(())
}

fn size_of(path: &Path) -> Result<u64, Failed> {
    let text = std::fs::read_to_string(path)?;
    let checkpoint = Note::parse(&text).ok().and_then(|note| Checkpoint::parse(&note.text).ok());
    checkpoint.map(|checkpoint| checkpoint.size).ok_or_else(|| Failed::because(format!("{} is no checkpoint", path.display())))
}
