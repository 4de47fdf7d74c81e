//! A verb with its options and operands, read from words as Docker's client reads them.

use super::error::{Error, quoted};
use super::flag::{Effect, Flag};
use super::variables::too_many_words;
use super::verb::Verb;
use super::word::{ShellWord, WordPiece};
use super::{MAX_WORDS, nearest};
use crate::dockerfile::Span;

/// A command's verb, and what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// What it does.
    pub verb: &'static Verb,
    /// The options, in their order.
    pub options: Vec<GivenOption>,
    /// The operands, in their order.
    pub operands: Vec<ShellWord>,
}

/// An option, as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenOption {
    /// Which one.
    pub flag: &'static Flag,
    /// Its value; of an option without one whether it is on: `--rm=false`.
    pub value: ShellWord,
    /// Its place, the value included.
    pub span: Span,
}

impl GivenOption {
    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.flag.takes_value || self.value.text() != "false"
    }

    /// `--name=web`, `--detach`: the same for every way of writing it.
    pub fn shown(&self) -> String {
        let name = match self.flag.name {
            // Old names of the same.
            "net" => "network",
            "net-alias" => "network-alias",
            "dns-opt" => "dns-option",
            "time" => "timeout",
            name => name,
        };
        match (self.flag.takes_value, self.is_on()) {
            (true, _) => format!("--{name}={}", self.value.text()),
            (false, true) => format!("--{name}"),
            (false, false) => format!("--{name}=false"),
        }
    }
}

impl Invocation {
    /// The last option of a name, which is the one that counts.
    pub fn option(&self, name: &str) -> Option<&GivenOption> {
        self.options.iter().rev().find(|given| given.flag.name == name)
    }

    /// Whether an option without a value is on.
    pub fn has(&self, name: &str) -> bool {
        self.option(name).is_some_and(GivenOption::is_on)
    }

    /// All values of an option that may be given more than once.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a GivenOption> {
        self.options.iter().filter(move |given| given.flag.name == name)
    }

    /// Why it is refused, whatever the policy says: the verb, or an option.
    pub fn refused(&self) -> impl Iterator<Item = (String, &'static super::flag::Hazard, Option<Span>)> {
        let verb = self.verb.refused.map(|hazard| (self.verb.shown(), hazard, None));
        let options = self.options.iter().filter_map(|given| match given.flag.effect {
            Effect::Refused(hazard) if given.is_on() => {
                Some((format!("--{}", given.flag.name), hazard, Some(given.span)))
            }
            _ => None,
        });
        verb.into_iter().chain(options)
    }

    /// Reads what follows the verb. `before` are the words between `docker compose` and its verb.
    pub(super) fn read(
        verb: &'static Verb,
        before: &[ShellWord],
        words: &[ShellWord],
        span: Span,
    ) -> Result<Self, Error> {
        let mut read = Self { verb, options: Vec::new(), operands: Vec::new() };
        read.take(before, verb.before)?;
        read.take(words, verb.flags)?;
        read.count(span)?;
        Ok(read)
    }

    fn take(&mut self, words: &[ShellWord], flags: &'static [Flag]) -> Result<(), Error> {
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let text = word.first_text();
            if !text.starts_with('-') || *text == *"-" {
                self.operands.push(word.clone());
                if self.verb.stops {
                    self.operands.extend(rest.by_ref().cloned());
                }
            } else if text == "--" && word.pieces.len() == 1 {
                self.operands.extend(rest.by_ref().cloned());
            } else if let Some(long) = text.strip_prefix("--") {
                self.long(long, word, flags, &mut rest)?;
            } else {
                self.letters(word, flags, &mut rest)?;
            }
        }
        Ok(())
    }

    fn has_option(&self, flag: &Flag) -> bool {
        !self.verb.lacks.contains(&flag.name)
    }

    /// `--name`, `--name=value`, `--name value`
    fn long(
        &mut self,
        long: &str,
        word: &ShellWord,
        flags: &'static [Flag],
        rest: &mut std::slice::Iter<'_, ShellWord>,
    ) -> Result<(), Error> {
        let (name, has_value) = long.split_once('=').map_or((long, false), |(name, _)| (name, true));
        let Some(flag) = flags.iter().find(|flag| flag.name == name && self.has_option(flag)) else {
            return Err(self.unknown(&format!("--{name}"), flags, word.span));
        };
        let value = has_value.then(|| word.behind("--=".len() + name.len()));
        self.add(flag, value, word.span, rest)
    }

    /// `-d`, `-it`, `-p 80:80`, `-p80:80`, `-p=80:80`, `-n5`
    fn letters(
        &mut self,
        word: &ShellWord,
        flags: &'static [Flag],
        rest: &mut std::slice::Iter<'_, ShellWord>,
    ) -> Result<(), Error> {
        let text = word.first_text();
        if self.verb.name == "echo" && !text.chars().skip(1).all(|c| matches!(c, 'n' | 'e')) {
            self.operands.push(word.clone());
            return Ok(());
        }
        let is_count = matches!(self.verb.name, "head" | "tail") && text[1..].chars().all(|c| c.is_ascii_digit());
        if is_count && let Some(flag) = flags.first() {
            return self.add(flag, Some(word.behind(1)), word.span, rest);
        }
        for (at, letter) in text.char_indices().skip(1) {
            let Some(flag) = flags.iter().find(|flag| flag.short == Some(letter) && self.has_option(flag)) else {
                // `docker ps -help` and its like: two dashes were meant.
                let meant = text.get(1..).filter(|name| name.len() > 2 && flags.iter().any(|flag| flag.name == *name));
                return Err(match meant {
                    Some(name) => self
                        .unknown(&format!("-{letter}"), &[], word.span)
                        .help(format!("Long options have two dashes: `--{name}`.")),
                    None => self.unknown(&format!("-{letter}"), flags, word.span),
                });
            };
            let behind = at + letter.len_utf8();
            let is_last = behind == text.len() && word.pieces.len() == 1;
            if flag.takes_value {
                let skipped = usize::from(text.get(behind..).is_some_and(|rest| rest.starts_with('=')));
                let value = (!is_last).then(|| word.behind(behind + skipped));
                return self.add(flag, value, word.span, rest);
            }
            if text.get(behind..).is_some_and(|rest| rest.starts_with('=')) {
                return self.add(flag, Some(word.behind(behind + 1)), word.span, rest);
            }
            self.add(flag, None, word.span, rest)?;
        }
        if word.pieces.len() > 1 {
            let message = format!("a value follows {}, which takes none", quoted(text));
            return Err(Error::new(word.span, message).help("Part them by a blank."));
        }
        Ok(())
    }

    fn add(
        &mut self,
        flag: &'static Flag,
        value: Option<ShellWord>,
        span: Span,
        rest: &mut std::slice::Iter<'_, ShellWord>,
    ) -> Result<(), Error> {
        if self.options.len() >= MAX_WORDS {
            return Err(too_many_words(span));
        }
        let mut span = span;
        let value = match value {
            Some(value) if !flag.takes_value => {
                let text = value.text().to_ascii_lowercase();
                let on = match text.as_str() {
                    "true" | "1" | "t" => "true",
                    "false" | "0" | "f" => "false",
                    _ => {
                        let message = format!("`--{}` is on or off, not {}", flag.name, quoted(&text));
                        return Err(Error::new(span, message).help(format!("Write `--{}` alone.", flag.name)));
                    }
                };
                ShellWord { pieces: vec![WordPiece::Text(on.to_owned())], span: value.span }
            }
            None if !flag.takes_value => ShellWord { pieces: vec![WordPiece::Text("true".to_owned())], span },
            Some(value) => value,
            None => match rest.next() {
                Some(value) => {
                    span = Span { end: value.span.end.max(span.end), end_line: value.span.end_line, ..span };
                    value.clone()
                }
                None => {
                    return Err(Error::new(span, format!("the value of `--{}` is missing", flag.name))
                        .help(format!("Write `--{} VALUE`.", flag.name)));
                }
            },
        };
        self.options.push(GivenOption { flag, value, span });
        Ok(())
    }

    fn unknown(&self, option: &str, flags: &[Flag], span: Span) -> Error {
        let names: Vec<&str> = flags.iter().filter(|flag| self.has_option(flag)).map(|flag| flag.name).collect();
        let message = format!("`{}` has no option {}", self.verb.shown(), quoted(option));
        let error = Error::new(span, message);
        match option.strip_prefix("--").and_then(|name| nearest(name, &names)) {
            Some(near) => error.help(format!("Did you mean `--{near}`?")),
            None if self.verb.is_docker() => error.help(format!("`{} --help` lists its options.", self.verb.shown())),
            None => error.help("Leave it out: grader does this command itself, with its usual options."),
        }
    }

    /// Whether there are as many operands as the verb takes.
    fn count(&self, span: Span) -> Result<(), Error> {
        let found = self.operands.len();
        let shows_help = self.verb.is_docker() && self.has("help");
        if found < self.verb.least && !shows_help {
            let usage = self.verb.usage();
            let missing = self.verb.operand(found).map_or("operand", super::verb::Operand::word);
            return Err(Error::new(span, format!("{missing} is missing")).help(format!("Write `{usage}`.")));
        }
        if self.verb.rest.is_none() && found > self.verb.operands.len() {
            let extra = self.operands.get(self.verb.operands.len()).or(self.operands.last());
            let (span, text) = extra.map_or((span, String::new()), |word| (word.span, word.text().into_owned()));
            let message = format!("{} is more than `{}` takes", quoted(&text), self.verb.shown());
            return Err(Error::new(span, message).help("Remove it, or put quotes around what belongs together."));
        }
        Ok(())
    }
}
