//! A small repository to build from.

use grader::engine::Engine;
use grader::engine::image::build::{BuildRequest, LIMIT};
use grader::engine::image::digest::hex;
use grader::engine::image::filesystem::Wanted;
use grader::facts::image::{self, Image, ImageRequest, InstructionStep};
use grader::place::Place;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Files in a folder of their own, and how to build them.
pub struct Repository {
    folder: tempfile::TempDir,
    files: BTreeMap<String, String>,
    pub stages: Vec<String>,
    pub steps: Vec<InstructionStep>,
    pub given: Vec<Wanted>,
    pub target: Option<&'static str>,
    pub limit: Duration,
    /// What was heard while it was built.
    pub heard: RefCell<Vec<String>>,
}

impl Repository {
    pub fn new(files: &[(&str, &str)]) -> Self {
        Self {
            folder: crate::common::folder(files),
            files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect(),
            stages: Vec::new(),
            steps: Vec::new(),
            given: Vec::new(),
            target: None,
            limit: LIMIT,
            heard: RefCell::default(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes every line of the Dockerfile from this one on for an instruction of the target.
    pub fn steps_from(mut self, first: usize) -> Self {
        let lines = self.files["Dockerfile"].lines().zip(1..).skip(first - 1);
        let steps = lines.filter_map(|(line, number)| {
            let name = line.split_whitespace().next()?.to_uppercase();
            Some(InstructionStep { name, place: Place::line("Dockerfile", number), takes: false })
        });
        self.steps = steps.collect();
        self
    }

    pub fn given(mut self, paths: &[&str]) -> Self {
        let wanted = |path: &&str| {
            let text = &self.files[*path];
            let sha256 = hex(&Sha256::digest(text));
            Wanted { path: (*path).to_owned(), sha256, size: text.len() as u64 }
        };
        self.given = paths.iter().map(wanted).collect();
        self
    }

    /// Builds it as the `n`th image of the run.
    pub async fn build(&self, engine: &Engine, n: u32) -> Image {
        let dockerfile = self.path().join("Dockerfile");
        let request = ImageRequest {
            build: BuildRequest {
                root: self.path(),
                platform: None,
                contexts: &std::collections::BTreeMap::new(),
                context: self.path(),
                dockerfile: &dockerfile,
                dockerfiles: &grader::dockerfile::Dockerfiles::default(),
                target: self.target,
                args: &BTreeMap::new(),
                secrets: &BTreeMap::new(),
                stages: &self.stages,
                tag: &engine.run.image_tag(n),
                limit: self.limit,
            },
            path: "Dockerfile",
            steps: &self.steps,
            given: &self.given,
            ignored_by: &|path| (path == "ignored.txt").then(|| (Place::line(".dockerignore", 1), "*.txt".into())),
        };
        image::collect(engine, &request, &|text| self.heard.borrow_mut().push(text)).await
    }
}
