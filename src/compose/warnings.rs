//! Compose's warnings that the files alone show: variables without a value, obsolete keys.

use super::Compose;
use super::value::At;
use crate::place::Place;

/// The most that are said.
const MOST: usize = 5;

/// What the names of secrets have in them: they need no default that everyone can read.
const SECRETS: [&str; 4] = ["PASS", "SECRET", "TOKEN", "KEY"];

/// A variable without a value and without a default: Compose fills in nothing.
#[derive(Debug, Clone)]
pub(super) struct Unset {
    /// Where it is used.
    pub at: At,
    /// Its name.
    pub name: String,
    /// It is in a command, where the container's own variable may be meant.
    pub is_command: bool,
}

impl Compose {
    /// Returns Compose's warnings, a sentence each, at their lines. Skips lines that already have an error.
    pub fn warnings(&self) -> Vec<(Place, String)> {
        let version = self
            .version()
            .map(|place| (place, "Compose doesn't use `version` any more. Take the line out.".to_owned()));
        let mut unset: Vec<&Unset> = self.unset.iter().collect();
        unset.sort_by_key(|unset| (unset.at.file, unset.at.line));
        let unset = unset.into_iter().map(|unset| {
            let name = &unset.name;
            let is_secret = SECRETS.iter().any(|word| name.to_ascii_uppercase().contains(word));
            let next = match unset.is_command {
                true => format!("Write `$${name}` for a variable of the container, or set `{name}` in .env."),
                false if is_secret => "Set it in .env.".to_owned(),
                false => format!("Set it in .env, or write a default: `${{{name}:-value}}`."),
            };
            (self.place(unset.at), format!("`{name}` isn't set, so Compose leaves it empty. {next}"))
        });
        let is_wrong =
            |place: &Place| self.problems.iter().any(|it| it.place.path == place.path && it.place.line == place.line);
        version.into_iter().chain(unset).filter(|(place, _)| !is_wrong(place)).take(MOST).collect()
    }

    /// Whether a warning, in Compose's words, is one of [`Compose::warnings`], or of those that are too many.
    pub fn knows_warning(&self, said: &str) -> bool {
        let of_variable = said.strip_prefix("The \"").and_then(|rest| rest.split_once("\" variable is not set"));
        match of_variable {
            Some((name, _)) => self.unset.iter().any(|unset| unset.name == name),
            None => said.contains("`version` is obsolete") && self.version().is_some(),
        }
    }

    /// The line of the first `version`.
    fn version(&self) -> Option<Place> {
        self.files.iter().find_map(|file| {
            let span = file.tree.as_ref()?.entry("version")?.key_span;
            Some(Place::line(file.path.as_str(), span.line).column(span.column))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::{Compose, load};

    fn compose(text: &str, variables: &str) -> Compose {
        let files = [("compose.yaml", text), (".env", variables)];
        let read =
            |path: &str| Ok(files.iter().find(|(name, _)| *name == path).map(|(_, text)| text.as_bytes().to_vec()));
        load(None, &read).unwrap()
    }

    #[test]
    fn a_warning_is_at_its_line_and_says_what_to_do() {
        let text = "version: '3'\nservices:\n  web:\n    image: x:${TAG}\n    ports: ['${PORT}:80', '${SET}:1', '${OR:-2}:2']\n\
            \x20   command: echo $HOME ${TAG}\n  db:\n    image: x:${TAG}\n    environment: { A: '${DB_PASSWORD}', B: '${C-}', D: '${E:+f}', F: '$${G}' }\n";
        let compose = compose(text, "SET=1\n");
        let said: Vec<_> = compose.warnings().iter().map(|(place, said)| format!("{place}: {said}")).collect();
        assert_eq!(
            said,
            [
                "compose.yaml:1: Compose doesn't use `version` any more. Take the line out.",
                "compose.yaml:4: `TAG` isn't set, so Compose leaves it empty. Set it in .env, or write a default: `${TAG:-value}`.",
                "compose.yaml:5: `PORT` isn't set, so Compose leaves it empty. Set it in .env, or write a default: `${PORT:-value}`.",
                "compose.yaml:6: `HOME` isn't set, so Compose leaves it empty. Write `$$HOME` for a variable of the container, or set `HOME` in .env.",
                "compose.yaml:9: `DB_PASSWORD` isn't set, so Compose leaves it empty. Set it in .env.",
            ]
        );
        for (said, is_known) in [
            ("The \"TAG\" variable is not set. Defaulting to a blank string.", true),
            ("The \"OTHER\" variable is not set. Defaulting to a blank string.", false),
            ("compose.yaml: `version` is obsolete", true),
            ("compose.yaml: the attribute `version` is obsolete, it will be ignored", true),
            ("something new", false),
        ] {
            assert_eq!(compose.knows_warning(said), is_known, "{said}");
        }
    }

    #[test]
    fn a_line_that_has_to_be_changed_anyway_has_no_warning() {
        let refused = compose("version: 3\nservices: { a: { image: x } }\n", "");
        assert!(!refused.problems.is_empty());
        assert_eq!(refused.warnings(), []);
        let many: Vec<_> = (0..40).map(|number| format!("  s{number}: {{ image: 'x:${{V{number}}}' }}")).collect();
        assert_eq!(compose(&format!("services:\n{}", many.join("\n")), "").warnings().len(), 5);
    }
}
