//! The hub: cross-borough safeguarding.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let started = tokio::runtime::Runtime::new();
    match started.map_err(cli::Failed::from).and_then(|runtime| runtime.block_on(cli::run())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{}", failed.in_words());
            ExitCode::FAILURE
        }
    }
}
