//! Where an image's size comes from, if it is larger than a check allows or a check asks for it.

use super::plan;
use super::stages::Work;
use crate::engine::image::build::Built;
use crate::facts::image::contents;
use crate::facts::{Facts, Source};
use crate::language::condition::Condition;
use crate::language::matcher::{Literal, Matcher};
use crate::matching::fit::{Captures, Fit, fit};

const SIZE: [&str; 2] = ["image", "size"];

impl Work<'_> {
    /// Adds to the facts of the built image what takes its space, where somebody needs it.
    pub(super) async fn weigh(&self, built: &Built, facts: &mut Facts) {
        let limit = self.exceeded(facts);
        let names = ["image.largest", "image.wasted"];
        let is_asked = self.board.open().iter().any(|planned| plan::asks(planned.check, &names));
        if limit.is_none() && !is_asked {
            return contents::leave_out(facts, "the layers are looked into only where the image is too large");
        }
        (self.doing(Source::Image))("look for what takes the space".into());
        contents::add(self.engine, &built.tag, facts).await;
        if let Some(limit) = limit {
            contents::explain_size(facts, limit);
        }
    }

    /// The limit of a check that the image's size exceeds.
    fn exceeded(&self, facts: &Facts) -> Option<u64> {
        let size = facts.get("image.size").filter(|size| size.value().is_some())?;
        let open = self.board.open();
        let mut expected = open.iter().flat_map(|planned| &planned.check.expect);
        expected.find_map(|item| match &item.condition {
            Condition::Fact(path, matcher @ Matcher::Below(Literal::Size(limit)))
                if *path == SIZE && matches!(fit(matcher, size, &Captures::new()), Fit::No(_)) =>
            {
                Some(*limit)
            }
            _ => None,
        })
    }
}
