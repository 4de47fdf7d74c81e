//! `include`: the services of other files, whose paths are relative to them.

use super::super::value::{At, Data, Entry, Map, Value};
use super::super::{Kind, canonical, decode, env};
use super::{LoadContext, Loader, beside, is_map, path_from, texts};
use crate::place::Place;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What a file can bring: sections of names.
const SECTIONS: [&str; 5] = ["services", "volumes", "networks", "secrets", "configs"];

/// Keys whose long form is never as written: a service with one of them is never the same as an included one.
const CHANGED: [&str; 9] =
    ["build", "configs", "depends_on", "develop", "env_file", "networks", "ports", "secrets", "volumes"];

impl Loader<'_> {
    /// Adds what the files bring that `include` names.
    pub(super) fn include(&mut self, own: &mut Value, context: &LoadContext) {
        let Some(entry) = own.map_mut().and_then(|map| map.remove("include")) else { return };
        let items = match entry.value.data {
            Data::Null => return,
            Data::List(items) => items,
            _ => {
                let hint = entry.value.text().map(|path| format!("; write `- {path}` under it")).unwrap_or_default();
                return self.say(entry.key, format!("`include` must be a list{hint}"));
            }
        };
        // What was included, and not written here.
        let mut brought: BTreeSet<(&'static str, String)> = BTreeSet::new();
        for item in items {
            if item.text().is_none() && !is_map(&item) {
                self.say(item.at, format!("an item of `include` must be a path or a map, not {}", item.kind()));
                continue;
            }
            if let Some((at, message)) = misformed(&item) {
                self.say(at, message);
                continue;
            }
            let paths = if is_map(&item) { item.get("path") } else { Some(&item) };
            let Some(included) = self.included(&item, &texts(paths), context) else { continue };
            self.import(own, included, &mut brought);
        }
    }

    /// The model of one item.
    fn included(&mut self, item: &Value, paths: &[(&str, At)], context: &LoadContext) -> Option<Value> {
        let found: Vec<(String, At)> =
            paths.iter().filter_map(|(path, at)| Some((path_from(&context.directory, path)?, *at))).collect();
        let (first, at) = found.first()?.clone();
        if context.included.contains(&first) {
            self.say(at, format!("{first} includes itself, by way of others; take one `include` out"));
            return None;
        }
        if self.is_full() {
            return None;
        }
        // Several files make one project, whose place is that of the first.
        let own = first.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
        let long = item.get("project_directory").and_then(Value::text).filter(|text| !text.is_empty());
        let directory = long.and_then(|long| path_from(&context.directory, long)).unwrap_or(own);
        let env = self.variables_of(item, &directory, context);
        let mut included = context.included.clone();
        included.push(first);
        let context = LoadContext { directory, kind: Kind::Included, env: Rc::new(env), included };
        let mut model = canonical::empty(at);
        for (path, at) in found {
            let named = self.place(at);
            self.lay(&mut model, &path, Some(named), &context);
        }
        self.stage(|wrong| decode::check(&model, wrong));
        Some(model)
    }

    /// Its own variables, below those that are known already.
    fn variables_of(&mut self, item: &Value, directory: &str, context: &LoadContext) -> env::Env {
        let mut known = context.env.as_ref().clone();
        let named = texts(item.get("env_file"));
        let mut files: Vec<(String, Option<At>)> =
            named.iter().filter_map(|(path, at)| Some((path_from(&context.directory, path)?, Some(*at)))).collect();
        if named.is_empty() {
            files.push((beside(directory, ".env"), None));
        }
        for (path, at) in files {
            match (self.read)(&path) {
                Ok(Some(bytes)) => match env::read(&bytes) {
                    Ok(more) => {
                        for (name, value) in more {
                            known.entry(name).or_insert(value);
                        }
                    }
                    Err((line, message)) => self.problem(Place::line(path, line), message),
                },
                Ok(None) => {
                    if let Some(at) = at {
                        self.say(at, format!("the file {path} doesn't exist"));
                    }
                }
                Err(_) => {}
            }
        }
        known
    }

    fn import(&mut self, own: &mut Value, included: Value, brought: &mut BTreeSet<(&'static str, String)>) {
        let Data::Map(mut sections) = included.data else { return };
        for section in SECTIONS {
            let Some(Entry { key, value }) = sections.remove(section) else { continue };
            let Data::Map(named) = value.data else { continue };
            let Some(map) = own.map_mut() else { return };
            let target = map
                .entry(section.to_owned())
                .or_insert_with(|| Entry { key, value: Value { data: Data::Map(Map::new()), at: value.at } });
            let Some(target) = target.value.map_mut() else { continue };
            let mut clashes = Vec::new();
            for (name, entry) in named {
                match target.get(&name) {
                    None => {
                        target.insert(name.clone(), entry);
                        brought.insert((section, name));
                    }
                    Some(known) => {
                        let is_brought = brought.contains(&(section, name.clone()));
                        if !is_same(&known.value, &entry.value, is_brought, &|at| self.directory_of(at)) {
                            clashes.push((known.key, name, entry.key));
                        }
                    }
                }
            }
            for (at, name, other) in clashes {
                let kind = section.strip_suffix('s').unwrap_or(section);
                let other = self.place(other);
                self.say(at, format!("the {kind} `{name}` is in {other}, too, which is included; rename one of them"));
            }
        }
    }

    fn directory_of(&self, at: At) -> String {
        self.compose.files.get(at.file).map(|file| file.directory.clone()).unwrap_or_default()
    }
}

/// What is wrong with the long form of an item.
fn misformed(item: &Value) -> Option<(At, String)> {
    item.map()?.iter().find_map(|(key, entry)| {
        let is_text = |value: &Value| value.text().is_some();
        let value = &entry.value;
        let (is_well, wanted) = match key.as_str() {
            "project_directory" => (is_text(value) || matches!(value.data, Data::Int(_) | Data::Null), "a path"),
            "path" | "env_file" => {
                let is_list = value.list().is_some_and(|items| items.iter().all(is_text));
                (is_text(value) || is_list || value.is_null(), "a path or a list of paths")
            }
            _ => (true, ""),
        };
        (!is_well).then(|| (entry.key, format!("the `{key}` of an `include` must be {wanted}, not {}", value.kind())))
    })
}

/// Whether Compose takes two for the same. Their paths are made absolute, and long forms of what is included.
fn is_same(one: &Value, other: &Value, is_brought: bool, directory: &dyn Fn(At) -> String) -> bool {
    let has_paths = CHANGED.iter().any(|key| one.get(key).is_some() || other.get(key).is_some());
    let is_alike = !has_paths || (is_brought && directory(one.at) == directory(other.at));
    is_alike && one.fingerprint() == other.fingerprint()
}
