//! Puts captured values in the place of `{name}` in what a step does.

use super::Action;
use crate::facts::Value;
use crate::matching::fit::Captures;
use crate::outcome::Fault;

/// The name of a value that no earlier step could keep.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Uncaptured(String);

impl From<Uncaptured> for Fault {
    fn from(Uncaptured(name): Uncaptured) -> Self {
        Self::learner(None, format!("no earlier step could keep `{name}`"))
    }
}

/// The action with all values filled in. Only names that an earlier step keeps (`kept`) are meant; others in braces stay
/// as they are.
pub(super) fn fill(action: &dyn Action, kept: &[&str], captures: &Captures) -> Result<Box<dyn Action>, Uncaptured> {
    let mut action = action.box_clone();
    for text in action.texts() {
        *text = filled(text, kept, captures)?;
    }
    Ok(action)
}

fn filled(text: &str, kept: &[&str], captures: &Captures) -> Result<String, Uncaptured> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let name = kept
            .iter()
            .find(|name| from.get(1..).and_then(|it| it.strip_prefix(**name)).is_some_and(|it| it.starts_with('}')));
        if let Some(name) = name.filter(|_| !before.ends_with('$')) {
            out.push_str(&captures.get(*name).map(Value::to_string).ok_or_else(|| Uncaptured((*name).to_owned()))?);
            rest = from.get(name.len() + 2..).unwrap_or_default();
        } else {
            out.push('{');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    Ok(out + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_values_are_filled_in() {
        let captures: Captures = [("id".to_owned(), Value::Int(7))].into();
        for (text, expected) in [
            ("/items/{id}/x", Ok("/items/7/x")),
            ("/plain", Ok("/plain")),
            ("/{other}", Err("other")),
            ("/{open", Ok("/{open")),
            ("${id} {\"id\": {id}} {unknown} {{id}}", Ok("${id} {\"id\": 7} {unknown} {7}")),
        ] {
            let filled = filled(text, &["id", "other"], &captures);
            assert_eq!(filled, expected.map(str::to_owned).map_err(|name| Uncaptured(name.to_owned())), "{text}");
        }
    }
}
