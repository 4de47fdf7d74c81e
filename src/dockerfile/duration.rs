//! Durations as Go writes them: `1m30s`, `500ms`.

use std::time::Duration;

/// Reads a duration: Go's `time.ParseDuration`. A negative one is `Err(None)`, other errors are Go's words.
pub(super) fn parse(text: &str) -> Result<Duration, Option<String>> {
    let invalid = || Some(format!("time: invalid duration {text:?}"));
    let (mut rest, negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), digits);
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_length = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_length);
        let nanoseconds: u128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => return Err(Some(format!("time: missing unit in duration {text:?}"))),
            _ => return Err(Some(format!("time: unknown unit {unit:?} in duration {text:?}"))),
        };
        let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        // More digits than these are less than a nanosecond.
        let kept = fraction.get(..fraction.len().min(18)).unwrap_or_default();
        let scale = 10u128.pow(u32::try_from(kept.len()).unwrap_or(0));
        let part = if kept.is_empty() { 0 } else { kept.parse::<u128>().map_err(|_| invalid())? * nanoseconds / scale };
        total = whole
            .checked_mul(nanoseconds)
            .and_then(|whole| total.checked_add(whole)?.checked_add(part))
            .ok_or_else(invalid)?;
        rest = after;
    }
    if total > i64::MAX.unsigned_abs().into() {
        return Err(invalid());
    }
    if negative && total > 0 {
        return Err(None);
    }
    Ok(Duration::from_nanos(u64::try_from(total).map_err(|_| invalid())?))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::time::Duration;

    #[test]
    fn reads_what_go_reads() {
        for (text, milliseconds) in [
            ("0", 0),
            ("30s", 30_000),
            ("1m30s", 90_000),
            ("+1.5h", 5_400_000),
            ("500ms", 500),
            (".5s", 500),
            ("1.s", 1_000),
            ("-0s", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for (text, message) in [
            ("5", "time: missing unit in duration \"5\""),
            ("5 s", "time: unknown unit \" s\" in duration \"5 s\""),
            ("5sec", "time: unknown unit \"sec\" in duration \"5sec\""),
            ("", "time: invalid duration \"\""),
            (".s", "time: invalid duration \".s\""),
            ("five", "time: invalid duration \"five\""),
            ("9999999h", "time: invalid duration \"9999999h\""),
        ] {
            assert_eq!(parse(text), Err(Some(message.to_owned())), "{text}");
        }
        assert_eq!(parse("-5s"), Err(None));
    }
}
