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
        && !text.starts_with("._")
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

/// A date, with or without a time, as Go prints it: `2024-01-01`, `2024-01-01 12:00:00`, `2024-01-01T12:00:00+02:00`.
fn date(text: &str) -> Option<String> {
    match text.split_once(['T', 't', ' ']) {
        None => Some(format!("{} 00:00:00 +0000 UTC", day(text)?)),
        Some((date, time)) if text.contains(' ') => {
            Some(format!("{} {} +0000 UTC", day(date)?, clock(time.trim_start_matches(' '))?))
        }
        Some((date, time)) => {
            let at = time.find(['Z', '+', '-'])?;
            let (time, zone) = time.split_at_checked(at)?;
            Some(format!("{} {} {}", day(date)?, clock(time)?, zone_of(zone)?))
        }
    }
}

/// `2024-1-1`, with two digits each.
fn day(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day): (u32, u32, u32) = (year.parse().ok()?, short(month)?, short(day)?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// `12:0:0.50`, with two digits each and no zeros at the end.
fn clock(text: &str) -> Option<String> {
    let (whole, fraction) =
        text.split_once(['.', ',']).map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut parts = whole.split(':');
    let (hour, minute, second) = (short(parts.next()?)?, short(parts.next()?)?, short(parts.next()?)?);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let is_fraction = |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.is_some_and(|fraction| !is_fraction(fraction)) {
        return None;
    }
    let fraction = fraction.unwrap_or_default().trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{hour:02}:{minute:02}:{second:02}{point}{fraction}"))
}

/// `Z`, `+02:00`.
fn zone_of(text: &str) -> Option<String> {
    if text == "Z" {
        return Some("+0000 UTC".to_owned());
    }
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 || short(hours)? > 24 || short(minutes)? > 60 {
        return None;
    }
    let zone = format!("{}{hours}{minutes}", text.get(..1)?);
    Some(if short(hours)? + short(minutes)? == 0 { "+0000 UTC".to_owned() } else { format!("{zone} {zone}") })
}

/// A number of one or two digits.
fn short(text: &str) -> Option<u32> {
    let is_short = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_short)
}
