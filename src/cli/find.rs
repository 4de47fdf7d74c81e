//! Finds challenges and checks by what was typed.

use super::Failure;
use crate::challenge::{Challenge, Check, library};
use crate::diagnostic::{Error, nearest};
use std::path::Path;

/// All challenges that are built in.
pub fn challenges() -> Result<Vec<Challenge>, Failure> {
    library::ids().into_iter().map(challenge).collect()
}

/// A challenge by its id, or by the path of its folder or file.
pub fn challenge(name: &str) -> Result<Challenge, Failure> {
    library::load(name).map_err(|error| wrong(&error))
}

/// A check by its id: of the challenge that is named, else of the library, else of any challenge that is built in.
pub fn check(id: &str, named: Option<&str>) -> Result<Check, Failure> {
    let mut checks = match named {
        Some(name) => challenge(name)?.checks,
        None => library::checks().map_err(|error| wrong(&error))?,
    };
    if named.is_none() {
        checks.extend(challenges()?.into_iter().flat_map(|challenge| challenge.checks));
    }
    let place = checks.iter().position(|check| check.id == id);
    if let Some(place) = place {
        let mut check = checks.swap_remove(place);
        // A challenge takes a check of the library without its examples.
        if check.examples.pass.is_empty() && check.examples.fail.is_empty() {
            let library =
                library::checks().map_err(|error| wrong(&error))?.into_iter().find(|known| known.id == check.id);
            check.examples = library.map(|known| known.examples).unwrap_or_default();
        }
        return Ok(check);
    }
    Err({
        let near = nearest(id, checks.iter().map(|check| check.id.as_str()));
        let near = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
        Failure::usage(format!("there is no check `{id}`{near}"), "grader list CHALLENGE shows the ids of its checks.")
    })
}

/// What finds a challenge again from another folder: its id, or the whole path of its folder.
pub fn lasting_name(name: &str, id: &str) -> String {
    if library::ids().contains(&name) {
        return id.to_owned();
    }
    let path = Path::new(name);
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// What is wrong with an instructor's files is wrong use.
pub fn wrong(error: &Error) -> Failure {
    Failure::usage(error.to_string(), "")
}
