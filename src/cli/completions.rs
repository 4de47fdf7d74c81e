//! `grader completions`: what makes a shell complete grader's commands.

use super::{Cli, Failure, output};
use clap::{Args, CommandFactory as _};

/// Print completions for your shell
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Your shell
    pub shell: clap_complete::Shell,
}

/// Prints the shell's script.
pub fn run(args: &CompletionsArgs) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "grader", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}
