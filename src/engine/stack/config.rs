//! What Compose makes of the files: `docker compose config`, with an empty environment and the variables that were read.

use crate::compose::{By, Compose, env, join};
use crate::engine::Engine;
use crate::outcome::{Fault, Finding};
use crate::place::Place;
use crate::policy::path::leads_out;
use crate::yaml::Node;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// How long Compose may take to read the files.
const LIMIT: Duration = Duration::from_secs(60);
/// The bytes of the resolved model that are read.
const MAX_MODEL: usize = 8 << 20;
/// Longest message of Compose that is handed on, in characters.
const MAX_MESSAGE: usize = 500;
/// The most warnings of Compose that are handed on.
const MAX_WARNINGS: usize = 5;
/// Compose fetches files from elsewhere unless it is told not to.
const NOTHING_REMOTE: [(&str, &str); 2] =
    [("COMPOSE_EXPERIMENTAL_GIT_REMOTE", "false"), ("COMPOSE_EXPERIMENTAL_OCI_REMOTE", "false")];

/// What Compose makes of the files.
#[derive(Debug)]
pub struct Resolved {
    /// The model, as Compose printed it.
    pub model: String,
    /// What it warns of that the files don't show by themselves: [`Compose::warnings`].
    pub warnings: Vec<String>,
}

/// Asks Compose for the resolved model. `folder` is a folder of the run's own.
pub async fn resolve(engine: &Engine, compose: &Compose, root: &Path, folder: &Path) -> Result<Resolved, Fault> {
    let variables = folder.join("variables.env");
    std::fs::write(&variables, env::write(&compose.env))
        .map_err(|error| Fault::Machine(format!("{} could not be written: {error}", variables.display())))?;
    let mut command = engine
        .cli
        .bare(["compose", "--ansi", "never", "--project-name", "model"])
        .envs(NOTHING_REMOTE)
        .arg("--project-directory")
        .arg(root.join(compose.directory()))
        .arg("--env-file")
        .arg(&variables);
    let mut handed_on: Vec<&str> = compose.handed_on().map(|file| file.path.as_str()).collect();
    handed_on.dedup();
    for path in handed_on {
        if leads_out(root, "", path) {
            let message = format!("{path} leads out of the repository; it has to be a file of its own");
            return Err(Finding { message, place: Some(Place::file(path)), ..Finding::default() }.into());
        }
        command = command.arg("-f").arg(root.join(path));
    }
    for profile in &compose.profiles {
        command = command.args(["--profile", profile]);
    }
    let finished = command.args(["config", "--format", "json"]).limit(LIMIT).keep(2 * MAX_MODEL).run().await;
    let finished = finished.map_err(|error| Fault::machine(error.to_string()))?;
    if finished.timed_out {
        let message = format!("Compose needs more than {} s to read {}", LIMIT.as_secs(), compose.path());
        return Err(Finding { message, place: Some(Place::file(compose.path())), ..Finding::default() }.into());
    }
    if !finished.status.success() {
        let said = finished.stderr.text();
        if said.contains("is not a docker command")
            || said.contains("unknown shorthand flag")
            || said.contains("getwd: ")
        {
            return Err(Fault::Machine(format!("Docker Compose did not start: {}", said.trim())));
        }
        return Err(explain(compose, root, &said).into());
    }
    if finished.stdout.dropped > 0 {
        let message = format!("What Compose makes of {} is larger than {} MiB", compose.path(), (2 * MAX_MODEL) >> 20);
        return Err(Finding { message, place: Some(Place::file(compose.path())), ..Finding::default() }.into());
    }
    let warnings = warnings(compose, root, &finished.stderr.text());
    Ok(Resolved { model: finished.stdout.text(), warnings })
}

/// Returns Compose's warnings, each once, without those that the files already showed.
fn warnings(compose: &Compose, root: &Path, said: &str) -> Vec<String> {
    let mut warnings = Vec::new();
    for (_, said) in said.lines().filter_map(|line| line.split_once("level=warning msg=")) {
        let said: String = serde_json::from_str(said).unwrap_or_else(|_| said.to_owned());
        let said = said.replace(&format!("{}/", root.display()), "");
        if compose.knows_warning(&said) {
            continue;
        }
        let warning = format!("Docker Compose warns: {}", said.chars().take(MAX_MESSAGE).collect::<String>());
        if warnings.len() < MAX_WARNINGS && !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    warnings
}

/// Reads the model that [`resolve`] gave.
pub fn parse(model: &str) -> Result<Value, Fault> {
    serde_json::from_str(model).map_err(|error| Fault::Machine(format!("Compose printed no JSON: {error}")))
}

/// What Compose refuses, at the place it speaks of.
fn explain(compose: &Compose, root: &Path, said: &str) -> Finding {
    let said = said.replace(&format!("{}/", root.display()), "");
    let lines: Vec<&str> =
        said.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains("level=warning")).collect();
    let message: String = lines.join(" ").chars().take(MAX_MESSAGE).collect();
    if let Some((path, place)) = missing_env_file(compose, &message) {
        return Finding {
            message: format!("`env_file` names {path}, which doesn't exist"),
            place: Some(place),
            hint: Some(
                "Does Git ignore it? Then CI doesn't have it, either. Commit a file with example values, or set \
                 `required: false` beside its `path:`."
                    .to_owned(),
            ),
            ..Finding::default()
        };
    }
    // What was seen without Compose is told better, and with its place.
    if let Some(problem) = compose.problems.iter().find(|problem| problem.by == By::Compose) {
        return Finding {
            message: sentence(&problem.message),
            place: Some(problem.place.clone()),
            because: Some(format!("Compose says: {message}")),
            ..Finding::default()
        };
    }
    Finding {
        place: Some(place(compose, &message)),
        message: "Docker Compose refuses the file".to_owned(),
        because: Some(message),
        ..Finding::default()
    }
}

/// The file of an `env_file` that Compose does not find, and where it is named: `env file .env not found: stat .env: …`.
fn missing_env_file(compose: &Compose, message: &str) -> Option<(String, Place)> {
    let (_, rest) = message.split_once("env file ")?;
    let (path, _) = rest.split_once(" not found")?;
    let is_it = |node: &Node| {
        let text = node.text().or_else(|| node.get("path")?.text());
        text.and_then(|text| join(compose.directory(), text)).as_deref() == Some(path)
    };
    let place = compose.project.services.keys().find_map(|service| {
        let mut trees = compose.files.iter().filter_map(|file| file.tree.as_ref());
        let named = trees.find_map(|tree| tree.get("services")?.get(service)?.get("env_file"))?;
        let index = named.as_seq().and_then(|items| items.iter().position(is_it));
        match index {
            Some(index) => Some(compose.place_of(&["services", service, "env_file", &index.to_string()])),
            None => is_it(named).then(|| compose.place_of(&["services", service, "env_file"])),
        }
    });
    Some((path.to_owned(), place.unwrap_or_else(|| Place::file(compose.path()))))
}

/// A sentence begins with a capital letter, unless it begins with something quoted.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The line that a message about YAML speaks of, from one of its words and the next: `line 4:` until Compose 2, `line 3,
/// column 4:` with the line before in Compose 5.0 to 5.3, `L4.C4:` since.
fn line(word: &str, next: &str) -> Option<u32> {
    if word == "line" {
        return match next.strip_suffix(',') {
            Some(before) => before.parse::<u32>().ok().map(|before| before + 1),
            None => next.trim_end_matches(':').parse().ok(),
        };
    }
    word.strip_prefix('L')?.split_once(".C")?.0.parse().ok()
}

/// The place that a message of Compose speaks of: `line 7`, `services.api.ports`, `service "api"`.
fn place(compose: &Compose, message: &str) -> Place {
    let words: Vec<&str> = message.split(|c: char| c.is_whitespace() || c == '\'').collect();
    for pair in words.windows(2) {
        if let [word, next] = pair
            && let Some(line) = line(word, next)
        {
            return Place::line(compose.path(), line);
        }
        if let ["service", name] = pair {
            return compose.place_of(&["services", name.trim_matches(['"', ':', ','])]);
        }
    }
    let is_path = |word: &&str| ["services", "volumes", "networks"].iter().any(|part| word.starts_with(part));
    match words.iter().find(|word| is_path(word) && word.contains(['.', '['])) {
        None => Place::file(compose.path()),
        Some(path) => {
            let parts: Vec<&str> = path.split(['.', '[', ']', ':']).filter(|part| !part.is_empty()).collect();
            compose.place_of(&parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_env_file_that_is_not_there_is_told_where_it_is_named() {
        let file = "services:\n  api:\n    image: x\n    env_file:\n      - a.env\n      - path: .env\n  b:\n    env_file: b.env\n";
        let read = |path: &str| Ok((path == "compose.yaml").then(|| file.as_bytes().to_vec()));
        let compose = crate::compose::load(None, &read).unwrap();
        for (path, line) in [("a.env", Some(5)), (".env", Some(6)), ("b.env", Some(8)), ("c.env", None)] {
            let said = format!("env file /r/{path} not found: stat /r/{path}: no such file or directory");
            let finding = explain(&compose, Path::new("/r"), &said);
            assert_eq!(finding.message, format!("`env_file` names {path}, which doesn't exist"));
            assert_eq!(finding.place.unwrap().line, line, "{said}");
        }
    }

    #[test]
    fn warnings_of_compose_are_handed_on_but_those_that_the_files_show() {
        let file = "version: '3'\nservices:\n  api:\n    image: x:${TAG}\n    env_file: a.env\n";
        let read = |path: &str| Ok((path == "compose.yaml").then(|| file.as_bytes().to_vec()));
        let compose = crate::compose::load(None, &read).unwrap();
        let line = |said: &str| format!("time=\"2026-01-01T00:00:00Z\" level=warning msg={said}\n");
        let known = [
            r#""The \"TAG\" variable is not set. Defaulting to a blank string.""#,
            r#""/r/compose.yaml: `version` is obsolete""#,
        ];
        let new = [
            r#""The \"X\" variable is not set. Defaulting to a blank string.""#,
            r#""/r/a.env: odd""#,
            "plain",
            r#""/r/a.env: odd""#,
        ];
        let said: String = known.iter().chain(&new).map(|said| line(said)).collect();
        let wanted = [r#"The "X" variable is not set. Defaulting to a blank string."#, "a.env: odd", "plain"];
        assert_eq!(
            warnings(&compose, Path::new("/r"), &said),
            wanted.map(|said| format!("Docker Compose warns: {said}"))
        );
        let many: String = (0..100).map(|number| line(&format!("\"{number}{}\"", "x".repeat(9999)))).collect();
        let many = warnings(&compose, Path::new("/r"), &many);
        assert_eq!((many.len(), many[0].len() < 600), (MAX_WARNINGS, true));
    }

    #[test]
    fn messages_of_compose_are_put_where_they_belong() {
        let file = "services:\n  api:\n    image: x\n    mem_limit: 5m\n    ports: [5]\n";
        let read = |path: &str| Ok((path == "compose.yaml").then(|| file.as_bytes().to_vec()));
        let compose = crate::compose::load(None, &read).unwrap();
        for (said, line) in [
            ("yaml: line 3: found a tab character", Some(3)),
            ("yaml: line 3, column 4: did not find expected key", Some(4)),
            ("yaml: L4.C4: did not find expected key", Some(4)),
            ("yaml: unmarshal errors:\n  line 4: mapping key \"image\" already defined", Some(4)),
            ("validating /r/compose.yaml: services.api.ports must be a list", Some(5)),
            ("services.api Additional property prots is not allowed", Some(2)),
            ("error decoding 'services[api].mem_limit': invalid size: '5x'", Some(4)),
            ("service \"api\" depends on undefined service \"nope\": invalid compose project", Some(2)),
            ("dependency cycle detected: api -> b -> api", None),
        ] {
            assert_eq!(explain(&compose, Path::new("/r"), said).place.unwrap().line, line, "{said}");
        }
    }
}
