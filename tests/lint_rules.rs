//! The rules of `grader lint` about whole challenges: each with a seeded mistake, on a challenge that is right otherwise.

#![allow(clippy::unwrap_used, clippy::expect_used)] // in helpers of tests too

use crate::common::{folder, grader, write};
use std::fs;
use tempfile::TempDir;

const CHALLENGE: &str = r#"# yaml-language-server: $schema=schema.json
id: shop
title: Shop
about: Containers for a shop.
subject: { dockerfile: Dockerfile, context: web }
roles:
  web: { built-from: web/Dockerfile }
  db: { image: "postgres*" }
given: [web/app.py]
checks:
  - use: dockerfile-exists
    points: 5
  - use: counts
    points: 10
    needs: [dockerfile-exists]
  - id: ready
    title: All is ready
    bonus: 3
    expect: [{ stack.services: { each: { ready: true }, count: { at-least: 2 } }, message: A service is not ready. }]
    why: It has to be.
    hints: [Look.]
"#;

const COUNTS: &str = r#"# yaml-language-server: $schema=../schema.json
id: counts
title: Each visit is counted
needs: [dockerfile-exists]
with: { file: web/app.py }
try:
  - http: { service: web, path: / }
    capture: { first: json.count }
  - http: { service: web, path: /healthz, retry_for: 5s }
    expect: [{ status: 200, message: The page is not there. }]
  - http: { service: web, path: / }
    expect: [{ json.count: { above: "{first}" }, message: It does not rise. }]
  - edit: { file: "{file}", replace: Hello, with: Bye }
  - compose: restart db
  - wait: { for: { stack.services.db.ready: true }, within: 5s }
why: It has to rise.
hints: [Look.]
"#;

const README: &str = "# Shop\n\n<!-- grader: steps -->\n| | Step | You have it when | Points |\n|---|---|---|---|\n\
    | 1 | Dockerfile exists | it is there | 5 |\n| 2 | Each visit is counted | the number rises | 10 |\n\
    | 3 | All is ready |  | 3 bonus |\n<!-- /grader -->\n\nGood luck!\n";

const EXPECT: &str = "# yaml-language-server: $schema=../../case.schema.json\nabout: b\nfails: [dockerfile-exists, counts, ready]\n\
    finding: { check: counts, path: web/app.py, line: 2 }\nfindings: [{ check: ready }]\nremove: [web/Dockerfile]\n";

fn shop() -> TempDir {
    folder(&[
        ("challenge.yaml", CHALLENGE),
        ("schema.json", "{}"),
        ("case.schema.json", "{}"),
        ("checks/counts.yaml", COUNTS),
        ("starter/README.md", README),
        ("solution/web/Dockerfile", "FROM scratch\n"),
        ("solution/web/app.py", "# shop\nprint('Hello')\n"),
        ("solution/compose.yaml", "services: { web: { build: web }, db: { image: postgres } }\n"),
        ("cases/a/expect.yaml", EXPECT),
    ])
}

/// What lint says of the folder: each problem's severity and rule, and all of its text. The folder's own name is no
/// matter here.
fn told(shop: &TempDir) -> (Vec<String>, String) {
    let (_, json, stderr) = grader(shop.path(), &["lint", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    let problems = json["problems"].as_array().unwrap().iter().filter(|problem| problem["rule"] != "id");
    for problem in problems.clone() {
        assert!(!problem["path"].as_str().unwrap().is_empty() && !problem["message"].as_str().unwrap().is_empty());
    }
    let rule =
        |it: &serde_json::Value| format!("{} {}", it["severity"].as_str().unwrap(), it["rule"].as_str().unwrap());
    (problems.map(rule).collect(), grader(shop.path(), &["lint"]).1)
}

#[test]
fn what_is_right_breaks_no_rule() {
    let shop = shop();
    let (rules, text) = told(&shop);
    assert!(rules.is_empty(), "{text}");
}

#[test]
fn each_rule_finds_its_mistake() {
    let (challenge, counts, expect) = ("challenge.yaml", "checks/counts.yaml", "cases/a/expect.yaml");
    let readme = "starter/README.md";
    let table: &[(&str, &str, &str, &str, &str)] = &[
        (
            "error dockerfile",
            challenge,
            "dockerfile: Dockerfile, c",
            "dockerfile: web/Dockerfile, c",
            "write `dockerfile: Dockerfile`",
        ),
        (
            "error dockerfile",
            challenge,
            "built-from: web/Dockerfile",
            "built-from: wbe/Dockerfile",
            "did you mean `web/Dockerfile`?",
        ),
        (
            "error given",
            challenge,
            "given: [web/app.py]",
            "given: [web/app.py, wbe/app.py]",
            "did you mean `web/app.py`?",
        ),
        (
            "error service",
            counts,
            "service: web, path: / }\n    capture",
            "service: wbe, path: / }\n    capture",
            "did you mean `web`?",
        ),
        ("error service", counts, "restart db", "restart bd", "unknown service or role `bd`"),
        ("error service", counts, "stack.services.db.ready", "stack.services.dbs.ready", "allowed here: db, web"),
        (
            "warning unused-role",
            challenge,
            "roles:\n",
            "roles:\n  cache: { image: redis }\n",
            "no check asks for the role `cache`",
        ),
        (
            "error edit",
            counts,
            "replace: Hello",
            "replace: Hallo",
            "the solution's `web/app.py` doesn't contain `Hallo`",
        ),
        (
            "error edit",
            counts,
            "file: web/app.py",
            "file: web/ap.py",
            "neither starter nor solution has a file `web/ap.py`",
        ),
        (
            "warning readme",
            readme,
            "| 10 |",
            "| 11 |",
            "--fix` writes it: | 2 | Each visit is counted | the number rises | 10 |",
        ),
        ("warning readme", readme, "<!-- grader: steps -->", "", "the README has no table of the steps"),
        ("warning no-case", expect, ", ready]\n", "]\nscore: 1\n", "no case fails `ready`"),
        ("error finding-line", expect, "line: 2", "line: 3", "`web/app.py` has 2 lines in this case"),
        (
            "error finding-line",
            expect,
            "path: web/app.py",
            "path: web/Dockerfile",
            "this case has no file `web/Dockerfile`",
        ),
        (
            "warning schema-line",
            challenge,
            "$schema=schema",
            "$schema=../schema",
            "write `# yaml-language-server: $schema=schema.json`",
        ),
        (
            "warning schema-line",
            counts,
            "../schema.json",
            "schema.json",
            "write `# yaml-language-server: $schema=../schema.json`",
        ),
        ("warning schema-line", expect, "case.schema.json", "schema.json", "is the schema of other files"),
        (
            "warning retry-counts",
            counts,
            "path: / }\n    expect",
            "path: /, retry_for: 5s }\n    expect",
            "each try asks `/` again",
        ),
        ("warning no-message", counts, ", message: It does not rise.", "", "this expectation has no message"),
        (
            "warning holds-on-nothing",
            challenge,
            ", count: { at-least: 2 }",
            "",
            "`each` holds where `stack.services` is empty",
        ),
        ("warning needs", challenge, "needs: [dockerfile-exists]", "needs: []", "write `needs: [dockerfile-exists]`"),
    ];
    let mut wrong = Vec::new();
    for (rule, path, right, mistake, wanted) in table {
        let shop = shop();
        let text = fs::read_to_string(shop.path().join(path)).unwrap();
        assert!(text.contains(right), "{path} has no {right}");
        write(shop.path(), path, text.replacen(right, mistake, 1));
        // A finding of a check that no longer fails is a mistake of its own.
        if *rule == "warning no-case" {
            let text = fs::read_to_string(shop.path().join(path)).unwrap();
            write(shop.path(), path, text.replace("findings: [{ check: ready }]\n", ""));
        }
        let (rules, text) = told(&shop);
        if rules != [*rule] || !text.contains(wanted) {
            wrong.push(format!("{rule}: {mistake}\n{rules:?}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_beside_the_challenge_are_read_too() {
    let shop = shop();
    write(shop.path(), "mutants.yaml", "- mutatn: x\n  reason: y\n");
    let (rules, text) = told(&shop);
    assert!(
        rules.contains(&"error case".to_owned()) && text.contains("mutants.yaml:1:3: error: unknown key `mutatn`"),
        "{text}"
    );
}

#[test]
fn the_table_of_steps_is_written_and_what_is_written_by_hand_stays() {
    let shop = shop();
    let at = shop.path().join("starter/README.md");
    fs::write(&at, README.replace("| 5 |", "| 7 |").replace("| 3 | All is ready |  | 3 bonus |\n", "")).unwrap();
    let (code, stdout, _) = grader(shop.path(), &["lint", "--fix"]);
    assert!(code == 0 && stdout.starts_with("wrote starter/README.md\n\n"), "{stdout}");
    assert_eq!(fs::read_to_string(&at).unwrap(), README);
    let (_, stdout, _) = grader(shop.path(), &["lint", "--fix"]);
    assert!(!stdout.contains("wrote"), "{stdout}");
    // Without marks it comes to the end; without a README one is begun.
    fs::write(&at, "# Mine").unwrap();
    grader(shop.path(), &["lint", "--fix"]);
    let text = fs::read_to_string(&at).unwrap();
    assert!(text.starts_with("# Mine\n\n<!-- grader: steps -->\n| | Step | Points |\n"), "{text}");
    fs::rename(&at, shop.path().join("starter/other.md")).unwrap();
    let (rules, text) = told(&shop);
    assert!(rules == ["warning readme"] && text.contains("the starter has no README.md"), "{text}");
    grader(shop.path(), &["lint", "--fix"]);
    let text = fs::read_to_string(&at).unwrap();
    assert!(text.starts_with("# Shop\n\nContainers for a shop.\n\n## The steps\n\n<!-- grader: steps -->\n"), "{text}");
    assert!(told(&shop).0.is_empty());
}

const CAUSE: &str = "id: no-shop\nwhen: { printed: { matches: 'no shop (?<name>\\w+)' } }\nsays: There is no shop `{name}`.\n\
    means: It has to be there.\nnext: Open it.\nhints: [Where is it?, Look for it., Open the door.]\nexamples:\n  \
    explains: [{ about: container.health, printed: no shop here }]\n  leaves-alone: [{ printed: a shop }]\n";

#[test]
fn a_cause_of_one_s_own_is_read_and_tried() {
    for (from, to, told) in [
        ("", "", None),
        ("says: There is no shop `{name}`.", "says: There is no shop `{nam}`.", Some("causes/no-shop.yaml:3:7: error")),
        ("printed: no shop here", "printed: a market", Some("another cause, or none, explains its example `a market`")),
        ("printed: a shop", "printed: no shop at all", Some("doesn't leave alone its example `no shop at all`")),
        ("id: no-shop", "id: shop", Some("a cause has the name of its file, `no-shop`")),
    ] {
        let folder = shop();
        write(folder.path(), "causes/no-shop.yaml", CAUSE.replacen(from, to, usize::from(!from.is_empty())));
        let (code, stdout, stderr) = grader(folder.path(), &["lint", "."]);
        match told {
            None => assert!(!stdout.contains("cause"), "{stdout}{stderr}"),
            Some(told) => {
                assert_eq!(code, 2, "{stdout}{stderr}");
                assert!(stdout.contains(told), "{told}: {stdout}{stderr}");
            }
        }
    }
    let folder = shop();
    write(folder.path(), "causes/no-shop.yaml", CAUSE);
    let path = folder.path().join("challenge.yaml");
    let (code, stdout, stderr) = grader(folder.path(), &["explain", "no-shop", "--challenge", path.to_str().unwrap()]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("There is no shop"), "{stdout}");
}
