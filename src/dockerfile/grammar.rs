//! What each instruction allows: what BuildKit's `instructions` package makes of its words.

use std::num::{IntErrorKind, ParseIntError};

use super::duration;
use super::error::{Phase, Unlocated};
use super::flag::{Flags, Takes};
use super::heredoc::marker;
use super::instruction::{Arg, Command, Copy, From, Healthcheck, Kind, Onbuild, Pair, Run};
use super::mount::{self, Mount};
use super::node::{Node, shorten};
use super::suggestion::{in_case_of, nearest};
use super::word::Word;

const INSTRUCTIONS: [&str; 18] = [
    "add",
    "arg",
    "cmd",
    "copy",
    "entrypoint",
    "env",
    "expose",
    "from",
    "healthcheck",
    "label",
    "maintainer",
    "onbuild",
    "run",
    "shell",
    "stopsignal",
    "user",
    "volume",
    "workdir",
];

const ADD: &[(&str, Takes)] = &[
    ("checksum", Takes::Value),
    ("chmod", Takes::Value),
    ("chown", Takes::Value),
    ("exclude", Takes::Values),
    ("keep-git-dir", Takes::Bool),
    ("link", Takes::Bool),
    ("unpack", Takes::Bool),
];
const COPY: &[(&str, Takes)] = &[
    ("chmod", Takes::Value),
    ("chown", Takes::Value),
    ("exclude", Takes::Values),
    ("from", Takes::Value),
    ("link", Takes::Bool),
    ("parents", Takes::Bool),
];
const HEALTHCHECK: &[(&str, Takes)] = &[
    ("interval", Takes::Value),
    ("retries", Takes::Value),
    ("start-interval", Takes::Value),
    ("start-period", Takes::Value),
    ("timeout", Takes::Value),
];
const RUN: &[(&str, Takes)] =
    &[("device", Takes::Values), ("mount", Takes::Values), ("network", Takes::Value), ("security", Takes::Value)];

/// What the instruction says.
pub(super) fn kind(node: &Node) -> Result<Kind, Unlocated> {
    let name = node.name.text.to_ascii_uppercase();
    match name.as_str() {
        "ADD" | "COPY" => copy(node, &name),
        "ARG" => arg(node),
        "CMD" => no_flags(node).map(|()| Kind::Cmd(command(node, 0))),
        "ENTRYPOINT" => no_flags(node).map(|()| Kind::Entrypoint(command(node, 0))),
        "ENV" => pairs(node, &name).map(Kind::Env),
        "EXPOSE" => expose(node),
        "FROM" => from(node),
        "HEALTHCHECK" => healthcheck(node).map(|check| Kind::Healthcheck(Box::new(check))),
        "LABEL" => pairs(node, &name).map(Kind::Label),
        "MAINTAINER" => one(node, &name).and_then(|text| no_flags(node).map(|()| Kind::Maintainer(text))),
        "ONBUILD" => onbuild(node),
        "RUN" => run(node),
        "SHELL" => shell(node),
        // As ARG and HEALTHCHECK NONE, it does not look at its flags.
        "STOPSIGNAL" => one(node, &name).map(Kind::Stopsignal),
        "USER" => one(node, &name).and_then(|text| no_flags(node).map(|()| Kind::User(text))),
        "VOLUME" => volume(node),
        "WORKDIR" => one(node, &name).and_then(|text| no_flags(node).map(|()| Kind::Workdir(text))),
        _ => Err(unknown(&node.name)),
    }
}

fn fault(word: &Word, message: impl Into<String>) -> Unlocated {
    Unlocated::new(Phase::Instruction, word.at, message)
}

fn unknown(name: &Word) -> Unlocated {
    let near = nearest(&name.text.to_lowercase(), &INSTRUCTIONS);
    let near = near.map_or_else(String::new, |near| format!(" (did you mean {}?)", in_case_of(&name.text, near)));
    let message = format!("unknown instruction: {}{near}", shorten(&name.text));
    let fault = fault(name, message);
    if name.text.starts_with('\u{FFFD}') || name.text.contains('\0') {
        return fault.help("The file does not look like plain text. Save it as UTF-8.");
    }
    fault.help("Every line starts with an instruction such as FROM, COPY or RUN; a long one goes on after a \\ at the line's end.")
}

fn at_least_one(node: &Node, name: &str) -> Result<(), Unlocated> {
    if node.args.is_empty() { Err(fault(&node.name, format!("{name} requires at least one argument"))) } else { Ok(()) }
}

fn one(node: &Node, name: &str) -> Result<String, Unlocated> {
    match node.args.as_slice() {
        [word] => Ok(word.text.clone()),
        _ => Err(fault(&node.name, format!("{name} requires exactly one argument"))),
    }
}

fn no_flags(node: &Node) -> Result<(), Unlocated> {
    Flags::read(&node.flags, &[]).map(|_| ())
}

fn texts(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| word.text.clone()).collect()
}

fn command(node: &Node, skip: usize) -> Command {
    let words = texts(node.args.get(skip..).unwrap_or_default());
    if node.json { Command::Exec(words) } else { Command::Shell(words.concat()) }
}

fn copy(node: &Node, name: &str) -> Result<Kind, Unlocated> {
    let [sources @ .., destination] = node.args.as_slice() else { return Err(too_few(node, name)) };
    if sources.is_empty() {
        return Err(too_few(node, name));
    }
    let flags = Flags::read(&node.flags, if name == "ADD" { ADD } else { COPY })?;
    let is_heredoc = |word: &Word| matches!(marker(&word.text), Ok(Some(_)));
    if is_heredoc(destination) {
        return Err(fault(destination, format!("{name} cannot accept a heredoc as a destination")));
    }
    let copy = Box::new(Copy {
        from: flags.get("from").filter(|from| !from.is_empty()).map(str::to_owned),
        sources: sources.iter().filter(|word| !is_heredoc(word)).map(|word| word.text.clone()).collect(),
        destination: destination.text.clone(),
        flags,
        heredocs: node.heredocs.clone(),
    });
    Ok(if name == "ADD" { Kind::Add(copy) } else { Kind::Copy(copy) })
}

fn too_few(node: &Node, name: &str) -> Unlocated {
    let message = format!(
        "{name} requires at least two arguments, but only one was provided. Destination could not be determined"
    );
    fault(&node.name, message).help(format!("Write what to copy and where to: {name} . ."))
}

fn arg(node: &Node) -> Result<Kind, Unlocated> {
    at_least_one(node, "ARG")?;
    let args = node.args.iter().map(|word| match word.text.split_once('=') {
        Some(("", _)) => Err(fault(word, "ARG names can not be blank")),
        Some((name, value)) => Ok(Arg { name: name.to_owned(), default: Some(value.to_owned()) }),
        None => Ok(Arg { name: word.text.clone(), default: None }),
    });
    args.collect::<Result<_, _>>().map(Kind::Arg)
}

fn pairs(node: &Node, name: &str) -> Result<Vec<Pair>, Unlocated> {
    no_flags(node)?;
    at_least_one(node, name)?;
    let pairs = node.args.chunks(2).map(|pair| match pair {
        [key, value] if !key.text.is_empty() => Ok(Pair { name: key.text.clone(), value: value.text.clone() }),
        _ => Err(fault(pair.first().unwrap_or(&node.name), format!("{name} names can not be blank"))),
    });
    pairs.collect()
}

fn expose(node: &Node) -> Result<Kind, Unlocated> {
    at_least_one(node, "EXPOSE")?;
    no_flags(node)?;
    let mut ports = texts(&node.args);
    ports.sort();
    Ok(Kind::Expose(ports))
}

fn from(node: &Node) -> Result<Kind, Unlocated> {
    let (base, name) = match node.args.as_slice() {
        [base] => (base, None),
        [base, r#as, name] if r#as.text.eq_ignore_ascii_case("as") => (base, Some(name)),
        [_, comment, ..] if comment.text.starts_with('#') => {
            return Err(fault(&node.name, "FROM requires either one or three arguments")
                .help("A comment needs a line of its own: what follows # here is taken for arguments."));
        }
        _ => {
            return Err(fault(&node.name, "FROM requires either one or three arguments")
                .help("Write FROM image:tag, or FROM image:tag AS name."));
        }
    };
    let name = name.map(|word| {
        let name = word.text.to_lowercase();
        let valid = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.'));
        let message = || {
            format!(
                "invalid name for build stage: {:?}, name can't start with a number or contain symbols",
                shorten(&word.text)
            )
        };
        if valid { Ok(name) } else { Err(fault(word, message())) }
    });
    let name = name.transpose()?;
    let flags = Flags::read(&node.flags, &[("platform", Takes::Value)])?;
    let platform = flags.get("platform").filter(|platform| !platform.is_empty()).map(str::to_owned);
    Ok(Kind::From(From { base: base.text.clone(), name, platform }))
}

fn healthcheck(node: &Node) -> Result<Healthcheck, Unlocated> {
    at_least_one(node, "HEALTHCHECK")?;
    let Some((kind, rest)) = node.args.split_first() else { return Err(unknown(&node.name)) };
    let mut check = Healthcheck {
        command: None,
        interval: None,
        timeout: None,
        start_period: None,
        start_interval: None,
        retries: None,
    };
    let upper = kind.text.to_uppercase();
    if upper == "NONE" {
        return if rest.is_empty() { Ok(check) } else { Err(fault(kind, "HEALTHCHECK NONE takes no arguments")) };
    }
    let flags = Flags::read(&node.flags, HEALTHCHECK)?;
    if upper != "CMD" {
        let message = format!("Unknown type {:?} in HEALTHCHECK (try CMD)", shorten(&upper));
        return Err(fault(kind, message).help("Write HEALTHCHECK CMD and then the command."));
    }
    let command = command(node, 1);
    if rest.is_empty() {
        return Err(fault(kind, "Missing command after HEALTHCHECK CMD"));
    }
    check.command = Some(command);
    let flag_word = |name: &str| {
        let wanted = format!("--{name}=");
        node.flags.iter().find(|word| word.text.starts_with(&wanted)).unwrap_or(&node.name)
    };
    let time = |name: &str| -> Result<Option<std::time::Duration>, Unlocated> {
        let Some(text) = flags.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let too_short = || fault(flag_word(name), format!("Interval {name:?} cannot be less than 1ms"));
        let time = duration::parse(text).map_err(|error| match error {
            Some(message) => fault(flag_word(name), message).help("Write a number and its unit: 30s, 1m30s, 500ms."),
            None => too_short(),
        })?;
        if !time.is_zero() && time.as_millis() == 0 {
            return Err(too_short());
        }
        Ok(Some(time).filter(|time| !time.is_zero()))
    };
    check.interval = time("interval")?;
    check.timeout = time("timeout")?;
    check.start_period = time("start-period")?;
    check.start_interval = time("start-interval")?;
    if let Some(text) = flags.get("retries").filter(|text| !text.is_empty()) {
        let retries: i32 = text.parse().map_err(|error: ParseIntError| {
            let reason = match error.kind() {
                IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "value out of range",
                _ => "invalid syntax",
            };
            fault(flag_word("retries"), format!("strconv.ParseInt: parsing {text:?}: {reason}"))
                .help("Write a whole number.")
        })?;
        if retries < 0 {
            return Err(fault(flag_word("retries"), format!("--retries cannot be negative ({retries})")));
        }
        check.retries = Some(retries.unsigned_abs()).filter(|retries| *retries > 0);
    }
    Ok(check)
}

fn onbuild(node: &Node) -> Result<Kind, Unlocated> {
    let Some(trigger) = node.trigger.as_deref() else {
        return Err(fault(&node.name, "ONBUILD requires at least one argument"));
    };
    no_flags(node)?;
    let name = trigger.name.text.to_uppercase();
    match name.as_str() {
        "ONBUILD" => Err(fault(&trigger.name, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")),
        "FROM" | "MAINTAINER" => Err(fault(&trigger.name, format!("{name} isn't allowed as an ONBUILD trigger"))),
        _ => Ok(Kind::Onbuild(Box::new(Onbuild {
            expression: String::new(),
            trigger: kind(trigger).map_err(|fault| fault.message),
        }))),
    }
}

fn run(node: &Node) -> Result<Kind, Unlocated> {
    let flags = Flags::read(&node.flags, RUN)?;
    let word = |start: &str| node.flags.iter().find(|word| word.text.starts_with(start)).unwrap_or(&node.name);
    for device in flags.all("device") {
        mount::check_device(device).map_err(|message| fault(word("--device"), message))?;
    }
    let mounts = node.flags.iter().filter_map(|word| Some(Mount::parse(word.text.strip_prefix("--mount=")?, word.at)));
    let mounts = mounts.collect::<Result<_, _>>()?;
    if let Some(network) = flags.get("network").filter(|network| !matches!(*network, "default" | "none" | "host")) {
        return Err(fault(word("--network"), format!("invalid network mode {network:?}")));
    }
    if let Some(security) = flags.get("security").filter(|security| !matches!(*security, "sandbox" | "insecure")) {
        return Err(fault(word("--security"), format!("security {security:?} is not valid")));
    }
    Ok(Kind::Run(Box::new(Run { command: command(node, 0), mounts, flags, heredocs: node.heredocs.clone() })))
}

fn shell(node: &Node) -> Result<Kind, Unlocated> {
    no_flags(node)?;
    at_least_one(node, "SHELL")?;
    if !node.json {
        return Err(fault(&node.name, "SHELL requires the arguments to be in JSON form")
            .help("Write a list: SHELL [\"/bin/bash\", \"-c\"]."));
    }
    Ok(Kind::Shell(texts(&node.args)))
}

fn volume(node: &Node) -> Result<Kind, Unlocated> {
    at_least_one(node, "VOLUME")?;
    no_flags(node)?;
    let volumes = node.args.iter().map(|word| match word.text.trim() {
        "" => Err(fault(word, "VOLUME specified can not be an empty string")),
        path => Ok(path.to_owned()),
    });
    volumes.collect::<Result<_, _>>().map(Kind::Volume)
}
