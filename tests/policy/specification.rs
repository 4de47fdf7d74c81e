//! The policy against the Compose specification's own schema (`src/compose/specification/`): no key of it is in neither list.

#![allow(clippy::unwrap_used)] // helpers of tests

use grader::policy::Policy;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The keys of every kind of map, by its path as the policy writes it.
type Kinds = BTreeMap<String, BTreeSet<String>>;

fn specified() -> Kinds {
    let text = include_str!("../../src/compose/specification/compose-spec.json");
    let schema: Value = serde_json::from_str(text).unwrap();
    let mut kinds = Kinds::new();
    gather(&schema, &schema, "", &mut kinds, 0);
    kinds
}

/// Goes into everything that a map may hold. An empty path is that of the top.
fn gather(schema: &Value, node: &Value, path: &str, kinds: &mut Kinds, depth: usize) {
    if depth > 30 {
        return; // a schema that holds itself
    }
    if let Some(name) = node.get("$ref").and_then(Value::as_str) {
        let target = schema.pointer(name.trim_start_matches('#')).unwrap();
        gather(schema, target, path, kinds, depth + 1);
    }
    for many in ["oneOf", "anyOf", "allOf"] {
        for one in node.get(many).and_then(Value::as_array).into_iter().flatten() {
            gather(schema, one, path, kinds, depth + 1);
        }
    }
    if let Some(items) = node.get("items") {
        gather(schema, items, path, kinds, depth + 1);
    }
    for (key, value) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
        kinds.entry(path.to_owned()).or_default().insert(key.clone());
        let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        gather(schema, value, &inner, kinds, depth + 1);
    }
    for (pattern, value) in node.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
        if pattern != "^x-" {
            gather(schema, value, &format!("{path}.<name>"), kinds, depth + 1);
        }
    }
}

/// The path of a section; the top has a name in the policy.
fn named(path: &str) -> &str {
    if path.is_empty() { "compose" } else { path }
}

#[test]
fn every_key_of_the_specification_has_a_verdict() {
    let (kinds, policy) = (specified(), Policy::built_in());
    assert!(kinds["services.<name>"].len() > 90 && kinds.contains_key("services.<name>.build"));
    for (path, keys) in &kinds {
        if let Some(section) = policy.sections.get(named(path)) {
            let judged: BTreeSet<String> = section.keys().cloned().collect();
            // The names of limits are no keys of the specification's own.
            let names: BTreeSet<String> = keys.clone();
            assert_eq!(judged, names, "in `{}`: checks/policy.yaml, then the specification", named(path));
            continue;
        }
        // What has no section of its own lies within a key that is judged as a whole.
        let mut within = path.as_str();
        let found = loop {
            let Some((outer, key)) = within.rsplit_once('.') else {
                break policy.sections["compose"].contains_key(within);
            };
            if policy.sections.get(outer).is_some_and(|section| section.contains_key(key)) {
                break true;
            }
            within = outer;
        };
        assert!(found, "`{path}` has no verdict in checks/policy.yaml");
    }
}

#[test]
fn the_policy_names_nothing_that_the_specification_does_not_know() {
    let kinds = specified();
    for (path, section) in &Policy::built_in().sections {
        // Dockerfiles are not Compose's; the names of limits are those of the engine.
        if ["dockerfile", "context", "services.<name>.ulimits"].contains(&path.as_str()) {
            continue;
        }
        let path = if path == "compose" { "" } else { path };
        let known = kinds.get(path).unwrap_or_else(|| panic!("the specification knows no `{path}`"));
        for key in section.keys() {
            assert!(known.contains(key), "the specification knows no `{key}` in `{path}`");
        }
    }
}
