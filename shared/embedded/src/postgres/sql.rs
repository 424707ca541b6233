//! Databases and roles on the private server, made by its own `psql`.

use std::process::Stdio;

use tokio::{io::AsyncWriteExt as _, process::Command};

use super::{OWNER, Postgres};
use crate::EmbeddedError;

impl Postgres {
    /// Makes a database that belongs to the owner; one that is there already is left alone.
    ///
    /// # Errors
    /// When the name is not plain or the server refuses.
    pub async fn create_database(&self, name: &str) -> Result<(), EmbeddedError> {
        let name = plain(name)?;
        let there = self.sql("postgres", &format!("select count(*) from pg_database where datname = '{name}'")).await?;
        if there == "0" {
            self.sql("postgres", &format!("create database {name}")).await?;
        }
        Ok(())
    }

    /// Makes a role that may log in under the same password as the owner and may do nothing else; one that is there
    /// already only gets the password. [`Postgres::url`] then works for it.
    ///
    /// # Errors
    /// When the name is not plain or the server refuses.
    pub async fn create_role(&self, name: &str) -> Result<(), EmbeddedError> {
        let name = plain(name)?;
        let there = self.sql("postgres", &format!("select count(*) from pg_roles where rolname = '{name}'")).await?;
        let how = if there == "0" { "create" } else { "alter" };
        self.sql("postgres", &format!("{how} role {name} login password '{}'", self.password)).await.map(drop)
    }

    /// Runs SQL as the owner and gives what it prints, one row a line, columns split by `|`.
    ///
    /// # Errors
    /// [`EmbeddedError::Refused`] with the server's words.
    pub async fn sql(&self, database: &str, sql: &str) -> Result<String, EmbeddedError> {
        let run = |source| EmbeddedError::Run { program: "psql".to_owned(), source };
        let mut command = Command::new(self.programs.bin.join("psql"));
        command.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", "--file=-"]);
        command.args(["--host=127.0.0.1", "--username", OWNER, "--dbname", database, "--port", &self.port.to_string()]);
        // The password goes by the environment and the statement by a pipe: a command line can be read by everybody.
        command.env("PGPASSWORD", &self.password).env("PGCONNECT_TIMEOUT", "10").env("PGCLIENTENCODING", "UTF8").current_dir("/");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().map_err(run)?;
        if let Some(mut input) = child.stdin.take() {
            // A psql that could not connect does not read; what it says about that is worth more than the broken pipe.
            drop(input.write_all(sql.as_bytes()).await);
        }
        let output = child.wait_with_output().await.map_err(run)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned();
        Err(EmbeddedError::Refused { program: "PostgreSQL", said })
    }
}

/// A name that needs no quoting.
fn plain(name: &str) -> Result<&str, EmbeddedError> {
    let first = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let rest = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if first && rest && name.len() < 64 { Ok(name) } else { Err(EmbeddedError::BadName { name: name.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_need_quoting_is_refused() {
        for name in ["", "a b", "a'; drop", "Hub", "1st", "a-b"] {
            assert!(plain(name).is_err(), "{name:?}");
        }
        assert_eq!(plain("case_transfer").expect("a plain name"), "case_transfer");
    }
}
