//! `grader clean`: removes what runs that were killed have left on the engine and on the disk.

use super::args::CleanArgs;
use super::{Failure, output};
use crate::engine::janitor::{self, FOREIGN_AGE, Removed};
use crate::engine::{Engine, Run, orphans, ownership};
use crate::repository::{Abandoned, remove_abandoned};

/// Removes it and says what it was. Running graders keep what is theirs.
pub fn run(args: &CleanArgs) -> Result<u8, Failure> {
    // Or they would write on into what is removed.
    orphans::end();
    let mut folders = remove_abandoned();
    let removed = output::wait_for(async {
        let engine =
            Engine::connect(Run::new()).await.map_err(|why| Failure::machine(why.to_string(), why.remedy()))?;
        let removed = janitor::remove_dead(&engine, args.older_than.unwrap_or(FOREIGN_AGE)).await;
        for folder in &folders.stuck {
            // What still is not ours is told below.
            let _ = ownership::take_back(&engine, folder).await;
        }
        removed
            .map_err(|error| Failure::machine(error.to_string(), "Run grader clean again; some of it may be in use."))
    });
    let removed = removed.flatten();
    let before = folders.removed;
    folders = remove_abandoned();
    folders.removed += before;
    let on_engine = removed.as_ref().copied().unwrap_or_default();
    if removed.is_ok() || folders.removed > 0 {
        output::print(&format!("{}\n", words(on_engine, folders.removed)))?;
    }
    removed?;
    stuck(&folders)
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
    if parts.is_empty() { "Nothing was left behind.".to_owned() } else { format!("Removed {}.", parts.join(", ")) }
}

/// Folders in which a container has written as another user.
fn stuck(folders: &Abandoned) -> Result<u8, Failure> {
    let Some(first) = folders.stuck.first() else { return Ok(0) };
    let paths: Vec<String> = folders.stuck.iter().map(|path| path.display().to_string()).collect();
    let what = format!("could not be removed, as a container wrote into it as another user: {}", paths.join(", "));
    Err(Failure::machine(what, format!("Remove it as root: sudo rm -r {}", first.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_removed_is_counted() {
        assert_eq!(words(Removed::default(), 0), "Nothing was left behind.");
        let removed = Removed { containers: 2, images: 1, ..Removed::default() };
        assert_eq!(words(removed, 1), "Removed 2 containers, 1 image, 1 temporary folder.");
    }
}
