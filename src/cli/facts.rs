//! `grader facts`: what grader sees in a repository.

use super::args::{FactsArgs, FactsFormat};
use super::{Failure, fact_table, output};
use crate::facts::Facts;
use crate::facts::json::Document;
use crate::report::escape;

/// Prints the facts of a repository, or the list of those there are.
pub fn run(args: &FactsArgs) -> Result<u8, Failure> {
    let mut page = output::page();
    if args.list {
        fact_table::draw_registry(&mut page);
        output::print(&page.finish())?;
        return Ok(0);
    }
    let facts: Option<Facts> = None;
    let Some(facts) = facts else { return Err(Failure::machine("reading facts is not wired yet", "")) };
    match args.format {
        FactsFormat::Text => {
            fact_table::draw(&mut page, &facts);
            output::print(&page.finish())?;
        }
        FactsFormat::Json => {
            let text = serde_json::to_string_pretty(&Document(&facts))
                .map_err(|error| Failure::machine(format!("cannot write the facts: {error}"), ""))?;
            output::print(&format!("{}\n", escape::json(&text)))?;
        }
    }
    Ok(0)
}
