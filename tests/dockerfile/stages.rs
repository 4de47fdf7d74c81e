//! Stages: what they are built from, what they inherit, where their files come from.

use super::{read, target};
use grader::dockerfile::{Command, Source, Target, TargetError, Via};
use std::collections::BTreeMap;
use std::time::Duration;

#[test]
fn bases() {
    let text = "ARG V=3.11\nFROM python:${V}-slim AS Build\nFROM build\nFROM scratch\nFROM ghcr.io/a/b:1@sha256:\
                aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";
    let target = target(text);
    let Source::Image(python) = &target.bases[0] else { panic!("{:?}", target.bases) };
    assert_eq!((python.image.as_str(), python.tag.as_deref()), ("python", Some("3.11-slim")));
    assert_eq!(target.bases[1..3], [Source::Stage(0), Source::Scratch]);
    let Source::Image(other) = &target.bases[3] else { panic!("{:?}", target.bases) };
    assert_eq!((other.image.as_str(), other.tag.as_deref(), other.digest.is_some()), ("ghcr.io/a/b", Some("1"), true));
}

#[test]
fn a_target_is_found_by_name_or_number() {
    let file = read("FROM a AS Build\nFROM b\n");
    let index = |name| file.target(name, &BTreeMap::new()).map(|target| target.index);
    assert_eq!([index(None), index(Some("BUILD")), index(Some("1"))], [Ok(1), Ok(0), Ok(1)]);
    let not_found = TargetError::NotFound { name: "bild".to_owned(), nearest: Some("build".to_owned()) };
    assert_eq!(index(Some("bild")), Err(not_found));
    let empty = grader::dockerfile::parse(b"").target(None, &BTreeMap::new());
    assert_eq!(empty, Err(TargetError::NoStages));
}

#[test]
fn settings_are_inherited_with_their_lines() {
    let target = target(
        "FROM python AS base\nUSER app\nWORKDIR /srv\nENV A=1\nEXPOSE 5000 8000-8002/udp\nCMD old\nLABEL l=1\nVOLUME /d\n\
         HEALTHCHECK --interval=5s --retries=2 CMD curl x\nFROM base\nWORKDIR app\nENV B=$A\nENTRYPOINT [\"e\"]\n\
         STOPSIGNAL SIGINT\nLABEL l=2\n",
    );
    let at = |target: &Target| {
        [
            target.user.as_ref().map(|user| (user.value.clone(), user.span.line)),
            target.workdir.as_ref().map(|workdir| (workdir.value.clone(), workdir.span.line)),
            target.env.get("B").map(|b| (b.value.clone(), b.span.line)),
            target.labels.get("l").map(|l| (l.value.clone(), l.span.line)),
            target.stop_signal.as_ref().map(|signal| (signal.value.clone(), signal.span.line)),
        ]
    };
    let expected = [("app", 2), ("/srv/app", 11), ("1", 12), ("2", 15), ("SIGINT", 14)];
    assert_eq!(at(&target), expected.map(|(value, line)| Some((value.to_owned(), line))));
    assert_eq!(target.exposes.keys().map(ToString::to_string).collect::<Vec<_>>(), ["5000/tcp", "8000-8002/udp"]);
    assert_eq!(target.volumes.keys().collect::<Vec<_>>(), ["/d"]);
    assert_eq!((target.cmd.as_ref(), target.cmd_is_reset), (None, true), "ENTRYPOINT takes an inherited CMD away");
    assert_eq!(target.entrypoint.unwrap().value.argv, ["e"]);
    let check = target.healthcheck.unwrap();
    assert_eq!((check.span.line, check.value.command), (9, Some(Command::Shell("curl x".to_owned()))));
    assert_eq!((check.value.interval, check.value.retries), (Some(Duration::from_secs(5)), Some(2)));
    assert_eq!(target.chain, [1, 0]);
}

#[test]
fn the_shell_form_takes_the_shell_of_its_line() {
    let target = target("FROM a\nSHELL [\"bash\", \"-c\"]\nCMD x y\nSHELL [\"ash\"]\nENTRYPOINT [\"e\"]\n");
    assert_eq!(target.cmd.unwrap().value.argv, ["bash", "-c", "x y"]);
    assert_eq!(target.shell.unwrap().value, ["ash"]);
}

#[test]
fn triggers_run_in_the_next_stage_only() {
    let text = "FROM a AS base\nONBUILD USER app\nUSER root\nFROM base AS next\nFROM next\nUSER last\n";
    let user = |name| read(text).target(name, &BTreeMap::new()).unwrap().user.map(|user| (user.value, user.span.line));
    assert_eq!(user(Some("base")), Some(("root".to_owned(), 3)));
    assert_eq!(user(Some("next")), Some(("app".to_owned(), 2)));
    assert_eq!(user(None), Some(("last".to_owned(), 6)));
}

#[test]
fn edges_tell_stages_from_images() {
    let target = target(
        "FROM a AS base\nFROM base AS Build\nFROM base\nCOPY --from=build /x /y /d/\nCOPY --from=1 /x /\n\
         COPY --from=nginx:1 /x /\nCOPY --from=base /x /\nCOPY . .\nRUN --mount=type=cache,target=/c true\n\
         RUN --mount=from=build,source=/s,target=/t --mount=type=secret,id=k true\nRUN --mount=from=1,target=/t true\n",
    );
    let edges: Vec<_> =
        target.edges.iter().map(|edge| (edge.span.line, edge.via, edge.source.clone(), edge.is_ancestor)).collect();
    let image = |edge: usize| target.edges[edge].source.clone();
    assert_eq!(
        edges,
        [
            (4, Via::Copy, Source::Stage(1), false),
            (5, Via::Copy, Source::Stage(1), false),
            (6, Via::Copy, image(2), false),
            (7, Via::Copy, Source::Stage(0), true),
            (10, Via::Mount, Source::Stage(1), false),
            (11, Via::Mount, image(5), false),
        ]
    );
    assert!(matches!((image(2), image(5)), (Source::Image(_), Source::Image(_))), "a number is a name in a mount");
    assert_eq!(target.edges[0].paths, ["/x", "/y"]);
    assert_eq!(target.needed, [0, 1, 2].into());
    let unused = super::target("FROM a AS b\nFROM c\n");
    assert_eq!((unused.edges.len(), unused.needed), (0, [1].into()));
}

#[test]
fn what_a_build_stops_at() {
    for (text, expected) in [
        ("FROM $X\n", "line 1: base name ($X) should not be blank"),
        (
            "FROM Python:3\n",
            "line 1: failed to parse stage name \"Python:3\": invalid reference format: repository name (library/Python) must be lowercase",
        ),
        (
            "FROM a AS B\nFROM B\n",
            "line 2: failed to parse stage name \"B\": invalid reference format: repository name (library/B) must be lowercase",
        ),
        ("FROM a\nCOPY --from=3 a b\n", "line 2: invalid stage index 3"),
        ("FROM a AS b\nCOPY --from=b a b\n", "line 2: circular dependency detected on stage: b"),
        (
            "FROM a AS t\nCOPY --from=b x y\nFROM c AS b\nFROM t\n",
            "line 2: cannot copy from stage \"b\", it needs to be defined before current stage \"t\"",
        ),
        ("FROM a\nEXPOSE foo\n", "line 2: invalid containerPort: foo"),
        ("FROM a\nSTOPSIGNAL foo\n", "line 2: invalid signal: foo"),
        ("FROM a\nRUN --mount=type=foo b\n", "line 2: unsupported mount type \"foo\""),
        (
            "FROM a\nRUN --mount=type=bind,trget=/x b\n",
            "line 2: unexpected key 'trget' in 'trget=/x' (did you mean target?)",
        ),
    ] {
        let errors: Vec<_> = target(text).errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors, [expected], "{text}");
    }
    let from_variable = target("FROM a\nCOPY --from=$X a b\n");
    assert!(from_variable.errors[0].message.starts_with("variable expansion is not supported for --from"));
    assert_eq!(from_variable.edges[0].source, Source::Unknown);
}
