//! `grader clean`: removes what runs that were killed have left on the engine.

use super::{Failure, output};
use crate::engine::janitor::{self, FOREIGN_AGE, Removed};
use crate::engine::{Engine, Run};

/// Removes it and says what it was. Running graders keep what is theirs.
pub fn run() -> Result<u8, Failure> {
    let removed = output::wait_for(async {
        let engine =
            Engine::connect(Run::new()).await.map_err(|why| Failure::machine(why.to_string(), why.remedy()))?;
        janitor::remove_dead(&engine, FOREIGN_AGE)
            .await
            .map_err(|error| Failure::machine(error.to_string(), "Run grader clean again; some of it may be in use."))
    })??;
    output::print(&format!("{}\n", words(removed)))?;
    Ok(0)
}

fn words(removed: Removed) -> String {
    let counts = [
        (removed.containers, "container"),
        (removed.networks, "network"),
        (removed.volumes, "volume"),
        (removed.images, "image"),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if parts.is_empty() { "Nothing was left behind.".to_owned() } else { format!("Removed {}.", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_removed_is_counted() {
        assert_eq!(words(Removed::default()), "Nothing was left behind.");
        let removed = Removed { containers: 2, images: 1, ..Removed::default() };
        assert_eq!(words(removed), "Removed 2 containers, 1 image.");
    }
}
