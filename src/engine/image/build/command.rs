//! The command line of a build: `docker buildx build` with all that a request says.

use super::{BuildRequest, memory};
use crate::engine::Engine;
use crate::engine::process::Command;
use std::ffi::OsStr;

/// Returns the command. Its environment is the process's own, scrubbed.
pub(super) fn of(engine: &Engine, request: &BuildRequest<'_>) -> Command {
    let builder = engine.cli.endpoint.context.as_str();
    let mut command = engine
        .cli
        .command(["buildx", "build", "--builder", builder, "--progress=rawjson", "--load", "--provenance=false"])
        // It would run git in the learner's folder.
        .envs([("BUILDX_GIT_INFO", "false")])
        // It writes down every build, and never forgets one.
        .envs(engine.scratch.iter().map(|scratch| (OsStr::new("BUILDX_CONFIG"), scratch.path().as_os_str())))
        .args(["--tag", request.tag])
        .arg("--file")
        .arg(request.dockerfile);
    for (name, value) in engine.run.labels() {
        command = command.arg("--label").arg(format!("{name}={value}"));
    }
    if engine.bounds_builds {
        command = command.args(["--resource", memory::MOST]);
    }
    if let Some(target) = request.target {
        command = command.args(["--target", target]);
    }
    if let Some(platform) = request.platform {
        command = command.args(["--platform", platform]);
    }
    for (name, folder) in request.contexts {
        command = command.arg("--build-context").arg(format!("{name}={}", folder.display()));
    }
    for (name, value) in request.args {
        command = command.arg("--build-arg").arg(format!("{name}={value}"));
    }
    for (number, (id, value)) in request.secrets.iter().enumerate() {
        let name = format!("GRADER_SECRET_{number}");
        command = command.arg("--secret").arg(format!("id={id},env={name}")).envs([(name, value.clone())]);
    }
    // After the learner's own, so that it wins.
    command = command.arg("--build-arg").arg(format!("BUILDKIT_CACHE_MOUNT_NS={}", engine.caches));
    command.arg(request.context).keep(0)
}
