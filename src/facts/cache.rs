//! What a build took from the build cache, and what it did anew: BuildKit's steps, put back to their instructions. Pure.

use super::{Fact, Facts};
use crate::dockerfile::{Dockerfile, Instruction, Kind};
use crate::engine::image::build::Done;
use crate::place::Place;
use std::collections::{BTreeMap, BTreeSet};

/// The instructions that BuildKit makes steps of.
const WORKING: [&str; 4] = ["ADD", "COPY", "RUN", "WORKDIR"];

/// The most scripts of one instruction that are read.
const SCRIPTS: usize = 8;

/// Puts `cached` and `rebuilt`: each instruction of the Dockerfile that was a step of the build. `script` reads a file of the
/// repository.
pub fn put(facts: &mut Facts, file: &Dockerfile, path: &str, done: &[Done], script: &dyn Fn(&str) -> Option<String>) {
    let (mut cached, mut rebuilt) = (Vec::new(), Vec::new());
    for (index, stage) in file.stages.iter().enumerate() {
        let steps = steps_of(file, index, done);
        let working = file.instructions.get(stage.instructions.clone()).unwrap_or_default().iter();
        let working: Vec<&Instruction> = working.filter(|it| WORKING.contains(&it.name.as_str())).collect();
        let name = stage.name.clone().unwrap_or_else(|| index.to_string());
        for (instruction, is_cached) in pairs(&working, steps) {
            let place = Place::line(path, instruction.span.line).to_line(instruction.span.end_line);
            let record = Fact::record([
                ("line", Fact::of(i64::from(instruction.span.line))),
                ("name", Fact::of(instruction.name.as_str())),
                ("text", Fact::of(instruction.original.split_whitespace().collect::<Vec<_>>().join(" "))),
                ("does", Fact::of(does(instruction, script))),
                ("stage", Fact::of(name.as_str())),
            ]);
            (if is_cached { &mut cached } else { &mut rebuilt }).push(record.at(place));
        }
    }
    let file = Place::file(path);
    facts.put("cached", Fact::of(cached).at(file.clone()));
    facts.put("rebuilt", Fact::of(rebuilt).at(file));
}

/// What an instruction does, as far as it is written: its own text, its heredocs, and the repository's scripts that a RUN
/// names, wherever they were copied to.
fn does(instruction: &Instruction, script: &dyn Fn(&str) -> Option<String>) -> String {
    let mut all = instruction.original.split_whitespace().collect::<Vec<_>>().join(" ");
    let Kind::Run(run) = &instruction.kind else { return all };
    for heredoc in &run.heredocs {
        all.push('\n');
        all.push_str(&heredoc.content);
    }
    let is_between = |c: char| c.is_whitespace() || "\"'`;&|()<>[],".contains(c);
    let paths =
        |word: &str| [word.trim_start_matches("./").to_owned(), word.rsplit('/').next().unwrap_or_default().to_owned()];
    let words: BTreeSet<String> = all.split(is_between).filter(|word| is_script(word)).flat_map(paths).collect();
    for text in words.iter().filter_map(|path| script(path)).take(SCRIPTS) {
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            all.push('\n');
            all.push_str(line);
        }
    }
    all
}

/// Whether a word of a command may be a script of the repository.
fn is_script(word: &str) -> bool {
    [".sh", ".bash"].into_iter().any(|ending| word.ends_with(ending)) || (word.starts_with("./") && word.len() > 2)
}

/// A step of a stage: the instruction's name, and whether it was taken from the cache.
type CachedStep<'a> = (&'a str, bool);

/// The steps of a stage in their order. BuildKit names them `[builder 3/5] RUN make`; a stage without a name is
/// `stage-1`, and the only one of a Dockerfile is not named at all.
fn steps_of<'a>(file: &Dockerfile, index: usize, done: &'a [Done]) -> Vec<CachedStep<'a>> {
    let own = file.stages.get(index).and_then(|stage| stage.name.clone());
    let is_only = file.stages.len() == 1;
    let mut steps: BTreeMap<u32, CachedStep<'a>> = BTreeMap::new();
    for step in done {
        let Some((place, command)) = step.name.strip_prefix('[').and_then(|name| name.split_once("] ")) else {
            continue;
        };
        let mut words = place.split_whitespace().rev();
        let Some(number) = words.next().and_then(|count| count.split_once('/')?.0.parse().ok()) else { continue };
        let is_own = match (words.next(), &own) {
            _ if is_only => true,
            (Some(name), Some(own)) => name == own,
            (Some(name), None) => name == format!("stage-{index}"),
            (None, _) => false,
        };
        let name = command.split_whitespace().next().unwrap_or_default();
        if is_own && WORKING.contains(&name) {
            // `COPY --link` is several steps of one number.
            steps.entry(number).or_insert((name, true)).1 &= step.cached;
        }
    }
    steps.into_values().collect()
}

/// Each instruction with whether its step came from the cache. The last one is the last step: a base image may bring
/// steps of its own at the beginning (`ONBUILD`), and `WORKDIR /` is none.
fn pairs<'i>(working: &[&'i Instruction], mut steps: Vec<CachedStep<'_>>) -> Vec<(&'i Instruction, bool)> {
    let mut found = Vec::new();
    for &instruction in working.iter().rev() {
        let is_none = instruction.original.split_whitespace().eq(["WORKDIR", "/"]);
        match steps.last() {
            Some((name, cached)) if *name == instruction.name && !is_none => {
                found.push((instruction, *cached));
                steps.pop();
            }
            _ if instruction.name == "WORKDIR" => {}
            _ => break,
        }
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Value;

    fn told(text: &str, done: &[(&str, bool)]) -> Vec<String> {
        let file = crate::dockerfile::parse(text.as_bytes());
        let done: Vec<Done> = done.iter().map(|&(name, cached)| Done { name: name.to_owned(), cached }).collect();
        let mut facts = Facts::default();
        put(&mut facts, &file, "Dockerfile", &done, &|_| None);
        let list = |name: &str| {
            let Some(Value::List(items)) = facts.get(name).and_then(Fact::value) else { return Vec::new() };
            let field = |item: &Fact, field: &str| match item.value() {
                Some(Value::Map(fields)) => fields.get(field).and_then(Fact::value).map(ToString::to_string),
                _ => None,
            };
            let one = |item: &Fact| {
                let [stage, text] = ["stage", "text"].map(|it| field(item, it).unwrap_or_default());
                format!("{name} {stage} {} {text}", item.place.as_ref().map(ToString::to_string).unwrap_or_default())
            };
            items.iter().map(one).collect()
        };
        [list("cached"), list("rebuilt")].concat()
    }

    #[test]
    fn steps_are_put_back_to_their_instructions() {
        let text = "FROM a AS builder\nWORKDIR /\nWORKDIR /x\nENV A=1\nrun one && \\\n    two\nFROM b\nCOPY --from=builder /x /x\nRUN <<EOF\nmake\nEOF\nCMD x\n";
        let done = [
            ("[internal] load build definition from Dockerfile", false),
            ("[builder 1/4] FROM docker.io/library/a", true),
            ("[stage-1 2/3] COPY --from=builder /x /x", false),
            ("[builder 3/4] WORKDIR /x", true),
            ("[builder 4/4] RUN one &&     two", true),
            ("[linux/amd64 stage-1 3/3] RUN <<EOF (make)", false),
            ("exporting to image", false),
        ];
        assert_eq!(
            told(text, &done),
            [
                "cached builder Dockerfile:3 WORKDIR /x",
                "cached builder Dockerfile:5 run one && two",
                "rebuilt 1 Dockerfile:8 COPY --from=builder /x /x",
                "rebuilt 1 Dockerfile:9 RUN <<EOF",
            ]
        );
    }

    #[test]
    fn what_a_heredoc_and_a_script_do_belongs_to_their_instruction() {
        let script = |path: &str| (path == "tools/install.sh").then(|| "pip install flask".to_owned());
        let all = |text: &str| {
            let file = crate::dockerfile::parse(text.as_bytes());
            does(file.instructions.last().unwrap(), &script)
        };
        assert_eq!(all("FROM a\nRUN <<EOF\nset -e\npip install x\nEOF\n"), "RUN <<EOF\nset -e\npip install x\n");
        for run in ["sh tools/install.sh", "sh -c 'cd /app; ./tools/install.sh'", "<<E bash\nsh tools/install.sh\nE"] {
            assert!(all(&format!("FROM a\nRUN {run}\n")).ends_with("pip install flask"), "{run}");
        }
        assert_eq!(all("FROM a\nCOPY tools/install.sh /x\n"), "COPY tools/install.sh /x");
        assert_eq!(all("FROM a\nRUN sh other.sh\n"), "RUN sh other.sh");
    }

    #[test]
    fn a_base_may_bring_steps_and_a_stage_may_not_be_built() {
        let text = "FROM a\nCOPY x /x\nRUN y\n";
        let done =
            [("[1/5] FROM a", true), ("[2/5] RUN theirs", false), ("[ 4/5] COPY x /x", true), ("[ 5/5] RUN y", false)];
        assert_eq!(told(text, &done), ["cached 0 Dockerfile:2 COPY x /x", "rebuilt 0 Dockerfile:3 RUN y"]);
        assert_eq!(
            told("FROM a AS x\nRUN y\nFROM b\nRUN z\n", &[("[stage-1 2/2] RUN z", true)]),
            ["cached 1 Dockerfile:4 RUN z"]
        );
    }
}
