//! What of a build is refused before it begins.

use super::stand::{shown, stand};
use grader::dockerfile::Dockerfiles;
use grader::policy;
use grader::policy::Policy;
use grader::policy::build::Build;
use grader::repository::Ongoing;
use std::collections::BTreeMap;
use std::fs;

fn of(text: &str) -> (Vec<String>, Vec<String>) {
    let parsed = Dockerfiles::default().parse(text.as_bytes());
    let verdict = policy::build::dockerfile(&Policy::built_in(), "Dockerfile", &parsed, &BTreeMap::new());
    (verdict.refused.iter().map(shown).collect(), verdict.advised.iter().map(shown).collect())
}

#[test]
fn dockerfiles_that_reach_out_are_refused_at_their_line() {
    for (text, place, words) in [
        ("# syntax=evil/frontend:1\nFROM x", "Dockerfile:1", "`syntax=evil/frontend:1` is not allowed here"),
        ("# syntax=docker/dockerfile-evil:1\nFROM x", "Dockerfile:1", "somebody else wrote"),
        ("# escape=`\n#SYNTAX = evil/x\nFROM x", "Dockerfile:2", "somebody else wrote"),
        ("#!/bin/x\n# syntax=evil/x\nFROM x", "Dockerfile:2", "somebody else wrote"),
        ("// syntax=evil/x\n", "Dockerfile:1", "somebody else wrote"),
        ("{\"syntax\": \"evil/x\"}", "Dockerfile:1", "somebody else wrote"),
        ("FROM x\nRUN --security=insecure id", "Dockerfile:2", "rights or keys of the machine"),
        ("FROM x\nRUN --network=host id", "Dockerfile:2", "the wall between"),
        ("FROM x\nRUN --network=none \\\n  --security=insecure id", "Dockerfile:2", "rights or keys of the machine"),
        ("FROM x\nONBUILD RUN --network=host id", "Dockerfile:2", "the wall between"),
        ("FROM x\nRUN --device=vendor.com/class=gpu id", "Dockerfile:2", "hands a device of the machine"),
        (
            "# syntax=docker/dockerfile:1\nFROM x\nRUNN --device=a.b/c id",
            "Dockerfile:3",
            "hands a device of the machine",
        ),
        (
            "FROM x\nLABEL a=b dev.grader.kept=true",
            "Dockerfile:2",
            "`LABEL dev.grader.kept` is not allowed here: tools",
        ),
        ("FROM x\nLABEL \\\n  a=b \\\n  \"dev.grader.run\"=1", "Dockerfile:2", "act on this label"),
        ("FROM x\nLABEL Dev.Grader.run 1", "Dockerfile:2", "act on this label"),
        ("ARG P=dev.grader\nFROM x\nARG P\nLABEL $P.kept=true", "Dockerfile:4", "act on this label"),
        ("FROM scratch\nARG L=kept\nLABEL dev.grader.${L}=1", "Dockerfile:3", "act on this label"),
        ("FROM x\nARG L\nLABEL dev.$L=1", "Dockerfile:3", "act on this label"),
        ("FROM x AS a\nENV L=dev.grader.\nFROM a\nLABEL ${L}owner=1", "Dockerfile:4", "act on this label"),
        ("FROM x\nONBUILD LABEL dev.grader.kept=true", "Dockerfile:2", "act on this label"),
        (
            "FROM x\nEXPOSE 80 1-65535",
            "Dockerfile:2",
            "`EXPOSE 1-65535`: 65535 ports, is not allowed here: so many ports",
        ),
        ("FROM x\nARG P=9000\nEXPOSE 8000-$P/udp", "Dockerfile:3", "so many ports"),
        ("FROM x\nADD http://169.254.169.254/latest /x", "Dockerfile:2", "the machine itself"),
        ("FROM x\nADD https://localhost:2376/info /x", "Dockerfile:2", "the machine itself"),
        ("FROM x\nADD https://github.com.evil.org/x /x", "Dockerfile:2", "the machine itself"),
        ("FROM x\nADD git@evil.org:x/y.git /x", "Dockerfile:2", "the machine itself"),
        ("FROM x\nADD --keep-git-dir=true git://evil.org/x.git /x", "Dockerfile:2", "the machine itself"),
        ("FROM x\nADD [\"a\", \"ssh://evil.org/x.git\", \"/x\"]", "Dockerfile:2", "the machine itself"),
        ("FROM x\nARG U=http://localhost\nADD $U /x", "Dockerfile:3", "the machine itself"),
        ("FROM x\nARG S=s\nADD http${S}://localhost/ /x", "Dockerfile:3", "the machine itself"),
        ("FROM x\nADD h$REST /x", "Dockerfile:2", "the machine itself"),
        ("FROM x\nONBUILD ADD http://localhost/ /x", "Dockerfile:2", "the machine itself"),
        // BuildKit takes quotes, escapes and variables out first.
        ("FROM x\nADD http:'/'/127.0.0.1/x /x", "Dockerfile:2", "`ADD http:'/'/127.0.0.1/x`"),
        ("FROM x\nADD http:\\//127.0.0.1/x /x", "Dockerfile:2", "the machine itself"),
        ("# escape=`\nFROM x\nADD http`://127.0.0.1/x /x", "Dockerfile:3", "the machine itself"),
        ("FROM x\nADD [\"http:\\\"/\\\"/127.0.0.1/x\", \"/x\"]", "Dockerfile:2", "the machine itself"),
        ("FROM x\nADD \"git\"@evil.org:x.git /x", "Dockerfile:2", "the machine itself"),
        ("FROM x\nADD user@127.0.0.1:x.git /x", "Dockerfile:2", "the machine itself"),
        ("FROM x\nARG U\nADD user$U /x", "Dockerfile:3", "the machine itself"),
        ("FROM scratch\nARG U=x\nENV U=http\nADD $U://127.0.0.1/x /x", "Dockerfile:4", "the machine itself"),
        ("FROM x\nENV A=$B\nADD ${A#?} /x", "Dockerfile:3", "the machine itself"),
        ("FROM x\nADD ${A:+a}git@evil.org:x /x", "Dockerfile:2", "the machine itself"),
        ("FROM scratch\nADD ${A:-http:}//127.0.0.1/ /x", "Dockerfile:2", "the machine itself"),
        ("FROM scratch\nADD ${PATH:+http://127.0.0.1:9/x} /x", "Dockerfile:2", "the machine itself"),
        ("FROM x AS a\nENV A=http:\nFROM a\nADD $A//localhost /x", "Dockerfile:4", "the machine itself"),
        ("FROM x AS a\nONBUILD ENV A=http:\nFROM a\nADD $A//localhost /x", "Dockerfile:4", "the machine itself"),
        ("FROM x\nONBUILD ADD $A /x", "Dockerfile:2", "the machine itself"),
        ("FROM x\nENV $N=b\nARG A=a\nENV A=c\nENV $N=b\nADD $A /x", "Dockerfile:6", "the machine itself"),
        // Older frontends let what the base image sets win.
        ("# syntax=docker/dockerfile:1.0\nFROM x\nARG A=a\nADD $A /x", "Dockerfile:4", "the machine itself"),
        ("FROM x\nENV A=a\nARG A=b\nADD $A /x", "Dockerfile:4", "the machine itself"),
        (
            "FROM 127.0.0.1:5000/x:1",
            "Dockerfile:1",
            "`FROM 127.0.0.1:5000/x:1` is not allowed here: the machine itself",
        ),
        ("ARG R=localhost\nFROM $R/x", "Dockerfile:2", "`FROM $R/x` is not allowed here: the machine itself"),
        ("ARG R\nFROM ${R:-\"10.0.0.1\"}/x", "Dockerfile:2", "private network"),
        ("FROM x\nCOPY --from=registry:5000/x /a /b", "Dockerfile:2", "`COPY --from=registry:5000/x`"),
        ("FROM x\nCOPY --from='[::1]:5000/x' /a /b", "Dockerfile:2", "private network"),
        ("FROM x\nRUN --mount=type=bind,from=192.168.0.1/x,target=/x id", "Dockerfile:2", "`RUN --mount=from=192."),
        ("FROM x\nONBUILD COPY --from=169.254.169.254/x / /x", "Dockerfile:2", "private network"),
    ] {
        let (refused, advised) = of(text);
        assert!(refused.len() == 1 && advised.is_empty(), "{text}: {refused:?} {advised:?}");
        assert!(refused[0].starts_with(&format!("{place}: ")) && refused[0].contains(words), "{text}: {refused:?}");
    }
}

#[test]
fn honest_dockerfiles_pass() {
    for text in [
        "# syntax=docker/dockerfile:1\nFROM x\nRUN --mount=type=cache,target=/x id\nCOPY . /x",
        "# syntax=docker/dockerfile:1.7@sha256:00\nFROM x\nRUN --network=none --security=sandbox id",
        "# syntax=docker/dockerfile\nFROM x AS b\nADD app.tar.gz /x\nARG V=1\nADD app-$V.jar target/$JAR /x/",
        "FROM x\nARG JAR_FILE=target/*.jar\nADD ${JAR_FILE} app.jar\nENV D='my files'\nADD $D/x \"a b\" '@c' /x/",
        "# syntax=docker/dockerfile:1\nFROM x AS b\nRUNN id\nCOPY --form=b ./a /b\nADD --new=$X a/b ./c /d/\nRUN --x curl http://localhost",
        "ARG B=b\nFROM x AS b\nFROM x\nCOPY --from=$B a b",
        "FROM x AS a\nENV D=src\nFROM a\nADD $D ${D#s} ${D:+y} /x\nADD a@b x:y@z /x/",
        "ARG REGISTRY\nARG V=3\nFROM ${REGISTRY}python:$V AS one\nFROM one-${TARGETARCH}\nCOPY --from=0 /a /b\nCOPY --from=ONE /a /b",
        "FROM ghcr.io/o/x:1\nCOPY --from=docker.io/library/redis:7 /a /b\nRUN --mount=from=registry.example.org:5000/x,target=/x id",
        "FROM x\nADD https://github.com/x/y/archive/$V.tar.gz /x\nADD --checksum=sha256:00 https://www.python.org/x /x",
        "FROM x\nADD <<E /x\nhttp://localhost\nE\nRUN curl http://localhost",
        "FROM x\nARG V=1\nLABEL org.opencontainers.image.version=$V dev.graders=x a.$V=b\nEXPOSE 80 443/tcp 8000-8010",
        "not a Dockerfile",
        "",
    ] {
        assert_eq!(of(text), (Vec::new(), Vec::new()), "{text}");
    }
    let (refused, advised) = of("FROM x\nRUN --mount=type=secret,id=a id\nRUN --mount=TYPE=ssh id");
    assert_eq!(refused, Vec::<String>::new());
    assert!(
        advised.len() == 2 && advised[1].starts_with("Dockerfile:3: `RUN --mount=type=ssh`: no keys"),
        "{advised:?}"
    );
}

#[test]
fn no_advice_hides_what_is_refused() {
    let (refused, advised) = of(&format!("FROM x\n{}RUN --network=host id", "RUN --mount=type=ssh id\n".repeat(30)));
    assert!(refused.len() == 1 && refused[0].starts_with("Dockerfile:32: "), "{refused:?}");
    assert_eq!(advised.len(), 20);
}

#[test]
fn what_a_base_image_brings_along_is_judged_too() {
    let (policy, parsed) = (Policy::built_in(), Dockerfiles::default());
    let of = |trigger: &str| policy::build::triggers(&policy, "base:1", &[trigger.to_owned()], &parsed);
    for trigger in ["COPY . /app", "ADD app.jar /app/", "RUN pip install -r requirements.txt"] {
        let verdict = of(trigger);
        assert_eq!((verdict.refused.len(), verdict.advised.len()), (0, 1), "{trigger}");
    }
    for trigger in ["ADD http://127.0.0.1/x /x", "ADD $U /x", "RUN --network=host id", "COPY --from=localhost:1/x a b"]
    {
        let refused = of(trigger).refused;
        assert!(
            refused.len() == 1 && refused[0].message.starts_with("The base image base:1 brings along"),
            "{trigger}"
        );
    }
}

#[test]
fn the_build_argument_that_names_a_frontend_is_judged_as_one() {
    for (name, value, count) in [
        ("BUILDKIT_SYNTAX", "evil/x", 1),
        ("BUILDKIT_SYNTAX", "docker/dockerfile:1", 0),
        ("BUILDKIT_SYNTAX=evil/x ", "docker/dockerfile:1", 1),
        ("BUILDKIT_SYNTAXES", "evil/x", 0),
    ] {
        let args = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let parsed = Dockerfiles::default().parse(b"FROM x");
        let verdict = policy::build::dockerfile(&Policy::built_in(), "Dockerfile", &parsed, &args);
        assert_eq!(verdict.refused.len(), count, "{name}={value}");
    }
}

#[test]
fn build_arguments_and_platforms_count() {
    let stand = stand();
    let (dockerfile, contexts) = (stand.root.join("Dockerfile"), BTreeMap::new());
    let judge = |text: &str, args: &[(&str, &str)], platform: Option<&str>| {
        fs::write(&dockerfile, text).unwrap();
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (root, context) = (&stand.root, &stand.root);
        let build = Build { root, context, dockerfile: &dockerfile, args: &args, platform, contexts: &contexts };
        policy::build::build(&Policy::built_in(), &build).refused.len()
    };
    let add = "FROM x\nARG U=app.jar\nADD $U /x";
    assert_eq!(judge(add, &[], None), 0);
    assert_eq!(judge(add, &[("U", "http://127.0.0.1/")], None), 1);
    assert_eq!(judge(add, &[("U", "other.jar")], None), 0);
    let from = "ARG R=python\nFROM ${R}";
    assert_eq!(judge(from, &[("R", "localhost:5000/x")], None), 1);
    let bases = |text: &str| {
        fs::write(&dockerfile, text).unwrap();
        let (root, args) = (&stand.root, BTreeMap::from([("R".to_owned(), "node".to_owned())]));
        let contexts = BTreeMap::new();
        let build =
            Build { root, context: root, dockerfile: &dockerfile, args: &args, platform: None, contexts: &contexts };
        policy::build::within(&Policy::built_in(), &build, &Dockerfiles::default(), &Ongoing::default()).1
    };
    // Their triggers are looked at, too.
    assert_eq!(bases("ARG R=python\nFROM ${R}:3 AS a\nFROM a\nFROM redis"), ["node:3", "redis"]);
    let arch = "FROM ${TARGETARCH/arm64/127.0.0.1:5000}/x";
    assert_eq!((judge(arch, &[], None), judge(arch, &[], Some("linux/arm64"))), (0, 1));
}

#[test]
fn what_is_longer_than_is_read_is_refused() {
    let filler = |lines: usize| format!("FROM x\n{}ADD http://localhost/ /x", "# a comment\n".repeat(lines));
    assert!(of(&filler(80_000)).0[0].contains("`ADD http://localhost/`"));
    assert_eq!(of(&filler(90_000)).0, ["Dockerfile: `Dockerfile` is longer than 1.05MB, the most that is read"]);
    let mistakes = format!("# syntax=docker/dockerfile:1\nFROM x\n{}ADD http://localhost/ /x", "NEW x\n".repeat(200));
    assert_eq!(of(&mistakes).0.len(), 1);
}

#[test]
fn no_repetition_takes_long() {
    let triggers = "FROM x AS a\n".to_owned() + &"ONBUILD ADD a b\n".repeat(50_000) + &"FROM a\n".repeat(100_000);
    let deep: Vec<_> = (0..20_000).map(|n| format!("FROM s{n} AS s{}\nENV A{n}=$A\nADD $A0 b", n + 1)).collect();
    for text in [triggers, deep.join("\n")] {
        let begin = crate::common::Work::begin();
        assert!(!of(&text).0.is_empty());
        assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
    }
}

#[test]
fn nothing_outside_is_sent_to_the_builder() {
    let stand = stand();
    fs::write(stand.root.join("Dockerfile"), "FROM x").unwrap();
    let judge_named = |name: &str, context: &str, dockerfile: &str, other: &str| {
        let contexts = BTreeMap::from([(name.to_owned(), stand.root.join(other))]);
        let build = Build {
            root: &stand.root,
            context: &stand.root.join(context),
            dockerfile: &stand.root.join(dockerfile),
            args: &BTreeMap::new(),
            platform: None,
            contexts: &contexts,
        };
        policy::build::build(&Policy::built_in(), &build).refused.iter().map(shown).collect::<Vec<_>>()
    };
    let judge = |context: &str, dockerfile: &str, other: &str| judge_named("other", context, dockerfile, other);
    assert_eq!(judge_named("x=https://evil.org/x.git#", "", "Dockerfile", "app").len(), 1);
    assert_eq!(judge("", "Dockerfile", "app"), Vec::<String>::new());
    assert_eq!(judge("app", "Dockerfile", "deep"), Vec::<String>::new());
    fs::write(stand.root.join("app/Dockerfile"), "FROM x").unwrap();
    std::os::unix::fs::symlink("/etc/hosts", stand.root.join("app/Dockerfile.dockerignore")).unwrap();
    for (context, dockerfile, other) in [
        ("", "app/Dockerfile", "app"),
        ("link", "Dockerfile", "app"),
        ("app/up", "Dockerfile", "app"),
        ("", "link/hosts", "app"),
        ("", "Dockerfile", "link"),
        ("", "Dockerfile", "link/ssl"),
    ] {
        let found = judge(context, dockerfile, other);
        assert!(
            found.len() == 1 && found[0].contains("leads out of the repository"),
            "{context} {dockerfile}: {found:?}"
        );
    }
}

#[test]
fn a_context_has_its_bounds_named() {
    let stand = stand();
    fs::write(stand.root.join("Dockerfile"), "FROM x").unwrap();
    fs::File::create(stand.root.join("sparse")).unwrap().set_len(2 << 30).unwrap();
    let args = BTreeMap::new();
    let contexts = BTreeMap::new();
    let (context, dockerfile) = (stand.root.clone(), stand.root.join("Dockerfile"));
    let build = Build {
        root: &stand.root,
        context: &context,
        dockerfile: &dockerfile,
        args: &args,
        platform: None,
        contexts: &contexts,
    };
    let judge = || policy::build::build(&Policy::built_in(), &build).refused.iter().map(shown).collect::<Vec<_>>();
    insta::assert_snapshot!(judge().join("\n"), @"Dockerfile: A build context of more than 1.07GB is not allowed here: all of it would be sent to the builder");
    fs::write(stand.root.join(".dockerignore"), "sparse").unwrap();
    assert_eq!(judge(), Vec::<String>::new());
    let policy =
        Policy::read("c", b"context: { files: { refuse: size, at-most: 1 } }", Some(&Policy::built_in())).unwrap();
    assert_eq!(policy::build::build(&policy, &build).refused.len(), 1);
}

proptest::proptest! {
    #[test]
    fn no_dockerfile_makes_it_panic(text in "(#|//|syntax|=|ADD |RUN |--mount=|type=ssh|--network=host|[ \n\\\\$\"'{}\\[\\],.:/a@#%\r\u{85}-]|FROM x\n|FROM |ARG |ENV |A=|\\$A|\\$\\{A|COPY --from=|localhost:1/|ONBUILD |<<E){0,40}") {
        let _ = of(&text);
    }
}
