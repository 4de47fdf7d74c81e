//! Which service plays which role: a service is known by what it is, not by its name.

use super::model::{Project, Service};
use std::collections::BTreeMap;

/// How a service is recognised. A service of the role's own name is taken if several match, then one that publishes a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// It is built from this Dockerfile (relative to the repository).
    BuiltFrom(String),
    /// Its image matches one of these patterns, with `*` for any characters: `redis*`. Registry and namespace
    /// `docker.io/library` don't count.
    Image(Vec<String>),
}

/// The service of a role, or why there is none: a sentence for the learner without its full stop.
pub type Found = Result<String, String>;

/// Finds the service of every role. Several match: the one that is called like the role, then the only one of them that
/// publishes a port.
pub fn resolve(roles: &BTreeMap<String, Role>, project: &Project) -> BTreeMap<String, Found> {
    roles.iter().map(|(name, role)| (name.clone(), service(name, role, project))).collect()
}

fn service(name: &str, role: &Role, project: &Project) -> Found {
    let matching: Vec<(&String, &Service)> =
        project.services.iter().filter(|(_, service)| plays(role, service)).collect();
    match matching.as_slice() {
        [] => Err(match role {
            Role::BuiltFrom(dockerfile) => format!("no service is built from {dockerfile}"),
            Role::Image(patterns) => {
                let patterns: Vec<String> = patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
                format!("no service has an image that fits {}", patterns.join(" or "))
            }
        }),
        [(only, _)] => Ok((*only).clone()),
        several => {
            if let Some((named, _)) = several.iter().find(|(service, _)| *service == name) {
                return Ok((*named).clone());
            }
            let publishing: Vec<_> = several.iter().filter(|(_, service)| !service.ports.is_empty()).collect();
            if let [(only, _)] = publishing.as_slice() {
                return Ok((*only).clone());
            }
            let names: Vec<String> = several.iter().map(|(service, _)| format!("`{service}`")).collect();
            Err(format!("{} could each be the {name}; call one of them `{name}`", names.join(" and ")))
        }
    }
}

fn plays(role: &Role, service: &Service) -> bool {
    match role {
        Role::BuiltFrom(dockerfile) => {
            let wanted = super::join("", dockerfile);
            wanted.is_some() && service.build.as_ref().and_then(super::Build::dockerfile_path) == wanted
        }
        Role::Image(patterns) => {
            let fits = |image: &str| patterns.iter().any(|pattern| image_fits(pattern, image));
            service.build.is_none() && service.image.as_ref().is_some_and(|image| fits(&image.value))
        }
    }
}

/// Whether an image is what a pattern names. Registry, `library/` and digest do not count, nor does the tag unless the
/// pattern has one.
pub fn image_fits(pattern: &str, image: &str) -> bool {
    let (name, tag) = split(image);
    let with_tag = format!("{name}:{}", tag.unwrap_or("latest"));
    fits(pattern, if pattern.contains(':') { &with_tag } else { name })
}

/// An image's name without registry and `library/`, and its tag.
fn split(image: &str) -> (&str, Option<&str>) {
    let image = image.split('@').next().unwrap_or(image);
    let (image, tag) = match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (image, None),
    };
    let name = match image.split_once('/') {
        Some((registry, rest)) if registry.contains(['.', ':']) || registry == "localhost" => rest,
        _ => image,
    };
    (name.strip_prefix("library/").unwrap_or(name), tag)
}

/// Whether a text fits a pattern in which `*` stands for any characters.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        let Some(at) = text.find(part) else { return false };
        text = text.get(at + part.len()..).unwrap_or_default();
    }
    true
}
