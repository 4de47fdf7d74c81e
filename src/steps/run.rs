//! `run:` runs a container of its own to its end.

use super::exec::COMMAND_ANSWERS;
use super::keys::{STDIN, TIMEOUT, bound, verbatim};
use super::output::{self, MOST};
use super::spec::{self, CheckSpec};
use super::{Acting, Action, Needs, StepKind, StepLimits, StepRunner, Turn, kind};
use crate::engine::container::{Output, Printed, Refused, Standalone};
use crate::facts::Facts;
use crate::language::grammar::{Key, ValueKind};
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::yaml::Node;
use std::time::Duration;
use tokio::time::Instant;

/// `run:`
pub static KIND: StepKind = StepKind {
    name: "run",
    doc: "Runs a container of its own to its end.",
    takes: ValueKind::Record(&KEYS),
    one_of: &[],
    answers: &COMMAND_ANSWERS,
    afresh: &[],
    read: |scope, node, _| kind::boxed(read(scope, node)),
};

static KEYS: [Key; 11] = {
    let [a, b, c, d, e, f, g, h, i] = spec::KEYS;
    [a, b, c, d, e, f, g, h, i, STDIN, TIMEOUT]
};

/// How long it may take unless said otherwise.
const LIMIT: Duration = Duration::from_secs(60);
/// What `docker run` exits with where the engine refuses.
const REFUSED: i64 = 125;

/// A container that is run to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneOff {
    /// How it is run.
    pub spec: CheckSpec,
    /// What it reads.
    pub stdin: Option<String>,
    /// How long it may take; the grader's own bound unless said.
    pub timeout: Option<Duration>,
}

fn read(scope: &Scope<'_>, node: &Node) -> Option<OneOff> {
    let fields = scope.fields(node, "`{ image: built }`", &[&KEYS]);
    node.as_map()?;
    Some(OneOff {
        spec: spec::read(scope, fields),
        stdin: verbatim(scope, fields, "stdin"),
        timeout: bound(scope, fields, "timeout"),
    })
}

impl Action for OneOff {
    fn needs(&self) -> Needs {
        self.spec.needs()
    }

    fn texts(&mut self) -> Vec<&mut String> {
        let mut texts = self.spec.texts();
        texts.extend(&mut self.stdin);
        texts
    }

    fn limit(&self, _: &StepLimits) -> Duration {
        self.timeout.unwrap_or_default()
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, _: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.one_off(self))
    }
}

impl StepRunner<'_> {
    async fn one_off(&mut self, run: &OneOff) -> Result<Facts, Fault> {
        let (spec, place) = self.engine_spec(&run.spec).await?;
        let limit = run.timeout.or(self.limits().step).unwrap_or(LIMIT);
        let here = self.engine.pace.here(limit);
        let name = run.spec.image_name();
        (self.doing)(format!("run {name}"));
        let begin = Instant::now();
        match Standalone::run(self.engine, spec, run.stdin.as_deref(), here, MOST).await {
            Ok(Output::Ended(printed)) => Ok(output::facts(&printed, begin.elapsed(), place.as_ref())),
            Ok(Output::Late(printed)) => {
                Err(Fault::learner(place, output::late(&format!("the container of {name}"), limit, &printed)))
            }
            Ok(Output::NotRunning) => Err(Fault::machine(format!("the container of {name} was gone"))),
            Err(error) => {
                let Refused { why, exit_code } = error.refused()?;
                let exit_code = exit_code.filter(|code| *code != 0).unwrap_or(REFUSED);
                let printed = Printed { exit_code, stderr: why.into_bytes(), ..Printed::default() };
                Ok(output::facts(&printed, begin.elapsed(), place.as_ref()))
            }
        }
    }
}
