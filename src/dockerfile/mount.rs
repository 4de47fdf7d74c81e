//! `RUN --mount=type=…,from=…,target=…`.

use super::csv::csv;
use super::error::{Phase, Unlocated};
use super::suggestion::did_you_mean;

/// A mount as written; variables in it are expanded when the stage is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mount {
    /// Keys in lower case and their values; a key alone, such as `required`, has none.
    pub fields: Vec<(String, Option<String>)>,
}

/// What a mount is, once its variables are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mounted {
    /// `bind`, `cache`, `tmpfs`, `secret` or `ssh`.
    pub kind: String,
    /// The stage or image, if it is not the build context.
    pub from: Option<String>,
    /// The path there.
    pub source: Option<String>,
    /// Where it is seen.
    pub target: Option<String>,
}

impl Mount {
    /// A field's value by the first of its names that is there.
    pub fn get(&self, names: &[&str]) -> Option<&str> {
        self.fields
            .iter()
            .rev()
            .find(|(name, _)| names.contains(&name.as_str()))
            .and_then(|(_, value)| value.as_deref())
    }

    /// The stage or image that it names; variables are not allowed there.
    pub fn from(&self) -> Option<&str> {
        self.get(&["from"]).filter(|from| !from.is_empty())
    }

    pub(super) fn parse(text: &str, at: usize) -> Result<Self, Unlocated> {
        let fault = |message: String| Unlocated::new(Phase::Instruction, at, message);
        let fields = csv(text).map_err(|error| fault(format!("failed to parse csv mounts: {error}")))?;
        let fields = fields.iter().map(|field| match field.split_once('=') {
            Some((key, value)) => (key.to_lowercase(), Some(value.to_owned())),
            None => (field.to_lowercase(), None),
        });
        let mount = Self { fields: fields.collect() };
        for (key, value) in &mount.fields {
            let dollar = value.as_deref().and_then(|value| value.split_once('$'));
            if key == "from" && dollar.is_some_and(|(_, after)| !after.is_empty()) {
                return Err(fault("'from' doesn't support variable expansion, define alias stage instead".to_owned())
                    .help("Name it in a FROM line of its own: FROM image:$VERSION AS name."));
            }
        }
        Ok(mount)
    }

    /// Checks the fields as BuildKit does when it builds the stage. `expand` gives values their variables.
    pub(super) fn resolve(&self, mut expand: impl FnMut(&str) -> Result<String, String>) -> Result<Mounted, String> {
        let mut mounted = Mounted { kind: "bind".to_owned(), from: None, source: None, target: None };
        let (mut id, mut sharing, mut owner) = (false, false, None);
        for (key, value) in &self.fields {
            let unexpected = |kind: &str| format!("unexpected key '{key}' for mount type '{kind}'");
            let keeps_secrets = matches!(mounted.kind.as_str(), "secret" | "ssh");
            let Some(value) = value else {
                match key.as_str() {
                    "readonly" | "ro" | "readwrite" | "rw" => continue,
                    "required" if keeps_secrets => continue,
                    "required" => return Err(unexpected(&mounted.kind)),
                    _ => return Err(format!("invalid field '{key}' must be a key=value pair")),
                }
            };
            let value = expand(value)?;
            let number =
                |radix| u32::from_str_radix(&value, radix).map_err(|_| format!("invalid value {value} for {key}"));
            match key.as_str() {
                "type" => {
                    const KINDS: [&str; 5] = ["bind", "cache", "secret", "ssh", "tmpfs"];
                    mounted.kind = value.to_lowercase();
                    if !KINDS.contains(&mounted.kind.as_str()) {
                        return Err(format!("unsupported mount type {value:?}{}", did_you_mean(&value, &KINDS)));
                    }
                }
                "from" => mounted.from = Some(value).filter(|from| !from.is_empty()),
                "source" | "src" => mounted.source = Some(value).filter(|source| !source.is_empty()),
                "target" | "dst" | "destination" => mounted.target = Some(value).filter(|target| !target.is_empty()),
                "required" if !keeps_secrets => return Err(unexpected(&mounted.kind)),
                "readonly" | "ro" | "readwrite" | "rw" | "required" => {
                    if !BOOLS.contains(&value.as_str()) {
                        return Err(format!("invalid value for {key}: {value}"));
                    }
                }
                "size" if mounted.kind != "tmpfs" => return Err(unexpected(&mounted.kind)),
                "id" => id = !value.is_empty(),
                "sharing" => {
                    const MODES: [&str; 3] = ["locked", "private", "shared"];
                    if !MODES.contains(&value.to_lowercase().as_str()) {
                        return Err(format!("unsupported sharing value {value:?}{}", did_you_mean(&value, &MODES)));
                    }
                    sharing = true;
                }
                "mode" => owner = number(8).map(|_| Some("mode"))?,
                "uid" | "gid" => {
                    owner = number(10).map(|_| owner.or(Some(if key == "uid" { "uid" } else { "gid" })))?;
                }
                "size" | "env" => {}
                _ => return Err(format!("unexpected key '{key}' in '{key}={value}'{}", did_you_mean(key, &KEYS))),
            }
        }
        let Mounted { kind, from, source, target } = &mounted;
        match (kind.as_str(), owner) {
            ("bind" | "tmpfs", Some(owner)) => return Err(format!("{owner} not allowed for {kind:?} type mounts")),
            ("secret", _) if from.is_some() => return Err("secret mount should not have a from".to_owned()),
            ("secret", _) if source.is_none() && target.is_none() && !id => {
                return Err("invalid secret mount. one of source, target required".to_owned());
            }
            ("secret", _) if source.is_some() && id => return Err("both source and id can't be set".to_owned()),
            (kind, _) if sharing && kind != "cache" => {
                return Err(format!("invalid cache sharing set for {kind} mount"));
            }
            _ => {}
        }
        Ok(mounted)
    }
}

/// What Go takes for a truth value.
const BOOLS: [&str; 12] = ["1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"];

const KEYS: [&str; 19] = [
    "destination",
    "dst",
    "env",
    "from",
    "gid",
    "id",
    "mode",
    "readonly",
    "readwrite",
    "required",
    "ro",
    "rw",
    "sharing",
    "size",
    "source",
    "src",
    "target",
    "type",
    "uid",
];

/// Checks `--device=name,required`; the error is a message.
pub(super) fn check_device(text: &str) -> Result<(), String> {
    let mut name: Option<String> = None;
    for field in csv(text).map_err(|error| format!("failed to parse csv devices: {error}"))? {
        let (key, value) = field.split_once('=').map_or((field.as_str(), None), |(key, value)| (key, Some(value)));
        match (key.to_lowercase().as_str(), value, &name) {
            ("required", None, _) => {}
            ("required", Some(value), _) if BOOLS.contains(&value) => {}
            ("required", Some(value), _) => return Err(format!("invalid value for required: {value}")),
            ("name", Some(_), Some(name)) => return Err(format!("device name already set to {name}")),
            ("name", Some(value), None) => name = Some(value.to_owned()),
            (_, _, None) => name = Some(field),
            (_, None, Some(_)) => return Err(format!("invalid field '{field}' must be a key=value pair")),
            (key, Some(_), Some(_)) => {
                return Err(format!("unexpected key '{key}' in '{field}'{}", did_you_mean(key, &["name", "required"])));
            }
        }
    }
    Ok(())
}
