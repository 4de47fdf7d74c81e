//! `--policy` and `--trust`: what of the work is run at all. Only whoever grades can say it; nothing in the graded
//! repository can.

use super::{Failure, find};
use crate::challenge::Challenge;
use crate::compose;
use crate::dockerfile::Dockerfiles;
use crate::policy;
use crate::policy::Policy;
use crate::report::escape;
use crate::repository::Repository;
use clap::Args;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What of the work is run at all.
#[derive(Debug, Args, Default)]
pub struct PolicyArgs {
    /// What a course allows or refuses in Compose files and Dockerfiles beyond checks/policy.yaml, from a file
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Run what the policy refuses, too: only for your own work on your own machine
    #[arg(long)]
    pub trust: bool,
}

/// The longest file that is read.
const LONGEST: u64 = 1 << 20;

impl PolicyArgs {
    /// The policy by which this repository is run.
    pub fn read(&self, repository: &Path) -> Result<Arc<Policy>, Failure> {
        let policy = read(self.policy.as_deref(), Some(repository))?;
        if !self.trust {
            return Ok(policy);
        }
        Ok(Arc::new(Policy { is_trusting: true, ..Policy::clone(&policy) }))
    }
}

/// The policy that comes with the grader, with a course's file laid over it.
pub(super) fn read(file: Option<&Path>, repository: Option<&Path>) -> Result<Arc<Policy>, Failure> {
    let Some(file) = file else { return Ok(Policy::built_in()) };
    let inside = repository.and_then(|repository| repository.canonicalize().ok()).zip(file.canonicalize().ok());
    if inside.is_some_and(|(repository, file)| file.starts_with(repository)) {
        let what = format!("--policy {}: the file lies in the work that it is to judge", file.display());
        return Err(Failure::usage(what, "Keep it where learners cannot change it, outside of their repository."));
    }
    Policy::load(file).map(Arc::new).map_err(|error| find::wrong(&error))
}

/// Says on stderr what `--trust` lets pass in this repository, as far as its files tell.
pub(super) fn tell(policy: &Policy, path: &Path, challenge: &Challenge) {
    let mut said = vec!["--trust: what the policy refuses is run, on this machine:".to_owned()];
    if let Ok(repository) = Repository::open(path) {
        let read = |file: &str| repository.read(file, LONGEST).map_err(|error| error.to_string());
        let compose = compose::load(challenge.subject.compose.as_deref(), &read);
        let mut refused = compose.map(|compose| policy::written(policy, &compose, repository.root()).refused);
        let name = &challenge.subject.dockerfile;
        let text = repository.read(name, LONGEST).ok().flatten().unwrap_or_default();
        let parsed = Dockerfiles::default().parse(&text);
        refused
            .get_or_insert_default()
            .extend(policy::build::dockerfile(policy, name, &parsed, &challenge.subject.args).refused);
        said.extend(refused.iter().flatten().map(|finding| format!("  {}", policy::told(finding))));
    }
    if said.len() == 1 {
        said = vec!["--trust: there is nothing in these files that the policy refuses.".to_owned()];
    }
    for line in said {
        let _ = writeln!(std::io::stderr(), "{}", escape::line(&line)); // nobody reads any more
    }
}
