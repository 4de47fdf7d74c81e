//! Compose files as large as they may be: what they ask for does not grow faster than they do.

#![allow(clippy::expect_used)]

use crate::common::Work;
use grader::policy;
use grader::policy::Policy;
use grader::{compose, facts};
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
