//! The labels that an image has from its base, which no Dockerfile of the learner's names.

use crate::engine::Engine;
use crate::outcome::Finding;
use crate::policy::Decision;
use bollard::models::ImageInspect;
use std::collections::BTreeSet;

/// The labels of grader's own that the image has from its base: what a Dockerfile writes itself was refused before.
pub(super) fn brought_along(engine: &Engine, image: &ImageInspect) -> Decision {
    let own = engine.run.labels();
    let labels = image.config.as_ref().and_then(|config| config.labels.as_ref());
    let foreign = labels.into_iter().flatten().filter(|(name, value)| own.get(*name) != Some(*value));
    let names: BTreeSet<&str> = foreign.map(|(name, _)| name.as_str()).collect();
    let refused = names.into_iter().filter_map(|name| {
        let rule = engine.policy.of_text("dockerfile", "label", name)?;
        let message = format!("The base image brings along the label `{name}`: {}", rule.danger.why);
        Some(Finding { message, hint: Some("Take a base image without it.".to_owned()), ..Finding::default() })
    });
    Decision { refused: refused.collect(), advised: Vec::new() }
}
