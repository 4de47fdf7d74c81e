//! What of a Dockerfile is refused: who builds it, and what its instructions reach for.

use super::Decision;
use super::build::add;
use super::frontend::frontend;
use super::registry::is_near;
use super::rule::Policy;
use crate::dockerfile::{Certain, Instruction, Kind, MAX_ERRORS, MAX_TEXT, Parsed, Port, Taking, Way};
use crate::outcome::Finding;
use crate::place::Place;
use crate::units::size_text;
use std::collections::BTreeMap;

/// How the sources begin where BuildKit takes something for an address and not for a path of the context.
const ADDRESSES: [&str; 6] = ["http://", "https://", "git://", "ssh://", "git@", "github.com/"];

/// The frontends whose variables are those of the engine's own.
const NEW: [&str; 3] = ["docker/dockerfile", "docker/dockerfile:1", "docker/dockerfile:latest"];

/// How the labels begin by which grader knows what is its own.
const OWN: &str = "dev.grader.";

/// What is refused of a Dockerfile, by its name.
pub fn dockerfile(policy: &Policy, name: &str, parsed: &Parsed, args: &BTreeMap<String, String>) -> Decision {
    let certain = Certain { args, platform: true, stages: true, arguments: true };
    judge(policy, name, parsed, certain)
}

/// Judges a Dockerfile by what is certain of the build.
pub(crate) fn judge(policy: &Policy, name: &str, parsed: &Parsed, certain: Certain<'_>) -> Decision {
    let mut told = Told { policy, name, verdict: Decision::default() };
    if parsed.is_too_long() {
        let message = format!("`{name}` is longer than {}, the most that is read", size_text(MAX_TEXT));
        let (hint, place) = (Some("Leave out what is no instruction.".to_owned()), Some(Place::file(name)));
        told.verdict.refused.push(Finding { message, place, hint, ..Finding::default() });
        return told.verdict;
    }
    let (mut frontends, args) = (Vec::new(), certain.args);
    // As it is handed on: the name may hold a `=` itself.
    for argument in args.iter().map(|(name, value)| format!("{name}={value}")) {
        if let Some(value) = argument.strip_prefix("BUILDKIT_SYNTAX=") {
            let frontend = value.split_whitespace().next().unwrap_or_default();
            told.judge("syntax", frontend, "The build argument `BUILDKIT_SYNTAX`", None);
            frontends.push(frontend.to_owned());
        }
    }
    if let Some((frontend, line)) = frontend(parsed.text()) {
        told.judge("syntax", &frontend, &format!("`syntax={frontend}`"), Some(line));
        frontends.push(frontend);
    }
    let file = parsed.file();
    // Whatever follows was seen by nobody.
    if let Some(beyond) = &file.beyond {
        let (message, place) = (format!("`{name}` has {}", beyond.message), Place::line(name, beyond.line));
        told.verdict.refused.push(Finding {
            message,
            place: Some(place),
            hint: beyond.help.clone(),
            ..Finding::default()
        });
        return told.verdict;
    }
    for instruction in &file.instructions {
        told.instruction(&instruction.kind, instruction.span.line);
        // Another frontend may know what ours does not.
        let is_read = match &instruction.kind {
            Kind::Onbuild(onbuild) => onbuild.trigger.is_ok(),
            kind => *kind != Kind::Invalid,
        };
        if !is_read && !frontends.is_empty() {
            told.unread(instruction);
        }
    }
    if file.errors.len() >= MAX_ERRORS && !frontends.is_empty() {
        let line = file.errors.last().map(|error| error.line);
        told.judge("add", "", "What follows, behind so many mistakes,", line);
    }
    let is_new = |frontend: &String| NEW.iter().any(|new| frontend.trim_start_matches("docker.io/") == *new);
    let certain = Certain { arguments: certain.arguments && frontends.iter().all(is_new), ..certain };
    for taking in file.takings(certain) {
        // The engine's own frontend knows no variables there, and says so better.
        let is_error = taking.way == Way::Copy && taking.text.contains('$') && frontends.is_empty();
        if !is_error {
            told.taking(&taking);
        }
    }
    told.verdict
}

struct Told<'a> {
    policy: &'a Policy,
    name: &'a str,
    verdict: Decision,
}

impl Told<'_> {
    fn judge(&mut self, key: &str, value: &str, what: &str, line: Option<u32>) {
        if let Some(rule) = self.policy.of_text("dockerfile", key, value) {
            let place = line.map_or_else(|| Place::file(self.name), |line| Place::line(self.name, line));
            add(&mut self.verdict, rule, what, Some(place));
        }
    }

    /// An instruction that can't be read: it is refused if it could reach out, whatever it means.
    fn unread(&mut self, instruction: &Instruction) {
        let is_plain = |c: &char| !matches!(c, '"' | '\'' | '\\' | '`' | '[' | ']');
        let plain: String = instruction.original.chars().filter(is_plain).collect();
        let shown: String = instruction.original.chars().take(100).collect();
        let (what, line) = (format!("`{shown}`"), Some(instruction.span.line));
        for (flag, key) in [("--network", "run.network"), ("--security", "run.security"), ("--device", "run.device")] {
            if plain.contains(flag) {
                self.judge(key, "", &what, line);
            }
        }
        let words: Vec<&str> = plain.split(|c: char| c.is_whitespace() || c == ',').collect();
        let is = |name: &str| words.iter().take(2).any(|word| word.eq_ignore_ascii_case(name));
        let images = plain.split("from=").skip(1).filter_map(|rest| rest.split([' ', '\t', ',']).next());
        let mut sources = words.iter().filter(|word| !word.starts_with("--"));
        if is("ADD") && sources.any(|word| may_be_address(word)) {
            self.judge("add", "", &what, line);
        } else if images.chain(words.iter().copied().filter(|_| is("FROM"))).any(is_near) {
            self.judge("image", "$", &what, line);
        }
    }

    fn taking(&mut self, taking: &Taking) {
        let shown: String = taking.written.chars().take(200).collect();
        let (key, what) = match taking.way {
            Way::Label => return self.label(taking, &shown),
            Way::Expose => return self.expose(taking, &shown),
            Way::Add if !may_be_address(&taking.text) => return,
            Way::Add => ("add", format!("`ADD {shown}`")),
            Way::From => ("image", format!("`FROM {shown}`")),
            Way::Copy => ("image", format!("`COPY --from={shown}`")),
            Way::Mount => ("image", format!("`RUN --mount=from={shown}`")),
        };
        self.judge(key, &taking.text, &what, Some(taking.line));
    }

    /// A `$` may stand for anything, also for one of grader's own labels.
    fn label(&mut self, taking: &Taking, shown: &str) {
        let (before, is_open) = taking.text.split_once('$').map_or((taking.text.as_str(), false), |it| (it.0, true));
        let name = if is_open && OWN.starts_with(&before.to_lowercase()) { OWN } else { &taking.text };
        self.judge("label", name, &format!("`LABEL {shown}`"), Some(taking.line));
    }

    fn expose(&mut self, taking: &Taking, shown: &str) {
        if let Ok(port) = Port::parse(&taking.text) {
            let count = u32::from(port.last.saturating_sub(port.first)) + 1;
            self.judge("expose", &count.to_string(), &format!("`EXPOSE {shown}`: {count} ports,"), Some(taking.line));
        }
    }

    fn instruction(&mut self, kind: &Kind, line: u32) {
        match kind {
            Kind::Run(run) => {
                for flag in ["security", "network", "device"] {
                    for value in run.flags.all(flag).map(str::to_owned).collect::<Vec<_>>() {
                        self.judge(&format!("run.{flag}"), &value, &format!("`RUN --{flag}={value}`"), Some(line));
                    }
                }
                for mount in &run.mounts {
                    let kind = mount.get(&["type"]).unwrap_or("bind").to_lowercase();
                    self.judge("run.mount", &kind, &format!("`RUN --mount=type={kind}`"), Some(line));
                }
            }
            // It runs in the stages that are built from this one.
            Kind::Onbuild(onbuild) => {
                if let Ok(kind) = &onbuild.trigger {
                    self.instruction(kind, line);
                }
            }
            _ => {}
        }
    }
}

/// Whether BuildKit could take what is added for an address. A `$` may stand for anything.
fn may_be_address(source: &str) -> bool {
    let source = source.trim().to_lowercase();
    if source.contains("://") || ADDRESSES.iter().any(|address| source.starts_with(address)) {
        return true;
    }
    let is_begun = |before: &str| ADDRESSES.iter().any(|address| address.starts_with(before));
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    match source.split_once('$') {
        // `user@host:path`, by ssh
        None => source.split_once('@').is_some_and(|(user, rest)| is_name(user) && rest.contains(':')),
        Some((before, _)) => is_name(before.split_once('@').map_or(before, |(user, _)| user)) || is_begun(before),
    }
}
