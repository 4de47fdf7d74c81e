//! The facts of a command that has ended.

use super::request;
use crate::engine::container::Printed;
use crate::engine::process::end_of;
use crate::facts::{Fact, Facts};
use crate::place::Place;
use std::time::Duration;

/// How many bytes are kept of each output.
pub(crate) const MOST: usize = 64 << 10;
/// How many characters of what was said last are told, and of how many lines.
const LAST_WORDS: (usize, usize) = (300, 3);

pub(super) fn facts(printed: &Printed, seconds: Duration, place: Option<&Place>) -> Facts {
    let mut facts = Facts::default();
    let mut put = |name: &str, fact: Fact| facts.put(name, fact.at(place.cloned()));
    let code = Fact::of(printed.exit_code);
    let said = last_words(printed);
    put(
        "exit_code",
        match (printed.exit_code, &printed.ended_by) {
            (_, Some(why)) => code.because(format!("it was ended: it {why}")),
            (0, _) => code,
            _ if said.is_empty() => code.because("it says nothing"),
            _ => code.because(format!("it says: {said}")),
        },
    );
    let stdout = String::from_utf8_lossy(&printed.stdout).into_owned();
    put(
        "json",
        if printed.stdout_is_cut {
            Fact::absent().because(format!("it printed more than {} KiB, which are not read as JSON", MOST >> 10))
        } else {
            match request::json(&stdout) {
                json if json.value().is_some() || serde_json::from_str::<serde_json::Value>(&stdout).is_ok() => json,
                _ => Fact::absent().because("what it printed is no JSON"),
            }
        },
    );
    // Where a command fails, that is why it did not print what it should have.
    let failed = (printed.exit_code != 0).then(|| match said.as_str() {
        "" => format!("it ended with exit code {}", printed.exit_code),
        said => format!("it ended with exit code {} and said: {said}", printed.exit_code),
    });
    let stdout = output(stdout, printed.stdout_is_cut);
    put("stdout", if stdout.because.is_some() { stdout } else { Fact { because: failed, ..stdout } });
    put("stderr", output(String::from_utf8_lossy(&printed.stderr).into_owned(), printed.stderr_is_cut));
    put("seconds", Fact::of(seconds));
    facts
}

/// Why there is nothing of a command that did not end.
pub(super) fn late(what: &str, limit: Duration, printed: &Printed) -> String {
    let said = last_words(printed);
    let said = if said.is_empty() { "it said nothing".to_owned() } else { format!("it said: {said}") };
    format!("{what} did not end within {}; {said}", humantime::format_duration(limit))
}

fn output(text: String, is_cut: bool) -> Fact {
    let fact = Fact::of(text);
    if is_cut { fact.because(format!("only the first {} KiB of it are here", MOST >> 10)) } else { fact }
}

/// The end of what it complained about, else of what it printed.
fn last_words(printed: &Printed) -> String {
    let complaint = end_of(&printed.stderr, LAST_WORDS);
    if complaint.is_empty() { end_of(&printed.stdout, LAST_WORDS) } else { complaint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(stdout: &str, cut: bool) -> Facts {
        let printed = Printed { stdout: stdout.into(), stdout_is_cut: cut, exit_code: 3, ..Printed::default() };
        facts(&printed, Duration::from_secs(1), Some(&Place::line("Dockerfile", 4)))
    }

    #[test]
    fn what_was_printed_is_read_as_json_where_it_is() {
        for (text, cut, expected) in [
            (r#"{"a": [1, "x"]}"#, false, Ok("a: 1, x")),
            ("null", false, Err(None)),
            ("hello", false, Err(Some("what it printed is no JSON"))),
            ("1", true, Err(Some("it printed more than 64 KiB, which are not read as JSON"))),
        ] {
            let facts = of(text, cut);
            let json = facts.get("json").unwrap();
            let shown = json.value().map(ToString::to_string);
            assert_eq!(shown.as_deref().ok_or(json.because.as_deref()), expected, "{text}");
        }
    }

    #[test]
    fn the_code_comes_with_the_last_words_and_the_place() {
        let code = of(&"é".repeat(1000), true).get("exit_code").cloned().unwrap();
        assert_eq!(code.place, Some(Place::line("Dockerfile", 4)));
        assert_eq!(code.because.unwrap(), format!("it says: {}", "é".repeat(300)));
        let stdout = of("x", true).get("stdout").cloned().unwrap();
        assert_eq!(stdout.because.as_deref(), Some("only the first 64 KiB of it are here"));
    }

    #[test]
    fn what_did_not_end_tells_what_it_said() {
        let printed = Printed { stderr: b"waiting\n".into(), ..Printed::default() };
        let limit = Duration::from_secs(30);
        assert_eq!(late("`sleep 60`", limit, &printed), "`sleep 60` did not end within 30s; it said: waiting");
        assert_eq!(late("it", limit, &Printed::default()), "it did not end within 30s; it said nothing");
    }
}
