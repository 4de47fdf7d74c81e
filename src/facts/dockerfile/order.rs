//! `dockerfile.final.requirements_before_source`: whether a change of the source installs the requirements anew.

use super::at;
use crate::dockerfile::{Dockerfile, Instruction, Kind, Target};
use crate::facts::Fact;
use crate::place::Place;

/// What installs requirements, as it is written in a RUN.
const INSTALLERS: [&str; 5] = ["pip install", "pip3 install", "poetry install", "pipenv install", "uv sync"];
/// How files that list requirements begin.
const LISTS: [&str; 7] = ["requirements", "pyproject", "poetry.lock", "pipfile", "setup.", "uv.lock", "constraints"];

/// Looks at every stage that is built for the target. The first installation after a copy of more than lists of
/// requirements decides; nothing is known where nothing is installed from copied files.
pub(super) fn requirements_before_source(file: &Dockerfile, target: &Target, place: &Place) -> Fact {
    let mut result = Fact::absent().because("no instruction installs requirements");
    for stage in target.needed.iter().filter_map(|&index| file.stages.get(index)) {
        let mut source: Option<&Instruction> = None;
        for instruction in file.instructions.get(stage.instructions.clone()).unwrap_or_default() {
            match &instruction.kind {
                Kind::Copy(copy) | Kind::Add(copy)
                    if copy.from.is_none() && !copy.sources.iter().all(|path| is_list(path)) =>
                {
                    source = source.or(Some(instruction));
                }
                Kind::Run(_) if INSTALLERS.iter().any(|installer| instruction.original.contains(installer)) => {
                    let Some(source) = source else {
                        result = Fact::of(true).at(at(place, instruction.span));
                        continue;
                    };
                    return Fact::of(false).at(at(place, source.span)).because(format!(
                        "line {} copies more than the requirements, and line {} installs them after that",
                        source.span.line, instruction.span.line
                    ));
                }
                _ => {}
            }
        }
    }
    result
}

fn is_list(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    LISTS.iter().any(|list| name.starts_with(list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile;
    use crate::facts::{Known, Value};
    use std::collections::BTreeMap;

    fn order(text: &str) -> Fact {
        let file = dockerfile::parse(text.as_bytes());
        let target = file.target(None, &BTreeMap::new()).expect("there is a stage");
        requirements_before_source(&file, &target, &Place::file("Dockerfile"))
    }

    #[test]
    fn a_copy_of_the_source_before_the_installation_is_seen() {
        let first = order("FROM a\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .");
        assert_eq!(first.known, Known::Value(Value::Bool(true)));
        let after = order("FROM a AS b\nCOPY . .\nRUN pip install -r requirements.txt\nFROM a\nCOPY --from=b /x /x");
        assert_eq!(after.known, Known::Value(Value::Bool(false)));
        assert_eq!(after.place, Some(Place::line("Dockerfile", 2).column(1)));
        assert_eq!(order("FROM a\nCOPY . .\nRUN make").known, Known::Absent);
    }
}
