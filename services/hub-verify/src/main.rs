//! `hub-verify`: whether a record is whole and unaltered, in one sentence. No network, no database, nothing taken on trust but the
//! policy file with its pinned keys and the checkpoint that the auditor already holds.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod words;

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use transparency::{Policy, evidence, verify};

/// Says whether an export of the hub's record is whole and unaltered.
///
/// Ends with 0 when it is, with 1 when it is not, and with 2 when that cannot be said.
#[derive(Parser)]
#[command(name = "hub-verify", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Verify an export, of a whole log or of one child's part of it.
    Export {
        /// The file that the hub exported.
        file: PathBuf,
        /// Your policy file: the keys of the logs and the witnesses, and how many witnesses are enough.
        #[arg(long)]
        policy: PathBuf,
        /// A checkpoint that you kept from an earlier time; may be given several times.
        #[arg(long)]
        held: Vec<PathBuf>,
        /// Where to write the last checkpoint, to keep until the next time.
        #[arg(long)]
        keep: Option<PathBuf>,
    },
    /// Check a witness's evidence that a hub has signed two different records.
    Evidence {
        /// The file.
        file: PathBuf,
        /// Your policy file.
        #[arg(long)]
        policy: PathBuf,
    },
}

/// It cannot be said.
struct CannotSay(String);

fn main() -> ExitCode {
    let said = match Cli::parse().command {
        Command::Export { file, policy, held, keep } => export(&file, &policy, &held, keep.as_deref()),
        Command::Evidence { file, policy } => contradiction(&file, &policy),
    };
    match said {
        Ok((sentence, is_good)) => {
            println!("{sentence}");
            if is_good { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(CannotSay(why)) => {
            eprintln!("CANNOT SAY: {why}.");
            ExitCode::from(2)
        }
    }
}

fn export(file: &Path, policy: &Path, held: &[PathBuf], keep: Option<&Path>) -> Result<(String, bool), CannotSay> {
    let policy = read_policy(policy)?;
    let held: Vec<String> = held.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let opened = File::open(file).map_err(|error| unreadable(file, &error))?;
    let read = BufReader::with_capacity(1 << 20, opened);
    match verify::verify(read, &policy, &held) {
        Ok(found) => {
            if let Some(path) = keep {
                std::fs::write(path, &found.checkpoint).map_err(|error| unreadable(path, &error))?;
            }
            Ok((words::good(&found, &policy), true))
        }
        Err(wrong @ (verify::Wrong::UnknownLog { .. } | verify::Wrong::ForeignHeld)) => Err(CannotSay(wrong.to_string())),
        Err(wrong) => Ok((format!("NOT WHOLE OR NOT UNALTERED: {wrong}."), false)),
    }
}

fn contradiction(file: &Path, policy: &Path) -> Result<(String, bool), CannotSay> {
    let policy = read_policy(policy)?;
    let text = read(file)?;
    match evidence::check(&text, &policy) {
        Ok((origin, size)) => Ok((
            format!(
                "TWO STORIES: the hub has signed two different records of the first {size} events of {origin}; one of them was altered."
            ),
            false,
        )),
        Err(none) => Err(CannotSay(none.to_string())),
    }
}

fn read_policy(path: &Path) -> Result<Policy, CannotSay> {
    Policy::parse(&read(path)?).map_err(|bad| CannotSay(format!("{}: {bad}", path.display())))
}

/// A small file.
fn read(path: &Path) -> Result<String, CannotSay> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(1 << 20).read_to_string(&mut text));
    read.map(|_| text).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> CannotSay {
    CannotSay(format!("{} cannot be read or written: {error}", path.display()))
}
