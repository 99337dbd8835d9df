//! The quorate binary: reads the command line, and reports what went wrong.
#![expect(clippy::print_stderr, reason = "the last words of a failed program go to stderr")]

use std::process::ExitCode;

use clap::Parser;
use quorate::cli::{self, Cli};

fn main() -> ExitCode {
    if let Err(error) = color_eyre::install() {
        eprintln!("quorate: {error}");
    }
    match cli::run(Cli::parse()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("quorate: {error:#}");
            cli::exit_of(&error).into()
        }
    }
}
