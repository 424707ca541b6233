//! Services as processes of their own, which can be killed.

use std::{
    collections::BTreeMap,
    fs::File,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

use super::chance::Chance;

/// How long a service may take until it answers, the recovery of its database included.
const PATIENCE: Duration = Duration::from_secs(60);

/// The hub's program, which the build puts beside the tests.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap_or_default();
    let program = here.ancestors().nth(2).map(|dir| dir.join("hub")).unwrap_or_default();
    assert!(program.exists(), "{} is not there: run `cargo build -p hub` first", program.display());
    program
}

/// A command of the hub's program with these settings and no others.
pub fn hub(settings: &BTreeMap<String, String>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env_clear().envs(settings).current_dir(std::env::temp_dir()).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// A port below those from which the system takes ports for connections, so that a service that was killed finds it free again.
///
/// # Panics
/// When there is none.
pub fn port(chance: &mut Chance) -> u16 {
    // Tests of one seed run beside each other and would draw the same ports: each process begins elsewhere.
    let own = u64::from(std::process::id()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut chance = Chance::new(chance.number() ^ own);
    let tries = std::iter::repeat_with(|| 10_000 + u16::try_from(chance.below(7_000)).unwrap_or_default()).take(500);
    let mut free = tries.filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    free.next().unwrap_or_else(|| panic!("no port from 10000 to 17000 is free"))
}

/// One service, running or not.
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// Where it answers.
    pub url: String,
    settings: BTreeMap<String, String>,
    log: PathBuf,
    child: Option<Child>,
    http: reqwest::Client,
    /// How often it has ended without being killed.
    pub fell: u32,
}

impl Service {
    /// A service that does not run yet. `settings` say where it listens.
    #[must_use]
    pub fn new(name: &'static str, url: String, settings: BTreeMap<String, String>, directory: &Path) -> Self {
        let log = directory.join(format!("{name}.log"));
        Self { name, url, settings, log, child: None, http: reqwest::Client::new(), fell: 0 }
    }

    /// Kills it with SIGKILL. Whether a living process was hit.
    pub async fn kill(&mut self) -> bool {
        let Some(mut child) = self.child.take() else { return false };
        if matches!(child.try_wait(), Ok(None)) {
            return child.kill().await.is_ok();
        }
        self.fell += 1;
        false
    }

    /// Starts it, and starts it again as a supervisor does while its database is away, until it is ready.
    ///
    /// # Panics
    /// When it does not become ready in a minute.
    pub async fn start(&mut self) {
        let begun = Instant::now();
        if self.child.is_some() && !self.is_running() {
            self.fell += 1;
        }
        while begun.elapsed() < PATIENCE {
            if !self.is_running() {
                self.child = Some(self.spawn());
            }
            let ready = self.http.get(format!("{}/readyz", self.url)).timeout(Duration::from_secs(3)).send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{} is not ready after {PATIENCE:?}: look into {}", self.name, self.log.display());
    }

    /// Whether the process is there.
    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    fn spawn(&self) -> Child {
        let open = || File::options().create(true).append(true).open(&self.log);
        let (Ok(output), Ok(errors)) = (open(), open()) else { panic!("{} cannot be written", self.log.display()) };
        let child = hub(&self.settings, &["run", self.name]).stdout(output).stderr(errors).spawn();
        child.unwrap_or_else(|error| panic!("the hub cannot be run: {error}"))
    }
}
