//! `grader schema`: the JSON Schema by which an editor completes and checks the files of an instructor.

use super::{Failure, output};
use crate::schema;
use clap::Args;

/// Print the JSON Schema of checks and challenges, for your editor
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Print that of a case's expect.yaml instead
    #[arg(long)]
    pub case: bool,
}

/// Prints the schema.
pub fn run(args: &SchemaArgs) -> Result<u8, Failure> {
    output::print_exactly(&if args.case { schema::case_text() } else { schema::text() })?;
    Ok(0)
}
