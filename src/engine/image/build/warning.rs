//! What BuildKit warns of in a Dockerfile while it builds.
//!
//! The values are `client.VertexWarning` of moby/buildkit. Since its Dockerfile frontend 1.8 (Engine 27), the text is made of
//! rule, message and line (`linter.LintFormatShort`): `JSONArgsRecommended: JSON arguments recommended … (line 3)`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

/// The most characters of a text that are kept.
const TEXT: usize = 1_000;

/// One warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildWarning {
    /// The rule's name, if it is one: `JSONArgsRecommended`.
    pub rule: Option<String>,
    /// What is wrong, without rule and line.
    pub text: String,
    /// The Dockerfile's line, if it names one.
    pub line: Option<u32>,
    /// Where the rule is explained.
    pub url: Option<String>,
}

/// A warning as buildx prints it.
#[derive(Debug, Deserialize)]
pub(super) struct Warned {
    #[serde(default)]
    short: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    range: Option<Vec<Range>>,
}

#[derive(Debug, Deserialize)]
struct Range {
    start: Option<Position>,
}

#[derive(Debug, Deserialize)]
struct Position {
    #[serde(default)]
    line: u32,
}

impl From<Warned> for BuildWarning {
    fn from(warned: Warned) -> Self {
        let short = BASE64.decode(&warned.short).unwrap_or_default();
        let short = String::from_utf8_lossy(&short);
        let range = warned.range.unwrap_or_default();
        let line = range.first().and_then(|range| Some(range.start.as_ref()?.line)).filter(|line| *line > 0);
        let is_rule = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let (rule, text) = match short.split_once(": ").filter(|(rule, _)| is_rule(rule)) {
            Some((rule, text)) => (Some(rule), text),
            // Before there were rules, this was warned of.
            None if short.starts_with("Empty continuation line found") => (Some("NoEmptyContinuation"), &*short),
            None => (None, &*short),
        };
        let (text, said) = match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (line ")) {
            Some((before, number)) => number.parse().map_or((text, None), |line: u32| (before, Some(line))),
            None => (text, None),
        };
        Self {
            rule: rule.map(str::to_owned),
            text: text.chars().take(TEXT).collect(),
            line: line.or(said),
            url: Some(warned.url).filter(|url| url.starts_with("https://") && url.len() <= TEXT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(short: &str, rest: &str) -> BuildWarning {
        let json = format!(r#"{{"vertex":"sha256:1","level":1,"short":"{}"{rest}}}"#, BASE64.encode(short));
        serde_json::from_str::<Warned>(&json).unwrap().into()
    }

    #[test]
    fn rule_text_line_and_address_are_apart() {
        let range = r#","url":"https://docs.docker.com/go/dockerfile/rule/json-args-recommended/","range":[{"start":{"line":4},"end":{"line":4}}]"#;
        let text = "JSON arguments recommended for CMD to prevent unintended behavior related to OS signals";
        let warning = BuildWarning {
            rule: Some("JSONArgsRecommended".into()),
            text: text.into(),
            line: Some(4),
            url: Some("https://docs.docker.com/go/dockerfile/rule/json-args-recommended/".into()),
        };
        assert_eq!(read(&format!("JSONArgsRecommended: {text} (line 4)"), range), warning);
        // A warning of a whole file has no range, and some of them name a line all the same.
        let cased = read("StageNameCasing: Stage name 'A' should be lowercase (line 1)", r#","range":null"#);
        assert_eq!((cased.rule.as_deref(), cased.line, cased.url), (Some("StageNameCasing"), Some(1), None));
        assert_eq!(cased.text, "Stage name 'A' should be lowercase");
    }

    #[test]
    fn older_warnings_have_no_rule() {
        let empty = read(
            "Empty continuation line found in: ENV a=b   c=d",
            r#","url":"https://github.com/moby/moby/pull/33719""#,
        );
        assert_eq!(empty.rule.as_deref(), Some("NoEmptyContinuation"));
        assert_eq!(empty.text, "Empty continuation line found in: ENV a=b   c=d");
        let other = read("some text: of another kind", r#","url":"javascript:x""#);
        assert_eq!((other.rule, other.url, other.line), (None, None, None));
        assert_eq!(read(&"x".repeat(9_999), "").text.len(), TEXT);
    }
}
