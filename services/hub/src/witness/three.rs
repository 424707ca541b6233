//! The witnesses of a demonstration or test hub: two boroughs and an outsider, two of whom are enough.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::DirBuilderExt,
    path::Path,
};

use service_kit::Clock;
use transparency::{Policy, key::Kind};

use super::{Running, Witness, WitnessError, start};
use crate::{LOGS, keys::proof_key};

/// Who they are.
const WHO: [&str; 3] = ["manchester", "salford", "outsider"];

/// The name under which a demonstration's logs are known.
const HUB: &str = "safeguarding-hub.invalid";

/// Witnesses, and the settings of a hub that has them.
pub struct Made {
    /// They run until this is dropped with its runtime, or stopped.
    pub running: Vec<Running>,
    /// `HUB_LOG_KEYS` and `HUB_PROOF_POLICY_FILE`.
    pub settings: Vec<(String, String)>,
}

/// Makes the keys of every log and witness that are missing, starts the witnesses, and writes the policy file.
///
/// # Errors
/// When a file cannot be written or an address is taken.
pub async fn three(directory: &Path, clock: &Clock) -> Result<Made, WitnessError> {
    let (logs, place) = (directory.join("keys/logs"), directory.join("witnesses"));
    for path in [&logs, &place] {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| WitnessError::Place(path.clone(), error))?;
    }
    let mut known = String::new();
    for log in LOGS {
        let key = proof_key(&logs.join(format!("{log}.key")), &format!("{HUB}/{log}"), Kind::Log)?;
        known += &format!("log {}\n", key.verifier());
    }
    let (mut running, mut text) = (Vec::new(), known.clone());
    for who in WHO {
        let key = proof_key(&place.join(format!("{who}.key")), &format!("{who}.invalid/witness"), Kind::Witness)?;
        let verifier = key.verifier();
        let witness = Witness::new(key, Policy::parse(&format!("{known}quorum none\n"))?, &place.join(who), clock.clone())?;
        let started = start(witness, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        text += &format!("witness {who} {verifier} http://{}\n", started.address);
        running.push(started);
    }
    text += &format!("group witnesses 2 {}\nquorum witnesses\n", WHO.join(" "));
    let policy = directory.join("keys/policy");
    fs::write(&policy, text).map_err(|error| WitnessError::Place(policy.clone(), error))?;
    let settings = [("HUB_LOG_KEYS", &logs), ("HUB_PROOF_POLICY_FILE", &policy)];
    let settings = settings.map(|(name, path)| (name.to_owned(), path.display().to_string())).to_vec();
    Ok(Made { running, settings })
}
