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

/// Takes the pictures of the README.
///
/// # Errors
/// When no demonstration answers, or a page is not as the script expects it.
pub(crate) fn screens(project: &Project, url: &str) -> Result<(), String> {
    let modules = project.join(".tools/browser/node_modules").display().to_string();
    let target = project.join("docs/screens").display().to_string();
    let taken = project.run("node", &["tests/browser/screens.mjs", url, &modules, &target]);
    taken.map_err(|why| format!("{why}; is `cargo xtask demo` running, and does it answer at {url}?"))
}

fn become_cargo(project: &Project, fixed: &[&str], more: &[String]) -> Result<(), String> {
    let mut command = project.command("cargo", fixed);
    command.args(more);
    let why = command.exec();
    Err(format!("`{}` cannot be run: {why}", shown(&command)))
}
