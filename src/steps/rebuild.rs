//! `rebuild:` builds the image once more, to see what the build cache saves.

use super::edit::{overwrite, read};
use super::{Bench, NotDone};
use crate::dockerfile;
use crate::engine::image::build;
use crate::engine::image::build::BuildFault;
use crate::facts::{Facts, cache, image};
use crate::run::recipe::Recipe;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::time::Instant;

/// The longest file that is touched, and the longest Dockerfile.
const MAX_FILE: u64 = 16 << 20;
/// The number of the image: beyond those of the services.
const IMAGE: u32 = 1000;
/// How many times something was changed to be built anew.
static CHANGES: AtomicU32 = AtomicU32::new(0);

impl Bench<'_> {
    /// Builds from a copy that no container has written into.
    pub(super) async fn rebuild(&mut self, touch: Option<&str>) -> Result<Facts, NotDone> {
        let begin = Instant::now();
        let ground = self.ground.ok_or_else(|| NotDone::machines("there is nothing that could be built again"))?;
        let root = self.copy().await?;
        let run = self.engine.run.id.as_str();
        // What was changed in the same way in an earlier run would be found in the cache.
        let count = *self.made.change.get_or_insert_with(|| CHANGES.fetch_add(1, Ordering::Relaxed));
        for (file, bytes) in &self.made.changed {
            overwrite(&root, file, &marked(bytes, run, count))?;
        }
        let mut untouched = None;
        if let Some(file) = touch {
            let bytes = read(&root, file, file, MAX_FILE)?;
            overwrite(&root, file, &marked(&bytes, run, CHANGES.fetch_add(1, Ordering::Relaxed)))?;
            untouched = Some((file, bytes));
        }
        let path = &ground.reading.build.dockerfile;
        let file = dockerfile::parse(&read(&root, path, path, MAX_FILE)?);
        let recipe = Recipe::new(ground.reading, ground.challenge, &root, &file);
        let ignored_by = |path: &str| recipe.ignored_by(path);
        let tag = self.engine.run.image_tag(IMAGE);
        let request = recipe.request(&tag, ground.build_limit, &ignored_by);
        let built = build::build(self.engine, &request.build, self.doing).await;
        if let Some((file, bytes)) = untouched {
            overwrite(&root, file, &bytes)?;
        }
        match built {
            Ok(built) => {
                let mut facts = Facts::default();
                cache::put(&mut facts, &file, path, &built.steps);
                facts.put("seconds", begin.elapsed());
                Ok(facts)
            }
            Err(failed) => {
                if let Some(BuildFault::Machine(why)) = failed.fault {
                    return Err(NotDone::Machine(why));
                }
                let (place, why) = image::explain(&failed, &request);
                Err(NotDone::learners(place, why))
            }
        }
    }
}

/// The file with blank lines at its end that no other change has: as many blanks as the digits of the run's id and the
/// count say.
fn marked(bytes: &[u8], run: &str, count: u32) -> Vec<u8> {
    let mut marked = bytes.to_vec();
    let digits = run.bytes().chain(format!("{count:x}").into_bytes());
    let digits: Vec<usize> = digits.filter_map(|digit| char::from(digit).to_digit(16)).map(|it| it as usize).collect();
    for pair in digits.chunks(2) {
        let blanks = pair.iter().fold(0, |sum, digit| sum * 16 + digit);
        marked.push(b'\n');
        marked.resize(marked.len() + blanks, b' ');
    }
    marked.push(b'\n');
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_blank_and_like_no_other() {
        let one = marked(b"x = 1", "00ff0a000001", 0);
        assert!(one.starts_with(b"x = 1\n") && one.ends_with(b"\n"));
        assert_eq!(String::from_utf8(one.clone()).unwrap().trim(), "x = 1");
        for (run, count) in [("00ff0a000001", 1), ("00ff0a000001", 16), ("00ff0a000002", 0)] {
            assert_ne!(one, marked(b"x = 1", run, count));
        }
    }
}
