//! `dockerfile.final.*`: what the image of the stage that is built would be.

use super::form;
use super::order::{Sent, requirements_before_source};
use super::user::{self, WrittenUser};
use super::{at, errors, image, line};
use crate::dockerfile::{Command, Dockerfile, Edge, Healthcheck, Port, Process, Setting, Source, Target, Via};
use crate::facts::registry::{ERRORS as PROBLEMS, HEALTHCHECK_KIND, TEXT_MAP, TEXTS, Type};
use crate::facts::table::{Def, def};
use crate::facts::{Fact, Value};
use crate::place::Place;
use std::collections::BTreeMap;

/// Ranges of more ports than these stay ranges.
const MAX_PORTS: u16 = 100;

type StageRow = Def<fn(&FinalStage<'_>) -> Fact>;

pub(super) const ERRORS: StageRow = def(
    "dockerfile.final.errors",
    PROBLEMS,
    "What BuildKit would stop at when it puts the final stage together, each with its place.",
    |stage| errors(&stage.target.errors, stage.place),
);

/// The facts of the stage.
pub(in crate::facts) static FACTS: &[StageRow] = &[
    def(
        "dockerfile.final.name",
        Type::Text,
        "The name of the final stage, the one that is built: what Compose names, else the last.",
        |it| it.name(),
    ),
    def(
        "dockerfile.final.base.image",
        Type::Text,
        "The image that the final stage starts from, without its tag.",
        |stage| Fact::maybe(stage.base().0).at(stage.from(stage.root())),
    ),
    def("dockerfile.final.base.tag", Type::Text, "The tag of the final stage's base image, as written.", |it| {
        it.base_tag()
    }),
    def(
        "dockerfile.final.base.digest",
        Type::Text,
        "The digest of the final stage's base image, as written.",
        |stage| Fact::maybe(stage.base().2).at(stage.from(stage.root())),
    ),
    def(
        "dockerfile.final.user.name",
        Type::Text,
        "The user that the final stage's last USER sets, without the group, variables filled in.",
        |stage| stage.user(|user| user.name),
    ),
    def(
        "dockerfile.final.user.group",
        Type::Text,
        "The group that the final stage's last USER sets: `staff` in `USER app:staff`; absent where it sets none.",
        |stage| stage.user(|user| user.group),
    ),
    def(
        "dockerfile.final.user.is_root",
        Type::Bool,
        "Whether the final stage's user is written as root: `root`, `0`, `0:0`, or empty; absent where the base image decides.",
        |it| it.is_root(),
    ),
    def(
        "dockerfile.final.healthcheck.kind",
        HEALTHCHECK_KIND,
        "How the final stage's HEALTHCHECK is written: `cmd` (a list), `shell` or `none`.",
        |stage| stage.healthcheck(|setting| stage.healthcheck_kind(setting)),
    ),
    def(
        "dockerfile.final.healthcheck.command",
        Type::Text,
        "The command that the final stage's HEALTHCHECK runs.",
        |stage| {
            stage.healthcheck(|setting| {
                let text = setting.value.command.as_ref().map(|command| match command {
                    Command::Exec(list) => list.join(" "),
                    Command::Shell(text) => text.clone(),
                });
                stage.set(Fact::maybe(text), setting)
            })
        },
    ),
    def(
        "dockerfile.final.healthcheck.interval",
        Type::Duration,
        "The time between two probes of the final stage's HEALTHCHECK.",
        |stage| stage.healthcheck(|it| stage.or_default(Fact::maybe(it.value.interval), "30s", it)),
    ),
    def(
        "dockerfile.final.healthcheck.timeout",
        Type::Duration,
        "How long one probe of the final stage's HEALTHCHECK may take.",
        |stage| stage.healthcheck(|it| stage.or_default(Fact::maybe(it.value.timeout), "30s", it)),
    ),
    def(
        "dockerfile.final.healthcheck.start_period",
        Type::Duration,
        "How long failures of the final stage's HEALTHCHECK do not count at the start.",
        |stage| stage.healthcheck(|it| stage.or_default(Fact::maybe(it.value.start_period), "0s", it)),
    ),
    def(
        "dockerfile.final.healthcheck.retries",
        Type::Int,
        "How many failures of the final stage's HEALTHCHECK in a row make the container unhealthy.",
        |stage| stage.healthcheck(|it| stage.or_default(Fact::maybe(it.value.retries.map(i64::from)), "3", it)),
    ),
    def(
        "dockerfile.final.copies_from",
        COPIES,
        "What the final stage, or a stage it is built FROM, takes by COPY or mount: `from` a `stage` or an `image` (`kind`), `by` `copy` or `mount`; `ancestor` says whether that stage is one it is built FROM anyway.",
        |it| it.copies(),
    ),
    def(
        "dockerfile.final.requirements_before_source",
        Type::Bool,
        "Whether packages are installed before the source is copied, so that a change of the source doesn't install them again: pip, uv, poetry, npm, yarn, pnpm, go, mvn, gradle, bundle, composer, cargo, dotnet.",
        |stage| requirements_before_source(stage.file, stage.target, stage.sent, stage.place),
    ),
    ERRORS,
    def(
        "dockerfile.final.instructions",
        super::INSTRUCTIONS,
        "The instructions of the final stage, and before them those of the stages it is built FROM, in their order.",
        |it| it.instructions(),
    ),
    def("dockerfile.final.cmd", TEXTS, "The final stage's CMD; a shell form is one text.", |stage| {
        stage.process(stage.target.cmd.as_ref(), "CMD")
    }),
    def("dockerfile.final.entrypoint", TEXTS, "The final stage's ENTRYPOINT; a shell form is one text.", |stage| {
        stage.process(stage.target.entrypoint.as_ref(), "ENTRYPOINT")
    }),
    def(
        "dockerfile.final.cmd_form",
        form::FORM,
        "The form of the final stage's CMD: a list (`exec`) or text for a shell.",
        |stage| stage.form(stage.target.cmd.as_ref(), "CMD"),
    ),
    def(
        "dockerfile.final.entrypoint_form",
        form::FORM,
        "The form of the final stage's ENTRYPOINT: a list (`exec`) or text for a shell.",
        |stage| stage.form(stage.target.entrypoint.as_ref(), "ENTRYPOINT"),
    ),
    def("dockerfile.final.exposes", TEXTS, "The ports that the final stage EXPOSEs: `5000/tcp`.", |it| it.exposes()),
    def("dockerfile.final.env", TEXT_MAP, "The final stage's ENV, variables filled in.", |stage| {
        stage.texts(&stage.target.env)
    }),
    def("dockerfile.final.workdir", Type::Text, "The final stage's WORKDIR.", |stage| {
        stage.text(stage.target.workdir.as_ref(), "WORKDIR")
    }),
    def("dockerfile.final.labels", TEXT_MAP, "The final stage's LABELs.", |stage| stage.texts(&stage.target.labels)),
];

const COPIES: Type = Type::List(&Type::Record(&[
    ("from", Type::Text),
    ("kind", Type::Word(&["stage", "image"])),
    ("ancestor", Type::Bool),
    ("by", Type::Word(&["copy", "mount"])),
    ("line", Type::Int),
]));

/// The stage that is built.
pub(in crate::facts) struct FinalStage<'a> {
    pub file: &'a Dockerfile,
    pub target: &'a Target,
    pub place: &'a Place,
    pub sent: &'a Sent<'a>,
}

impl FinalStage<'_> {
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

    fn instructions(&self) -> Fact {
        let of_stage = |stage: &usize| {
            let stage = *stage;
            self.file.instructions.iter().filter(move |instruction| instruction.stage == Some(stage))
        };
        let all = self.target.chain.iter().rev().flat_map(of_stage);
        let all = all.map(|instruction| super::instruction(instruction, self.place));
        Fact::of(all.collect::<Vec<_>>()).at(self.from(self.target.index))
    }

    fn name(&self) -> Fact {
        let name = Fact::maybe(self.target.name.as_deref()).at(self.from(self.target.index));
        if self.target.name.is_none() { name.because("the stage that is built has no name") } else { name }
    }

    fn base(&self) -> (Option<&str>, Option<&str>, Option<&str>) {
        image(self.target.bases.get(self.root()).unwrap_or(&Source::Unknown))
    }

    fn base_tag(&self) -> Fact {
        let tag = match self.base() {
            (Some(image), None, None) if image != "scratch" => {
                Fact::absent().because(format!("{image} stands without a tag, so Docker takes the latest"))
            }
            (_, tag, _) => Fact::maybe(tag),
        };
        tag.at(self.from(self.root()))
    }

    /// A part of the user, or why it isn't known.
    fn user(&self, part: impl FnOnce(WrittenUser) -> Option<String>) -> Fact {
        match &self.target.user {
            None => self.not_said("USER"),
            Some(setting) => self.set(Fact::maybe(part(WrittenUser::of(self.file, setting))), setting),
        }
    }

    fn is_root(&self) -> Fact {
        let Some(setting) = &self.target.user else { return self.not_said("USER") };
        let Some(name) = WrittenUser::of(self.file, setting).name else { return self.set(Fact::absent(), setting) };
        let because =
            format!("USER {} on line {} is the last one of the final stage", setting.value, setting.span.line);
        self.set(Fact::of(user::is_root(&name)), setting).because(because)
    }

    fn healthcheck(&self, fact: impl FnOnce(&Setting<Healthcheck>) -> Fact) -> Fact {
        self.target.healthcheck.as_ref().map_or_else(|| self.not_said("HEALTHCHECK"), fact)
    }

    fn healthcheck_kind(&self, setting: &Setting<Healthcheck>) -> Fact {
        let kind = match &setting.value.command {
            Some(Command::Exec(_)) => "cmd",
            Some(Command::Shell(_)) => "shell",
            None => "none",
        };
        let fact = self.set(Fact::of(kind), setting);
        if kind == "none" {
            fact.because(format!("HEALTHCHECK NONE on line {} switches health checks off", setting.span.line))
        } else {
            fact
        }
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

    fn form(&self, process: Option<&Setting<Process>>, instruction: &str) -> Fact {
        match process {
            Some(setting) => self.set(Fact::of(form::of(&setting.value.command)), setting),
            None => self.process(None, instruction),
        }
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
        // Another port is put in the place of the last one.
        let last = ports.last().and_then(|port| port.place.clone());
        let ports = Fact::of(ports).at(last.or_else(|| self.from(self.target.index)));
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
