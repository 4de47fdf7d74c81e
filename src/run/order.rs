//! The order in which checks are tried on the stack: those that only ask change places, by the run's seed, so that an
//! application can't know what is asked next.

use crate::challenge::Check;
use crate::seed::{Draw, Seed};
use std::collections::BTreeSet;

/// Lets checks in a row change places that only ask and don't need each other. All others stay where they are, and no check
/// changes sides with one that changes the stack.
pub fn vary<'a>(checks: Vec<&'a Check>, all: &[Check], seed: Seed) -> Vec<&'a Check> {
    let mut rows: Vec<Vec<&Check>> = Vec::new();
    for check in checks {
        let needs = needed(check, all);
        match rows.last_mut() {
            Some(row) if only_asks(check) && row.iter().all(|it| only_asks(it) && !needs.contains(it.id.as_str())) => {
                row.push(check);
            }
            _ => rows.push(vec![check]),
        }
    }
    for row in &mut rows {
        seed.shuffle(Draw::Order, row);
    }
    rows.concat()
}

fn only_asks(check: &Check) -> bool {
    check.steps.iter().all(|step| step.action.only_asks())
}

/// All checks that one needs, those that these need too.
fn needed<'a>(check: &'a Check, all: &'a [Check]) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = check.needs.iter().map(String::as_str).collect();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            let needs = all.iter().filter(|it| it.id == id).flat_map(|it| &it.needs);
            open.extend(needs.map(String::as_str));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::{Challenge, library};
    use std::fmt::Write;

    /// A check for each, by its id, its step and what it needs.
    fn challenge(checks: &[(&str, &str, &str)]) -> Challenge {
        let mut text = "id: trial\ntitle: Trial\nabout: A trial.\nchecks:\n".to_owned();
        for (id, step, needs) in checks {
            let why = "why: To see.\n    hints: [Look.]\n    points: 1";
            let _ = writeln!(text, "  - id: {id}\n    title: {id}\n    {why}\n    needs: [{needs}]\n    try: [{step}]");
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("challenge.yaml"), text).unwrap();
        library::load(folder.path().to_str().unwrap()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn orders(challenge: &Challenge) -> BTreeSet<Vec<&str>> {
        let order = |seed: u32| {
            let varied = vary(challenge.checks.iter().collect(), &challenge.checks, seed.into());
            varied.iter().map(|check| check.id.as_str()).collect::<Vec<_>>()
        };
        assert!((0..20).all(|seed| order(seed) == order(seed)));
        (0..20).map(order).collect()
    }

    const ASKS: &str = "http: { service: web, path: / }";

    #[test]
    fn checks_that_only_ask_change_places() {
        let challenge = challenge(&[("a", ASKS, ""), ("b", ASKS, ""), ("c", ASKS, "")]);
        assert!(orders(&challenge).len() > 3);
    }

    #[test]
    fn all_others_stay_where_they_are() {
        for step in [
            "compose: restart web",
            "http: { service: web, path: /, method: POST }",
            "http: { service: web, path: /, retry_for: 5s }",
            "exec: { service: web, command: [date] }",
        ] {
            let challenge = challenge(&[("a", ASKS, ""), ("b", step, ""), ("c", ASKS, "")]);
            assert_eq!(orders(&challenge), BTreeSet::from([vec!["a", "b", "c"]]), "{step}");
        }
    }

    #[test]
    fn what_is_needed_comes_first_however_it_is_needed() {
        let challenge = challenge(&[("a", ASKS, ""), ("b", ASKS, "a"), ("c", ASKS, "b"), ("d", ASKS, "a")]);
        for order in orders(&challenge) {
            let at = |id| order.iter().position(|it| *it == id);
            assert!(at("a") < at("b") && at("b") < at("c") && at("a") < at("d"), "{order:?}");
        }
    }
}
