//! What came of `grader test`, in each format.

mod json;
mod junit;
mod page;
pub mod progress;

use crate::proof::Proof;
use crate::report::layout::Page;
use crate::report::{self, Format, RenderError, Style};

type Render = fn(&[Proof], &Style) -> Result<String, RenderError>;

/// The formats of proofs. Of a style only the width and the colours count.
const FORMATS: [(Format, Render); 4] = [
    (report::terminal::SPEC, |proofs, style| Ok(drawn(proofs, Page::terminal(style.width, style.color)))),
    (report::plain::SPEC, |proofs, _| Ok(drawn(proofs, Page::plain()))),
    (report::json::SPEC, |proofs, _| Ok(json::render(proofs))),
    (report::junit::SPEC, |proofs, _| Ok(junit::render(proofs)?)),
];

/// The names of the formats of proofs; `last` stands before the last one.
pub fn format_names(last: &str) -> String {
    report::listed(&FORMATS.map(|(format, _)| format.name), last)
}

/// Proofs in this format.
pub fn render(proofs: &[Proof], format: Format, style: &Style) -> Result<String, RenderError> {
    let known = FORMATS.iter().find(|(known, _)| *known == format);
    let (_, render) = known.ok_or_else(|| RenderError::NotOfProofs(format.name, format_names("and")))?;
    render(proofs, style)
}

fn drawn(proofs: &[Proof], mut page: Page) -> String {
    page::draw(&mut page, proofs);
    page.finish()
}

/// The exit code of several proofs: that of the worst.
pub fn exit_code(proofs: &[Proof]) -> u8 {
    let codes = || proofs.iter().map(Proof::exit_code);
    [130, 1, 3].into_iter().find(|code| codes().any(|other| other == *code)).unwrap_or(0)
}
