//! Words and variables as BuildKit's `shell.Lex` reads them: much like a shell, but not quite.

use std::cell::Cell;
use std::iter::Peekable;
use std::str::Chars;

use super::pattern::Pattern;

/// `${A:-${B:-…}}` deeper than this is refused.
const MAX_NESTING: usize = 64;

/// Characters that all expansions for one target may make or look at together.
const BUDGET: usize = 4 << 20;

/// Where variables have their values from.
pub(super) trait Variables {
    /// `None` for one that is not set.
    fn get(&self, name: &str) -> Option<&str>;
}

/// Nothing is set.
pub(super) struct NoVariables;

impl Variables for NoVariables {
    fn get(&self, _: &str) -> Option<&str> {
        None
    }
}

/// How to read a text.
#[derive(Debug, Clone)]
pub(super) struct Lex {
    pub escape: char,
    /// Leave quotes in the result.
    pub raw_quotes: bool,
    /// Leave escape characters in the result.
    pub raw_escapes: bool,
    /// Leave variables that are not set as they are written.
    pub keep_unset: bool,
    pub budget: Cell<usize>,
}

/// What a text becomes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expansion {
    /// As one word.
    pub text: String,
    /// Split at the blanks outside quotes, those that variables bring along included.
    pub words: Vec<String>,
    /// Variables that it names and that are not set.
    pub unset: Vec<String>,
}

impl Lex {
    pub fn new(escape: char) -> Self {
        Self { escape, raw_quotes: false, raw_escapes: false, keep_unset: false, budget: Cell::new(BUDGET) }
    }

    /// Expands `text`; the error is a message.
    pub fn expand(&self, text: &str, variables: &dyn Variables) -> Result<Expansion, String> {
        // Once it is used up, not even a look at a value is free.
        self.spend(0)?;
        let mut run = LexerRun {
            lex: self,
            variables,
            chars: text.chars().peekable(),
            raw_escapes: self.raw_escapes,
            word: String::new(),
            unset: Vec::new(),
            depth: 0,
        };
        let (text, words) = run
            .until(None, self.raw_escapes)
            .map_err(|error| format!("failed to process {:?}: {error}", super::node::shorten(text)))?;
        Ok(Expansion { text, words, unset: run.unset })
    }

    /// Accounts for work, so that no chain of `ENV A=$A$A` can fill the memory.
    fn spend(&self, amount: usize) -> Result<(), String> {
        let left = self.budget.get().saturating_sub(amount);
        self.budget.set(left);
        if left == 0 { Err("the values of its variables grow too long".to_owned()) } else { Ok(()) }
    }
}

struct LexerRun<'a> {
    lex: &'a Lex,
    variables: &'a dyn Variables,
    chars: Peekable<Chars<'a>>,
    raw_escapes: bool,
    /// The word that is being put together. BuildKit has one for all levels, so that `a${B:-c}` loses its `a`.
    word: String,
    unset: Vec<String>,
    depth: usize,
}

/// Words as they are found.
#[derive(Default)]
struct Words {
    done: Vec<String>,
    open: bool,
}

impl LexerRun<'_> {
    /// Reads up to `stop`, or to the end.
    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<(String, Vec<String>), String> {
        if self.depth >= MAX_NESTING {
            return Err(format!("more than {MAX_NESTING} substitutions in one another"));
        }
        self.depth += 1;
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let read = self.read(stop);
        self.raw_escapes = outer;
        self.depth -= 1;
        read
    }

    fn read(&mut self, stop: Option<char>) -> Result<(String, Vec<String>), String> {
        let mut text = String::new();
        let mut words = Words::default();
        self.word.clear();
        while let Some(c) = self.chars.peek().copied() {
            if stop == Some(c) {
                self.chars.next();
                self.end_word(&mut words);
                return Ok((text, words.done));
            }
            let special = match c {
                '$' => Some(self.dollar()?),
                '<' => Some(self.less_than()),
                '\'' => Some(self.single_quoted()?),
                '"' => Some(self.double_quoted()?),
                _ => None,
            };
            if let Some(special) = special {
                self.lex.spend(special.len())?;
                text.push_str(&special);
                if c == '$' {
                    special.chars().for_each(|c| self.add(&mut words, c));
                } else {
                    self.word.push_str(&special);
                    words.open = true;
                }
                continue;
            }
            self.chars.next();
            if c != self.lex.escape {
                self.add(&mut words, c);
                text.push(c);
                continue;
            }
            let escaped = self.chars.next();
            for c in self.raw_escapes.then_some(c).into_iter().chain(escaped) {
                self.word.push(c);
                words.open = true;
                text.push(c);
            }
        }
        if let Some(stop) = stop {
            return Err(format!("unexpected end of statement while looking for matching {stop}"));
        }
        self.end_word(&mut words);
        Ok((text, words.done))
    }

    fn add(&mut self, words: &mut Words, c: char) {
        if !c.is_whitespace() {
            self.word.push(c);
            words.open = true;
        } else if words.open {
            self.end_word(words);
        }
    }

    fn end_word(&mut self, words: &mut Words) {
        if !self.word.is_empty() {
            words.done.push(std::mem::take(&mut self.word));
            words.open = false;
        }
    }

    fn single_quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        text.extend(self.chars.next().filter(|_| self.lex.raw_quotes));
        for c in self.chars.by_ref() {
            if c == '\'' {
                text.extend(self.lex.raw_quotes.then_some(c));
                return Ok(text);
            }
            text.push(c);
        }
        Err("unexpected end of statement while looking for matching single-quote".to_owned())
    }

    fn double_quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        text.extend(self.chars.next().filter(|_| self.lex.raw_quotes));
        while let Some(c) = self.chars.peek().copied() {
            if c == '$' {
                text.push_str(&self.dollar()?);
                continue;
            }
            self.chars.next();
            if c == '"' {
                text.extend(self.lex.raw_quotes.then_some(c));
                return Ok(text);
            }
            if c != self.lex.escape {
                text.push(c);
                continue;
            }
            text.extend(self.raw_escapes.then_some(c));
            match self.chars.peek().copied() {
                None => {}
                // Only these can be escaped; before others the escape character stays.
                Some(next) if matches!(next, '"' | '$') || next == c => text.extend(self.chars.next()),
                Some(_) => text.push(c),
            }
        }
        Err("unexpected end of statement while looking for matching double-quote".to_owned())
    }

    /// `<<` and the blanks after it stay in one word, so that `<< EOF` is seen as a here-document.
    fn less_than(&mut self) -> String {
        self.chars.next();
        let mut text = String::from('<');
        if self.chars.next_if_eq(&'<').is_some() {
            text.push('<');
            while let Some(blank) = self.chars.next_if(|c| matches!(c, '\t' | '\r' | ' ')) {
                text.push(blank);
            }
        }
        text
    }

    fn dollar(&mut self) -> Result<String, String> {
        self.chars.next();
        if self.chars.next_if_eq(&'{').is_none() {
            let name = self.name();
            return Ok(match self.value(&name) {
                _ if name.is_empty() => "$".to_owned(),
                None if self.lex.keep_unset => format!("${name}"),
                value => value.unwrap_or_default(),
            });
        }
        match self.chars.peek() {
            None => return Err(missing('}')),
            Some('{' | '}' | ':') => return Err("syntax error: bad substitution".to_owned()),
            Some(_) => {}
        }
        let name = self.name();
        let mut modifier = String::new();
        modifier.extend(self.chars.next());
        let mut operator = modifier.chars().next();
        let empty_is_unset = operator == Some(':');
        if empty_is_unset {
            operator = self.chars.next();
            modifier.extend(operator);
        }
        if operator.is_none() {
            return Err(missing('}'));
        }
        let unsupported = || Err(format!("unsupported modifier ({modifier}) in substitution"));
        match operator {
            Some('}') if !empty_is_unset => {
                let value = self.value(&name);
                return Ok(if value.is_none() && self.lex.keep_unset {
                    format!("${{{name}}}")
                } else {
                    value.unwrap_or_default()
                });
            }
            Some('/') if !empty_is_unset => return self.replace(&name),
            Some('#' | '%') if empty_is_unset => return unsupported(),
            Some('+' | '-' | '?' | '#' | '%') => {}
            _ if empty_is_unset => {}
            _ => return unsupported(),
        }
        let (word, _) =
            self.until(Some('}'), matches!(operator, Some('#' | '%'))).map_err(|error| self.ended('}', error))?;
        let value = self.value(&name);
        if value.is_none() && self.lex.keep_unset {
            return Ok(format!("${{{name}{modifier}{word}}}"));
        }
        let set = value.as_ref().is_some_and(|value| !empty_is_unset || !value.is_empty());
        match operator {
            Some('-' | '?') if set => Ok(value.unwrap_or_default()),
            Some('-') => Ok(word),
            Some('+') => Ok(if set { word } else { String::new() }),
            Some('?') if !word.is_empty() => Err(format!("{name}: {word}")),
            Some('?') => {
                Err(format!("{name}: is not allowed to be {}", if value.is_none() { "unset" } else { "empty" }))
            }
            Some(operator @ ('#' | '%')) => {
                let longest = word.starts_with(operator);
                let text = if longest { word.get(1..).unwrap_or_default() } else { &word };
                let value = value.unwrap_or_default();
                let pattern = Pattern::parse(text)?;
                self.lex.spend(pattern.cost(&value))?;
                Ok(if operator == '#' {
                    pattern.trim_start(&value, longest)
                } else {
                    pattern.trim_end(&value, longest)
                })
            }
            _ => unsupported(),
        }
    }

    /// `${name/pattern/replacement}`, and with `//` everywhere.
    fn replace(&mut self, name: &str) -> Result<String, String> {
        let all = self.chars.next_if_eq(&'/').is_some();
        let (pattern, _) = self.until(Some('/'), true).map_err(|error| {
            if self.chars.peek().is_none() { "syntax error: missing '/' in ${}".to_owned() } else { error }
        })?;
        let (replacement, _) = self.until(Some('}'), true).map_err(|error| self.ended('}', error))?;
        let value = self.value(name);
        if value.is_none() && self.lex.keep_unset {
            return Ok(format!("${{{name}/{pattern}/{replacement}}}"));
        }
        let value = value.unwrap_or_default();
        let pattern = Pattern::parse(&pattern)?;
        self.lex.spend(
            pattern.cost_everywhere(&value).saturating_add((value.len() + 1).saturating_mul(replacement.len())),
        )?;
        Ok(pattern.replace(&value, &replacement, all))
    }

    fn ended(&mut self, missing_one: char, error: String) -> String {
        if self.chars.peek().is_none() { missing(missing_one) } else { error }
    }

    /// Letters, digits and `_`; or a number, or one of the shell's special parameters, which are never set.
    fn name(&mut self) -> String {
        let mut name = String::new();
        if let Some(special) = self.chars.next_if(|c| matches!(c, '@' | '*' | '#' | '?' | '-' | '$' | '!')) {
            name.push(special);
            return name;
        }
        let number = self.chars.peek().is_some_and(|c| c.is_numeric());
        while let Some(c) = self.chars.next_if(|c| c.is_numeric() || (!number && (c.is_alphabetic() || *c == '_'))) {
            name.push(c);
        }
        name
    }

    fn value(&mut self, name: &str) -> Option<String> {
        let value = self.variables.get(name);
        if value.is_none() && !name.is_empty() && !self.unset.iter().any(|unset| unset == name) {
            self.unset.push(name.to_owned());
        }
        value.map(str::to_owned)
    }
}

fn missing(closing: char) -> String {
    format!("syntax error: missing '{closing}'")
}
