//! What a service lays over a path of its image: a mount, a config or a secret, with the line that says so.

use super::{Compose, Place};
use crate::yaml::Node;

/// What lies over a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Laid {
    /// `volumes` or `tmpfs`
    Mount,
    /// `configs`
    Config,
    /// `secrets`
    Secret,
}

impl Compose {
    /// What a service lays over a path of its image, the nearest of several, and where that is written.
    pub fn laid_over(&self, service: &str, path: &str) -> Option<(Laid, Place)> {
        let mut all: Vec<(String, Laid, Place)> = Vec::new();
        let volumes = self.project.services.get(service).map(|service| service.volumes.as_slice()).unwrap_or_default();
        all.extend(volumes.iter().map(|mount| (mount.value.target.clone(), Laid::Mount, mount.place.clone())));
        for file in &self.files {
            let tree = file.tree.as_ref().and_then(|tree| tree.get("services")?.get(service));
            for (key, laid, folder) in [("configs", Laid::Config, ""), ("secrets", Laid::Secret, "/run/secrets")] {
                let granted = tree.and_then(|service| service.get(key)?.as_seq()).unwrap_or_default();
                let place = |node: &Node| Place::line(file.path.as_str(), node.span.line).column(node.span.column);
                all.extend(granted.iter().filter_map(|node| Some((target(node, folder)?, laid, place(node)))));
            }
        }
        let is_over = |target: &str| {
            let target = target.trim_end_matches('/');
            path == target || path.strip_prefix(target).is_some_and(|rest| rest.starts_with('/'))
        };
        all.retain(|(target, ..)| is_over(target));
        all.into_iter().max_by_key(|(target, ..)| target.len()).map(|(_, laid, place)| (laid, place))
    }
}

/// Where a config or a secret is put.
fn target(node: &Node, folder: &str) -> Option<String> {
    let name =
        node.get("target").and_then(Node::text).or_else(|| node.text()).or_else(|| node.get("source")?.text())?;
    Some(if name.starts_with('/') { name.to_owned() } else { format!("{folder}/{name}") })
}
