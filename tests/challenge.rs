//! Loading checks and challenges: what is wrong is told with its place, all at once, and nothing makes it panic.

#![allow(clippy::unwrap_used, clippy::format_collect)] // helpers of tests

use crate::common::Work;
use grader::challenge::read::learner::values;
use grader::challenge::{Check, Example, library};
use grader::diagnostic::Error;
use grader::facts::Facts;
use grader::judge::example;
use grader::language::condition::Condition;
use grader::language::matcher::{Literal, Matcher, allowed};
use grader::language::shape::Shape;
use grader::outcome::Outcome;
use proptest::prelude::*;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

fn read(text: impl AsRef<[u8]>) -> Result<Check, Error> {
    library::check("checks/it.yaml", text)
}

fn told(name: &str) -> String {
    let path = format!("fixtures/checks/{name}.yaml");
    library::check(&path, fs::read(&path).unwrap()).unwrap_err().to_string()
}

/// A check that expects one thing.
fn expecting(fact: &str, matcher: &str) -> Result<Check, Error> {
    read(format!("id: it\ntitle: t\nwhy: w\nhints: [h]\nexpect:\n  - {fact}: {matcher}\n"))
}

#[test]
fn unknown_facts() {
    insta::assert_snapshot!(told("facts"));
}

#[test]
fn a_word_beside_a_fact_is_named_if_it_is_nearest() {
    let error = |item: &str| {
        let text = format!("id: it\ntitle: t\nwhy: w\nhints: [h]\nexpect: [{{ image.builds: true, {item} }}]\n");
        read(text).unwrap_err().to_string()
    };
    for (written, word) in [("mesage", "message"), ("expect", "expected"), ("hnt", "hint"), ("point", "points")] {
        let told = error(&format!("{written}: 5"));
        assert!(told.contains(&format!("did you mean `{word}`?")), "{told}");
        assert!(told.contains(", message, expected, "), "{told}");
    }
    assert!(error("image.sise: 5MB").contains("did you mean `image.size`?"));
}

#[test]
fn what_is_wanted_is_said_in_plain_words() {
    let error = |from: &str, to: &str| {
        let text =
            "id: it\ntitle: t\nwhy: w\nhints: [h]\ntry: [{ wait: { for: { image.builds: true }, within: 5s } }]\n";
        read(text.replace(from, to)).unwrap_err().to_string()
    };
    let told = error("hints: [h]", "hints: -1");
    assert!(told.contains("is wanted here, not `-1`"), "{told}");
    let told = error("title: t", "title: ''");
    assert!(told.contains("text is wanted here, but this is empty"), "{told}");
    let told = error("hints: [h]", "hints: [h]\nwith: 5");
    assert!(told.contains(" are wanted here, not `5`"), "{told}");
}

#[test]
fn prose_with_a_misspelled_parameter_is_told_and_other_braces_are_not() {
    let with = |title: &str, message: &str| {
        let expect = format!("expect: [{{ image.size: {{ below: \"{{limit}}\" }}, message: \"{message}\" }}]");
        read(format!("id: it\ntitle: \"{title}\"\nwith: {{ limit: 5MB }}\nwhy: w\nhints: [h]\n{expect}\n"))
    };
    for (title, message) in [("Below {limits}", "m"), ("t", "It is over {limt}.")] {
        let told = with(title, message).unwrap_err().to_string();
        assert!(told.contains("did you mean `{limit}`?"), "{told}");
    }
    with("Below {limit}", "Ask for /items/{id}, ${limits} or {LIMIT}.").unwrap();
}

#[test]
fn facts_of_registries() {
    insta::assert_snapshot!(told("registry"));
}

#[test]
fn an_image_is_one_part_of_a_name_whatever_dots_it_has() {
    let path = "fixtures/checks/good/pushed.yaml";
    let check = library::check(path, fs::read(path).unwrap()).unwrap();
    let Condition::Fact(parts, _) = &check.expect[0].condition else { panic!("{:?}", check.expect[0]) };
    assert_eq!(parts, &["registry", "docker.io/jane/hello:1.0", "exists"]);
    let collect = |_: &_| Facts::default();
    assert_eq!(example(&check, &check.examples.pass[0], &collect).outcome, Outcome::Passed);
    for given in &check.examples.fail {
        let Outcome::Failed(findings) = example(&check, given, &collect).outcome else { panic!("{given:?}") };
        assert!(findings[0].message.starts_with("The image docker.io/jane/hello:1.0 is "), "{findings:?}");
    }
}

#[test]
fn matchers_that_do_not_fit() {
    insta::assert_snapshot!(told("matchers"));
}

#[test]
fn parameters() {
    insta::assert_snapshot!(told("parameters"));
}

#[test]
fn steps() {
    insta::assert_snapshot!(told("steps"));
}

#[test]
fn keys() {
    insta::assert_snapshot!(told("keys"));
}

#[test]
fn a_challenge() {
    insta::assert_snapshot!(library::load("fixtures/checks/challenge").unwrap_err());
}

#[test]
fn matchers_fit_by_type() {
    let facts = [
        ("bool", "image.builds", "true"),
        ("int", "container.exit_code", "1"),
        ("size", "image.size", "5MB"),
        ("duration", "stack.seconds_to_ready", "5s"),
        ("text", "image.platform", "a"),
        ("list", "dockerfile.final.cmd", "a"),
        ("patterns", "dockerignore.patterns", "a"),
        ("map", "image.labels", "a"),
        ("record", "image.healthcheck", "a"),
    ];
    let names = [
        "equals",
        "one-of",
        "matches",
        "contains",
        "starts-with",
        "below",
        "above",
        "at-least",
        "at-most",
        "count",
        "empty",
        "present",
        "each",
        "any",
        "none",
        "not",
        "all-of",
        "any-of",
        "excludes",
    ];
    let mut table = String::new();
    for (kind, fact, value) in facts {
        let item = if matches!(kind, "list" | "patterns" | "map") { "{ present: true }" } else { value };
        let inner = if kind == "record" || item.starts_with('{') { "{ present: true }" } else { value };
        let fits = names.into_iter().filter(|name| {
            let argument = match *name {
                "one-of" => format!("[{value}]"),
                "all-of" | "any-of" => format!("[{inner}]"),
                "count" => "2".to_owned(),
                "empty" | "present" => "true".to_owned(),
                "each" | "any" | "none" => "a".to_owned(),
                "not" => inner.to_owned(),
                "excludes" => "[a]".to_owned(),
                _ => value.to_owned(),
            };
            expecting(fact, &format!("{{ {name}: {argument} }}")).is_ok()
        });
        let _ = writeln!(table, "{kind}: {}", fits.collect::<Vec<_>>().join(" "));
    }
    insta::assert_snapshot!(table, @"
    bool: equals present not all-of any-of
    int: equals one-of below above at-least at-most present not all-of any-of
    size: equals one-of below above at-least at-most present not all-of any-of
    duration: equals one-of below above at-least at-most present not all-of any-of
    text: equals one-of matches contains starts-with empty present not all-of any-of
    list: contains count empty present each any none not all-of any-of
    patterns: contains count empty present each any none not all-of any-of excludes
    map: contains count empty present each any none not all-of any-of
    record: present not all-of any-of
    ");
    assert_eq!(allowed(&Shape::Bool), ["equals", "present", "not", "all-of", "any-of"]);
}

#[test]
fn values_are_read_by_the_fact_s_type() {
    let literal = |fact: &str, written: &str| match expecting(fact, written).unwrap().expect.remove(0).condition {
        Condition::Fact(_, Matcher::Equals(literal) | Matcher::Below(literal)) => literal,
        other => panic!("{other:?}"),
    };
    for (fact, written, wanted) in [
        ("image.size", "200MB", Literal::Size(200_000_000)),
        ("image.size", "{ below: 1.5GB }", Literal::Size(1_500_000_000)),
        ("image.size", "{ below: 1 MiB }", Literal::Size(1_048_576)),
        ("image.size", "{ below: 512 }", Literal::Size(512)),
        ("image.size", "{ below: 18446744073709551615 }", Literal::Size(u64::MAX)),
        ("stack.seconds_to_ready", "{ below: 1m 30s }", Literal::Duration(Duration::from_secs(90))),
        ("stack.seconds_to_ready", "{ below: 500ms }", Literal::Duration(Duration::from_millis(500))),
        ("dockerfile.final.base.tag", "3.10", Literal::Text("3.10".into())),
        ("dockerfile.final.base.tag", "true", Literal::Text("true".into())),
        ("container.exit_code", "-1", Literal::Int(-1)),
        ("container.exit_code", "\"137\"", Literal::Int(137)),
        ("stack.services.web.ready", "true", Literal::Bool(true)),
        ("image.healthcheck.retries", "3", Literal::Int(3)),
        ("image.labels.version", "1.0", Literal::Text("1.0".into())),
    ] {
        assert_eq!(literal(fact, written), wanted, "{fact}: {written}");
    }
}

#[test]
fn several_keys_are_all_of_and_fields_of_records_are_named() {
    let check = expecting("stack.services", "{ empty: false, each: { ready: true, restarts: { below: 1 } } }").unwrap();
    let condition = format!("{:?}", check.expect[0].condition);
    insta::assert_snapshot!(condition, @r#"Fact(["stack", "services"], AllOf([Empty(false), Each(Fields({"ready": Equals(Bool(true)), "restarts": Below(Int(1))}))]))"#);
}

#[test]
fn parameters_are_filled_in_everywhere() {
    let text = "id: it\ntitle: At most {max}, {other}\nwith: { max: 5MB, code: 3 }\nexpect:\n  - image.size: { below: \"{max}\" }\n    message: More than {max}.\n    hint: '{max}'\n  - container.exit_code: \"{code}\"\nwhy: '{max}'\nhints: ['{max}']\n";
    let check = read(text).unwrap();
    assert_eq!(check.title, "At most 5MB, {other}");
    assert_eq!((check.why.as_str(), check.hints[0].as_str()), ("5MB", "5MB"));
    let first = &check.expect[0];
    assert_eq!((first.message.as_deref(), first.hint.as_deref()), (Some("More than 5MB."), Some("5MB")));
    assert!(matches!(&check.expect[1].condition, Condition::Fact(_, Matcher::Equals(Literal::Int(3)))));
}

#[test]
fn a_challenge_of_one_s_own_takes_and_changes_checks_of_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "challenge.yaml",
        "id: own\ntitle: Own\nabout: a\nsubject: {}\nchecks:\n  - { use: image-size, points: 3, with: { max: 90MB }, title: \"Under {max}\", hints: [h], needs: [] }\n  - { use: mine, points: 2 }\n  - { use: dockerfile-exists }\n",
    );
    write("checks/mine.yaml", "id: mine\ntitle: t\nwhy: w\nhints: [h]\nexpect: [{ dockerfile.exists: true }]\n");
    write(
        "dockerfile-exists.yaml",
        "id: dockerfile-exists\ntitle: own\nwhy: w\nhints: [h]\nexpect: [{ repo.files: { empty: false } }]\n",
    );
    write("starter/src/app.py", "print()\n");
    write("starter/run.sh", "#!/bin/sh\n");
    write("starter/__pycache__/a.pyc", "");
    for selector in [folder.path().to_path_buf(), folder.path().join("challenge.yaml")] {
        let challenge = library::load(selector.to_str().unwrap()).unwrap();
        let checks: Vec<String> =
            challenge.checks.iter().map(|check| format!("{} {} {}", check.id, check.title, check.points)).collect();
        assert_eq!(checks, ["image-size Under 90MB 3", "mine t 2", "dockerfile-exists own 0"]);
        assert_eq!(challenge.starter.keys().collect::<Vec<_>>(), ["run.sh", "src/app.py"]);
    }
    write(
        "challenge.yaml",
        "id: own\ntitle: Own\nabout: a\nchecks:\n  - { use: image-size, points: 3, needs: [], advise: [], message: Too big., hint: Look., task: Shrink it., learn: \"https://a.b\" }\n",
    );
    let check = library::load(folder.path().to_str().unwrap()).unwrap().checks.remove(0);
    assert_eq!(check.advise.len(), 0);
    assert_eq!(check.expect[0].message.as_deref(), Some("Too big."));
    assert_eq!(check.teaching.task.as_deref(), Some("Shrink it."));
    assert_eq!(check.teaching.learn.as_deref(), Some("https://a.b"));
    assert!(check.teaching.reflect.is_some(), "the library's own");
    write("challenge.yaml", "checks: [{ use: mine, points: 1, learn: docs.docker.com }]\n");
    assert!(challenge_error(folder.path()).contains("`docs.docker.com` isn't the address of a page"));
    assert!(challenge_error(&folder.path().join("none")).contains("there is no such file or folder"));
    assert!(challenge_error(&folder.path().join("starter")).contains("challenge.yaml: there is no such file"));
}

#[test]
fn parameters_of_a_challenge_reach_its_checks_and_lists_take_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
    write(
        "challenge.yaml",
        "id: own\ntitle: Own\nabout: \"On {port}\"\nwith: { port: 80, web: site, paths: [a.txt, \"b/c\"] }\n\
         subject: { http: { port: \"{port}\", path: / } }\nroles: { site: { built-from: Dockerfile } }\n\
         given: \"{paths}\"\nchecks:\n  - { use: one, points: 5, title: \"{service} on {port}\", with: { service: \"{web}\" } }\n\
         \x20 - { use: one-more, points: 5, with: { paths: [x, y] } }\n",
    );
    let check = "title: t\nwhy: w\nhints: [\"{paths}\"]\nwith: { service: api, port: 5000, paths: [z] }\n\
                 try: [{ files: { service: \"{service}\", paths: [/a] }, expect: [{ \"stack.services.{service}.ready\": true }] }]\n\
                 expect: [{ dockerignore.patterns: { excludes: \"{paths}\" } }, { \"compose.services.{service}.ports\": { any: { target: \"{port}\" } } }]\n";
    write("one.yaml", &format!("id: one\n{check}"));
    write("one-more.yaml", &format!("id: one-more\n{check}"));
    let challenge = library::load(folder.path().to_str().unwrap()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((challenge.about.as_str(), challenge.given.len()), ("On 80", 2));
    let [first, second] = challenge.checks.as_slice() else { panic!("{challenge:?}") };
    assert_eq!((first.title.as_str(), first.hints[0].as_str()), ("site on 80", "a.txt, b/c"));
    let (first, second) = (format!("{:?}", first.expect), format!("{:?}", second.expect));
    assert!(first.contains(r#"Excludes(["a.txt", "b/c"])"#) && first.contains(r#""site""#), "{first}");
    assert!(first.contains("Int(80)") && second.contains("Int(80)"), "{first}");
    assert!(second.contains(r#"Excludes(["x", "y"])"#) && second.contains(r#""api""#), "{second}");
    write(
        "challenge.yaml",
        "id: own\ntitle: t\nabout: a\nwith: { port: 80, deep: { from: us } }\nchecks: [{ use: one, points: 5, with: { port: { a: b } } }]\n",
    );
    let error = challenge_error(folder.path());
    for why in ["a value or a list of values is wanted here", "unknown word `us`", "`example` is missing here"] {
        assert!(error.contains(why), "{why}: {error}");
    }
}

#[test]
fn a_learner_gives_values_and_can_t_give_anything_else() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| {
        let text = format!(
            "id: own\ntitle: t\nabout: a\nwith: {{ image: {{ from: learner, example: jane/hello, about: your image }} }}\nchecks:\n{text}"
        );
        fs::write(folder.path().join("challenge.yaml"), text).unwrap();
    };
    let check = |what: &str| format!("  - {{ id: pushed, title: t, why: w, hints: [h], points: 5, {what} }}\n");
    write(
        &(check("expect: [{ \"registry.{image}.exists\": true }, { image.user.name: { matches: \"^{image}$\" } }]")
            + "  - { id: other, title: t, why: w, hints: [h], points: 5, expect: [{ dockerfile.exists: true }] }\n"),
    );
    let selector = folder.path().to_str().unwrap();
    let load = |yaml: &str| library::load_for(selector, Some(&values(yaml.as_bytes()))).map(|it| it.checks);
    assert!(library::load(selector).unwrap().checks[0].lacks.is_none(), "the example stands for it");
    let checks = load("with: { image: ghcr.io/joe/x.y }").unwrap();
    let expect = format!("{:?}", checks[0].expect);
    assert!(checks[0].lacks.is_none() && expect.contains("ghcr.io/joe/x.y"), "{expect}");
    assert!(expect.contains(r"^ghcr\\.io/joe/x\\.y$"), "a learner's value is no pattern: {expect}");
    for (yaml, why) in [
        ("", "grader.yaml doesn't have a value for `image` yet."),
        ("with: { other: a }", "grader.yaml doesn't have a value for `image` yet."),
        ("with: { image: '{max}' }", "grader.yaml has a value for `image` that may have only letters, digits"),
        ("with: { image: [a] }", "grader.yaml has a value for `image` that is not a text"),
    ] {
        let checks = load(yaml).unwrap();
        let finding = checks[0].lacks.clone().unwrap();
        assert!(finding.message.starts_with(why), "{}", finding.message);
        assert_eq!(
            (finding.place.unwrap().path.as_str(), finding.expected.as_deref()),
            ("grader.yaml", Some("your image"))
        );
        assert!(finding.hint.unwrap().contains("with: { image: jane/hello }"));
        assert!(checks[0].expect.is_empty(), "nothing is asked for the example");
        assert!(checks[1].lacks.is_none());
    }
    write(&check("expect: [{ \"compose.services.{image}.image\": a }]"));
    assert!(
        challenge_error(folder.path())
            .contains("`image` is the learner's to say, so it can't be in the name of a fact")
    );
}

#[test]
fn files_of_the_repository_are_asked_for_by_their_paths() {
    let of = |item: &str| {
        let text = format!("id: it\ntitle: t\nwhy: w\nhints: [h]\nexpect: [{{ {item} }}]\n");
        library::check("it.yaml", text).map(|check| match check.expect[0].condition.clone() {
            Condition::Fact(parts, _) => parts.join("|"),
            other => format!("{other:?}"),
        })
    };
    for (item, parts) in [
        ("repo.text.src/app.py: { contains: Flask }", "repo|text|src/app.py"),
        ("repo.yaml.a.b.yaml.q3: 5", "repo|yaml|a.b.yaml|q3"),
        ("repo.yaml.package.json.scripts.start: node", "repo|yaml|package.json|scripts|start"),
    ] {
        assert_eq!(of(item).unwrap_or_else(|error| panic!("{error}")), parts);
    }
    for item in ["repo.text./etc/passwd: a", "repo.text.../a: a", "repo.yaml.app.py.x: 1"] {
        let error = of(item).unwrap_err().to_string();
        assert!(error.contains("is no path in the repository") || error.contains("ends with none of"), "{error}");
    }
    let quiz = "id: it\ntitle: t\nwhy: w\nhints: [h]\nexpect: [{ repo.yaml.answers.yaml.q3: { one-of: [b, B] } }, { repo.text.a.txt: { empty: false } }]\n";
    let check = library::check("it.yaml", quiz).unwrap();
    for (answers, is_right) in [("q3: b\n", true), ("q3: c\n", false), ("q3: [b]\n", false), ("q3\n", false)] {
        let files = [("answers.yaml", answers), ("a.txt", "x")].map(|(path, text)| (path.to_owned(), text.to_owned()));
        let given = Example { files: files.into(), ..Example::default() };
        let outcome = example(&check, &given, &grader::proof::example::collect).outcome;
        assert_eq!(outcome == Outcome::Passed, is_right, "{answers}: {outcome:?}");
    }
}

fn challenge_error(path: &Path) -> String {
    library::load(path.to_str().unwrap()).unwrap_err().to_string()
}

#[cfg(unix)]
#[test]
fn what_is_no_file_or_leads_away_is_refused_not_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("challenge.yaml"), "checks: [{ use: ../../etc/passwd }]\n").unwrap();
    fs::create_dir(folder.path().join("starter")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("starter/link")).unwrap();
    let error = challenge_error(folder.path());
    assert!(error.contains("unknown check `../../etc/passwd`"), "{error}");
    assert!(error.contains("starter/link: a starter holds files and folders only, no links"), "{error}");
    let socket = folder.path().join("socket.yaml");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert!(challenge_error(&socket).contains("is not a file"));
}

#[test]
fn selectors_that_name_nothing() {
    insta::assert_snapshot!(library::load("dockerise-python-app").unwrap_err(), @"
    there is no challenge `dockerise-python-app`
      = did you mean `dockerize-python-app`?
      = allowed here: data-that-lasts, dockerize-python-app, hello-container, hit-counter, manage-a-container, web-and-api
      = or the path of a challenge's folder
    ");
    insta::assert_snapshot!(library::load("./none").unwrap_err(), @"./none: there is no such file or folder");
}

#[test]
fn diagnostics_are_safe_to_print_and_bounded() {
    let error = read("id: it\n\u{1b}[31m\u{202e}key: 1\n").unwrap_err().to_string();
    assert!(!error.contains('\u{1b}') && !error.contains('\u{202e}'), "{error:?}");
    let error = read("id: it\n##[add-mask]ke\u{feff}y\u{e0041}: 1\n").unwrap_err().to_string();
    assert!(!error.contains(['\u{feff}', '\u{e0041}']) && !error.contains("##["), "{error:?}");
    let wide = read("id: it\ntitle: 日本語 {x\nüü: 1\n").unwrap_err().to_string();
    assert!(wide.contains("| üü: 1\n  | ^^\n"), "{wide}");
    let many = (0..50_000).map(|n| format!("k{n}: v\n")).collect::<Vec<_>>().concat();
    let start = Work::begin();
    assert!(read(&many).unwrap_err().diagnostics.len() <= 110);
    assert!(read(format!("id: {}\ntitle: {}\n", "a{".repeat(200_000), "{".repeat(400_000))).is_err());
    assert!(read(format!("{}: 1\n", "x".repeat(1000)).repeat(300)).is_err());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn built_in_challenges_load_fast() {
    library::load("dockerize-python-app").unwrap();
    let start = Work::begin();
    library::load("dockerize-python-app").unwrap();
    assert!(start.elapsed() < Duration::from_millis(200), "{:?}", start.elapsed());
}

/// Check files that are nearly right: lines of those that are, changed here and there.
fn mutated() -> impl Strategy<Value = String> {
    let mut files: Vec<String> = ["checks", "fixtures/checks", "checks/challenges/dockerize-python-app"]
        .into_iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    files.sort();
    let change = (any::<prop::sample::Index>(), 0_usize..4, "[-a-z:{}\\[\\]\" ,.#&*!|0-9\n]{0,6}");
    (prop::sample::select(files), prop::collection::vec(change, 1..6)).prop_map(|(text, changes)| {
        let mut chars: Vec<char> = text.chars().collect();
        for (at, removed, put) in changes {
            let at = at.index(chars.len().max(1)).min(chars.len());
            let end = (at + removed).min(chars.len());
            chars.splice(at..end, put.chars());
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn no_bytes_make_the_loader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes).map_err(|error| error.to_string());
    }

    #[test]
    fn no_mutated_check_makes_the_loader_panic(text in mutated()) {
        if let Err(error) = read(&text) {
            prop_assert!(!error.diagnostics.is_empty());
            for diagnostic in &error.diagnostics {
                let lines = text.lines().count().max(1) + 1;
                prop_assert!(diagnostic.span.is_none_or(|span| span.line as usize <= lines && span.column >= 1), "{diagnostic}");
            }
            let _ = error.to_string();
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("challenge.yaml"), &text).unwrap();
        let _ = library::load(folder.path().to_str().unwrap()).map_err(|error| error.to_string());
    }
}
