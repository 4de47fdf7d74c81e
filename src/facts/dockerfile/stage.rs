//! `dockerfile.final.*`: what the image of the stage that is built would be.

use super::order::requirements_before_source;
use super::{at, errors, image, line};
use crate::dockerfile::{Command, Dockerfile, Edge, Healthcheck, Port, Process, Setting, Source, Target, Via};
use crate::facts::{Fact, Facts, Value};
use crate::place::Place;
use std::collections::BTreeMap;
use std::time::Duration;

/// Ranges of more ports than these stay ranges.
const MAX_PORTS: u16 = 100;

pub(super) fn put(facts: &mut Facts, file: &Dockerfile, target: &Target, place: &Place) {
    let stage = Stage { file, target, place };
    let mut put = |name: &str, fact: Fact| facts.put(&format!("dockerfile.final.{name}"), fact);
    put("errors", errors(&target.errors, place));
    put("name", stage.name());
    stage.base().into_iter().for_each(|(name, fact)| put(name, fact));
    stage.user().into_iter().for_each(|(name, fact)| put(name, fact));
    stage.healthcheck().into_iter().for_each(|(name, fact)| put(name, fact));
    put("copies_from", stage.copies());
    put("requirements_before_source", requirements_before_source(file, target, place));
    put("cmd", stage.process(target.cmd.as_ref(), "CMD"));
    put("entrypoint", stage.process(target.entrypoint.as_ref(), "ENTRYPOINT"));
    put("exposes", stage.exposes());
    put("env", stage.texts(&target.env));
    put("workdir", stage.text(target.workdir.as_ref(), "WORKDIR"));
    put("labels", stage.texts(&target.labels));
}

struct Stage<'a> {
    file: &'a Dockerfile,
    target: &'a Target,
    place: &'a Place,
}

impl Stage<'_> {
    fn from(&self, index: usize) -> Option<Place> {
        self.file.stages.get(index).map(|stage| at(self.place, stage.span))
    }

    /// The stage at the end of the chain, which is built from an image.
    fn root(&self) -> usize {
        self.target.chain.last().copied().unwrap_or(self.target.index)
    }

    /// The base image as messages call it.
    fn base_name(&self) -> &str {
        self.target.base_names.get(self.root()).map_or("the base image", String::as_str)
    }

    fn set<T>(&self, fact: Fact, setting: &Setting<T>) -> Fact {
        let fact = fact.at(at(self.place, setting.span));
        if setting.unknown.is_empty() { fact } else { fact.because(self.unknown(setting)) }
    }

    fn unknown<T>(&self, setting: &Setting<T>) -> String {
        let names = setting.unknown.join(", ");
        format!("nothing in this file sets {names}, though {} may", self.base_name())
    }

    fn not_said(&self, instruction: &str) -> Fact {
        let because = match self.target.bases.get(self.root()) {
            Some(Source::Scratch) => format!("no {instruction} in the final stage, and scratch brings none"),
            _ => format!("no {instruction} in the final stage; {} decides", self.base_name()),
        };
        Fact::absent().because(because).at(self.from(self.target.index))
    }

    fn name(&self) -> Fact {
        let name = Fact::maybe(self.target.name.as_deref()).at(self.from(self.target.index));
        if self.target.name.is_none() { name.because("the stage that is built has no name") } else { name }
    }

    fn base(&self) -> [(&'static str, Fact); 3] {
        let (image, tag, digest) = image(self.target.bases.get(self.root()).unwrap_or(&Source::Unknown));
        let place = self.from(self.root());
        let tag = match (tag, image) {
            (None, Some(image)) if digest.is_none() && image != "scratch" => {
                Fact::absent().because(format!("{image} stands without a tag, so Docker takes the latest"))
            }
            (tag, _) => Fact::maybe(tag),
        };
        [
            ("base.image", Fact::maybe(image).at(place.clone())),
            ("base.tag", tag.at(place.clone())),
            ("base.digest", Fact::maybe(digest).at(place)),
        ]
    }

    fn user(&self) -> [(&'static str, Fact); 2] {
        let Some(user) = &self.target.user else {
            return [("user.name", self.not_said("USER")), ("user.is_root", self.not_said("USER"))];
        };
        let name = user.value.split(':').next().unwrap_or_default();
        let is_root = matches!(name, "" | "root") || name.bytes().all(|byte| byte == b'0');
        let is_root = if user.unknown.is_empty() {
            let because = format!("USER {} on line {} is the last one of the final stage", user.value, user.span.line);
            self.set(Fact::of(is_root), user).because(because)
        } else {
            self.set(Fact::absent(), user)
        };
        [("user.name", self.set(Fact::of(user.value.as_str()), user)), ("user.is_root", is_root)]
    }

    fn healthcheck(&self) -> [(&'static str, Fact); 6] {
        let names = ["kind", "command", "interval", "timeout", "start_period", "retries"].map(|name| match name {
            "kind" => "healthcheck.kind",
            "command" => "healthcheck.command",
            "interval" => "healthcheck.interval",
            "timeout" => "healthcheck.timeout",
            "start_period" => "healthcheck.start_period",
            _ => "healthcheck.retries",
        });
        let Some(setting) = &self.target.healthcheck else {
            return names.map(|name| (name, self.not_said("HEALTHCHECK")));
        };
        let Healthcheck { command, interval, timeout, start_period, retries, .. } = &setting.value;
        let time = |time: &Option<Duration>, default: &str| self.or_default(Fact::maybe(*time), default, setting);
        let kind = match command {
            Some(Command::Exec(_)) => Fact::of("cmd"),
            Some(Command::Shell(_)) => Fact::of("shell"),
            None => Fact::of("none"),
        };
        let kind = if command.is_none() {
            self.set(kind, setting)
                .because(format!("HEALTHCHECK NONE on line {} switches health checks off", setting.span.line))
        } else {
            self.set(kind, setting)
        };
        let text = command.as_ref().map(|command| match command {
            Command::Exec(list) => list.join(" "),
            Command::Shell(text) => text.clone(),
        });
        let retries = Fact::maybe(retries.map(i64::from));
        let facts = [
            kind,
            self.set(Fact::maybe(text), setting),
            time(interval, "30s"),
            time(timeout, "30s"),
            time(start_period, "0s"),
            self.or_default(retries, "3", setting),
        ];
        let mut facts = facts.into_iter();
        names.map(|name| (name, facts.next().unwrap_or_else(Fact::absent)))
    }

    fn or_default(&self, fact: Fact, default: &str, setting: &Setting<Healthcheck>) -> Fact {
        let said = fact.value().is_some();
        let fact = self.set(fact, setting);
        if said { fact } else { fact.because(format!("not said, so Docker takes {default}")) }
    }

    fn copies(&self) -> Fact {
        let copies = self.target.edges.iter().filter_map(|edge| self.copy(edge)).collect::<Vec<_>>();
        let from_stage = |edge: &Edge| matches!(edge.source, Source::Stage(_)) && !edge.is_ancestor;
        let copies = Fact::of(copies).at(self.from(self.target.index));
        if self.target.edges.iter().any(from_stage) {
            return copies;
        }
        let again = self.target.edges.iter().find(|edge| edge.is_ancestor);
        if let Some(edge) = again {
            let line = edge.span.line;
            return copies.because(format!(
                "line {line} copies from a stage that this one is built FROM: that brings nothing new"
            ));
        }
        let unused = self.file.stages.iter().find(|stage| !self.target.needed.contains(&stage.index));
        copies.because(match unused {
            Some(stage) => format!(
                "the final stage takes nothing from {} on line {}",
                stage.name.as_ref().map_or_else(|| "the stage".to_owned(), |name| format!("the stage {name}")),
                stage.span.line
            ),
            None => "no COPY --from and no mount takes files from an earlier stage".to_owned(),
        })
    }

    fn copy(&self, edge: &Edge) -> Option<Fact> {
        let kind = match edge.source {
            Source::Stage(_) => "stage",
            Source::Image(_) | Source::Scratch => "image",
            Source::Unknown => return None,
        };
        let by = match edge.via {
            Via::Copy => "copy",
            Via::Mount => "mount",
        };
        let record = Fact::record([
            ("from", Fact::of(edge.from.as_str())),
            ("kind", Fact::of(kind)),
            ("ancestor", Fact::of(edge.is_ancestor)),
            ("by", Fact::of(by)),
            ("line", line(edge.span.line)),
        ]);
        Some(record.at(at(self.place, edge.span)))
    }

    fn process(&self, process: Option<&Setting<Process>>, instruction: &str) -> Fact {
        let Some(setting) = process else {
            let entrypoint =
                self.target.entrypoint.as_ref().filter(|_| instruction == "CMD" && self.target.cmd_is_reset);
            return match entrypoint {
                Some(setting) => Fact::absent().at(at(self.place, setting.span)).because(format!(
                    "no CMD comes after ENTRYPOINT on line {}, which takes away the one before",
                    setting.span.line
                )),
                None => self.not_said(instruction),
            };
        };
        let words = match &setting.value.command {
            Command::Exec(list) => list.iter().map(|word| self.set(Fact::of(word.as_str()), setting)).collect(),
            Command::Shell(text) => vec![self.set(Fact::of(text.as_str()), setting)],
        };
        self.set(Fact::of(Value::List(words)), setting)
    }

    fn exposes(&self) -> Fact {
        let ports = self.target.exposes.iter().flat_map(|(port, setting)| {
            let Port { first, last, protocol } = port;
            let texts = if last - first < MAX_PORTS {
                (*first..=*last).map(|port| format!("{port}/{protocol}")).collect()
            } else {
                vec![port.to_string()]
            };
            texts.into_iter().map(|text| self.set(Fact::of(text), setting))
        });
        let ports = ports.collect::<Vec<_>>();
        let none = ports.is_empty();
        let ports = Fact::of(ports).at(self.from(self.target.index));
        if none { ports.because("no EXPOSE in the final stage") } else { ports }
    }

    fn text(&self, setting: Option<&Setting<String>>, instruction: &str) -> Fact {
        match setting {
            Some(setting) => self.set(Fact::of(setting.value.as_str()), setting),
            None => self.not_said(instruction),
        }
    }

    fn texts(&self, settings: &BTreeMap<String, Setting<String>>) -> Fact {
        let texts = settings.iter().map(|(name, setting)| {
            let fact = self.set(Fact::of(setting.value.as_str()), setting);
            (name.clone(), fact)
        });
        Fact::of(Value::Map(texts.collect())).at(self.from(self.target.index))
    }
}
