//! What go-yaml takes plain (unquoted) text for: `0755` is octal, `1e3` a number, `yes` text, `2024-01-01` a date.

use super::Data;

pub(super) fn read(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" => return Data::Bool(true),
        "false" | "False" | "FALSE" => return Data::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Data::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Data::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Data::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return Data::Text(text.to_owned());
    }
    if let Some(time) = date(text) {
        return Data::Time(time);
    }
    let digits = text.replace('_', "");
    if let Some(number) = int(&digits).filter(|_| !text.starts_with('.')) {
        return Data::Int(number);
    }
    if is_float(&digits)
        && let Ok(number) = digits.parse::<f64>()
    {
        // A number beyond what is known is text for Go.
        return if number.is_finite() { Data::Float(number) } else { Data::Text(text.to_owned()) };
    }
    Data::Text(text.to_owned())
}

/// A whole number of 64 bits with Go's prefixes: `0x1f`, `0b101`, `0o17`, and `017` for an octal one.
fn int(text: &str) -> Option<i128> {
    let (is_negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let prefixed = |prefixes: [&str; 2]| prefixes.iter().find_map(|prefix| digits.strip_prefix(prefix));
    let (digits, radix) = match (prefixed(["0x", "0X"]), prefixed(["0b", "0B"]), prefixed(["0o", "0O"])) {
        (Some(digits), _, _) => (digits, 16),
        (_, Some(digits), _) => (digits, 2),
        (_, _, Some(digits)) => (digits, 8),
        _ => match digits.strip_prefix('0') {
            Some(octal) if !octal.is_empty() => (octal, 8),
            _ => (digits, 10),
        },
    };
    if digits.is_empty() || digits.len() > 70 || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let number = i128::from_str_radix(digits, radix).ok()?;
    let number = if is_negative { -number } else { number };
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&number).then_some(number)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = digits(whole) && digits(part) && !(whole.is_empty() && part.is_empty());
    is_number && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// A date without a time, the one form that people write without quotes: `2024-01-01`.
fn date(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_short = |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some() || year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if !is_short(month) || !is_short(day) {
        return None;
    }
    let (year, month, day): (u32, u32, u32) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then(|| format!("{year:04}-{month:02}-{day:02} 00:00:00 +0000 UTC"))
}
