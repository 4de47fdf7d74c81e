//! Flags such as `--from=build`: which of them an instruction knows, and their values.

use super::error::{Phase, Unlocated};
use super::suggestion::did_you_mean;
use super::word::Word;

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing, or `=true` or `=false`.
    Bool,
    /// A value, once.
    Value,
    /// A value, as often as one likes.
    Values,
}

/// The flags that an instruction was given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags(Vec<(String, String)>);

impl Flags {
    /// The value of a flag by its name without the dashes; `true` or `false` for one that takes none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a flag that may be repeated.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Names, without the dashes, and values, in the order written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Reads `words`, of which each starts with `--`. `known` is sorted by name.
    pub(super) fn read(words: &[Word], known: &[(&str, Takes)]) -> Result<Self, Unlocated> {
        let mut flags = Self::default();
        for word in words {
            let fault = |message| Unlocated::new(Phase::Instruction, word.at, message);
            let (flag, value) =
                word.text.split_once('=').map_or((word.text.as_str(), None), |(flag, value)| (flag, Some(value)));
            let name = flag.strip_prefix("--").unwrap_or(flag);
            let Some((_, takes)) = known.iter().find(|(known, _)| *known == name) else {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                let help = match names.as_slice() {
                    [] => "This instruction takes no flags.".to_owned(),
                    names => format!("It knows --{}.", names.join(", --")),
                };
                return Err(fault(format!("unknown flag: {flag}{}", did_you_mean(name, &names))).help(help));
            };
            if *takes != Takes::Values && flags.get(name).is_some() {
                return Err(fault(format!("duplicate flag specified: {flag}")));
            }
            let value = match (takes, value) {
                (Takes::Bool, None) => "true".to_owned(),
                (Takes::Bool, Some(value)) if !value.is_empty() => match value.to_lowercase().as_str() {
                    value @ ("true" | "false") => value.to_owned(),
                    _ => return Err(fault(format!("expecting boolean value for flag {flag}, not: {value}"))),
                },
                (Takes::Value | Takes::Values, Some(value)) => value.to_owned(),
                _ => {
                    return Err(fault(format!("missing a value on flag: {flag}"))
                        .help(format!("Write the value after an equals sign, without a blank: {flag}=VALUE")));
                }
            };
            flags.0.push((name.to_owned(), value));
        }
        Ok(flags)
    }
}
