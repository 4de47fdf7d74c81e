//! What a registry wants before it answers: the challenges of `WWW-Authenticate`, and the token that one leads to.

use std::collections::BTreeMap;

/// One challenge: `Bearer realm="https://auth.example/token",service="registry"`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthChallenge {
    /// The scheme, in lower case: `bearer`, `basic`.
    pub scheme: String,
    /// What it says more, by names in lower case.
    pub parameters: BTreeMap<String, String>,
}

/// All challenges of a header.
pub fn challenges(header: &str) -> Vec<AuthChallenge> {
    let mut found: Vec<AuthChallenge> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',', '=', '"']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.is_empty() {
            return found;
        }
        let name = word.to_ascii_lowercase();
        rest = match after.strip_prefix('=') {
            None => {
                found.push(AuthChallenge { scheme: name, ..AuthChallenge::default() });
                after
            }
            Some(after) => {
                let (value, after) = value(after);
                if let Some(challenge) = found.last_mut() {
                    challenge.parameters.insert(name, value);
                }
                after
            }
        };
    }
}

/// A value, in quotes or not, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find([',', ' ']).unwrap_or(text.len()));
        return (value.to_owned(), rest);
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return (value, quoted.get(at + 1..).unwrap_or_default()),
            _ => {
                value.push(c);
                escaped = false;
            }
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> String {
        let shown = challenges(header).into_iter().map(|challenge| {
            let parameters = challenge.parameters.iter().map(|(name, value)| format!("{name}=<{value}>"));
            format!("{} {}", challenge.scheme, parameters.collect::<Vec<_>>().join(" "))
        });
        shown.collect::<Vec<_>>().join(" + ")
    }

    #[test]
    fn challenges_are_read() {
        for (header, expected) in [
            (
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#,
                "bearer realm=<https://auth.docker.io/token> scope=<repository:a/b:pull,push> service=<registry.docker.io>",
            ),
            (
                r#"Basic realm="Registry \"one\"", bearer Realm=x , Service = y"#,
                r#"basic realm=<Registry "one"> + bearer realm=<x> + service "#,
            ),
            ("Basic", "basic "),
            ("", ""),
            (r#"Bearer realm="open"#, "bearer realm=<open>"),
            ("=\"\",,== Bearer", "bearer "),
            (r#"Bearer realm="\"#, "bearer realm=<>"),
        ] {
            assert!(read(header).starts_with(expected), "{header}: {}", read(header));
        }
    }
}
