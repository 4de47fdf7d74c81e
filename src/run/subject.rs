//! What is built: from the challenge's subject and from what Compose builds for the subject's service. Pure.

use crate::challenge::Subject;
use crate::compose::env::interpolate;
use crate::compose::roles::Found;
use crate::compose::{Compose, join};
use crate::yaml::Node;
use std::collections::BTreeMap;

/// The build of the subject's image. Paths are relative to the repository, the root being empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectBuild {
    /// The build context.
    pub context: String,
    /// The Dockerfile.
    pub dockerfile: String,
    /// The stage; the last if `None`.
    pub target: Option<String>,
    /// The build arguments.
    pub args: BTreeMap<String, String>,
    /// Secrets that the build sees.
    pub secrets: BTreeMap<String, String>,
    /// What it is built for.
    pub platform: Option<String>,
    /// Folders of the repository that the Dockerfile knows by name.
    pub contexts: BTreeMap<String, String>,
    /// The service whose build this is.
    pub service: Option<String>,
}

/// The build that is graded: the challenge's Dockerfile and context, with the target and the arguments of the service
/// that Compose builds from them.
pub fn build(subject: &Subject, compose: Option<&Compose>, roles: &BTreeMap<String, Found>) -> SubjectBuild {
    let context = join("", &subject.context).unwrap_or_default();
    let dockerfile = join(&context, &subject.dockerfile).unwrap_or_default();
    let (target, args) = (subject.target.clone(), subject.args.clone());
    let secrets = subject.secrets.clone();
    let mut wanted = SubjectBuild { context, dockerfile, target, args, secrets, ..SubjectBuild::default() };
    let service = subject.service.as_ref().and_then(|role| roles.get(role)?.as_ref().ok());
    let Some((compose, name, made)) = compose.zip(service).and_then(|(compose, name)| {
        let build = compose.project.services.get(name)?.build.as_ref()?;
        Some((compose, name, build))
    }) else {
        return wanted;
    };
    if made.dockerfile_path().as_deref() != Some(wanted.dockerfile.as_str()) {
        return wanted;
    }
    wanted.context = made.context_path().unwrap_or(wanted.context);
    wanted.service = Some(name.clone());
    wanted.target = wanted.target.or_else(|| made.target.as_ref().map(|target| target.value.clone()));
    (wanted.platform, wanted.contexts) = more(compose, name, &made.directory);
    // What the challenge says wins.
    for (name, value) in made.args.iter().filter_map(|(name, value)| Some((name, value.value.as_ref()?))) {
        wanted.args.entry(name.clone()).or_insert_with(|| value.clone());
    }
    wanted
}

/// The platform of a service, and the named contexts of its build that lie in the repository, as its file says.
fn more(compose: &Compose, service: &str, directory: &str) -> (Option<String>, BTreeMap<String, String>) {
    let trees = compose.files.iter().rev().filter_map(|file| file.tree.as_ref());
    let services: Vec<_> = trees.filter_map(|tree| tree.get("services")?.get(service)).collect();
    let text = |node: &Node| node.text().map(|text| interpolate(text, &compose.env));
    let platform = services.iter().find_map(|service| text(service.get("platform")?));
    let contexts = services.iter().find_map(|service| service.get("build")?.get("additional_contexts")?.as_map());
    let contexts = contexts.unwrap_or_default().iter();
    let inside = contexts.filter_map(|entry| Some((entry.key.clone(), join(directory, &text(&entry.value)?)?)));
    (platform, inside.collect())
}
