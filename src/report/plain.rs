//! The report for pipes, files and logs: the same content whole, ASCII marks, no colours, lines as long as they are.

use super::layout::Page;
use super::{CheckReport, Format, Report, Style, detail, page};

/// The format.
pub const SPEC: Format = Format {
    name: "plain",
    title: "plain",
    about: "a person reading a log",
    render: |report, style| Ok(render(report, style)),
    wrote: |it| it.has_line(&["PASS ", "FAIL ", "SKIP ", "OPEN "]),
};

/// The report as plain text. Of `style` only what was before and what to type again counts.
pub fn render(report: &Report, style: &Style) -> String {
    let mut page = Page::plain();
    page::draw(&mut page, report, style, true);
    page.finish()
}

/// One failed check as plain text, for formats that have room for it.
pub fn render_check(check: &CheckReport) -> String {
    let mut page = Page::plain();
    detail::draw(&mut page, 0, check, true);
    page.finish()
}
