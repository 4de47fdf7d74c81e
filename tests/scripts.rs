//! Checks with a script: what the loader wants of it, and how its verdict is judged.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests

use grader::challenge::{Challenge, Check, library};
use grader::diagnostic::Error;
use grader::facts::{Facts, Source, Unavailable};
use grader::judge::{Inputs, Judgement, ScriptFault, ScriptResult, ScriptVerdict, judge};
use grader::outcome::{Finding, Outcome};
use std::collections::BTreeMap;
use std::fs;

const CHECK: &str = "id: by-script\ntitle: By script\nwhy: To see.\nhints: [Look there.]\nscript:\n  run: look.sh\n  \
                     image: debian:bookworm-slim\n  facts: [dockerfile, image.size]\n";
const CHALLENGE: &str = "id: trial\ntitle: Trial\nabout: A trial.\nchecks:\n  - use: by-script\n    points: 4\n";

/// A challenge's folder with these files.
fn load(files: &[(&str, &[u8])]) -> Result<Challenge, Error> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("checks")).unwrap();
    for (path, content) in files {
        fs::write(folder.path().join(path), content).unwrap();
    }
    library::load(folder.path().to_str().unwrap())
}

fn told(files: &[(&str, &[u8])]) -> String {
    let error = load(files).unwrap_err();
    let [diagnostic] = error.diagnostics.as_slice() else { panic!("{error}") };
    let span = diagnostic.span.unwrap();
    let name = diagnostic.path.rsplit('/').next().unwrap();
    format!("{name}:{}:{}: {}", span.line, span.column, diagnostic.message)
}

#[test]
fn a_script_lies_beside_the_check_or_the_challenge() {
    let program = b"#!/bin/sh\necho ok\n";
    for (check, script) in [
        ("by-script.yaml", "look.sh"),
        ("by-script.yaml", "checks/look.sh"),
        ("checks/by-script.yaml", "checks/look.sh"),
        ("checks/by-script.yaml", "look.sh"),
    ] {
        let challenge = load(&[("challenge.yaml", CHALLENGE.as_bytes()), (check, CHECK.as_bytes()), (script, program)]);
        let challenge = challenge.unwrap_or_else(|error| panic!("{error}"));
        let script = challenge.checks[0].script.as_ref().unwrap();
        assert_eq!((script.name.as_str(), script.content.as_slice()), ("look.sh", &program[..]));
    }
    let check = CHECK.trim_end().replace('\n', "\n    ");
    let inline = CHALLENGE.replace("use: by-script", &check);
    assert!(load(&[("challenge.yaml", inline.as_bytes()), ("look.sh", program)]).is_ok(), "{inline}");
}

#[test]
fn what_is_wrong_with_a_script_is_told_at_its_name() {
    let with = |script: &[u8]| {
        told(&[("challenge.yaml", CHALLENGE.as_bytes()), ("by-script.yaml", CHECK.as_bytes()), ("look.sh", script)])
    };
    let missing = told(&[("challenge.yaml", CHALLENGE.as_bytes()), ("by-script.yaml", CHECK.as_bytes())]);
    assert_eq!(missing, "by-script.yaml:6:8: `look.sh`: there is no such file beside this one");
    let bare = with(b"echo ok\n");
    assert_eq!(
        bare,
        "by-script.yaml:6:8: `look.sh`: its first line must name the program that runs it, such as `#!/bin/sh`"
    );
    let large = with(&[b"#!/bin/sh\n".as_slice(), &vec![b'#'; 1 << 20]].concat());
    assert_eq!(large, "by-script.yaml:6:8: `look.sh`: cannot be read: is larger than 1048576 bytes");
}

fn check() -> Check {
    let files: [(&str, &[u8]); 3] =
        [("challenge.yaml", CHALLENGE.as_bytes()), ("by-script.yaml", CHECK.as_bytes()), ("look.sh", b"#!/bin/sh\n")];
    load(&files).unwrap().checks.remove(0)
}

fn judged(check: &Check, facts: &Facts, script: Option<&ScriptResult>) -> Judgement {
    judge(check, &Inputs { facts, roles: &BTreeMap::new(), steps: &[], earlier: &BTreeMap::new(), script })
}

#[test]
fn its_verdict_is_the_checks() {
    let (check, facts) = (check(), Facts::default());
    let said = |message: &str| Finding { message: message.into(), ..Finding::default() };
    let passed = Ok(ScriptVerdict { findings: vec![], advice: vec![said("Think of it.")] });
    let judgement = judged(&check, &facts, Some(&passed));
    assert_eq!((judgement.outcome, judgement.points), (Outcome::Passed, 4));
    assert_eq!(judgement.advice, [said("Think of it.")]);

    let own = Finding { hint: Some("Mine.".into()), ..said("Two.") };
    let failed = Ok(ScriptVerdict { findings: vec![said("One."), own.clone()], advice: vec![] });
    let judgement = judged(&check, &facts, Some(&failed));
    let hinted = Finding { hint: Some("Look there.".into()), ..said("One.") };
    assert_eq!((judgement.outcome, judgement.points), (Outcome::Failed(vec![hinted, own]), 0));

    let judgement = judged(&check, &facts, Some(&Err(ScriptFault::instructor("look.sh", "it broke"))));
    assert_eq!((judgement.outcome, judgement.judged), (Outcome::Errored("it broke".into()), false));
}

#[test]
fn without_an_engine_it_is_left_open() {
    let (check, mut facts) = (check(), Facts::default());
    assert!(matches!(judged(&check, &facts, None).outcome, Outcome::Skipped(_)));
    facts.set_unavailable(Source::Container, Unavailable::NoEngine("Start Docker.".into()));
    let judgement = judged(&check, &facts, None);
    assert_eq!((judgement.outcome, judgement.judged), (Outcome::Skipped("Start Docker.".into()), false));
}

#[test]
fn what_it_expects_has_to_hold_as_well() {
    let expecting = format!("{CHECK}expect: [{{ dockerfile.exists: true }}]\n");
    let files: [(&str, &[u8]); 3] = [
        ("challenge.yaml", CHALLENGE.as_bytes()),
        ("by-script.yaml", expecting.as_bytes()),
        ("look.sh", b"#!/bin/sh\n"),
    ];
    let check = load(&files).unwrap().checks.remove(0);
    let mut facts = Facts::default();
    facts.put("dockerfile.exists", false);
    let passed = Ok(ScriptVerdict::default());
    assert!(matches!(judged(&check, &facts, Some(&passed)).outcome, Outcome::Failed(_)));
    let failed =
        Ok(ScriptVerdict { findings: vec![Finding { message: "One.".into(), ..Finding::default() }], advice: vec![] });
    let Outcome::Failed(findings) = judged(&check, &facts, Some(&failed)).outcome else { panic!() };
    assert_eq!(findings.len(), 2, "{findings:?}");
    facts.put("dockerfile.exists", true);
    assert_eq!(judged(&check, &facts, Some(&passed)).outcome, Outcome::Passed);
    assert!(matches!(judged(&check, &facts, Some(&failed)).outcome, Outcome::Failed(_)));
}
