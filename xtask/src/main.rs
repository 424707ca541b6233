//! `cargo xtask`: sets the machine up, runs every check, plays the demo, measures.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to its user")]

mod checks;
mod project;
mod run;
mod setup;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use project::Project;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Sets up, checks, demonstrates and measures the hub")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Installs what is missing: PostgreSQL, nats-server, and the tools that the checks use
    Setup,
    /// Runs every check, as CI does, and stops at the first that fails
    Test,
    /// Plays a night on a private PostgreSQL and nats-server
    Demo {
        /// Passed on to `hub demo`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Takes the pictures of the README from a demonstration that is running
    Screens {
        /// Where it answers
        #[arg(long, default_value = "http://127.0.0.1:8480")]
        url: String,
    },
    /// Measures against the targets
    Bench {
        /// Passed on to the bench
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let done = Project::find().and_then(|project| match Arguments::parse().task {
        Task::Setup => setup::servers(&project).and_then(|()| setup::tools(&project)),
        Task::Test => setup::servers(&project).and_then(|()| setup::tools(&project)).and_then(|()| checks::run(&project)),
        Task::Demo { arguments } => setup::servers(&project).and_then(|()| run::demo(&project, &arguments)),
        Task::Screens { url } => setup::tools(&project).and_then(|()| run::screens(&project, &url)),
        Task::Bench { arguments } => setup::servers(&project).and_then(|()| run::bench(&project, &arguments)),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_follows_demo_is_passed_on() {
        let arguments = Arguments::try_parse_from(["cargo xtask", "demo", "--night", "2"]).expect("it parses");
        assert!(matches!(arguments.task, Task::Demo { arguments } if arguments == ["--night", "2"]));
    }
}
