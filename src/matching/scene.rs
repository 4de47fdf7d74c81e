//! Whether a condition holds in a scene: the facts of the run, the roles, and what a step brought back.

use super::StepResult;
use super::fit::{Captures, Fit, fit, offenders};
use crate::compose::roles::Found;
use crate::facts::{Fact, Facts, Known, Source, Unavailable, Value, registry};
use crate::language::condition::Condition;
use crate::language::matcher::Matcher;
use crate::outcome::Finding;
use crate::place::Place;
use std::collections::BTreeMap;

/// The most values of one list that are told.
const MOST_OFFENDERS: usize = 10;

/// What a condition is held against.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub facts: &'a Facts,
    pub roles: &'a BTreeMap<String, Found>,
    /// Where the step is done whose expectations are judged, if it is one's.
    pub step: Option<Source>,
    /// What came back from it, if it was done.
    pub result: Option<&'a StepResult>,
    /// Whether facts of files that are refused as a whole hold all the same: for tips.
    pub lenient: bool,
}

/// Whether something holds.
#[derive(Debug, Clone)]
pub enum Answer<T> {
    Holds,
    Fails(T),
    /// Was not asked for, or there is no engine; why.
    NotJudged(String),
    /// The grader's or the machine's fault; why.
    Errored(String),
}

impl<T> Answer<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Holds => Answer::Holds,
            Self::Fails(value) => Answer::Fails(change(value)),
            Self::NotJudged(why) => Answer::NotJudged(why),
            Self::Errored(why) => Answer::Errored(why),
        }
    }
}

/// What does not hold.
#[derive(Debug, Clone)]
pub struct Unmet<'a> {
    pub path: String,
    pub matcher: Option<&'a Matcher>,
    pub fact: Option<&'a Fact>,
    pub place: Option<Place>,
    pub because: Option<String>,
    /// What the fact itself has to tell in place of the check.
    pub own: &'a [Finding],
    /// Other values of the same list that do not fit either.
    pub others: Vec<&'a Fact>,
}

impl Unmet<'_> {
    /// What to say where the check says nothing itself.
    pub fn message(&self) -> String {
        if self.path.is_empty() {
            return "A step of this check could not be done.".to_owned();
        }
        let doc =
            registry::find(&registry::split(&self.path)).map(|entry| format!(" ({})", entry.doc.trim_end_matches('.')));
        format!("`{}` is not as expected{}", self.path, doc.unwrap_or_default())
    }
}

/// A fact that was looked up, and why it may not be there.
pub struct Seen<'a> {
    pub fact: Option<&'a Fact>,
    pub place: Option<&'a Place>,
    pub because: Option<&'a str>,
    pub findings: &'a [Finding],
}

static ABSENT: Fact = Fact::ABSENT;

/// The value of a fact, a role standing for its service.
pub fn value(facts: &Facts, roles: &BTreeMap<String, Found>, path: &[String]) -> Option<Value> {
    let scene = Scene { facts, roles, step: None, result: None, lenient: false };
    scene.fact(path).fact?.value().cloned()
}

/// Why nothing of a source can be judged, if so.
pub fn unavailable<T>(facts: &Facts, source: Source) -> Option<Answer<T>> {
    Some(match facts.unavailable(source)? {
        Unavailable::NotAsked if source == Source::Registry => {
            Answer::NotJudged("it asks a registry, and --static leaves that out".to_owned())
        }
        Unavailable::NotAsked => Answer::NotJudged("it needs Docker, and --static leaves that out".to_owned()),
        Unavailable::NoEngine(why) => Answer::NotJudged(why.clone()),
        Unavailable::Failed(why) => Answer::Errored(why.clone()),
    })
}

impl<'a> Scene<'a> {
    /// Whether a condition holds.
    pub fn judge(&self, condition: &'a Condition, captures: &Captures) -> Answer<Unmet<'a>> {
        match condition {
            Condition::Fact(path, matcher) => self.judge_fact(path, matcher, captures),
            Condition::AllOf(conditions) => {
                let mut result = Answer::Holds;
                for condition in conditions {
                    match self.judge(condition, captures) {
                        fails @ Answer::Fails(_) => return fails,
                        Answer::Holds => {}
                        open => result = open,
                    }
                }
                result
            }
            Condition::AnyOf(conditions) => {
                let (mut failure, mut open) = (None::<Unmet<'a>>, None);
                for condition in conditions {
                    match self.judge(condition, captures) {
                        Answer::Holds => return Answer::Holds,
                        Answer::Fails(next) => {
                            failure = Some(match failure {
                                None => next,
                                Some(first) => either(first, next),
                            });
                        }
                        other => open = Some(other),
                    }
                }
                open.or(failure.map(Answer::Fails)).unwrap_or(Answer::Holds)
            }
        }
    }

    fn judge_fact(&self, path: &'a [String], matcher: &'a Matcher, captures: &Captures) -> Answer<Unmet<'a>> {
        if let Some(open) = self.open(path) {
            return open;
        }
        if let Some(finding) = self.refused(path) {
            return Answer::Fails(Unmet {
                path: path.join("."),
                matcher: Some(matcher),
                fact: None,
                place: finding.place.clone(),
                because: Some(finding.message.clone()),
                own: std::slice::from_ref(finding),
                others: Vec::new(),
            });
        }
        let seen = self.fact(path);
        match fit(matcher, seen.fact.unwrap_or(&ABSENT), captures) {
            Fit::Yes => Answer::Holds,
            Fit::Unknown(why) => Answer::Errored(why.to_owned()),
            Fit::No(culprit) => Answer::Fails(Unmet {
                path: path.join("."),
                matcher: Some(matcher),
                fact: Some(if seen.fact.is_some() { culprit } else { &ABSENT }),
                place: culprit.place.as_ref().or(seen.place).cloned(),
                because: culprit.because.as_deref().or(seen.because).map(str::to_owned),
                own: if culprit.told.is_none() { seen.findings } else { culprit.findings() },
                others: seen
                    .fact
                    .map_or_else(Vec::new, |fact| offenders(matcher, fact, captures, MOST_OFFENDERS).split_off(1)),
            }),
        }
    }

    /// Why nothing of the files that a fact is about counts, if so. Whether they are there, and what is wrong with them,
    /// does.
    fn refused(&self, path: &[String]) -> Option<&'a Finding> {
        let [first, second, ..] = path else { return None };
        let is_about_errors = matches!(second.as_str(), "errors" | "exists" | "path");
        if self.lenient || is_about_errors || self.is_of_step(path) {
            return None;
        }
        self.facts.refused(registry::source_of(first)?)
    }

    /// Why a fact can't be judged, if so.
    fn open<T>(&self, path: &[String]) -> Option<Answer<T>> {
        if let Some(source) = self.step.filter(|_| self.is_of_step(path)) {
            return match self.result {
                Some(StepResult { error: Some(why), .. }) => Some(Answer::Errored(why.clone())),
                Some(_) => None,
                None => self.unavailable(source),
            };
        }
        // One that is certain from files alone is known without its source.
        if self.facts.at(path).is_some() {
            return None;
        }
        self.unavailable(registry::source_of(path.first()?)?)
    }

    fn unavailable<T>(&self, source: Source) -> Option<Answer<T>> {
        unavailable(self.facts, source)
    }

    /// Whether a step brings a fact back: one that only steps have, or one that was looked at afresh.
    fn is_of_step(&self, path: &[String]) -> bool {
        let afresh = |first: &String| self.result.is_some_and(|result| result.facts.get(first).is_some());
        self.step.is_some() && path.first().is_some_and(|first| registry::source_of(first).is_none() || afresh(first))
    }

    /// The fact at a path, a role standing for its service, or what says why there is none.
    pub fn fact(&self, path: &[String]) -> Seen<'a> {
        let mut seen = Seen { fact: None, place: None, because: None, findings: &[] };
        let mut facts = Some(self.facts);
        if self.is_of_step(path) {
            let failed = self.result.and_then(|result| result.failed.as_ref());
            seen.place = failed.and_then(|failed| failed.place.as_ref());
            seen.because = failed.and_then(|failed| failed.because.as_deref());
            facts = self.result.map(|result| &result.facts);
        }
        let mut parts: Vec<&str> = path.iter().map(String::as_str).collect();
        if let ["compose" | "stack", "services" | "network" | "volume", name, ..] = parts.as_mut_slice() {
            match self.roles.get(*name) {
                Some(Ok(service)) => *name = service,
                // A service that is only called like the role is none of it.
                Some(Err(why)) => {
                    let all = self.facts.at(&path[..2]);
                    let because = all
                        .and_then(|all| all.because.as_deref())
                        .filter(|_| all.is_some_and(|all| all.value().is_none()));
                    return Seen {
                        place: all.and_then(|all| all.place.as_ref()),
                        because: because.or(Some(why)),
                        ..seen
                    };
                }
                None => {}
            }
        }
        for depth in 1..=parts.len() {
            let Some(fact) = parts.get(..depth).and_then(|parts| facts?.at(parts)) else { break };
            seen.place = fact.place.as_ref().or(seen.place);
            if !matches!(fact.known, Known::Value(_)) || depth == parts.len() {
                seen.because = fact.because.as_deref().or(seen.because);
                seen.findings = if fact.told.is_none() { seen.findings } else { fact.findings() };
                seen.fact = Some(fact);
            }
        }
        seen
    }

    /// A fact's value, and its reason, as one line.
    pub fn show(&self, path: &[String]) -> Option<String> {
        let fact = self.fact(path).fact?;
        let value: &Value = fact.value()?;
        Some(fact.because.as_ref().map_or_else(|| value.to_string(), |because| format!("{value}, {because}")))
    }

    /// The step itself: whether it could be done, where no expectation says so already.
    pub fn step_itself<'s>(&'s self) -> Option<Answer<Unmet<'a>>> {
        let failure = |failed: Option<&'a Fact>| Unmet {
            path: String::new(),
            matcher: None,
            fact: None,
            place: failed.and_then(|failed| failed.place.clone()),
            because: failed.and_then(|failed| failed.because.clone()),
            own: failed.map_or(&[], Fact::findings),
            others: Vec::new(),
        };
        let source = self.step?;
        match self.result {
            None => {
                // What it would have been done on is not there: that is why.
                let start = if source == Source::Stack { "stack.up" } else { "container.state" };
                let why = || Answer::Fails(failure(self.facts.get(start)));
                Some(self.unavailable(source).unwrap_or_else(why))
            }
            Some(StepResult { error: Some(why), .. }) => Some(Answer::Errored(why.clone())),
            Some(StepResult { failed: Some(failed), .. }) => Some(Answer::Fails(failure(Some(failed)))),
            Some(_) => None,
        }
    }
}

/// Neither holds: the first is told, with the reasons of both.
fn either<'a>(mut first: Unmet<'a>, second: Unmet<'a>) -> Unmet<'a> {
    first.place = first.place.or(second.place);
    first.because = match (first.because, second.because) {
        (Some(one), Some(other)) if one != other => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    };
    first
}
