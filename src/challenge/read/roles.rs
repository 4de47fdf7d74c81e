//! Reading roles: what services, networks and volumes are known by.

use crate::compose::roles::Role;
use crate::language::grammar::{ROLE, VOLUME_ROLE};
use crate::language::scope::{Fields, Scope};
use crate::yaml::{Node, Span};
use std::collections::BTreeMap;

/// The roles of a challenge.
pub(super) fn roles(scope: &Scope<'_>, fields: Fields<'_>) -> BTreeMap<String, Role> {
    let Some(node) = fields.get("roles") else { return BTreeMap::new() };
    let Some(entries) = node.as_map() else {
        scope.wanted(node, "names and what the services are, `api: { built-from: Dockerfile }`,");
        return BTreeMap::new();
    };
    let read = entries.iter().filter_map(|entry| {
        let what = "what the service is, `{ built-from: Dockerfile }` or `{ image: \"redis*\" }`,";
        let fields = scope.fields(&entry.value, what, &[&ROLE]);
        entry.value.as_map()?;
        if let Some(role) = network_or_volume(scope, &entry.value, fields, entry.key_span) {
            return Some((entry.key.clone(), role));
        }
        if ["network", "volume"].into_iter().any(|key| fields.get(key).is_some()) {
            return None;
        }
        let role = match (fields.get("built-from"), fields.get("image")) {
            (Some(node), None) => Role::BuiltFrom(scope.path(node)?),
            (None, Some(node)) if node.as_seq().is_some() => {
                Role::Image(scope.items(node, "a list of patterns").iter().filter_map(|it| scope.prose(it)).collect())
            }
            (None, Some(node)) => Role::Image(vec![scope.prose(node)?]),
            (None, None) if entry.value.as_map().is_some_and(|entries| !entries.is_empty()) => return None,
            _ => {
                scope.problem(entry.key_span, "a role is known by one thing: `built-from` or `image`");
                return None;
            }
        };
        Some((entry.key.clone(), role))
    });
    read.collect()
}

/// The role of a network or a volume.
fn network_or_volume(scope: &Scope<'_>, node: &Node, fields: Fields<'_>, span: Span) -> Option<Role> {
    if ["network", "volume"].into_iter().any(|key| fields.get(key).is_some())
        && node.as_map().is_some_and(|entries| entries.len() > 1)
    {
        scope.problem(span, "a role is known by one thing: `built-from`, `image`, `network` or `volume`");
        return None;
    }
    if fields.get("network").is_some() {
        return Some(Role::Network(scope.texts(fields, "network"))).filter(|role| *role != Role::Network(Vec::new()));
    }
    let node = fields.get("volume")?;
    let volume = scope.fields(node, "`{ service: db, target: /data }`", &[&VOLUME_ROLE]);
    let (service, target) = (scope.required(volume, "service"), scope.required(volume, "target"));
    (!service.is_empty() && !target.is_empty()).then_some(Role::Volume(service, target))
}
