//! What a command is: a verb of `docker`, or one of the few other programs.

use super::error::{Error, quoted};
use super::invocation::Invocation;
use super::run::NewContainer;
use super::verb::Operand;
use super::verbs::{self, FILTERS};
use super::word::ShellWord;
use super::{Join, MAX_SLEEP, nearest};
use crate::dockerfile::Span;

/// Programs that people write in such files, and what to do instead.
const OTHERS: &[(&str, &str)] = &[
    ("docker-compose", "Write `docker compose`, in two words."),
    ("sudo", "Leave `sudo` out: grader runs Docker itself."),
    ("doas", "Leave `doas` out: grader runs Docker itself."),
    ("winpty", "Leave `winpty` out: grader has no terminal."),
    ("eval", "Write the command itself."),
    ("bash", "Write the commands themselves, one a line."),
    ("sh", "Write the commands themselves, one a line."),
    ("source", "Write the commands themselves, one a line."),
    (".", "Write the commands themselves, one a line."),
    ("alias", "Write the command itself."),
    ("printf", "Use `echo`."),
    ("timeout", "Leave it out: grader bounds each command."),
    ("time", "Leave it out: grader measures each command."),
    ("xargs", "Use `$(docker … -q)` to hand on names."),
    ("awk", "Use `--format` to print only what you need."),
    ("cut", "Use `--format` to print only what you need."),
    ("sed", "Use `--format` to print only what you need."),
    ("jq", "Use `--format` to print only what you need."),
    ("tee", "Use `> FILE`."),
    ("touch", "Use `echo > FILE`."),
    ("nc", "Use `curl localhost:PORT`."),
    ("telnet", "Use `curl localhost:PORT`."),
    ("open", "Use `curl localhost:PORT`."),
    ("xdg-open", "Use `curl localhost:PORT`."),
    ("podman", "Write `docker`."),
    ("exit", "Leave it out: the file ends with its last line."),
    ("clear", "Leave it out."),
    ("wait", "Use `docker wait CONTAINER`."),
];

/// Verbs of `docker` that aren't carried out, and why.
const NOT_HERE: &[(&str, &str)] = &[
    ("context", "it chooses the engine, which grader does itself"),
    ("swarm", "it makes a cluster of the engine"),
    ("service", "it needs a cluster"),
    ("stack", "it needs a cluster"),
    ("node", "it needs a cluster"),
    ("config", "it needs a cluster"),
    ("secret", "it needs a cluster"),
    ("plugin", "it changes the engine itself"),
    ("buildx", "it steers builders, which grader does itself"),
    ("builder", "it steers builders, which grader does itself"),
    ("checkpoint", "it is an experiment of Docker's"),
    ("events", "it never ends"),
    ("search", "its answer changes from day to day"),
    ("scout", "its answer changes from day to day"),
    ("init", "it asks questions at a terminal"),
    ("debug", "it needs a terminal"),
    ("manifest", "it asks registries of the internet"),
    ("trust", "it needs keys of your own"),
];

/// The verb of a command, its options and operands.
pub(super) fn read(words: &[ShellWord], join: Join, span: Span) -> Result<Invocation, Error> {
    let Some((first, rest)) = words.split_first() else {
        return Err(Error::new(span, "nothing is left of this command").help("Write the command itself."));
    };
    let name = first.known().ok_or_else(|| {
        Error::new(first.span, "a command can't be the output of another one").help("Write the command itself.")
    })?;
    let invocation = match &*name {
        "docker" | "docker.exe" if join == Join::Pipe => Err(Error::new(first.span, "grader pipes into filters only")
            .help(format!("Use {}, or `> FILE` and then `docker load -i FILE`.", FILTERS.join(", ")))),
        "docker" | "docker.exe" => docker(first, rest, span),
        name if join == Join::Pipe && !FILTERS.contains(&name) => {
            Err(Error::new(first.span, format!("grader pipes into filters only, not into {}", quoted(name)))
                .help(format!("Use {}.", FILTERS.join(", "))))
        }
        name => match verbs::program(name) {
            Some(verb) => Invocation::read(verb, &[], rest, span),
            None => Err(other(name, first.span)),
        },
    }?;
    check(&invocation)?;
    Ok(invocation)
}

fn other(name: &str, span: Span) -> Error {
    let known: Vec<&str> =
        verbs::all().filter(|verb| !verb.is_docker()).map(|verb| verb.name).chain(["docker"]).collect();
    let is_verb = verbs::all().any(|verb| verb.spellings.contains(&name));
    let error = Error::new(span, format!("grader doesn't run {}", quoted(name)));
    if let Some((_, instead)) = OTHERS.iter().find(|(other, _)| *other == name) {
        return error.help(*instead);
    }
    if name.starts_with('-') {
        return Error::new(span, format!("{} isn't a command", quoted(name)))
            .help("If it belongs to the line before, end that line with `\\`.");
    }
    if is_verb {
        return error.help(format!("Write `docker {name}`."));
    }
    match nearest(name, &known) {
        Some(near) => error.help(format!("Did you mean `{near}`?")),
        None => {
            error.help("Write `docker` commands. Beside them grader knows curl, wget, sleep, echo, cat, mkdir and cd.")
        }
    }
}

/// `docker VERB …`
fn docker(program: &ShellWord, words: &[ShellWord], span: Span) -> Result<Invocation, Error> {
    let Some(first) = words.first() else {
        return Err(
            Error::new(program.span, "the verb is missing").help("Write what to do: `docker run`, `docker ps`, …")
        );
    };
    let Some(name) = first.known() else {
        return Err(Error::new(first.span, "the verb can't be the output of another command").help("Write it itself."));
    };
    if name.starts_with('-') {
        let message = format!("{} comes before the verb and is for the client itself", quoted(&name));
        return Err(Error::new(first.span, message).help("Leave it out: grader chooses the engine itself."));
    }
    if name == "compose" {
        return compose(words, span);
    }
    let second = words.get(1).and_then(ShellWord::known);
    let Some((verb, length)) = verbs::find(&name, second.as_deref()) else {
        return Err(unknown(&name, second.as_deref(), first.span));
    };
    Invocation::read(verb, &[], words.get(length..).unwrap_or_default(), span)
}

/// `docker compose [OPTIONS] VERB …`
fn compose(words: &[ShellWord], span: Span) -> Result<Invocation, Error> {
    let start = words.first().map_or(span, |word| word.span);
    let rest = words.get(1..).unwrap_or_default();
    let verbs: Vec<_> = verbs::all().filter(|verb| !verb.before.is_empty()).collect();
    let before = verbs.first().map(|verb| verb.before).unwrap_or_default();
    let mut at = 0;
    while let Some(word) = rest.get(at) {
        let text = word.text();
        if !text.starts_with('-') {
            break;
        }
        let takes = |flag: &super::flag::Flag| {
            let letter = flag.short.map(|letter| format!("-{letter}"));
            flag.takes_value && (text == format!("--{}", flag.name) || letter.is_some_and(|letter| text == letter))
        };
        at += if before.iter().any(takes) { 2 } else { 1 };
    }
    let Some(word) = rest.get(at) else {
        return Err(Error::new(start, "the verb is missing").help("Write what to do: `docker compose up -d`, …"));
    };
    let name = word.text();
    let found = verbs.iter().find(|verb| verb.spellings.iter().any(|it| it.strip_prefix("compose ") == Some(&*name)));
    let Some(verb) = found else {
        let names: Vec<&str> = verbs.iter().filter_map(|verb| verb.name.strip_prefix("compose ")).collect();
        let error = Error::new(word.span, format!("grader doesn't do `docker compose` with {}", quoted(&name)));
        return Err(match nearest(&name, &names) {
            Some(near) => error.help(format!("Did you mean `{near}`?")),
            None => error.help(format!("It does {}.", names.join(", "))),
        });
    };
    let (before, after) = (rest.get(..at), rest.get(at + 1..));
    Invocation::read(verb, before.unwrap_or_default(), after.unwrap_or_default(), span)
}

fn unknown(name: &str, second: Option<&str>, span: Span) -> Error {
    let groups: Vec<&str> = verbs::all()
        .flat_map(|verb| verb.spellings)
        .filter_map(|it| it.split_once(' '))
        .map(|(group, _)| group)
        .collect();
    if groups.contains(&name) && !NOT_HERE.iter().any(|(other, _)| *other == name) {
        let of_group =
            verbs::all().flat_map(|verb| verb.spellings).filter_map(|it| it.strip_prefix(name)?.strip_prefix(' '));
        let mut names: Vec<&str> = of_group.collect();
        names.sort_unstable();
        let Some(second) = second else {
            return Error::new(span, format!("the verb of `docker {name}` is missing"))
                .help(format!("Write one of {}.", names.join(", ")));
        };
        let error = Error::new(span, format!("grader doesn't do `docker {name}` with {}", quoted(second)));
        return match nearest(second, &names) {
            Some(near) => error.help(format!("Did you mean `docker {name} {near}`?")),
            None => error.help(format!("It does {}.", names.join(", "))),
        };
    }
    if let Some((_, why)) = NOT_HERE.iter().find(|(other, _)| *other == name) {
        return Error::new(span, format!("grader doesn't do `docker {name}`: {why}")).help("Leave it out.");
    }
    let names: Vec<&str> = verbs::all().flat_map(|verb| verb.spellings).copied().chain(groups).collect();
    let error = Error::new(span, format!("`docker` has no command {}", quoted(name)));
    match nearest(name, &names) {
        Some(near) => error.help(format!("Did you mean `docker {near}`?")),
        None => error.help("`docker --help` lists its commands."),
    }
}

/// What a verb's operands have to be, whatever the policy says.
fn check(invocation: &Invocation) -> Result<(), Error> {
    for (index, word) in invocation.operands.iter().enumerate() {
        let text = word.text();
        match invocation.verb.operand(index) {
            Some(Operand::Url) if !is_local(&text) => {
                let message = format!("{} isn't one of your containers", quoted(&text));
                return Err(
                    Error::new(word.span, message).help("grader asks published ports only: write `localhost:PORT`.")
                );
            }
            _ => {}
        }
    }
    if let Some(container) = NewContainer::of(invocation, "") {
        container.ports()?;
        container.mounts()?;
    }
    Ok(())
}

/// Whether an address is one of this host, where containers publish their ports.
fn is_local(url: &str) -> bool {
    let rest = match url.split_once("://") {
        Some((scheme, rest)) if scheme == "http" || scheme == "https" => rest,
        Some(_) => return false,
        None => url,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return false;
    }
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    matches!(name, "localhost" | "127.0.0.1" | "0.0.0.0") && (port.is_empty() || port.parse::<u16>().is_ok())
}

/// How long a `sleep` takes.
pub(super) fn seconds(invocation: &Invocation) -> Result<u64, Error> {
    let Some(word) = invocation.operands.first().filter(|_| invocation.verb.name == "sleep") else { return Ok(0) };
    let text = word.text();
    let (number, unit) = match text.strip_suffix(['s', 'm']) {
        Some(number) if text.ends_with('m') => (number, 60.0),
        Some(number) => (number, 1.0),
        None => (&*text, 1.0),
    };
    let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let seconds = number.parse::<f64>().ok().filter(|_| is_number).map(|number| (number * unit).ceil());
    let Some(seconds) = seconds else {
        return Err(
            Error::new(word.span, format!("{} isn't a number of seconds", quoted(&text))).help("Write `sleep 2`.")
        );
    };
    // Far beyond the bound is as good as any other number beyond it.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    Ok(seconds.clamp(0.0, 1e6) as u64)
}

/// Whether the file sleeps no longer than it may.
pub(super) fn bounded(slept: u64, span: Span) -> Result<(), Error> {
    if slept <= MAX_SLEEP {
        return Ok(());
    }
    Err(Error::new(span, format!("this file sleeps {slept} seconds up to here, and {MAX_SLEEP} is the most"))
        .help("Wait for less, or use a health check."))
}

/// The folder after a `cd`.
pub(super) fn folder(current: &str, invocation: &Invocation, span: Span) -> Result<String, Error> {
    let word = invocation.operands.first();
    let Some(text) = word.and_then(ShellWord::known) else {
        return Err(Error::new(span, "grader has to know the folder before it runs the commands")
            .help("Write its name itself."));
    };
    inside(current, &text, word.map_or(span, |word| word.span))
}

/// A path of the repository, from its root.
pub(super) fn inside(current: &str, path: &str, span: Span) -> Result<String, Error> {
    if path == "/dev/null" {
        return Ok(path.to_owned());
    }
    let outside = || {
        Error::new(span, format!("{} is outside of this repository", quoted(path)))
            .help("Name a path of the repository, such as `./data`.")
    };
    if path.starts_with(['/', '\\']) || path.is_empty() || path == "-" {
        return Err(outside());
    }
    let mut parts: Vec<&str> = current.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop().ok_or_else(outside)?),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}
