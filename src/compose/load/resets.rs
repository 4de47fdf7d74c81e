//! `!reset` and `!override`: what an earlier file said of a key does not count.

use super::super::value::{Data, Value, is_reset};
use crate::yaml::{self, Node};

/// A path of keys.
pub(super) type Path = Vec<String>;

/// The paths of what is tagged so.
pub(super) fn of(tree: &Node) -> Vec<Path> {
    let mut found = Vec::new();
    gather(tree, &mut Path::new(), &mut found);
    found
}

fn gather(node: &Node, path: &mut Path, found: &mut Vec<Path>) {
    if is_reset(node) || node.tag.as_deref() == Some("!override") {
        found.push(path.clone());
        return;
    }
    if let yaml::Value::Map(entries) = &node.value {
        for entry in entries {
            path.push(entry.key.clone());
            gather(&entry.value, path, found);
            path.pop();
        }
    }
}

/// Takes out of a model what stands at these paths.
pub(super) fn apply(value: &mut Value, resets: &[Path], path: &mut Path) {
    if resets.is_empty() {
        return;
    }
    if let Data::Map(map) = &mut value.data {
        let at = path.len();
        map.retain(|key, _| {
            !resets.iter().any(|reset| reset.len() == at + 1 && reset.last() == Some(key) && reset.starts_with(path))
        });
        for (key, entry) in map {
            path.push(key.clone());
            if resets.iter().any(|reset| reset.starts_with(path)) {
                apply(&mut entry.value, resets, path);
            }
            path.pop();
        }
    }
}
