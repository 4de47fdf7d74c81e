//! `healthcheck` of a service.

use super::duration;
use super::model::{Healthcheck, Spot, Test};
use super::reader::Reader;
use super::value::Value;
use crate::place::Place;

use std::time::Duration;

pub(super) fn read(reader: &Reader<'_>, node: &Value, place: Place) -> Healthcheck {
    let time = |key: &str| -> Option<Spot<Duration>> {
        let field = reader.field(node, key)?;
        Some(Spot { value: duration::parse(&field.value)?, place: field.place })
    };
    Healthcheck {
        has_test: node.get("test").is_some(),
        test: test(reader, node),
        interval: time("interval"),
        timeout: time("timeout"),
        start_period: time("start_period"),
        retries: reader
            .field(node, "retries")
            .and_then(|field| Some(Spot { value: field.value.parse().ok()?, place: field.place })),
        place,
    }
}

fn test(reader: &Reader<'_>, node: &Value) -> Option<Spot<Test>> {
    if let Some(disable) = reader.field(node, "disable").filter(|disable| disable.value == "true") {
        return Some(Spot { value: Test::None, place: disable.place });
    }
    let entry = node.entry("test")?;
    let value = match entry.value.list() {
        None => Test::Shell(entry.value.printed()?),
        Some(items) => {
            let words: Vec<String> = items.iter().filter_map(Value::printed).collect();
            let (first, rest) = words.split_first()?;
            match first.as_str() {
                "NONE" => Test::None,
                "CMD-SHELL" => Test::Shell(rest.join(" ")),
                "CMD" => Test::Cmd(rest.to_vec()),
                _ => return None,
            }
        }
    };
    Some(Spot { value, place: reader.place(entry.key) })
}
