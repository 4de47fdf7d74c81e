//! Courses on disk: by their folder or their file, and from a challenge that is part of one.

use super::{disk, done, file as embedded_file, folder, ids, sorted};
use crate::challenge::read::course;
use crate::challenge::read::course::CourseFolder;
use crate::challenge::read::load::Loaded;
use crate::challenge::{ChallengeLimits, Course};
use crate::diagnostic::{Diagnostic, Error};
use crate::language::file::Problems;
use include_dir::Dir;
use std::path::{Path, PathBuf};

/// A course's file, in its folder.
pub const COURSE_FILE: &str = "course.yaml";
/// How far above a challenge's folder its course may be.
const HIGHEST: usize = 3;

/// The file of a course, if a path is one or the folder of one.
pub fn course_file(path: &Path) -> Option<PathBuf> {
    let file = if path.is_dir() { path.join(COURSE_FILE) } else { path.to_owned() };
    (file.ends_with(COURSE_FILE) && file.is_file()).then_some(file)
}

/// A course, by its file.
pub fn course(file: &Path) -> Result<Course, Error> {
    let problems = Problems::default();
    let read = read(file, &problems);
    done(read, problems)
}

/// The ids of the courses that come with the grader.
pub fn course_ids() -> Vec<&'static str> {
    let folders = folder("courses").into_iter().flat_map(Dir::dirs);
    folders.filter_map(|dir| dir.path().file_name()?.to_str()).collect()
}

/// A course that comes with the grader.
pub fn built_in_course(id: &str) -> Result<Course, Error> {
    let problems = Problems::default();
    let place = format!("courses/{id}/{COURSE_FILE}");
    let Some(file) = embedded_file(&place) else {
        return Err(Error { diagnostics: vec![Diagnostic::of("", format!("there is no course `{id}`"))] });
    };
    let source = Loaded::new(format!("checks/{place}"), file.contents(), &problems);
    let read = course::course(&source, &BuiltIn, &problems);
    done(read, problems)
}

/// A course, by its file: what of it could be read, and all that is wrong.
pub fn examine_course(file: &Path) -> (Course, Vec<Diagnostic>) {
    let problems = Problems::default();
    let read = read(file, &problems);
    (read, sorted(problems))
}

fn read(file: &Path, problems: &Problems) -> Course {
    let Some(source) = disk::read(file, problems) else { return Course::default() };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    course::course(&source, &OnDisk(folder.to_owned()), problems)
}

/// What the challenges in a folder share with others of their course.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// The folder of checks.
    pub checks: Option<PathBuf>,
    limits: ChallengeLimits,
    /// The folder of causes.
    pub causes: Option<PathBuf>,
}

/// What a challenge shares, by its folder: what the nearest course above it says. What is wrong with that is the course's.
pub(super) fn shared(challenge: &Path) -> Shared {
    // As the path is written, so that files have the names that people gave; else by the whole path.
    let whole = challenge.canonicalize().unwrap_or_default();
    let above = challenge.ancestors().skip(1).take(HIGHEST).chain(whole.ancestors().skip(1).take(HIGHEST));
    let Some(file) = above.map(|folder| folder.join(COURSE_FILE)).find(|file| file.is_file()) else {
        return Shared::default();
    };
    let course = read(&file, &Problems::default());
    Shared { checks: course.checks, limits: course.limits, causes: course.causes }
}

impl Shared {
    /// The bounds of a challenge: its own, else the course's.
    pub fn bounds(&self, own: &ChallengeLimits) -> ChallengeLimits {
        let course = &self.limits;
        ChallengeLimits {
            build: own.build.or(course.build),
            start: own.start.or(course.start),
            settle: own.settle.or(course.settle),
            step: own.step.or(course.step),
            memory: own.memory.or(course.memory),
            cpus: own.cpus.or(course.cpus),
            pids: own.pids.or(course.pids),
            disk: own.disk.or(course.disk),
            run: own.run.or(course.run),
        }
    }
}

/// Where a built-in course finds its challenges: they are all built in, and share the library's checks.
struct BuiltIn;

impl CourseFolder for BuiltIn {
    fn challenge(&self, name: &str) -> Option<String> {
        ids().contains(&name).then(|| name.to_owned())
    }

    fn challenges(&self) -> Vec<String> {
        ids().into_iter().map(str::to_owned).collect()
    }

    fn folder(&self, _: &str) -> Option<PathBuf> {
        None
    }

    fn file(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

/// The folder of a course.
struct OnDisk(PathBuf);

impl CourseFolder for OnDisk {
    fn challenge(&self, name: &str) -> Option<String> {
        let folder = self.0.join(name);
        if folder.join("challenge.yaml").is_file() {
            return Some(folder.display().to_string());
        }
        ids().contains(&name).then(|| name.to_owned())
    }

    fn challenges(&self) -> Vec<String> {
        let folders = disk::entries(&self.0).1.into_iter().filter(|path| path.join("challenge.yaml").is_file());
        let own = folders.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
        own.chain(ids().into_iter().map(str::to_owned)).collect()
    }

    fn folder(&self, path: &str) -> Option<PathBuf> {
        Some(self.0.join(path)).filter(|path| path.is_dir())
    }

    fn file(&self, path: &str) -> Option<PathBuf> {
        Some(self.0.join(path)).filter(|path| path.is_file())
    }
}
