//! What a challenge is proved with: its solution, its cases, the mutants that may survive, and its checks with examples.

use super::{Dir, collect, disk, done, embedded, from_file, ids, is_junk, own, sorted, used_by};
use crate::challenge::read::case;
use crate::challenge::read::case::{Case, Fair, Files};
use crate::challenge::read::load;
use crate::challenge::read::load::Loaded;
use crate::challenge::{Challenge, Check};
use crate::diagnostic::{Diagnostic, Error, nearest};
use crate::language::file::Problems;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A challenge, and all that it is proved with.
#[derive(Debug, Clone, Default)]
pub struct Material {
    /// The challenge.
    pub challenge: Challenge,
    /// Where its folder is.
    pub place: String,
    /// Its checks as they stand in their files, with their own defaults and their examples.
    pub checks: Vec<Check>,
    /// The solution's files.
    pub solution: Files,
    /// The cases, by their names.
    pub cases: Vec<Case>,
    /// The mutants that may survive.
    pub fair: Vec<Fair>,
}

/// A challenge's folder, as it is found.
#[derive(Default)]
struct Folder {
    place: String,
    solution: Option<Files>,
    cases: BTreeMap<String, Files>,
    mutants: Option<Loaded>,
    checks: Vec<Check>,
}

/// The material of a challenge: by the id of one that comes with the grader, by its folder, or by its file.
pub fn material(selector: &str) -> Result<Material, Error> {
    let challenge = super::load(selector)?;
    let problems = Problems::default();
    let folder = if ids().contains(&selector) {
        built_in(selector, &problems)
    } else {
        from_disk(Path::new(selector), &problems)
    };
    if folder.solution.as_ref().is_none_or(Files::is_empty) {
        let place = format!("{}/solution", folder.place);
        let message = "there is no solution here: the work that gets every point";
        problems.borrow_mut().push(Diagnostic::of(place, message));
    }
    let ids: Vec<&str> = challenge.checks.iter().map(|check| check.id.as_str()).collect();
    let material = Material { challenge: challenge.clone(), ..put_together(folder, &ids, &problems) };
    done(material.with_inline_checks(), problems)
}

/// The solution, the cases and the mutants of a challenge's file: what of them could be read, and all that is wrong.
/// `checks` are the ids of its checks.
pub fn examine_material(file: &Path, checks: &[&str]) -> (Material, Vec<Diagnostic>) {
    let problems = Problems::default();
    let material = put_together(beside(file, &problems), checks, &problems);
    (material, sorted(problems))
}

impl Material {
    /// A check in the challenge itself has its examples there.
    fn with_inline_checks(mut self) -> Self {
        let is_inline = |check: &&Check| self.checks.iter().all(|file| file.id != check.id);
        let inline: Vec<Check> = self.challenge.checks.iter().filter(is_inline).cloned().collect();
        self.checks.extend(inline);
        self
    }
}

fn put_together(folder: Folder, ids: &[&str], problems: &Problems) -> Material {
    let tell = |path: String, message: &str| problems.borrow_mut().push(Diagnostic::of(path, message));
    let solution = folder.solution.unwrap_or_default();
    let mut cases = Vec::new();
    for (name, mut files) in folder.cases {
        let place = format!("{}/cases/{name}", folder.place);
        let Some(expect) = files.remove("expect.yaml") else {
            tell(place, "this case has no expect.yaml, which says what comes of it: `about:` and `fails:`");
            continue;
        };
        let source = Loaded::new(format!("{place}/expect.yaml"), &expect.content, problems);
        let before = problems.borrow().len();
        let case = Case { name, place, files, ..case::case(&source, ids, &solution, problems) };
        // What can't be read of it may be the difference.
        if problems.borrow().len() == before && case.over(&solution) == solution {
            tell(case.place.clone(), "this case is the solution itself: no file of it differs");
        }
        cases.push(case);
    }
    let fair = folder.mutants.map(|source| case::fair(&source, problems)).unwrap_or_default();
    let (place, checks) = (folder.place, folder.checks);
    Material { challenge: Challenge::default(), place, checks, solution, cases, fair }
}

fn built_in(id: &str, problems: &Problems) -> Folder {
    let place = format!("challenges/{id}");
    let Some(dir) = super::folder(&place) else { return Folder::default() };
    let file = |name: &str| {
        let file = dir.files().find(|file| file.path().ends_with(name))?;
        Some(Loaded::new(format!("checks/{place}/{name}"), file.contents(), problems))
    };
    let below = |dir: &Dir<'static>| {
        let mut files = Files::new();
        collect(dir, dir.path(), &mut files);
        files
    };
    let named = |name: &str| dir.dirs().find(|dir| dir.path().ends_with(name));
    let used: BTreeSet<String> =
        file("challenge.yaml").and_then(|source| source.node.as_ref().map(load::uses)).unwrap_or_default();
    let checks = used.iter().filter_map(|id| load::alone(&used_by(&place, id, true, problems)?, problems));
    let cases = named("cases").into_iter().flat_map(Dir::dirs).filter(|dir| !is_junk(dir.path()));
    Folder {
        solution: named("solution").map(below),
        cases: cases.filter_map(|dir| Some((dir.path().file_name()?.to_str()?.to_owned(), below(dir)))).collect(),
        mutants: file("mutants.yaml"),
        checks: checks.collect(),
        place: format!("checks/{place}"),
    }
}

fn from_disk(path: &Path, problems: &Problems) -> Folder {
    let file = if path.is_dir() { path.join("challenge.yaml") } else { path.to_owned() };
    let folder = file.parent().unwrap_or(Path::new(""));
    let used = disk::read(&file, problems).and_then(|source| source.node.as_ref().map(load::uses)).unwrap_or_default();
    let shared = super::course::shared(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let checks = used.iter().filter_map(|id| {
        let source = own(folder, shared.checks.as_deref(), id)
            .map_or_else(|| embedded("", id, true, problems), |path| from_file(&path, folder, problems))?;
        load::alone(&source, problems)
    });
    Folder { checks: checks.collect(), ..beside(&file, problems) }
}

/// What is in the folder of a challenge's file beside its checks.
fn beside(file: &Path, problems: &Problems) -> Folder {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let tell = |path: &Path, message: String| {
        problems.borrow_mut().push(Diagnostic::of(path.display().to_string(), message));
    };
    let (stray, folders) = disk::entries(&folder.join("cases"));
    for path in stray {
        tell(&path, "a case is a folder, with its files and an expect.yaml".to_owned());
    }
    for other in disk::entries(folder).1 {
        let name = other.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let parts = ["starter", "solution", "cases", "checks", "causes"];
        if let Some(near) = nearest(name, parts).filter(|_| !parts.contains(&name)) {
            tell(&other, format!("grader does not look into this folder: did you mean `{near}`?"));
        }
    }
    let solution = folder.join("solution");
    let mutants = folder.join("mutants.yaml");
    let cases = folders
        .iter()
        .filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), disk::all(path, "a case", problems))));
    Folder {
        solution: solution.is_dir().then(|| disk::all(&solution, "a solution", problems)),
        cases: cases.collect(),
        mutants: mutants.symlink_metadata().ok().and_then(|_| disk::read(&mutants, problems)),
        checks: Vec::new(),
        place: folder.display().to_string(),
    }
}
