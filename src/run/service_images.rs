//! The images of a stack's services that are built: the one that is graded, and the others.

use super::stages::Work;
use crate::engine::image::build::{self, BuildFault, BuildRequest, Built};
use crate::engine::stack::Plan;
use crate::outcome::{Fault, Finding};
use std::collections::BTreeMap;

impl Work<'_> {
    /// The images of the services that are built: the one that is graded, and the others.
    pub(super) async fn images(
        &self,
        plan: &Plan,
        built: Option<&Built>,
        doing: &dyn Fn(String),
    ) -> Result<BTreeMap<String, String>, Fault> {
        let ours = &self.reading.build;
        let root = self.reading.graded.root();
        let mut images = BTreeMap::new();
        let mut next = 1;
        for (service, wanted) in &plan.builds {
            let mut args = wanted.args.clone();
            args.extend(self.challenge.subject.args.clone());
            let same = wanted.context == root.join(&ours.context)
                && wanted.dockerfile == root.join(&ours.dockerfile)
                && wanted.target == ours.target
                && args == ours.args;
            if let Some(built) = built.filter(|_| same) {
                images.insert(service.clone(), built.tag.clone());
                continue;
            }
            next += 1;
            let request = BuildRequest {
                root,
                context: &wanted.context,
                dockerfile: &wanted.dockerfile,
                dockerfiles: &self.reading.dockerfiles,
                target: wanted.target.as_deref(),
                args: &wanted.args,
                secrets: &self.challenge.subject.secrets,
                stages: &[],
                tag: &self.engine.run.image_tag(next),
                platform: None,
                contexts: &BTreeMap::new(),
                limit: self.request.limit,
            };
            match build::build(self.engine, &request, doing).await {
                Ok(built) => images.insert(service.clone(), built.tag),
                Err(failed) => {
                    if let Some(BuildFault::Machine(why)) = failed.fault {
                        return Err(Fault::Machine(why));
                    }
                    let place = self.reading.compose.as_ref().map(|it| it.place_of(&["services", service, "build"]));
                    let message = format!("the image of `{service}` does not build: {}", failed.message);
                    return Err(Finding { message, place, ..Finding::default() }.into());
                }
            };
        }
        Ok(images)
    }
}
