//! Nothing that a learner wrote acts through a report: every hostile text, in every place that learners have a say in,
//! through every format and the live progress, judged by the bytes that come out.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use crate::hostile_texts::{TEXTS, everywhere};
use crate::runner;
use grader::event::Event;
use grader::facts::Source;
use grader::outcome::Outcome;
use grader::report::classroom50::Submission;
use grader::report::progress::Progress;
use grader::report::{
    FORMATS, Format, Report, Style, classroom50, github, gradescope, json, junit, plain, sarif, terminal,
};
use indicatif::{ProgressDrawTarget, TermLike};
use quick_xml::events::Event as Xml;
use serde_json::Value;
use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

fn style(width: usize, color: bool) -> Style {
    let submission = Submission::from(&|name| Some(format!("submit/{name}")));
    Style { width, color, verbose: true, submission, ..Style::default() }
}

fn render(report: &Report, format: Format, style: &Style) -> String {
    format.render(report, style).expect("a report can be rendered")
}

/// The formats that a report can have: Classroom 50 gets no open one.
fn formats(report: &Report) -> impl Iterator<Item = Format> {
    let complete = report.complete();
    FORMATS.into_iter().filter(move |format| complete || *format != classroom50::SPEC)
}

/// Letters by their class, but nothing is seen of them.
fn is_filler(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Takes no room, so that a comparison as people read does not see it.
fn is_unseen(c: char) -> bool {
    c.is_control() && c != '\n'
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Asserts that a terminal and a CI runner see text and nothing else, but for our own colours and annotations.
fn assert_text_only(out: &str, is_ours: &dyn Fn(&str) -> bool, about: &dyn Debug) {
    let bare = regex::Regex::new("\x1b\\[[0-9]*m").unwrap().replace_all(out, "");
    for line in bare.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        let seen: String = line.chars().filter(|&c| !is_unseen(c)).collect();
        assert!(!seen.trim_start().starts_with("::") || is_ours(line), "a command in {about:?}: {line:?}");
        assert!(!seen.contains("##["), "a command in {about:?}: {line:?}");
        let acting = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
        };
        assert!(!line.contains(acting), "{about:?}: {line:?}");
    }
}

#[test]
fn nothing_acts_through_any_format() {
    for text in TEXTS {
        for report in [everywhere(text, false), everywhere(text, true)] {
            for format in formats(&report) {
                let annotation = |line: &str| {
                    let ours = ["::error ", "::warning ", "::notice "];
                    format == github::SPEC && ours.iter().any(|start| line.starts_with(start))
                };
                for (width, color) in [(40, false), (80, true), (100, false)] {
                    let out = render(&report, format, &style(width, color));
                    assert_text_only(&out, &annotation, &(format, text));
                    if format != terminal::SPEC {
                        break; // no other one is as wide as it is told
                    }
                }
            }
        }
    }
}

/// The lines that stand where our verdicts do and begin as they do.
fn verdicts(out: &str, format: Format) -> Vec<&str> {
    let verdict = if format == plain::SPEC {
        r"^(PASS |FAIL |SKIP |ERROR|\[[#.-]|Next|Stuck|Passed|Challenge complete)"
    } else {
        r"^  ([✓✗–!] |[█░·]{2}|Next|Stuck|Not there yet)"
    };
    let verdict = regex::Regex::new(verdict).unwrap();
    out.lines().filter_map(|line| verdict.find(line)).map(|start| start.as_str()).collect()
}

#[test]
fn no_text_is_taken_for_a_verdict() {
    // Wherever a line is wrapped, too.
    let wrapped = (0..60).map(|length| format!("{} ✓ 7  docker compose up healthy   15/15", "a".repeat(length)));
    for text in TEXTS.iter().map(ToString::to_string).chain(wrapped) {
        let text = text.as_str();
        for is_open in [false, true] {
            for (format, width) in [(plain::SPEC, 80), (terminal::SPEC, 40), (terminal::SPEC, 100)] {
                let of = |text| render(&everywhere(text, is_open), format, &style(width, false));
                let (out, plain) = (of(text), of("x"));
                assert_eq!(
                    verdicts(&out, format),
                    verdicts(&plain, format),
                    "{format:?} at {width} of {text:?}:\n{out}"
                );
            }
        }
    }
}

#[test]
fn a_runner_obeys_our_annotations_alone() {
    for text in TEXTS {
        for report in [everywhere(text, false), everywhere(text, true)] {
            for format in formats(&report).filter(|&format| format != github::SPEC) {
                assert_eq!(runner::commands(&render(&report, format, &style(80, false))), [], "{format:?}: {text:?}");
            }
            let of =
                |text: &str, open| runner::commands(&render(&everywhere(text, open), github::SPEC, &style(80, false)));
            let open = !report.complete();
            let (commands, plain) = (of(text, open), of("x", open));
            let shape = |commands: &[runner::Command]| {
                commands.iter().map(|it| (it.name.clone(), it.properties.get("line").cloned())).collect::<Vec<_>>()
            };
            assert_eq!(shape(&commands), shape(&plain), "{text:?}");
            for command in commands {
                let names: Vec<&str> = command.properties.keys().map(String::as_str).collect();
                assert!(
                    names.iter().all(|name| ["file", "line", "endLine", "col", "title"].contains(name)),
                    "{names:?}"
                );
                assert!(!command.data.trim().is_empty() && command.data.encode_utf16().count() <= 4096);
            }
        }
    }
}

#[test]
fn json_keeps_every_character() {
    for text in TEXTS {
        let out = render(&everywhere(text, false), json::SPEC, &style(80, false));
        let report: Value = serde_json::from_str(&out).expect("it is JSON");
        let finding = &report["checks"][2]["findings"][0];
        for key in ["message", "path", "expected", "actual", "because", "hint"] {
            assert_eq!(finding[key], *text, "{key}");
        }
        assert_eq!(report["facts"]["container.logs"], *text);
        for format in [sarif::SPEC, gradescope::SPEC, classroom50::SPEC] {
            let out = render(&everywhere(text, false), format, &style(80, false));
            assert!(serde_json::from_str::<Value>(&out).is_ok(), "{format:?}: {out}");
        }
    }
}

#[test]
fn xml_is_well_formed_and_keeps_the_words() {
    for text in TEXTS {
        let out = render(&everywhere(text, true), junit::SPEC, &style(80, false));
        let mut reader = quick_xml::Reader::from_str(&out);
        reader.config_mut().check_comments = true;
        let (mut elements, mut said) = (Vec::new(), String::new());
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{error}: {out}")) {
                Xml::Start(tag) | Xml::Empty(tag) => {
                    elements.push(String::from_utf8_lossy(tag.name().as_ref()).into_owned());
                    for attribute in tag.attributes() {
                        let version = quick_xml::XmlVersion::Implicit1_0;
                        let attribute = attribute.expect("an attribute");
                        said += &attribute.decoded_and_normalized_value(version, reader.decoder()).expect("its value");
                    }
                }
                Xml::Text(piece) => said += &piece.decode().expect("text"),
                Xml::GeneralRef(entity) => said += &entity_text(&entity),
                Xml::Eof => break,
                _ => {}
            }
        }
        let ours = ["testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"];
        assert!(elements.iter().all(|name| ours.contains(&name.as_str())), "{elements:?}");
        assert_eq!(elements.iter().filter(|name| *name == "testcase").count(), 8, "{out}");
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let said = letters(&said);
        // What is split by a character that had to be named or left out is still there in pieces.
        for word in text.split(|c: char| !c.is_alphanumeric() || is_filler(c)).filter(|word| !word.is_empty()) {
            assert!(said.contains(&letters(word)), "{word:?} of {text:?}");
        }
    }
}

fn entity_text(entity: &quick_xml::events::BytesRef<'_>) -> String {
    if let Some(c) = entity.resolve_char_ref().expect("a character") {
        return c.to_string();
    }
    let name = entity.decode().expect("a name");
    quick_xml::escape::resolve_xml_entity(&name).unwrap_or_else(|| panic!("the entity {name}")).to_owned()
}

/// All that is written, kept.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).expect("it is UTF-8")
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal on which only what is printed counts, not where.
impl TermLike for Kept {
    fn width(&self) -> u16 {
        80
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        writeln!(self.clone(), "{text}")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.clone().write_all(text.as_bytes())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

fn events(text: &str) -> Vec<Event> {
    vec![
        Event::Started { title: text.into(), checks: 2 },
        Event::Doing(Source::Image, text.into()),
        Event::Doing(Source::Stack, format!("build 3/9 RUN {text}")),
        Event::Note(text.into()),
        Event::Judged { id: "one".into(), title: text.into(), step: Some(1), outcome: Outcome::Errored(text.into()) },
        Event::Done(Source::Image),
        Event::Tidying,
    ]
}

#[test]
fn nothing_acts_through_the_live_progress() {
    for text in TEXTS {
        let kept = Kept::default();
        let progress = Progress::lines(kept.clone());
        for event in events(text) {
            progress.on(&event);
        }
        let out = kept.text();
        assert_text_only(&out, &|_| false, text);
        assert_eq!(runner::commands(&out), [], "{text:?}");
        let (all, verdicts) = (out.lines().count(), out.lines().filter(|line| line.starts_with("step ")).count());
        assert_eq!((all, verdicts), (4, 1), "one line an event: {out}");

        let kept = Kept::default();
        let progress = Progress::bars(ProgressDrawTarget::term_like(Box::new(kept.clone())));
        for event in events(text) {
            progress.on(&event);
        }
        drop(progress);
        assert!(!kept.text().is_empty());
        assert_text_only(&kept.text(), &|_| false, text);
    }
}
