//! A server as a child process: its own process group, its output in a file, and no way to outlive this program.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Write as _,
    os::unix::{
        ffi::OsStrExt as _,
        process::{CommandExt as _, ExitStatusExt as _},
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use tokio::time::sleep;

use crate::{EmbeddedError, directory::Account};

/// How often a server is looked at while something is awaited.
const STEP: Duration = Duration::from_millis(10);

/// What is sent to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// PostgreSQL: fast shutdown. nats-server: orderly stop.
    Interrupt,
    /// PostgreSQL: stop at once, and recover from the log at the next start.
    Quit,
    /// The process gets no chance to do anything.
    Kill,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Quit => "QUIT",
            Self::Kill => "KILL",
        }
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    guard: Guard,
    home: PathBuf,
    name: String,
}

impl Process {
    /// Runs a server in `home`, its output added to `log`.
    ///
    /// Its own process group keeps Ctrl-C from reaching it before this program has had its say.
    ///
    /// # Errors
    /// When the log cannot be opened or the program not be run.
    pub(crate) fn start(command: &mut Command, home: &Path, log: &Path, at_death: Signal) -> Result<Self, EmbeddedError> {
        let name = file_name(command.get_program().as_ref());
        let output = File::options().create(true).append(true).open(log).map_err(EmbeddedError::file("opened", log))?;
        let errors = output.try_clone().map_err(EmbeddedError::file("opened", log))?;
        let run = |source| EmbeddedError::Run { program: name.clone(), source };
        let mut child =
            command.current_dir(home).process_group(0).stdin(Stdio::null()).stdout(output).stderr(errors).spawn().map_err(run)?;
        let guard = match Guard::watch(child.id(), at_death) {
            Ok(guard) => guard,
            Err(source) => {
                child.kill().and_then(|()| child.wait()).map_err(run)?;
                return Err(EmbeddedError::Run { program: "sh".to_owned(), source });
            }
        };
        Ok(Self { child, guard, home: home.to_owned(), name })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, when it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        // An error means that there is no such child: it has ended.
        self.child.try_wait().unwrap_or_else(|_| Some(ExitStatus::from_raw(0)))
    }

    /// Asks it to end with `first`, and no longer than `patience` later kills it and all its children.
    pub(crate) async fn end(mut self, first: Signal, patience: Duration) {
        self.guard.dismiss();
        signal(first, &[self.id()]);
        for _ in 0..steps(patience) {
            if self.ended().is_some() {
                return self.finish().await;
            }
            sleep(STEP).await;
        }
        self.finish().await;
    }

    /// Kills it and all its children.
    pub(crate) async fn kill(mut self) {
        self.guard.dismiss();
        self.finish().await;
    }

    async fn finish(&mut self) {
        for _ in 0..steps(Duration::from_secs(10)) {
            let ended = self.ended().is_some();
            let others = living(&self.home, &self.name);
            if ended && others.is_empty() {
                return;
            }
            if !ended {
                signal(Signal::Kill, &[self.id()]);
            }
            signal(Signal::Kill, &others);
            sleep(STEP).await;
        }
    }
}

impl Drop for Process {
    /// Stops the server at once; what it has acknowledged is kept. Blocks, at most for some seconds, because a destructor
    /// cannot wait in any other way.
    fn drop(&mut self) {
        if self.ended().is_some() {
            return;
        }
        self.guard.dismiss();
        let mut how = Signal::Quit;
        for turn in 0..steps(Duration::from_secs(5)) {
            if turn == steps(Duration::from_secs(3)) {
                how = Signal::Kill;
            }
            if turn == 0 || how == Signal::Kill {
                signal(how, &[self.id()]);
            }
            if self.ended().is_some() {
                break;
            }
            thread::sleep(STEP);
        }
        signal(Signal::Kill, &living(&self.home, &self.name));
    }
}

/// A shell that waits on a pipe from this program: when this program dies, however it dies, the pipe closes and the shell
/// stops the server. A death signal would need unsafe code, and follows the thread that started the server, not the program.
#[derive(Debug)]
struct Guard {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Guard {
    fn watch(server: u32, at_death: Signal) -> std::io::Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", "read -r word || kill -s \"$1\" \"$2\"", "hub-guard", at_death.name(), &server.to_string()])
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    /// Tells the shell to go without stopping anything.
    fn dismiss(&mut self) {
        if let Some(mut pipe) = self.pipe.take()
            && pipe.write_all(b"done\n").is_ok()
        {
            drop(pipe);
            drop(self.shell.wait());
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.dismiss();
    }
}

/// Stops whatever a program that was killed has left running in `home`.
///
/// A server is known by its name and its working directory, so that a process id that was given out again is never hit.
/// The caller holds the directory's lock, so no live program owns what is found.
///
/// # Errors
/// [`EmbeddedError::InUse`] when it does not go away.
pub(crate) async fn stop_leftovers(home: &Path, name: &str, gently: Signal) -> Result<(), EmbeddedError> {
    signal(gently, &living(home, name));
    for turn in 0..steps(Duration::from_secs(20)) {
        let left = living(home, name);
        if left.is_empty() {
            return Ok(());
        }
        if turn > steps(Duration::from_secs(10)) {
            signal(Signal::Kill, &left);
        }
        sleep(STEP).await;
    }
    Err(EmbeddedError::InUse { directory: home.to_owned() })
}

/// The living processes called `name` that belong to `home`, and their children. The dead that nobody has collected do
/// not count.
pub(crate) fn living(home: &Path, name: &str) -> Vec<u32> {
    let Ok(home) = fs::canonicalize(home) else { return Vec::new() };
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let named: Vec<(u32, Stat)> = numbers.filter_map(|id| Some((id, Stat::read(id)?))).filter(|(_, stat)| stat.alive(name)).collect();
    let mut found: Vec<u32> = named.iter().map(|(id, _)| *id).filter(|id| lives_in(*id, &home)).collect();
    let children = named.iter().filter(|(id, stat)| found.contains(&stat.parent) && !found.contains(id)).map(|(id, _)| *id);
    found.extend(children.collect::<Vec<_>>());
    found
}

/// Works there, or was told the place when it was started: in a container, root may not see where others work.
fn lives_in(id: u32, home: &Path) -> bool {
    let of = Path::new("/proc").join(id.to_string());
    let told = || {
        let words = fs::read(of.join("cmdline")).unwrap_or_default();
        words.split(|byte| *byte == 0).any(|word| Path::new(OsStr::from_bytes(word)).starts_with(home))
    };
    fs::read_link(of.join("cwd")).is_ok_and(|cwd| cwd == home) || told()
}

/// What `/proc/<id>/stat` says of a process.
struct Stat {
    name: String,
    state: String,
    parent: u32,
}

impl Stat {
    fn read(id: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
    }

    /// `id (name) state parent ..`; the name may hold anything, so it ends at the last bracket.
    fn parse(stat: &str) -> Option<Self> {
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        Some(Self { name: name.to_owned(), state: fields.next()?.to_owned(), parent: fields.next()?.parse().ok()? })
    }

    fn alive(&self, name: &str) -> bool {
        self.name == name && !matches!(self.state.as_str(), "Z" | "X")
    }
}

/// Sends a signal to each process. One that has gone in the meantime is what was wanted.
fn signal(signal: Signal, processes: &[u32]) {
    if processes.is_empty() {
        return;
    }
    // The shell's own `kill`: not every machine has it as a program.
    let mut shell = Command::new("sh");
    shell.args(["-c", "for id; do kill -s \"$signal\" \"$id\"; done", "hub-signal"]).env("signal", signal.name());
    shell.args(processes.iter().map(u32::to_string)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    drop(shell.status());
}

/// Makes the command run as the account.
pub(crate) fn run_as(command: &mut Command, account: Option<Account>) -> &mut Command {
    match account {
        Some(Account { uid, gid }) => command.uid(uid).gid(gid),
        None => command,
    }
}

/// How many looks fit into the time.
pub(crate) fn steps(patience: Duration) -> u128 {
    patience.as_millis() / STEP.as_millis()
}

/// Waits for the next look.
pub(crate) async fn step() {
    sleep(STEP).await;
}

fn file_name(program: &Path) -> String {
    program.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
