//! Praise: how the image improved since the first run, in numbers.

use super::{Before, Report};
use crate::facts::{Fact, Value};
use crate::units::size_text;

/// The fraction of its first size that an image must not exceed to be praised.
const LESS: (u64, u64) = (9, 10);

/// Returns a sentence about the image, if it improved.
pub fn sentence(report: &Report, before: &Before) -> Option<String> {
    let size = match report.facts.get("image.size").and_then(Fact::value) {
        Some(Value::Size(size)) => Some(*size),
        _ => None,
    };
    let is_safe = report.facts.get("image.user.is_root").and_then(Fact::value) == Some(&Value::Bool(false));
    let smaller =
        before.size.zip(size).filter(|(first, now)| now.saturating_mul(LESS.1) <= first.saturating_mul(LESS.0));
    let smaller = smaller.map(|(first, now)| format!("went from {} to {}", size_text(first), size_text(now)));
    let safer = (before.was_root && is_safe).then(|| "no longer runs as root".to_owned());
    let parts: Vec<String> = [smaller, safer].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("Your image {}.", parts.join(" and ")))
}
