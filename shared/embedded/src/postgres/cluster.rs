//! The data directory: which version made it, making it, and what it says of its server.

use std::{fs, io, path::Path, process::Stdio};

use tokio::process::Command;

use super::{OWNER, PROGRAM};
use crate::{
    EmbeddedError,
    directory::{Account, Directory},
    find::{self, PostgreSql},
};

/// The data directory inside the server's directory.
pub(super) const DATA: &str = "data";

/// The programs of the version that made the data, or the newest when there are none yet.
///
/// # Errors
/// When there is no PostgreSQL that can be used, or not the one that made the data.
pub(super) fn programs_for(directory: &Directory) -> Result<PostgreSql, EmbeddedError> {
    let data = directory.join(DATA);
    match made_by(&data)? {
        None => find::postgresql(None),
        Some(made_by) => find::postgresql(Some(made_by)).map_err(|error| match find::postgresql(None) {
            Ok(_) => EmbeddedError::OtherVersion { directory: data, made_by },
            Err(_) => error,
        }),
    }
}

fn made_by(data: &Path) -> Result<Option<u32>, EmbeddedError> {
    let file = data.join("PG_VERSION");
    match fs::read_to_string(&file) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EmbeddedError::file("read", file)(source)),
    }
}

/// Makes the data when there are none: page checksums, UTF-8, no locale of the machine, a password for everybody.
///
/// It is made beside its place and moved there when it is complete, so that half a cluster is never taken for one.
///
/// # Errors
/// When `initdb` fails.
pub(super) async fn create(programs: &PostgreSql, directory: &Directory) -> Result<(), EmbeddedError> {
    let data = directory.join(DATA);
    if made_by(&data)?.is_some() {
        return Ok(());
    }
    let making = directory.join("data.making");
    if making.exists() {
        fs::remove_dir_all(&making).map_err(EmbeddedError::file("removed", &making))?;
    }
    let mut command = Command::new(programs.bin.join("initdb"));
    command.arg("--pgdata").arg(&making).arg("--username").arg(OWNER).arg("--pwfile").arg(directory.join("password"));
    command.args(["--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--no-locale", "--no-instructions"]);
    command.current_dir(directory.path()).stdin(Stdio::null()).kill_on_drop(true);
    if let Some(Account { uid, gid }) = directory.account() {
        command.uid(uid).gid(gid);
    }
    let output = command.output().await.map_err(|source| EmbeddedError::Run { program: "initdb".to_owned(), source })?;
    if !output.status.success() {
        return Err(EmbeddedError::from_log(PROGRAM, 0, &String::from_utf8_lossy(&output.stderr), making));
    }
    fs::rename(&making, &data).map_err(EmbeddedError::file("moved into place", data))
}

/// Whether the server with this process id says that it takes connections: the eighth line of its `postmaster.pid`.
pub(super) fn is_ready(data: &Path, id: u32) -> bool {
    let said = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let mut lines = said.lines().map(str::trim);
    lines.next() == Some(id.to_string().as_str()) && lines.nth(6) == Some("ready")
}
