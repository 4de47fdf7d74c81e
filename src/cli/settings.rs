//! `grader.yaml`, by which a repository says what it is graded as. A learner wrote it: it can name a challenge, and
//! give the values that the challenge asks for.

use super::Failure;
use crate::yaml;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// Its name, at the repository's root.
pub const FILE: &str = "grader.yaml";
/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// The challenge that the repository in this folder names, if it does: an id, or the path of a folder.
pub fn challenge(repository: &Path) -> Result<Option<String>, Failure> {
    let path = repository.join(FILE);
    let wrong = |place: String, what: &str| {
        let path = path.display();
        Failure::usage(format!("{path}{place}: {what}"), "It holds one line, such as challenge: dockerize-python-app")
    };
    let Ok(found) = fs::symlink_metadata(&path) else { return Ok(None) };
    if !found.is_file() {
        return Err(wrong(String::new(), "is no ordinary file"));
    }
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    read.map_err(|error| wrong(String::new(), &error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(wrong(String::new(), "is larger than 64 kB"));
    }
    let node =
        yaml::parse(&bytes).map_err(|error| wrong(format!(":{}:{}", error.line, error.column), &error.message))?;
    let at = |span: yaml::Span| format!(":{}:{}", span.line, span.column);
    let entries = node.as_map().ok_or_else(|| wrong(at(node.span), "names no challenge"))?;
    if let Some(other) = entries.iter().find(|entry| !matches!(entry.key.as_str(), "challenge" | "with")) {
        return Err(wrong(at(other.key_span), &format!("unknown key `{}`", other.key)));
    }
    let Some(entry) = node.entry("challenge") else {
        // Values alone are for a challenge that is named elsewhere.
        return if node.entry("with").is_some() { Ok(None) } else { Err(wrong(at(node.span), "names no challenge")) };
    };
    let name = entry.value.text().ok_or_else(|| wrong(at(entry.value.span), "the challenge is no text"))?;
    Ok(Some(if is_path(name) { repository.join(name).display().to_string() } else { name.to_owned() }))
}

/// The text of a `grader.yaml` that names a challenge.
pub fn text(challenge: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    // A JSON string is a YAML one.
    let quoted = || serde_json::Value::from(challenge).to_string();
    let name = if challenge.chars().all(plain) { challenge.to_owned() } else { quoted() };
    format!("# What grader check grades here.\nchallenge: {name}\n")
}

/// Whether a challenge is named by a path, and not by its id.
pub fn is_path(name: &str) -> bool {
    name.starts_with('.') || name.contains(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Option<String>, String> {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), text).expect("a file");
        let root = folder.path().display().to_string();
        challenge(folder.path())
            .map_err(|error| error.what.replace(&root, "R"))
            .map(|name| Some(name?.replace(&root, "R")))
    }

    #[test]
    fn it_names_a_challenge_or_says_why_not() {
        for name in ["dockerize-python-app", "./mine", "it's: odd", "true", "\u{85}"] {
            let expected = if is_path(name) { format!("R/{name}") } else { name.to_owned() };
            assert_eq!(read(text(name).as_bytes()), Ok(Some(expected)));
        }
        for (text, why) in [
            ("", "R/grader.yaml:1:1: names no challenge"),
            ("a\n", "R/grader.yaml:1:1: names no challenge"),
            ("challenge:\n", "R/grader.yaml:1:10: the challenge is no text"),
            ("challenge: [a]\n", "R/grader.yaml:1:12: the challenge is no text"),
            ("challenge: a\nkeep: true\n", "R/grader.yaml:2:1: unknown key `keep`"),
        ] {
            assert_eq!(read(text.as_bytes()), Err(why.to_owned()), "{text}");
        }
        assert!(read(b"\xff\xfe").is_err());
        assert!(read(&vec![b'#'; 100_000]).is_err_and(|why| why.ends_with("is larger than 64 kB")));
        assert_eq!(challenge(Path::new("/nowhere")), Ok(None));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/dev/zero", folder.path().join(FILE)).expect("a link");
        assert!(challenge(folder.path()).is_err_and(|error| error.what.ends_with("is no ordinary file")));
    }
}
