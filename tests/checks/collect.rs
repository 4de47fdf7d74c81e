//! The static facts of an example's files, as a run would read them.

use grader::compose;
use grader::dockerignore::Ignore;
use grader::facts::dockerfile::{Content, Input};
use grader::facts::{self, Facts};
use std::collections::BTreeMap;

/// The static facts of an example's files.
pub fn collect(files: &BTreeMap<String, String>) -> Facts {
    let names: Vec<String> = files.keys().cloned().collect();
    let read = |path: &str| Ok(files.get(path).map(|text| text.clone().into_bytes()));
    let near = facts::dockerfile::near_names("Dockerfile", &names);
    let content = files.get("Dockerfile").map_or(Content::Missing, |text| Content::Text(text.as_bytes()));
    let input = Input { path: "Dockerfile", content, target: None, build_args: &BTreeMap::new(), near: &near };
    let mut all = facts::repo::collect(&names);
    all.merge(facts::dockerfile::collect(&input).facts);
    let ignore = files.get(".dockerignore").map(|text| Ignore::parse(text.as_bytes()));
    all.merge(facts::dockerignore::collect(Ok(ignore.as_ref().map(|ignore| (".dockerignore", ignore))), &names));
    all.merge(facts::compose::collect(compose::load(None, &read).as_ref(), &names));
    all
}
