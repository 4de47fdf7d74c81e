//! The files of `env_file` and `label_file`: that they are there, and can be read.

use super::dotenv;
use super::value::{At, Value};
use super::{By, Compose, Problem, Read, join};
use crate::place::Place;
use std::collections::BTreeMap;

/// How many files are read.
const MAX_FILES: usize = 100;

/// What is wrong with the files of each service.
pub(super) fn check(compose: &Compose, model: &Value, read: Read<'_>) -> BTreeMap<String, Vec<Problem>> {
    let mut problems: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
    let mut known: BTreeMap<String, Option<(Option<u32>, String)>> = BTreeMap::new();
    for (name, entry) in model.get("services").and_then(Value::map).into_iter().flatten() {
        for key in ["env_file", "label_file"] {
            for item in entry.value.get(key).and_then(Value::list).unwrap_or_default() {
                let (Some((path, at)), true) = (path_of(item), known.len() <= MAX_FILES) else { continue };
                let is_optional = item.get("required").is_some_and(|required| {
                    required.printed().is_some_and(|text| super::cast::truth(&text) == Some(false))
                });
                let directory = compose.files.get(at.file).map_or("", |file| file.directory.as_str());
                // What lies outside is not read; the policy says so.
                let Some(path) = join(directory, &path) else { continue };
                let fault = known.entry(path.clone()).or_insert_with(|| fault(&path, compose, read)).clone();
                let problem = match fault {
                    None => continue,
                    Some((None, _)) if is_optional => continue,
                    Some((None, message)) => Problem {
                        by: By::Compose,
                        message: format!("{message}, and `{key}` names it"),
                        place: compose.place(at),
                    },
                    Some((Some(line), message)) => {
                        Problem { by: By::Compose, message, place: Place::line(&path, line) }
                    }
                };
                problems.entry(name.clone()).or_default().push(problem);
            }
        }
    }
    problems
}

fn path_of(item: &Value) -> Option<(String, At)> {
    let path = item.get("path").unwrap_or(item);
    Some((path.text()?.to_owned(), path.at))
}

/// What is wrong with a file, and in which line; without a line it is not there.
fn fault(path: &str, compose: &Compose, read: Read<'_>) -> Option<(Option<u32>, String)> {
    match read(path) {
        Ok(Some(bytes)) => dotenv::parse(&bytes, &compose.env).err().map(|(line, message)| (Some(line), message)),
        Ok(None) => Some((None, format!("there is no file {path}"))),
        Err(why) => Some((None, format!("{path} can't be read: {why}"))),
    }
}
