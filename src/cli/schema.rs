//! `grader schema`: the JSON Schema by which an editor completes and checks the files of an instructor.

use super::args::SchemaArgs;
use super::{Failure, output};
use crate::schema;

/// Prints the schema.
pub fn run(args: &SchemaArgs) -> Result<u8, Failure> {
    output::print_exactly(&if args.case { schema::case_text() } else { schema::text() })?;
    Ok(0)
}
