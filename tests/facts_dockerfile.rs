//! `dockerfile.*`: values, places and reasons.

use std::collections::BTreeMap;

use grader::dockerfile::parse;
use grader::facts::dockerfile::{Collected, Content, Input, Sent, collect};
use grader::facts::{Fact, Known, Value, json, registry};
use serde_json::{Value as Json, json};

fn read(text: &str, target: Option<&str>) -> Collected {
    let build_args = BTreeMap::new();
    let file = parse(text.as_bytes());
    let content = Content::File(&file);
    collect(&Input {
        path: "app/Dockerfile",
        content,
        target,
        build_args: &build_args,
        near: &[],
        sent: Sent::default(),
    })
}

fn value(collected: &Collected, name: &str) -> Json {
    json::value(fact(collected, name))
}

fn fact<'a>(collected: &'a Collected, name: &str) -> &'a Fact {
    collected.facts.get(&format!("dockerfile.{name}")).unwrap_or_else(|| panic!("no dockerfile.{name}"))
}

/// `line: because` of a fact.
fn reason(collected: &Collected, name: &str) -> String {
    let fact = fact(collected, name);
    let line = fact.place.as_ref().and_then(|place| place.line).unwrap_or(0);
    format!("{line}: {}", fact.because.as_deref().unwrap_or("-"))
}

const GOOD: &str = "\
ARG V=3.11
FROM python:${V} AS build
RUN pip install -r requirements.txt
FROM python:${V}-slim AS run
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
ENV PATH=/venv/bin:$PATH PORT=5000
EXPOSE $PORT 8000-8001/udp
LABEL a=b
USER app
HEALTHCHECK --interval=10s --retries=5 \\
    CMD curl -f http://localhost:5000/health
ENTRYPOINT [\"python\", \"-m\"]
CMD app
";

#[test]
fn tells_what_the_image_would_be() {
    let read = read(GOOD, None);
    for (name, expected) in [
        ("exists", json!(true)),
        ("path", json!("app/Dockerfile")),
        ("errors", json!([])),
        ("final.errors", json!([])),
        ("final.name", json!("run")),
        ("final.base.image", json!("python")),
        ("final.base.tag", json!("3.11-slim")),
        ("final.base.digest", json!(null)),
        ("final.user.name", json!("app")),
        ("final.user.is_root", json!(false)),
        ("final.healthcheck.kind", json!("shell")),
        ("final.healthcheck.command", json!("curl -f http://localhost:5000/health")),
        ("final.healthcheck.interval", json!(10)),
        ("final.healthcheck.timeout", json!(null)),
        ("final.healthcheck.retries", json!(5)),
        ("final.cmd", json!(["app"])),
        ("final.entrypoint", json!(["python", "-m"])),
        ("final.cmd_form", json!("shell")),
        ("final.entrypoint_form", json!("exec")),
        ("final.exposes", json!(["5000/tcp", "8000/udp", "8001/udp"])),
        ("final.workdir", json!("/app")),
        ("final.labels", json!({ "a": "b" })),
        (
            "final.copies_from",
            json!([{ "from": "build", "kind": "stage", "ancestor": false, "by": "copy", "line": 6 }]),
        ),
    ] {
        assert_eq!(value(&read, name), expected, "{name}");
    }
    assert_eq!(value(&read, "final.env")["PORT"], "5000");
    let stages = value(&read, "stages");
    let stage = json!({
        "name": "build", "index": 0, "image": "python", "tag": "3.11", "digest": null, "parent": null, "platform": null,
        "line": 2, "end_line": 2
    });
    assert_eq!(stages[0], stage);
    let instructions = value(&read, "instructions");
    let known = |at: usize| ["name", "line", "end_line", "stage", "form"].map(|name| instructions[at][name].clone());
    assert_eq!(json!(known(0)), json!(["ARG", 1, 1, null, null]));
    assert_eq!(json!(known(11)), json!(["HEALTHCHECK", 12, 13, 1, "shell"]));
    let place = fact(&read, "final.healthcheck.kind").place.clone().unwrap();
    assert_eq!((place.path.as_str(), place.line, place.end_line), ("app/Dockerfile", Some(12), Some(13)));
    assert_eq!(reason(&read, "final.healthcheck.timeout"), "12: not said, so Docker takes 30s");
}

#[test]
fn tells_why() {
    for (text, name, expected_value, expected) in [
        (
            "FROM a\nUSER app\nUSER root\n",
            "final.user.is_root",
            json!(true),
            "3: USER root on line 3 is the last one of the final stage",
        ),
        (
            "FROM a\nUSER 0:0\n",
            "final.user.is_root",
            json!(true),
            "2: USER 0:0 on line 2 is the last one of the final stage",
        ),
        (
            "FROM a\nUSER 1000\n",
            "final.user.is_root",
            json!(false),
            "2: USER 1000 on line 2 is the last one of the final stage",
        ),
        ("FROM a\nUSER $WHO\n", "final.user.is_root", json!(null), "2: nothing in this file sets WHO, though a may"),
        ("FROM a:1 AS b\nFROM b\n", "final.user.is_root", json!(null), "2: no USER in the final stage; a:1 decides"),
        ("FROM scratch\n", "final.user.name", json!(null), "1: no USER in the final stage, and scratch brings none"),
        (
            "FROM a\nHEALTHCHECK NONE\n",
            "final.healthcheck.kind",
            json!("none"),
            "2: HEALTHCHECK NONE on line 2 switches health checks off",
        ),
        ("FROM a\n", "final.base.tag", json!(null), "1: a stands without a tag, so Docker takes the latest"),
        (
            "FROM a AS b\nFROM c\n",
            "final.copies_from",
            json!([]),
            "2: the final stage takes nothing from the stage b on line 1",
        ),
        (
            "FROM a\n",
            "final.copies_from",
            json!([]),
            "1: no COPY --from and no mount takes files from an earlier stage",
        ),
        (
            "FROM a AS b\nCMD x\nFROM b\nENTRYPOINT y\n",
            "final.cmd",
            json!(null),
            "4: no CMD comes after ENTRYPOINT on line 4, which takes away the one before",
        ),
        ("RUN a\n", "final.user.name", json!(null), "0: Dockerfile has no FROM"),
    ] {
        let read = read(text, None);
        assert_eq!((value(&read, name), reason(&read, name).as_str()), (expected_value, expected), "{text}");
    }
}

#[test]
fn what_follows_a_list_is_told_with_its_line() {
    let text = "FROM a\nHEALTHCHECK CMD [\"x\"] || exit 1\nRUN [\"b\"]\nCMD [\"x\"] # text\n";
    let read = read(text, None);
    let after = json!([
        { "instruction": "HEALTHCHECK", "text": "|| exit 1", "line": 2 },
        { "instruction": "CMD", "text": "# text", "line": 4 },
    ]);
    assert_eq!(value(&read, "after_lists"), after);
    let forms: Vec<Json> =
        value(&read, "instructions").as_array().unwrap().iter().map(|it| it["form"].clone()).collect();
    assert_eq!(forms, [json!(null), json!("shell"), json!("exec"), json!("shell")]);
    assert_eq!(value(&read, "final.cmd_form"), json!("shell"));
    assert_eq!(value(&self::read("FROM a\n", None), "after_lists"), json!([]));
}

#[test]
fn user_and_group_are_apart() {
    for (user, name, group, is_root) in [
        ("app:app", json!("app"), json!("app"), json!(false)),
        ("1000:1000", json!("1000"), json!("1000"), json!(false)),
        ("app:", json!("app"), json!(null), json!(false)),
        ("app", json!("app"), json!(null), json!(false)),
        ("0:0", json!("0"), json!("0"), json!(true)),
        ("root:root", json!("root"), json!("root"), json!(true)),
        ("00", json!("00"), json!(null), json!(true)),
        (":staff", json!(""), json!("staff"), json!(true)),
        ("$WHO:$WHO", json!("app"), json!("app"), json!(false)),
        ("${WHO:-x}:${GROUP:-staff}", json!("app"), json!(null), json!(false)),
        ("$UNSET:staff", json!(null), json!("staff"), json!(null)),
        ("app:$UNSET", json!("app"), json!(null), json!(false)),
    ] {
        let read = read(&format!("FROM a\nARG WHO=app\nUSER {user}\n"), None);
        let found = ["name", "group", "is_root"].map(|part| value(&read, &format!("final.user.{part}")));
        assert_eq!(found, [name, group, is_root], "{user}");
    }
}

#[test]
fn errors_have_places() {
    let read = read("FROM a\nHEALTCHECK CMD b\nRUN c\nCOPY --form=d e f\n", None);
    let errors = json!([
        { "message": "unknown instruction: HEALTCHECK (did you mean HEALTHCHECK?)", "line": 2, "column": 1 },
        { "message": "unknown flag: --form (did you mean from?)", "line": 4, "column": 6 },
    ]);
    assert_eq!(value(&read, "errors"), errors);
    let Some(Value::List(list)) = fact(&read, "errors").value() else { panic!("no list") };
    assert_eq!(list[1].place.as_ref().map(ToString::to_string).as_deref(), Some("app/Dockerfile:4"));
    assert!(list[1].because.as_deref().is_some_and(|because| because.contains("--from")));
    assert_eq!(value(&read, "final.base.image"), json!("a"), "the rest is told all the same");
    let built = self::read("FROM Python\nEXPOSE x\n", None);
    assert_eq!((value(&built, "errors"), value(&built, "final.errors")[1]["line"].clone()), (json!([]), json!(2)));
}

#[test]
fn the_target_may_be_another_stage() {
    let dev = read(GOOD, Some("build"));
    assert_eq!((value(&dev, "final.name"), value(&dev, "final.base.tag")), (json!("build"), json!("3.11")));
    let none = read(GOOD, Some("bulid"));
    assert_eq!(reason(&none, "final.name"), "0: target stage \"bulid\" could not be found (did you mean build?)");
    assert_eq!(value(&none, "stages").as_array().map(Vec::len), Some(2));
}

#[test]
fn every_fact_is_there_whatever_the_file() {
    let near = ["Dockerfile.txt".to_owned()];
    let build_args = BTreeMap::new();
    let [empty, base, binary] = [b"".as_slice(), b"FROM a\n", b"\xff\xfe\x00"].map(parse);
    let inputs = [
        (Content::Missing, "0: Docker looks for Dockerfile, not for \"Dockerfile.txt\""),
        (Content::Refused("it is a folder"), "0: it is a folder"),
        (Content::File(&empty), "0: Dockerfile has no FROM"),
        (Content::File(&base), "1: the stage that is built has no name"),
        (Content::File(&binary), "0: Dockerfile has no FROM"),
    ];
    for (content, because) in inputs {
        let input = Input {
            path: "Dockerfile",
            content,
            target: None,
            build_args: &build_args,
            near: &near,
            sent: Sent::default(),
        };
        let collected = collect(&input);
        let exists = matches!(content, Content::File(_));
        assert_eq!(value(&collected, "exists"), json!(exists));
        assert_eq!(reason(&collected, "final.name"), because);
        let unreadable = collected.facts.get("dockerfile.unreadable").and_then(Fact::value);
        assert_eq!(unreadable.is_some(), matches!(content, Content::Refused(_)));
        for entry in registry::REGISTRY.iter().filter(|entry| entry.name.starts_with("dockerfile.")) {
            assert!(collected.facts.get(entry.name).is_some(), "{}", entry.name);
        }
    }
}

#[test]
fn what_the_machine_cannot_read_is_nobodys_fault() {
    let content = Content::Failed("the disk is broken");
    let build_args = BTreeMap::new();
    let collected = collect(&Input {
        path: "Dockerfile",
        content,
        target: None,
        build_args: &build_args,
        near: &[],
        sent: Sent::default(),
    });
    for entry in registry::REGISTRY.iter().filter(|entry| entry.name.starts_with("dockerfile.")) {
        let known = collected.facts.get(entry.name).map(|fact| fact.known.clone());
        assert_eq!(known, Some(Known::Unknown("the disk is broken".into())), "{}", entry.name);
    }
}

#[test]
fn instructions_have_their_text_and_mounts() {
    let text = "FROM python:3.11 AS base\nENV A=b\nFROM base\nCOPY a b /\n# why\nRUN --mount=type=secret,id=token,target=/t \\\n  pip   install x\nCMD [\"x\"]\n";
    let all = value(&read(text, None), "final.instructions");
    let names: Vec<_> = all.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["FROM", "ENV", "FROM", "COPY", "RUN", "CMD"]);
    assert_eq!(all[4]["text"], "RUN --mount=type=secret,id=token,target=/t pip install x");
    assert_eq!(
        all[4]["mounts"],
        json!([{"type": "secret", "id": "token", "target": "/t", "source": null, "from": null}])
    );
    assert_eq!((&all[4]["form"], &all[5]["form"], &all[3]["mounts"]), (&json!("shell"), &json!("exec"), &json!([])));
}
