//! Every check, in order, the quick ones first. A new check is one line in [`STEPS`] and one function.

use std::time::Duration;

use crate::project::Project;

/// How a check ended, when it did not fail.
enum Outcome {
    Passed,
    /// Could not be run on this machine, and why; said, never silent.
    Skipped(&'static str),
}

use Outcome::{Passed, Skipped};

/// One check.
struct Step {
    name: &'static str,
    run: fn(&Project) -> Result<Outcome, String>,
}

const STEPS: [Step; 7] = [
    Step { name: "format", run: format },
    Step { name: "lints", run: lints },
    Step { name: "licences, bans and sources of packages", run: packages },
    Step { name: "known faults of packages", run: advisories },
    Step { name: "compose file", run: compose },
    Step { name: "documentation", run: documentation },
    Step { name: "tests", run: tests },
];

/// How long the list of known faults may take to arrive.
const FETCH: Duration = Duration::from_secs(60);

/// Runs every check; the first failure ends it.
///
/// # Errors
/// The check that failed, and the command to repeat it.
pub(crate) fn run(project: &Project) -> Result<(), String> {
    #[expect(clippy::disallowed_types, reason = "no paused clock here: it times real commands")]
    let began = std::time::Instant::now();
    let mut skipped = 0;
    for (number, Step { name, run }) in (1..).zip(STEPS) {
        println!("[{number}/{}] {name}", STEPS.len());
        let before = began.elapsed();
        let outcome = run(project).map_err(|why| format!("{name}: {why}"))?;
        let took = (began.elapsed() - before).as_secs_f32();
        match outcome {
            Passed => println!("[{number}/{}] {name}: passed in {took:.1} s", STEPS.len()),
            Skipped(why) => {
                skipped += 1;
                println!("[{number}/{}] {name}: SKIPPED, {why}", STEPS.len());
            }
        }
    }
    let took = began.elapsed().as_secs();
    match skipped {
        0 => println!("all checks passed in {took} s"),
        _ => println!("all checks passed in {took} s, {skipped} skipped (named above)"),
    }
    Ok(())
}

fn format(project: &Project) -> Result<Outcome, String> {
    project.run("cargo", &["fmt", "--all", "--check"]).map(|()| Passed)
}

fn lints(project: &Project) -> Result<Outcome, String> {
    project.run("cargo", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]).map(|()| Passed)
}

fn packages(project: &Project) -> Result<Outcome, String> {
    // Two versions of one package are allowed, and fill pages: without the warnings only what is refused is shown.
    project.run("cargo", &["deny", "--locked", "--log-level", "error", "check", "bans", "licenses", "sources"]).map(|()| Passed)
}

fn advisories(project: &Project) -> Result<Outcome, String> {
    if !project.works_within(FETCH, "cargo", &["deny", "fetch", "db"]) {
        return Ok(Skipped("the list of known faults cannot be reached from here"));
    }
    project.run("cargo", &["deny", "--locked", "--offline", "check", "advisories"]).map(|()| Passed)
}

fn compose(project: &Project) -> Result<Outcome, String> {
    if !project.join("docker-compose.yml").exists() {
        return Ok(Skipped("there is no docker-compose.yml"));
    }
    if project.works("docker", &["compose", "version"]) {
        return project.run("docker", &["compose", "--profile", "*", "config", "--quiet"]).map(|()| Passed);
    }
    if project.works("docker-compose", &["version"]) {
        return project.run("docker-compose", &["config", "--quiet"]).map(|()| Passed);
    }
    let parse = "import yaml; services = yaml.safe_load(open('docker-compose.yml'))['services']; assert services, 'no services'";
    project.run("python", &["-c", parse])?;
    Ok(Skipped("docker compose is not installed; the file is well-formed YAML with services, no more is known"))
}

fn documentation(project: &Project) -> Result<Outcome, String> {
    let mut command = project.command("cargo", &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked", "--quiet"]);
    crate::project::succeed(command.env("RUSTDOCFLAGS", "-D warnings")).map(|()| Passed)
}

fn tests(project: &Project) -> Result<Outcome, String> {
    // Some tests start the program itself and kill it. It is built together with the tests: alone, it and all below it would be built
    // with other features of some packages, and then anew.
    project.run("cargo", &["build", "--workspace", "--bins", "--tests", "--locked"])?;
    project.run("cargo", &["nextest", "run", "--workspace", "--locked"]).map(|()| Passed)
}
