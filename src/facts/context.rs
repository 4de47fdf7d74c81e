//! `context.*`: what Docker would send to the builder from the learner's folder.

use super::{Fact, Facts, Value};
use crate::place::Place;
use crate::repository::{Context, ContextError};
use crate::units::size_text;

/// The facts of a build context, a folder of the repository; or why Docker has none. `ignore` is the ignore file's path.
pub fn collect(folder: &str, context: Result<&Context, &ContextError>, ignore: Option<&str>) -> Facts {
    let mut facts = Facts::default();
    let mut all = |fact: &Fact| {
        for name in ["context.files", "context.bytes", "context.ignored_bytes"] {
            facts.put(name, fact.clone());
        }
    };
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
        Ok(context) => {
            let folder = folder.trim_start_matches("./").trim_end_matches('/');
            let inside = |file: &str| match folder {
                "" | "." => Place::file(file),
                folder => Place::file(format!("{folder}/{file}")),
            };
            let files = context.files.iter().map(|file| Fact::of(file.as_str()).at(inside(file)));
            facts.put("context.files", Fact::of(files.collect::<Vec<_>>()));
            let because = match ignore {
                None => "there is no .dockerignore that leaves anything out".to_owned(),
                Some(path) => format!("{path} leaves out {}", size_text(context.ignored_bytes)),
            };
            let place = ignore.map(Place::file);
            facts.put("context.bytes", Fact::of(Value::Size(context.bytes)).because(because).at(place.clone()));
            facts.put("context.ignored_bytes", Fact::of(Value::Size(context.ignored_bytes)).at(place));
        }
    }
    facts
}
