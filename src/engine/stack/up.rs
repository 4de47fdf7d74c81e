//! Brings a stack up with `docker compose up`, and watches it meanwhile.

use super::health::{Health, LIMIT};
use super::images;
use super::images::Image;
use super::plan::Plan;
use super::ready::Expected;
use super::rewrite::{Rewrite, rewrite};
use super::running::Stack;
use crate::engine::Engine;
use crate::engine::container::start;
use crate::engine::process::{Command, Finished};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What brings a stack up, without waiting for it.
pub(crate) const UP: [&str; 4] = ["up", "--detach", "--no-build", "--quiet-pull"];

impl Plan {
    /// Starts the services that wait for nothing that is built, to be done beside the build. Whatever comes of it, [`Plan::up`]
    /// finds it and tells.
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

    /// Brings the stack up with these images in place of what is built, by service, and watches it until every service is
    /// ready or never will be. The error is the machine's fault, in a sentence.
    pub async fn up(
        self,
        engine: &Engine,
        images: &BTreeMap<String, String>,
        doing: &dyn Fn(String),
    ) -> Result<Stack, String> {
        let expected = self.expected(engine, images).await?;
        let command = self.command(engine, "compose.json", images, &expected)?;
        let mut stack = Stack::new(engine.clone(), command, expected, self);
        stack.start(None, doing).await.map(|()| stack)
    }

    /// Writes the model that is run, and makes the command of the tool that works on it, but for what is to be done.
    fn command(
        &self,
        engine: &Engine,
        name: &str,
        images: &BTreeMap<String, String>,
        expected: &BTreeMap<String, Expected>,
    ) -> Result<Command, String> {
        let project = project(engine);
        let health: BTreeMap<String, Health> =
            expected.iter().filter_map(|(name, expected)| Some((name.clone(), expected.health?))).collect();
        let to =
            Rewrite { project: &project, labels: &engine.run.labels(), images, health: &health, limits: engine.limits };
        let model = rewrite(&self.model, &to).to_string();
        let file = self.folder.path().join(name);
        let variables = self.folder.path().join("none.env");
        for (path, text) in [(&file, model.as_str()), (&variables, "")] {
            std::fs::write(path, text).map_err(|error| format!("{} could not be written: {error}", path.display()))?;
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

    async fn expected(
        &self,
        engine: &Engine,
        built: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Expected>, String> {
        let mut all = BTreeMap::new();
        let services = || self.model.get("services").and_then(Value::as_object).into_iter().flatten();
        let longest = engine.limits.start.unwrap_or(LIMIT);
        for (name, service) in services() {
            let mut check = self.health.get(name).cloned();
            if let Some(image) = built.get(name) {
                check = match images::inspect(engine, image).await {
                    Image::There(check) => *check,
                    Image::Missing(why) | Image::Machine(why) => {
                        return Err(format!("the built image {image} is gone: {why}"));
                    }
                };
            }
            all.insert(
                name.clone(),
                Expected {
                    health: Health::of(service, check.as_ref()).map(|health| health.at_most(longest)),
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

/// How many containers a service of the model has.
pub(crate) fn replicas(service: &Value) -> usize {
    let replicas = service.get("deploy").and_then(|deploy| deploy.get("replicas")).or(service.get("scale"));
    replicas.and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok()).unwrap_or(1)
}

/// The services that a service waits for, and whether for more than their start. What is not required holds nothing up.
fn needs(service: &Value) -> Vec<(String, bool)> {
    let needed = service.get("depends_on").and_then(Value::as_object).into_iter().flatten();
    let required = needed.filter(|(_, need)| need.get("required").and_then(Value::as_bool) != Some(false));
    let is_strict = |need: &Value| need.get("condition").and_then(Value::as_str) != Some("service_started");
    required.map(|(name, need)| (name.clone(), is_strict(need))).collect()
}

/// Whether a service publishes a port, but is only on networks that are `internal`, or on none.
fn is_shut_in(model: &Value, service: &Value) -> bool {
    let publishes = service.get("ports").and_then(Value::as_array).is_some_and(|ports| !ports.is_empty());
    let is_internal = |name: &String| {
        let network = model.get("networks").and_then(|networks| networks.get(name));
        network.and_then(|network| network.get("internal")).and_then(Value::as_bool) == Some(true)
    };
    let networks = service.get("networks").and_then(Value::as_object).filter(|networks| !networks.is_empty());
    let on_none = service.get("network_mode").and_then(Value::as_str) == Some("none");
    publishes && (on_none || networks.is_some_and(|networks| networks.keys().all(is_internal)))
}

/// Whether a service waits for the end of another.
fn waits_for_end(service: &Value, other: &str) -> bool {
    let condition = service.get("depends_on").and_then(|needs| needs.get(other)?.get("condition"));
    condition.and_then(Value::as_str) == Some("service_completed_successfully")
}

pub(crate) fn project(engine: &Engine) -> String {
    format!("grader-{}", engine.run.id)
}

/// The services that are not built and wait for none that is. What runs already when all are started runs no command
/// after its start again, so whether that fails would be missed.
fn independent(services: &Map<String, Value>) -> Vec<&str> {
    let needs = |service: &Value, late: &BTreeSet<&str>| {
        let mut needed = service.get("depends_on").and_then(Value::as_object).into_iter().flat_map(Map::keys);
        let has_hooks = service.get("post_start").and_then(Value::as_array).is_some_and(|hooks| !hooks.is_empty());
        has_hooks || service.get("build").is_some() || needed.any(|name| late.contains(name.as_str()))
    };
    let mut late = BTreeSet::new();
    loop {
        let before = late.len();
        for (name, service) in services {
            if !late.contains(name.as_str()) && needs(service, &late) {
                late.insert(name.as_str());
            }
        }
        if late.len() == before {
            return services.keys().map(String::as_str).filter(|name| !late.contains(name)).collect();
        }
    }
}

/// How `docker compose up` ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// Everything is started.
    Well,
    /// It could not start everything, and what it said.
    Failed(String),
}

/// What `docker compose up` says at its end; the error is the machine's fault.
pub(crate) fn end(finished: &Finished, project: &str) -> Result<End, String> {
    if finished.status.success() {
        return Ok(End::Well);
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
    if start::fault(&message) == start::Fault::Machine {
        return Err(format!("`docker compose up` failed: {message}"));
    }
    Ok(End::Failed(start::explained(&start::short(&message))))
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

/// Starts the tool.
pub(crate) fn run(command: &Command) -> Result<crate::engine::process::Running, String> {
    command.start().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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

    #[test]
    fn what_waits_for_no_build_can_start_early() {
        let services = json!({
            "api": {"build": {}, "depends_on": {"redis": {}}},
            "redis": {"depends_on": {"init": {}}},
            "init": {},
            "proxy": {"depends_on": {"api": {}}},
            "after": {"depends_on": {"proxy": {}, "redis": {}}},
            "hooked": {"post_start": [{"command": ["true"]}]},
            "plain": {"post_start": []},
        });
        assert_eq!(independent(services.as_object().unwrap()), ["init", "plain", "redis"]);
    }
}
