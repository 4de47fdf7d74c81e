//! How a stack is brought up with `docker compose up`: what is run, what is expected of it, and what it says at its end.

use super::error::StackError;
use super::images;
use super::model::{independent, is_shut_in, needs, replicas, waits_for_end};
use super::plan::Plan;
use super::ready::Expected;
use super::rewrite::{Rewrite, rewrite};
use crate::engine::Engine;
use crate::engine::container::health::{HealthCheck, LIMIT};
use crate::engine::container::start;
use crate::engine::process::{Command, Finished};
use serde_json::Value;
use std::collections::BTreeMap;

/// What brings a stack up, without waiting for it.
pub(crate) const UP: [&str; 4] = ["up", "--detach", "--no-build", "--quiet-pull"];

impl Plan {
    /// Starts the services that wait for nothing that is built, to be done beside the build. Whatever comes of it, [`Stack::launch`]
    /// finds it and tells.
    ///
    /// [`Stack::launch`]: super::Stack::launch
    pub async fn start_early(&self, engine: &Engine, doing: &dyn Fn(String)) {
        let services = self.model.get("services").and_then(Value::as_object);
        let early = services.map(independent).unwrap_or_default();
        if early.is_empty() || self.builds.is_empty() {
            return;
        }
        doing(format!("start {}", early.join(", ")));
        let none = BTreeMap::new();
        if let Ok(expected) = self.expected(engine, &none).await
            && let Ok(command) = self.command(engine, "early.json", &none, &expected)
        {
            let _ = command.args(UP).args(early).limit(LIMIT).run().await;
        }
    }

    /// Writes the model that is run, and makes the command of the tool that works on it, but for what is to be done.
    pub(super) fn command(
        &self,
        engine: &Engine,
        name: &str,
        images: &BTreeMap<String, String>,
        expected: &BTreeMap<String, Expected>,
    ) -> Result<Command, StackError> {
        let project = project(engine);
        let health: BTreeMap<String, HealthCheck> = expected
            .iter()
            .filter_map(|(name, expected)| Some((name.clone(), expected.health.clone()?.here(&self.pace))))
            .collect();
        let to =
            Rewrite { project: &project, labels: &engine.run.labels(), images, health: &health, limits: engine.limits };
        let model = rewrite(&self.model, &to).to_string();
        let file = self.folder.path().join(name);
        let variables = self.folder.path().join("none.env");
        for (path, text) in [(&file, model.as_str()), (&variables, "")] {
            std::fs::write(path, text).map_err(|cause| StackError::Unwritten { path: path.clone(), cause })?;
        }
        Ok(engine
            .cli
            .command(["compose", "--ansi", "never", "--project-name", &project])
            .arg("--project-directory")
            .arg(&self.directory)
            .arg("--env-file")
            .arg(&variables)
            .arg("-f")
            .arg(&file)
            .keep(64 << 10))
    }

    pub(super) async fn expected(
        &self,
        engine: &Engine,
        built: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Expected>, StackError> {
        let mut all = BTreeMap::new();
        let services = || self.model.get("services").and_then(Value::as_object).into_iter().flatten();
        let longest = engine.limits.start.unwrap_or(LIMIT);
        for (name, service) in services() {
            let mut check = self.health.get(name).cloned();
            if let Some(image) = built.get(name) {
                let found = images::inspect(engine, image).await;
                let gone = |why: &str| StackError::ImageGone { image: image.clone(), why: why.to_owned() };
                check = found.map_err(|fault| gone(fault.reason()))?;
            }
            all.insert(
                name.clone(),
                Expected {
                    health: HealthCheck::of_service(service, check.as_ref())
                        .map(|check| check.at_most(engine.limits.start)),
                    publishes: service.get("ports").and_then(Value::as_array).is_some_and(|ports| !ports.is_empty()),
                    is_shut_in: is_shut_in(&self.model, service),
                    replicas: replicas(service),
                    ends_within: services().any(|(_, other)| waits_for_end(other, name)).then_some(longest),
                    needs: needs(service),
                },
            );
        }
        Ok(all)
    }
}

pub(crate) fn project(engine: &Engine) -> String {
    format!("grader-{}", engine.run.id)
}

/// How `docker compose up` ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UpEnd {
    /// Everything is started.
    Well,
    /// It could not start everything, and what it said.
    Failed(String),
}

/// What `docker compose up` says at its end.
pub(crate) fn end(finished: &Finished, project: &str) -> Result<UpEnd, StackError> {
    if finished.status.success() {
        return Ok(UpEnd::Well);
    }
    let said = finished.stderr.text();
    let progress = [" Container ", " Network ", " Volume ", "time="];
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.trim().is_empty() && !progress.iter().any(|start| line.starts_with(start)))
        .collect();
    let message = lines.last().copied().unwrap_or("it gave no reason").trim();
    let message = message.strip_prefix("Error response from daemon: ").unwrap_or(message);
    let message: String = by_service(&message.replace(&format!("{project}-"), "")).chars().take(500).collect();
    if start::fault(&message) == start::StartFault::Machine {
        return Err(StackError::Up(message));
    }
    Ok(UpEnd::Failed(start::explained(&start::short(&message))))
}

/// Names a service in place of its container: `container redis-1 is unhealthy`.
fn by_service(message: &str) -> String {
    let Some((before, rest)) = message.split_once("container ") else { return message.to_owned() };
    let (name, after) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
    match name.rsplit_once('-') {
        Some((service, number)) if number.parse::<u32>().is_ok() => format!("{before}`{service}`{after}"),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_called_by_their_names() {
        for (said, told) in [
            (
                "dependency failed to start: container my-redis-1 has no healthcheck configured",
                "dependency failed to start: `my-redis` has no healthcheck configured",
            ),
            ("container redis-12 exited (1)", "`redis` exited (1)"),
            ("a container of somebody", "a container of somebody"),
            ("container", "container"),
            ("container ", "container "),
        ] {
            assert_eq!(by_service(said), told);
        }
    }
}
