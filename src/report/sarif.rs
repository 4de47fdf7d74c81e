//! SARIF 2.1.0, for code scanning: a rule for each check, a result for each finding that has a place.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use super::rooted::rooted;
use super::{CheckReport, Format, Report, escape};
use crate::outcome::{Finding, Outcome};
use crate::place::Place;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The format.
pub const SPEC: Format = Format {
    name: "sarif",
    title: "SARIF",
    about: "code scanning: SARIF 2.1.0",
    render: |report, _| Ok(render(report)?),
    wrote: |it| {
        let is_own = |json: &Value| {
            json["runs"].is_array() || json["$schema"].as_str().is_some_and(|schema| schema.contains("sarif"))
        };
        it.is_json(is_own, &["\"runs\""])
    },
};

/// The results of one file that are told; code scanning takes 25,000 of a run.
const MOST: usize = 5_000;

/// The report as SARIF. What has no place in the repository is left to the other formats.
pub fn render(report: &Report) -> serde_json::Result<String> {
    let report = &*rooted(report);
    let rules: Vec<Value> = report.checks.iter().map(rule).collect();
    let mut seen = BTreeMap::new();
    let mut results = Vec::new();
    for (index, check) in report.checks.iter().enumerate() {
        let failed = if let Outcome::Failed(findings) = &check.outcome { findings.as_slice() } else { &[] };
        let told = failed.iter().map(|finding| ("error", finding)).chain(check.advice.iter().map(|tip| ("note", tip)));
        for (level, finding) in told {
            if let Some(place) = finding.place.as_ref().filter(|place| !uri(&place.path).is_empty()) {
                results.push(result(index, check, level, finding, place, &mut seen));
            }
        }
    }
    results.truncate(MOST);
    let mut invocation = json!({ "executionSuccessful": report.complete() });
    if !report.notes.is_empty() {
        let note = |note: &String| json!({ "level": "note", "message": { "text": text(note, "note") } });
        invocation["toolExecutionNotifications"] = report.notes.iter().map(note).collect();
    }
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "grader", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "automationDetails": { "id": format!("grader/{}/", text(&report.challenge.0, "challenge")) },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation],
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&document).map(|text| format!("{}\n", escape::json(&text)))
}

fn rule(check: &CheckReport) -> Value {
    let title = text(&check.title, &check.id);
    let why = text(&check.why, &title);
    let hints: Vec<String> = check.hints.iter().map(|hint| format!("\n- {}", escape::line(hint))).collect();
    let help = format!("{why}\n{}", hints.concat());
    json!({
        "id": text(&check.id, "check"),
        "shortDescription": { "text": title },
        "fullDescription": { "text": why },
        "help": { "text": help.trim_end() },
        "defaultConfiguration": { "level": "error" },
    })
}

fn result(
    index: usize,
    check: &CheckReport,
    level: &str,
    finding: &Finding,
    place: &Place,
    seen: &mut BTreeMap<String, usize>,
) -> Value {
    let labelled = [("expected", &finding.expected), ("found", &finding.actual), ("because", &finding.because)];
    let more = labelled.iter().filter_map(|(label, text)| Some(format!("\n{label}: {}", escape::line(text.as_ref()?))));
    let message = format!("{}{}", text(finding.headline(), "Not there yet."), more.collect::<String>());
    let mut location = json!({ "artifactLocation": { "uri": uri(&place.path) } });
    if let Some(line) = place.line.filter(|&line| line > 0) {
        let mut region = json!({ "startLine": line });
        let end = place.end_line.filter(|&end| end >= line);
        for (name, value) in [("startColumn", place.column.filter(|&column| column > 0)), ("endLine", end)] {
            if let Some(value) = value {
                region[name] = value.into();
            }
        }
        location["region"] = region;
    }
    json!({
        "ruleId": text(&check.id, "check"),
        "ruleIndex": index,
        "level": level,
        "message": { "text": message },
        "locations": [{ "physicalLocation": location }],
        "partialFingerprints": { "primaryLocationLineHash": fingerprint(check, finding, place, seen) },
    })
}

/// Stays the same while lines are added above it: made of the check, the file and the line's text; equal ones are counted.
fn fingerprint(check: &CheckReport, finding: &Finding, place: &Place, seen: &mut BTreeMap<String, usize>) -> String {
    let snippet = finding.snippet.as_ref();
    let line = snippet.and_then(|snippet| {
        let at = place.line?.checked_sub(snippet.first_line)?;
        snippet.lines.get(usize::try_from(at).ok()?)
    });
    let about = line.map_or(finding.headline(), |line| line.trim());
    let digest = Sha256::digest(format!("{}\0{}\0{about}", check.id, place.path));
    let mut hash = String::new();
    for byte in digest.iter().take(8) {
        let _ = write!(hash, "{byte:02x}"); // writing to a String cannot fail
    }
    let count = seen.entry(hash.clone()).or_default();
    *count += 1;
    format!("{hash}:{count}")
}

/// Text that is never empty, as SARIF wants it.
fn text(written: &str, instead: &str) -> String {
    let safe = escape::line(written.trim());
    if safe.is_empty() { escape::line(instead).into_owned() } else { safe.into_owned() }
}

/// A path in the repository as a relative URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.trim_start_matches('/').bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => uri.push(char::from(byte)),
            other => {
                let _ = write!(uri, "%{other:02X}"); // writing to a String cannot fail
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_are_relative_uris() {
        assert_eq!(uri("/a b/é:#?.yaml"), "a%20b/%C3%A9%3A%23%3F.yaml");
    }
}
