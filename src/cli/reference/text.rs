//! The reference on a terminal.

use super::ReferenceBook;
use crate::report::layout::{Page, Tone};

/// Draws it.
pub fn draw(page: &mut Page, reference: &ReferenceBook) {
    for section in &reference.sections {
        page.blank();
        page.line(0, &[(Tone::Strong, &section.title)]);
        page.prose(0, (Tone::Text, ""), Tone::Quiet, &section.about);
        for table in &section.tables {
            page.blank();
            page.line(2, &[(Tone::Strong, &table.title)]);
            if !table.about.is_empty() {
                page.prose(2, (Tone::Text, ""), Tone::Quiet, &table.about);
            }
            for [name, kind, doc] in &table.rows {
                page.line(4, &[(Tone::Command, name), (Tone::Text, "  "), (Tone::Quiet, kind)]);
                page.prose(8, (Tone::Text, ""), Tone::Text, doc);
            }
        }
    }
    page.blank();
    page.line(0, &[(Tone::Strong, "Checks of the library")]);
    page.prose(0, (Tone::Text, ""), Tone::Quiet, "grader explain CHECK shows hints and examples.");
    for check in &reference.checks {
        page.line(2, &[(Tone::Command, &check.id), (Tone::Text, "  "), (Tone::Text, &check.title)]);
        page.prose(6, (Tone::Text, ""), Tone::Quiet, &check.why);
    }
}
