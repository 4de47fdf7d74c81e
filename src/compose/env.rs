//! Variables in Compose files: the repository's `.env`, and what `${NAME:-default}` means (compose-go, `dotenv` and
//! `template`). Only what the repository says counts: the grader's own environment reaches nothing.

use std::collections::BTreeMap;

/// Variables by their names.
pub type Env = BTreeMap<String, String>;

/// Beginnings of names that steer Docker's tools or what they start, and that a repository's `.env` may not set.
const STEERING: [&str; 15] = [
    "BUILDKIT_",
    "BUILDX_",
    "COMPOSE_",
    "DOCKER_",
    "DYLD_",
    "GIT_",
    "GODEBUG",
    "GRPC_",
    "HOME",
    "LD_",
    "OTEL_",
    "PATH",
    "SSH_",
    "SSL_",
    "XDG_",
];

/// How deep defaults may lie in each other.
const MAX_DEPTH: usize = 16;

/// How long a text may become when its variables are filled in.
const MAX_TEXT: usize = 64 * 1024;

/// Reads a `.env` file. Lines that are none are left out, as are the variables that steer tools (`COMPOSE_FILE`, …).
pub fn read(bytes: &[u8]) -> Env {
    let text = String::from_utf8_lossy(bytes);
    let mut env = Env::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once(['=', ':']) else { continue };
        let (name, value) = (name.trim(), value.trim());
        if is_name(name) && !is_steering(name) {
            let value = unquote(value, &env);
            // What can't be handed on would be another value for Compose than for us.
            if quote(&value).is_some() {
                env.insert(name.to_owned(), value);
            } else {
                env.remove(name);
            }
        }
    }
    env
}

fn unquote(value: &str, env: &Env) -> String {
    let quoted =
        |quote: char| value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)).map(|(inner, _)| inner);
    if let Some(inner) = quoted('\'') {
        return inner.to_owned();
    }
    if let Some(inner) = quoted('"') {
        return interpolate(inner, env);
    }
    let bare = value.split(" #").next().unwrap_or(value).trim();
    interpolate(if bare.starts_with('#') { "" } else { bare }, env)
}

fn is_steering(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    STEERING.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether Compose fills in a text as [`interpolate`] does, whatever else its own environment holds: it is ASCII (Go's
/// names know letters that ours don't), and asks for nothing that Docker's tools set for themselves.
pub fn is_certain(text: &str) -> bool {
    let names = text.split('$').skip(1).map(|rest| rest.trim_start_matches('{'));
    !text.contains('$') || (text.is_ascii() && !names.into_iter().any(is_steering))
}

/// The quotes that a value is written in, if it can be written without being read differently.
fn quote(value: &str) -> Option<char> {
    match (value.contains(['\n', '\r', '\\', '\0']), value.contains('\'')) {
        (true, _) => None,
        (false, false) => Some('\''),
        (false, true) if value.contains(['"', '$']) => None,
        (false, true) => Some('"'),
    }
}

/// The same variables as a file for `--env-file`, so that Compose reads exactly what was read here. A value that can not
/// be written without being read differently is left out.
pub fn write(env: &Env) -> String {
    let mut text = String::new();
    for (name, value) in env {
        let Some(quote) = quote(value) else { continue };
        text.extend([name, "=", quote.encode_utf8(&mut [0; 4]), value, quote.encode_utf8(&mut [0; 4]), "\n"]);
    }
    text
}

/// Fills in variables. One that is not set and has no default stays as it is written; `$$` is a `$`.
pub fn interpolate(text: &str, env: &Env) -> String {
    if !text.contains('$') {
        return text.to_owned();
    }
    fill(text, env, MAX_DEPTH).unwrap_or_else(|| text.to_owned())
}

/// `None` where it is no valid template or grows too large.
fn fill(text: &str, env: &Env, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some(inner) = after.strip_prefix('{') {
            let end = closing(inner)?;
            out.push_str(&braced(inner.get(..end)?, env, depth)?);
            rest = inner.get(end + 1..)?;
        } else {
            let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            match env.get(name) {
                Some(value) => out.push_str(value),
                None => out.extend(["$", name]),
            }
            rest = after;
        }
        if out.len() > MAX_TEXT {
            return None;
        }
    }
    out.push_str(rest);
    Some(out)
}

/// Where the brace that is open before this text is closed.
fn closing(inner: &str) -> Option<usize> {
    let mut open = 1_usize;
    let mut before = ' ';
    for (at, c) in inner.char_indices() {
        match c {
            '{' if before == '$' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
        before = c;
    }
    None
}

fn braced(inner: &str, env: &Env, depth: usize) -> Option<String> {
    let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
    let (name, operation) = inner.split_at(end);
    if !is_name(name) {
        return None;
    }
    let value = env.get(name);
    let (operation, empty_counts) = match operation.strip_prefix(':') {
        Some(operation) => (operation, true),
        None => (operation, false),
    };
    let set = value.filter(|value| !(empty_counts && value.is_empty()));
    match (operation.chars().next(), set) {
        (Some('-'), None) | (Some('+'), Some(_)) => fill(operation.get(1..)?, env, depth),
        (Some('+'), None) => Some(String::new()),
        (Some('-' | '?') | None, Some(value)) => Some(value.clone()),
        (Some('?') | None, None) => Some(format!("${{{inner}}}")),
        (Some(_), _) => None,
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env() -> Env {
        read(b"# names\nA=one\nexport B = 'two $A'\nEMPTY=\nC=\"$A and ${B}\" # said\nCOMPOSE_FILE=/evil\ndocker_host=x\nD=x#y\nE: z\n2=no\n")
    }

    #[test]
    fn env_files_are_read_without_what_steers_tools() {
        let env = env();
        let found: Vec<_> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(found, ["A=one", "B=two $A", "C=one and two $A", "D=x#y", "E=z", "EMPTY="]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let env: Env = [("A", "it's"), ("B", "say \"x\" $HOME"), ("C", "")].map(|(k, v)| (k.into(), v.into())).into();
        assert_eq!(read(write(&env).as_bytes()), env);
        let lost: Env = [("A", "it's $5"), ("B", "a\nCOMPOSE_FILE=x")].map(|(k, v)| (k.into(), v.into())).into();
        assert_eq!(write(&lost), "");
    }

    #[test]
    fn variables_are_filled_in() {
        let env = env();
        for (text, expected) in [
            ("plain", "plain"),
            ("$A-$$A", "one-$A"),
            ("${A}x", "onex"),
            ("${A:-d}${Z:-d}${EMPTY:-d}${EMPTY-d}", "onedd"),
            ("${Z:-${A:-x}}/${Z-}", "one/"),
            ("${A:+yes}${Z:+no}", "yes"),
            ("$Z ${Z} ${Z:?say}", "$Z ${Z} ${Z:?say}"),
            ("${A", "${A"),
            ("${}", "${}"),
            ("100%$", "100%$"),
        ] {
            assert_eq!(interpolate(text, &env), expected, "{text}");
        }
    }
}
