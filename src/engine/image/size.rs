//! How large an image is: the bytes of its unpacked layers, as `docker images` counts them on graph drivers.
//!
//! There the engine knows them. Where containerd keeps the images, `docker images` adds the packed layers to the unpacked
//! ones, and history counts disk blocks: one image of 144.3 MB is shown as 311 and 161.5 MB. So there the image is
//! exported, and the files in its layers are added. An export is slow, for it is always the whole image, base included; so
//! the sizes of layers are remembered, and only an image with a layer that is new is exported.
//!
//! A symbolic link is a file whose content is the path that it leads to. Graph drivers count it in the layers that they
//! unpack, which is those of a pulled or loaded base image, and not in those that BuildKit makes.

pub(super) mod export;
mod known;

use super::stream;
use super::stream::StreamError;
use crate::engine::Engine;
use crate::engine::connect::api::Doing;
use bollard::models::ImageHistoryResponseItem;
use known::{KnownLayers, Measured};
use std::collections::BTreeSet;

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The bytes of the files that it adds.
    pub size: u64,
    /// The bytes of its symbolic links, where `size` doesn't have them and would if the layer was unpacked.
    pub links: u64,
    /// The instruction that made it, as BuildKit writes it down: `RUN /bin/sh -c pip install flask # buildkit`.
    pub created_by: String,
}

/// The image's layers and what is empty between them, oldest first.
pub async fn layers(engine: &Engine, image: &str) -> Result<Vec<Layer>, StreamError> {
    let history = engine.docker.image_history(image).await.doing(|| format!("read the history of {image}"))?;
    let history: Vec<ImageHistoryResponseItem> = history.into_iter().rev().collect();
    if engine.containerd_store {
        return Box::pin(exported(engine, image, &history)).await;
    }
    let size = |item: &ImageHistoryResponseItem| u64::try_from(item.size).unwrap_or(0);
    Ok(history.into_iter().map(|item| Layer { size: size(&item), links: 0, created_by: item.created_by }).collect())
}

/// The layers with the sizes that an export gives, or gave before.
async fn exported(
    engine: &Engine,
    image: &str,
    history: &[ImageHistoryResponseItem],
) -> Result<Vec<Layer>, StreamError> {
    const EXPORT: &str = "export the image";
    let found = engine.docker.inspect_image(image).await.doing(|| format!("look at the image {image}"))?;
    let diff_ids = found.root_fs.and_then(|root| root.layers).unwrap_or_default();
    let mut known = KnownLayers::load();
    let wanted: BTreeSet<String> = diff_ids.iter().filter(|id| known.of(id).is_none()).cloned().collect();
    if !wanted.is_empty() && makers(history, &diff_ids).is_some() {
        let already = known.clone();
        let measure = move |tar| export::measure(tar, &wanted, &already);
        known.learn(stream::read(EXPORT, engine.docker.export_image(image), measure).await?);
    }
    match assembled(history, &diff_ids, &|id| known.of(id)) {
        Some(layers) => Ok(layers),
        None => stream::read(EXPORT, engine.docker.export_image(image), export::whole).await,
    }
}

/// Which layer each item of the history made, if that is certain: what makes none takes no space, and what makes one nearly
/// always does, if only for a folder.
fn makers<'a>(history: &[ImageHistoryResponseItem], diff_ids: &'a [String]) -> Option<Vec<Option<&'a String>>> {
    let made = history.iter().filter(|item| item.size > 0).count();
    let mut layers = diff_ids.iter();
    let makers = history.iter().map(|item| if item.size > 0 { layers.next() } else { None });
    (made == diff_ids.len()).then(|| makers.collect())
}

/// The layers, if the size of each is known.
fn assembled(
    history: &[ImageHistoryResponseItem],
    diff_ids: &[String],
    size: &dyn Fn(&str) -> Option<Measured>,
) -> Option<Vec<Layer>> {
    let items = history.iter().zip(makers(history, diff_ids)?);
    let layers = items.map(|(item, made)| {
        let (size, links) = made.map_or(Some((0, 0)), |id| size(id))?;
        Some(Layer { size, links, created_by: item.created_by.clone() })
    });
    layers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(created_by: &str, size: i64) -> ImageHistoryResponseItem {
        ImageHistoryResponseItem { created_by: created_by.to_owned(), size, ..Default::default() }
    }

    #[test]
    fn known_layers_come_in_the_place_of_what_made_them() {
        let history = [item("FROM", 84_000), item("ENV", 0), item("RUN", 4096), item("CMD", 0)];
        let ids = ["sha256:a".to_owned(), "sha256:b".to_owned()];
        let size = |id: &str| if id == "sha256:a" { Some((81_000, 7)) } else { Some((0, 0)) };
        let layer = |created_by: &str, size, links| Layer { size, links, created_by: created_by.to_owned() };
        let expected = [layer("FROM", 81_000, 7), layer("ENV", 0, 0), layer("RUN", 0, 0), layer("CMD", 0, 0)];
        assert_eq!(assembled(&history, &ids, &size).unwrap(), expected);
        assert_eq!(assembled(&history, &ids, &|id| Some((1, 1)).filter(|_| id == "sha256:a")), None, "one isn't known");
        let unclear = [item("FROM", 84_000), item("ENV", 0), item("RUN", 0), item("CMD", 0)];
        assert_eq!(assembled(&unclear, &ids, &size), None, "either of three could have made the second layer");
    }
}
