//! Values as a check writes them, read by the type of the fact that they are held against.

use super::Literal;
use crate::diagnostic::{Diagnostic, nearest};
use crate::language::parameters::{is_name, placeholders};
use crate::language::scope::Scope;
use crate::language::shape::Shape;
use crate::yaml::{Node, Scalar};
use bytesize::ByteSize;

/// A value of a type. Wrong ones are problems of the scope.
pub(crate) fn literal(scope: &Scope<'_>, node: &Node, shape: &Shape) -> Option<Literal> {
    let written = text(scope, node, &words(shape))?;
    if let Some(name) = written.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).filter(|name| is_name(name)) {
        if matches!(shape, Shape::Bool | Shape::Size) {
            let message = format!("a captured value is text or a number, and {} is wanted here", words(shape));
            scope.add(scope.bad(node, message));
            return None;
        }
        return Some(Literal::Captured(name.to_owned()));
    }
    let literal = typed(&written, node, shape);
    if literal.is_none() && matches!(shape, Shape::Word(_) | Shape::Mode) {
        scope.add(never(scope.bad(node, format!("this can never be `{written}`")), &written, shape));
    } else if literal.is_none() {
        scope.add(scope.bad(node, format!("`{written}` is not {}", words(shape))));
    }
    literal
}

/// Text with its parameters filled in. A name in braces that is no parameter has to be captured by an earlier step, and
/// to stand alone.
pub(crate) fn text(scope: &Scope<'_>, node: &Node, what: &str) -> Option<String> {
    let Some(written) = node.text() else {
        scope.wanted(node, what);
        return None;
    };
    let filled = scope.parameters.fill(written);
    for name in placeholders(&filled) {
        if !scope.captures.contains(name) {
            let known: Vec<&str> = scope
                .parameters
                .known
                .keys()
                .map(String::as_str)
                .chain(scope.captures.iter().map(String::as_str))
                .collect();
            let message = format!("`{{{name}}}` is no parameter of this check, and no earlier step captures it");
            let mut diagnostic = scope.bad(node, message);
            diagnostic.nearest = nearest(name, known.iter().copied());
            diagnostic.allowed = known.iter().map(|name| format!("{{{name}}}")).collect();
            scope.add(diagnostic);
            return None;
        }
        if filled.len() != name.len() + 2 {
            scope.add(scope.bad(node, format!("the captured value `{{{name}}}` has to stand alone here")));
            return None;
        }
    }
    Some(filled)
}

/// What a fact can be instead of a word that it never is.
fn never(mut diagnostic: Diagnostic, word: &str, shape: &Shape) -> Diagnostic {
    match shape {
        Shape::Word(words) => {
            diagnostic.nearest = nearest(word, words.iter().copied());
            diagnostic.allowed = words.iter().map(|&word| word.to_owned()).collect();
        }
        _ => diagnostic.help = Some("a mode is four octal digits; write it as text: \"0644\"".to_owned()),
    }
    diagnostic
}

fn typed(text: &str, node: &Node, shape: &Shape) -> Option<Literal> {
    Some(match shape {
        Shape::Bool => Literal::Bool(boolean(text)?),
        Shape::Int => Literal::Int(text.parse().ok()?),
        Shape::Size => Literal::Size(size(text)?),
        Shape::Duration => Literal::Duration(humantime::parse_duration(text).ok()?),
        Shape::Word(words) => Literal::Text(words.contains(&text).then(|| text.to_owned())?),
        Shape::Mode => Literal::Text(is_mode(text).then(|| text.to_owned())?),
        Shape::Text | Shape::Patterns => Literal::Text(text.to_owned()),
        Shape::Any => match node.scalar() {
            Some(Scalar::Text(_) | Scalar::Float(_)) | None => Literal::Text(text.to_owned()),
            _ => boolean(text)
                .map(Literal::Bool)
                .or_else(|| text.parse().ok().map(Literal::Int))
                .unwrap_or_else(|| Literal::Text(text.to_owned())),
        },
        Shape::List(_) | Shape::Map(_) | Shape::Record(_) => return None,
    })
}

/// Whether a text is the rights of a file as facts have them: `0644`.
pub(crate) fn is_mode(text: &str) -> bool {
    text.len() == 4 && text.chars().all(|c| c.is_digit(8))
}

fn boolean(text: &str) -> Option<bool> {
    text.parse().ok()
}

/// `200MB` is 200,000,000 bytes, `200MiB` 209,715,200; a number alone is bytes.
pub(crate) fn size(text: &str) -> Option<u64> {
    text.parse().ok().map(|ByteSize(bytes)| bytes)
}

fn words(shape: &Shape) -> String {
    match shape {
        Shape::Size => "a size (such as 200MB)".to_owned(),
        Shape::Duration => "a length of time (such as 30s)".to_owned(),
        Shape::Any => "a value".to_owned(),
        other => other.words(),
    }
}
