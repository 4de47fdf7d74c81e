//! The files that a challenge supplies: what a learner changed in them is named, and the challenge's own are graded.

use std::collections::BTreeMap;

/// What has to be written over the learner's copy of a given file.
#[derive(Debug, PartialEq, Eq)]
pub struct Restored {
    /// The file, relative to the repository.
    pub path: String,
    /// What is graded in its place.
    pub content: Vec<u8>,
    /// What to tell the learner.
    pub note: String,
}

/// What the learner has in the place of a given file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Theirs {
    /// A file of these bytes.
    Bytes(Vec<u8>),
    /// Nothing, or no file.
    Missing,
    /// Something that this machine does not let be read.
    Unreadable,
}

impl From<Option<Vec<u8>>> for Theirs {
    fn from(bytes: Option<Vec<u8>>) -> Self {
        bytes.map_or(Self::Missing, Self::Bytes)
    }
}

/// Compares the given files with the learner's.
///
/// A `requirements.txt` is compared by its requirements: those of the challenge are put back, what a learner added stays.
pub fn restore(given: &BTreeMap<String, Vec<u8>>, learner: impl Fn(&str) -> Theirs) -> Vec<Restored> {
    let mut restored = Vec::new();
    for (path, content) in given {
        let (content, note) = match learner(path) {
            Theirs::Bytes(theirs) if theirs == *content => continue,
            Theirs::Missing => (content.clone(), format!("{path} is missing: the challenge's own was graded")),
            Theirs::Unreadable => {
                (content.clone(), format!("{path} can't be read on this machine: the challenge's own was graded"))
            }
            Theirs::Bytes(theirs) if path.rsplit('/').next() == Some("requirements.txt") => {
                let Some((content, lines)) = requirements(content, &theirs) else { continue };
                (content, format!("{path} lacks lines that the challenge gives ({lines}): graded with them"))
            }
            // A checkout on Windows may turn the ends of lines; that changes nothing.
            Theirs::Bytes(theirs) if without_cr(&theirs) == without_cr(content) => continue,
            Theirs::Bytes(_) => (content.clone(), format!("{path} was changed: the challenge's own was graded")),
        };
        restored.push(Restored { path: path.clone(), content, note });
    }
    restored
}

fn without_cr(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|&byte| byte != b'\r').collect()
}

/// The learner's requirements with the challenge's put back, and the lines that were; `None` if none had to be.
fn requirements(given: &[u8], theirs: &[u8]) -> Option<(Vec<u8>, String)> {
    let given = String::from_utf8_lossy(given);
    let theirs = String::from_utf8_lossy(theirs);
    let mut lines: Vec<&str> = theirs.lines().map(str::trim_end).collect();
    let mut put_back = Vec::new();
    for line in given.lines().map(str::trim).filter(|line| package(line).is_some()) {
        if lines.iter().any(|theirs| theirs.trim() == line) {
            continue;
        }
        lines.retain(|theirs| package(theirs) != package(line));
        lines.push(line);
        put_back.push(line);
    }
    if put_back.is_empty() {
        return None;
    }
    Some((format!("{}\n", lines.join("\n")).into_bytes(), put_back.join(", ")))
}

/// The package that a line requires, as PyPI compares names; `None` for comments and options.
fn package(line: &str) -> Option<String> {
    let name: String =
        line.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    is_name.then(|| name.to_ascii_lowercase().replace(['_', '.'], "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(path: &str, content: &str) -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([(path.to_owned(), content.as_bytes().to_vec())])
    }

    fn graded(path: &str, ours: &str, theirs: Option<&str>) -> Option<String> {
        let restored = restore(&given(path, ours), |_| theirs.map(|text| text.as_bytes().to_vec()).into());
        restored.into_iter().next().map(|file| String::from_utf8_lossy(&file.content).into_owned())
    }

    #[test]
    fn a_changed_or_missing_file_is_put_back() {
        assert_eq!(graded("src/app.py", "a\n", Some("a\n")), None);
        assert_eq!(graded("src/app.py", "a\n", Some("a\r\n")), None);
        assert_eq!(graded("src/app.py", "a\n", Some("b\n")).as_deref(), Some("a\n"));
        assert_eq!(graded("src/app.py", "a\n", None).as_deref(), Some("a\n"));
    }

    #[test]
    fn what_can_not_be_read_is_not_called_missing() {
        let restored = restore(&given("src/app.py", "a\n"), |_| Theirs::Unreadable);
        assert_eq!(restored[0].note, "src/app.py can't be read on this machine: the challenge's own was graded");
        assert_eq!(restored[0].content, b"a\n");
    }

    #[test]
    fn requirements_keep_what_the_learner_added() {
        let ours = "flask==3.1.0\nredis==5.2.1\n";
        assert_eq!(graded("requirements.txt", ours, Some("redis==5.2.1\ngunicorn\nflask==3.1.0")), None);
        assert_eq!(
            graded("requirements.txt", ours, Some("gunicorn==23.0\nFlask>=2\nredis==5.2.1\n")).as_deref(),
            Some("gunicorn==23.0\nredis==5.2.1\nflask==3.1.0\n")
        );
    }
}
