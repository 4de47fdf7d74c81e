//! The regular expressions that moby makes of patterns, in the words of the `regex` crate: Go reads some of them differently.
//!
//! moby quotes `.+()$` but not `{|}`, so `a|b*` has alternatives and `a{2}*` a repetition. Apart from that its expressions
//! are characters, classes, `.*`, `[^/]*`, `(.*/)?` and anchors in a row, never nested.

use super::class;
use super::syntax::SyntaxFault;
use std::fmt::Write;

/// The most characters that repetitions like `{3}` may add to a pattern.
const MAX_REPEATED: usize = 256;

/// An expression that the `regex` crate reads as Go's `regexp/syntax` reads the original.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    pub(super) text: String,
    /// The characters of the original, its repetitions written out: what its matching may cost at most.
    pub(super) length: usize,
}

/// Puts an expression into other words.
pub(super) fn translate(original: &[char]) -> Result<Expression, SyntaxFault> {
    let mut writer = Writer::default();
    let mut rest = original;
    while !rest.is_empty() {
        rest = match repetition(rest) {
            Some((least, most, after)) => {
                writer.repeat(least, most)?;
                after
            }
            None => writer.unit(rest)?,
        };
    }
    Ok(Expression { text: writer.text, length: original.len() + writer.extra })
}

#[derive(Default)]
struct Writer {
    text: String,
    /// How many characters the last unit stands for, which a repetition repeats.
    unit: Option<usize>,
    /// Whether that unit is a repetition itself, which Go does not repeat.
    repeated: bool,
    /// How many characters repetitions have added.
    extra: usize,
}

impl Writer {
    /// Takes one unit from the front of an expression; what follows it.
    fn unit<'a>(&mut self, original: &'a [char]) -> Result<&'a [char], SyntaxFault> {
        self.repeated = false;
        let after = match original {
            ['|', after @ ..] => {
                self.text.push('|');
                self.unit = None;
                return Ok(after);
            }
            ['\\', 'Q', quoted @ ..] => {
                let end = quoted.windows(2).position(|pair| pair == ['\\', 'E']);
                let (quoted, after) = quoted.split_at(end.unwrap_or(quoted.len()));
                for &c in quoted {
                    class::literal(&mut self.text, c);
                }
                self.unit = if quoted.is_empty() { self.unit } else { Some(1) };
                return Ok(after.get(2..).unwrap_or_default());
            }
            // These pass over bytes: that needs less room than characters, and makes no difference to what follows.
            ['(', '.', '*', '/', ')', '?', after @ ..] => self.starred(r"(?:(?-u:[^\n])*/)?", after),
            ['.', '*', after @ ..] => self.starred(r"(?-u:[^\n])*", after),
            ['[', '^', '/', ']', '*', after @ ..] => self.starred("(?-u:[^/])*", after),
            ['^', after @ ..] | ['\\', 'A', after @ ..] => self.plain(r"\A", after),
            ['$', after @ ..] | ['\\', 'z', after @ ..] => self.plain(r"\z", after),
            ['\\', 'b', after @ ..] => self.plain(r"(?-u:\b)", after),
            ['\\', 'B', after @ ..] => self.plain(r"(?-u:\B)", after),
            ['\\', 'p' | 'P', ..] => return Err("`\\p` is not known here; write the characters between `[` and `]`"),
            ['\\', escaped @ ..] => {
                if let Some((set, after)) = class::shorthand(original) {
                    self.plain(set, after)
                } else {
                    let (c, after) = class::escape(escaped)?;
                    class::literal(&mut self.text, c);
                    after
                }
            }
            ['[', inner @ ..] => match class::translate(inner, &mut self.text)? {
                ['*', after @ ..] => self.starred("*", after),
                after => after,
            },
            [plain, after @ ..] => {
                class::literal(&mut self.text, *plain);
                after
            }
            [] => return Ok(original),
        };
        self.unit = Some(1);
        Ok(after)
    }

    fn plain<'a>(&mut self, text: &str, after: &'a [char]) -> &'a [char] {
        self.text.push_str(text);
        after
    }

    fn starred<'a>(&mut self, text: &str, after: &'a [char]) -> &'a [char] {
        self.repeated = true;
        self.plain(text, after)
    }

    /// Makes the last unit stand `least` to `most` times (no `most`: any number).
    fn repeat(&mut self, least: u32, most: Option<u32>) -> Result<(), SyntaxFault> {
        if least > 1000 || most.is_some_and(|most| most > 1000 || most < least) {
            return Err(
                "between `{` and `}` stand two numbers up to 1000, the smaller one first; write `\\{` for the `{` itself",
            );
        }
        let unit = self
            .unit
            .filter(|_| !self.repeated)
            .ok_or("nothing before `{` can be repeated; write `\\{` for the `{` itself")?;
        let copies = most.unwrap_or(least + 1) as usize;
        self.extra += copies * (unit + 1);
        if self.extra > MAX_REPEATED {
            return Err("its repetitions are longer than 256 characters, the most that are followed here");
        }
        let most = most.map_or(String::new(), |most| most.to_string());
        let _ = write!(self.text, "{{{least},{most}}}"); // a String takes all that is written to it
        self.unit = Some(copies * unit);
        self.repeated = true;
        Ok(())
    }
}

/// `{2}`, `{2,}`, `{2,3}`: the least, the most if there is one, and what follows. Anything else is no repetition.
fn repetition(text: &[char]) -> Option<(u32, Option<u32>, &[char])> {
    let (least, rest) = number(text.strip_prefix(&['{'])?)?;
    match rest {
        ['}', after @ ..] => Some((least, Some(least), after)),
        [',', '}', after @ ..] => Some((least, None, after)),
        [',', rest @ ..] => match number(rest)? {
            (most, ['}', after @ ..]) => Some((least, Some(most), after)),
            _ => None,
        },
        _ => None,
    }
}

/// A number without leading zeros; one that is too big is [`u32::MAX`].
fn number(text: &[char]) -> Option<(u32, &[char])> {
    let length = text.iter().take_while(|c| c.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    if digits.is_empty() || digits.len() > 1 && digits.first() == Some(&'0') {
        return None;
    }
    Some((digits.iter().collect::<String>().parse().unwrap_or(u32::MAX), rest))
}
