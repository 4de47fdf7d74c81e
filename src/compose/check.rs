//! What Compose would refuse, found without it: unknown keys, and names that nothing stands for.

use super::{Compose, Problem, Service, keys};
use crate::place::Place;
use crate::yaml::Node;

/// How many problems are told.
const MAX_PROBLEMS: usize = 50;

pub(super) fn check(compose: &Compose) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in &compose.files {
        let Some(tree) = &file.tree else { continue };
        let mut form = Form { path: &file.path, problems: &mut problems };
        form.map(tree, "a Compose file", "Compose files", keys::ROOT);
        form.named(tree, "services", |form, service, name| {
            form.map(service, &format!("the service `{name}`"), "services", keys::SERVICE);
            form.inner(service, "build", keys::BUILD, true);
            form.inner(service, "healthcheck", keys::HEALTHCHECK, false);
        });
        form.named(tree, "volumes", |form, volume, name| form.part(volume, "volume", name, keys::VOLUME));
        form.named(tree, "networks", |form, network, name| form.part(network, "network", name, keys::NETWORK));
    }
    // What a file that can't be read would have said is not missed.
    if compose.files.iter().all(|file| file.tree.is_some()) && problems.is_empty() {
        names(compose, &mut problems);
    }
    problems
}

/// Checks the form of one file.
struct Form<'a> {
    path: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl Form<'_> {
    fn problem(&mut self, span: crate::yaml::Span, message: String) {
        self.problems.push(Problem { message, place: Place::line(self.path, span.line).column(span.column) });
    }

    /// The node is a map with these keys only.
    fn map(&mut self, node: &Node, what: &str, plural: &str, known: &[&str]) {
        let Some(entries) = node.as_map() else {
            return self.problem(node.span, format!("{what} has to be a map of keys and values, not {}", node.kind()));
        };
        for entry in entries {
            if self.problems.len() >= MAX_PROBLEMS {
                return;
            }
            let key = entry.key.as_str();
            if !known.contains(&key) && !key.starts_with("x-") {
                let meant =
                    keys::nearest(key, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                self.problem(entry.key_span, format!("`{key}` is no key of {plural}{meant}"));
            }
        }
    }

    /// A part that may be empty.
    fn part(&mut self, node: &Node, kind: &str, name: &str, known: &[&str]) {
        if !node.is_null() {
            self.map(node, &format!("the {kind} `{name}`"), &format!("{kind}s"), known);
        }
    }

    /// A part of a service, which may have a short form.
    fn inner(&mut self, service: &Node, key: &str, known: &[&str], has_short_form: bool) {
        let Some(node) = service.get(key).filter(|node| node.tag.is_none()) else { return };
        if node.as_map().is_some() || !(has_short_form && node.text().is_some()) {
            self.map(node, &format!("`{key}`"), &format!("`{key}`"), known);
        }
    }

    fn named(&mut self, tree: &Node, key: &str, mut each: impl FnMut(&mut Self, &Node, &str)) {
        let Some(node) = tree.get(key) else { return };
        match node.as_map() {
            Some(entries) => entries.iter().for_each(|entry| each(self, &entry.value, &entry.key)),
            None if node.is_null() && key != "services" => {}
            None => self.problem(node.span, format!("`{key}` has to be a map of names, not {}", node.kind())),
        }
    }
}

fn names(compose: &Compose, problems: &mut Vec<Problem>) {
    let project = &compose.project;
    let mut problem = |place: &Place, message: String| {
        if problems.len() < MAX_PROBLEMS {
            problems.push(Problem { message, place: place.clone() });
        }
    };
    for (name, service) in &project.services {
        let provided = service.keys.contains_key("provider") || service.extends.is_some();
        if service.image.is_none() && service.build.is_none() && !provided {
            problem(&service.place, format!("the service `{name}` has neither `image` nor `build`"));
        }
        for (other, spot) in &service.depends_on {
            if !project.services.contains_key(other) {
                problem(&spot.place, format!("`{name}` depends on a service `{other}` that is not there"));
            }
        }
        for (network, place) in &service.networks {
            if network != "default" && !project.networks.contains_key(network) {
                problem(place, format!("the network `{network}` of `{name}` is not defined under `networks:`"));
            }
        }
        for mount in &service.volumes {
            let Some(source) = mount.value.source.as_ref().filter(|_| mount.value.kind == "volume") else { continue };
            if !project.volumes.contains_key(source) && !source.contains('$') {
                problem(&mount.place, format!("the volume `{source}` of `{name}` is not defined under `volumes:`"));
            }
        }
        forms(name, service, &mut problem);
    }
}

/// What was left out for want of a form that Compose knows.
fn forms(name: &str, service: &Service, problem: &mut dyn FnMut(&Place, String)) {
    if service.healthcheck.as_ref().is_some_and(|check| check.has_test && check.test.is_none()) {
        let place = service.keys.get("healthcheck").unwrap_or(&service.place);
        let forms = "has to be a text, or a list that begins with CMD, CMD-SHELL or NONE";
        problem(place, format!("the `test` of `{name}` {forms}"));
    }
}
