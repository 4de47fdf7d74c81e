//! The command line: one file a subcommand.

mod actions;
mod check;
mod clean;
mod completions;
mod course;
mod destination;
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
mod next;
mod output;
mod policy;
mod protected;
mod reference;
mod schema;
mod settings;
mod test;
mod weight;
mod workflow;

pub use failure::Failure;

use clap::{Parser, Subcommand};
use std::io::Write as _;
use std::process::ExitCode;

/// Grades your Docker work and says what to do next.
#[derive(Debug, Parser)]
#[command(name = "grader", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: CliCommand,
}

const EXIT_CODES: &str = "Exit codes:
  0    passed
  1    checks failed
  2    wrong use, or a wrong check file
  3    could not judge everything: no Docker, no network, or grader's own fault
  130  interrupted";

/// Each command's arguments are in its own file, and their documentation is its help.
#[derive(Debug, Subcommand)]
enum CliCommand {
    Check(check::CheckArgs),
    Hint(hint::HintArgs),
    Init(init::InitArgs),
    Next(next::NextArgs),
    List(list::ListArgs),
    Explain(explain::ExplainArgs),
    Facts(facts::FactsArgs),
    New(new::NewArgs),
    Lint(lint::LintArgs),
    Schema(schema::SchemaArgs),
    Test(test::TestArgs),
    Doctor(doctor::DoctorArgs),
    Clean(clean::CleanArgs),
    Completions(completions::CompletionsArgs),
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
        CliCommand::Check(args) => check::run(&args),
        CliCommand::Hint(args) => hint::run(&args),
        CliCommand::Init(args) => init::run(&args),
        CliCommand::Next(args) => next::run(&args),
        CliCommand::List(args) => list::run(&args),
        CliCommand::Explain(args) => explain::run(&args),
        CliCommand::Facts(args) => facts::run(&args),
        CliCommand::New(args) => new::run(&args),
        CliCommand::Lint(args) => lint::run(&args),
        CliCommand::Schema(args) => schema::run(&args),
        CliCommand::Test(args) => test::run(&args),
        CliCommand::Doctor(_) => doctor::run(),
        CliCommand::Clean(args) => clean::run(&args),
        CliCommand::Completions(args) => completions::run(&args),
    };
    let code = code.unwrap_or_else(|failure| {
        let _ = writeln!(std::io::stderr(), "{failure}"); // nobody reads any more
        failure.code
    });
    crate::repository::finish_removals(|| eprintln!("removing the copy of your files"));
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
