//! A course: challenges in their order, and what they share. Plain data.

use super::ChallengeLimits;
use std::path::PathBuf;

/// Challenges in their order, and what they share.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence; empty if it says nothing.
    pub about: String,
    /// The folder of checks that its challenges share.
    pub checks: Option<PathBuf>,
    /// The folder of causes that its challenges share.
    pub causes: Option<PathBuf>,
    /// What it allows or refuses in Compose files and Dockerfiles beyond what grader does.
    pub policy: Option<PathBuf>,
    /// Bounds of the work, for challenges that have none of their own.
    pub limits: ChallengeLimits,
    /// Its units, in their order.
    pub units: Vec<Unit>,
    /// How many units make a pass; all of them unless said.
    pub pass_units: Option<usize>,
}

/// One unit: a challenge, and where it belongs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// The challenge as the course names it: the path of its folder, or an id of one that is built in.
    pub name: String,
    /// What finds the challenge from here.
    pub selector: String,
    /// The lesson that it belongs to.
    pub lesson: Option<String>,
    /// Where that lesson is read.
    pub url: Option<String>,
    /// The units that are better done first, by their names.
    pub after: Vec<String>,
    /// How much it counts.
    pub weight: u32,
    /// The terms that it teaches: `COPY`, `healthcheck`.
    pub teaches: Vec<String>,
}

impl Course {
    /// The unit to do next: the first that is open and whose `after` is done, else the first that is open.
    pub fn next(&self, is_done: impl Fn(&Unit) -> bool) -> Option<&Unit> {
        let done: Vec<&str> = self.units.iter().filter(|unit| is_done(unit)).map(|unit| unit.name.as_str()).collect();
        let mut open = self.units.iter().filter(|unit| !done.contains(&unit.name.as_str()));
        let is_ready = |unit: &&Unit| unit.after.iter().all(|name| done.contains(&name.as_str()));
        open.clone().find(is_ready).or_else(|| open.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_advises_and_never_locks() {
        let unit = |name: &str, after: &[&str]| Unit {
            name: name.to_owned(),
            after: after.iter().map(|name| (*name).to_owned()).collect(),
            ..Unit::default()
        };
        let units = vec![unit("a", &[]), unit("b", &["a"]), unit("c", &[])];
        let course = Course { units, ..Course::default() };
        let next = |done: &[&str]| course.next(|unit| done.contains(&unit.name.as_str())).map(|unit| unit.name.clone());
        assert_eq!(next(&[]).as_deref(), Some("a"));
        assert_eq!(next(&["a"]).as_deref(), Some("b"));
        assert_eq!(next(&["a", "b"]).as_deref(), Some("c"));
        assert_eq!(next(&["b", "c"]).as_deref(), Some("a"));
        assert_eq!(next(&["a", "b", "c"]), None);
    }
}
