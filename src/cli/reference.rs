//! The reference of the check language as plain data, made of the tables that it is read by.

mod kinds;
pub mod markdown;
pub mod text;

use super::{Failure, fact_table, find};
use crate::challenge::{Check, library};
use crate::facts::Source;
use crate::facts::registry::REGISTRY;
use crate::language::grammar::{
    CASE, CHALLENGE, CHECK, COUNT_OF, COUNTED, COURSE, ENDPOINT, EXAMPLES, FAIR, Key, LIMITS, PASS, ROLE, SCRIPT,
    SOUGHT, SUBJECT, UNIT, USE, ValueKind, WORDS,
};
use crate::language::matcher::about::MATCHERS;
use crate::language::matcher::allowed;
use crate::language::shape::Shape;
use crate::steps::STEPS;
use crate::steps::read::STEP;

/// All there is.
#[derive(Debug)]
pub struct ReferenceBook {
    /// Facts, matchers, steps, keys.
    pub sections: Vec<Chapter>,
    /// The checks that come with the grader.
    pub checks: Vec<Check>,
}

/// A part of it.
#[derive(Debug)]
pub struct Chapter {
    /// What it is about.
    pub title: String,
    /// What has to be known first.
    pub about: String,
    /// Its tables.
    pub tables: Vec<Table>,
}

/// Names and what they mean.
#[derive(Debug)]
pub struct Table {
    /// What it is about.
    pub title: String,
    /// What has to be known first; may be empty.
    pub about: String,
    /// What the columns are: of names, of types, of meanings.
    pub columns: [&'static str; 3],
    /// The rows.
    pub rows: Vec<[String; 3]>,
}

/// Makes the reference.
pub fn reference() -> Result<ReferenceBook, Failure> {
    let checks = library::checks().map_err(|error| find::wrong(&error))?;
    Ok(ReferenceBook {
        sections: vec![facts(), matchers(), steps(), check_keys(), challenge_keys(), course_keys()],
        checks,
    })
}

fn facts() -> Chapter {
    let table = |source: Source| {
        let entries = REGISTRY.iter().filter(|entry| entry.source() == source);
        let rows = entries.map(|entry| [entry.name.to_owned(), fact_table::kind(&entry.kind), entry.doc.to_owned()]);
        let about = if source.needs_engine() { "Needs Docker." } else { "Needs no Docker." };
        Table {
            title: source.prefix().to_owned(),
            about: about.to_owned(),
            columns: ["fact", "type", "meaning"],
            rows: rows.collect(),
        }
    };
    Chapter {
        title: "Facts".to_owned(),
        about:
            "What a check can expect something of. `<name>` stands for a name that the learner chose, or for a role \
                of the challenge. A part of a fact has a name, too: `image.healthcheck.kind`, `image.env.PATH`."
                .to_owned(),
        tables: Source::ALL.into_iter().map(table).collect(),
    }
}

fn matchers() -> Chapter {
    let text = || Box::new(Shape::Text);
    let types = [
        ("true or false", Shape::Bool),
        ("number", Shape::Int),
        ("size", Shape::Size),
        ("duration", Shape::Duration),
        ("text", Shape::Text),
        ("word", Shape::Word(&[])),
        ("list", Shape::List(text())),
        ("map by names", Shape::Map(text())),
        ("patterns", Shape::Patterns),
        ("record", Shape::Record(Vec::new())),
        ("any value", Shape::Any),
    ];
    let written = |shape: &Shape| match shape {
        Shape::Bool => "`true`",
        Shape::Int => "`200`",
        Shape::Size => "`200MB`, `1.5GiB`",
        Shape::Duration => "`30s`, `1m 30s`",
        Shape::Record(_) => "its fields: `{ type: bind, target: /app }`",
        Shape::Text | Shape::Any => "`any text`",
        Shape::Word(_) => "one of the words that the fact lists",
        _ => "",
    };
    let rows = types.map(|(name, shape)| [name.to_owned(), written(&shape).to_owned(), allowed(&shape).join(", ")]);
    let meanings = MATCHERS.map(|it| [it.name.to_owned(), format!("`{}`", it.example), it.doc.to_owned()]);
    Chapter {
        title: "Matchers".to_owned(),
        about:
            "What a fact has to be. A value alone means `equals`; several matchers in one map must all hold. A fact \
                that is not there fails everything but `present: false`, `empty: true`, and what `not` makes of that."
                .to_owned(),
        tables: vec![
            table("By type", "", ["type", "written", "matchers"], rows.into()),
            table("Meanings", "", ["matcher", "example", "meaning"], meanings.into()),
            keys("count", "Of a text it takes these keys.", &[&COUNT_OF]),
        ],
    }
}

fn steps() -> Chapter {
    let actions = STEPS.iter().map(|action| {
        let mut rows = match action.takes {
            ValueKind::Record(keys) => rows(&[keys]),
            ValueKind::Words(words) => {
                words.iter().map(|word| [format!("{}: {word}", action.name), String::new(), String::new()]).collect()
            }
            _ => Vec::new(),
        };
        rows.extend(
            action
                .brings()
                .map(|answer| [format!("→ {}", answer.name), fact_table::kind(&answer.kind), answer.doc.to_owned()]),
        );
        table(action.name, action.doc, ["key, → what it brings back", "type", "meaning"], rows)
    });
    let beside = keys("Beside the action", "", &[&STEP]);
    Chapter {
        title: "Steps".to_owned(),
        about: "An item of `try` does one thing. Without a `service` it is done with a container of the graded image, \
                which runs alone. What came back can be expected and captured like a fact; `container.*` and `stack.*` \
                are looked at afresh."
            .to_owned(),
        tables: actions.chain([beside]).collect(),
    }
}

fn check_keys() -> Chapter {
    Chapter {
        title: "A check".to_owned(),
        about: "A file of its own, called like its id; or an item of a challenge's `checks`.".to_owned(),
        tables: vec![
            keys("Keys", "", &[&CHECK]),
            keys(
                "An expectation",
                "One fact and its matcher, or `any-of` or `all-of` with a list of them, and these.",
                &[&WORDS],
            ),
            keys("script", "", &[&SCRIPT]),
            keys(
                "examples",
                "Each item gives facts by name, `files:` by path, `steps:` with what each step brings back.",
                &[&EXAMPLES],
            ),
        ],
    }
}

fn challenge_keys() -> Chapter {
    Chapter {
        title: "A challenge".to_owned(),
        about: "`challenge.yaml` in a folder; beside it `checks/`, `starter/`, `solution/` and `cases/`.".to_owned(),
        tables: vec![
            keys("Keys", "", &[&CHALLENGE]),
            keys("subject", "", &[&SUBJECT]),
            keys("subject.http", "", &[&ENDPOINT]),
            keys("roles", "Each is known by one of these.", &[&ROLE]),
            keys("limits", "", &[&LIMITS]),
            keys("An item of checks", "A check of `checks/` or of the library.", &[&USE]),
            keys("An item of checks that stands there itself", "All keys of a check, and these.", &[&COUNTED]),
            keys("cases/NAME/expect.yaml", "", &[&CASE]),
            keys("finding, and an item of findings", "", &[&SOUGHT]),
            keys("An item of mutants.yaml", "", &[&FAIR]),
        ],
    }
}

fn course_keys() -> Chapter {
    Chapter {
        title: "A course".to_owned(),
        about: "`course.yaml` in a folder; beside it the folders of its challenges, and what they share.".to_owned(),
        tables: vec![keys("Keys", "", &[&COURSE]), keys("An item of units", "", &[&UNIT]), keys("pass", "", &[&PASS])],
    }
}

fn keys(title: &str, about: &str, keys: &[&[Key]]) -> Table {
    table(title, about, ["key", "type", "meaning"], rows(keys))
}

fn table(title: &str, about: &str, columns: [&'static str; 3], rows: Vec<[String; 3]>) -> Table {
    Table { title: title.to_owned(), about: about.to_owned(), columns, rows }
}

fn rows(keys: &[&[Key]]) -> Vec<[String; 3]> {
    let row = |key: &Key| {
        let needed = if key.required { "Has to be there. " } else { "" };
        [key.name.to_owned(), kinds::words(&key.kind), format!("{needed}{}", key.doc)]
    };
    keys.iter().copied().flatten().map(row).collect()
}
