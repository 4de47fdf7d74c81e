//! The command line: one file a subcommand.

mod actions;
pub mod args;
mod check;
mod clean;
mod doctor;
mod explain;
mod fact_table;
mod facts;
mod failure;
mod find;
mod hint;
mod init;
mod lint;
mod list;
pub mod memory;
mod new;
mod output;
mod policy;
mod protected;
mod reference;
mod schema;
mod settings;
mod test;
mod workflow;

pub use failure::Failure;

use args::{
    CheckArgs, CleanArgs, CompletionsArgs, ExplainArgs, FactsArgs, HintArgs, InitArgs, LintArgs, ListArgs, NewArgs,
    SchemaArgs, TestArgs,
};
use clap::{CommandFactory as _, Parser, Subcommand};
use std::io::Write as _;
use std::process::ExitCode;

/// Grades your Docker work and says what to do next.
#[derive(Debug, Parser)]
#[command(name = "grader", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes:
  0    passed
  1    checks failed
  2    wrong use, or a wrong check file
  3    could not judge everything: no Docker, no network, or grader's own fault
  130  interrupted";

#[derive(Debug, Subcommand)]
enum Command {
    /// Grade your work
    Check(CheckArgs),
    /// Get a hint for the first step that is not there yet; ask again for a stronger one
    Hint(HintArgs),
    /// Start a challenge: write its files
    Init(InitArgs),
    /// List the challenges, or the steps of one
    List(ListArgs),
    /// Explain a check: why it matters, hints, examples; --all is the reference of all there is
    Explain(ExplainArgs),
    /// Show what grader sees in your work
    Facts(FactsArgs),
    /// Begin a check or a challenge of your own
    New(NewArgs),
    /// Find everything that is wrong with your checks and challenges
    Lint(LintArgs),
    /// Print the JSON Schema of checks and challenges, for your editor
    Schema(SchemaArgs),
    /// Prove that a challenge grades fairly: examples, solution, cases, mutants
    Test(TestArgs),
    /// Find out what is wrong with Docker on this machine
    Doctor,
    /// Remove what runs that were killed have left behind, and what --keep has kept
    Clean(CleanArgs),
    /// Print completions for your shell
    Completions(CompletionsArgs),
}

/// Runs the program with this process's arguments.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print(); // nobody reads any more
            return ExitCode::from(if error.use_stderr() { failure::WRONG_USE } else { 0 });
        }
    };
    let code = match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Hint(args) => hint::run(&args),
        Command::Init(args) => init::run(&args),
        Command::List(args) => list::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Facts(args) => facts::run(&args),
        Command::New(args) => new::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Doctor => doctor::run(),
        Command::Clean(args) => clean::run(&args),
        Command::Completions(args) => completions(&args),
    };
    let code = code.unwrap_or_else(|failure| {
        let _ = writeln!(std::io::stderr(), "{failure}"); // nobody reads any more
        failure.code
    });
    crate::repository::finish_removals();
    ExitCode::from(code)
}

fn completions(args: &CompletionsArgs) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "grader", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
