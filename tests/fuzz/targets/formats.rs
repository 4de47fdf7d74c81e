//! What holds of a report in every format, whatever a learner wrote: its readers can read it, and nothing in it is obeyed.

use super::shown;
use grader::report::classroom50::Submission;
use grader::report::{FORMATS, Report, Style, classroom50, github, terminal};
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// Asserts it of all formats.
pub fn check(report: &Report, width: usize) {
    let submission = Submission::from(&|name| Some(format!("submit/{name}")));
    let style = Style { width, submission, ..Style::default() };
    for format in FORMATS {
        let text = match format.render(report, &style) {
            Ok(text) => text,
            Err(error) => {
                let refused = format == classroom50::SPEC && !report.complete();
                assert!(refused, "{}: {error}", format.name);
                continue;
            }
        };
        let ours: &[&str] = if format == github::SPEC { &["::error ", "::warning ", "::notice "] } else { &[] };
        shown::check(format.name, &text, ours);
        match format.name {
            "terminal" => terminal(report, &style, &text),
            "json" => assert_eq!(json(&text)["score"], report.score()),
            "junit" => xml(&text, report),
            "sarif" => sarif(&json(&text), report),
            "github" => annotations(&text),
            "markdown" => markdown(&text),
            "classroom50" | "gradescope" => {
                assert_eq!(json(&text)["tests"].as_array().is_some_and(Vec::is_empty), report.checks.is_empty());
            }
            _ => {}
        }
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// With colours it says the same, and no line is wider than the terminal but those to copy.
fn terminal(report: &Report, style: &Style, bare: &str) {
    let style = Style { color: true, verbose: false, ..style.clone() };
    let colored = terminal::SPEC.render(report, &style).expect("it can be drawn");
    assert!(colored.lines().all(|line| !line.trim_start().starts_with("::")), "{colored}");
    // Behind a colour `::` commands nobody, so that it need not be broken there.
    assert_eq!(shown::without_colours(&colored).replace("\\::", "::"), bare.replace("\\::", "::"));
    let verbose = Style { color: false, verbose: true, ..style.clone() };
    let verbose = terminal::SPEC.render(report, &verbose).expect("it can be drawn");
    shown::check("terminal, verbose", &verbose, &[]);
    for line in bare.lines().chain(verbose.lines()).filter(|line| !line.contains("git ") && !line.contains("grader ")) {
        // What breaks a command up takes a column of its own.
        let room = style.width + usize::from(line.trim_start().starts_with("\\::"));
        assert!(style.width < 40 || line.width() <= room, "{} columns: {line}", style.width);
    }
}

fn xml(text: &str, report: &Report) {
    let mut reader = Reader::from_str(text);
    let (mut open, mut cases) = (0, 0);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}")) {
            Event::Eof => break,
            Event::End(_) => open -= 1,
            event @ (Event::Start(_) | Event::Empty(_)) => {
                open += i32::from(matches!(event, Event::Start(_)));
                let (Event::Start(tag) | Event::Empty(tag)) = event else { continue };
                cases += usize::from(tag.name().as_ref() == b"testcase");
                for attribute in tag.attributes() {
                    let attribute = attribute.expect("an attribute");
                    attribute
                        .decoded_and_normalized_value(quick_xml::XmlVersion::Implicit1_0, reader.decoder())
                        .expect("a value");
                }
            }
            _ => {}
        }
    }
    assert_eq!((open, cases), (0, report.checks.len()));
    let forbidden = |c: char| (c < ' ' && !"\t\n\r".contains(c)) || u32::from(c) & 0xfffe == 0xfffe;
    assert!(!text.contains(forbidden));
}

fn sarif(sarif: &Value, report: &Report) {
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), report.checks.len());
    texts(sarif, "", &mut |way, text| assert!(!text.trim().is_empty(), "{way} is empty"));
    for result in run["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).expect("a rule");
        assert_eq!(result["ruleId"], rules[index]["id"]);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a file");
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~/%".contains(c);
        assert!(!uri.starts_with('/') && uri.chars().all(plain), "{uri}");
        let region = &place["region"];
        assert!(region.is_null() || region["startLine"].as_u64().is_some_and(|line| line > 0), "{region}");
    }
}

/// Calls with every text in a JSON value, and the way to it.
fn texts(value: &Value, way: &str, each: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::String(text) => each(way, text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, way, each)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| texts(value, &format!("{way}.{name}"), each)),
        _ => {}
    }
}

/// Each line is one command, within the runner's limits, with whole escapes.
fn annotations(text: &str) {
    for line in text.lines() {
        let (properties, message) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).expect("a command");
        let shown = message.replace("%0A", "\n").replace("%25", "%");
        assert!(shown.encode_utf16().count() <= 4096, "{} bytes", message.len());
        for part in [properties, message] {
            let whole = part
                .match_indices('%')
                .all(|(at, _)| ["%25", "%0A", "%3A", "%2C"].iter().any(|escape| part[at..].starts_with(escape)));
            assert!(whole, "{part}");
        }
    }
}

/// No markup but our own: what a learner wrote stands in entities, code spans and fences.
fn markdown(text: &str) {
    assert!(text.len() <= 1 << 20, "{} bytes", text.len());
    let (mut fence, mut headings) = (None::<String>, 0);
    for line in text.lines() {
        if let Some(end) = &fence {
            fence = fence.clone().filter(|_| line != end);
            continue;
        }
        if let Some(open) = line.strip_suffix("text").filter(|open| open.len() >= 3 && open.chars().all(|c| c == '`')) {
            fence = Some(open.to_owned());
            continue;
        }
        headings += usize::from(line.starts_with("## "));
        let mut rest = without_code(line);
        for ours in ["<!-- -->", "<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>"] {
            rest = rest.replace(ours, "");
        }
        let rest = rest.strip_prefix("> ").unwrap_or(&rest);
        assert!(!rest.contains(['<', '>', '`', '@', '[', '!']), "{line}");
    }
    assert_eq!((fence, headings), (None, 1), "{text}");
    assert_eq!(text.matches("\n<details>").count(), text.matches("</details>\n").count(), "{text}");
}

/// A line without its code spans: as many backticks end one as begin it.
fn without_code(line: &str) -> String {
    let mut words = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let ticks = &rest[start..][..rest[start..].bytes().take_while(|byte| *byte == b'`').count()];
        words.push_str(&rest[..start]);
        rest = &rest[start + ticks.len()..];
        let end = rest.find(&format!(" {ticks}")).unwrap_or_else(|| panic!("a code span without its end: {line}"));
        rest = &rest[end + 1 + ticks.len()..];
        assert!(!rest.starts_with('`'), "{line}");
    }
    words + rest
}
