//! Where the project is, and how programs are run in it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// How often a program that is being waited for is looked at.
const STEP: Duration = Duration::from_millis(50);

/// The project's directory, and `.tools`, where its own tools are.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    /// The directory above this package's, of which cargo tells when it runs this: a copy of the project that shares its
    /// build directory must not be sent to the other one.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) fn find() -> Result<Self, String> {
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = fs::canonicalize(Path::new(&package).join(".."))
            .map_err(|e| format!("the project is not where it was built ({e}): run `cargo xtask`"))?;
        Ok(Self { root })
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A program to be run in the project, which finds the project's own tools first.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let path = env::var_os("PATH").unwrap_or_default();
        let own = [self.join(".tools/bin"), self.join(".tools/venv/bin")];
        let path = env::join_paths(own.into_iter().chain(env::split_paths(&path)));
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.root);
        if let Ok(path) = path {
            command.env("PATH", path);
        }
        command
    }

    /// Runs a program to its end, its output shown.
    ///
    /// # Errors
    /// When it cannot be run or does not succeed.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        succeed(&mut self.command(program, arguments))
    }

    /// Whether a program is there and succeeds with these arguments, its output hidden.
    pub(crate) fn works(&self, program: &str, arguments: &[&str]) -> bool {
        hide(&mut self.command(program, arguments)).status().is_ok_and(|status| status.success())
    }

    /// Like [`Project::works`], but what takes longer than the time is stopped and has not worked.
    pub(crate) fn works_within(&self, time: Duration, program: &str, arguments: &[&str]) -> bool {
        let Ok(mut child) = hide(&mut self.command(program, arguments)).spawn() else { return false };
        for _ in 0..(time.as_millis() / STEP.as_millis()) {
            match child.try_wait() {
                Ok(Some(status)) => return status.success(),
                Ok(None) => thread::sleep(STEP),
                Err(_) => return false,
            }
        }
        child.kill().and_then(|()| child.wait()).is_ok_and(|status| status.success())
    }
}

fn hide(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

/// Runs a command to its end.
///
/// # Errors
/// When it cannot be run or does not succeed; the sentence says which command it was.
pub(crate) fn succeed(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("`{}` cannot be run: {e}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", shown(command))) }
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Whether two files hold the same; a missing one is like no other.
pub(crate) fn same(one: &Path, other: &Path) -> bool {
    fs::read(one).is_ok_and(|one| fs::read(other).is_ok_and(|other| one == other))
}
