//! Files made to be slow: they are read, or refused, in no time. The limit here only catches what hangs.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::common::Work;
use grader::dockerfile::{Dockerfiles, MAX_INSTRUCTIONS, MAX_STAGES, parse};
use grader::policy::{self, Policy};

/// About a megabyte each.
fn files() -> Vec<(&'static str, String)> {
    let repeat = |text: &str| text.repeat((1 << 20) / text.len());
    let many = |make: &dyn Fn(usize) -> String| (0..30_000).map(make).collect::<String>();
    vec![
        (
            "20k instructions",
            format!("FROM a\n{}", "RUN echo this is a line that is about fifty bytes\n".repeat(20_000)),
        ),
        ("one line", repeat("FROM a ")),
        ("80k continuations", format!("FROM a\nRUN a \\\n{}", repeat("  && b c d \\\n"))),
        ("brackets", format!("FROM a\nRUN {}", "[".repeat(60_000))),
        ("brackets over lines", format!("FROM a\nRUN \\\n{}", repeat("[[[[[[[[[[\\\n"))),
        ("nested ONBUILD", format!("FROM a\n{}RUN a\n", repeat("ONBUILD \\\n"))),
        ("nested ONBUILD in a line", format!("FROM a\n{}RUN a\n", "ONBUILD ".repeat(8_000))),
        ("stages", many(&|i| format!("FROM a AS s{i}\n"))),
        ("a chain of stages", many(&|i| format!("FROM s{} AS s{i}\nENV A{i}=1\n", i.wrapping_sub(1)))),
        ("copies", format!("FROM a AS b\nFROM c\n{}", repeat("COPY --from=b x y\n"))),
        ("names without FROM", repeat("CMD\n")),
        ("unknown instructions", repeat("x\n")),
        ("one long word", format!("FROM a\n\\\n{}", repeat("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\n"))),
        ("heredocs", format!("FROM a\nRUN {}\n{}", "<<a ".repeat(10_000), repeat("a\n"))),
        ("heredoc lines", format!("FROM a\n{}", repeat("RUN <<a\nb\na\n"))),
        ("nested substitutions", format!("FROM a\nRUN <<b \\\n{}", repeat("${a:-\\\n"))),
        ("doubling", format!("FROM a\nENV A=xxxxxxxxxxxxxxxx\n{}", "ENV A=$A$A\n".repeat(60))),
        ("big values", format!("FROM a\nENV A={}\n{}", "x".repeat(60_000), "USER $A\n".repeat(50_000))),
        ("patterns", format!("FROM a\nENV A={}\nENV B=${{A//{}/y}}\n", "x".repeat(60_000), "*x".repeat(30_000))),
        ("working directories", format!("FROM a\n{}", repeat("WORKDIR a\n"))),
        ("ports", format!("FROM a\n{}", repeat("EXPOSE 0-65535\n"))),
        ("mounts", format!("FROM a\nRUN {}b\n", many(&|i| format!("--mount=target=/{i} \\\n")))),
        ("flags", format!("FROM a\nCOPY {}b c\n", many(&|i| format!("--exclude={i} \\\n")))),
        ("pairs", format!("FROM a\nENV {}\n", many(&|i| format!("A{i}=b \\\n")))),
        ("quotes", format!("FROM a\nENV {}\n", repeat("a=\"\\\n"))),
        ("comments", format!("FROM a\nRUN a \\\n{}", repeat("# comment\n"))),
        ("blank lines", format!("FROM a\n{}", repeat("\n"))),
        ("json", format!("FROM a\nCMD [\"a\"{}]\n", repeat(",\"b\"\\\n"))),
    ]
}

#[test]
fn hostile_files_take_no_time() {
    for (name, text) in files() {
        let start = Work::begin();
        let file = parse(text.as_bytes());
        let parsed = start.elapsed();
        let target = file.target(None, &BTreeMap::new());
        let resolved = start.elapsed().saturating_sub(parsed);
        println!("{name}: {parsed:?}, {resolved:?}; {} errors", file.errors.len());
        assert!(parsed + resolved < Duration::from_secs(20), "{name}: {parsed:?}, {resolved:?}");
        assert!(file.errors.len() <= grader::dockerfile::MAX_ERRORS + 10, "{name}");
        assert_eq!(target.is_err(), file.stages.is_empty(), "{name}");
    }
}

#[test]
fn a_path_is_no_longer_than_linux_takes() {
    let target = super::target(&format!("FROM a\n{}", "WORKDIR abcd\n".repeat(1_000)));
    assert_eq!(target.workdir.map(|workdir| (workdir.value.len(), workdir.span.line)), Some((4_095, 820)));
    let told: Vec<_> = target.errors.iter().map(|error| (error.line, error.message.as_str())).collect();
    assert_eq!(told, [(821, "the WORKDIR is longer than 4095 bytes, the most that Linux takes")]);
}

/// A file just within a bound of what is read, and one beyond it.
fn at_bounds() -> Vec<(&'static str, String, String)> {
    let many = |count: usize, make: &dyn Fn(usize) -> String| (0..count).map(make).collect::<String>();
    let file = |count: usize, make: &dyn Fn(usize) -> String| format!("FROM a\n{}", many(count, make));
    let words = |count: usize| format!("FROM a\nENV {}B=b\n", many(count, &|i| format!("A{i}=b \\\n")));
    let heredocs = |count: usize| format!("FROM a\n{}", "RUN <<E\nx\nE\n".repeat(count));
    vec![
        ("more than 2000 instructions", file(1_999, &|_| "RUN x\n".to_owned()), file(2_000, &|_| "RUN x\n".to_owned())),
        ("more than 2000 instructions", heredocs(1_999), heredocs(50_000)),
        (
            "more than 200 stages",
            many(200, &|i| format!("FROM a AS s{i}\n")),
            many(201, &|i| format!("FROM a AS s{i}\n")),
        ),
        ("more than 20000 words", words(9_990), words(10_001)),
        (
            "more than 20000 words",
            format!("FROM a\nCMD [\"a\"{}]\n", ",\"b\"".repeat(16_000)),
            format!("FROM a\nCMD [\"a\"{}]\n", ",\"b\"\\\n".repeat(20_000)),
        ),
        (
            "more than 20000 words",
            format!("FROM a\nRUN {}b\n", many(19_000, &|i| format!("--mount=target=/{i} \\\n"))),
            format!("FROM a\nRUN {}b\n", many(20_001, &|i| format!("--mount=target=/{i} \\\n"))),
        ),
    ]
}

#[test]
fn what_is_beyond_a_bound_is_named_and_nothing_after_it_is_read() {
    for (bound, within, beyond) in at_bounds() {
        assert_eq!(parse(within.as_bytes()).beyond, None, "{bound}");
        let file = parse(beyond.as_bytes());
        let error = file.beyond.as_ref().expect(bound);
        assert!(error.message.starts_with(bound) && error.help.is_some(), "{error:?}");
        assert_eq!(file.errors.last(), Some(error));
        assert!(file.instructions.len() <= MAX_INSTRUCTIONS && file.stages.len() <= MAX_STAGES, "{bound}");
        // Whatever follows could reach out, so none of it is built.
        let parsed = Dockerfiles::default().parse((beyond + "RUN --security=insecure x\n").as_bytes());
        let refused = policy::build::dockerfile(&Policy::built_in(), "Dockerfile", &parsed, &BTreeMap::new()).refused;
        assert!(refused.len() == 1 && refused[0].message.contains(bound), "{refused:?}");
        assert_eq!(refused[0].place.as_ref().and_then(|place| place.line), Some(error.line));
    }
}
