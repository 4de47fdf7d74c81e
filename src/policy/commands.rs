//! What of a file of commands isn't carried out: each `docker run` is judged as a service of a Compose file, and every
//! path as one that Compose reads.

mod model;

use super::path::leads_out;
use super::walk::Walk;
use super::{Decision, Policy};
use crate::commands::flag::Hazard;
use crate::commands::verb::Operand;
use crate::commands::{Command, CommandFile, GivenOption, Invocation, ShellWord, WordPiece};
use crate::dockerfile::Span;
use crate::outcome::Finding;
use crate::place::Place;
use crate::yaml;
use model::{Model, begins_at_root, key_of};
use std::collections::BTreeSet;
use std::path::Path;

/// The section of the policy that containers are judged by.
const SERVICE: &str = "services.<name>";
/// How many findings are reported at once.
const MAX_FINDINGS: usize = 20;

const OUTSIDE: Hazard = Hazard {
    why: "it names a file or folder outside of the repository",
    instead: "Put what is needed into the repository and name it by a path relative to commands.sh.",
};
const STREAM: Hazard =
    Hazard { why: "grader copies files, and no stream of them", instead: "Name a file or folder of the repository." };
const UNKNOWN: Hazard = Hazard {
    why: "grader has to know the value before it carries anything out",
    instead: "Write the value itself, without `$(…)`.",
};
const DRIVER: Hazard = Hazard {
    why: "it mounts what a driver reaches beyond this host's Docker",
    instead: "Leave `volume-driver` and `volume-opt` out.",
};

/// What is refused of a file of commands at a path of the repository. `root` is the canonical path of the repository as it is
/// graded.
pub fn commands(policy: &Policy, file: &CommandFile, path: &str, root: &Path) -> Decision {
    let mut decision = Decision::default();
    let at = |span: Span| Place::line(path, span.line).column(span.column).to_line(span.end_line);
    for command in &file.commands {
        if decision.refused.len() >= MAX_FINDINGS {
            return decision;
        }
        let Some(call) = command.call() else { continue };
        let always =
            call.refused().map(|(name, hazard, span)| finding(&name, hazard, at(span.unwrap_or(command.span))));
        decision.refused.extend(always);
        decision
            .refused
            .extend(outside(command, call, root).map(|(shown, hazard, span)| finding(&shown, hazard, at(span))));
        decision.refused.extend(unknown(policy, file, call).map(|(shown, span)| finding(&shown, &UNKNOWN, at(span))));
    }
    let model = Model::of(file);
    let tree = model.tree();
    let built = built(file);
    let name = |key: &str, within: &[String], span: yaml::Span| model.name(key, within, span);
    let walk = Walk {
        policy,
        root,
        directory: "",
        is_resolved: true,
        may_vary: false,
        idle: &BTreeSet::new(),
        built: &built,
        place: &|_, span| Place::line(path, span.line).column(span.column).to_line(span.end_line),
        name: &name,
        text: &str::to_owned,
    };
    decision.extend(walk.file(&tree));
    decision.refused.truncate(MAX_FINDINGS);
    decision
}

fn finding(shown: &str, hazard: &Hazard, place: Place) -> Finding {
    Finding {
        message: format!("`{shown}` is not allowed here: {}", hazard.why),
        place: Some(place),
        hint: Some(hazard.instead.to_owned()),
        ..Finding::default()
    }
}

/// The paths of a command that lead out of the repository, links followed.
fn outside<'a>(
    command: &'a Command,
    call: &'a Invocation,
    root: &'a Path,
) -> impl Iterator<Item = (String, &'static Hazard, Span)> + 'a {
    let leads = |word: &ShellWord, text: &str| {
        text != "/dev/null" && leads_out(root, if begins_at_root(word) { "" } else { &command.folder }, text)
    };
    let operands = call.operands.iter().enumerate().filter_map(move |(index, word)| {
        let text = word.path();
        let hazard = match call.verb.operand(index)? {
            Operand::Path | Operand::CopyPath if text == "-" && call.verb.is_docker() => Some(&STREAM),
            // What a build takes is judged as Compose's `build`.
            Operand::Path if call.verb.name == "build" => None,
            Operand::CopyPath if is_in_container(&text) => None,
            Operand::Path | Operand::CopyPath => Some(&OUTSIDE).filter(|_| leads(word, &text)),
            _ => None,
        }?;
        Some((word.text().into_owned(), hazard, word.span))
    });
    let options = call.options.iter().filter_map(move |given| {
        let is_path = match call.verb.name {
            "save" | "export" | "curl" | "wget" => matches!(given.flag.name, "output" | "output-document"),
            "load" => given.flag.name == "input",
            "build" => given.flag.name == "file",
            _ => {
                call.verb.name.starts_with("compose ")
                    && matches!(given.flag.name, "file" | "env-file" | "project-directory")
            }
        };
        let text = given.value.path();
        let hazard = match &*text {
            _ if !is_path => None,
            "-" => Some(&STREAM).filter(|_| call.verb.is_docker()),
            text => Some(&OUTSIDE).filter(|_| leads(&given.value, text)),
        }?;
        Some((given.shown(), hazard, given.span))
    });
    let drivers = call.options.iter().filter(|given| given.flag.name == "mount").filter_map(|given| {
        let text = given.value.text().to_ascii_lowercase();
        let mut fields = text.split(',').map(str::trim);
        let has_driver = fields.any(|field| field.starts_with("volume-driver") || field.starts_with("volume-opt"));
        has_driver.then(|| (given.shown(), &DRIVER, given.span))
    });
    let files = command.redirects.iter().filter_map(move |redirection| {
        let word = redirection.file.as_ref()?;
        let text = word.path();
        leads(word, &text).then(|| (text.clone().into_owned(), &OUTSIDE, word.span))
    });
    operands.chain(options).chain(drivers).chain(files)
}

/// Whether it is `CONTAINER:PATH`, as Docker's client tells it from a path.
fn is_in_container(text: &str) -> bool {
    !text.starts_with(['.', '/']) && text.split_once(':').is_some_and(|(name, _)| !name.is_empty())
}

/// The options whose values the policy asks something of, and that only a run can know.
fn unknown<'a>(
    policy: &'a Policy,
    file: &'a CommandFile,
    call: &'a Invocation,
) -> impl Iterator<Item = (String, Span)> + 'a {
    let is_unknown = |word: &ShellWord| word.pieces.iter().any(|piece| matches!(piece, WordPiece::Output { .. }));
    let options = call.options.iter().filter(move |given| is_unknown(&given.value)).filter(|given| {
        let Some((key, _)) = key_of(given.flag) else { return false };
        let (section, key) = key.rsplit_once('.').unwrap_or(("", key));
        let section = if section.is_empty() { SERVICE.to_owned() } else { format!("{SERVICE}.{section}") };
        !policy.rules(&section, key).is_empty()
    });
    let options = options.map(|given: &GivenOption| (format!("--{}", given.flag.name), given.span));
    let image = call.operands.first().filter(|_| matches!(call.verb.name, "run" | "create" | "pull"));
    let image = image.filter(move |word| is_unknown(word) && !is_image_of_file(file, word));
    let paths = call
        .operands
        .iter()
        .enumerate()
        .filter(move |(index, word)| matches!(call.verb.operand(*index), Some(Operand::Path)) && is_unknown(word));
    let words = image.into_iter().chain(paths.map(|(_, word)| word));
    options.chain(words.map(|word| (word.text().into_owned(), word.span)))
}

/// Whether a word is the output of a command that prints an image of this host.
fn is_image_of_file(file: &CommandFile, word: &ShellWord) -> bool {
    let [WordPiece::Output { command, .. }] = word.pieces.as_slice() else { return false };
    let by = file.commands.get(*command).and_then(Command::call);
    by.is_some_and(|by| matches!(by.verb.name, "build" | "commit" | "import" | "images"))
}

/// The names that the file itself gives to images: `docker run` takes those and asks no registry.
fn built(file: &CommandFile) -> BTreeSet<String> {
    let mut built = BTreeSet::new();
    for call in file.commands.iter().filter_map(Command::call) {
        match call.verb.name {
            "build" => built.extend(call.values("tag").map(|given| given.value.text().into_owned())),
            "tag" | "commit" | "import" => built.extend(call.operands.get(1).map(|word| word.text().into_owned())),
            _ => {}
        }
    }
    built
}
