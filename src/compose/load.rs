//! Finds and reads the Compose files, and those that they include or extend.

use super::extend::{self, MAX_TAKEN};
use super::model::Project;
use super::reader::{Reader, items};
use super::{Compose, FILE_NAMES, File, Kind, OVERRIDE_NAMES, Problem, Read, check, env, join};
use crate::place::Place;
use crate::yaml;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many files may be read in all.
pub const MAX_FILES: usize = 20;

/// Loads the Compose file at a path (relative to the repository), or the one that Compose finds, with its override.
/// `None` where there is none.
pub fn load(path: Option<&str>, read: Read<'_>) -> Option<Compose> {
    let mut loader = Loader { read, compose: Compose::default(), projects: Vec::new() };
    let (directory, main) = match path {
        Some(path) => (path.rsplit_once('/').map_or("", |(directory, _)| directory), first(read, &[path])?),
        None => ("", first(read, &FILE_NAMES)?),
    };
    loader.compose.env = match read(&beside(directory, ".env")) {
        Ok(Some(bytes)) => env::read(&bytes),
        Ok(None) | Err(_) => BTreeMap::new(),
    };
    // Where Compose is started: its paths are resolved against it.
    loader.compose.env.entry("PWD".to_owned()).or_insert_with(|| ".".to_owned());
    if path.is_none() {
        let others = FILE_NAMES.iter().filter(|name| **name != main && !matches!(read(name), Ok(None)));
        loader.compose.left_out = others.map(|&name| name.to_owned()).collect();
    }
    let mut project = loader.file(&main, directory, Kind::Main, None);
    let beside = if path.is_none() { first(read, &OVERRIDE_NAMES) } else { None };
    if let Some(name) = beside {
        project.lay_over(loader.file(&name, directory, Kind::Override, None));
    }
    loader.include(&mut project);
    loader.extend();
    let too_much = extend::resolve(&mut project, &mut |file, from| loader.extended(file, from));
    let mut compose = loader.compose;
    compose.problems.extend(too_much.map(|place| Problem {
        message: format!("services take over more than {MAX_TAKEN} values from others here; the rest is not read"),
        place,
    }));
    compose.project = project;
    let found = check::check(&compose);
    compose.problems.extend(found);
    Some(compose)
}

/// The first of these paths that is there, readable or not.
fn first(read: Read<'_>, paths: &[&str]) -> Option<String> {
    paths.iter().find(|path| !matches!(read(path), Ok(None))).map(|&path| path.to_owned())
}

fn beside(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

/// A character that YAML 1.1, which Compose reads, ends a line at, and YAML 1.2 does not: behind a `#` it would hide what
/// Compose then reads.
fn hidden_line_end(bytes: &[u8]) -> Option<(u32, &'static str)> {
    let text = String::from_utf8_lossy(bytes);
    text.split('\n').zip(1..).find_map(|(line, number)| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let hidden = line.chars().find_map(|c| match c {
            '\r' => Some("U+000D"),
            '\u{85}' => Some("U+0085"),
            '\u{2028}' => Some("U+2028"),
            '\u{2029}' => Some("U+2029"),
            _ => None,
        });
        hidden.map(|hidden| (number, hidden))
    })
}

struct Loader<'a> {
    read: Read<'a>,
    compose: Compose,
    /// What each file says alone, for `extends`.
    projects: Vec<(String, Rc<Project>)>,
}

impl Loader<'_> {
    /// Reads one file, and where another names it; what is wrong with it becomes a problem.
    fn file(&mut self, path: &str, directory: &str, kind: Kind, named: Option<Place>) -> Project {
        let mut project = Project::default();
        // That there are too many is told once, by the first that is not read.
        if self.is_full() {
            return project;
        }
        match self.trees(path, named) {
            Err(problem) => {
                self.compose.files.push(File {
                    path: path.to_owned(),
                    directory: directory.to_owned(),
                    kind,
                    tree: None,
                });
                self.compose.problems.push(problem);
            }
            Ok(trees) => {
                for tree in trees {
                    let reader = Reader { path, directory, env: &self.compose.env };
                    project.lay_over(reader.project(&tree));
                    let (path, directory) = (path.to_owned(), directory.to_owned());
                    self.compose.files.push(File { path, directory, kind, tree: Some(tree) });
                }
            }
        }
        self.projects.push((path.to_owned(), Rc::new(project.clone())));
        project
    }

    fn trees(&self, path: &str, named: Option<Place>) -> Result<Vec<yaml::Node>, Problem> {
        let problem = |message: String| Problem { message, place: Place::file(path) };
        if self.compose.files.len() >= MAX_FILES {
            return Err(problem(format!("more than {MAX_FILES} Compose files; the rest is not read")));
        }
        let missing = || Problem {
            message: format!("there is no file {path}"),
            place: named.unwrap_or_else(|| Place::file(path)),
        };
        let bytes = (self.read)(path).map_err(problem)?.ok_or_else(missing)?;
        if let Some((line, hidden)) = hidden_line_end(&bytes) {
            let message = format!(
                "the invisible character {hidden} ends the line for some readers of YAML and not for others; take it out"
            );
            return Err(Problem { message, place: Place::line(path, line) });
        }
        let trees = yaml::parse_all(&bytes).map_err(|error| Problem {
            place: Place::line(path, error.line).column(error.column),
            message: error.message,
        })?;
        if trees.iter().all(yaml::Node::is_null) {
            return Err(problem("the file is empty".to_owned()));
        }
        Ok(trees)
    }

    /// Adds the services of the files that `include` names. What is said beside the `include` wins.
    fn include(&mut self, project: &mut Project) {
        let mut at = 0;
        while let Some(file) = self.compose.files.get(at) {
            at += 1;
            let (path, directory) = (file.path.clone(), file.directory.clone());
            let reader = Reader { path: &path, directory: &directory, env: &self.compose.env };
            let include = file.tree.as_ref().and_then(|tree| tree.get("include"));
            let mut wanted = Vec::new();
            for item in items(include) {
                let long = item.get("project_directory").and_then(|directory| reader.text(directory));
                let paths = items(item.get("path").or(Some(item)));
                let paths = paths
                    .iter()
                    .filter_map(|path| Some((join(&directory, &reader.text(path)?)?, reader.place(path.span))));
                let paths = paths.collect::<Vec<_>>();
                // Several files make one project, whose place is that of the first.
                let first = paths.first().and_then(|(path, _)| path.rsplit_once('/'));
                let own = first.map_or("", |(directory, _)| directory).to_owned();
                let place = long.and_then(|long| join(&directory, &long)).unwrap_or(own);
                wanted.extend(paths.into_iter().map(|(path, named)| (path, named, place.clone())));
            }
            for (found, named, directory) in wanted {
                // In another directory the same paths mean other files.
                if !self.is_full() && !self.is_known(&found, &directory) {
                    let mut included = self.file(&found, &directory, Kind::Included, Some(named));
                    included.lay_over(std::mem::take(project));
                    *project = included;
                }
            }
        }
    }

    fn is_full(&self) -> bool {
        self.compose.files.len() > MAX_FILES
    }

    fn is_known(&self, path: &str, directory: &str) -> bool {
        self.compose.files.iter().any(|known| known.path == path && known.directory == directory)
    }

    /// Reads every file that an `extends` names, wherever it stands: Compose would read it, too.
    fn extend(&mut self) {
        let mut at = 0;
        while let Some(file) = self.compose.files.get(at) {
            at += 1;
            let services = file.tree.as_ref().and_then(|tree| tree.get("services")).and_then(yaml::Node::as_map);
            let named =
                services.unwrap_or_default().iter().filter_map(|service| service.value.get("extends")?.get("file"));
            let reader = Reader { path: &file.path, directory: &file.directory, env: &self.compose.env };
            let paths =
                named.filter_map(|node| Some((join(&file.directory, &reader.text(node)?)?, reader.place(node.span))));
            for (path, named) in paths.collect::<Vec<_>>() {
                let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
                if !self.is_full() && !self.is_known(&path, &directory) {
                    self.file(&path, &directory, Kind::Extended, Some(named));
                }
            }
        }
    }

    /// What a file that `extends` names says; the path is as written in the file of that place.
    fn extended(&self, path: &str, from: &Place) -> Option<Rc<Project>> {
        let directory = self.compose.files.iter().find(|file| file.path == from.path)?.directory.as_str();
        let path = join(directory, path)?;
        self.projects.iter().find(|(known, _)| *known == path).map(|(_, project)| Rc::clone(project))
    }
}
