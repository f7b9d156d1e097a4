//! The door: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    pi::cli::main(std::env::args_os().skip(1))
}
