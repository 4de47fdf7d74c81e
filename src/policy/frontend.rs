//! The program that would do a build: BuildKit looks for a `syntax` line in more forms than the Dockerfile's own
//! (`frontend/dockerfile/parser/directives.go`, `DetectSyntax`).

/// The frontend that a file names, and the line. Where forms contradict each other, BuildKit takes the first.
pub(crate) fn frontend(dockerfile: &[u8]) -> Option<(String, u32)> {
    let text = dockerfile.strip_prefix(b"\xef\xbb\xbf").unwrap_or(dockerfile);
    let text = String::from_utf8_lossy(text);
    let (text, before) = match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("#!") => (rest, 1),
        None if text.starts_with("#!") => return None,
        _ => (&*text, 0),
    };
    directive(text, "#", before).or_else(|| directive(text, "//", before)).or_else(|| {
        let json: serde_json::Value = serde_json::from_str(text).ok()?;
        Some((json.get("syntax")?.as_str()?.to_owned(), before + 1))
    })
}

/// The directive among the comments at the top; any other line ends them.
fn directive(text: &str, comment: &str, before: u32) -> Option<(String, u32)> {
    let mut found = None;
    for (line, number) in text.lines().zip(before + 1..) {
        let line = line.trim_start();
        let Some((key, value)) = line.strip_prefix(comment).and_then(|rest| rest.split_once('=')) else { break };
        let key = key.trim().to_lowercase();
        if !matches!(key.as_str(), "syntax" | "escape" | "check") {
            break;
        }
        // What follows a blank goes to the frontend.
        if key == "syntax" && found.is_none() {
            found = Some((value.split_whitespace().next().unwrap_or_default().to_owned(), number));
        }
    }
    found.filter(|(name, _)| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::frontend;

    #[test]
    fn frontends_are_found_in_every_form() {
        for (text, expected) in [
            ("# syntax=docker/dockerfile:1\nFROM x", Some(("docker/dockerfile:1", 1))),
            ("#syntax = evil/x:1 arg\nFROM x", Some(("evil/x:1", 1))),
            ("# escape=`\n# SYNTAX=evil/x\r\nFROM x", Some(("evil/x", 2))),
            ("#!/usr/bin/env docker\n# syntax=evil/x\n", Some(("evil/x", 2))),
            ("\u{feff}# syntax=evil/x\n", Some(("evil/x", 1))),
            ("// syntax=evil/x\n", Some(("evil/x", 1))),
            ("//syntax=evil/x\n# syntax=docker/dockerfile:1\n", Some(("evil/x", 1))),
            ("{\"syntax\": \"evil/x\"}", Some(("evil/x", 1))),
            ("# a comment\n# syntax=evil/x\n", None),
            ("\n# syntax=evil/x\n", None),
            ("#!x", None),
            ("FROM x", None),
        ] {
            let expected = expected.map(|(name, line)| (name.to_owned(), line));
            assert_eq!(frontend(text.as_bytes()), expected, "{text:?}");
        }
    }
}
