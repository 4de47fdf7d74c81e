//! Durations as Compose files write them: `1m30s`, `500ms`, `1.5h` (Go, `time.ParseDuration`).

use std::time::Duration;

/// The longest duration that Go knows, in nanoseconds.
const MOST: f64 = 9.2e18;

/// Reads a duration. `None` if it is none.
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, after) = rest.split_at(end);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        total = total.checked_add(part)?;
        rest = after;
    }
    (!text.is_empty() && total.as_secs_f64() * 1e9 < MOST).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_compose_does() {
        for (text, millis) in [
            ("30s", Some(30_000)),
            ("1m30s", Some(90_000)),
            ("500ms", Some(500)),
            ("1.5s", Some(1500)),
            ("1h0m0s", Some(3_600_000)),
            ("0", Some(0)),
            ("0s", Some(0)),
            ("30", None),
            ("", None),
            ("s", None),
            ("5 s", None),
            (" 5s", None),
            ("-5s", None),
            ("2d", None),
            ("9999999h", None),
            ("99999999999999999999h", None),
            ("é", None),
        ] {
            assert_eq!(parse(text), millis.map(Duration::from_millis), "{text}");
        }
    }
}
