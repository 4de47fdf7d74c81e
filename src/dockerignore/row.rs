//! One alternative of a pattern's expression: links in a row, read as Go's `regexp/syntax` reads them.

use super::class::{self, Class, Fault};
use super::states;

/// The most links that repetitions like `{3}` may add to a pattern.
const MAX_REPEATED: usize = 256;

/// The links; they may match anywhere in a path unless anchors say where.
#[derive(Debug, Clone, Default)]
pub(super) struct Row(pub(super) Vec<Link>);

/// One link of a row.
#[derive(Debug, Clone)]
pub(super) enum Link {
    Char(char),
    One(Class),
    Any(Class),
    /// Any characters of one line, the last of them a `/`.
    Directories,
    /// What follows, or not: so many links may be passed over.
    Maybe(usize),
    Begin,
    End,
    Boundary(bool),
}

impl Row {
    /// The alternatives of an expression.
    pub(super) fn parse(expression: &[char]) -> Result<Vec<Self>, Fault> {
        let mut rows = Vec::new();
        let mut reader = Reader::default();
        let mut rest = expression;
        loop {
            rest = match rest {
                [] => break,
                ['|', after @ ..] => {
                    rows.push(Self(std::mem::take(&mut reader.links)));
                    reader.unit = None;
                    after
                }
                ['{', ..] => match repetition(rest) {
                    Some((least, most, after)) => {
                        reader.repeat(least, most)?;
                        after
                    }
                    None => reader.link(rest)?,
                },
                _ => reader.link(rest)?,
            };
        }
        rows.push(Self(reader.links));
        Ok(rows)
    }

    /// Whether it matches a path, or a part of it where no anchor says otherwise.
    pub(super) fn matches(&self, path: &str, steps: &mut u64) -> bool {
        states::run(&self.0, path, steps)
    }
}

#[derive(Default)]
struct Reader {
    links: Vec<Link>,
    /// Where the last unit begins, which a repetition repeats.
    unit: Option<usize>,
    /// Whether that unit is a repetition itself, which Go does not repeat.
    repeated: bool,
    /// How many links came from repetitions.
    extra: usize,
}

impl Reader {
    /// Takes one unit from the front of an expression; what follows it.
    fn link<'a>(&mut self, text: &'a [char]) -> Result<&'a [char], Fault> {
        let (link, after) = match text {
            ['^', after @ ..] | ['\\', 'A', after @ ..] => (Link::Begin, after),
            ['$', after @ ..] | ['\\', 'z', after @ ..] => (Link::End, after),
            ['\\', 'b', after @ ..] => (Link::Boundary(true), after),
            ['\\', 'B', after @ ..] => (Link::Boundary(false), after),
            ['\\', 'Q', quoted @ ..] => {
                let end = quoted.windows(2).position(|pair| pair == ['\\', 'E']);
                let (quoted, after) = quoted.split_at(end.unwrap_or(quoted.len()));
                self.links.extend(quoted.iter().copied().map(Link::Char));
                if !quoted.is_empty() {
                    self.unit = self.links.len().checked_sub(1);
                }
                self.repeated = false;
                return Ok(after.get(2..).unwrap_or_default());
            }
            ['\\', 'p' | 'P', ..] => return Err("`\\p` is not known here; write the characters between `[` and `]`"),
            ['\\', escaped @ ..] => match class::shorthand(text) {
                Some((ranges, after)) => (Link::One(Class { negated: false, ranges }), after),
                None => class::escape(escaped).map(|(c, after)| (Link::Char(c), after))?,
            },
            ['(', '.', '*', '/', ')', '?', after @ ..] => {
                self.unit = Some(self.links.len());
                self.repeated = true;
                self.links.extend([Link::Maybe(1), Link::Directories]);
                return Ok(after);
            }
            ['.', '*', after @ ..] => (Link::Any(Class { negated: true, ranges: vec!['\n'..='\n'] }), after),
            ['[', inner @ ..] => match class::parse(inner)? {
                (class, ['*', after @ ..]) => (Link::Any(class), after),
                (class, after) => (Link::One(class), after),
            },
            [plain, after @ ..] => (Link::Char(*plain), after),
            [] => return Ok(text),
        };
        self.unit = Some(self.links.len());
        self.repeated = matches!(link, Link::Any(_));
        self.links.push(link);
        Ok(after)
    }

    /// Makes the last unit stand `least` to `most` times (no `most`: any number).
    fn repeat(&mut self, least: u32, most: Option<u32>) -> Result<(), Fault> {
        if least > 1000 || most.is_some_and(|most| most > 1000 || most < least) {
            return Err(
                "between `{` and `}` stand two numbers up to 1000, the smaller one first; write `\\{` for the `{` itself",
            );
        }
        let start = self
            .unit
            .filter(|_| !self.repeated)
            .ok_or("nothing before `{` can be repeated; write `\\{` for the `{` itself")?;
        let unit = self.links.split_off(start);
        let copies = most.unwrap_or(least + 1) as usize;
        self.extra += copies * (unit.len() + 1);
        if self.extra > MAX_REPEATED {
            return Err("its repetitions are longer than 256 characters, the most that are followed here");
        }
        for copy in 0..copies {
            if copy < least as usize {
                self.links.extend_from_slice(&unit);
            } else if most.is_none() {
                self.links.extend(unit.iter().cloned().map(any_number));
            } else {
                self.links.push(Link::Maybe(unit.len()));
                self.links.extend_from_slice(&unit);
            }
        }
        self.unit = Some(start);
        self.repeated = true;
        Ok(())
    }
}

/// A link that may stand any number of times; those without a character do so anyway.
fn any_number(link: Link) -> Link {
    match link {
        Link::Char(c) => Link::Any(Class { negated: false, ranges: vec![c..=c] }),
        Link::One(class) => Link::Any(class),
        Link::Begin | Link::End | Link::Boundary(_) => Link::Maybe(0),
        link => link,
    }
}

/// `{2}`, `{2,}`, `{2,3}`: the least, the most if there is one, and what follows. Anything else is no repetition.
fn repetition(text: &[char]) -> Option<(u32, Option<u32>, &[char])> {
    let (least, rest) = number(text.get(1..)?)?;
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
