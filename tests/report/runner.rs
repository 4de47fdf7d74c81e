//! What a GitHub Actions runner makes of a step's log: the commands that it obeys. Written after its rules, which stand in
//! `ActionCommand.cs` and `ActionCommandManager.cs` of <https://github.com/actions/runner>.

#![allow(dead_code)] // each test uses some of it

use std::collections::BTreeMap;

/// The commands that it knows, whatever their case.
const KNOWN: &[&str] = &[
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// A command that was obeyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub name: String,
    pub properties: BTreeMap<String, String>,
    pub data: String,
}

/// The commands in a log, in their order. Those between `stop-commands` and its token are not obeyed.
pub fn commands(log: &str) -> Vec<Command> {
    let mut stopped: Option<String> = None;
    let mut all = Vec::new();
    for line in log.replace("\r\n", "\n").split(['\n', '\r']) {
        let Some(command) = command(line, stopped.as_deref()) else { continue };
        match &stopped {
            Some(token) if command.name.eq_ignore_ascii_case(token) => stopped = None,
            Some(_) => continue,
            None if command.name == "stop-commands" => stopped = Some(command.data.clone()),
            None => {}
        }
        all.push(command);
    }
    assert_eq!(stopped, None, "commands are obeyed again in the end");
    all
}

fn command(line: &str, token: Option<&str>) -> Option<Command> {
    let known = |name: &str| KNOWN.iter().copied().chain(token).any(|it| it.eq_ignore_ascii_case(name));
    let parse =
        |head: &str, data: &str, between: char, unescape: &dyn Fn(&str) -> String, data_of: &dyn Fn(&str) -> String| {
            let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
            let pairs = properties.trim().split(between).filter_map(|pair| pair.split_once('='));
            let properties = pairs.map(|(name, value)| (name.to_owned(), unescape(value))).collect();
            known(name).then(|| Command { name: name.to_ascii_lowercase(), properties, data: data_of(data) })
        };
    let ends = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let data = |text: &str| ends(text).replace("%25", "%");
    let property = |text: &str| ends(text).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
    let old = |text: &str| ends(&text.replace("%3B", ";")).replace("%5D", "]").replace("%25", "%");
    let new = line.trim_start().strip_prefix("::").and_then(|rest| rest.split_once("::"));
    new.and_then(|(head, rest)| parse(head, rest, ',', &property, &data)).or_else(|| {
        let (head, rest) = line.split_once("##[")?.1.split_once(']')?;
        parse(head, rest, ';', &old, &old)
    })
}
