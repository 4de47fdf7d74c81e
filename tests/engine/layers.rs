//! What is told of a Dockerfile without building it, against what the builder makes of it.

use crate::repository::Repository;
use grader::dockerfile::parse;
use grader::engine::Engine;
use grader::facts::dockerfile::{Content, Input, Sent, collect};
use grader::facts::image::contents;
use grader::facts::{Fact, Facts, Value};
use std::collections::BTreeMap;

tests![
    packages_are_installed_again_where_the_fact_says_so,
    the_facts_of_a_file_are_those_of_its_image,
    what_the_builder_warns_of_has_its_line,
    what_takes_the_space_in_an_image_is_known,
    a_check_of_the_size_is_explained_with_it,
];

fn read(text: &str, files: &[(&str, &str)]) -> Facts {
    let file = parse(text.as_bytes());
    let names: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    let sent = Sent { files: &names, folder: ".", ignore: None };
    let (path, content, build_args) = ("Dockerfile", Content::File(&file), &BTreeMap::new());
    collect(&Input { path, content, target: None, build_args, near: &[], sent }).facts
}

/// Programs that install nothing, so that their layers are quick.
const TOOLS: &str = "FROM debian:bookworm-slim AS tools\n\
    RUN for tool in pip npm yarn go mvn uv poetry bundle composer cargo; do \
    printf '#!/bin/sh\\n' > /usr/local/bin/$tool && chmod +x /usr/local/bin/$tool; done\n";

/// The marker of the packages' layer.
const MARK: &str = "PACKAGES";

async fn packages_are_installed_again_where_the_fact_says_so(engine: Engine) {
    // The packages' layer has a mark in its command.
    let cases = [
        "FROM tools\nWORKDIR /a\nCOPY requirements.txt .\nRUN pip install -r requirements.txt && : PACKAGES\nCOPY . .",
        "FROM tools\nWORKDIR /a\nCOPY . .\nRUN pip install -r requirements.txt && : PACKAGES",
        "FROM tools\nWORKDIR /a\nCOPY pins/prod.txt /tmp/list\nRUN pip install -r /tmp/list && : PACKAGES\nCOPY . .",
        "FROM tools\nWORKDIR /a\nCOPY pins pins\nRUN cd pins && pip install -r prod.txt -c base.txt && : PACKAGES\nCOPY . .",
        "FROM tools\nWORKDIR /a\nCOPY pins /pins\nRUN pip install --find-links /pins x && : PACKAGES\nCOPY . .",
        "FROM tools\nWORKDIR /a/deep\nCOPY pins /a\nRUN cd .. && pip install -r prod.txt -c base.txt && : PACKAGES\nCOPY . .",
        "FROM tools\nWORKDIR /a\nCOPY src src\nRUN pip install -r src/list.txt && : PACKAGES",
        "FROM tools\nRUN --mount=type=bind,source=pins/prod.txt,target=/list pip install -r /list && : PACKAGES\nCOPY . /a",
        "FROM tools\nRUN --mount=type=bind,target=/a pip install -r /a/requirements.txt && : PACKAGES",
        "FROM tools AS source\nCOPY . /s\nFROM tools\nCOPY --from=source /s /a\nRUN pip install -r /a/requirements.txt && : PACKAGES",
        "FROM tools AS source\nCOPY . /s\nFROM tools\nCOPY --from=source /s/requirements.txt /a/\nRUN pip install -r /a/requirements.txt && : PACKAGES",
        "FROM tools AS source\nCOPY . /s\nFROM source\nRUN pip install -r /s/requirements.txt && : PACKAGES",
        "FROM tools AS base\nONBUILD COPY . /s\nFROM base\nRUN pip install flask && : PACKAGES",
        "FROM tools AS base\nONBUILD COPY requirements.txt /s/\nFROM base\nRUN pip install -r /s/requirements.txt && : PACKAGES\nCOPY . .",
        "FROM tools\nCOPY <<EOF /list.txt\nflask\nEOF\nRUN pip install -r /list.txt && : PACKAGES\nCOPY . /a",
        "FROM tools\nWORKDIR /a\nCOPY package*.json ./\nRUN npm ci && : PACKAGES\nCOPY . .\nRUN npm run build",
        "FROM tools\nWORKDIR /a\nADD . .\nRUN npm install && : PACKAGES",
        "FROM tools\nWORKDIR /a\nCOPY package.json yarn.loc[k] ./\nRUN yarn && : PACKAGES\nCOPY . .",
        "FROM tools\nWORKDIR /a\nCOPY go.* ./\nRUN go mod download && : PACKAGES\nCOPY . .\nRUN go build",
        "FROM tools\nWORKDIR /a\nCOPY go.* ./\nCOPY src src\nRUN go build ./... && : PACKAGES",
        "FROM tools\nWORKDIR /a\nCOPY pom.xml .\nRUN mvn dependency:go-offline && : PACKAGES\nCOPY src src\nRUN mvn package",
        "FROM tools\nWORKDIR /a\nCOPY . .\nRUN mvn package && : PACKAGES",
        "FROM tools\nWORKDIR /a\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --no-install-project && : PACKAGES\nCOPY . .\nRUN uv sync",
    ];
    let mut number = 0;
    for case in cases {
        let dockerfile = format!("{TOOLS}{case}\n");
        let source = |version: u32| format!("# {} {version}\n", engine.run.id);
        let mut again = Vec::new();
        let mut said = None;
        for version in [1, 2] {
            let source = source(version);
            let files = [
                ("Dockerfile", dockerfile.as_str()),
                ("app.py", source.as_str()),
                ("src/app.py", source.as_str()),
                ("src/list.txt", "flask\n"),
                ("requirements.txt", "flask\n"),
                ("pins/prod.txt", "flask\n"),
                ("pins/base.txt", "flask\n"),
                ("package.json", "{}"),
                ("package-lock.json", "{}"),
                ("yarn.lock", ""),
                ("go.mod", "module a\n"),
                ("go.sum", "x\n"),
                ("pom.xml", "<project/>"),
                ("pyproject.toml", ""),
                ("uv.lock", ""),
            ];
            number += 1;
            let image = Repository::new(&files).build(&engine, number).await;
            let built = image.built.unwrap_or_else(|| panic!("{case}: {:?}", image.failed));
            again = built.steps.iter().filter(|step| step.name.contains(MARK)).map(|step| !step.cached).collect();
            let facts = read(&dockerfile, &files);
            said = facts.get("dockerfile.final.requirements_before_source").and_then(Fact::value).cloned();
        }
        let [again] = again.as_slice() else { panic!("{case}: {again:?}") };
        assert_eq!(said, Some(Value::Bool(!again)), "{case}: installed again: {again}");
    }
}

async fn the_facts_of_a_file_are_those_of_its_image(engine: Engine) {
    let cases = [
        "CMD [\"a\", \"b c\"]",
        "CMD a 'b c'",
        "ENTRYPOINT a $B\nCMD [\"c\"]",
        "CMD a\nENTRYPOINT [\"b\"]",
        "SHELL [\"/bin/bash\", \"-c\"]\nCMD a",
        "CMD [ \"a\" ]\nENTRYPOINT []",
        "USER app:app",
        "USER 1000:1000",
        "USER app:",
        "USER 0:0",
        "USER 00",
        "ARG WHO=app\nUSER $WHO:$WHO",
        "HEALTHCHECK --interval=5s CMD [\"a\"]",
        "HEALTHCHECK CMD a || exit 1",
        "HEALTHCHECK NONE",
        "WORKDIR /a\nWORKDIR b\nEXPOSE 5000 6000-6001/udp\nENV A=b C=$D",
    ];
    for (number, case) in (1..).zip(cases) {
        let dockerfile = format!("FROM debian:bookworm-slim\n{case}\n");
        let files = [("Dockerfile", dockerfile.as_str())];
        let image = Repository::new(&files).steps_from(1).build(&engine, number).await;
        assert!(image.built.is_some(), "{case}: {:?}", image.failed);
        let read = read(&dockerfile, &files);
        let text = |facts: &Facts, name: &str| facts.get(name).and_then(Fact::value).map(ToString::to_string);
        let written = |name: &str| text(&read, &format!("dockerfile.final.{name}"));
        let built = |name: &str| text(&image.facts, &format!("image.{name}"));
        for process in ["cmd", "entrypoint"] {
            // The base image of these has neither USER nor ENTRYPOINT; its CMD holds where none is written.
            let Some(command) = written(process) else { continue };
            let shell = if case.contains("SHELL") { "/bin/bash, -c, " } else { "/bin/sh, -c, " };
            let expected = match written(&format!("{process}_form")).as_deref() {
                Some("shell") => Some(format!("{shell}{command}")),
                _ => Some(command).filter(|command| command != "none"),
            };
            assert_eq!(built(process), expected, "{case}: {process}");
        }
        for name in ["user.name", "user.group", "healthcheck.kind", "healthcheck.command", "workdir", "exposes"] {
            let written = written(name).filter(|written| written != "none" || name == "healthcheck.kind");
            let is_base = written.is_none();
            assert!(is_base || built(name) == written, "{case}: {name} {:?} {written:?}", built(name));
        }
        if written("user.name").is_some() && !case.contains("app") {
            assert_eq!(built("user.is_root"), written("user.is_root"), "{case}");
        }
        if case.contains("USER") {
            assert_eq!(built("user.group"), written("user.group"), "{case}");
        }
    }
}

async fn what_the_builder_warns_of_has_its_line(engine: Engine) {
    let good = "FROM debian:bookworm-slim\nCMD [\"true\"]\n";
    let empty = "FROM debian:bookworm-slim\nENV A=b \\\n\n    C=d\nCMD [\"true\"]\n";
    for (number, text, expected) in [(1, good, None), (2, empty, Some("NoEmptyContinuation"))] {
        let image = Repository::new(&[("Dockerfile", text)]).build(&engine, number).await;
        let Some(Value::List(warnings)) = image.facts.get("build.warnings").and_then(Fact::value) else {
            panic!("{:?}", image.facts.get("build.warnings"))
        };
        let rules: Vec<String> = warnings
            .iter()
            .map(|warning| {
                let Some(Value::Map(fields)) = warning.value() else { panic!("{warning:?}") };
                fields["rule"].text().unwrap_or_default().to_owned()
            })
            .collect();
        assert_eq!(rules, expected.into_iter().collect::<Vec<_>>(), "{text}");
        let lines: Vec<Option<u32>> =
            warnings.iter().map(|it| it.place.as_ref().and_then(|place| place.line)).collect();
        assert!(lines.iter().all(|line| line.is_some_and(|line| (2..=4).contains(&line))), "{lines:?}");
    }
}

async fn what_takes_the_space_in_an_image_is_known(engine: Engine) {
    // What a later line removes, what a chown copies, what is copied in, and a base that does the same to itself.
    let dockerfile = "FROM debian:bookworm-slim AS base\nRUN head -c 900000 /dev/zero > /base.bin && head -c 7 /dev/zero > /7\n\
         RUN rm /base.bin\nFROM base\nRUN mkdir -p /opt/cache/pip && head -c 4000000 /dev/zero > /opt/cache/pip/x\n\
         COPY data /srv/data\nRUN chown -R 1000 /srv/data && rm -rf /opt/cache\n";
    let data = "x".repeat(2_000_000);
    let files = [("Dockerfile", dockerfile), ("data/set.bin", data.as_str()), ("data/few.txt", "few")];
    let made = Repository::new(&files).steps_from(4);
    let image = made.build(&engine, 1).await;
    let mut facts = image.facts;
    let tag = image.built.unwrap().tag;
    contents::add(&engine, &tag, &mut facts).await;
    contents::explain_size(&mut facts, 83_000_000);
    let rows = |name: &str| -> Vec<String> {
        let Some(Value::List(rows)) = facts.get(name).and_then(Fact::value) else { panic!("{:?}", facts.get(name)) };
        rows.iter().map(|row| grader::facts::json::value(row).to_string()).collect()
    };
    assert_eq!(
        rows("image.wasted"),
        [
            r#"{"line":5,"path":"/opt/cache/pip/x","removed_by":7,"size":4000000}"#,
            r#"{"line":6,"path":"/srv/data/set.bin","removed_by":7,"size":2000000}"#,
            r#"{"line":6,"path":"/srv/data/few.txt","removed_by":7,"size":3}"#,
        ]
    );
    assert_eq!(
        rows("image.largest"),
        [
            r#"{"line":5,"path":"/opt/cache/pip/x","size":4000000}"#,
            r#"{"line":6,"path":"/srv/data/set.bin","size":2000000}"#,
            r#"{"line":7,"path":"/srv/data/set.bin","size":2000000}"#,
            r#"{"line":6,"path":"/srv/data/few.txt","size":3}"#,
            r#"{"line":7,"path":"/srv/data/few.txt","size":3}"#,
        ]
    );
    let size = facts.get("image.size").unwrap();
    assert_eq!(size.place.as_ref().and_then(|place| place.line), Some(5));
    let because = size.because.clone().unwrap_or_default();
    let told = "the base image alone is within the limit; the largest paths in your layers: 4MB /opt/cache/pip/x (Dockerfile:5), \
                2MB /srv/data/set.bin (Dockerfile:6), 2MB /srv/data/set.bin (Dockerfile:7); 6MB of it is removed or replaced by a \
                later line, but stays in its layer: 4MB /opt/cache/pip/x (Dockerfile:5), 2MB /srv/data/set.bin (Dockerfile:6); \
                without that, the image has ";
    assert!(because.contains(told), "{because}");
}

async fn a_check_of_the_size_is_explained_with_it(_: Engine) {
    let folder = crate::common::folder(&[
        (
            "work/Dockerfile",
            "FROM debian:bookworm-slim\nRUN head -c 3000000 /dev/zero > /srv/data.bin\nRUN rm /srv/data.bin\n",
        ),
        (
            "task/challenge.yaml",
            "id: task\ntitle: Task\nabout: A task.\nchecks:\n  - { id: small, title: Small, points: 1, why: It is., hints: [How?],\n      \
             expect: [{ image.size: { below: 900MB }, message: Too large. }] }\n",
        ),
    ]);
    let args = ["explain", "small", "--challenge", "task", "--path", "work"];
    let (code, stdout, stderr) = crate::common::grader(folder.path(), &args);
    assert_eq!(code, 0, "{stderr}");
    for shown in [
        "  the base image\n",
        "3MB      Dockerfile:2  RUN\n",
        "  3MB      /srv/data.bin\n",
        "(Dockerfile:2, by line 3)\n",
    ] {
        assert!(stdout.contains(shown), "{shown}\n{stdout}");
    }
}
