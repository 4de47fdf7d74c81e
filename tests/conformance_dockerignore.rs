//! Every case of fixtures/conformance/dockerignore.jsonl: a `.dockerignore`, a path, and what moby/patternmatcher says.

use grader::dockerignore::Ignore;
use serde_json::{Value, json};

#[test]
fn leaves_out_what_docker_leaves_out() {
    let cases = include_str!("../fixtures/conformance/dockerignore.jsonl");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (file, path) = (case["dockerignore"].as_str().unwrap(), case["path"].as_str().unwrap());
        let said = Ignore::parse(file.as_bytes()).excludes(path).map_or(json!("error"), |by| json!(by.is_some()));
        if said != case["excluded"] {
            wrong.push(format!("{line} -> {said}"));
        }
        count += 1;
    }
    assert!(count >= 1_300, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
