//! `grader clean`: removes what runs that were killed have left on the engine and on the disk, and what `--keep` has kept.

use super::{Failure, memory, output};
use crate::engine::owned::janitor;
use crate::engine::owned::janitor::{FOREIGN_AGE, Removed};
use crate::engine::owned::{orphans, ownership};
use crate::engine::{Engine, Run};
use crate::repository::{Abandoned, remove_abandoned};
use clap::Args;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Remove what runs that were killed have left behind, and what --keep has kept
#[derive(Debug, Args)]
pub struct CleanArgs {
    /// Of other machines, and of before a reboot: only what is older; those runs can't be seen from here [default: 24h]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub older_than: Option<Duration>,
    /// Forget your scores and which hints you have seen instead
    #[arg(long, conflicts_with = "older_than")]
    pub progress: bool,
}

/// How often folders of other users are taken back: each time as deep as a path is long.
const ROUNDS: usize = 50;

/// Removes it and says what it was. Running graders keep what is theirs.
pub fn run(args: &CleanArgs) -> Result<u8, Failure> {
    if args.progress {
        return forget();
    }
    // Or they would write on into what is removed.
    let tools = orphans::end();
    let (mut folders, mut kept) = (0, 0);
    let removed = output::wait_for(async {
        let engine =
            Engine::connect(Run::new()).await.map_err(|why| Failure::machine(why.to_string(), why.remedy()))?;
        let age = args.older_than.unwrap_or(FOREIGN_AGE);
        let mut removed = janitor::remove_dead(&engine, age, true).await;
        for _ in 0..ROUNDS {
            let found = remove_abandoned(true);
            (folders, kept) = (folders + found.removed, kept + found.kept);
            if !found.stuck.iter().any(|(_, why)| is_others(why)) {
                break;
            }
            for (folder, _) in &found.stuck {
                // What still is not ours is told below.
                let _ = ownership::take_back(&engine, folder).await;
            }
        }
        let is_found = tools > 0 || folders > 0 || removed.as_ref().is_ok_and(|removed| removed.total() > 0);
        if is_found {
            let late = janitor::remove_late(&engine, age).await;
            removed = removed.and_then(|removed| Ok(removed.and(late?)));
        }
        removed
            .map_err(|error| Failure::machine(error.to_string(), "Run grader clean again; some of it may be in use."))
    });
    let removed = removed.flatten();
    let found = remove_abandoned(true);
    folders += found.removed;
    let mut on_engine = removed.as_ref().copied().unwrap_or_default();
    on_engine.kept += kept + found.kept;
    if folders > 0 || (removed.is_ok() && found.stuck.is_empty()) || on_engine != Removed::default() {
        output::print(&format!("{}\n", words(on_engine, folders)))?;
    }
    removed?;
    stuck(&found)
}

/// Forgets scores and hints.
fn forget() -> Result<u8, Failure> {
    let forgotten = memory::forget();
    let forgotten =
        forgotten.map_err(|error| Failure::machine(format!("your progress can't be removed: {error}"), ""))?;
    let text = match forgotten {
        0 => "No progress was saved.".to_owned(),
        1 => "Forgot the progress in 1 folder.".to_owned(),
        many => format!("Forgot the progress in {many} folders."),
    };
    output::print(&format!("{text}\n"))?;
    Ok(0)
}

fn words(removed: Removed, folders: usize) -> String {
    let counts = [
        (removed.containers, "container"),
        (removed.networks, "network"),
        (removed.volumes, "volume"),
        (removed.images, "image"),
        (folders, "temporary folder"),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    let kept = match removed.kept {
        0 => String::new(),
        kept => format!(" (with {kept} that --keep had kept)"),
    };
    if parts.is_empty() {
        "Nothing was left behind.".to_owned()
    } else {
        format!("Removed {}{kept}.", parts.join(", "))
    }
}

/// Whether something in a folder belongs to another user.
fn is_others(why: &io::Error) -> bool {
    why.kind() == io::ErrorKind::PermissionDenied
}

/// Folders that are still there.
fn stuck(folders: &Abandoned) -> Result<u8, Failure> {
    let Some((first, why)) = folders.stuck.first() else { return Ok(0) };
    let told = |(path, why): &(PathBuf, io::Error)| {
        let others = is_others(why).then(|| "a container wrote into it as another user".to_owned());
        format!("{} ({})", path.display(), others.unwrap_or_else(|| why.to_string()))
    };
    let what = folders.stuck.iter().map(told).collect::<Vec<_>>().join(", ");
    let next = if is_others(why) {
        format!("Remove it as root: sudo rm -r {}", first.display())
    } else {
        "Run grader clean again; if it stays, remove it yourself.".to_owned()
    };
    Err(Failure::machine(format!("could not be removed: {what}"), next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_removed_is_counted() {
        assert_eq!(words(Removed::default(), 0), "Nothing was left behind.");
        let removed = Removed { containers: 2, images: 1, ..Removed::default() };
        assert_eq!(words(removed, 1), "Removed 2 containers, 1 image, 1 temporary folder.");
        let removed = Removed { kept: 2, ..removed };
        assert_eq!(words(removed, 0), "Removed 2 containers, 1 image (with 2 that --keep had kept).");
    }
}
