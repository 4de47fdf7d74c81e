//! What of a Compose file is not run, because it would reach out of its containers: to the machine, its files, other
//! containers, or the network's owner. An allowlist: a key that the table does not name is refused.
//!
//! It is checked twice: as written, before any tool loads it ([`written`]), and as Compose has resolved it ([`resolved`]).
//! The verdicts are data: [`table`].

pub mod path;
mod question;
pub mod table;

use crate::compose::{Compose, env::interpolate, keys};
use crate::outcome::Finding;
use crate::place::Place;
use crate::yaml::{self, Node};
use std::path::Path;
use table::{Danger, Scope, Verdict};

/// How many refusals are told at once.
const MAX_FINDINGS: usize = 20;

/// A value that is judged, and what it is judged by.
#[derive(Clone, Copy)]
pub struct Judged<'a> {
    /// The value.
    pub node: &'a Node,
    /// Its text with variables filled in, if it is a scalar.
    pub text: Option<&'a str>,
    /// The repository as it is graded; a canonical path.
    pub root: &'a Path,
    /// What relative paths are resolved against, relative to `root`.
    pub directory: &'a str,
    /// Whether Compose has filled in all variables; otherwise a `$` may still stand for anything.
    pub is_resolved: bool,
}

/// What is refused of the files as written. `root` is the canonical path of the repository as it is graded.
pub fn written(compose: &Compose, root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &compose.files {
        let Some(tree) = &file.tree else { continue };
        let place = |_: &[String], span: yaml::Span| Place::line(file.path.clone(), span.line).column(span.column);
        let text = |text: &str| interpolate(text, &compose.env);
        let walk = Walk { root, directory: &file.directory, is_resolved: false, place: &place, text: &text };
        walk.map(tree, &table::ROOT, &mut Vec::new(), &mut findings);
    }
    findings
}

/// What is refused of the model that `docker compose config --format json` printed; the places are those of the files.
pub fn resolved(model: &str, compose: &Compose, root: &Path) -> Vec<Finding> {
    let tree = match yaml::parse(model) {
        Ok(tree) => tree,
        Err(error) => {
            let message = format!("What Compose makes of {} is more than is run: {}", compose.path(), error.message);
            let hint = Some("Take out what is repeated.".to_owned());
            return vec![Finding { message, hint, place: Some(Place::file(compose.path())), ..Finding::default() }];
        }
    };
    let mut findings = Vec::new();
    let place = |path: &[String], _: yaml::Span| compose.place_of(&path.iter().map(String::as_str).collect::<Vec<_>>());
    let text = |text: &str| text.replace("$$", "$");
    let walk = Walk { root, directory: compose.directory(), is_resolved: true, place: &place, text: &text };
    walk.map(&tree, &table::ROOT, &mut Vec::new(), &mut findings);
    findings
}

struct Walk<'a> {
    root: &'a Path,
    directory: &'a str,
    is_resolved: bool,
    place: &'a dyn Fn(&[String], yaml::Span) -> Place,
    text: &'a dyn Fn(&str) -> String,
}

impl Walk<'_> {
    /// A map whose keys the scope knows; its short form is judged by the scope.
    fn map(&self, node: &Node, scope: &Scope, path: &mut Vec<String>, findings: &mut Vec<Finding>) {
        let Some(entries) = node.as_map() else {
            return self.verdict(node, node.span, &scope.short, path, findings);
        };
        for entry in entries {
            if findings.len() >= MAX_FINDINGS {
                break;
            }
            let key = entry.key.as_str();
            path.push(key.to_owned());
            if let Some((_, verdict)) = scope.rules.iter().find(|(known, _)| *known == key) {
                self.verdict(&entry.value, entry.key_span, verdict, path, findings);
            } else if !scope.harmless.contains(&key) && !key.starts_with("x-") {
                findings.push(self.unknown(scope, path, entry.key_span));
            }
            path.pop();
        }
    }

    fn verdict(
        &self,
        node: &Node,
        span: yaml::Span,
        verdict: &Verdict,
        path: &mut Vec<String>,
        findings: &mut Vec<Finding>,
    ) {
        if findings.len() >= MAX_FINDINGS {
            return;
        }
        match verdict {
            Verdict::Allow => {}
            Verdict::Refuse(danger) => {
                if is_said(node) {
                    findings.push(self.refusal(danger, node, path, span));
                }
            }
            Verdict::When(tests) => {
                let text = node.text().map(self.text);
                let judged = Judged {
                    node,
                    text: text.as_deref(),
                    root: self.root,
                    directory: self.directory,
                    is_resolved: self.is_resolved,
                };
                if let Some((_, danger)) = tests.iter().find(|(test, _)| is_said(node) && test(judged)) {
                    findings.push(self.refusal(danger, node, path, span));
                }
            }
            Verdict::All(verdicts) => {
                for verdict in *verdicts {
                    self.verdict(node, span, verdict, path, findings);
                }
            }
            Verdict::Inside(scope) => {
                if is_said(node) {
                    self.map(node, scope, path, findings);
                }
            }
            Verdict::Each(verdict) => self.each(node, verdict, path, findings),
        }
    }

    /// The values of a map or a list; a scalar stands for a list of one.
    fn each(&self, node: &Node, verdict: &Verdict, path: &mut Vec<String>, findings: &mut Vec<Finding>) {
        for entry in node.as_map().unwrap_or_default() {
            path.push(entry.key.clone());
            self.verdict(&entry.value, entry.key_span, verdict, path, findings);
            path.pop();
        }
        for (index, item) in node.as_seq().into_iter().flatten().enumerate() {
            path.push(index.to_string());
            self.verdict(item, item.span, verdict, path, findings);
            path.pop();
        }
        if node.scalar().is_some() {
            self.verdict(node, node.span, verdict, path, findings);
        }
    }

    fn refusal(&self, danger: &Danger, node: &Node, path: &[String], span: yaml::Span) -> Finding {
        Finding {
            message: format!("{} is not allowed here: {}", named(path), danger.why),
            place: Some((self.place)(path, span)),
            actual: node.text().map(|text| text.chars().take(200).collect()),
            hint: Some(danger.instead.to_owned()),
            ..Finding::default()
        }
    }

    fn unknown(&self, scope: &Scope, path: &[String], span: yaml::Span) -> Finding {
        let key = path.last().map_or("", String::as_str);
        let known: Vec<&str> = scope.harmless.iter().copied().chain(scope.rules.iter().map(|(key, _)| *key)).collect();
        Finding {
            message: format!("`{key}` is no key of {}", scope.what),
            place: Some((self.place)(path, span)),
            hint: keys::nearest(key, &known).map(|near| format!("Did you mean `{near}`?")),
            ..Finding::default()
        }
    }
}

/// Whether a value says anything: `false`, `[]` and nothing at all do not.
fn is_said(node: &Node) -> bool {
    match node.scalar() {
        Some(yaml::Scalar::Null | yaml::Scalar::Bool(false) | yaml::Scalar::Text("" | "false")) => false,
        Some(_) => true,
        None => node.as_seq().is_none_or(|items| !items.is_empty()) && node.as_map().is_none_or(|map| !map.is_empty()),
    }
}

/// `` `privileged` of the service `api` ``
fn named(path: &[String]) -> String {
    let key = path.iter().rev().find(|part| part.parse::<usize>().is_err()).map_or("", String::as_str);
    match path {
        [section, name, _, ..] => {
            format!("`{key}` of the {} `{name}`", section.strip_suffix('s').unwrap_or(section))
        }
        _ => format!("`{key}`"),
    }
}
