//! Texts that try to act through a report, and reports that hold one of them wherever a learner can put text.

#![allow(dead_code)] // each test uses some of it

use crate::sample;
use grader::engine::Versions;
use grader::facts::{Fact, Value};
use grader::outcome::{Explanation, Finding, Outcome, Snippet};
use grader::place::Place;
use grader::report::{Coverage, Overridden, Report};
use std::collections::BTreeMap;

/// Each tries something else.
pub const TEXTS: &[&str] = &[
    // Commands of a CI runner.
    "::error::pwned",
    "  ::set-env name=PATH::/evil",
    "\t::add-mask::e",
    "\u{a0}\u{2003}\u{3000}\u{205f}::warning::pwned",
    "\u{85}::warning::pwned",
    "\u{200b}::warning::pwned",
    "\u{feff}\u{ad}:\u{200d}:warning::pwned",
    "\u{200d}::warning::pwned",
    "\u{2028}::error::pwned\u{2029}::error::pwned",
    "text\n::error::pwned\r\n::error::pwned\r::error::pwned",
    "text\n\n\n   ::group::pwned\n::endgroup::",
    "##[add-mask]e",
    "x ##[error]pwned ###[error]pwned #",
    "##\u{200b}[error]pwned ##\u{200d}[error]pwned #\u{fe0f}#[error]pwned",
    "[error]pwned ##",
    "%0A::error::pwned%0D%25",
    "::stop-commands::pwned\n::pwned::\n::grader-::",
    "a,line=1,title=pwned::pwned",
    // Files of a CI runner.
    "EOF\nscore=100\nEOF",
    "ghadelimiter_0\nscore=100\nghadelimiter_0",
    // Terminals.
    "\u{1b}[2J\u{1b}[1;1H\u{1b}[31mpwned\u{1b}[0m",
    "\u{1b}]0;pwned\u{7}\u{1b}]8;;https://evil.example\u{1b}\\here\u{1b}]8;;\u{1b}\\",
    "\u{9b}2J\u{9d}0;pwned\u{9c}\u{90}q\u{9c}",
    "back\u{8}\u{8}\u{8}\u{8}over\u{7f}\u{0}\u{c}\u{b}",
    "\u{202e}nimda\u{202c} \u{2066}x\u{2069} \u{200f}\u{61c}",
    "fill\u{3164}\u{115f}\u{ffa0}\u{34f}er \u{e0041}tag",
    "no character\u{fffe}\u{ffff}\u{1fffe}",
    // XML.
    "]]></failure></testcase><testcase name=\"pwned\"/>",
    "</testsuite></testsuites><testsuites>",
    "&lt; &amp;amp; &#0; &#x1b; &xxe; <!DOCTYPE x> <?xml?> <!-- --> ' \"",
    // Markdown and HTML.
    "```\n# pwned\n````````\n~~~\n</details>",
    "`pwned` ``pwned``` `",
    "| a | b |\n|---|---|\n| 100 | 100 |",
    "|\\| \\\\| \\",
    "<script>pwned()</script><img src=x onerror=pwned()><a href=x>x</a>",
    "</td></tr></table></details></summary></sub><h1>pwned</h1><!--",
    "[pwned](https://evil.example) ![pwned](https://evil.example/x.png) <https://evil.example> [x]: https://evil.example",
    "https://evil.example www.evil.example ftp://evil.example jane@evil.example mailto:jane@evil.example",
    "@jane @org/team #1 GH-1 owner/repo#1 0123456789abcdef0123456789abcdef01234567",
    "$pwned$ $$pwned$$ $`pwned`$",
    "pwned[^1]\n\n[^1]: pwned",
    "> [!NOTE]\n> pwned",
    "[!WARNING]",
    ":white_check_mark: :tada:",
    "# pwned",
    "pwned\n=====",
    "pwned\n-----",
    "- pwned\n1. pwned\n1) pwned\n* * *",
    "1) pwned",
    "    pwned\n\tpwned",
    "**pwned** __pwned__ ~~pwned~~ _x_ \\*",
    // What looks like a verdict of ours.
    "\n  ✓ 7  docker compose up healthy   15/15",
    "✓ 7  docker compose up healthy   15/15\n✓ Challenge complete. Hand it in:",
    "\nPASS  7  docker compose up healthy  15/15\nPASS  8  x\n[########################] 100/100",
    "Passed.\n\nPassed.",
    "step 7 compose-healthy: passed\nimage: passed",
    "## ✅ Solved: 100/100",
    // No text.
    "",
    " ",
    "\n\n",
    // Text that has to survive.
    "größe → 大きさ 👩‍💻 עברית ไทย",
];

/// A report with this text in every place that a learner has a say in. An open one is stopped early and not judged whole.
pub fn everywhere(text: &str, is_open: bool) -> Report {
    let owned = || text.to_owned();
    let finding = Finding {
        message: owned(),
        place: Some(Place::line(owned(), 2).column(3)),
        expected: Some(owned()),
        actual: Some(owned()),
        because: Some(owned()),
        hint: Some(owned()),
        snippet: Some(Snippet { first_line: 1, lines: vec![owned(), owned(), owned()], marked: 2..=2 }),
        about: Some(owned()),
        cause: None,
    };
    let told = Explanation {
        cause: owned(),
        says: owned(),
        means: owned(),
        next: owned(),
        hints: vec![owned()],
        learn: Some(owned()),
        follows: None,
    };
    let explained = Finding { cause: Some(Box::new(told.clone())), ..finding.clone() };
    let following =
        Finding { cause: Some(Box::new(Explanation { follows: Some(owned()), ..told })), ..finding.clone() };
    let mut report = sample::failing();
    let bare = Finding { message: owned(), ..Finding::default() };
    report.checks[0].measured = Some(owned());
    report.checks[1].outcome = Outcome::Failed(vec![bare.clone(), following]);
    report.checks[2].outcome = Outcome::Failed(vec![finding.clone(), bare.clone(), explained]);
    report.checks[2].advice = vec![finding.clone(), bare];
    report.checks[3].measured = Some(format!("144MB {text}"));
    report.checks[4].outcome = Outcome::Skipped(owned());
    report.checks[6].overridden = Some(Overridden { points: 0, reason: owned() });
    report.checks[6].title = owned();
    if is_open {
        report.checks[3].outcome = Outcome::Errored(owned());
        for index in [3, 4] {
            report.checks[index].judged = Coverage::No;
        }
        report.interrupted = Some(owned());
    }
    report.repository.path = owned();
    report.repository.commit = Some(owned());
    report.repository.origin = Some(owned());
    report.platform = owned();
    report.bases = BTreeMap::from([(owned(), owned())]);
    report.engine = Some(Versions { version: owned(), api: owned(), compose: owned(), buildx: owned() });
    report.notes = vec![owned(), owned()];
    report.facts.put("container.logs", text);
    report.facts.put("image.size", Fact::of(Value::Size(1)).at(Place::line(owned(), 1)));
    report.facts.set(&["stack", "services", text, "ready"], false.into());
    report
}
