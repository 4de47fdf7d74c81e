//! Sizes and lengths of time as people write them.

use std::time::Duration;

/// A length of time as people write it: `90s` is `1m 30s`; what was measured is cut to tenths: `2.8s`.
pub fn duration_text(value: Duration) -> String {
    if value.subsec_nanos() > 0 && value < Duration::from_secs(60) {
        return format!("{:.1}s", value.as_secs_f64());
    }
    humantime::format_duration(Duration::from_secs(value.as_secs())).to_string()
}

/// Bytes as Docker prints them: decimal units, three significant digits (`144MB`, `1.02GB`).
#[allow(clippy::cast_precision_loss)] // three digits are shown
pub fn size_text(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    let mut value = bytes as f64;
    if value < 1000.0 {
        return format!("{bytes}B");
    }
    let mut unit = "";
    for next in UNITS {
        value /= 1000.0;
        unit = next;
        if value < 999.5 {
            break;
        }
    }
    let digits = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    let number = format!("{value:.digits$}");
    let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { &number };
    format!("{number}{unit}")
}

/// Seconds as people write them: `5s`, `0.5s`.
pub fn seconds_text(time: std::time::Duration) -> String {
    let millis = (time.as_secs_f64() * 1000.0).round() / 1000.0;
    format!("{millis}s")
}
