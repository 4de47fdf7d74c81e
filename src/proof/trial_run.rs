//! Grades files as a learner's work: laid down in a folder of their own, in this process.

use crate::challenge::Challenge;
use crate::challenge::read::case::Files;
use crate::engine::image::build;
use crate::event::{Event, Listener};
use crate::facts::Source;
use crate::policy::Policy;
use crate::report::Report;
use crate::repository::Scratch;
use crate::run::plan;
use crate::run::runner::{self, Request};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Whether a check of the challenge asks for what only an engine can tell.
pub fn needs_engine(challenge: &Challenge) -> bool {
    let engine = |source: &Source| matches!(source, Source::Image | Source::Container | Source::Stack);
    challenge.checks.iter().any(|check| plan::sources(check).iter().any(engine) || check.script.is_some())
}

/// Grades these files; `static_only` starts no process. The error says why that was not possible.
pub async fn grade(
    files: &Files,
    challenge: &Challenge,
    static_only: bool,
    policy: &Arc<Policy>,
    doing: &dyn Fn(String),
) -> Result<Report, String> {
    let folder = Scratch::new();
    let folder = folder.map_err(|error| format!("no folder can be made for the files: {error}"))?;
    lay_down(files, folder.path()).map_err(|error| format!("the files cannot be written: {error}"))?;
    let request = Request {
        path: folder.path().to_owned(),
        only: Vec::new(),
        skip: Vec::new(),
        static_only,
        pass_mark: None,
        limit: challenge.limits.build.unwrap_or(build::LIMIT),
        no_egress: false,
        keep: false,
        policy: Arc::clone(policy),
    };
    let listener: Listener<'_> = &|event| {
        if let Event::Doing(_, what) = event {
            doing(what);
        }
    };
    Box::pin(runner::check(&request, challenge, listener)).await.map_err(|error| error.to_string())
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
