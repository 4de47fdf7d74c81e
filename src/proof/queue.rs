//! Things that are tried, some at the same time, until a signal comes.

use futures_util::StreamExt as _;
use std::cell::Cell;

/// The signal that asked to stop, once it has come.
#[derive(Debug, Default)]
pub struct Stop(Cell<Option<&'static str>>);

impl Stop {
    /// Nothing else is begun from now on.
    pub(super) fn come(&self, signal: &'static str) {
        self.0.set(Some(signal));
    }

    /// The signal, if it has come.
    pub(super) fn came(&self) -> Option<&'static str> {
        self.0.get()
    }
}

/// Does something with each, some at the same time. What is not begun when a signal comes is `None`.
pub(super) async fn each<'t, T, R, F: Future<Output = R>>(
    jobs: usize,
    things: &'t [T],
    stop: &Stop,
    work: impl Fn(&'t T) -> F,
) -> Vec<Option<R>> {
    let all = things.iter().map(|thing| {
        let work = &work;
        async move {
            // Lets a signal be heard where nothing else waits.
            tokio::task::yield_now().await;
            if stop.came().is_some() { None } else { Some(Box::pin(work(thing)).await) }
        }
    });
    futures_util::stream::iter(all).buffered(jobs.max(1)).collect().await
}
