//! What `$NAME` and `${NAME:-default}` mean in Compose files and `.env` files (compose-go, `template`).

use super::env::Env;
use std::cell::RefCell;
use std::fmt;

/// How deep defaults may lie in each other.
const MAX_DEPTH: usize = 16;
/// How long a text may become when its variables are filled in.
const MAX_TEXT: usize = 64 * 1024;

/// Why a text can't be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateFault {
    /// It is no template: `${B`, `${1}`.
    Invalid,
    /// A variable that must be set is not, and what the file says about that.
    Required(String, String),
    /// It grows too large, or defaults lie too deep in each other.
    TooLarge,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid => {
                write!(out, "`$` doesn't start a variable here; write `${{NAME}}`, or `$$` for a plain `$`")
            }
            Self::Required(name, why) => {
                write!(out, "the variable `{name}` has to have a value")?;
                if !why.is_empty() {
                    write!(out, " ({why})")?;
                }
                write!(out, "; set it in `.env`, or give it a default: `${{{name}:-value}}`")
            }
            Self::TooLarge => write!(out, "text of more than {MAX_TEXT} bytes, or defaults more than {MAX_DEPTH} deep"),
        }
    }
}

/// Fills in variables. One that is not set and has no default is empty; `$$` is a `$`.
pub fn fill(text: &str, env: &Env) -> Result<String, TemplateFault> {
    fill_noting(text, env, &RefCell::default())
}

/// Fills in variables, and notes those that are not set and have no default: Compose warns of them.
pub fn fill_noting(text: &str, env: &Env, unset: &RefCell<Vec<String>>) -> Result<String, TemplateFault> {
    let names = TemplateVariables { env, keeps_unset: false, unset: Some(unset) };
    if text.contains('$') { inner(text, names, MAX_DEPTH) } else { Ok(text.to_owned()) }
}

/// Fills in those variables that are set, or have a default; the others stay as they are written.
pub fn fill_known(text: &str, env: &Env) -> Result<String, TemplateFault> {
    let names = TemplateVariables { env, keeps_unset: true, unset: None };
    if text.contains('$') { inner(text, names, MAX_DEPTH) } else { Ok(text.to_owned()) }
}

/// The variables, and what becomes of those that are not set.
#[derive(Clone, Copy)]
struct TemplateVariables<'a> {
    env: &'a Env,
    keeps_unset: bool,
    /// Where their names are noted.
    unset: Option<&'a RefCell<Vec<String>>>,
}

impl TemplateVariables<'_> {
    fn get(self, name: &str) -> Option<String> {
        let kept = || {
            if let Some(unset) = self.unset {
                unset.borrow_mut().push(name.to_owned());
            }
            self.keeps_unset.then(|| format!("${{{name}}}"))
        };
        self.env.get(name).cloned().or_else(kept)
    }
}

fn inner(text: &str, env: TemplateVariables<'_>, depth: usize) -> Result<String, TemplateFault> {
    let depth = depth.checked_sub(1).ok_or(TemplateFault::TooLarge)?;
    let mut out = String::new();
    let mut rest = text;
    // Where the last `}` of the line stands, counted from the text's end: it is looked for once a line.
    let mut line = BraceLine::default();
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some(braced) = after.strip_prefix('{') {
            let (value, used) = one(braced, line.of(braced), env, depth)?;
            out.push_str(&value);
            rest = braced.get(used..).unwrap_or_default();
        } else {
            let (name, after) = name(after);
            if name.is_empty() {
                out.push('$');
            } else {
                out.push_str(&env.get(name).unwrap_or_default());
            }
            rest = after;
        }
        if out.len() > MAX_TEXT {
            return Err(TemplateFault::TooLarge);
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The last closing brace of a line, kept for the next look.
#[derive(Default)]
struct BraceLine {
    /// The lengths of what is left of the text at the line's end and at its last brace.
    known: Option<(usize, Option<usize>)>,
}

impl BraceLine {
    /// Where the last `}` before the next line is.
    fn of(&mut self, text: &str) -> Option<usize> {
        let (_, brace) = match self.known {
            Some((end, brace)) if end <= text.len() => (end, brace),
            _ => {
                let line = text.split('\n').next().unwrap_or(text);
                let known = (text.len() - line.len(), line.rfind('}').map(|at| text.len() - at));
                *self.known.insert(known)
            }
        };
        brace.and_then(|left| text.len().checked_sub(left))
    }
}

/// What stands behind `${`: its value, and how much of the text it takes.
fn one(
    text: &str,
    last: Option<usize>,
    env: TemplateVariables<'_>,
    depth: usize,
) -> Result<(String, usize), TemplateFault> {
    let (name, after) = name(text);
    if name.is_empty() {
        return Err(TemplateFault::Invalid);
    }
    if after.starts_with('}') {
        return Ok((env.get(name).unwrap_or_default(), name.len() + 1));
    }
    let value = env.env.get(name);
    let (empty_counts, operation) = after.strip_prefix(':').map_or((false, after), |operation| (true, operation));
    let operator = operation.chars().next().filter(|first| "-+?".contains(*first)).ok_or(TemplateFault::Invalid)?;
    let start = text.len() - operation.len() + 1;
    let last = last.filter(|last| *last >= start).ok_or(TemplateFault::Invalid)?;
    let end = closing(text, last).unwrap_or(last);
    let argument = text.get(start..end).ok_or(TemplateFault::Invalid)?;
    let argument = if argument.contains('$') { inner(argument, env, depth)? } else { argument.to_owned() };
    let set = value.filter(|value| !(empty_counts && value.is_empty()));
    let value = match (operator, set) {
        ('-', None) | ('+', Some(_)) => argument,
        ('?', None) => return Err(TemplateFault::Required(name.to_owned(), argument)),
        (_, Some(value)) => value.clone(),
        (_, None) => String::new(),
    };
    Ok((value, end + 1))
}

/// The brace that closes the one before the text. What follows an opening brace at once is not looked at, as Compose does.
fn closing(text: &str, last: usize) -> Option<usize> {
    let mut open = 1_usize;
    let mut bytes = text.bytes().enumerate().take(last + 1).skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                open += 1;
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

/// The name that a text begins with, and the rest.
fn name(text: &str) -> (&str, &str) {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return ("", text);
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_as_compose_does() {
        let env: Env = [("A", "one"), ("EMPTY", "")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let invalid = Err(TemplateFault::Invalid);
        for (text, expected) in [
            ("plain", Ok("plain")),
            ("$A-$$A", Ok("one-$A")),
            ("${A}x", Ok("onex")),
            ("${A:-d}${Z:-d}${EMPTY:-d}${EMPTY-d}", Ok("onedd")),
            ("${Z:-${A:-x}}/${Z-}", Ok("one/")),
            ("${A:+yes}${Z:+no}", Ok("yes")),
            ("$Z|${Z}", Ok("|")),
            ("x${Z-b?c}", Ok("xb?c")),
            ("$$B ${Z:-d}}", Ok("$B d}")),
            ("100%$", Ok("100%$")),
            ("$1", Ok("$1")),
            ("a\n${Z:-b}", Ok("a\nb")),
            ("${A:?no}${EMPTY?no}", Ok("one")),
            ("${Z:?say ${A}}", Err(TemplateFault::Required("Z".to_owned(), "say one".to_owned()))),
            ("${EMPTY:?}", Err(TemplateFault::Required("EMPTY".to_owned(), String::new()))),
            ("${A:-${Z:?x}}", Err(TemplateFault::Required("Z".to_owned(), "x".to_owned()))),
            ("${A", invalid.clone()),
            ("${A:-b}y${C", invalid.clone()),
            ("${}", invalid.clone()),
            ("${1}", invalid.clone()),
            ("${A:b}", invalid.clone()),
            ("${Z:-b\n}", invalid.clone()),
            ("x${Z:-{}}${B:-c}", invalid),
        ] {
            assert_eq!(fill(text, &env), expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn long_and_deep_texts_are_bounded() {
        let env = Env::from([("A".to_owned(), "x".repeat(1000))]);
        assert_eq!(fill(&"${A}".repeat(1000), &env), Err(TemplateFault::TooLarge));
        assert_eq!(fill(&format!("{}{}", "${B:-".repeat(100), "}".repeat(100)), &env), Err(TemplateFault::TooLarge));
        assert_eq!(fill(&"${B:-}".repeat(100_000), &env), Ok(String::new()));
    }
}
