//! Versions of the engine and its tools, and the oldest that will do.

use crate::engine::NoEngine;

/// The engine's and the tools' versions.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    /// Docker Engine.
    pub version: String,
    /// Its API, as negotiated.
    pub api: String,
    /// Docker Compose, without its `v`.
    pub compose: String,
    /// Buildx, without its `v`.
    pub buildx: String,
}

/// The oldest Docker Engine: the first with `start_interval` for health checks.
pub const ENGINE: &str = "25.0";
/// The oldest Buildx: the first with `--progress=rawjson`.
pub const BUILDX: &str = "0.13";
/// The oldest Compose.
pub const COMPOSE: &str = "2.24";

/// Fails if `found` is older than `needed`. What can't be read as a version is taken for new: a development build.
pub fn at_least(tool: &'static str, found: &str, needed: &'static str) -> Result<(), NoEngine> {
    match (parse(found), parse(needed)) {
        (Some(have), Some(want)) if have < want => Err(NoEngine::TooOld { tool, found: found.to_owned(), needed }),
        _ => Ok(()),
    }
}

/// Whether a version is at least another; one that can't be read is not.
pub fn is_at_least(found: &str, needed: &str) -> bool {
    parse(found).zip(parse(needed)).is_some_and(|(have, want)| have >= want)
}

/// Major and minor: `v2.26.1-4`, `0.13.1+ds1`, `28.0.0-rc.1`.
fn parse(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim().trim_start_matches('v').split(|letter: char| !letter.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// The version in what `docker buildx version` prints: `github.com/docker/buildx v0.17.1 257815a`.
pub fn buildx(printed: &str) -> Option<String> {
    Some(printed.split_whitespace().nth(1)?.trim_start_matches('v').to_owned())
}

/// The version in what `docker compose version --short` prints.
pub fn compose(printed: &str) -> Option<String> {
    let version = printed.split_whitespace().next()?.trim_start_matches('v');
    version.starts_with(|letter: char| letter.is_ascii_digit()).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_are_refused_and_suffixes_do_not_matter() {
        for (found, needed, fine) in [
            ("26.1.5+dfsg1", ENGINE, true),
            ("25.0.0-rc.1", ENGINE, true),
            ("24.0.9", ENGINE, false),
            ("20.10.24+dfsg1", ENGINE, false),
            ("0.13.1+ds1", BUILDX, true),
            ("0.12.9", BUILDX, false),
            ("v0.9.1", BUILDX, false),
            ("2.24.0-birthday.10", COMPOSE, true),
            ("2.5.0", COMPOSE, false),
            ("5.0.0", COMPOSE, true),
            ("1.29.2", COMPOSE, false),
            ("dev", ENGINE, true),
        ] {
            assert_eq!(at_least("it", found, needed).is_ok(), fine, "{found}");
        }
    }

    #[test]
    fn versions_are_found_in_what_the_tools_print() {
        assert_eq!(buildx("github.com/docker/buildx v0.17.1-desktop.1 257815a").as_deref(), Some("0.17.1-desktop.1"));
        assert_eq!(compose("v2.29.7-desktop.1\n").as_deref(), Some("2.29.7-desktop.1"));
        assert_eq!(compose("docker: 'compose' is not a docker command."), None);
    }
}
