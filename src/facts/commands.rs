//! `commands.*`: what the file of commands does, as it is written. Nothing is carried out for it.

mod made;
mod runs;

use super::registry::{ERRORS, TEXTS, Type};
use super::table::{Def, Missing, def, def_or};
use super::{Fact, Facts, Known, Source, near_names};
use crate::commands::verb::Operand;
use crate::commands::{Command, CommandFile, Error, Invocation};
use crate::dockerfile::Span;
use crate::outcome::Finding;
use crate::place::Place;
use crate::repository::ReadError;

/// The name of the file unless the challenge says another.
pub const FILE_NAME: &str = "commands.sh";

/// A file of commands that was read.
pub(super) struct ReadCommands<'a> {
    path: &'a str,
    file: &'a CommandFile,
}

type CommandsRow = Def<fn(&ReadCommands<'_>) -> Fact>;

const UNREADABLE: CommandsRow = def(
    "commands.unreadable",
    Type::Text,
    "Why the file of commands can't be read as one: a folder, too large, a link out of the repository.",
    |_| Fact::absent(),
);

/// The facts of the file.
pub(super) static FACTS: &[CommandsRow] = &[
    def_or(Missing::False, "commands.exists", Type::Bool, "Whether there is a file of commands.", |it| {
        Fact::of(true).at(it.whole())
    }),
    UNREADABLE,
    def("commands.path", Type::Text, "The path of the file of commands in the repository.", |it| {
        Fact::of(it.path).at(it.whole())
    }),
    def_or(
        Missing::NoItems,
        "commands.errors",
        ERRORS,
        "What grader can't carry out in the file of commands, each with its place.",
        |it| it.mistakes(&it.file.errors),
    ),
    def_or(
        Missing::NoItems,
        "commands.warnings",
        ERRORS,
        "What shells of other systems stumble over in the file of commands: line ends of Windows, a byte-order mark.",
        |it| it.mistakes(&it.file.warnings),
    ),
    def_or(
        Missing::NoItems,
        "commands.all",
        ALL,
        "All commands in their order. `verb` is the short spelling (`ps`, `network create`, `curl`), `name` the container, network, volume or service that it makes or is about, `options` are in their long form: `--detach`, `--publish=8080:80`.",
        |it| it.each(|_| true, command),
    ),
    def_or(
        Missing::NoItems,
        "commands.runs",
        runs::RUNS,
        "Each `docker run` and `docker create` with what it sets; `networks` is empty for the default bridge.",
        |it| it.each(|call| matches!(call.verb.name, "run" | "create"), runs::run),
    ),
    def_or(
        Missing::NoItems,
        "commands.networks",
        made::NETWORKS,
        "Each network that is made by `docker network create`.",
        |it| it.each(|call| call.verb.name == "network create", made::network),
    ),
    def_or(
        Missing::NoItems,
        "commands.volumes",
        made::VOLUMES,
        "Each volume that is made by `docker volume create`. One that only a mount names is in `commands.runs`.",
        |it| it.each(|call| call.verb.name == "volume create", made::volume),
    ),
    def_or(
        Missing::NoItems,
        "commands.builds",
        made::BUILDS,
        "Each `docker build` with what it sets; `context` and `dockerfile` are as written.",
        |it| it.each(|call| call.verb.name == "build", made::build),
    ),
    def_or(
        Missing::NoItems,
        "commands.pushes",
        made::PUSHES,
        "Each image that is pushed, by `docker push` or `docker build --push`.",
        |it| it.pushes(),
    ),
];

/// The facts of the file at a path: its commands, nothing, or why it can't be read. `files` are the repository's, for names
/// that were probably meant.
pub fn collect(path: &str, file: Result<Option<&CommandFile>, &ReadError>, files: &[String]) -> Facts {
    match file {
        Ok(Some(file)) => {
            let mut facts = Facts::default();
            let read = ReadCommands { path, file };
            facts.fill_all(FACTS, |value| value(&read));
            facts.set_refused(Source::Commands, file.errors.first().map(|error| read.finding(error)));
            facts
        }
        Ok(None) => match near_names::commands(path, files).as_slice() {
            [] => none(&Fact::absent().because(format!("there is no {path}"))),
            near => {
                none(&Fact::absent().because(format!("grader looks for {path}, not for {}", near_names::quoted(near))))
            }
        },
        Err(error) if error.is_learners() => {
            let (why, place) = (error.to_string(), Place::file(error.path()));
            let mut facts = none(&Fact::absent().because(why.as_str()).at(place.clone()));
            facts.fill(&UNREADABLE, Fact::of(why).at(place));
            facts
        }
        Err(error) => none(&Fact::unknown(error.to_string())),
    }
}

/// The facts where a line of a `.gitignore` leaves the file out.
pub fn left_out(path: &str, line: &Place) -> Facts {
    none(&super::left_out(path, line))
}

/// Without a file; the fact says why.
fn none(why: &Fact) -> Facts {
    let mut facts = Facts::default();
    match why.known {
        Known::Unknown(_) => facts.fill_all(FACTS, |_| why.clone()),
        _ => facts.fill_without(FACTS, why),
    }
    facts
}

/// A command, and where it is.
pub(super) struct WrittenCommand<'a> {
    command: &'a Command,
    call: &'a Invocation,
    path: &'a str,
}

impl WrittenCommand<'_> {
    fn place(&self, span: Span) -> Place {
        at(self.path, span)
    }

    fn line(&self) -> Fact {
        Fact::of(i64::from(self.command.span.line))
    }

    /// The value of an option, at its place.
    fn option(&self, name: &str) -> Fact {
        let given = self.call.option(name);
        given.map_or_else(Fact::absent, |given| Fact::of(&*given.value.text()).at(self.place(given.span)))
    }

    /// Whether an option is on, at its place.
    fn is_on(&self, name: &str) -> Fact {
        let fact = Fact::of(self.call.has(name));
        match self.call.option(name) {
            Some(given) => fact.at(self.place(given.span)),
            None => fact,
        }
    }

    /// All values of an option.
    fn values(&self, name: &str) -> Fact {
        let values = self.call.values(name).map(|given| Fact::of(&*given.value.text()).at(self.place(given.span)));
        Fact::of(values.collect::<Vec<_>>())
    }

    /// `NAME=value` of an option by their names.
    fn pairs(&self, name: &str) -> Fact {
        let pairs = self.call.values(name).map(|given| {
            let text = given.value.text();
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (text.into_owned(), None),
            };
            (name, Fact::maybe(value).at(self.place(given.span)))
        });
        Fact::of(super::Value::Map(pairs.collect()))
    }

    /// The operands from this one on.
    fn operands(&self, first: usize) -> Fact {
        let operands = self.call.operands.iter().skip(first);
        Fact::of(operands.map(|word| Fact::of(&*word.text()).at(self.place(word.span))).collect::<Vec<_>>())
    }

    /// The first operand that is one of these.
    fn operand(&self, wanted: &[Operand]) -> Fact {
        let is_wanted = |index: usize| self.call.verb.operand(index).is_some_and(|it| wanted.contains(&it));
        let found = self.call.operands.iter().enumerate().find(|(index, _)| is_wanted(*index));
        found.map_or_else(Fact::absent, |(_, word)| Fact::of(&*word.text()).at(self.place(word.span)))
    }
}

const ALL: Type = Type::List(&Type::Record(&[
    ("line", Type::Int),
    ("verb", Type::Text),
    ("name", Type::Text),
    ("image", Type::Text),
    ("options", TEXTS),
    ("arguments", TEXTS),
    ("in_background", Type::Bool),
]));

fn command(it: &WrittenCommand<'_>) -> Vec<(&'static str, Fact)> {
    use Operand::{Container, Network, Object, Service, Volume};
    let options = it.call.options.iter().map(|given| Fact::of(given.shown()).at(it.place(given.span)));
    let name = match it.option("name") {
        Fact { known: Known::Absent, .. } => it.operand(&[Container, Network, Volume, Object, Service]),
        named => named,
    };
    vec![
        ("line", it.line()),
        ("verb", Fact::of(it.call.verb.name)),
        ("name", name),
        ("image", it.operand(&[Operand::Image])),
        ("options", Fact::of(options.collect::<Vec<_>>())),
        ("arguments", it.operands(0)),
        ("in_background", it.is_on("detach")),
    ]
}

impl<'a> ReadCommands<'a> {
    fn whole(&self) -> Place {
        Place::file(self.path)
    }

    fn calls(&self) -> impl Iterator<Item = WrittenCommand<'a>> {
        let path = self.path;
        self.file
            .commands
            .iter()
            .filter_map(move |command| Some(WrittenCommand { command, call: command.call()?, path }))
    }

    /// A record of each command that is meant, at its place.
    fn each(
        &self,
        is_meant: impl Fn(&Invocation) -> bool,
        fields: impl Fn(&WrittenCommand<'_>) -> Vec<(&'static str, Fact)>,
    ) -> Fact {
        let records = self.calls().filter(|it| is_meant(it.call));
        let records = records.map(|it| Fact::record(fields(&it)).at(it.place(it.command.span)));
        Fact::of(records.collect::<Vec<_>>()).at(self.whole())
    }

    fn pushes(&self) -> Fact {
        let pushes = self.calls().flat_map(|it| made::pushes(&it));
        Fact::of(pushes.collect::<Vec<_>>()).at(self.whole())
    }

    fn mistakes(&self, errors: &[Error]) -> Fact {
        let mistakes = errors.iter().map(|error| {
            let fact = Fact::record([
                ("message", Fact::of(error.message.as_str())),
                ("line", Fact::of(i64::from(error.span.line))),
                ("column", Fact::of(i64::from(error.span.column))),
            ]);
            let fact = fact.at(at(self.path, error.span)).telling(&[self.finding(error)]);
            match &error.help {
                Some(help) => fact.because(help.as_str()),
                None => fact,
            }
        });
        let place = errors.first().map_or_else(|| self.whole(), |error| at(self.path, error.span));
        let findings: Vec<Finding> = errors.iter().map(|error| self.finding(error)).collect();
        Fact::of(mistakes.collect::<Vec<_>>()).at(place).telling(&findings)
    }

    fn finding(&self, error: &Error) -> Finding {
        Finding {
            message: format!("This command can't be carried out: {}.", error.message),
            place: Some(at(self.path, error.span)),
            hint: error.help.clone(),
            ..Finding::default()
        }
    }
}

fn at(path: &str, span: Span) -> Place {
    Place::line(path, span.line).column(span.column).to_line(span.end_line)
}
