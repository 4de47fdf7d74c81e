//! The workflow that `grader init` writes beside a starter, so that GitHub Actions grades each push.

use crate::challenge::library;
use std::fs;
use std::path::{Path, PathBuf};

/// Where it stands in a repository.
pub const FILE: &str = ".github/workflows/grade.yml";
const TEXT: &str = include_str!("../../.github/workflows/grade.yml");
/// The challenge that the text names.
const NAMED: &str = "challenge: dockerize-python-app\n";
/// The commit of a release, which names it for good.
const COMMIT: Option<&str> = option_env!("GRADER_COMMIT");

/// What becomes of the workflow.
#[derive(Debug, PartialEq, Eq)]
pub enum Workflow {
    /// It is written, with this text.
    New(String),
    /// There is one already.
    There,
    /// The challenge is a folder, which GitHub does not have.
    Local,
    /// The folder is inside of a repository, and GitHub reads workflows only at its root.
    Inside {
        /// The repository's root.
        root: PathBuf,
        /// The folder, seen from there.
        path: PathBuf,
    },
}

impl Workflow {
    /// For a challenge, by the name that was typed, that is started in this folder.
    pub fn of(named: &str, folder: &Path) -> Self {
        if !library::ids().contains(&named) {
            Self::Local
        } else if let Some((root, path)) = repository_above(folder) {
            Self::Inside { root, path }
        } else if fs::symlink_metadata(folder.join(FILE)).is_ok() {
            Self::There
        } else {
            Self::New(text(named, COMMIT))
        }
    }

    /// Why it is not written, and what to do.
    pub fn note(&self) -> Option<String> {
        match self {
            Self::New(_) => None,
            Self::There => Some(format!("{FILE} was there, and is as it was.")),
            Self::Local => Some(
                "No workflow for GitHub Actions: GitHub does not have the challenge's folder. A course grades from a \
                 workflow of its own, such as grader's grade-trusted.yml."
                    .to_owned(),
            ),
            Self::Inside { root, path } => Some(format!(
                "No workflow for GitHub Actions: GitHub reads them only at the root of the repository, {}. Take \
                 grader's grade.yml there, and give its step the line  path: {}",
                root.display(),
                path.display()
            )),
        }
    }
}

/// The workflow for a challenge; it names grader by the commit if that is known, otherwise by the version.
fn text(challenge: &str, commit: Option<&str>) -> String {
    let home = env!("CARGO_PKG_REPOSITORY").trim_start_matches("https://github.com/");
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    let is_commit = |commit: &&str| commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pin = commit.filter(is_commit).map_or_else(|| version.to_owned(), |commit| format!("{commit} # {version}"));
    TEXT.replace("\r\n", "\n")
        .replace(&format!("{home}@{version}\n"), &format!("{home}@{pin}\n"))
        .replace(NAMED, &format!("challenge: {challenge}\n"))
}

/// The root of the git repository that a folder, which may not be there yet, is inside of; and the folder, seen from there.
fn repository_above(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let folder = std::path::absolute(folder).ok()?;
    let existing = folder.ancestors().find(|above| above.exists())?;
    let whole = existing.canonicalize().ok()?.join(folder.strip_prefix(existing).ok()?);
    let root = whole.ancestors().find(|above| above.join(".git").exists())?;
    let path = whole.strip_prefix(root).ok()?;
    (path != Path::new("")).then(|| (root.to_owned(), path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_challenge_and_grader_by_what_is_known() {
        let by_version = text("hello-container", None);
        assert!(by_version.contains("          challenge: hello-container\n"), "{by_version}");
        assert!(by_version.contains(concat!("/grader@v", env!("CARGO_PKG_VERSION"), "\n")), "{by_version}");
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let by_commit = text("hello-container", Some(commit));
        let pinned = format!("/grader@{commit} # v{}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(by_commit.matches(&pinned).count(), 1, "{by_commit}");
        assert_eq!(text("hello-container", Some("main")), by_version);
    }

    #[test]
    fn it_is_written_only_where_github_reads_it() {
        let home = tempfile::tempdir().expect("a folder");
        let root = home.path().canonicalize().expect("a path");
        let of = |folder: &str| Workflow::of("hello-container", &root.join(folder));
        assert!(matches!(of("new/work"), Workflow::New(_)));
        assert_eq!(Workflow::of("./mine", &root), Workflow::Local);
        fs::create_dir(root.join(".git")).expect("a folder");
        assert!(matches!(of(""), Workflow::New(_)));
        for path in ["new", "new/work"] {
            assert_eq!(of(path), Workflow::Inside { root: root.clone(), path: path.into() });
        }
        fs::create_dir_all(root.join(".github/workflows")).expect("a folder");
        fs::write(root.join(FILE), "mine").expect("a file");
        assert_eq!(of(""), Workflow::There);
    }
}
