//! Compose files as large as they may be: what they ask for does not grow faster than they do.

#![allow(clippy::expect_used)]

use crate::common::Work;
use grader::policy;
use grader::policy::Policy;
use grader::{compose, facts, yaml};
use std::path::Path;
use std::time::Duration;

#[test]
fn huge_files_are_read_or_refused_in_bounded_time() {
    let times = |line: &dyn Fn(usize) -> String, count: usize| (0..count).map(line).collect::<String>();
    let services =
        format!("services:\n{}", times(&|n| format!("  s{n}: {{image: x, depends_on: [s{}]}}\n", n + 1), 20_000));
    let extends = format!(
        "services:\n  base: {{image: x}}\n{}",
        times(&|n| format!("  s{n}: {{extends: {{file: compose.yaml, service: base}}}}\n"), 15_000)
    );
    let ports =
        format!("services:\n  a:\n    image: x\n    ports:\n{}", times(&|n| format!("      - {n}00-{n}99\n"), 40_000));
    let keys = format!("services:\n  a:\n    image: x\n{}", times(&|n| format!("    prots{n}: 1\n"), 40_000));
    let variables = format!("services:\n  a:\n    image: \"{}\"\n", "${A:-".repeat(100_000));
    for file in [services, extends, ports, keys, variables] {
        let begin = Work::begin();
        let over = "services: {a: {ports: [1-99], volumes: [a:/b]}}";
        let compose = compose::load(None, &|path| {
            let text =
                [("compose.yaml", file.as_str()), ("compose.override.yaml", over)].into_iter().find(|it| it.0 == path);
            Ok(text.map(|(_, text)| text.as_bytes().to_vec()))
        })
        .expect("a file");
        let _ = facts::compose::collect(Some(&compose), &[]);
        let _ = policy::written(&Policy::built_in(), &compose, Path::new("/"));
        assert!(begin.elapsed() < Duration::from_secs(30), "{}: {:?}", &file[..60], begin.elapsed());
    }
}

/// Loads files and returns the first problem.
fn first_problem(files: &[(String, String)]) -> String {
    let read = |path: &str| Ok(files.iter().find(|it| it.0 == path).map(|it| it.1.clone().into_bytes()));
    let compose = compose::load(None, &read).expect("a file");
    let values: usize = compose.files.iter().filter_map(|file| file.tree.as_ref()).map(yaml::Node::count).sum();
    assert!(values <= compose::MAX_VALUES, "{values}");
    compose.problems.first().map(|problem| format!("{}: {}", problem.place, problem.message)).unwrap_or_default()
}

#[test]
fn all_files_together_have_one_bound() {
    let included = |count: usize| format!("include: [{}]\nservices: {{a: {{image: x}}}}\n", names(count).join(","));
    let files = |count: usize, text: &str| -> Vec<(String, String)> {
        let main = ("compose.yaml".to_owned(), included(count));
        std::iter::once(main).chain(names(count).into_iter().map(|name| (name, text.to_owned()))).collect()
    };
    let services = |count: usize| (0..count).map(|n| format!("  s{n}: {{image: x}}\n")).collect::<Vec<_>>().concat();
    // Each is within the bound of one file.
    let values = files(19, &format!("services:\n{}", services(1_000)));
    let problem = first_problem(&values);
    assert!(problem.contains("all Compose files together have more than 40000 values"), "{problem}");
    let bytes = files(3, &format!("services:\n{}# {}\n", services(1), "x".repeat(400_000)));
    let problem = first_problem(&bytes);
    assert!(problem.starts_with("i2: all Compose files together are larger than 1024 KiB"), "{problem}");
    let one = vec![("compose.yaml".to_owned(), format!("services:\n{}", services(9_000)))];
    assert_eq!(first_problem(&one), "");
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("i{n}")).collect()
}

#[test]
fn files_of_variables_are_bounded_together() {
    let main = "services: {a: {image: x, env_file: [e0, e1]}}\n";
    let mut files = vec![("compose.yaml".to_owned(), main.to_owned())];
    files.extend(["e0", "e1"].map(|name| (name.to_owned(), "A=b\n".repeat(150_000))));
    let problem = first_problem(&files);
    assert!(problem.starts_with("e1:1: all files of variables together are larger than 1024 KiB"), "{problem}");
    let chain = (0..30_000).map(|n| format!("A{}=${{A{n}}}b\n", n + 1)).collect::<Vec<_>>().concat();
    let files = [("compose.yaml", "services: {a: {image: x}}\n"), (".env", chain.as_str())];
    let problem = first_problem(&files.map(|(name, text)| (name.to_owned(), text.to_owned())));
    assert!(problem.contains("the values up to here have more than 1024 KiB, variables filled in"), "{problem}");
}
