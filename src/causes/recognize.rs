//! Which cause explains a finding, and which findings follow from one that was explained before.

use super::model::{Cause, Printer};
use super::template;
use crate::compose::roles::Found;
use crate::facts::{Fact, Facts, Value};
use crate::matching::fit::Captures;
use crate::matching::scene::{Answer, Scene};
use crate::outcome::{Explanation, Finding};
use crate::place::Place;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The longest text that is looked at, in bytes: the end of it.
const LONGEST: usize = 16 << 10;

/// What a cause looks at.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The fact that the finding is about.
    pub about: &'a str,
    /// What was found there.
    pub text: &'a str,
    /// All facts.
    pub facts: &'a Facts,
    /// Which service plays which role.
    pub roles: &'a BTreeMap<String, Found>,
}

/// Explains findings in their order, each with the title of its check. What has the same cause as an earlier one follows
/// from it.
pub fn explain<'f>(
    findings: impl Iterator<Item = (&'f str, &'f mut Finding)>,
    causes: &[Cause],
    facts: &Facts,
    roles: &BTreeMap<String, Found>,
) {
    let mut first: BTreeMap<(String, String), String> = BTreeMap::new();
    for (title, finding) in findings {
        let texts = [finding.actual.as_deref(), finding.because.as_deref()];
        let text = texts.into_iter().flatten().collect::<Vec<_>>().join("\n");
        let about = finding.about.clone().unwrap_or_default();
        let Some((mut told, place)) = of(causes, Evidence { about: &about, text: &text, facts, roles }) else {
            continue;
        };
        finding.place = place.or(finding.place.take());
        match first.get(&(told.cause.clone(), told.says.clone())) {
            Some(before) if before != title => told.follows = Some(before.clone()),
            Some(_) => {}
            None => drop(first.insert((told.cause.clone(), told.says.clone()), title.to_owned())),
        }
        finding.cause = Some(Box::new(told));
    }
}

/// What the cause that fits best says, and the line that the fix changes.
pub fn of(causes: &[Cause], evidence: Evidence<'_>) -> Option<(Explanation, Option<Place>)> {
    let fitting = causes.iter().filter_map(|cause| Some((cause, cause.tell(evidence)?)));
    // The most conditions, then the longest match; of equals the first by name.
    let rank = |cause: &Cause, matched: usize| Reverse((!cause.general, cause.when.facts.len(), matched));
    let (cause, (told, _)) = fitting.min_by_key(|(cause, (_, matched))| rank(cause, *matched))?;
    let place = cause.place.iter().find_map(|name| line(evidence.facts.at(name)?));
    Some((told, place))
}

/// The line of a fact: of a list that of its last item, which is the instruction that counts.
fn line(fact: &Fact) -> Option<Place> {
    let last = match fact.value() {
        Some(Value::List(items)) => items.last().and_then(|item| item.place.clone()),
        _ => None,
    };
    last.or_else(|| fact.place.clone())
}

impl Cause {
    /// What it says, if it fits, and the length of what its pattern matched.
    fn tell(&self, evidence: Evidence<'_>) -> Option<(Explanation, usize)> {
        let about: Vec<&str> = evidence.about.split('.').collect();
        let fits = |name: &Vec<String>| {
            name.len() <= about.len() && name.iter().zip(&about).all(|(own, other)| own == "*" || own == other)
        };
        if !self.when.about.is_empty() && !self.when.about.iter().any(fits) {
            return None;
        }
        let found = match &self.when.printed {
            None => None,
            Some(printed) if printed.by.is_empty() || printed.by.contains(&Printer::of(evidence.about)) => {
                Some(printed.matches.captures(end(evidence.text))?)
            }
            Some(_) => return None,
        };
        let (facts, roles) = (evidence.facts, evidence.roles);
        let scene = Scene { facts, roles, step: None, result: None, lenient: true };
        let holds = |condition| matches!(scene.judge(condition, &Captures::new()), Answer::Holds);
        if !self.when.facts.iter().all(holds) {
            return None;
        }
        let fill = |text: &String| template::fill(text, found.as_ref(), facts);
        let matched = found.as_ref().map_or(0, |found| found[0].len());
        let told = Explanation {
            cause: self.id.clone(),
            says: fill(&self.says)?,
            means: fill(&self.means)?,
            next: fill(&self.next)?,
            hints: self.hints.iter().map(fill).collect::<Option<_>>()?,
            learn: self.learn.clone(),
            follows: None,
        };
        Some((told, matched))
    }
}

/// The end of a text, where programs say why they ended.
fn end(text: &str) -> &str {
    let from = (text.len().saturating_sub(LONGEST)..text.len()).find(|&at| text.is_char_boundary(at));
    text.get(from.unwrap_or(0)..).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_list_is_that_of_its_last_item() {
        let place = |line| Place::line("Dockerfile", line);
        let items = vec![Fact::of("a").at(place(4)), Fact::of("b").at(place(9))];
        assert_eq!(line(&Fact::of(items).at(place(1))), Some(place(9)));
        assert_eq!(line(&Fact::of(vec![Fact::of("a")]).at(place(1))), Some(place(1)));
        assert_eq!(line(&Fact::of(true).at(place(2))), Some(place(2)));
    }
}
