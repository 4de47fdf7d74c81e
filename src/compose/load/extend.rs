//! `extends`: a service takes over what another says, from the same file or another.

use super::super::value::{At, Data, Entry, Map, Value};
use super::super::{Kind, canonical, merge};
use super::resets::{self, Path};
use super::{LoadContext, Loader, is_map, path_from};
use std::rc::Rc;

/// How many services may extend each other in a row.
const MAX_DEPTH: usize = 100;

/// How many values services may take over in all: as many as a file may hold.
pub(in crate::compose) const MAX_TAKEN: usize = super::MAX_VALUES;

/// What an `extends` says.
struct Extends {
    service: String,
    file: Option<String>,
    at: At,
}

/// The services of one file.
#[derive(Clone)]
struct Services {
    /// Their number among those that are filled in.
    number: usize,
    path: Rc<str>,
    directory: Rc<str>,
    resets: Rc<[Path]>,
}

/// The services that extend each other down to one: file and name.
type Trail = Vec<(Rc<str>, String)>;

impl Loader<'_> {
    /// Fills in every service of a file that extends another.
    pub(super) fn extend(&mut self, own: &mut Value, path: &str, resets: &[Path], context: &LoadContext) {
        let at = own.at;
        let Some(entry) = own.map_mut().and_then(|map| map.get_mut("services")) else { return };
        if !is_map(&entry.value) {
            let (place, kind) = (entry.key, entry.value.kind());
            return self.say(place, format!("`services` must be a map of names, not {kind}"));
        }
        let Some(map) = entry.value.map_mut().map(std::mem::take) else { return };
        let names: Vec<String> = map.keys().cloned().collect();
        self.services.push(map);
        let number = self.services.len() - 1;
        let services =
            Services { number, path: path.into(), directory: context.directory.as_str().into(), resets: resets.into() };
        for name in names {
            self.service(&services, &name, &mut Trail::new(), context);
            if self.taken > MAX_TAKEN {
                let at = self.entry(&services, &name).map_or(at, |entry| entry.key);
                let message =
                    format!("services take over more than {MAX_TAKEN} values from others here; the rest is not read");
                self.say(at, message);
                break;
            }
        }
        let map = self.services.get_mut(number).map(std::mem::take).unwrap_or_default();
        if let Some(entry) = own.map_mut().and_then(|map| map.get_mut("services")) {
            entry.value.data = Data::Map(map);
        }
    }

    fn entry(&mut self, services: &Services, name: &str) -> Option<&mut Entry> {
        self.services.get_mut(services.number)?.get_mut(name)
    }

    fn service(&mut self, services: &Services, name: &str, trail: &mut Trail, context: &LoadContext) {
        let Some(entry) = self.entry(services, name) else { return };
        if entry.value.is_null() {
            return;
        }
        if !is_map(&entry.value) {
            let (at, kind) = (entry.key, entry.value.kind());
            return self.say(at, format!("the service `{name}` must be a map of keys and values, not {kind}"));
        }
        let extends = match said(&entry.value) {
            None => return,
            Some(Err((at, message))) => return self.say(at, message),
            Some(Ok(extends)) => extends,
        };
        let own_key = (Rc::clone(&services.path), name.to_owned());
        if trail.contains(&own_key) || trail.len() >= MAX_DEPTH {
            return self.say(extends.at, format!("`{name}` extends itself, by way of others; take one `extends` out"));
        }
        trail.push(own_key);
        let from = match &extends.file {
            None => Some(services.clone()),
            Some(file) => self.other(services, file, &extends, context),
        };
        let base = from.and_then(|from| self.base(&from, &extends, trail, context));
        trail.pop();
        let Some(mut base) = base.filter(is_map) else { return };
        self.taken += base.size();
        let mut path = vec!["services".to_owned(), name.to_owned()];
        resets::apply(&mut base, &services.resets, &mut path);
        let Some(entry) = self.entry(services, name) else { return };
        let own = std::mem::replace(&mut entry.value, canonical::empty(extends.at));
        let at = own.at;
        self.stage(|wrong| merge::lay_over(&mut base, own, &mut path, wrong));
        base.at = at;
        base.map_mut().map(|map| map.remove("extends"));
        if let Some(entry) = self.entry(services, name) {
            entry.value = base;
        }
    }

    /// The service that is extended, filled in itself.
    fn base(&mut self, from: &Services, extends: &Extends, trail: &mut Trail, context: &LoadContext) -> Option<Value> {
        if self.entry(from, &extends.service).is_none() {
            self.say(extends.at, format!("{} has no service `{}` to extend", from.path, extends.service));
            return None;
        }
        self.service(from, &extends.service, trail, context);
        if self.taken > MAX_TAKEN {
            return None;
        }
        self.entry(from, &extends.service).map(|entry| entry.value.clone())
    }

    /// The services of another file.
    fn other(&mut self, services: &Services, file: &str, extends: &Extends, context: &LoadContext) -> Option<Services> {
        // What lies outside is not read; the policy says so.
        let path = path_from(&services.directory, file)?;
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
        let number = if let Some(known) = self.extended.get(&path) {
            *known
        } else {
            if self.is_full() {
                return None;
            }
            let env = Rc::clone(&context.env);
            let context = LoadContext { directory: directory.clone(), kind: Kind::Extended, env, included: Vec::new() };
            let mut model = canonical::empty(extends.at);
            let named = self.place(extends.at);
            self.lay(&mut model, &path, Some(named), &context);
            let services = model.map_mut().and_then(|map| map.remove("services"));
            let map = match services.map(|entry| entry.value.data) {
                Some(Data::Map(map)) => map,
                _ => Map::new(),
            };
            self.services.push(map);
            let number = self.services.len() - 1;
            self.extended.insert(path.clone(), number);
            number
        };
        let resets = Rc::clone(&services.resets);
        Some(Services { number, path: path.into(), directory: directory.into(), resets })
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
        return wrong("`extends` must be the name of a service, or a map with `service`");
    }
    let Some(service) = entry.value.get("service").and_then(Value::text) else {
        return wrong("`extends` has no `service`: which one does it extend?");
    };
    let file = match entry.value.get("file") {
        None => None,
        Some(file) if file.is_null() => None,
        Some(file) => match file.text() {
            Some(file) => Some(file.to_owned()),
            None => return wrong("the `file` of `extends` must be a path"),
        },
    };
    Some(Ok(Extends { service: service.to_owned(), file, at }))
}
