//! Mutants of a file of commands: without a command, without an option, with another name, two commands swapped.

use super::{Change, short, with_lines};
use crate::commands::{Command, GivenOption, Invocation, Join, parse};
use crate::dockerfile::Span;

/// How much of a command is in a mutant's name.
const NAME: usize = 60;

/// All of them.
pub(super) fn changes(text: &str) -> Vec<Change> {
    let file = parse(text.as_bytes());
    let mut lines = statements(&file.commands);
    lines.retain(|lines| lines.counts);
    let dropped = lines.iter().map(|lines| Change {
        what: format!("without {}", shown(text, lines)),
        line: Some(lines.from),
        text: Some(with_lines(text, lines.from..=lines.to, "")),
    });
    let swapped = lines.windows(2).filter_map(|pair| {
        let [first, second] = pair else { return None };
        Some(Change {
            what: format!("{} before {}", shown(text, second), shown(text, first)),
            line: Some(first.from),
            text: Some(swap(text, first, second)),
        })
    });
    let calls = || file.commands.iter().filter_map(Command::call).filter(|call| call.verb.is_docker());
    let options = calls().flat_map(|call| call.options.iter().map(move |given| (call, given)));
    let options = options.filter_map(|(call, given)| without(text, call, given));
    let named = calls().filter_map(|call| renamed(text, call.option("name")?));
    dropped.chain(swapped).chain(options).chain(named).collect()
}

/// The lines of a command, and of those that share lines with it.
struct Statement {
    from: u32,
    to: u32,
    span: Span,
    /// Whether anything but its time depends on it.
    counts: bool,
}

/// What only waits or shows something.
const IDLE: [&str; 6] = ["cd", "echo", "pwd", "set", "sleep", "true"];

fn statements(commands: &[Command]) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    for command in commands {
        let (from, to) = (command.span.line, command.span.end_line);
        let counts = command.call().is_none_or(|call| !IDLE.contains(&call.verb.name));
        match found.last_mut() {
            Some(last) if from <= last.to || !matches!(command.join, Join::Next | Join::Captured) => {
                last.counts |= counts;
                last.to = last.to.max(to);
                last.from = last.from.min(from);
                last.span.start = last.span.start.min(command.span.start);
                last.span.end = last.span.end.max(command.span.end);
            }
            _ => found.push(Statement { from, to, span: command.span, counts }),
        }
    }
    found
}

fn shown(text: &str, statement: &Statement) -> String {
    plain(text.get(statement.span.start..statement.span.end).unwrap_or_default())
}

/// A part of the file in one short line.
fn plain(text: &str) -> String {
    short(&text.replace("\\\r\n", " ").replace("\\\n", " "), NAME)
}

fn swap(text: &str, first: &Statement, second: &Statement) -> String {
    let of = |statement: &Statement| -> String {
        let lines = (1u32..).zip(text.split_inclusive('\n'));
        lines.filter(|(number, _)| (statement.from..=statement.to).contains(number)).map(|(_, line)| line).collect()
    };
    let (before, after) = (of(first), of(second));
    let mut made = String::with_capacity(text.len());
    for (number, line) in (1u32..).zip(text.split_inclusive('\n')) {
        if number == first.from || number == second.from {
            let moved = if number == first.from { &after } else { &before };
            made.push_str(moved.trim_end_matches(['\r', '\n']));
            made.push('\n');
        }
        if !(first.from..=first.to).contains(&number) && !(second.from..=second.to).contains(&number) {
            made.push_str(line);
        }
    }
    made
}

/// The file without an option and its value.
fn without(text: &str, call: &Invocation, given: &GivenOption) -> Option<Change> {
    let word = text.get(given.span.start..given.span.end)?;
    let shares = call.options.iter().filter(|other| other.span.start == given.span.start).count() > 1;
    let made = if shares {
        // One of several letters: `-it`.
        let letter = given.flag.short?;
        let letters = word.split_whitespace().next()?;
        let at = letters.find(letter)?;
        let end = if given.flag.takes_value { word.len() } else { at + letter.len_utf8() };
        cut(text, given.span.start + at, given.span.start + end)?
    } else {
        let before = text.get(..given.span.start)?;
        let start = before.trim_end_matches([' ', '\t']).len();
        // A line of its own goes with it.
        let start = before.get(..start)?.strip_suffix("\\\n").map_or(start, |rest| rest.trim_end().len());
        cut(text, start, given.span.end)?
    };
    let what = if shares { format!("--{}", given.flag.name) } else { plain(word) };
    Some(Change {
        what: format!("{} without {what}", call.verb.shown()),
        line: Some(given.span.line),
        text: Some(made),
    })
}

/// The file with another name in one place.
fn renamed(text: &str, given: &GivenOption) -> Option<Change> {
    let name = given.value.known()?;
    let word = text.get(given.span.start..given.span.end)?;
    let at = given.span.start + word.rfind(&*name)? + name.len();
    let (before, after) = (text.get(..at)?, text.get(at..)?);
    Some(Change {
        what: format!("{name}2 in place of {name}"),
        line: Some(given.span.line),
        text: Some(format!("{before}2{after}")),
    })
}

fn cut(text: &str, start: usize, end: usize) -> Option<String> {
    Some(format!("{}{}", text.get(..start)?, text.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_options_and_names_change_one_at_a_time() {
        let text =
            "# run it\ndocker run -itd \\\n  --name web \\\n  -p 80:80 nginx\n\ndocker stop web && docker rm web\n";
        let made: Vec<(String, String)> =
            changes(text).into_iter().map(|change| (change.what, change.text.unwrap_or_default())).collect();
        let some = |what: &str, text: &str| (what.to_owned(), text.to_owned());
        assert_eq!(
            made,
            [
                some(
                    "without docker run -itd --name web -p 80:80 nginx",
                    "# run it\n\ndocker stop web && docker rm web\n"
                ),
                some(
                    "without docker stop web && docker rm web",
                    "# run it\ndocker run -itd \\\n  --name web \\\n  -p 80:80 nginx\n\n"
                ),
                some(
                    "docker stop web && docker rm web before docker run -itd --name web -p 80:80 nginx",
                    "# run it\ndocker stop web && docker rm web\n\ndocker run -itd \\\n  --name web \\\n  -p 80:80 nginx\n"
                ),
                some(
                    "docker run without --interactive",
                    "# run it\ndocker run -td \\\n  --name web \\\n  -p 80:80 nginx\n\ndocker stop web && docker rm web\n"
                ),
                some(
                    "docker run without --tty",
                    "# run it\ndocker run -id \\\n  --name web \\\n  -p 80:80 nginx\n\ndocker stop web && docker rm web\n"
                ),
                some(
                    "docker run without --detach",
                    "# run it\ndocker run -it \\\n  --name web \\\n  -p 80:80 nginx\n\ndocker stop web && docker rm web\n"
                ),
                some(
                    "docker run without --name web",
                    "# run it\ndocker run -itd \\\n  -p 80:80 nginx\n\ndocker stop web && docker rm web\n"
                ),
                some(
                    "docker run without -p 80:80",
                    "# run it\ndocker run -itd \\\n  --name web nginx\n\ndocker stop web && docker rm web\n"
                ),
                some(
                    "web2 in place of web",
                    "# run it\ndocker run -itd \\\n  --name web2 \\\n  -p 80:80 nginx\n\ndocker stop web && docker rm web\n"
                ),
            ]
        );
    }

    #[test]
    fn every_mutant_can_be_read() {
        let text = "set -e\nNET=back\nsleep 1\ndocker network create $NET\nID=$(docker run -dp 80:80 --net=\"$NET\" nginx)\n\
                    docker logs $ID | grep x\ndocker rm -f $(docker ps -aq)";
        for change in changes(text) {
            let errors = parse(change.text.unwrap_or_default().as_bytes()).errors;
            let is_fair = errors.iter().all(|error| error.message.contains("no line before this one sets"));
            assert!(is_fair, "{}: {errors:?}", change.what);
        }
    }
}
