//! `context.*`: what Docker would send to the builder from the learner's folder.

use super::registry::{TEXTS, Type};
use super::table::{Def, def};
use super::{Fact, Facts, Value};
use crate::place::Place;
use crate::repository::{Context, ContextError};
use crate::units::size_text;

/// A build context that Docker would send.
pub(super) struct SentContext<'a> {
    folder: &'a str,
    context: &'a Context,
    /// The ignore file's path.
    ignore: Option<&'a str>,
}

type ContextRow = Def<fn(&SentContext<'_>) -> Fact>;

/// The facts.
pub(super) static FACTS: &[ContextRow] = &[
    def("context.files", TEXTS, "The files that Docker would send to the builder.", |sent| {
        let folder = sent.folder.trim_start_matches("./").trim_end_matches('/');
        let inside = |file: &str| match folder {
            "" | "." => Place::file(file),
            folder => Place::file(format!("{folder}/{file}")),
        };
        let files = sent.context.files.iter().map(|file| Fact::of(file.as_str()).at(inside(file)));
        Fact::of(files.collect::<Vec<_>>())
    }),
    def("context.bytes", Type::Size, "The size of the files that Docker would send to the builder.", |sent| {
        let because = match sent.ignore {
            None => "there is no .dockerignore that leaves anything out".to_owned(),
            Some(path) => format!("{path} leaves out {}", size_text(sent.context.ignored_bytes)),
        };
        Fact::of(Value::Size(sent.context.bytes)).because(because).at(sent.ignore.map(Place::file))
    }),
    def("context.ignored_bytes", Type::Size, "The size of the files that .dockerignore leaves out.", |sent| {
        Fact::of(Value::Size(sent.context.ignored_bytes)).at(sent.ignore.map(Place::file))
    }),
];

/// The facts of a build context, a folder of the repository; or why Docker has none. `ignore` is the ignore file's path.
pub fn collect(folder: &str, context: Result<&Context, &ContextError>, ignore: Option<&str>) -> Facts {
    let mut facts = Facts::default();
    let mut all = |fact: &Fact| facts.fill_all(FACTS, |_| fact.clone());
    let ignore_name = ignore.unwrap_or(".dockerignore");
    match context {
        Err(ContextError::Refused(error)) => {
            let place = Place::line(ignore_name, error.line).column(error.column);
            all(&Fact::absent().because(format!("Docker refuses {ignore_name}: {}", error.message)).at(place));
        }
        Err(error @ ContextError::NotAFolder(_)) => all(&Fact::absent().because(error.to_string())),
        Ok(Context { truncated: Some(bound), .. }) => {
            all(&Fact::unknown(format!("the build context has more than {bound}, the most that is looked at")));
        }
        Ok(context) => facts.fill_all(FACTS, |value| value(&SentContext { folder, context, ignore })),
    }
    facts
}
