//! `grader schema`: the JSON Schema by which an editor completes and checks the files of an instructor.

use super::{Failure, output};
use crate::schema;
use clap::Args;

/// Print the JSON Schema of checks and challenges, for your editor
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Print that of a case's expect.yaml instead
    #[arg(long, conflicts_with = "course")]
    pub case: bool,
    /// Print that of a course.yaml instead
    #[arg(long)]
    pub course: bool,
}

/// Prints the schema.
pub fn run(args: &SchemaArgs) -> Result<u8, Failure> {
    let text = match (args.case, args.course) {
        (true, _) => schema::case_text(),
        (_, true) => schema::course_text(),
        _ => schema::text(),
    };
    output::print_exactly(&text)?;
    Ok(0)
}
