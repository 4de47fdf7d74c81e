//! A repository to hold Compose files against, and how findings are shown.

#![allow(clippy::expect_used)] // helpers of tests

use grader::compose::{self, Compose};
use grader::outcome::Finding;
use grader::policy;
use grader::policy::Policy;
use std::path::PathBuf;

/// A repository with a link that leads out of it.
pub struct Stand {
    _folder: tempfile::TempDir,
    /// Its canonical path.
    pub root: PathBuf,
}

pub fn stand() -> Stand {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("its path").join("repository");
    for inner in ["app", "deep/er/still"] {
        std::fs::create_dir_all(root.join(inner)).expect("a folder in it");
    }
    let sparse = std::fs::File::create(root.join("sparse")).expect("a file");
    sparse.set_len(2 << 20).expect("its length");
    #[cfg(unix)]
    for (target, link) in
        [("/etc", "link"), ("/var/run/docker.sock", "engine"), ("../..", "app/up"), ("/etc/environment", "deep/.env")]
    {
        std::os::unix::fs::symlink(target, root.join(link)).expect("a link");
    }
    Stand { _folder: folder, root }
}

/// The Compose files of a repository: `compose.yaml`, a `.env`, and others by their paths.
pub fn load(file: &str, others: &[(&str, &str)]) -> Compose {
    let env = "HOST=/etc\nODD=a\\b\nCOMPOSE_FILE=evil.yaml\nDOCKER_HOST=tcp://evil\nA=a/b/c/d/\n";
    let read = |path: &str| {
        let own = match path {
            "compose.yaml" => Some(file),
            ".env" => Some(env),
            _ => None,
        };
        let other = || others.iter().find(|(name, _)| *name == path).map(|(_, text)| *text);
        Ok(own.or_else(other).map(|text| text.as_bytes().to_vec()))
    };
    compose::load(None, &read).expect("a Compose file")
}

impl Stand {
    /// What is refused as it is written, as `path:line: message`; what can't be read is refused as well.
    pub fn written(&self, file: &str, others: &[(&str, &str)]) -> Vec<String> {
        let compose = load(file, others);
        let unread = compose.problems.iter().filter(|_| compose.files.iter().any(|file| file.tree.is_none()));
        let unread = unread.map(|problem| format!("{}: {}", problem.place, problem.message));
        let verdict = policy::written(&Policy::built_in(), &compose, &self.root);
        assert!(verdict.advised.is_empty());
        unread.chain(verdict.refused.iter().map(shown)).collect()
    }

    /// The same of what is started without any profile; and what is only said.
    pub fn started(&self, file: &str, others: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let mut compose = load(file, others);
        compose.activate(&[]);
        let verdict = policy::written(&Policy::built_in(), &compose, &self.root);
        (verdict.refused.iter().map(shown).collect(), verdict.advised.iter().map(shown).collect())
    }

    /// What is refused of a service with this one line, on line 4.
    pub fn service(&self, line: &str) -> Vec<String> {
        self.written(&format!("services:\n  api:\n    image: x\n    {line}\n"), &[])
    }

    /// What is refused of a resolved model.
    pub fn resolved(&self, model: &str, compose: &Compose) -> Vec<String> {
        policy::resolved(&Policy::built_in(), model, compose, &self.root).refused.iter().map(shown).collect()
    }
}

/// A finding in one line. There is always something to do about it.
pub fn shown(finding: &Finding) -> String {
    assert!(finding.hint.is_some() || finding.message.contains("isn't a key"), "nothing to do: {}", finding.message);
    let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{place}: {}", finding.message)
}
