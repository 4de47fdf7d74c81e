//! The schema's own keywords, as far as the specification uses them. Its texts stay where they are in the program.

use super::pattern::SchemaPattern;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::LazyLock;

/// What a value has to be.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Schema {
    #[serde(rename = "$ref")]
    pub reference: Option<&'static str>,
    #[serde(rename = "$defs")]
    pub definitions: Named<Schema>,
    pub one_of: Vec<Schema>,
    pub all_of: Vec<Schema>,
    #[serde(rename = "type")]
    pub kinds: Option<Kinds>,
    #[serde(rename = "enum")]
    pub words: Option<Vec<&'static str>>,
    pub pattern: Option<SchemaPattern>,
    pub minimum: Option<i64>,
    pub maximum: Option<i64>,
    pub unique_items: bool,
    pub items: Option<Box<Schema>>,
    pub required: Vec<&'static str>,
    pub properties: Named<Schema>,
    pub pattern_properties: Named<Schema, SchemaPattern>,
    pub additional_properties: Option<bool>,
    pub unevaluated_properties: Option<bool>,
}

impl Schema {
    /// Whether a map may only have the keys that are named.
    pub fn is_closed(&self) -> bool {
        [self.additional_properties, self.unevaluated_properties].contains(&Some(false))
    }
}

/// The schema; nothing if the one that is built in can't be read, which a test rules out.
pub(super) static SPECIFICATION: LazyLock<Schema> = LazyLock::new(|| {
    let mut root = serde_json::from_str(include_str!("../specification/compose-spec.json")).unwrap_or_default();
    relax(&mut root);
    root
});

/// Takes back where the newest schema is stricter than that of Compose 2.24 to 2.40.
fn relax(root: &mut Schema) {
    if let Some(networks) = root.properties.get_mut("networks") {
        networks.additional_properties = None;
    }
    if let Some(name) = root.definitions.get_mut("service").and_then(|it| it.properties.get_mut("container_name")) {
        name.pattern = None;
    }
    if let Some(hook) = root.definitions.get_mut("service_hook") {
        hook.required.clear();
    }
    let Some(container) = root.definitions.get_mut("container_spec") else { return };
    let volume = container.properties.get_mut("volumes").and_then(|volumes| volumes.items.as_mut()?.one_of.get_mut(1));
    if let Some(kind) = volume.and_then(|volume| volume.properties.get_mut("type")) {
        kind.words = None;
    }
    for key in ["mem_limit", "memswap_limit", "shm_size"] {
        if let Some(size) = container.properties.get_mut(key) {
            size.kinds = Some(Kinds(vec!["number", "string"]));
        }
    }
}

/// A type, or several.
#[derive(Debug)]
pub(super) struct Kinds(pub Vec<&'static str>);

/// Named values in their order.
#[derive(Debug)]
pub(super) struct Named<T, K = &'static str>(pub Vec<(K, T)>);

impl<T, K> Default for Named<T, K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Named<T> {
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.0.iter_mut().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

struct NamedVisitor<T, K>(std::marker::PhantomData<(T, K)>);

impl<'de, T: Deserialize<'de>, K: Deserialize<'de>> Visitor<'de> for NamedVisitor<T, K> {
    type Value = Named<T, K>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut named = Vec::new();
        while let Some(entry) = map.next_entry()? {
            named.push(entry);
        }
        Ok(Named(named))
    }
}

impl<'de, T: Deserialize<'de>, K: Deserialize<'de>> Deserialize<'de> for Named<T, K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamedVisitor(std::marker::PhantomData))
    }
}

struct KindsVisitor;

impl<'de> Visitor<'de> for KindsVisitor {
    type Value = Kinds;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a type or a list of types")
    }

    fn visit_borrowed_str<E>(self, kind: &'de str) -> Result<Kinds, E> {
        Ok(Kinds(vec![known(kind)]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut kinds: A) -> Result<Kinds, A::Error> {
        let mut all = Vec::new();
        while let Some(kind) = kinds.next_element::<&'de str>()? {
            all.push(known(kind));
        }
        Ok(Kinds(all))
    }
}

/// The types that there are.
fn known(kind: &str) -> &'static str {
    const KINDS: [&str; 7] = ["string", "object", "array", "boolean", "number", "integer", "null"];
    KINDS.into_iter().find(|known| *known == kind).unwrap_or("unknown")
}

impl<'de> Deserialize<'de> for Kinds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_can_be_read_and_relaxed() {
        let root: &Schema = &SPECIFICATION;
        let of = |definition: &str, key: &str| root.definitions.get(definition).unwrap().properties.get(key).unwrap();
        assert!(root.definitions.0.len() > 25);
        assert_eq!(of("container_spec", "mem_limit").kinds.as_ref().unwrap().0, ["number", "string"]);
        assert_eq!(root.properties.get("networks").unwrap().additional_properties, None);
        assert!(of("service", "container_name").pattern.is_none());
        assert!(root.definitions.get("service_hook").unwrap().required.is_empty());
        let volume = &of("container_spec", "volumes").items.as_ref().unwrap().one_of[1];
        assert!(volume.properties.get("type").unwrap().words.is_none());
        assert!(patterns(root) > 60);
    }

    /// How many patterns there are, all of them valid.
    fn patterns(schema: &Schema) -> usize {
        let named = schema.properties.0.iter().chain(&schema.definitions.0).map(|(_, schema)| schema);
        let patterned = schema.pattern_properties.0.iter();
        let keys = patterned.clone().map(|(pattern, _)| pattern);
        let own = keys.chain(&schema.pattern).map(|pattern| usize::from(assert_valid(pattern)));
        let inside = named.chain(patterned.map(|(_, schema)| schema)).chain(&schema.one_of).chain(&schema.all_of);
        own.sum::<usize>() + inside.chain(schema.items.as_deref()).map(patterns).sum::<usize>()
    }

    fn assert_valid(pattern: &SchemaPattern) -> bool {
        assert!(pattern.is_valid(), "{pattern:?}");
        true
    }

    /// A keyword that is new in the specification has to be thought of here.
    #[test]
    fn no_keyword_is_passed_over() {
        fn keywords(node: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
            for (keyword, value) in node.as_object().into_iter().flatten() {
                found.insert(keyword.clone());
                match keyword.as_str() {
                    "properties" | "patternProperties" | "$defs" => {
                        value.as_object().unwrap().values().for_each(|value| keywords(value, found));
                    }
                    "oneOf" | "allOf" | "anyOf" => value.as_array().unwrap().iter().for_each(|it| keywords(it, found)),
                    "items" => keywords(value, found),
                    "$ref" => assert!(value.as_str().unwrap().starts_with("#/$defs/")),
                    _ => {}
                }
            }
        }
        let root = serde_json::from_str(include_str!("../specification/compose-spec.json")).unwrap();
        let mut found = std::collections::BTreeSet::new();
        keywords(&root, &mut found);
        let known = [
            "$defs",
            "$id",
            "$ref",
            "$schema",
            "additionalProperties",
            "allOf",
            "anyOf",
            "default",
            "deprecated",
            "description",
            "enum",
            "items",
            "maximum",
            "minimum",
            "oneOf",
            "pattern",
            "patternProperties",
            "properties",
            "required",
            "title",
            "type",
            "unevaluatedProperties",
            "uniqueItems",
        ];
        assert!(found.iter().map(String::as_str).eq(known), "{found:?}");
    }
}
