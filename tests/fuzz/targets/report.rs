//! Facts → judgements → a report → every format. The first piece is choices; the others are the Dockerfile, the Compose
//! file, the `.dockerignore`, and texts that stand wherever a learner's text can.

use super::formats;
use super::pieces;
use grader::challenge::{Check, library};
use grader::compose;
use grader::dockerfile;
use grader::dockerignore::Ignore;
use grader::engine::Versions;
use grader::facts::dockerfile::{Content, Input, Sent};
use grader::facts::registry::{REGISTRY, Type};
use grader::facts::{self, Fact, Facts, Value};
use grader::judge::{self, Inputs, ScriptVerdict};
use grader::outcome::{Explanation, Finding, Outcome, Snippet};
use grader::place::Place;
use grader::report::{CheckReport, Counts, Coverage, GradedRepository, Overridden, Report};
use grader::run::snippet;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

/// Makes the report, and asserts of every format what its readers rely on.
pub fn run(data: &[u8]) {
    let mut source = Choices::of(data);
    let report = source.report();
    let width = 20 + usize::from(source.byte()) % 120;
    formats::check(&report, width);
}

/// All checks that come with the grader.
fn checks() -> &'static [Check] {
    static CHECKS: OnceLock<Vec<Check>> = OnceLock::new();
    CHECKS.get_or_init(|| library::checks().expect("they load"))
}

/// The input: bytes to choose by, and texts, each used again when all are used up.
struct Choices<'a> {
    bytes: &'a [u8],
    texts: Vec<&'a [u8]>,
    next: usize,
}

impl<'a> Choices<'a> {
    fn of(data: &'a [u8]) -> Self {
        let mut texts = pieces::cut(data);
        let bytes = texts.remove(0);
        Self { bytes, texts, next: 0 }
    }

    fn byte(&mut self) -> u8 {
        let (first, rest) = self.bytes.split_first().unwrap_or((&0, &[]));
        self.bytes = rest;
        *first
    }

    fn flag(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    /// Numbers at the edges, too.
    fn number(&mut self) -> u32 {
        match self.byte() {
            255 => u32::MAX,
            254 => u32::MAX - 1,
            byte => u32::from(byte),
        }
    }

    fn text(&mut self) -> String {
        let text = self.texts.get(self.next % self.texts.len().max(1)).copied().unwrap_or_default();
        self.next += 1;
        String::from_utf8_lossy(text).into_owned()
    }

    fn maybe(&mut self) -> Option<String> {
        self.flag().then(|| self.text())
    }

    fn file(&self, index: usize) -> &'a [u8] {
        self.texts.get(index).copied().unwrap_or_default()
    }

    fn place(&mut self) -> Option<Place> {
        self.flag().then(|| {
            let place = Place { path: self.text(), line: None, column: None, end_line: None };
            let line = Some(self.number()).filter(|&line| line > 0);
            let column = Some(self.number()).filter(|&column| column > 0 && line.is_some());
            let end_line = Some(self.number()).filter(|&end| line.is_some_and(|line| line < end));
            Place { line, column, end_line, ..place }
        })
    }

    fn finding(&mut self) -> Finding {
        let snippet = self.flag().then(|| Snippet {
            first_line: self.number().clamp(1, 1 << 20),
            lines: (0..self.byte() % 6).map(|_| self.text().replace('\n', " ")).collect(),
            marked: 1..=self.number(),
        });
        Finding {
            message: self.text(),
            place: self.place(),
            expected: self.maybe(),
            actual: self.maybe(),
            because: self.maybe(),
            hint: self.maybe(),
            snippet,
            about: self.maybe(),
            cause: self.flag().then(|| Box::new(self.explanation())),
        }
    }

    fn explanation(&mut self) -> Explanation {
        Explanation {
            cause: self.text(),
            says: self.text(),
            means: self.text(),
            next: self.text(),
            hints: vec![self.text()],
            learn: self.maybe(),
            follows: self.maybe(),
        }
    }

    fn findings(&mut self) -> Vec<Finding> {
        (0..self.byte() % 4).map(|_| self.finding()).collect()
    }

    fn outcome(&mut self) -> Outcome {
        match self.byte() % 4 {
            0 => Outcome::Passed,
            1 => Outcome::Failed(self.findings()),
            2 => Outcome::Skipped(self.text()),
            _ => Outcome::Errored(self.text()),
        }
    }

    /// What was read, and of the rest of the facts as many as there are bytes to choose by.
    fn facts(&mut self) -> Facts {
        let nothing = BTreeMap::new();
        let file = dockerfile::parse(self.file(0));
        let content = Content::File(&file);
        let input =
            Input { path: "Dockerfile", content, target: None, build_args: &nothing, near: &[], sent: Sent::default() };
        let mut found = facts::dockerfile::collect(&input).facts;
        let text = self.file(1);
        let compose = compose::load(None, &|path| Ok((path == "compose.yaml").then(|| text.to_vec())));
        found.merge(facts::compose::collect(compose.as_ref(), &[]));
        let ignore = Ignore::parse(self.file(2));
        found.merge(facts::dockerignore::collect(Ok(Some((".dockerignore", &ignore))), &[]));
        let others = REGISTRY.iter().filter(|entry| found.get(entry.name).is_none());
        let others: Vec<_> = others.filter(|entry| !entry.name.contains('<') && entry.name.contains('.')).collect();
        for entry in others {
            if let Some(value) = self.value(&entry.kind) {
                let fact = Fact { because: self.maybe(), ..Fact::of(value).at(self.place()) };
                found.put(entry.name, fact);
            }
        }
        found
    }

    fn value(&mut self, kind: &Type) -> Option<Value> {
        Some(match kind {
            Type::Bool => Value::Bool(self.flag()),
            Type::Int => Value::Int(i64::from(self.number())),
            Type::Size => Value::Size(u64::from(self.number()) << (self.byte() % 40)),
            Type::Duration => Value::Duration(Duration::from_millis(u64::from(self.number()) << (self.byte() % 30))),
            Type::Text | Type::Word(_) | Type::Mode => Value::Text(self.text()),
            Type::List(kind) => {
                let items = (0..self.byte() % 4).filter_map(|_| Some(Fact::of(self.value(kind)?)));
                Value::List(items.collect())
            }
            Type::Map(kind) => {
                let fields = (0..self.byte() % 3).filter_map(|_| Some((self.text(), Fact::of(self.value(kind)?))));
                Value::Map(fields.collect())
            }
            Type::Record(kinds) => {
                let fields =
                    kinds.iter().filter_map(|(name, kind)| Some(((*name).to_owned(), Fact::of(self.value(kind)?))));
                Value::Map(fields.collect())
            }
            Type::Patterns | Type::Any => return None,
        })
    }

    /// A check of the library, judged.
    fn judged(&mut self, check: &Check, step: u32, facts: &Facts) -> CheckReport {
        let (roles, earlier) = (BTreeMap::new(), BTreeMap::new());
        let script = Ok(ScriptVerdict::default());
        let inputs = Inputs { facts, roles: &roles, steps: &[], earlier: &earlier, script: Some(&script) };
        let check = Check { points: 5, ..check.clone() };
        let mut judgement = judge::judge(&check, &inputs);
        let (dockerfile, compose, ignore) = (self.file(0), self.file(1), self.file(2));
        let read = |path: &str| match path {
            "Dockerfile" => Some(dockerfile.to_vec()),
            "compose.yaml" => Some(compose.to_vec()),
            _ => Some(ignore.to_vec()),
        };
        if let Outcome::Failed(findings) = &mut judgement.outcome {
            for finding in findings {
                snippet::attach(finding, &read);
            }
        }
        assert!(judgement.points <= 5, "{}: {judgement:?}", check.id);
        CheckReport {
            id: check.id.clone(),
            title: check.title.clone(),
            step: Some(step),
            judged: if judgement.judged { Coverage::Yes } else { Coverage::No },
            outcome: judgement.outcome,
            points: judgement.points,
            max_points: check.points,
            elapsed: Duration::from_millis(u64::from(step)),
            why: check.why.clone(),
            teaching: grader::challenge::Teaching::default(),
            hints: check.hints.clone(),
            advice: judgement.advice,
            measured: judgement.measured,
            counts: Counts::Points,
            overridden: None,
        }
    }

    /// A check of which nothing is known.
    fn check(&mut self, step: u32) -> CheckReport {
        let outcome = self.outcome();
        let judged = match outcome {
            Outcome::Errored(_) => Coverage::No,
            Outcome::Skipped(_) if self.flag() => Coverage::LeftOut,
            _ => Coverage::Yes,
        };
        let max_points = u32::from(self.byte());
        CheckReport {
            id: format!("check-{step}"),
            title: self.text(),
            step: self.flag().then_some(step),
            points: if outcome == Outcome::Passed { max_points } else { 0 },
            outcome,
            max_points,
            elapsed: Duration::from_millis(u64::from(self.number())),
            why: self.text(),
            teaching: grader::challenge::Teaching::default(),
            hints: (0..self.byte() % 3).map(|_| self.text()).collect(),
            advice: self.findings(),
            measured: self.maybe(),
            judged,
            counts: [Counts::Points, Counts::Bonus, Counts::Optional][usize::from(self.byte() % 3)],
            overridden: self.flag().then(|| Overridden { points: 0, reason: self.text() }),
        }
    }

    fn report(&mut self) -> Report {
        let own = self.byte() % 5;
        let mut reports: Vec<CheckReport> = (1..=own).map(|step| self.check(step.into())).collect();
        let facts = self.facts();
        // A few checks of the library, so that each input is quick.
        let from = usize::from(self.byte());
        for (step, check) in (u32::from(own) + 1..).zip(checks().iter().cycle().skip(from % checks().len()).take(6)) {
            let judged = self.judged(check, step, &facts);
            reports.push(judged);
        }
        Report {
            challenge: ("odd".into(), self.text()),
            repository: GradedRepository {
                path: self.text(),
                folder: String::new(),
                commit: self.maybe(),
                dirty: self.flag(),
                origin: self.maybe(),
            },
            platform: "linux/amd64".into(),
            bases: (0..self.byte() % 3).map(|_| (self.text(), self.text())).collect(),
            engine: self.flag().then(|| Versions {
                version: "28.0.1".into(),
                api: "1.48".into(),
                ..Versions::default()
            }),
            pass_mark: self.number(),
            seed: None,
            started: SystemTime::UNIX_EPOCH + Duration::from_secs(self.number().into()),
            elapsed: Duration::from_millis(self.number().into()),
            checks: reports,
            notes: (0..self.byte() % 3).map(|_| self.text()).collect(),
            interrupted: self.maybe(),
            facts,
        }
    }
}
