//! The image's layers, and which line of the Dockerfile made each.

use crate::engine::image::size::Layer;
use crate::facts::registry::Type;
use crate::facts::{Fact, Value};
use crate::place::Place;
use crate::units::size_text;

/// One instruction of the Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstructionStep {
    /// Its name in upper case: `RUN`.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Whether it takes files from an earlier stage that its own isn't built FROM.
    pub takes: bool,
}

pub(super) const LAYERS: Type = Type::List(&Type::Record(&[
    ("size", Type::Size),
    ("created_by", Type::Text),
    ("line", Type::Int),
    ("takes", Type::Bool),
    ("instruction", Type::Text),
]));

/// All layers, each with its place.
pub(super) fn list(layers: &[Layer], steps: &[InstructionStep]) -> Fact {
    let made = made_by_steps(layers, steps);
    let records = layers.iter().zip(made).map(|(layer, step)| {
        let place = step.map(|step| step.place.clone());
        let line = place.as_ref().and_then(|place| place.line).map(i64::from);
        Fact::record([
            ("size", Value::Size(bytes(layer, place.is_some())).into()),
            ("created_by", layer.created_by.as_str().into()),
            ("line", Fact::maybe(line)),
            ("takes", Fact::maybe(step.map(|step| step.takes))),
            ("instruction", Fact::maybe(Some(made_by(&layer.created_by)).filter(|name| !name.is_empty()))),
        ])
        .at(place)
    });
    Fact::of(records.collect::<Vec<_>>())
}

/// The size of all layers together, at the place of what makes it large.
pub(super) fn size(layers: &[Layer], steps: &[InstructionStep], platform: &str) -> Fact {
    let places = places(layers, steps);
    let sizes = || layers.iter().zip(&places).map(|(layer, place)| bytes(layer, place.is_some()));
    let total: u64 = sizes().sum();
    let mut size = Fact::of(Value::Size(total));
    let mut why = format!("unpacked layers on {platform}");
    let own = sizes().zip(&places).filter_map(|(size, place)| Some((size, place.as_ref()?)));
    if let Some((largest, place)) = own.clone().max_by_key(|(size, _)| *size) {
        let base = total - own.map(|(size, _)| size).sum::<u64>();
        why = format!(
            "{why}; {} of it come from the base image, and the largest layer of your own is {} ({place})",
            size_text(base),
            size_text(largest)
        );
        let from = steps.iter().find(|step| step.name == "FROM").map(|step| step.place.clone());
        size = size.at(if base > largest { from } else { Some(place.clone()) });
    }
    size.because(why)
}

/// A layer's size as graph drivers count it: with its links if it came with the base image.
fn bytes(layer: &Layer, is_own: bool) -> u64 {
    if is_own { layer.size } else { layer.size + layer.links }
}

/// The place that each layer comes from; the base's have none.
fn places(layers: &[Layer], steps: &[InstructionStep]) -> Vec<Option<Place>> {
    made_by_steps(layers, steps).into_iter().map(|step| step.map(|step| step.place.clone())).collect()
}

/// The instruction that made each layer; the base's have none. The history ends with the Dockerfile's instructions: they
/// are held against each other from the end on, for as long as their names agree.
fn made_by_steps<'s>(layers: &[Layer], steps: &'s [InstructionStep]) -> Vec<Option<&'s InstructionStep>> {
    let mut steps = steps.iter().rev().filter(|step| step.name != "FROM");
    let mut agree = true;
    let mut made: Vec<Option<&InstructionStep>> = layers
        .iter()
        .rev()
        .map(|layer| {
            let step = steps.next().filter(|step| agree && made_by(&layer.created_by) == step.name);
            agree = step.is_some();
            step
        })
        .collect();
    made.reverse();
    made
}

/// The instruction's name in what the history says: `RUN /bin/sh -c …`, or the old builder's `/bin/sh -c #(nop) CMD …`.
fn made_by(created_by: &str) -> String {
    let text = created_by.strip_prefix("/bin/sh -c #(nop)").unwrap_or(created_by).trim_start();
    text.split_whitespace().next().unwrap_or_default().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(size: u64, created_by: &str) -> Layer {
        Layer { size, links: 0, created_by: created_by.to_owned() }
    }

    fn steps(names: &[&str]) -> Vec<InstructionStep> {
        let numbered = names.iter().zip(1..);
        numbered
            .map(|(name, line)| InstructionStep {
                name: (*name).to_owned(),
                place: Place::line("Dockerfile", line),
                takes: *name == "COPY",
            })
            .collect()
    }

    #[test]
    fn layers_are_matched_from_the_end_until_the_names_differ() {
        let layers = [
            layer(100, "ADD file:1 in /"),
            layer(0, "CMD [\"python3\"]"),
            layer(5, "RUN |1 X=y /bin/sh -c pip install flask # buildkit"),
            layer(7, "COPY src src # buildkit"),
            layer(0, "USER app"),
        ];
        let lines = |names: &[&str]| -> Vec<Option<u32>> {
            places(&layers, &steps(names)).into_iter().map(|place| place.and_then(|place| place.line)).collect()
        };
        assert_eq!(lines(&["FROM", "RUN", "COPY", "USER"]), [None, None, Some(2), Some(3), Some(4)]);
        assert_eq!(lines(&["FROM", "ENV", "COPY", "USER"]), [None, None, None, Some(3), Some(4)]);
        assert_eq!(lines(&[]), [None; 5]);
    }

    #[test]
    fn links_count_in_the_base_alone() {
        let layers = [Layer { links: 3, ..layer(100, "RUN x") }, Layer { links: 5, ..layer(10, "RUN y") }];
        let size = size(&layers, &steps(&["FROM", "RUN"]), "linux/amd64");
        assert_eq!(size.value(), Some(&Value::Size(113)));
    }

    #[test]
    fn the_size_points_at_what_makes_it_large() {
        let steps = steps(&["FROM", "RUN", "COPY"]);
        let size = |base, run| {
            let layers = [layer(base, ""), layer(run, "RUN x"), layer(1, "COPY x")];
            assert!(LAYERS.fits(&list(&layers, &steps)));
            super::size(&layers, &steps, "linux/amd64")
        };
        let (base, own) = (size(90_000_000, 5_000_000), size(90_000_000, 95_000_000));
        assert_eq!(base.place, Some(Place::line("Dockerfile", 1)));
        assert_eq!(own.place, Some(Place::line("Dockerfile", 2)));
        assert_eq!(own.value(), Some(&Value::Size(185_000_001)));
        assert!(own.because.unwrap().contains("90MB of it come from the base image"));
    }
}
