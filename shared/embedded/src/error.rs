//! What can keep a private server from starting, each said in one sentence that ends in what to do.

use std::{io, path::PathBuf};

/// A private server could not be started or used.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// The program is not on this machine.
    #[error("{program} {oldest} or newer is not installed: run `cargo xtask setup`")]
    Missing {
        /// The server.
        program: &'static str,
        /// The oldest version that will do.
        oldest: &'static str,
    },
    /// The program is there, in versions that will not do.
    #[error("{program} {found} is too old, {oldest} or newer is needed: run `cargo xtask setup`")]
    TooOld {
        /// The server.
        program: &'static str,
        /// The newest version found.
        found: String,
        /// The oldest version that will do.
        oldest: &'static str,
    },
    /// The directory was made by another major version of PostgreSQL.
    #[error("{} was made by PostgreSQL {made_by}, which is not installed: install that version, or delete the directory", directory.display())]
    OtherVersion {
        /// The data directory.
        directory: PathBuf,
        /// The major version in its `PG_VERSION`.
        made_by: u32,
    },
    /// A live program uses the directory.
    #[error("another program is using {}: stop it, or choose another directory", directory.display())]
    InUse {
        /// The directory.
        directory: PathBuf,
    },
    /// Somebody else listens on the port.
    #[error("port {port} on 127.0.0.1 is taken, so {program} cannot start: stop what listens there, or choose another port")]
    PortInUse {
        /// The server.
        program: &'static str,
        /// The port that was asked for.
        port: u16,
    },
    /// There is no room left.
    #[error("the disk of {} is full: make room and try again", path.display())]
    DiskFull {
        /// What was being written.
        path: PathBuf,
    },
    /// A file or directory cannot be used.
    #[error("{} cannot be {action}: check that it is there and that this user may use it", path.display())]
    File {
        /// What was being done, as a past participle.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A program could not be run at all.
    #[error("{program} cannot be run: check that this user may run it")]
    Run {
        /// The program.
        program: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The server ended, or never became ready.
    #[error("{program} did not start ({said}): look into {}", log.display())]
    NotReady {
        /// The server.
        program: &'static str,
        /// The last thing it said.
        said: String,
        /// Where it writes what it does.
        log: PathBuf,
    },
    /// A command on a running server failed.
    #[error("{program} refused the command ({said}): correct it and try again")]
    Refused {
        /// The program.
        program: &'static str,
        /// What it said.
        said: String,
    },
    /// A name that would need quoting.
    #[error("{name:?} is not a plain name: use lower-case letters, digits and underscores")]
    BadName {
        /// The name.
        name: String,
    },
}

impl EmbeddedError {
    /// Turns a failure on a file into the sentence for it.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| {
            if source.kind() == io::ErrorKind::StorageFull { Self::DiskFull { path } } else { Self::File { action, path, source } }
        }
    }

    /// Turns what a server wrote before it ended into the sentence for it.
    pub(crate) fn from_log(program: &'static str, port: u16, written: &str, log: PathBuf) -> Self {
        let lower = written.to_ascii_lowercase();
        if lower.contains("no space left on device") {
            return Self::DiskFull { path: log };
        }
        if lower.contains("address already in use") {
            return Self::PortInUse { program, port };
        }
        let said = written.lines().rev().map(str::trim).find(|line| !line.is_empty());
        Self::NotReady { program, said: said.unwrap_or("it said nothing").to_owned(), log }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_in_the_log_is_said_to_be_a_full_disk() {
        let written = "initdb: error: could not write to file \"base/1/1259\": No space left on device\n";
        let error = EmbeddedError::from_log("PostgreSQL", 1, written, "/data/log".into());
        assert_eq!(error.to_string(), "the disk of /data/log is full: make room and try again");
    }

    #[test]
    fn a_full_disk_while_writing_a_file_is_said_to_be_a_full_disk() {
        let error = EmbeddedError::file("written", "/data/password")(io::ErrorKind::StorageFull.into());
        assert_eq!(error.to_string(), "the disk of /data/password is full: make room and try again");
    }

    #[test]
    fn a_taken_port_in_the_log_names_the_port() {
        let written = "LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use\nFATAL:  no socket\n";
        let error = EmbeddedError::from_log("PostgreSQL", 5432, written, "/data/log".into());
        assert!(error.to_string().starts_with("port 5432 on 127.0.0.1 is taken"), "{error}");
    }

    #[test]
    fn anything_else_gives_the_last_line_and_the_log() {
        let error = EmbeddedError::from_log("nats-server", 1, "one\ntwo\n\n", "/data/log".into());
        assert_eq!(error.to_string(), "nats-server did not start (two): look into /data/log");
    }
}
