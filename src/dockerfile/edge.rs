//! Which stage takes files from where: `COPY --from` and `RUN --mount=from=`.

use super::instruction::{Copy, Kind};
use super::lex::{Lex, NoVariables};
use super::mount::Mount;
use super::span::Span;
use super::stage::{Names, Source};
use super::{Dockerfile, Stage};

/// Files taken from another stage or image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The stage that takes them.
    pub stage: usize,
    /// The instruction, by its index in the file.
    pub instruction: usize,
    /// The instruction's place.
    pub span: Span,
    /// How.
    pub via: Via,
    /// From where. A stage comes before the one that takes from it, else it is `Unknown` and there is an error.
    pub source: Source,
    /// The source as written.
    pub from: String,
    /// The paths taken, variables expanded; none for a mount of everything.
    pub paths: Vec<String>,
    /// Where to, variables expanded.
    pub destination: Option<String>,
    /// The source is a stage that this one is built FROM, so that its files were there anyhow.
    pub is_ancestor: bool,
}

/// How files are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// `COPY --from`: they become part of the stage.
    Copy,
    /// `RUN --mount=from=`: they are there while the command runs.
    Mount,
}

/// The source of a `COPY`, or an error's message. `None`: the build context.
pub(super) fn of_copy(copy: &Copy, names: &Names, stages: &[Stage]) -> Option<Result<Source, String>> {
    let from = copy.from.as_deref()?;
    let plain = Lex::new('\\').expand(from, &NoVariables).is_ok_and(|expansion| expansion.text == from);
    if !plain {
        let message = "variable expansion is not supported for --from, define a new stage with FROM using ARG from global \
                       scope as a workaround";
        return Some(Err(message.to_owned()));
    }
    Some(match from.parse::<i64>() {
        Ok(index) => match usize::try_from(index).ok().filter(|index| *index < stages.len()) {
            Some(index) => Ok(Source::Stage(index)),
            None => Err(format!("invalid stage index {index}")),
        },
        Err(_) => by_name(from, names),
    })
}

/// The source of a mount, or an error's message. Numbers are names here.
pub(super) fn of_mount(mount: &Mount, names: &Names) -> Option<Result<Source, String>> {
    mount.from().map(|from| by_name(from, names))
}

fn by_name(from: &str, names: &Names) -> Result<Source, String> {
    match names.get(&from.to_lowercase()) {
        Some(index) => Ok(Source::Stage(index)),
        None => names.source(from),
    }
}

/// The stages that each stage takes files from, by index: (source, instruction).
pub(super) fn dependencies(file: &Dockerfile, names: &Names) -> Vec<Vec<(usize, usize)>> {
    let of_stage = |stage: &Stage| {
        let instructions = stage.instructions.clone().filter_map(|index| Some((index, file.instructions.get(index)?)));
        instructions
            .flat_map(|(index, instruction)| {
                let sources: Vec<_> = match &instruction.kind {
                    Kind::Copy(copy) => of_copy(copy, names, &file.stages).into_iter().collect(),
                    Kind::Run(run) => run.mounts.iter().filter_map(|mount| of_mount(mount, names)).collect(),
                    _ => Vec::new(),
                };
                sources.into_iter().filter_map(move |source| match source {
                    Ok(Source::Stage(source)) => Some((source, index)),
                    _ => None,
                })
            })
            .collect()
    };
    file.stages.iter().map(of_stage).collect()
}

/// The stage and instruction that close a circle of stages taking files from each other.
pub(super) fn circle(dependencies: &[Vec<(usize, usize)>]) -> Option<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut seen = vec![Seen::No; dependencies.len()];
    for start in 0..dependencies.len() {
        let mut path = vec![(start, 0)];
        while let Some((stage, next)) = path.last_mut() {
            let stage = *stage;
            if *next == 0 {
                if seen[stage] != Seen::No {
                    path.pop();
                    continue;
                }
                seen[stage] = Seen::Open;
            }
            match dependencies[stage].get(*next) {
                Some((source, instruction)) if seen[*source] == Seen::Open => return Some((stage, *instruction)),
                Some((source, _)) => {
                    *next += 1;
                    if seen[*source] == Seen::No {
                        path.push((*source, 0));
                    }
                }
                None => {
                    seen[stage] = Seen::Done;
                    path.pop();
                }
            }
        }
    }
    None
}
