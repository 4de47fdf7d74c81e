//! The files of `env_file` and `label_file`: that they are there, and can be read.

use super::dotenv;
use super::value::{At, Value};
use super::{By, Compose, Problem, Read, join};
use crate::place::Place;
use std::collections::BTreeMap;

/// How many files are read.
const MAX_FILES: usize = 100;
/// How many bytes they may have together.
pub const MAX_BYTES: usize = 1 << 20;

/// What is wrong with the files of each service.
pub(super) fn check(compose: &Compose, model: &Value, read: Read<'_>) -> BTreeMap<String, Vec<Problem>> {
    let mut problems: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
    let mut known: BTreeMap<String, Option<(Option<u32>, String)>> = BTreeMap::new();
    let mut left = MAX_BYTES;
    for (name, entry) in model.get("services").and_then(Value::map).into_iter().flatten() {
        for key in ["env_file", "label_file"] {
            for item in entry.value.get(key).and_then(Value::list).unwrap_or_default() {
                let (Some((path, at)), true) = (path_of(item), known.len() <= MAX_FILES) else { continue };
                let is_optional = item.get("required").is_some_and(|required| {
                    required.printed().is_some_and(|text| super::cast::truth(&text) == Some(false))
                });
                // Compose 2.26 knows none, later ones this one.
                let format = item.entry("format").filter(|format| !matches!(format.value.text(), None | Some("")));
                let is_raw = format.is_some_and(|format| format.value.text() == Some("raw"));
                if let Some(format) = format.filter(|_| !is_raw) {
                    let message = "the `format` of an `env_file` must be `raw`, or missing".to_owned();
                    let place = compose.place(format.value.at);
                    problems.entry(name.clone()).or_default().push(Problem { by: By::Compose, message, place });
                }
                let directory = compose.files.get(at.file).map_or("", |file| file.directory.as_str());
                // What lies outside is not read; the policy says so.
                let Some(path) = join(directory, &path) else { continue };
                let fault = known.entry(path.clone()).or_insert_with(|| fault(&path, compose, read, &mut left)).clone();
                let problem = match fault {
                    None => continue,
                    Some((None, _)) if is_optional => continue,
                    Some((Some(_), _)) if is_raw => continue,
                    Some((None, message)) => Problem {
                        by: By::Compose,
                        message: format!("`{key}` names {message}"),
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
fn fault(path: &str, compose: &Compose, read: Read<'_>, left: &mut usize) -> Option<(Option<u32>, String)> {
    match read(path) {
        Ok(Some(bytes)) if bytes.len() > *left => {
            *left = 0;
            let most = MAX_BYTES >> 10;
            Some((Some(1), format!("all files of variables together are larger than {most} KiB; the rest is not read")))
        }
        Ok(Some(bytes)) => {
            *left -= bytes.len();
            dotenv::parse(&bytes, &compose.env).err().map(|(line, message)| (Some(line), message))
        }
        Ok(None) => Some((None, format!("{path}, which doesn't exist"))),
        Err(why) => Some((None, format!("{path}, which can't be read: {why}"))),
    }
}
