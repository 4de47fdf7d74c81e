//! `repo.text.*`, `repo.yaml.*`: what is in files of the repository that checks name. Hostile: bounded, and read as data.

use super::registry::Type;
use super::table::{Def, def};
use super::{Fact, Facts, Value};
use crate::place::Place;
use crate::yaml::{self, Node, Scalar};
use std::collections::BTreeSet;

/// The largest file that is read, in bytes.
pub const LARGEST: u64 = 256 << 10;
/// The most files that the checks of one challenge may name.
pub const MOST: usize = 50;
/// How deep values of a file may be in each other.
const DEEPEST: usize = 50;

/// What was read of a file: its text, or why there is none.
type ReadText<'a> = Result<&'a str, Fact>;
type NamedFileRow = Def<fn(&str, ReadText<'_>) -> Fact>;

/// The facts of each file that a check names.
pub(super) static FACTS: &[NamedFileRow] = &[
    def(
        "repo.text.<name>",
        Type::Text,
        "The text of a file: all after `repo.text.` is its path in the repository. Files up to 256 KiB are read.",
        |path, text| text.map_or_else(|why| why, |text| Fact::of(text).at(Place::file(path))),
    ),
    def(
        "repo.yaml.<name>",
        Type::Any,
        "A YAML or JSON file read as data: `repo.yaml.answers.yaml.q3` is the key `q3` of answers.yaml.",
        |path, text| text.map_or_else(|why| why, |text| data(path, text)),
    ),
];

/// The endings of files that are read as data.
const ENDINGS: [&str; 3] = [".yaml", ".yml", ".json"];

/// The path and the key in what follows `repo.yaml.`; `None` if no part of it ends as a data file does.
pub(super) fn path_and_key(text: &str) -> Option<(&str, Option<&str>)> {
    let ends = ENDINGS.iter().flat_map(|ending| {
        text.match_indices(ending)
            .map(move |(at, _)| at + ending.len())
            .filter(|&end| text.get(end..).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    });
    let end = ends.min()?;
    let (path, rest) = text.split_at_checked(end)?;
    Some((path, rest.strip_prefix('.')))
}

/// Why something can't be the path of a file of the repository, if so.
pub(crate) fn unusable(kind: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\\') || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some(format!("`{path}` is no path in the repository"));
    }
    let is_data = ENDINGS.iter().any(|ending| path.ends_with(ending));
    (kind == "yaml" && !is_data).then(|| format!("`{path}` ends with none of {}", ENDINGS.join(", ")))
}

/// The files that names of facts ask for.
pub fn named<'a>(names: impl Iterator<Item = &'a [String]>) -> BTreeSet<String> {
    let paths = names.filter_map(|name| match name {
        [repo, kind, path, ..] if repo == "repo" && matches!(kind.as_str(), "text" | "yaml") => Some(path.clone()),
        _ => None,
    });
    paths.collect()
}

/// Reads the bytes of a file.
type ReadBytes<'a> = &'a dyn Fn(&str) -> Result<Option<Vec<u8>>, Unread>;

/// Puts the facts of files; `read` gives the bytes of one, nothing where there is none, or why it can't be read.
pub fn put(facts: &mut Facts, paths: &BTreeSet<String>, read: ReadBytes<'_>) {
    for (index, path) in paths.iter().enumerate() {
        let absent = |why: String| Fact::absent().because(why).at(Place::file(path.as_str()));
        let bytes =
            if index < MOST { read(path) } else { Err(Unread::Machine(format!("checks name over {MOST} files"))) };
        let text = match bytes {
            Ok(Some(bytes)) => String::from_utf8(bytes).map_err(|_| absent(format!("{path} is not a text file"))),
            Ok(None) => Err(absent(format!("there is no file {path}"))),
            Err(Unread::Learner(why)) => Err(absent(why)),
            Err(Unread::Machine(why)) => Err(Fact::unknown(why)),
        };
        for row in FACTS {
            let text = text.as_ref().map(String::as_str).map_err(Clone::clone);
            facts.fill_of(path, row, (row.value)(path, text));
        }
    }
}

/// Why a file could not be read.
#[derive(Debug)]
pub enum Unread {
    /// It is the learner's to change.
    Learner(String),
    /// It is not.
    Machine(String),
}

fn data(path: &str, text: &str) -> Fact {
    match yaml::parse(text.as_bytes()) {
        Ok(node) => value(path, &node, 0),
        Err(error) => {
            let place = Place::line(path, error.line).column(error.column);
            Fact::absent().because(format!("{path} can't be read: {}", error.message)).at(place)
        }
    }
}

fn value(path: &str, node: &Node, depth: usize) -> Fact {
    let place = Place::line(path, node.span.line).column(node.span.column);
    if depth > DEEPEST {
        return Fact::absent().because("it is too deep").at(place);
    }
    let below = |node: &Node| value(path, node, depth + 1);
    let fact = match (&node.value, node.scalar()) {
        (yaml::Value::Seq(items), _) => Fact::of(items.iter().map(below).collect::<Vec<_>>()),
        (yaml::Value::Map(entries), _) => {
            Fact::of(Value::Map(entries.iter().map(|entry| (entry.key.clone(), below(&entry.value))).collect()))
        }
        (_, Some(Scalar::Bool(value))) => Fact::of(value),
        (_, Some(Scalar::Int(value))) => Fact::of(value),
        _ => Fact::maybe(node.text()),
    };
    fact.at(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_begins_after_the_ending() {
        for (text, expected) in [
            ("answers.yaml.q3", Some(("answers.yaml", Some("q3")))),
            ("a/b.c.yml.x.y.yaml", Some(("a/b.c.yml", Some("x.y.yaml")))),
            ("package.json", Some(("package.json", None))),
            ("package.json5.x", None),
            ("Dockerfile", None),
        ] {
            assert_eq!(path_and_key(text), expected, "{text}");
        }
    }

    #[test]
    fn files_are_data_whatever_is_in_them() {
        let read = |path: &str| match path {
            "a.yaml" => Ok(Some(b"q1: yes\nq2: [1, two]\nq3: { deep: true }\nnone:\n".to_vec())),
            "bad.yaml" => Ok(Some(b"a: [\n".to_vec())),
            "binary" => Ok(Some(vec![0xff])),
            "large" => Err(Unread::Learner("large is larger than 256 KiB".to_owned())),
            _ => Ok(None),
        };
        let paths = ["a.yaml", "bad.yaml", "binary", "large", "none"].map(str::to_owned).into();
        let mut facts = Facts::default();
        put(&mut facts, &paths, &read);
        let shown = |kind: &str, path: &str, key: &[&str]| {
            let all: Vec<&str> = ["repo", kind, path].into_iter().chain(key.iter().copied()).collect();
            let fact = facts.at(&all);
            fact.map(|fact| fact.value().map(ToString::to_string).or(fact.because.clone()).unwrap_or_default())
        };
        assert_eq!(shown("yaml", "a.yaml", &["q1"]).as_deref(), Some("yes"));
        assert_eq!(shown("yaml", "a.yaml", &["q3", "deep"]).as_deref(), Some("true"));
        assert_eq!(facts.at(&["repo", "yaml", "a.yaml", "q2"]).and_then(|fact| fact.place.clone()?.line), Some(2));
        assert!(shown("text", "a.yaml", &[]).unwrap().starts_with("q1: yes"));
        assert!(shown("yaml", "bad.yaml", &[]).unwrap().starts_with("bad.yaml can't be read"));
        assert_eq!(shown("text", "binary", &[]).as_deref(), Some("binary is not a text file"));
        assert_eq!(shown("text", "large", &[]).as_deref(), Some("large is larger than 256 KiB"));
        assert_eq!(shown("text", "none", &[]).as_deref(), Some("there is no file none"));
    }

    #[test]
    fn paths_stay_in_the_repository() {
        for path in ["/etc/passwd", "../a", "a/../../b", "a\\b", "", "a//b", "./a"] {
            assert!(unusable("text", path).is_some(), "{path}");
        }
        assert_eq!(unusable("text", "src/app.py"), None);
        assert!(unusable("yaml", "src/app.py").is_some());
    }
}
