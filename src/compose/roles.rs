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
    /// The network that all of these services, or roles, join.
    Network(Vec<String>),
    /// The named volume that this service, or role, has mounted at a path.
    Volume(String, String),
}

/// The service of a role, or why there is none: a sentence for the learner without its full stop.
pub type Found = Result<String, String>;

/// Finds the service of every role. Several match: the one that is called like the role, then the only one of them that
/// publishes a port.
pub fn resolve(roles: &BTreeMap<String, Role>, project: &Project) -> BTreeMap<String, Found> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let is_service = |role: &Role| matches!(role, Role::BuiltFrom(_) | Role::Image(_));
    for (name, role) in roles.iter().filter(|(_, role)| is_service(role)) {
        found.insert(name.clone(), service(name, role, project));
    }
    for (name, role) in roles {
        let other = match role {
            Role::Network(services) => network(name, services, &found, project),
            Role::Volume(service, target) => volume(service, target, &found, project),
            Role::BuiltFrom(_) | Role::Image(_) => continue,
        };
        found.insert(name.clone(), other);
    }
    found
}

/// The service of a role, or of its own name.
fn played<'p>(name: &str, found: &BTreeMap<String, Found>, project: &'p Project) -> Result<&'p Service, String> {
    let service = match found.get(name) {
        Some(Err(why)) => return Err(why.clone()),
        Some(Ok(service)) => service,
        None => name,
    };
    project.services.get(service).ok_or_else(|| format!("there is no service `{service}`"))
}

fn network(name: &str, services: &[String], found: &BTreeMap<String, Found>, project: &Project) -> Found {
    let mut common: Option<Vec<&str>> = None;
    for service in services {
        let service = played(service, found, project)?;
        let own: Vec<&str> = service.networks.keys().map(String::as_str).collect();
        // A service that names no network is on the default one.
        let own = if own.is_empty() && !service.settings.contains_key("network_mode") { vec!["default"] } else { own };
        common = Some(match common {
            None => own,
            Some(common) => common.into_iter().filter(|network| own.contains(network)).collect(),
        });
    }
    let all: Vec<String> = services.iter().map(|service| format!("`{service}`")).collect();
    match common.unwrap_or_default().as_slice() {
        [] => Err(format!("no network has {}", all.join(" and "))),
        [only] => Ok((*only).to_owned()),
        several if several.contains(&name) => Ok(name.to_owned()),
        several => Err(format!("{} are on several networks: {}", all.join(" and "), several.join(", "))),
    }
}

fn volume(service: &str, target: &str, found: &BTreeMap<String, Found>, project: &Project) -> Found {
    let of = played(service, found, project)?;
    let is_it = |target: &str, other: &str| target.trim_end_matches('/') == other.trim_end_matches('/');
    let mount = of.volumes.iter().find(|mount| is_it(&mount.value.target, target));
    match mount.map(|mount| (mount.value.kind.as_str(), &mount.value.source)) {
        Some(("volume", Some(name))) => Ok(name.clone()),
        Some((kind, _)) => Err(format!("`{service}` has a {kind} without a name at {target}")),
        None => Err(format!("`{service}` has no volume at {target}")),
    }
}

fn service(name: &str, role: &Role, project: &Project) -> Found {
    let matching: Vec<(&String, &Service)> =
        project.services.iter().filter(|(_, service)| plays(role, service)).collect();
    match matching.as_slice() {
        [] => Err(match role {
            Role::BuiltFrom(dockerfile) => format!("no service is built from {dockerfile}"),
            Role::Network(_) | Role::Volume(..) => String::new(),
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
        Role::Network(_) | Role::Volume(..) => false,
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
