//! The demo and the bench take this program's place, so that Ctrl-C reaches them and nothing else.

use std::os::unix::process::CommandExt as _;

use crate::project::{Project, shown};

/// Plays a night on the hub.
///
/// # Errors
/// When cargo cannot be run; otherwise it does not come back.
pub(crate) fn demo(project: &Project, arguments: &[String]) -> Result<(), String> {
    become_cargo(project, &["run", "--locked", "--package", "hub", "--", "demo"], arguments)
}

/// Measures.
///
/// # Errors
/// When cargo cannot be run; otherwise it does not come back.
pub(crate) fn bench(project: &Project, arguments: &[String]) -> Result<(), String> {
    become_cargo(project, &["run", "--locked", "--release", "--package", "hub-tests", "--bin", "bench", "--"], arguments)
}

fn become_cargo(project: &Project, fixed: &[&str], more: &[String]) -> Result<(), String> {
    let mut command = project.command("cargo", fixed);
    command.args(more);
    let why = command.exec();
    Err(format!("`{}` cannot be run: {why}", shown(&command)))
}
