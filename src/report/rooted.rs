//! Places as the programs see them that know the whole git repository, of which the graded folder may be a part.

use super::Report;
use crate::outcome::Outcome;
use std::borrow::Cow;

/// The report with every path seen from the top of the git repository.
pub(super) fn rooted(report: &Report) -> Cow<'_, Report> {
    let folder = &report.repository.folder;
    if folder.is_empty() {
        return Cow::Borrowed(report);
    }
    let mut rooted = report.clone();
    for check in &mut rooted.checks {
        let findings = if let Outcome::Failed(findings) = &mut check.outcome { findings } else { &mut Vec::new() };
        for finding in findings.iter_mut().chain(&mut check.advice) {
            if let Some(place) = &mut finding.place {
                place.path = from_top(folder, &place.path);
            }
        }
    }
    Cow::Owned(rooted)
}

/// A path of the folder as it is from the top: `../` leads out of the folder, and what is elsewhere stays as it is.
fn from_top(folder: &str, path: &str) -> String {
    let (mut folder, mut rest) = (folder, path);
    while let Some(below) = rest.strip_prefix("../") {
        rest = below;
        folder = folder.trim_end_matches('/').rsplit_once('/').map_or("", |(above, _)| above);
    }
    let is_elsewhere = path.starts_with(['/', '~']);
    if is_elsewhere {
        path.to_owned()
    } else {
        format!("{folder}{}{rest}", if folder.is_empty() || folder.ends_with('/') { "" } else { "/" })
    }
}

#[cfg(test)]
mod tests {
    use super::from_top;

    #[test]
    fn a_path_that_leads_out_of_the_folder_is_one_of_the_repository() {
        for (folder, path, rooted) in [
            ("work/", "Dockerfile", "work/Dockerfile"),
            ("work/", "../.gitignore", ".gitignore"),
            ("a/b/", "../.gitignore", "a/.gitignore"),
            ("a/b/", "../../.gitignore", ".gitignore"),
            ("a/b/", "/home/jane/ignore", "/home/jane/ignore"),
        ] {
            assert_eq!(from_top(folder, path), rooted, "{folder} {path}");
        }
    }
}
