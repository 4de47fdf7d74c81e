//! Whether the engine's builder has something to do.

use crate::engine::Engine;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long it may take to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How much is read of what it has in its cache, in bytes: a line for each step that it ever did.
const MOST: usize = 16 << 20;

/// Whether no image is being exported, anybody's: its layers can't be reclaimed meanwhile. Also if it does not say.
pub async fn is_idle(engine: &Engine) -> bool {
    let builder = engine.cli.endpoint.context.as_str();
    let asked = engine.cli.command(["buildx", "du", "--builder", builder]).limit(ANSWER).keep(MOST).run().await;
    asked.is_ok_and(|said| !said.success() || !has_work(&said.stdout.text()))
}

/// Whether one of the layers is in use. The columns: id, whether it is reclaimable, size, last use. What is still written has
/// a `*` at its id: it is no layer yet, and some of it stays in use for ever after a build was ended.
fn has_work(records: &str) -> bool {
    records.lines().any(|line| {
        let mut columns = line.split_whitespace();
        columns.next().is_some_and(|id| !id.ends_with('*')) && columns.next() == Some("false")
    })
}

/// Notes that a build was ended, when it is dropped before it is forgotten.
#[derive(Debug)]
pub struct Cut(Option<Arc<AtomicBool>>);

impl Cut {
    /// For a build that begins.
    pub fn of(engine: &Engine) -> Self {
        Self(Some(Arc::clone(&engine.cut)))
    }

    /// It came to its own end.
    pub fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        if let Some(cut) = &self.0 {
            cut.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_in_use_are_work() {
        let head = "ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n";
        let free = "g77x6ctbe11sbbcsu1mk7aiup*              \ttrue \t\t1.468GB*  \t28 minutes ago\n";
        let used = "rkr8n2h9pk7n0wy6fdz2ysu3a               \tfalse\t\t838MB     \t\n";
        let written = "pjezar16d5mwh7yderu8gidto*              \tfalse\t\t0B        \t\n";
        let total = "Reclaimable:\t1.5GB\nTotal:\t\t2.3GB\n";
        assert!(!has_work(&format!("{head}{free}{written}{total}")));
        assert!(has_work(&format!("{head}{free}{used}{total}")));
        assert!(!has_work(""));
    }
}
