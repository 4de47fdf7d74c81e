//! Parses the command line, calls the library, returns an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    grader::cli::main()
}
