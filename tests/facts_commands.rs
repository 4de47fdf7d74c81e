//! `commands.*`: values, places, and what is told of a file that can't be carried out.

use grader::commands::parse;
use grader::facts::commands::{FILE_NAME, collect};
use grader::facts::{Fact, Facts, Source, Value, json};
use serde_json::{Value as Json, json};

fn read(text: &str) -> Facts {
    collect(FILE_NAME, Ok(Some(&parse(text.as_bytes()))), &[])
}

fn value(facts: &Facts, name: &str) -> Json {
    json::value(fact(facts, name))
}

fn fact<'a>(facts: &'a Facts, name: &str) -> &'a Fact {
    facts.get(&format!("commands.{name}")).unwrap_or_else(|| panic!("no commands.{name}"))
}

/// The fields of an item that say anything.
fn said(facts: &Facts, name: &str, item: usize) -> Json {
    let mut all = value(facts, name)[item].clone();
    let is_said = |value: &Json| {
        !matches!(value, Json::Null | Json::Bool(false))
            && value.as_array().is_none_or(|it| !it.is_empty())
            && value.as_object().is_none_or(|it| !it.is_empty())
    };
    let fields = all.as_object_mut().unwrap_or_else(|| panic!("no {name}[{item}]"));
    fields.retain(|_, value| is_said(value));
    all
}

const FILE: &str = "\
docker network create --internal back
docker volume create data
docker build -t app:1 --build-arg A=b -f docker/Dockerfile .
docker run -d --name web --net back \\
  -p 8080:80 -v data:/data:ro -e A=1 \\
  nginx:1.27 nginx -g 'daemon off;'
docker rm -f $(docker ps -aq)
docker push localhost:5000/jane/app:1
curl -s localhost:8080
";

#[test]
fn each_command_is_a_record() {
    let facts = read(FILE);
    assert_eq!(
        said(&facts, "all", 3),
        json!({
            "line": 4, "verb": "run", "name": "web", "image": "nginx:1.27", "in_background": true,
            "options": ["--detach", "--name=web", "--network=back", "--publish=8080:80", "--volume=data:/data:ro", "--env=A=1"],
            "arguments": ["nginx:1.27", "nginx", "-g", "daemon off;"],
        })
    );
    assert_eq!(
        said(&facts, "all", 0),
        json!({ "line": 1, "verb": "network create", "name": "back", "options": ["--internal"], "arguments": ["back"] })
    );
    assert_eq!(said(&facts, "all", 4), json!({ "line": 7, "verb": "ps", "options": ["--all", "--quiet"] }));
    assert_eq!(
        said(&facts, "all", 5),
        json!({ "line": 7, "verb": "rm", "name": "$(…)", "options": ["--force"], "arguments": ["$(…)"] })
    );
    assert_eq!(said(&facts, "all", 7)["verb"], "curl");
}

#[test]
fn what_is_made_is_typed() {
    let facts = read(FILE);
    assert_eq!(
        said(&facts, "runs", 0),
        json!({
            "line": 4, "verb": "run", "name": "web", "image": "nginx:1.27", "repository": "nginx", "tag": "1.27",
            "command": ["nginx", "-g", "daemon off;"], "detach": true, "networks": ["back"], "environment": { "A": "1" },
            "ports": [{ "target": 80, "published": "8080", "host_ip": null, "protocol": "tcp" }],
            "mounts": [{ "type": "volume", "source": "data", "target": "/data", "read_only": true }],
        })
    );
    assert_eq!(said(&facts, "networks", 0), json!({ "line": 1, "name": "back", "internal": true }));
    assert_eq!(said(&facts, "volumes", 0), json!({ "line": 2, "name": "data" }));
    assert_eq!(
        said(&facts, "builds", 0),
        json!({ "line": 3, "context": ".", "dockerfile": "docker/Dockerfile", "tags": ["app:1"], "args": { "A": "b" } })
    );
    assert_eq!(
        said(&facts, "pushes", 0),
        json!({ "line": 8, "image": "localhost:5000/jane/app:1", "registry": "localhost:5000", "repository": "jane/app", "tag": "1" })
    );
    let facts = read("docker buildx build --push -t a/b:1 -t ghcr.io/c/d .");
    assert_eq!(said(&facts, "pushes", 0), json!({ "line": 1, "image": "a/b:1", "repository": "a/b", "tag": "1" }));
    assert_eq!(said(&facts, "pushes", 1)["registry"], "ghcr.io");
}

#[test]
fn each_has_its_place() {
    let facts = read(FILE);
    let Some(Value::List(runs)) = fact(&facts, "runs").value() else { panic!("no list") };
    let place = |fact: &Fact| fact.place.as_ref().map(|it| (it.line, it.column, it.end_line));
    assert_eq!(place(&runs[0]), Some((Some(4), Some(1), Some(6))));
    let Some(Value::Map(fields)) = runs[0].value() else { panic!("no record") };
    assert_eq!(place(&fields["ports"]), None);
    let Some(Value::List(ports)) = fields["ports"].value() else { panic!("no ports") };
    assert_eq!(place(&ports[0]), Some((Some(5), Some(3), None)));
}

#[test]
fn a_broken_file_is_a_finding() {
    let facts = read("docker ps\nfor i in 1 2; do\n  docker ps\ndone\n");
    let refused = facts.refused(Source::Commands).unwrap_or_else(|| panic!("it isn't refused"));
    assert_eq!(
        refused.message,
        "This command can't be carried out: grader reads commands, not programs: no loops here."
    );
    assert_eq!(refused.place.as_ref().map(ToString::to_string).as_deref(), Some("commands.sh:2"));
    assert_eq!(refused.hint.as_deref(), Some("Write each command on a line of its own."));
    assert_eq!(
        value(&facts, "errors"),
        json!([{ "message": "grader reads commands, not programs: no loops here", "line": 2, "column": 1 }])
    );
    assert_eq!(value(&facts, "all")[0]["verb"], "ps");
    assert!(read(FILE).refused(Source::Commands).is_none());
}

#[test]
fn a_missing_file_names_what_was_meant() {
    let because = |files: &[&str]| {
        let files: Vec<String> = files.iter().map(|&file| file.to_owned()).collect();
        let facts = collect(FILE_NAME, Ok(None), &files);
        assert_eq!(value(&facts, "exists"), json!(false));
        assert_eq!(value(&facts, "runs"), json!([]));
        fact(&facts, "exists").because.clone().unwrap_or_default()
    };
    assert_eq!(because(&["Dockerfile", "commands.py"]), "there is no commands.sh");
    assert_eq!(because(&["command.sh"]), "grader looks for commands.sh, not for \"command.sh\"");
    assert_eq!(because(&["commands.sh.txt"]), "grader looks for commands.sh, not for \"commands.sh.txt\"");
    assert_eq!(because(&["Commands.ps1"]), "grader looks for commands.sh, not for \"Commands.ps1\"");
}
