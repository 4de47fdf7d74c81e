//! Mutations of a file, each small: values of other types, keys dropped, doubled and misspelt, other words, moved
//! indentation, variables. Deterministic.

use super::oracle::Repository;
use super::seeds::Seed;
use std::collections::BTreeSet;

/// One mutated folder.
pub struct Case {
    /// The file, the number of the mutation and its kinds.
    pub name: String,
    /// The folder.
    pub repository: Repository,
}

/// As many cases as asked for, spread over the seeds.
pub fn cases(seeds: &[Seed], count: usize, seed: u64) -> Vec<Case> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut known = BTreeSet::new();
    let mut cases = Vec::new();
    for (round, at) in (0..count * 4).map(|number| (number / seeds.len(), number % seeds.len())) {
        if cases.len() >= count {
            break;
        }
        let seed = &seeds[at];
        let (mut text, mut kinds) = (seed.repository.files[&seed.file].clone(), Vec::new());
        // The first round is of the files as they are.
        for _ in 0..if round == 0 { 0 } else { 1 + random.below(4) / 3 } {
            let (mutated, kind) = mutate(&text, &mut random);
            (text, kinds) = (mutated, {
                kinds.push(kind);
                kinds
            });
        }
        let mut repository = seed.repository.clone();
        repository.files.insert(seed.file.clone(), text);
        if round > 0 && random.below(40) == 0 && repository.files.remove(".env").is_some() {
            kinds.push("without .env");
        }
        if known.insert(repository.clone()) {
            cases.push(Case { name: format!("{} {round} {}", seed.name, kinds.join(", ")), repository });
        }
    }
    cases
}

/// Numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % bound.max(1) as u64).unwrap()
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// One of the lines of a text.
    fn line<'a>(&mut self, text: &'a str) -> &'a str {
        self.of(&text.lines().collect::<Vec<_>>())
    }
}

/// Values of every type, a line each; the empty line is an empty value.
const VALUES: &str = include_str!("../../fixtures/compose/words/values.txt");

/// Lines for a service.
const LINES: &str = include_str!("../../fixtures/compose/words/keys.txt");

/// Lines for the top of a file.
const TOPS: &str = include_str!("../../fixtures/compose/words/tops.txt");

fn mutate(text: &str, random: &mut Random) -> (String, &'static str) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return ("a: b".to_owned(), "filled");
    }
    let pick = |random: &mut Random, lines: &[String]| {
        (0..20).map(|_| random.below(lines.len())).find(|at| is_meant(&lines[*at])).unwrap_or(0)
    };
    let at = pick(random, &lines);
    let kind = match random.below(14) {
        0..=3 => {
            lines[at] = other_value(&lines[at], random);
            "another value"
        }
        4 => {
            lines.remove(at);
            "a line dropped"
        }
        5 => {
            let line = lines[at].clone();
            lines.insert(at, line);
            "a line doubled"
        }
        6 => {
            let indent = lines[at].len() - lines[at].trim_start().len();
            let moved = [indent + 1, indent + 2, indent.saturating_sub(1), indent.saturating_sub(2), indent + 4]
                [random.below(5)];
            lines[at] = format!("{}{}", " ".repeat(moved), lines[at].trim_start());
            "moved"
        }
        7 => {
            lines[at] = misspelt(&lines[at], random);
            "misspelt"
        }
        8..=10 => {
            insert(&mut lines, random);
            "a key more"
        }
        11 => {
            let place = [0, lines.len()][random.below(2)];
            lines.insert(place, random.line(TOPS).to_owned());
            "a key at the top"
        }
        12 => {
            let other = pick(random, &lines);
            lines.swap(at, other);
            "two lines swapped"
        }
        _ => {
            lines[at] = inner(&lines[at], random);
            "a value within a line"
        }
    };
    (lines.join("\n") + "\n", kind)
}

fn is_meant(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#')
}

/// `key: value` or `- value` with another value.
fn other_value(line: &str, random: &mut Random) -> String {
    let value = random.line(VALUES);
    if let Some((key, _)) = line.split_once(": ").or_else(|| line.split_once(':').filter(|(_, rest)| rest.is_empty())) {
        return format!("{key}: {value}");
    }
    match line.split_once("- ") {
        Some((before, _)) if before.trim().is_empty() => format!("{before}- {value}"),
        _ => format!("{line}{value}"),
    }
}

/// A letter dropped, doubled or in capitals, or a character that means something.
fn misspelt(line: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = line.chars().collect();
    let start = chars.iter().take_while(|c| **c == ' ').count();
    let at = start + random.below(chars.len().saturating_sub(start).max(1));
    let Some(c) = chars.get(at).copied() else { return line.to_owned() };
    match random.below(5) {
        0 => drop(chars.remove(at)),
        1 => chars.insert(at, c),
        2 => chars[at] = if c.is_lowercase() { c.to_ascii_uppercase() } else { 'x' },
        3 => chars[at] = random.of(&[":", " ", "-", "$", "\"", "#", "{", "]", ","]).chars().next().unwrap(),
        _ => chars.insert(at, random.of(&[" ", ":", "\t", "$", "'", "_"]).chars().next().unwrap()),
    }
    chars.into_iter().collect()
}

/// A key more, where a key stands.
fn insert(lines: &mut Vec<String>, random: &mut Random) {
    let keys: Vec<usize> = (0..lines.len())
        .filter(|at| {
            let line = &lines[*at];
            let indent = line.len() - line.trim_start().len();
            indent == 4 && line.trim_end().contains(':') && is_meant(line) && !line.trim_start().starts_with('-')
        })
        .collect();
    let line = random.line(LINES);
    let Some(at) = keys.get(random.below(keys.len().max(1))) else {
        let all = lines.join("\n");
        if let Some(place) = all.find("image: ") {
            *lines = format!("{}{line}, {}", &all[..place], &all[place..]).lines().map(str::to_owned).collect();
        }
        return;
    };
    // A key that is there already is replaced mostly.
    let name = line.split(':').next().unwrap();
    let same = keys.iter().find(|key| lines[**key].trim_start().starts_with(&format!("{name}:")));
    let place = match same.filter(|_| random.below(5) > 0) {
        Some(same) => {
            let end = (*same + 1..lines.len()).find(|at| {
                let line = &lines[*at];
                is_meant(line) && line.len() - line.trim_start().len() <= 4
            });
            lines.drain(*same..end.unwrap_or(lines.len()));
            *same
        }
        None => *at,
    };
    lines.insert(place, format!("    {line}"));
}

/// One of the words in a line, such as a value of `{a: 1, b: 2}`, replaced.
fn inner(line: &str, random: &mut Random) -> String {
    let words: Vec<(usize, &str)> = line
        .split([' ', ',', '{', '}', '[', ']'])
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - line.as_ptr() as usize, word))
        .collect();
    let Some((start, word)) = words.get(random.below(words.len().max(1))).copied() else { return line.to_owned() };
    let value = random.line(VALUES);
    format!("{}{value}{}", &line[..start], &line[start + word.len()..])
}
