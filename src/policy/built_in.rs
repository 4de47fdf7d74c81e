//! The policy that comes with the grader: what it names is found line by line, and read when it is first asked for.
//!
//! That takes a shape that a test holds the file to: kinds of maps at the start of a line, keys behind two blanks.

use super::file::{PolicyReader, TEXT};
use super::late::Late;
use super::rule::{Danger, Level, Policy, Rule, Section};
use crate::yaml::{self, Node};

/// What the file names, nothing of it read yet.
pub(super) fn names() -> Policy {
    let mut policy = Policy::default();
    let mut section = "";
    for (name, text) in entries() {
        if !name.starts_with(' ') {
            section = name;
            if section != "dangers" {
                policy.sections.insert(section.to_owned(), Section::new());
            }
        } else if section == "dangers" {
            policy.dangers.insert(name.trim().to_owned(), Late::written(text, danger));
        } else if let Some(keys) = policy.sections.get_mut(section) {
            keys.insert(name.trim().to_owned(), Late::written(text, rules));
        }
    }
    policy
}

/// The kinds of maps and their keys, each with its text up to the next one. Keys keep the blanks before them.
fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in TEXT.split_inclusive('\n') {
        let within = line.strip_prefix("  ").unwrap_or(line);
        if !within.starts_with([' ', '#', '\n'])
            && let Some((name, _)) = line.split_once(':')
        {
            starts.push((name, at));
        }
        at += line.len();
    }
    let ends: Vec<usize> = starts.iter().skip(1).map(|(_, at)| *at).chain([TEXT.len()]).collect();
    starts.into_iter().zip(ends).map(|((name, start), end)| (name, TEXT.get(start..end).unwrap_or_default()))
}

/// The value of an entry.
fn value(text: &str) -> Option<Node> {
    let tree = yaml::parse(text).ok()?;
    tree.as_map()?.first().map(|entry| entry.value.clone())
}

fn danger(text: &'static str) -> Danger {
    let read = value(text).and_then(|node| reader(text).danger(&node));
    read.unwrap_or_else(|| Danger { why: "grader's own policy can't be read".to_owned(), instead: String::new() })
}

/// What can't be read is refused, which a test rules out.
fn rules(text: &'static str) -> Vec<Rule> {
    let read = value(text).and_then(|node| reader(text).rules(&node, &Policy::built_in()));
    read.unwrap_or_else(|| {
        let (level, danger) = (Level::Refuse, danger(""));
        vec![Rule { level, danger, when: None, unless: Vec::new(), at_most: None, at_most_items: None }]
    })
}

fn reader(text: &'static str) -> PolicyReader<'static> {
    PolicyReader::new("checks/policy.yaml", text, None)
}
