//! What takes the space in the layers of the learner's own, and what of it no container sees.

use crate::engine::Engine;
use crate::engine::image::contents::{self, LargePath, LayerContents};
use crate::facts::registry::Type;
use crate::facts::table::{Def, def};
use crate::facts::{Fact, Facts, Value};
use crate::outcome::Fault;
use crate::place::Place;
use crate::units::size_text;
use std::time::Duration;
use tokio::time::timeout;

/// How long it may take; a large image is read in a few seconds.
const LIMIT: Duration = Duration::from_secs(180);
/// How many of the largest paths a finding names.
const NAMED: usize = 3;
/// What is smaller is not named, in bytes.
const SMALL: u64 = 100_000;

/// A layer, and the place that made it. Those of the base image have none.
type PlacedLayer = (Option<Place>, LayerContents);
/// What was seen.
type OwnLayers = Result<Vec<PlacedLayer>, Fault>;
type ContentsRow = Def<fn(&OwnLayers) -> Fact>;

const LARGEST: ContentsRow = def(
    "image.largest",
    Type::List(&Type::Record(&[("path", Type::Text), ("size", Type::Size), ("line", Type::Int)])),
    "The largest paths in each layer of the Dockerfile's own, largest first, with the line that adds them.",
    |layers| of(layers, largest),
);
const WASTED: ContentsRow = def(
    "image.wasted",
    Type::List(&Type::Record(&[
        ("path", Type::Text),
        ("size", Type::Size),
        ("line", Type::Int),
        ("removed_by", Type::Int),
    ])),
    "What the Dockerfile adds and a later line removes or replaces. It stays in its layer, so it counts. `removed_by` is that \
     line.",
    |layers| of(layers, wasted),
);

/// The facts.
pub(in crate::facts) static FACTS: &[ContentsRow] = &[LARGEST, WASTED];

/// Looks into the layers of an image whose other facts are known.
pub async fn add(engine: &Engine, image: &str, facts: &mut Facts) {
    let looked = timeout(LIMIT, contents::of_image(engine, image)).await;
    let late = |_| Fault::machine(format!("looking into the image took longer than {} s", LIMIT.as_secs()));
    let looked = looked.map_err(late).and_then(|looked| looked.map_err(Fault::machine));
    let places: Vec<Option<Place>> = match facts.get("image.layers").and_then(Fact::value) {
        Some(Value::List(layers)) => layers.iter().map(|layer| layer.place.clone()).collect(),
        _ => Vec::new(),
    };
    let layers: OwnLayers = looked.map(|layers| {
        let numbered = layers.into_iter().enumerate();
        numbered.map(|(number, layer)| (places.get(number).cloned().flatten(), layer)).collect()
    });
    facts.fill_all(FACTS, |value| value(&layers));
}

/// Notes why the layers weren't looked into.
pub fn leave_out(facts: &mut Facts, why: &str) {
    facts.fill_without(FACTS, &Fact::absent().because(why));
}

fn of(layers: &OwnLayers, list: fn(&[PlacedLayer]) -> Vec<Fact>) -> Fact {
    layers.as_deref().map_or_else(|fault| Fact::unknown(fault.reason()), |layers| Fact::of(list(layers)))
}

fn largest(layers: &[PlacedLayer]) -> Vec<Fact> {
    let own = layers.iter().filter_map(|(place, layer)| Some((place.as_ref()?, layer)));
    let mut all: Vec<_> = own.flat_map(|(place, layer)| layer.largest.iter().map(move |it| (it, place))).collect();
    all.sort_by(|(a, _), (b, _)| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
    all.into_iter().map(|(it, place)| Fact::record(path(it, place)).at(place.clone())).collect()
}

fn wasted(layers: &[PlacedLayer]) -> Vec<Fact> {
    let mut all = Vec::new();
    for (place, layer) in layers {
        for waste in &layer.wasted {
            let by = layers.get(waste.by).and_then(|(place, _)| place.as_ref());
            // What the base image does with itself is not the learner's.
            let (Some(place), Some(by)) = (place, by) else { continue };
            let others = waste.size.saturating_sub(waste.largest.iter().map(|it| it.size).sum());
            let rest = LargePath { size: others, path: "other files".to_owned() };
            for it in waste.largest.iter().chain(Some(&rest).filter(|rest| rest.size > 0)) {
                let removed_by = [("removed_by", Fact::maybe(by.line.map(i64::from)))];
                let record = Fact::record(path(it, place).into_iter().chain(removed_by));
                all.push((it.size, record.at(place.clone())));
            }
        }
    }
    all.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    all.into_iter().map(|(_, fact)| fact).collect()
}

fn path(it: &LargePath, place: &Place) -> [(&'static str, Fact); 3] {
    let line = Fact::maybe(place.line.map(i64::from));
    [("path", it.path.as_str().into()), ("size", Value::Size(it.size).into()), ("line", line)]
}

/// Says of an image that is larger than a limit, in bytes, where the size comes from, at the line that helps most.
pub fn explain_size(facts: &mut Facts, limit: u64) {
    let Some(Value::Size(total)) = facts.get("image.size").and_then(Fact::value).cloned() else { return };
    let own = records(facts, "image.layers");
    let base = total - own.iter().map(|(size, _, _)| size).sum::<u64>();
    let (largest, wasted) = (records(facts, "image.largest"), records(facts, "image.wasted"));
    let waste: u64 = wasted.iter().map(|(size, _, _)| size).sum();
    let named = |all: &[(u64, Option<String>, Option<Place>)]| {
        let one = |(size, path, place): &(u64, Option<String>, Option<Place>)| {
            let line = place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
            format!("{} {}{line}", size_text(*size), path.as_deref().unwrap_or_default())
        };
        all.iter().filter(|(size, _, _)| *size >= SMALL).take(NAMED).map(one).collect::<Vec<_>>().join(", ")
    };
    let mut why = format!("; the base image alone is {} the limit", if base < limit { "within" } else { "over" });
    if base < limit && largest.iter().any(|(size, _, _)| *size >= SMALL) {
        why = format!("{why}; the largest paths in your layers: {}", named(&largest));
    }
    if wasted.iter().any(|(size, _, _)| *size >= SMALL) {
        why = format!(
            "{why}; {} of it is removed or replaced by a later line, but stays in its layer: {}",
            size_text(waste),
            named(&wasted)
        );
        if total - waste < limit {
            why = format!("{why}; without that, the image has {}", size_text(total - waste));
        }
    }
    let biggest = |all: &[(u64, Option<String>, Option<Place>)]| {
        all.iter().max_by_key(|(size, _, _)| *size).and_then(|(_, _, place)| place.clone())
    };
    // A base that is within the limit by itself is not what to change.
    let place = if total - waste < limit && waste >= SMALL {
        biggest(&wasted)
    } else if base < limit {
        biggest(&own)
    } else {
        None
    };
    let Some(size) = facts.get("image.size").cloned() else { return };
    let because = size.because.clone().unwrap_or_default() + &why;
    let place = place.or_else(|| size.place.clone());
    facts.fill(&super::SIZE, Fact { because: Some(because), place, ..size });
}

/// The sizes, paths and places of the records of a list that have a place.
fn records(facts: &Facts, name: &str) -> Vec<(u64, Option<String>, Option<Place>)> {
    let Some(Value::List(all)) = facts.get(name).and_then(Fact::value) else { return Vec::new() };
    let one = |record: &Fact| {
        let Some(Value::Map(fields)) = record.value() else { return None };
        let Some(Value::Size(size)) = fields.get("size").and_then(Fact::value) else { return None };
        let path = fields.get("path").and_then(Fact::text).map(str::to_owned);
        record.place.clone().map(|place| (*size, path, Some(place)))
    };
    all.iter().filter_map(one).collect()
}
