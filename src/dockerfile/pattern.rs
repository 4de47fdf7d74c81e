//! Patterns in `${V#p}`, `${V%p}` and `${V/p/r}`: `*` and `?`, without brackets.

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PatternPiece {
    Char(char),
    /// `?`
    One,
    /// `*`
    Any,
}

/// A pattern.
#[derive(Debug)]
pub(super) struct Pattern(Vec<PatternPiece>);

impl Pattern {
    /// `\` takes the meaning from `*`, `?` and itself, and hides `}` and `/` from the lexer; before others it is an error.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            pieces.push(match c {
                '*' => PatternPiece::Any,
                '?' => PatternPiece::One,
                '\\' => match chars.next() {
                    Some(c @ ('*' | '?' | '\\' | '}' | '/')) => PatternPiece::Char(c),
                    other => {
                        let other = other.map_or_else(String::new, String::from);
                        return Err(format!("invalid pattern ({text}) in substitution: invalid escape '\\{other}'"));
                    }
                },
                c => PatternPiece::Char(c),
            });
        }
        Ok(Self(pieces))
    }

    /// An upper bound of the steps that one look for it at one place takes.
    pub fn cost(&self, value: &str) -> usize {
        (self.0.len() + 1).saturating_mul(value.len() + 1)
    }

    /// The same for a look at every place.
    pub fn cost_everywhere(&self, value: &str) -> usize {
        let reach = if self.0.contains(&PatternPiece::Any) { value.len() } else { self.0.len() };
        self.cost(value).saturating_mul(reach + 1)
    }

    /// The value without the shortest, or longest, start that matches.
    pub fn trim_start(&self, value: &str, longest: bool) -> String {
        let chars: Vec<char> = value.chars().collect();
        let end = end_of_match(&self.0, &chars, longest).unwrap_or(0);
        chars.get(end..).unwrap_or_default().iter().collect()
    }

    /// The value without the shortest, or longest, end that matches.
    pub fn trim_end(&self, value: &str, longest: bool) -> String {
        let chars: Vec<char> = value.chars().rev().collect();
        let pieces: Vec<PatternPiece> = self.0.iter().rev().copied().collect();
        let end = end_of_match(&pieces, &chars, longest).unwrap_or(0);
        chars.get(end..).unwrap_or_default().iter().rev().collect()
    }

    /// The value with the first match, or with all, replaced.
    pub fn replace(&self, value: &str, replacement: &str, all: bool) -> String {
        let chars: Vec<char> = value.chars().collect();
        let mut out = String::new();
        let (mut at, mut last_end, mut replaced) = (0, None, false);
        while at <= chars.len() {
            let found =
                if replaced && !all { None } else { end_of_match(&self.0, chars.get(at..).unwrap_or_default(), true) };
            // As in Go, an empty match right after another one does not count.
            let found = found.filter(|length| *length > 0 || last_end != Some(at));
            if let Some(length) = found {
                out.push_str(replacement);
                replaced = true;
                last_end = Some(at + length);
                if length > 0 {
                    at += length;
                    continue;
                }
            }
            out.extend(chars.get(at));
            at += 1;
        }
        out
    }
}

/// Where a match at the start of `chars` ends. `*` and `?` match no line ending.
fn end_of_match(pieces: &[PatternPiece], chars: &[char], longest: bool) -> Option<usize> {
    // reached[i]: the pieces before i match what was read so far.
    let mut reached = vec![false; pieces.len() + 1];
    reached[0] = true;
    let mut end = None;
    let mut next = vec![false; pieces.len() + 1];
    for at in 0..=chars.len() {
        for (i, piece) in pieces.iter().enumerate() {
            if reached[i] && *piece == PatternPiece::Any {
                reached[i + 1] = true;
            }
        }
        if reached[pieces.len()] {
            end = Some(at);
            if !longest {
                return end;
            }
        }
        let Some(c) = chars.get(at) else { break };
        next.fill(false);
        for (i, piece) in pieces.iter().enumerate().filter(|(i, _)| reached[*i]) {
            match piece {
                PatternPiece::Char(literal) if literal == c => next[i + 1] = true,
                PatternPiece::One if *c != '\n' => next[i + 1] = true,
                PatternPiece::Any if *c != '\n' => next[i] = true,
                _ => {}
            }
        }
        std::mem::swap(&mut reached, &mut next);
        if !reached.contains(&true) {
            break;
        }
    }
    end
}
