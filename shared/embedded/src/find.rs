//! Finds the server programs on this machine, by asking each for its version.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::EmbeddedError;

/// The oldest PostgreSQL that will do: the store relies on it.
const OLDEST_POSTGRESQL: (u32, &str) = (15, "15");
/// The oldest nats-server that will do: earlier ones carry on after a disk error.
const OLDEST_NATS: ((u32, u32), &str) = ((2, 14), "2.14");

/// The programs of one PostgreSQL installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgreSql {
    /// The directory with `initdb`, `postgres` and `psql`.
    pub bin: PathBuf,
    /// Its major version.
    pub major: u32,
}

/// One nats-server program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nats {
    /// The program.
    pub path: PathBuf,
    /// Its major and minor version.
    pub version: (u32, u32),
}

/// Finds PostgreSQL 15 or newer on the path or under `/usr/lib/postgresql`: the newest, or the given major version.
///
/// # Errors
/// [`EmbeddedError::Missing`] or [`EmbeddedError::TooOld`].
pub fn postgresql(major: Option<u32>) -> Result<PostgreSql, EmbeddedError> {
    postgresql_in(&bin_directories(), major)
}

fn postgresql_in(directories: &[PathBuf], major: Option<u32>) -> Result<PostgreSql, EmbeddedError> {
    let complete = |bin: &&PathBuf| ["initdb", "postgres", "psql"].iter().all(|program| bin.join(program).is_file());
    let mut found: Vec<PostgreSql> = directories
        .iter()
        .filter(complete)
        .filter_map(|bin| Some(PostgreSql { bin: bin.clone(), major: version(&bin.join("postgres"))?.0 }))
        .collect();
    found.sort_by_key(|installation| Reverse(installation.major));
    let (oldest, words) = OLDEST_POSTGRESQL;
    let Some(newest) = found.first().map(|installation| installation.major) else {
        return Err(EmbeddedError::Missing { program: "PostgreSQL", oldest: words });
    };
    found
        .into_iter()
        .find(|installation| installation.major >= oldest && major.is_none_or(|wanted| wanted == installation.major))
        .ok_or(EmbeddedError::TooOld { program: "PostgreSQL", found: newest.to_string(), oldest: words })
}

/// Finds nats-server 2.14 or newer: the one that `cargo xtask setup` put into the project's `.tools`, else one on the path.
///
/// # Errors
/// [`EmbeddedError::Missing`] or [`EmbeddedError::TooOld`].
pub fn nats_server() -> Result<Nats, EmbeddedError> {
    let mut candidates: Vec<PathBuf> = project_directories().iter().map(|directory| directory.join(".tools/nats-server")).collect();
    candidates.extend(path_directories().iter().map(|directory| directory.join("nats-server")));
    nats_server_in(&candidates)
}

/// The directory that `cargo xtask setup` made for the pages, if it is there.
#[must_use]
pub fn pages() -> Option<PathBuf> {
    let made = project_directories().into_iter().map(|directory| directory.join(".tools/pages"));
    made.into_iter().find(|directory| directory.join("assets/names.json").is_file())
}

fn nats_server_in(candidates: &[PathBuf]) -> Result<Nats, EmbeddedError> {
    let (oldest, words) = OLDEST_NATS;
    let mut old = None;
    for path in candidates.iter().filter(|path| path.is_file()) {
        let Some(version) = version(path) else { continue };
        if version >= oldest {
            return Ok(Nats { path: path.clone(), version });
        }
        old = old.max(Some(version));
    }
    Err(match old {
        Some((major, minor)) => EmbeddedError::TooOld { program: "nats-server", found: format!("{major}.{minor}"), oldest: words },
        None => EmbeddedError::Missing { program: "nats-server", oldest: words },
    })
}

/// What a program says its version is; none when it cannot be run or says no number.
fn version(program: &Path) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").output().ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// The first number in `postgres (PostgreSQL) 15.18 (Debian ..)` or `nats-server: v2.15.1`; `18beta1` counts as 18.0.
fn parse_version(said: &str) -> Option<(u32, u32)> {
    let word =
        said.split_whitespace().map(|word| word.trim_start_matches('v')).find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut numbers = word.split('.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    Some((numbers.next()??, numbers.next().flatten().unwrap_or(0)))
}

fn path_directories() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

/// The path (a link such as `/usr/local/bin/postgres` leads to the rest of its installation) and Debian's places.
fn bin_directories() -> Vec<PathBuf> {
    let mut directories = BTreeSet::new();
    for directory in path_directories() {
        if let Some(bin) = fs::canonicalize(directory.join("postgres")).ok().as_deref().and_then(Path::parent) {
            directories.insert(bin.to_owned());
        }
    }
    for version in fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        directories.insert(version.path().join("bin"));
    }
    directories.into_iter().collect()
}

/// Every directory that may be the project's: those above the running program and above the working directory.
fn project_directories() -> Vec<PathBuf> {
    let starts = [env::current_exe().ok(), env::current_dir().ok()];
    starts.iter().flatten().flat_map(|start| start.ancestors()).map(Path::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_each_server_prints() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some((15, 18)));
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta1\n"), Some((18, 0)));
        assert_eq!(parse_version("nats-server: v2.15.1\n"), Some((2, 15)));
        assert_eq!(parse_version("no such thing\n"), None);
    }

    #[test]
    fn a_missing_server_says_what_to_run() {
        let nowhere = [PathBuf::from("/nonexistent")];
        let postgresql = postgresql_in(&nowhere, None).expect_err("there is none").to_string();
        assert_eq!(postgresql, "PostgreSQL 15 or newer is not installed: run `cargo xtask setup`");
        let nats = nats_server_in(&nowhere).expect_err("there is none").to_string();
        assert_eq!(nats, "nats-server 2.14 or newer is not installed: run `cargo xtask setup`");
    }
}
