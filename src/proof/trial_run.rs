//! Grades files as a learner's work: laid down in a folder of their own, in this process.

use crate::challenge::Challenge;
use crate::challenge::read::case::Files;
use crate::engine::image::build;
use crate::event::{Event, Listener};
use crate::facts::Source;
use crate::policy::Policy;
use crate::report::Report;
use crate::repository::Scratch;
use crate::run::runner::{self, Request};
use crate::run::{self, plan};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Whether a check of the challenge asks for what only an engine can tell.
pub fn needs_engine(challenge: &Challenge) -> bool {
    let engine = |source: &Source| matches!(source, Source::Image | Source::Container | Source::Stack);
    challenge.checks.iter().any(|check| plan::sources(check).iter().any(engine) || check.script.is_some())
}

/// Why files were not graded: never the fault of who wrote them.
#[derive(Debug, thiserror::Error)]
pub enum Ungraded {
    /// There is no place to write them to.
    #[error("no folder can be made for the files: {0}")]
    NoFolder(io::Error),
    /// They can't be written.
    #[error("the files cannot be written: {0}")]
    Unwritten(io::Error),
    /// The run did not begin.
    #[error(transparent)]
    Run(#[from] run::Error),
    /// The proof was stopped before it came to them.
    #[error("interrupted")]
    Interrupted,
}

/// Grades these files; `static_only` starts no process.
pub async fn grade(
    files: &Files,
    challenge: &Challenge,
    static_only: bool,
    policy: &Arc<Policy>,
    doing: &dyn Fn(String),
) -> Result<Report, Ungraded> {
    let folder = Scratch::new().map_err(Ungraded::NoFolder)?;
    lay_down(files, folder.path()).map_err(Ungraded::Unwritten)?;
    let request = Request {
        path: folder.path().to_owned(),
        only: Vec::new(),
        skip: Vec::new(),
        static_only,
        pass_mark: None,
        limit: challenge.limits.build.unwrap_or(build::LIMIT),
        no_egress: false,
        keep: false,
        seed: None,
        policy: Arc::clone(policy),
    };
    let listener: Listener<'_> = &|event| {
        if let Event::Doing(_, what) = event {
            doing(what);
        }
    };
    Ok(Box::pin(runner::check(&request, challenge, listener)).await?)
}

fn lay_down(files: &Files, folder: &Path) -> io::Result<()> {
    for (path, file) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, &file.content)?;
        #[cfg(unix)]
        if file.executable {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}
