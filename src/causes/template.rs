//! The texts of a cause: `{name}` stands for what its pattern has found, `{a.fact}` for a fact's value.

use crate::facts::{Facts, registry};
use regex::Captures;

/// The longest value that is filled in, in characters.
const LONGEST: usize = 80;

/// The names in braces of a text.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).filter(|name| is_name(name))
}

fn is_name(name: &str) -> bool {
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_fine)
}

/// Fills a text in. A name that stands for nothing here makes the text unusable: `None`.
pub fn fill(text: &str, found: Option<&Captures<'_>>, facts: &Facts) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        if let Some((name, after)) = after.split_once('}').filter(|(name, _)| is_name(name)) {
            filled.push_str(&value(name, found, facts)?);
            rest = after;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    Some(filled)
}

fn value(name: &str, found: Option<&Captures<'_>>, facts: &Facts) -> Option<String> {
    let matched = found.and_then(|found| found.name(name)).map(|value| value.as_str().to_owned());
    let value = matched.or_else(|| {
        let parts: Vec<String> = registry::split(name).into_iter().map(str::to_owned).collect();
        facts.at(&parts)?.value().map(ToString::to_string)
    })?;
    // What a learner's program printed: one short line.
    let line = value.lines().next().unwrap_or_default().trim();
    let short: String = line.chars().take(LONGEST).collect();
    Some(if short.len() < line.len() { format!("{short}…") } else { short })
}

#[cfg(test)]
mod tests {
    use super::{fill, names};
    use crate::facts::Facts;
    use regex::Regex;

    #[test]
    fn names_stand_for_what_was_found() {
        let pattern = Regex::new("No module named '(?<module>.+?)'").unwrap();
        let found = pattern.captures("No module named 'redis'");
        let facts = Facts::default();
        assert_eq!(fill("can't find `{module}`.", found.as_ref(), &facts).as_deref(), Some("can't find `redis`."));
        assert_eq!(fill("{module", found.as_ref(), &facts).as_deref(), Some("{module"));
        assert_eq!(fill("${HOME} {\"a\"}", None, &facts).as_deref(), Some("${HOME} {\"a\"}"));
        assert_eq!(fill("{other}", found.as_ref(), &facts), None);
        assert_eq!(names("{a} {b.c} ${D} {").collect::<Vec<_>>(), ["a", "b.c"]);
    }

    #[test]
    fn what_is_filled_in_is_one_short_line() {
        let long = format!("x {}\nsecond", "y".repeat(200));
        let pattern = Regex::new("(?s)(?<all>.*)").unwrap();
        let filled = fill("{all}", pattern.captures(&long).as_ref(), &Facts::default()).unwrap();
        assert_eq!(filled.chars().count(), 81);
        assert!(filled.starts_with("x yyy") && filled.ends_with('…'));
    }
}
