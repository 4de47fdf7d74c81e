//! What came of `grader test`, in each format.

mod json;
mod junit;
mod page;
pub mod progress;

use crate::proof::Proof;
use crate::report::layout::Page;
use crate::report::{Format, RenderError, Style};

/// Proofs in this format. Of `style` only the width and the colours count.
pub fn render(proofs: &[Proof], format: Format, style: &Style) -> Result<String, RenderError> {
    let page = match format {
        Format::Terminal => Page::terminal(style.width, style.color),
        Format::Plain => Page::plain(),
        Format::Json => return Ok(json::render(proofs)),
        Format::Junit => return Ok(junit::render(proofs)?),
        other => return Err(RenderError::NotOfProofs(other.name())),
    };
    let mut page = page;
    page::draw(&mut page, proofs);
    Ok(page.finish())
}

/// The exit code of several proofs: that of the worst.
pub fn exit_code(proofs: &[Proof]) -> u8 {
    let codes = || proofs.iter().map(Proof::exit_code);
    [130, 1, 3].into_iter().find(|code| codes().any(|other| other == *code)).unwrap_or(0)
}
