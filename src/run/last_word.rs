//! The last word on what we read: `BuildKit`'s on a Dockerfile, Compose's on a Compose file.

use crate::compose::{By, Compose, Problem};
use crate::engine::stack::Unresolved;
use crate::facts::{Fact, Facts, compose as compose_facts};
use crate::outcome::Finding;
use crate::place::Place;

/// What our parser refused and BuildKit built is our mistake.
pub(super) fn of_build(mut facts: Facts, built: bool) -> Facts {
    if built {
        let why = "grader could not read this Dockerfile, although Docker builds it: that is a mistake of grader's, please report it";
        facts.put("dockerfile.errors", Fact::unknown(why));
    }
    facts
}

/// What Compose refuses and we did not see is an error of the files, too.
pub(super) fn of_compose(facts: &mut Facts, compose: &Compose, resolution: Result<(), &Unresolved>) {
    match resolution {
        Ok(()) => accepted(facts, compose),
        Err(Unresolved::ByCompose(findings)) => refused(facts, compose, findings),
        Err(_) => {}
    }
}

fn refused(facts: &mut Facts, compose: &Compose, findings: &[Finding]) {
    let is_seen = compose.problems.iter().any(|problem| problem.by == By::Compose);
    if !is_seen {
        let unseen = findings.iter().map(|finding| problem(compose, finding));
        let problems: Vec<Problem> = unseen.chain(compose.problems.iter().cloned()).collect();
        compose_facts::put_errors(facts, &problems, &Place::file(compose.path()));
    }
}

fn problem(compose: &Compose, finding: &Finding) -> Problem {
    let place = finding.place.clone().unwrap_or_else(|| Place::file(compose.path()));
    let message = match &finding.because {
        None => finding.message.clone(),
        Some(because) => format!("{}: {because}", finding.message),
    };
    Problem { by: By::Compose, message, place }
}

/// What we refuse and Compose reads is our mistake; what no engine can run is none.
fn accepted(facts: &mut Facts, compose: &Compose) {
    if compose.problems.iter().all(|problem| problem.by == By::Engine) {
        return;
    }
    let file = Place::file(compose.path());
    let rest: Vec<Problem> = compose.problems.iter().filter(|problem| problem.by == By::Engine).cloned().collect();
    compose_facts::put_errors(facts, &rest, &file);
    if rest.is_empty() {
        let why = "grader could not read this Compose file, although Docker Compose does: that is a mistake of grader's, please report it";
        facts.put("compose.errors", Fact::unknown(why).at(file));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Known, Source, Value};

    fn compose(text: &str) -> Compose {
        crate::compose::load(None, &|path| Ok((path == "compose.yaml").then(|| text.as_bytes().to_vec()))).unwrap()
    }

    fn facts(compose: &Compose) -> Facts {
        compose_facts::collect(Some(compose), &[])
    }

    #[test]
    fn what_only_compose_refuses_is_an_error_of_the_files() {
        let compose = compose("services: {a: {image: x}}");
        let mut facts = facts(&compose);
        assert!(facts.refused(Source::Compose).is_none());
        let said = Finding { message: "Compose refuses the file: no".to_owned(), ..Finding::default() };
        of_compose(&mut facts, &compose, Err(&Unresolved::ByCompose(vec![said])));
        let Some(Value::List(errors)) = facts.get("compose.errors").and_then(Fact::value) else { panic!("no errors") };
        assert_eq!((errors.len(), facts.refused(Source::Compose).is_some()), (1, true));
    }

    #[test]
    fn what_compose_reads_although_we_can_not_is_never_the_learners_fault() {
        let clash = "services: {a: {image: x, ports: ['80:80']}, b: {image: x, ports: ['80:80']}}";
        for (text, is_ours, is_refused) in
            [("services: {a: {}}", true, false), (clash, false, true), ("services: {a: {image: x}}", false, false)]
        {
            let compose = compose(text);
            let mut facts = facts(&compose);
            of_compose(&mut facts, &compose, Ok(()));
            let known = facts.get("compose.errors").map(|fact| &fact.known);
            assert_eq!(matches!(known, Some(Known::Unknown(_))), is_ours, "{text}");
            assert_eq!(facts.refused(Source::Compose).is_some(), is_refused, "{text}");
        }
    }

    #[test]
    fn what_docker_builds_although_we_can_not_read_it_is_never_the_learners_fault() {
        let mut facts = Facts::default();
        facts.put("dockerfile.errors", vec![Fact::of("unknown instruction")]);
        let kept = of_build(facts.clone(), false);
        assert!(matches!(kept.get("dockerfile.errors").and_then(Fact::value), Some(Value::List(_))));
        let ours = of_build(facts, true);
        assert!(matches!(ours.get("dockerfile.errors").map(|fact| &fact.known), Some(Known::Unknown(_))));
    }
}
