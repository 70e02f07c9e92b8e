//! The command line of `why-denied`: gather, call the library, print, exit code.

mod args;
mod authorization_details;
mod changes;
mod collect;
mod connection_args;
mod denials;
mod evidence;
mod explain;
mod failure;
mod file;
mod filter;
mod filter_args;
mod filter_proof;
mod lessons;
mod live;
mod output;
mod permissions;
mod place;
mod progress;
mod query;
mod shell;
mod simulate;
mod simulate_args;
mod source_args;
mod sources;
mod time;
mod what_if;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

fn main() -> ExitCode {
    let cli = match Cli::try_parse_from(args::with_default_command(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => return failure::usage(&error),
    };
    let result = match cli.command {
        Command::Explain(args) => explain::run(&args),
        Command::Changes(args) => changes::run(&args),
        Command::Denials(args) => denials::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Filter(args) => filter::run(&args),
        Command::Collect(args) => collect::run(&args),
        Command::Lessons(args) => lessons::run(&args),
        Command::Permissions(args) => permissions::run(&args),
        Command::Sources(args) => sources::run(&args),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => failure::report(&error),
    }
}
