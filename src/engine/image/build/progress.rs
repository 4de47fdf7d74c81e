//! What BuildKit says while it builds: which steps run, what is pulled, what failed.
//!
//! The values are `client.SolveStatus` of moby/buildkit (`client/graph.go`), as buildx prints them.

use super::warning::{BuildWarning, Warned};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// How much of a step's output is kept: its end.
const LOG: usize = 16 << 10;
/// How many steps and bases are kept at most; a Dockerfile of more is not followed further.
const MOST: usize = 10_000;
/// How many warnings are kept.
const MOST_WARNINGS: usize = 100;

/// One update.
#[derive(Debug, Default, Deserialize)]
pub struct Status {
    #[serde(default)]
    vertexes: Option<Vec<Vertex>>,
    #[serde(default)]
    statuses: Option<Vec<Transfer>>,
    #[serde(default)]
    logs: Option<Vec<Log>>,
    #[serde(default)]
    warnings: Option<Vec<Warned>>,
}

#[derive(Debug, Deserialize)]
struct Vertex {
    digest: String,
    #[serde(default)]
    name: String,
    started: Option<String>,
    completed: Option<String>,
    #[serde(default)]
    cached: bool,
    #[serde(default)]
    error: String,
}

#[derive(Debug, Deserialize)]
struct Transfer {
    id: String,
    vertex: String,
    #[serde(default)]
    current: u64,
    #[serde(default)]
    total: u64,
}

#[derive(Debug, Deserialize)]
struct Log {
    vertex: String,
    #[serde(default)]
    data: String,
}

/// A step that has come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its name, as BuildKit says it.
    pub name: String,
    /// Whether its result was there already.
    pub cached: bool,
}

/// One step of the build, as BuildKit names it: `[builder 2/4] RUN pip install flask`.
#[derive(Debug, Default, Clone)]
pub struct BuildStep {
    /// Its name.
    pub name: String,
    /// Whether it runs now.
    pub active: bool,
    /// Whether its result was there already.
    pub cached: bool,
    /// Whether it has come to its end.
    completed: bool,
    /// Why it failed; empty if it did not.
    pub error: String,
    /// The end of its output.
    pub log: Vec<u8>,
    /// The bytes there are and there will be, of each thing that it pulls.
    transfers: HashMap<String, (u64, u64)>,
    /// How many were named before it. BuildKit names many steps in one update.
    order: usize,
}

impl BuildStep {
    /// Whether it only fetches something from a registry.
    pub fn is_pull(&self) -> bool {
        self.base().is_some()
            || self.name.starts_with("[internal] load metadata for ")
            || self.name.starts_with("resolve image config for ")
            || self.name.starts_with("docker-image://")
    }

    /// The image that it brings in, as people write it: `python:3.11`, and its digest if it is said.
    fn base(&self) -> Option<(String, Option<String>)> {
        let name = self.name.rsplit_once("] ").map_or(self.name.as_str(), |(_, rest)| rest);
        let reference = name.strip_prefix("FROM ")?.split_whitespace().next()?;
        let (image, digest) =
            reference.split_once('@').map_or((reference, None), |(image, digest)| (image, Some(digest)));
        (image != "scratch").then(|| (familiar(image), digest.map(str::to_owned)))
    }

    /// `3/9 RUN pip install flask`, without what BuildKit does for itself.
    fn doing(&self) -> Option<String> {
        if self.name == "exporting to image" {
            return Some("store the image".to_owned());
        }
        let (place, command) = self.name.strip_prefix('[')?.split_once("] ")?;
        let count = place.rsplit(' ').next().filter(|count| count.contains('/'))?;
        let command: Vec<&str> = command.split_whitespace().collect();
        Some(format!("build {count} {}", command.join(" ")))
    }
}

/// An image's name without what Docker adds to it: `docker.io/library/python:3.11` is `python:3.11`.
pub fn familiar(image: &str) -> String {
    let short = image.strip_prefix("docker.io/library/").or_else(|| image.strip_prefix("docker.io/"));
    short.unwrap_or(image).to_owned()
}

/// All that was said so far.
#[derive(Debug, Default)]
pub struct BuildProgress {
    steps: HashMap<String, BuildStep>,
    /// What BuildKit warns of, each once.
    pub warnings: Vec<BuildWarning>,
    /// Counts what was said about pulls, so that a standstill can be seen.
    pub pulled: u64,
}

impl BuildProgress {
    /// Takes in an update.
    pub fn take(&mut self, status: Status) {
        for vertex in status.vertexes.unwrap_or_default() {
            let Some(step) = self.step(&vertex.digest) else { continue };
            step.name = if vertex.name.is_empty() { std::mem::take(&mut step.name) } else { vertex.name };
            step.active = vertex.started.is_some() && vertex.completed.is_none();
            step.cached |= vertex.cached;
            step.completed |= vertex.completed.is_some();
            step.error = vertex.error;
            if !step.active && step.error.is_empty() {
                step.log = Vec::new();
            }
            let pulled = u64::from(step.is_pull());
            self.pulled += pulled;
        }
        for transfer in status.statuses.unwrap_or_default() {
            let Some(step) = self.step(&transfer.vertex) else { continue };
            if step.transfers.len() < MOST {
                step.transfers.insert(transfer.id, (transfer.current, transfer.total));
            }
            let pulled = u64::from(step.is_pull());
            self.pulled += pulled;
        }
        for log in status.logs.unwrap_or_default() {
            let Some(step) = self.step(&log.vertex) else { continue };
            step.log.extend(BASE64.decode(log.data).unwrap_or_default());
            step.log.drain(..step.log.len().saturating_sub(LOG));
        }
        for warning in status.warnings.unwrap_or_default() {
            let warning = BuildWarning::from(warning);
            if self.warnings.len() < MOST_WARNINGS && !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }

    fn step(&mut self, digest: &str) -> Option<&mut BuildStep> {
        if !self.steps.contains_key(digest) {
            if self.steps.len() >= MOST {
                return None;
            }
            let order = self.steps.len();
            self.steps.insert(digest.to_owned(), BuildStep { order, ..BuildStep::default() });
        }
        self.steps.get_mut(digest)
    }

    /// Whether something is fetched from a registry now.
    pub fn is_pulling(&self) -> bool {
        self.steps.values().any(|step| step.active && step.is_pull())
    }

    /// What it does now: `build 3/9 RUN pip install flask`, `pull python:3.11 12/137 MB`, `store the image`.
    pub fn doing(&self) -> Option<String> {
        let mut active: Vec<&BuildStep> = self.steps.values().filter(|step| step.active).collect();
        active.sort_by_key(|step| std::cmp::Reverse(step.order));
        let pulls = active.iter().filter_map(|step| {
            let transfers = step.transfers.values().filter(|(_, total)| *total > 0);
            let add = |sum: (u64, u64), one: &(u64, u64)| (sum.0.saturating_add(one.0), sum.1.saturating_add(one.1));
            let (done, total) = transfers.fold((0, 0), add);
            let (image, _) = step.base().filter(|_| total > 0)?;
            Some(format!("pull {image} {}/{} MB", done / 1_000_000, total.div_ceil(1_000_000)))
        });
        pulls.chain(active.iter().filter(|step| !step.is_pull()).filter_map(|step| step.doing())).next()
    }

    /// The step that failed.
    pub fn failed(&self) -> Option<&BuildStep> {
        let failed = self.steps.values().filter(|step| !step.error.is_empty());
        // Steps that were stopped because another failed say so.
        failed.min_by_key(|step| (step.error.contains("context canceled"), step.order))
    }

    /// An image that the stage of the step is built on which failed or goes on, or any of the build: `python:3.11`.
    pub fn base_of_open(&self) -> Option<String> {
        let stage =
            |step: &BuildStep| Some(step.name.strip_prefix('[')?.split_once('/')?.0.rsplit_once(' ')?.0.to_owned());
        let open = self.failed().or_else(|| self.open().next()).and_then(stage);
        let bases = || self.steps.values().filter(|step| step.base().is_some());
        let own = bases().find(|step| open.is_some() && stage(step) == open);
        own.or_else(|| bases().next()).and_then(BuildStep::base).map(|(image, _)| image)
    }

    /// The steps that run now, and those that ended with a failure.
    pub fn open(&self) -> impl Iterator<Item = &BuildStep> {
        self.steps.values().filter(|step| step.active || !step.error.is_empty())
    }

    /// The steps that have come to their end, in their order.
    pub fn done(&self) -> Vec<Done> {
        let mut steps: Vec<&BuildStep> = self.steps.values().filter(|step| step.completed || step.cached).collect();
        steps.sort_by_key(|step| step.order);
        steps.into_iter().map(|step| Done { name: step.name.clone(), cached: step.cached }).collect()
    }

    /// The images that it is built on, as people write them, with their digests where BuildKit says them.
    pub fn bases(&self) -> BTreeMap<String, Option<String>> {
        self.steps.values().filter_map(BuildStep::base).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(updates: &[&str]) -> BuildProgress {
        let mut progress = BuildProgress::default();
        for update in updates {
            progress.take(serde_json::from_str(update).unwrap());
        }
        progress
    }

    #[test]
    fn the_running_step_is_told_and_its_output_kept_only_if_it_fails() {
        let run = r#"{"vertexes":[{"digest":"a","name":"[builder 2/4] RUN  pip install\tflask","started":"t"}]}"#;
        let log = r#"{"logs":[{"vertex":"a","stream":1,"data":"aGVsbG8K"}]}"#;
        let done = r#"{"vertexes":[{"digest":"a","name":"[builder 2/4] RUN x","started":"t","completed":"t"}]}"#;
        let failed =
            r#"{"vertexes":[{"digest":"a","name":"[builder 2/4] RUN x","started":"t","completed":"t","error":"no"}]}"#;
        assert_eq!(after(&[run, log]).doing().as_deref(), Some("build 2/4 RUN pip install flask"));
        assert!(after(&[run, log, done]).doing().is_none());
        assert!(after(&[run, log, done]).failed().is_none());
        assert_eq!(after(&[run, log, failed]).failed().unwrap().log, b"hello\n");
    }

    #[test]
    fn pulls_are_told_in_megabytes_and_bases_by_their_short_names() {
        let from = r#"{"vertexes":[{"digest":"a","name":"[b 1/4] FROM docker.io/library/python:3.11@sha256:1","started":"t"}]}"#;
        let bytes = r#"{"statuses":[{"id":"x","vertex":"a","current":12000000,"total":100000000},
            {"id":"y","vertex":"a","current":1,"total":36999999},{"id":"resolve","vertex":"a"}]}"#;
        let progress = after(&[from, bytes]);
        assert!(progress.is_pulling());
        assert_eq!(progress.doing().as_deref(), Some("pull python:3.11 12/137 MB"));
        assert_eq!(progress.bases(), BTreeMap::from([("python:3.11".into(), Some("sha256:1".into()))]));
        let endless = format!(r#"{{"statuses":[{{"id":"z","vertex":"a","total":{}}}]}}"#, u64::MAX);
        assert!(after(&[from, bytes, &endless]).doing().is_some_and(|doing| doing.starts_with("pull python:3.11 12/")));
    }

    #[test]
    fn steps_that_were_only_stopped_are_not_what_failed() {
        let progress = after(&[
            r#"{"vertexes":[{"digest":"a","name":"one","error":"context canceled"}]}"#,
            r#"{"vertexes":[{"digest":"b","name":"two","error":"exit code: 1"}]}"#,
        ]);
        assert_eq!(progress.failed().unwrap().name, "two");
    }

    #[test]
    fn of_steps_that_were_named_together_the_first_counts() {
        for _ in 0..20 {
            let progress = after(&[
                r#"{"vertexes":[{"digest":"a","name":"[a 1/1] RUN a"},{"digest":"b","name":"[b 1/1] RUN b"},{"digest":"c"}]}"#,
                r#"{"vertexes":[{"digest":"b","error":"exit code: 2","cached":true}]}"#,
                r#"{"vertexes":[{"digest":"a","error":"exit code: 1","cached":true}]}"#,
            ]);
            assert_eq!(progress.failed().unwrap().name, "[a 1/1] RUN a");
            assert_eq!(
                progress.done().iter().map(|step| &step.name).collect::<Vec<_>>(),
                ["[a 1/1] RUN a", "[b 1/1] RUN b"]
            );
        }
    }

    #[test]
    fn warnings_are_kept_once_and_not_without_end() {
        let warning =
            |text: &str| format!(r#"{{"warnings":[{{"short":"{text}","range":[{{"start":{{"line":3}}}}]}}]}}"#);
        let twice = after(&[&warning("dGV4dA=="), &warning("dGV4dA==")]);
        let [only] = twice.warnings.as_slice() else { panic!("{:?}", twice.warnings) };
        assert_eq!((only.text.as_str(), only.line), ("text", Some(3)));
        let many: Vec<String> = (0..=MOST_WARNINGS).map(|number| warning(&BASE64.encode(number.to_string()))).collect();
        assert_eq!(after(&many.iter().map(String::as_str).collect::<Vec<_>>()).warnings.len(), MOST_WARNINGS);
    }
}
