//! Cuts entries out of a YAML text by their places, so that all the rest stays as it was written.

use crate::yaml::{self, Node, Span};

/// A way into a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TreeStep {
    /// The entry of a map.
    Key(String),
    /// The item of a list.
    Item(usize),
}

/// The most cuts that one change takes.
const MOST: usize = 100;

/// The text without what `find` finds, as long as it finds something; nothing if a cut is not possible.
pub(super) fn without_all(text: &str, find: impl Fn(&Node) -> Option<Vec<TreeStep>>) -> Option<String> {
    let mut text = text.to_owned();
    for _ in 0..MOST {
        let tree = yaml::parse(&text).ok()?;
        let Some(path) = find(&tree) else { return Some(text) };
        text = without(&text, &tree, &path)?;
    }
    None
}

/// The text without one entry. A list or a map that would be empty goes with its key.
pub(super) fn without(text: &str, tree: &Node, path: &[TreeStep]) -> Option<String> {
    let (last, above) = path.split_last()?;
    let container = above.iter().try_fold(tree, below)?;
    let places = places(container)?;
    if places.len() == 1 && !above.is_empty() {
        return without(text, tree, above);
    }
    let index = match last {
        TreeStep::Item(index) => *index,
        TreeStep::Key(key) => container.as_map()?.iter().position(|entry| entry.key == *key)?,
    };
    let place = *places.get(index)?;
    let around = container.span;
    // What an alias or a merge key brought in stands elsewhere.
    if place.line < around.line || place.end_line > around.end_line.max(around.line) {
        return None;
    }
    match text.get(offset(text, around.line, around.column)?..)?.chars().next()? {
        '{' | '[' => {
            let at = |line, column| offset(text, line, column);
            let (from, to) = match (places.get(index + 1), index.checked_sub(1).and_then(|before| places.get(before))) {
                (Some(next), _) => (at(place.line, place.column)?, at(next.line, next.column)?),
                (None, Some(before)) => {
                    (at(before.end_line, before.end_column)?, at(place.end_line, place.end_column)?)
                }
                (None, None) => (at(place.line, place.column)?, at(place.end_line, place.end_column)?),
            };
            Some(format!("{}{}", text.get(..from)?, text.get(to..)?))
        }
        '&' | '!' | '*' => None,
        _ => Some(super::with_lines(text, place.line..=last_line(text, place, container.as_seq().is_some()), "")),
    }
}

/// The text with another text at a place; nothing if the place is not in it.
pub(super) fn replaced(text: &str, place: Span, by: &str) -> Option<String> {
    let from = offset(text, place.line, place.column)?;
    let to = offset(text, place.end_line, place.end_column)?;
    Some(format!("{}{by}{}", text.get(..from)?, text.get(to..).filter(|_| from <= to)?))
}

/// One step further in. What an alias brought in was written before, and is not cut from here.
fn below<'n>(node: &'n Node, step: &TreeStep) -> Option<&'n Node> {
    let (start, inner) = match step {
        TreeStep::Key(key) => node.entry(key).map(|entry| (entry.key_span, &entry.value))?,
        TreeStep::Item(index) => (node.span, node.as_seq()?.get(*index)?),
    };
    ((inner.span.line, inner.span.column) >= (start.line, start.column)).then_some(inner)
}

/// Where each item or entry stands, from its start to its end.
fn places(container: &Node) -> Option<Vec<Span>> {
    if let Some(items) = container.as_seq() {
        return Some(items.iter().map(|item| ended(item.span, item)).collect());
    }
    Some(container.as_map()?.iter().map(|entry| ended(entry.key_span, &entry.value)).collect())
}

fn ended(start: Span, value: &Node) -> Span {
    // A value that is not written has its place wherever the next word stands, and an alias where it was written first.
    let elsewhere = value.is_null() || (value.span.line, value.span.column) < (start.line, start.column);
    let end = if elsewhere { start } else { value.span };
    Span { end_line: end.end_line, end_column: end.end_column, ..start }
}

/// The last line that belongs to an entry in block style. A block of text ends where the next word stands, which may be
/// another entry's: what belongs to this one is indented deeper, or is
/// its list, or stands below an item's first key.
fn last_line(text: &str, place: Span, is_item: bool) -> u32 {
    let lines: Vec<&str> = text.lines().collect();
    let indent = usize::try_from(place.column).unwrap_or(1).saturating_sub(1);
    let belongs = |number: u32| {
        let line = usize::try_from(number).ok().and_then(|number| lines.get(number.checked_sub(1)?));
        let line = line.copied().unwrap_or_default();
        let written = line.trim_start();
        let own = line.chars().count() - written.chars().count();
        !written.is_empty() && (own > indent || (own == indent && (is_item || written.starts_with('-'))))
    };
    (place.line + 1..=place.end_line).rev().find(|&number| belongs(number)).unwrap_or(place.line)
}

fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(index).map(str::len).sum();
    let before = usize::try_from(column).ok()?.checked_sub(1)?;
    let rest = text.get(start..)?;
    Some(start + rest.chars().take(before).map(char::len_utf8).sum::<usize>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, path: &str) -> Option<String> {
        let step = |part: &str| part.parse().map_or_else(|_| TreeStep::Key(part.to_owned()), TreeStep::Item);
        let path: Vec<TreeStep> = path.split('.').map(step).collect();
        without(text, &yaml::parse(text).ok()?, &path)
    }

    #[test]
    fn cuts_leave_the_rest_as_it_is() {
        for (text, path, made) in [
            ("a: 1\n# why\nb: 2\n", "a", "# why\nb: 2\n"),
            ("a:\n  x: |\n    one\n\n    two\n  y: 2\nb: 2\n", "a.x", "a:\n  y: 2\nb: 2\n"),
            ("a:\n  x: |\n    one\n\nb: 2\n", "a", "\nb: 2\n"),
            ("a:\n- x\n- y\nb: 2\n", "a", "b: 2\n"),
            ("a:\n  - 1\n  # two\n  - 2\n", "a.0", "a:\n  # two\n  - 2\n"),
            ("a:\n- k: 1\n  l: 2\n- 3\n", "a.0", "a:\n- 3\n"),
            ("a: {x: 1, é: [2, 3], z: 4}\n", "a.é", "a: {x: 1, z: 4}\n"),
            ("a: {x: 1, z: 4} # c\n", "a.z", "a: {x: 1} # c\n"),
            ("a: [\"x\", y]\n", "a.0", "a: [y]\n"),
            ("v:\n  one:\n  two:\nw: 1\n", "v.one", "v:\n  two:\nw: 1\n"),
            ("s:\n  v:\n    one:\nw: 1\n", "s.v.one", "w: 1\n"),
            ("s:\n  v: [x]\n  w: 1\n", "s.v.0", "s:\n  w: 1\n"),
        ] {
            assert_eq!(cut(text, path).as_deref(), Some(made), "{text}");
        }
        for (text, path) in [("a: &x\n  k: 1\n  l: 2\nb: *x\n", "b.k"), ("a: 1\n", "b"), ("a: 1\n", "a.x")] {
            assert_eq!(cut(text, path), None, "{text}");
        }
    }
}
