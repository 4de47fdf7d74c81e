//! `repo.*`, `dockerignore.*` and `context.*`: values, places and reasons.
#![allow(clippy::unwrap_used)] // in helpers of tests too

use grader::dockerignore::Ignore;
use grader::facts::{Fact, Facts, Known, Source, Value, context, dockerignore, json, registry, repo};
use grader::place::Place;
use grader::repository::{Context, ContextError, ReadError, Repository};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

fn ignore(text: &str) -> Facts {
    dockerignore::collect(Ok(Some((".dockerignore", &Ignore::parse(text.as_bytes())))), &[])
}

fn get<'a>(facts: &'a Facts, name: &str) -> &'a Fact {
    assert!(registry::find(&name.split('.').collect::<Vec<_>>()).is_some(), "{name} is not in the registry");
    facts.get(name).unwrap()
}

fn items(fact: &Fact) -> &[Fact] {
    match fact.value() {
        Some(Value::List(items)) => items,
        other => panic!("{other:?}"),
    }
}

/// A name that the registry lacks has no row, so it can't be put by one.
#[test]
fn sources_put_facts_by_their_tables_alone() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/facts")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // What steps bring back is in no source.
            if path.ends_with("facts/cache.rs") {
                continue;
            }
            files += 1;
            let text = fs::read_to_string(&path).unwrap();
            let own = text.split("#[cfg(test)]").next().unwrap();
            assert!(!own.contains(".put("), "{} puts a fact by its name; give it a row", path.display());
        }
    }
    assert!(files > 10);
}

#[test]
fn the_registry_has_each_name_once_and_its_source() {
    let mut seen = BTreeSet::new();
    for entry in registry::REGISTRY.iter() {
        assert!(seen.insert(entry.name), "{} has two rows", entry.name);
        let first = entry.name.split('.').next().unwrap();
        assert!(Source::ALL.iter().any(|source| source.prefixes().contains(&first)), "{} is of no source", entry.name);
        let words: Vec<&str> = entry.doc.split_whitespace().collect();
        let of_nothing = ["Its", "That", "Their", "It", "They"];
        assert!(!of_nothing.contains(&words[0]), "{}: read alone, nobody knows of what: {}", entry.name, entry.doc);
    }
}

#[test]
fn files_point_at_themselves() {
    let facts = repo::collect(&["a".to_owned(), "b/c".to_owned()]);
    let files = items(get(&facts, "repo.files"));
    assert_eq!(files[1], Fact::of("b/c").at(Place::file("b/c")));
    assert_eq!(files.len(), 2);
}

#[test]
fn patterns_point_at_their_lines() {
    let facts = ignore("# history\n.git\n\n venv/ # env\n!README.md\n");
    assert!(get(&facts, "dockerignore.exists").is_true());
    assert_eq!(get(&facts, "dockerignore.path").text(), Some(".dockerignore"));
    let patterns = get(&facts, "dockerignore.patterns");
    assert_eq!(json::value(patterns), json!([".git", "venv/ # env", "!README.md"]));
    let lines: Vec<_> = items(patterns).iter().map(|fact| fact.place.as_ref().unwrap().line).collect();
    assert_eq!(lines, [Some(2), Some(4), Some(5)]);
    assert_eq!(json::value(get(&facts, "dockerignore.errors")), json!([]));
    let [comment] = items(get(&facts, "dockerignore.inline_comments")) else { panic!() };
    assert_eq!(comment.text(), Some("venv/ # env"));
    assert_eq!(comment.place, Some(Place::line(".dockerignore", 4)));
    assert_eq!(
        ignore("# nothing\n").get("dockerignore.patterns").unwrap().because.as_deref(),
        Some(".dockerignore has no patterns")
    );
}

#[test]
fn errors_say_where_and_why() {
    let facts = ignore("venv\n  a[\n!\n");
    let errors = get(&facts, "dockerignore.errors");
    let unclosed = "`a[`: a `[` is not closed; write `\\[` if the file's name has one";
    let lone = "`!` alone keeps nothing: write what to keep behind it, such as `!requirements.txt`";
    assert_eq!(
        json::value(errors),
        json!([{"message": unclosed, "line": 2, "column": 3}, {"message": lone, "line": 3, "column": 1}])
    );
    assert_eq!(items(errors)[0].place, Some(Place::line(".dockerignore", 2).column(3)));
    let patterns = get(&facts, "dockerignore.patterns");
    assert_eq!(patterns.because.as_deref(), Some(format!("Docker refuses .dockerignore: {unclosed}").as_str()));
}

#[test]
fn without_a_file_it_is_said_why() {
    let because = |facts: &Facts, name: &str| facts.get(name).unwrap().because.clone().unwrap();
    let none = dockerignore::collect(Ok(None), &["Dockerfile".to_owned()]);
    assert_eq!(none.get("dockerignore.exists").unwrap().value(), Some(&Value::Bool(false)));
    assert_eq!(none.get("dockerignore.patterns").unwrap().known, Known::Absent);
    assert_eq!(
        because(&none, "dockerignore.exists"),
        "there is no .dockerignore: Docker sends the whole folder, .git too"
    );
    let names = ["dockerignore", ".dockerignore.txt", "sub/.dockerignore.txt"].map(str::to_owned);
    let near = dockerignore::collect(Ok(None), &names);
    let expected = r#"Docker looks for .dockerignore, not for "dockerignore", ".dockerignore.txt""#;
    assert_eq!(because(&near, "dockerignore.patterns"), expected);

    let folder = ReadError::NotAFile { path: ".dockerignore".to_owned(), kind: "a folder" };
    let theirs = dockerignore::collect(Err(&folder), &[]);
    assert_eq!(theirs.get("dockerignore.exists").unwrap().value(), Some(&Value::Bool(false)));
    assert_eq!(
        because(&theirs, "dockerignore.exists"),
        ".dockerignore: is a folder, not a file; put a plain file here"
    );
    assert_eq!(theirs.get("dockerignore.exists").unwrap().place, Some(Place::file(".dockerignore")));
    let broken = ReadError::Unreadable { path: ".dockerignore".to_owned(), source: io::Error::other("disk") };
    let ours = dockerignore::collect(Err(&broken), &[]);
    for name in ["exists", "path", "patterns", "errors", "inline_comments"] {
        let fact = get(&ours, &format!("dockerignore.{name}")).clone();
        assert!(matches!(fact.known, Known::Unknown(_)), "{name}: {fact:?}");
    }
}

#[test]
fn the_context_says_what_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("app")).unwrap();
    std::fs::write(folder.path().join("app/a.py"), "123").unwrap();
    std::fs::write(folder.path().join("app/b.log"), "12").unwrap();
    let repository = Repository::open(folder.path()).unwrap();
    let of = |text: &str| Context::of(&repository, "./app", &Ignore::parse(text.as_bytes()));

    let facts = context::collect("./app", of("*.log").as_ref(), Some("app/.dockerignore"));
    assert_eq!(items(get(&facts, "context.files")), [Fact::of("a.py").at(Place::file("app/a.py"))]);
    assert_eq!(get(&facts, "context.bytes").value(), Some(&Value::Size(3)));
    assert_eq!(get(&facts, "context.bytes").because.as_deref(), Some("app/.dockerignore leaves out 2B"));
    assert_eq!(get(&facts, "context.ignored_bytes").value(), Some(&Value::Size(2)));

    let refused = context::collect("app", of("a[").as_ref(), Some("app/.dockerignore"));
    let bytes = get(&refused, "context.bytes");
    assert_eq!(bytes.known, Known::Absent);
    assert_eq!(bytes.place, Some(Place::line("app/.dockerignore", 1).column(1)));
    assert!(bytes.because.as_ref().unwrap().starts_with("Docker refuses app/.dockerignore: `a[`"));

    let missing = ContextError::NotAFolder("../x".to_owned());
    let missing = context::collect("../x", Err(&missing), None);
    let because = get(&missing, "context.files").because.as_deref();
    assert_eq!(because, Some("../x: the build context has to be a folder of the repository"));

    let too_much = Context { truncated: Some("64 folders deep".to_owned()), ..Context::default() };
    let unknown = context::collect(".", Ok(&too_much), None);
    assert!(matches!(get(&unknown, "context.files").known, Known::Unknown(_)));
}
