//! Variables in Compose files: the repository's `.env`, and what `${NAME:-default}` means (compose-go, `dotenv` and
//! `template`). Only what the repository says counts: the grader's own environment reaches nothing.

use super::{dotenv, template};
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

/// Reads a `.env` file. What a file sets that can't be read to its end does not count, nor do the variables that steer
/// tools (`COMPOSE_FILE`, …). The error is the line and what is wrong in it.
pub fn read(bytes: &[u8]) -> Result<Env, (u32, String)> {
    let mut env = Env::new();
    for (name, value) in dotenv::parse(bytes, &Env::new())? {
        // What can't be handed on would be another value for Compose than for us.
        if is_name(&name) && !is_steering(&name) && quote(&value).is_some() {
            env.insert(name, value);
        } else {
            env.remove(&name);
        }
    }
    Ok(env)
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

/// Fills in the variables that are known; others, and what Compose would refuse, stay as they are written.
pub fn interpolate(text: &str, env: &Env) -> String {
    template::fill_known(text, env).unwrap_or_else(|_| text.to_owned())
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
            .unwrap()
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
        assert_eq!(read(write(&env).as_bytes()), Ok(env));
        let lost: Env = [("A", "it's $5"), ("B", "a\nCOMPOSE_FILE=x")].map(|(k, v)| (k.into(), v.into())).into();
        assert_eq!(write(&lost), "");
    }
}
