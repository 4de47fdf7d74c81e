//! What a container runs, held against the given files, and its health check while the application stands still: of the
//! image run alone and of a service.

use super::registry::Type;
use super::table::{Def, def};
use super::{Fact, Facts, Value};
use crate::engine::container::frozen_probe::FrozenProbe;
use crate::engine::container::processes::RunningProcess;
use crate::engine::container::program::{Cover, ProgramSeen, Runs, SeenFile};
use crate::engine::image::filesystem::PlacesInImage;

type ProgramRow = Def<fn(&ProgramSeen) -> Fact>;

/// Given files in a running container.
const GIVEN: Type = Type::List(&Type::Record(&[
    ("path", Type::Text),
    ("at", Type::Text),
    ("same", Type::Bool),
    ("covered_by", Type::Word(&["layer", "mount", "config", "secret"])),
]));
/// The processes of a container.
pub(super) const PROCESSES: Type = Type::List(&Type::Record(&[
    ("command", Type::Text),
    ("executable", Type::Text),
    ("uid", Type::Int),
    ("real_uid", Type::Int),
    ("saved_uid", Type::Int),
    ("can_be_root", Type::Bool),
]));

const GIVEN_DOC: &str = "The given files that the image has, as they are in the running container: `path` in the repository, `at` \
     in the container, whether they are still the `same`, and what they are `covered_by`.";
const RUNS_DOC: &str = "Whether a process of the container names a given file that is unchanged: as a script, as a module, or \
     through a script or a server's settings. Absent if none was seen.";
const ASKS_DOC: &str = "Whether the health check fails, or waits, while the application's processes are stopped; one that succeeds \
     never asks the application. Absent where the container is not healthy, or its processes can't be stopped.";

/// The facts of the image run alone.
pub(super) static CONTAINER: &[ProgramRow] = &[
    def("container.given", GIVEN, GIVEN_DOC, given),
    def("container.runs_given", Type::Bool, RUNS_DOC, runs_given),
    def("container.healthcheck_asks_app", Type::Bool, ASKS_DOC, asks_app),
];

/// The facts of the service that is built from the challenge's Dockerfile.
pub(super) static SERVICE: &[ProgramRow] = &[
    def("stack.services.<name>.given", GIVEN, GIVEN_DOC, given),
    def("stack.services.<name>.runs_given", Type::Bool, RUNS_DOC, runs_given),
    def("stack.services.<name>.healthcheck_asks_app", Type::Bool, ASKS_DOC, asks_app),
];

fn given(seen: &ProgramSeen) -> Fact {
    match &seen.program {
        None => Fact::absent().because("it was not seen running"),
        Some(Err(why)) => Fact::unknown(why.as_str()),
        Some(Ok(program)) => {
            let changed = program.given.iter().find(|file| !file.is_same);
            let place = changed.and_then(|file| file.place.clone()).or_else(|| seen.start.clone());
            let all: Vec<Fact> = program.given.iter().map(|file| file_fact(seen, file)).collect();
            let fact = Fact::of(all).at(place);
            changed.map_or(fact.clone(), |file| fact.because(covered(file)))
        }
    }
}

fn file_fact(seen: &ProgramSeen, file: &SeenFile) -> Fact {
    let place = file.place.clone().or_else(|| seen.start.clone());
    let fact = Fact::record([
        ("path", Fact::of(file.path.as_str())),
        ("at", Fact::of(file.at.as_str())),
        ("same", Fact::of(file.is_same).at(place.clone()).because(covered(file))),
        ("covered_by", Fact::of(file.cover.word()).at(place.clone())),
    ]);
    if file.is_same { fact.at(place) } else { fact.at(place).because(covered(file)) }
}

fn runs_given(seen: &ProgramSeen) -> Fact {
    let fact = match &seen.program {
        None => Fact::absent().because("it was not seen running"),
        Some(Err(why)) => Fact::unknown(why.as_str()),
        Some(Ok(program)) => match &program.runs {
            Runs::Given(command) => Fact::of(true).because(format!("it runs `{command}`")),
            Runs::Other(command) => Fact::of(false).because(format!("it runs `{command}`")),
            Runs::Unseen(why) => Fact::absent().because(*why),
        },
    };
    fact.at(seen.start.clone())
}

fn asks_app(seen: &ProgramSeen) -> Fact {
    let test = &seen.test;
    let fact = match &seen.frozen {
        None => Fact::absent().because("its health check was not tried with the application stopped"),
        Some(Err(why)) => Fact::unknown(why.as_str()),
        Some(Ok(FrozenProbe::Succeeded)) => {
            Fact::of(false).because(format!("`{test}` succeeds while the application is stopped"))
        }
        Some(Ok(FrozenProbe::Failed(code))) => {
            Fact::of(true).because(format!("`{test}` ends with exit code {code} while the application is stopped"))
        }
        Some(Ok(FrozenProbe::Waiting)) => {
            Fact::of(true).because(format!("`{test}` waits while the application is stopped"))
        }
        Some(Ok(FrozenProbe::TriedAlone)) => {
            Fact::of(true).because("it is the image's own, which is tried where the image runs alone")
        }
    };
    fact.at(seen.test_place.clone())
}

/// What has become of a given file.
fn covered(file: &SeenFile) -> String {
    let SeenFile { path, at, .. } = file;
    match file.cover {
        _ if file.is_same => format!("{at} is the given {path}"),
        Cover::Layer => format!("in the running container, {at} isn't the given {path} any more"),
        cover => format!("a {} puts another file over {at}, where the image has the given {path}", cover.word()),
    }
}

/// The processes of a container as a fact.
pub(super) fn processes(processes: &[RunningProcess]) -> Fact {
    let one = |process: &RunningProcess| {
        let first = process.command.split_whitespace().next().unwrap_or_default();
        Fact::record([
            ("command", Fact::of(process.command.as_str())),
            ("executable", Fact::of(process.executable.as_deref().unwrap_or(first))),
            ("uid", Fact::of(process.uid)),
            ("real_uid", Fact::of(process.real)),
            ("saved_uid", Fact::of(process.saved)),
            ("can_be_root", Fact::of(process.root().is_some())),
        ])
    };
    Fact::of(processes.iter().map(one).collect::<Vec<Fact>>())
}

/// Where the image has each given file, from its facts.
pub fn places(image: &Facts) -> PlacesInImage {
    let Some(Value::Map(files)) = image.get("image.given_at").and_then(Fact::value) else {
        return PlacesInImage::new();
    };
    let texts = |fact: &Fact| match fact.value() {
        Some(Value::List(items)) => items.iter().filter_map(|item| item.text().map(str::to_owned)).collect(),
        _ => Vec::new(),
    };
    files.iter().map(|(path, places)| (path.clone(), texts(places))).collect()
}
