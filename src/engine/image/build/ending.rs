//! How a build came to its end, and what failed then.

use super::{BuildFault, BuildRequest, Failed, STANDSTILL, Transcript, fault, report};
use crate::engine::Engine;
use crate::engine::process::Finished;
use crate::units::size_text;

/// How a build came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildEnd {
    ByItself,
    TimeOver,
    PullStoodStill,
    /// More was written than a build may; so many bytes were left.
    DiskFilled {
        left: u64,
    },
}

/// What failed in a build that ended so.
pub fn failed(
    engine: &Engine,
    seen: &Transcript,
    finished: &Finished,
    end: BuildEnd,
    request: &BuildRequest<'_>,
) -> Failed {
    let mut failed = seen.failure(request.stages);
    match end {
        BuildEnd::ByItself if failed.fault.is_some() => {}
        BuildEnd::ByItself => {
            failed.message = format!("the build ended with {} and gave no reason", finished.status);
            failed.fault = Some(BuildFault::Machine(failed.message.clone()));
        }
        BuildEnd::TimeOver => {
            let open: Vec<_> = seen.progress.open().collect();
            let log: String = open.iter().map(|step| String::from_utf8_lossy(&step.log)).collect();
            let step = open.first().map(|step| report::instruction(&step.name));
            let during = step.as_ref().map(|step| format!(" during `{step}`")).unwrap_or_default();
            let message = format!("the build took longer than {} s{during}", request.limit.as_secs());
            let network = fault::of_build("", &log, &[]) == BuildFault::Network;
            let fault = Some(if network { BuildFault::Network } else { BuildFault::Timeout });
            failed = Failed { message, step, log, fault, ..Failed::default() };
        }
        BuildEnd::DiskFilled { .. } => {
            let step = seen.progress.open().next().map(|step| report::instruction(&step.name));
            let during = step.as_ref().map(|step| format!(" during `{step}`")).unwrap_or_default();
            let most = size_text(engine.limits.disk());
            let message = format!("the build has written more than {most}, the most that it may{during}");
            failed = Failed { message, step, fault: Some(BuildFault::Learner), ..Failed::default() };
        }
        BuildEnd::PullStoodStill => {
            let what = seen.progress.open().find(|step| step.is_pull()).map(|step| report::instruction(&step.name));
            let what = what.unwrap_or_else(|| "an image".into());
            failed.message = format!("nothing came from the registry for {} s: {what}", STANDSTILL.as_secs());
            failed.fault = Some(BuildFault::Machine(failed.message.clone()));
        }
    }
    failed
}
