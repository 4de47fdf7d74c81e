//! The last looks of a run, when all other work is done: what passed because something runs is certain only then.

use super::stages::Work;
use crate::engine::stack::Stack;
use crate::facts::container::OnWatch;
use crate::facts::{Facts, Source, stack as stack_facts};

impl Work<'_> {
    /// The last look at the container: what ran has to run still.
    pub(super) async fn last_look(&self, on_watch: Option<OnWatch<'_>>) {
        let Some(on_watch) = on_watch else { return };
        let image = self.board.with_facts(Facts::clone);
        let request = self.container_request(&image);
        let seen = if self.board.hangs_on(Source::Container) {
            on_watch.last_look(&request, &self.doing(Source::Container)).await
        } else {
            Ok(None)
        };
        // The end of the run removes it with all else, at the same time; what is kept is of use only if it was graded.
        let removed = if self.engine.keeps { on_watch.remove().await } else { Ok(()) };
        match seen.and_then(|seen| Ok(removed.map(|()| seen)?)) {
            Ok(changed) => self.board.settle(Source::Container, changed),
            Err(fault) => self.board.lose(Source::Container, fault.reason().to_owned()),
        }
    }

    /// Takes the last look at a stack that no step has disturbed: services that were ready have to be ready still.
    pub(super) async fn last_look_at(&self, stack: Option<Stack>) {
        if let Some(mut stack) = stack.filter(|_| self.board.hangs_on(Source::Stack)) {
            self.settle(&mut stack).await;
        }
        self.board.settle(Source::Stack, None);
    }

    pub(super) async fn settle(&self, stack: &mut Stack) {
        if let Err(error) = self.try_left_health_checks(stack).await {
            self.board.lose(Source::Stack, error.to_string());
            return;
        }
        match stack.last_look(&self.doing(Source::Stack)).await {
            Ok(()) => match stack.cut_off().await {
                None => self.board.settle(Source::Stack, Some(stack_facts::collect(stack))),
                Some(why) => self.board.lose(Source::Stack, why),
            },
            Err(error) => self.board.lose(Source::Stack, error.to_string()),
        }
    }
}
