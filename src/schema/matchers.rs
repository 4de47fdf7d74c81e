//! A definition for each type: the matchers that fit it, below each other as deep as the type goes.

use super::values::{literal, or_braced};
use crate::language::matcher::about::doc;
use crate::language::matcher::allowed;
use crate::language::shape::Shape;
use serde_json::{Map, Value, json};

/// The definitions that a schema refers to, each made once.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    made: Map<String, Value>,
    /// Records have no names of their own; each has that of the first fact that is one.
    records: Vec<(Shape, String)>,
}

/// What refers to a definition.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

impl Definitions {
    /// Keeps a definition.
    pub fn put(&mut self, name: &str, schema: Value) -> Value {
        self.made.insert(name.to_owned(), schema);
        reference(name)
    }

    /// All of them.
    pub fn finish(self) -> Value {
        self.made.into()
    }

    /// What stands behind a fact of this shape. `path` is the fact's name.
    pub fn matcher(&mut self, shape: &Shape, path: &str) -> Value {
        let name = self.name(shape, path);
        if !self.made.contains_key(&name) {
            self.made.insert(name.clone(), json!(true)); // it may refer to itself
            let schema = self.make(shape, path, &name);
            self.made.insert(name.clone(), schema);
        }
        reference(&name)
    }

    /// The name of a shape's definition.
    pub fn name(&mut self, shape: &Shape, path: &str) -> String {
        match shape {
            Shape::Bool => "true-or-false".to_owned(),
            Shape::Int => "number".to_owned(),
            Shape::Size => "size".to_owned(),
            Shape::Duration => "duration".to_owned(),
            Shape::Text => "text".to_owned(),
            Shape::Word(words) => format!("one-of-{}", words.join("-")),
            Shape::Mode => "mode".to_owned(),
            Shape::Patterns => "patterns".to_owned(),
            Shape::Any => "any-value".to_owned(),
            Shape::List(item) => format!("list-of-{}", self.name(item, path)),
            Shape::Map(item) => format!("map-of-{}", self.name(item, path)),
            Shape::Record(_) => {
                if let Some((_, name)) = self.records.iter().find(|(known, _)| known == shape) {
                    return name.clone();
                }
                let mut name = format!("record-{}", plain(path).replace('.', "-"));
                while self.records.iter().any(|(_, taken)| *taken == name) {
                    name.push_str("-item");
                }
                self.records.push((shape.clone(), name.clone()));
                name
            }
        }
    }

    fn make(&mut self, shape: &Shape, path: &str, own: &str) -> Value {
        let mut properties = Map::new();
        if let Shape::Record(fields) = shape {
            for (field, below) in fields {
                let path = format!("{path}.{field}");
                let mut schema = self.matcher(below, &path);
                if let (Some(schema), Some(doc)) = (schema.as_object_mut(), super::names::doc(&path)) {
                    schema.insert("description".to_owned(), doc.into());
                }
                properties.insert((*field).to_owned(), schema);
            }
        }
        for name in allowed(shape) {
            let mut schema = super::keys::map(self.argument(name, shape, path, own));
            schema.insert("description".to_owned(), doc(name).into());
            properties.insert(name.to_owned(), schema.into());
        }
        // The keywords of a type say nothing of others, so a value and a map of matchers need no alternatives.
        let is_single = !matches!(shape, Shape::List(_) | Shape::Map(_) | Shape::Record(_) | Shape::Patterns);
        let mut schema = if is_single { super::keys::map(literal(shape)) } else { Map::new() };
        match schema.get_mut("type").and_then(Value::as_array_mut) {
            Some(types) => types.push("object".into()),
            None => drop(schema.insert("type".to_owned(), "object".into())),
        }
        // Of words there is a choice, of which a map is one.
        if let Some(choice) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
            choice.push(json!({ "type": "object" }));
        }
        if let Some(item) = match shape {
            Shape::List(item) => Some(item.as_ref()),
            Shape::Patterns => Some(&Shape::Text),
            Shape::Any => Some(&Shape::Any),
            _ => None,
        } {
            if let Some(types) = schema.get_mut("type") {
                let many = types.as_array().cloned().unwrap_or_else(|| vec![types.clone()]);
                *types = many.into_iter().chain([json!("array")]).collect();
            }
            let item = self.matcher(item, path);
            schema.insert("items".to_owned(), item);
        }
        schema.insert("properties".to_owned(), properties.into());
        schema.insert("additionalProperties".to_owned(), false.into());
        schema.insert("minProperties".to_owned(), 1.into());
        schema.into()
    }

    fn argument(&mut self, name: &str, shape: &Shape, path: &str, own: &str) -> Value {
        let some = |items: Value| json!({ "type": "array", "items": items, "minItems": 1 });
        let item = match shape {
            Shape::List(item) | Shape::Map(item) => item.as_ref(),
            Shape::Any => &Shape::Any,
            _ => &Shape::Text,
        };
        let item_path = if matches!(shape, Shape::Map(_)) { format!("{path}.<name>") } else { path.to_owned() };
        let is_single = !matches!(shape, Shape::List(_) | Shape::Patterns);
        match name {
            "one-of" => some(literal(shape)),
            "matches" => literal(&Shape::Text),
            "contains" if matches!(shape, Shape::Map(_)) => literal(&Shape::Text),
            "contains" => literal(item),
            "equals" if !is_single => reference(own),
            "in-order" => some(self.matcher(item, &item_path)),
            "within" => {
                let number = if *shape == Shape::Any { &Shape::Int } else { shape };
                json!({
                    "type": "object",
                    "properties": { "of": literal(number), "by": { "type": ["string", "number"] } },
                    "required": ["of", "by"],
                    "additionalProperties": false,
                })
            }
            "starts-with" | "ends-with" => json!({ "type": ["string", "number", "boolean"], "minLength": 1 }),
            "count" if matches!(shape, Shape::Text | Shape::Word(_) | Shape::Mode) => self.count_of(),
            "count" if *shape == Shape::Any => {
                let (of, number) = (self.count_of(), self.matcher(&Shape::Int, ""));
                json!({ "if": { "type": "object", "required": ["of"] }, "then": of, "else": number })
            }
            "count" => self.matcher(&Shape::Int, ""),
            "empty" | "present" => literal(&Shape::Bool),
            "each" | "any" | "none" => self.matcher(item, &item_path),
            "not" => reference(own),
            "all-of" | "any-of" => some(reference(own)),
            "excludes" => some(json!({ "type": "string", "pattern": or_braced(super::keys::PATH) })),
            _ => literal(shape),
        }
    }

    fn count_of(&mut self) -> Value {
        let schema = super::keys::record(self, &[&crate::language::grammar::COUNT_OF]);
        self.put("count-of", schema)
    }
}

/// A fact's name without the parts that a learner chooses.
fn plain(path: &str) -> String {
    path.split('.').filter(|part| !part.starts_with('<')).collect::<Vec<_>>().join(".")
}
