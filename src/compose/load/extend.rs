//! `extends`: a service takes over what another says, from the same file or another.

use super::super::value::{At, Map, Value};
use super::super::{Kind, canonical, merge};
use super::resets::{self, Path};
use super::{Context, Loader, is_map, path_from};
use crate::yaml;
use std::rc::Rc;

/// How many services may extend each other in a row.
const MAX_DEPTH: usize = 100;

/// How many values services may take over in all: as many as a file may hold.
pub(in crate::compose) const MAX_TAKEN: usize = yaml::MAX_NODES;

/// What an `extends` says.
struct Extends {
    service: String,
    file: Option<String>,
    at: At,
}

/// The services of one file.
struct Services<'a> {
    map: &'a mut Map,
    path: &'a str,
    directory: &'a str,
    resets: &'a [Path],
}

impl Loader<'_> {
    /// Fills in every service of a file that extends another.
    pub(super) fn extend(&mut self, own: &mut Value, path: &str, resets: &[Path], context: &Context) {
        let at = own.at;
        let Some(entry) = own.map_mut().and_then(|map| map.get_mut("services")) else { return };
        if !is_map(&entry.value) {
            let (place, kind) = (entry.key, entry.value.kind());
            return self.say(place, format!("`services` has to be a map of names, not {kind}"));
        }
        let Some(map) = entry.value.map_mut() else { return };
        let names: Vec<String> = map.keys().cloned().collect();
        for name in names {
            let mut services = Services { map, path, directory: &context.directory, resets };
            let mut trail = Vec::new();
            self.service(&mut services, &name, &mut trail, context);
            if self.taken > MAX_TAKEN {
                let at = map.get(&name).map_or(at, |entry| entry.key);
                let message = format!("services take over more than {MAX_TAKEN} values from others here; the rest is not read");
                return self.say(at, message);
            }
        }
    }

    fn service(&mut self, services: &mut Services<'_>, name: &str, trail: &mut Vec<(String, String)>, context: &Context) {
        let Some(entry) = services.map.get(name) else { return };
        if entry.value.is_null() {
            return;
        }
        if !is_map(&entry.value) {
            let (at, kind) = (entry.key, entry.value.kind());
            return self.say(at, format!("the service `{name}` has to be a map of keys and values, not {kind}"));
        }
        let extends = match said(&entry.value) {
            None => return,
            Some(Err((at, message))) => return self.say(at, message),
            Some(Ok(extends)) => extends,
        };
        let own_key = (services.path.to_owned(), name.to_owned());
        if trail.contains(&own_key) || trail.len() >= MAX_DEPTH {
            return self.say(extends.at, format!("`{name}` extends itself, by way of others; take one `extends` out"));
        }
        trail.push(own_key);
        let base = match &extends.file {
            None => self.of_same(services, &extends, trail, context),
            Some(file) => self.of_other(services, file, &extends, trail, context),
        };
        trail.pop();
        let Some(mut base) = base.filter(is_map) else { return };
        self.taken += base.size();
        let mut path = vec!["services".to_owned(), name.to_owned()];
        resets::apply(&mut base, services.resets, &mut path);
        let Some(entry) = services.map.get_mut(name) else { return };
        let own = std::mem::replace(&mut entry.value, canonical::empty(extends.at));
        let at = own.at;
        self.stage(|wrong| merge::lay_over(&mut base, own, &mut path, wrong));
        base.at = at;
        base.map_mut().map(|map| map.remove("extends"));
        if let Some(entry) = services.map.get_mut(name) {
            entry.value = base;
        }
    }

    fn of_same(
        &mut self,
        services: &mut Services<'_>,
        extends: &Extends,
        trail: &mut Vec<(String, String)>,
        context: &Context,
    ) -> Option<Value> {
        if !services.map.contains_key(&extends.service) {
            self.say(extends.at, format!("there is no service `{}` to extend in this file", extends.service));
            return None;
        }
        self.service(services, &extends.service, trail, context);
        services.map.get(&extends.service).map(|entry| entry.value.clone())
    }

    fn of_other(
        &mut self,
        services: &Services<'_>,
        file: &str,
        extends: &Extends,
        trail: &mut Vec<(String, String)>,
        context: &Context,
    ) -> Option<Value> {
        // What lies outside is not read; the policy says so.
        let path = path_from(services.directory, file)?;
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
        let known = match self.extended.get(&path) {
            Some(known) => Rc::clone(known),
            None => {
                if self.is_full() {
                    return None;
                }
                let env = Rc::clone(&context.env);
                let context = Context { directory: directory.clone(), kind: Kind::Extended, env, included: Vec::new() };
                let mut model = canonical::empty(extends.at);
                // What it extends itself is filled in by name, below.
                self.extended.insert(path.clone(), Rc::new(Map::new()));
                let named = self.place(extends.at);
                self.lay(&mut model, &path, Some(named), &context);
                let services = model.map_mut().and_then(|map| map.remove("services"));
                let map = services.and_then(|entry| entry.value.map().cloned()).unwrap_or_default();
                let map = Rc::new(map);
                self.extended.insert(path.clone(), Rc::clone(&map));
                map
            }
        };
        if !known.contains_key(&extends.service) {
            self.say(extends.at, format!("there is no service `{}` to extend in {path}", extends.service));
            return None;
        }
        let mut map = known.as_ref().clone();
        let mut others = Services { map: &mut map, path: &path, directory: &directory, resets: services.resets };
        self.service(&mut others, &extends.service, trail, context);
        map.remove(&extends.service).map(|entry| entry.value)
    }
}

/// What a service extends; the error is what is wrong with its `extends`.
fn said(service: &Value) -> Option<Result<Extends, (At, String)>> {
    let entry = service.entry("extends")?;
    let at = entry.key;
    let wrong = |message: &str| Some(Err((at, message.to_owned())));
    if let Some(service) = entry.value.text() {
        return Some(Ok(Extends { service: service.to_owned(), file: None, at }));
    }
    if !is_map(&entry.value) {
        return wrong("`extends` has to be the name of a service, or a map with `service`");
    }
    let Some(service) = entry.value.get("service").and_then(Value::text) else {
        return wrong("`extends` has no `service`: which one does it extend?");
    };
    let file = match entry.value.get("file") {
        None => None,
        Some(file) if file.is_null() => None,
        Some(file) => match file.text() {
            Some(file) => Some(file.to_owned()),
            None => return wrong("the `file` of `extends` has to be a path"),
        },
    };
    Some(Ok(Extends { service: service.to_owned(), file, at }))
}
