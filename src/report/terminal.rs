//! The report on a terminal: the first failed step whole, the others in a line each.

use super::layout::Page;
use super::{Format, Report, Style, page};

/// The format.
pub const SPEC: Format = Format {
    name: "terminal",
    title: "terminal",
    about: "a person at a terminal",
    render: |report, style| Ok(render(report, style)),
    wrote: |it| it.has_line(&["\u{1b}[", "✓ ", "✗ "]),
};

/// The report for a terminal of `style.width` columns, in colours if `style.color`.
pub fn render(report: &Report, style: &Style) -> String {
    let mut page = Page::terminal(style.width, style.color);
    page::draw(&mut page, report, style, style.verbose);
    page.finish()
}
