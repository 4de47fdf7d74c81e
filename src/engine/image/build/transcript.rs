//! What is heard of a build: its output as it comes in, and at its end why it failed.

use super::progress::{BuildProgress, Status};
use super::values::{Part, StringValues};
use super::{Failed, fault, report};

/// How much of the text that follows a failure is kept.
const TEXT: usize = 64 << 10;

/// What was heard of a build that prints `--progress=rawjson`. It takes any bytes.
#[derive(Debug, Default)]
pub struct Transcript {
    values: StringValues,
    /// What BuildKit said of the build's steps.
    pub progress: BuildProgress,
    /// What was printed besides.
    text: String,
}

impl Transcript {
    /// Takes in more of the output.
    pub fn push(&mut self, bytes: &[u8]) {
        self.values.push(bytes, |part| take(part, &mut self.progress, &mut self.text));
    }

    /// Takes in what is left when the output has ended.
    pub fn end(&mut self) {
        self.values.end(|part| take(part, &mut self.progress, &mut self.text));
    }

    /// What failed, and whose fault it is, if BuildKit gives a reason; `stages` are the names of the Dockerfile's.
    pub fn failure(&self, stages: &[String]) -> Failed {
        let mut failed = report::failure(&self.text, self.progress.failed());
        failed.fault = report::error(&self.text).map(|said| fault::of_build(said, &failed.log, stages));
        failed
    }
}

fn take(part: Part<'_>, progress: &mut BuildProgress, text: &mut String) {
    match part {
        Part::Value(bytes) => progress.take(serde_json::from_slice::<Status>(bytes).unwrap_or_default()),
        Part::Text(line) if text.len() + line.len() < TEXT => {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        Part::Text(_) => {}
    }
}
