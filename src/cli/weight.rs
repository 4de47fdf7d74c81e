//! Where the size of the learner's image comes from, for `grader explain` of a check about it.

use super::output::wait_for;
use super::{find, policy};
use crate::challenge::Check;
use crate::engine::image::build;
use crate::facts::{Fact, Facts, Value};
use crate::language::condition::Condition;
use crate::report::Report;
use crate::report::escape;
use crate::report::layout::{Page, Tone, pad};
use crate::report::progress::Progress;
use crate::run::runner;
use crate::units::size_text;
use std::collections::BTreeMap;
use std::path::Path;

/// The most paths that are shown of each layer.
const PATHS: usize = 5;
/// What is smaller is not shown, in bytes.
const SMALL: u64 = 100_000;
/// The columns of a size.
const SIZE: usize = 9;

/// Whether a check is about the image's size.
pub(super) fn is_about_size(check: &Check) -> bool {
    let is_size = |condition: &Condition| matches!(condition, Condition::Fact(path, _) if *path == ["image", "size"]);
    check.expect.iter().any(|item| is_size(&item.condition))
}

/// Builds the image of a folder, and shows what takes its space; nothing where that can't be done here. Returns the exit
/// code: that of an interrupted run if it was one.
pub(super) fn draw(page: &mut Page, check: &Check, named: &str, path: &Path) -> u8 {
    let Some(report) = report(check, named, path) else { return 0 };
    match report.facts.get("image.size").and_then(Fact::value) {
        _ if report.interrupted.is_some() => report.exit_code(),
        Some(Value::Size(total)) => {
            draw_layers(page, &report.facts, *total);
            0
        }
        _ => 0,
    }
}

fn draw_layers(page: &mut Page, facts: &Facts, total: u64) {
    page.blank();
    page.line(0, &[(Tone::Quiet, "size    "), (Tone::Strong, &size_text(total))]);
    let layers = list(facts, "image.layers");
    let own: Vec<&Fact> = layers.iter().filter(|layer| layer.place.is_some()).collect();
    let base = total.saturating_sub(own.iter().map(|layer| size(layer)).sum());
    row(page, 8, base, "the base image");
    let mut paths: BTreeMap<String, Vec<&Fact>> = BTreeMap::new();
    for record in list(facts, "image.largest") {
        paths.entry(place(record)).or_default().push(record);
    }
    for layer in own.iter().filter(|layer| size(layer) > 0) {
        row(page, 8, size(layer), &format!("{}  {}", place(layer), text(layer, "instruction")));
        let large = paths.get(&place(layer)).into_iter().flatten().filter(|record| size(record) >= SMALL);
        for record in large.take(PATHS) {
            row(page, 10, size(record), &text(record, "path"));
        }
    }
    let wasted = list(facts, "image.wasted");
    let sum: u64 = wasted.iter().map(size).sum();
    if sum >= SMALL {
        page.blank();
        let what = format!("{} of it is removed or replaced by a later line, but stays in its layer:", size_text(sum));
        page.prose(8, (Tone::Text, ""), Tone::Text, &what);
        for record in wasted.iter().filter(|record| size(record) >= SMALL).take(PATHS) {
            let by = field(record, "removed_by").map(|line| format!(", by line {line}")).unwrap_or_default();
            row(page, 10, size(record), &format!("{}  ({}{by})", text(record, "path"), place(record)));
        }
    }
    page.blank();
    let note = "These are the bytes of the unpacked layers. With containerd's image store, `docker images` shows more: it \
                adds the packed layers.";
    page.prose(8, (Tone::Text, ""), Tone::Quiet, note);
}

/// A run that looks into the layers of the image.
fn report(check: &Check, named: &str, path: &Path) -> Option<Report> {
    let mut challenge = find::challenge(named).ok()?;
    let asked = challenge.checks.iter_mut().find(|known| known.id == check.id)?;
    // What a check shows is looked for even if it passes.
    asked.show = Some(vec!["image".to_owned(), "largest".to_owned()]);
    let request = runner::Request {
        path: path.to_owned(),
        only: vec![check.id.clone()],
        skip: Vec::new(),
        static_only: false,
        pass_mark: None,
        limit: challenge.limits.build.unwrap_or(build::LIMIT),
        no_egress: false,
        keep: false,
        seed: None,
        policy: policy::PolicyArgs::default().read(path).ok()?,
    };
    let progress = Progress::on_stderr();
    let report = wait_for(runner::check(&request, &challenge, &|event| progress.on(&event)));
    progress.finish();
    report.ok()?.ok()
}

fn row(page: &mut Page, indent: usize, size: u64, what: &str) {
    page.line(indent, &[(Tone::Text, &pad(&size_text(size), SIZE)), (Tone::Text, &escape::line(what))]);
}

fn list<'f>(facts: &'f Facts, name: &str) -> &'f [Fact] {
    match facts.get(name).and_then(Fact::value) {
        Some(Value::List(all)) => all,
        _ => &[],
    }
}

fn field<'f>(record: &'f Fact, name: &str) -> Option<&'f Value> {
    match record.value() {
        Some(Value::Map(fields)) => fields.get(name).and_then(Fact::value),
        _ => None,
    }
}

fn size(record: &Fact) -> u64 {
    match field(record, "size") {
        Some(Value::Size(size)) => *size,
        _ => 0,
    }
}

fn text(record: &Fact, name: &str) -> String {
    field(record, name).map(ToString::to_string).unwrap_or_default()
}

fn place(record: &Fact) -> String {
    record.place.as_ref().map(ToString::to_string).unwrap_or_default()
}
