//! Where a value that is to be secret is in an image: its variables, its labels, its history, and the files of each layer,
//! those that a later layer deletes included. The image is exported and read as it comes; nothing of it is kept or run, and
//! archives within files aren't opened.

mod value;

pub use value::SecretValue;

use super::saved::{self, SavedLayer};
use super::stream::{self, StreamError};
use crate::engine::Engine;
use crate::engine::connect::api::Doing;
use std::io::{self, Read};
use value::Trace;

/// The most files of a layer that are listed.
const MOST_FILES: usize = 20;
/// How much of a file is looked at as text.
const MOST_TEXT: u64 = 1 << 20;

/// One place that holds the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// What kind of place it is.
    pub kind: LeakKind,
    /// The path of the file, the name of the variable or label, or the command of the history.
    pub name: String,
    /// Which item of the image's history it comes from, counted from the oldest.
    pub item: Option<usize>,
}

/// The kinds of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeakKind {
    /// A variable.
    Env,
    /// A label.
    Label,
    /// What made a layer.
    History,
    /// A file of a layer.
    File,
}

/// An item of the history, and the files of its layer that hold the value.
type HistoryItem = SavedLayer<Vec<(String, Trace)>>;

/// Looks for a value in an image. What `is_own` denies, given an item of the history, comes from the base image.
pub async fn find(
    engine: &Engine,
    image: &str,
    value: &SecretValue,
    is_own: &(dyn Fn(usize) -> bool + Sync),
) -> Result<Vec<Leak>, StreamError> {
    let found = engine.docker.inspect_image(image).await.doing(|| format!("look at the image {image}"))?;
    let wanted = value.clone();
    let export = engine.docker.export_image(image);
    let items =
        stream::read("export the image", export, move |tar| saved::layers(tar, |layer| layer_files(layer, &wanted)))
            .await?;
    let config = found.config.unwrap_or_default();
    let mut leaks = Vec::new();
    let variables = config.env.iter().flatten().map(|it| it.split_once('=').unwrap_or((it, "")));
    for (name, text) in variables {
        let item = setter(&items, "ENV", name);
        if value.is_in_setting(name, text) && item.is_none_or(is_own) {
            leaks.push(Leak { kind: LeakKind::Env, name: name.to_owned(), item });
        }
    }
    for (name, text) in config.labels.iter().flatten() {
        let item = setter(&items, "LABEL", name);
        if value.is_in_setting(name, text) && item.is_none_or(is_own) {
            leaks.push(Leak { kind: LeakKind::Label, name: name.to_owned(), item });
        }
    }
    for (number, item) in items.into_iter().enumerate().filter(|(number, _)| is_own(*number)) {
        let made_by = instruction(&item.created_by);
        let is_told = |leak: &Leak| leak.item == Some(number) && leak.kind != LeakKind::File;
        if value.is_in_text(&item.created_by) && !leaks.iter().any(is_told) {
            let name = item.created_by.clone();
            leaks.push(Leak { kind: LeakKind::History, name, item: Some(number) });
        }
        // Packages that a RUN installs are full of examples, in which a common word is no secret.
        let files = item.read.into_iter().filter(|(_, trace)| *trace == Trace::Certain || made_by != "RUN");
        leaks.extend(files.map(|(name, _)| Leak { kind: LeakKind::File, name, item: Some(number) }));
    }
    leaks.sort_by_key(|leak| (leak.kind, leak.item));
    Ok(leaks)
}

/// The last item that sets a variable or a label.
fn setter(items: &[HistoryItem], name: &str, key: &str) -> Option<usize> {
    let sets = |item: &HistoryItem| instruction(&item.created_by) == name && item.created_by.contains(key);
    items.iter().rposition(sets)
}

/// The instruction's name in what the history says, in upper case.
fn instruction(created_by: &str) -> String {
    let text = created_by.strip_prefix("/bin/sh -c #(nop)").unwrap_or(created_by).trim_start();
    text.split_whitespace().next().unwrap_or_default().to_uppercase()
}

/// The files of a layer that hold the value.
fn layer_files(layer: &mut dyn Read, value: &SecretValue) -> io::Result<Vec<(String, Trace)>> {
    let mut found = Vec::new();
    for entry in tar::Archive::new(layer).entries()? {
        let mut entry = entry?;
        if found.len() >= MOST_FILES || !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path()?.to_string_lossy().into_owned();
        if let Some(trace) = value.is_in_file(&mut entry, MOST_TEXT)? {
            found.push((format!("/{}", path.trim_start_matches("./").trim_start_matches('/')), trace));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, path, *bytes).unwrap();
        }
        archive.into_inner().unwrap()
    }

    #[test]
    fn each_layer_is_read_packed_or_not_and_archives_in_it_are_not_opened() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&archive(&[("./run/secrets/p", b"s3cr3t-word\n"), ("b", b"nothing")])).unwrap();
        let mut inner = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        inner.write_all(b"s3cr3t-word").unwrap();
        let (packed, inner) = (packed.finish().unwrap(), inner.finish().unwrap());
        let long = [&vec![0; 70_000][..], b"s3cr3t-word"].concat();
        let config =
            br#"{"history":[{"created_by":"FROM"},{"created_by":"ENV","empty_layer":true},{"created_by":"RUN"}]}"#;
        let export = archive(&[
            ("blobs/one", &packed),
            ("blobs/two", &archive(&[("opt/bin", &long), ("x.gz", &inner)])),
            ("blobs/config", config),
            ("manifest.json", br#"[{"Config":"blobs/config","Layers":["blobs/one","blobs/two"]}]"#),
        ]);
        let value = SecretValue::new("s3cr3t-word");
        let items = saved::layers(&export[..], |layer| layer_files(layer, &value)).unwrap();
        let paths: Vec<Vec<&str>> =
            items.iter().map(|item| item.read.iter().map(|(path, _)| path.as_str()).collect()).collect();
        assert_eq!(paths, [vec!["/run/secrets/p"], vec![], vec!["/opt/bin"]]);
    }

    #[test]
    fn a_variable_comes_from_the_last_that_sets_it() {
        let items = ["ENV A=1", "RUN A=2", "ENV A=3 B=4", "LABEL A=5"];
        let items = items.map(|it| HistoryItem { created_by: it.to_owned(), read: Vec::new() });
        assert_eq!((setter(&items, "ENV", "A"), setter(&items, "ENV", "C")), (Some(2), None));
    }
}
