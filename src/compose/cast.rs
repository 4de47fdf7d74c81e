//! Fills variables into a file's values, and makes numbers and truth values of text where Compose wants them
//! (compose-go, `interpolation` and `loader/interpolate.go`).

use super::env::Env;
use super::schema::Wrong;
use super::template;
use super::value::{At, Data, Value};
use super::warnings::Unset;
use std::cell::RefCell;

/// What text is made into.
#[derive(Clone, Copy)]
enum Cast {
    Int,
    Float,
    Bool,
}

/// Where text is cast; `*` is any name, `[]` any item of a list.
const CASTS: &[(&[&str], Cast)] = &[
    (&["services", "*", "configs", "[]", "mode"], Cast::Int),
    (&["services", "*", "cpu_count"], Cast::Int),
    (&["services", "*", "cpu_percent"], Cast::Float),
    (&["services", "*", "cpu_period"], Cast::Int),
    (&["services", "*", "cpu_quota"], Cast::Int),
    (&["services", "*", "cpu_rt_period"], Cast::Int),
    (&["services", "*", "cpu_rt_runtime"], Cast::Int),
    (&["services", "*", "cpus"], Cast::Float),
    (&["services", "*", "cpu_shares"], Cast::Int),
    (&["services", "*", "init"], Cast::Bool),
    (&["services", "*", "deploy", "replicas"], Cast::Int),
    (&["services", "*", "deploy", "update_config", "parallelism"], Cast::Int),
    (&["services", "*", "deploy", "update_config", "max_failure_ratio"], Cast::Float),
    (&["services", "*", "deploy", "rollback_config", "parallelism"], Cast::Int),
    (&["services", "*", "deploy", "rollback_config", "max_failure_ratio"], Cast::Float),
    (&["services", "*", "deploy", "restart_policy", "max_attempts"], Cast::Int),
    (&["services", "*", "deploy", "placement", "max_replicas_per_node"], Cast::Int),
    (&["services", "*", "healthcheck", "retries"], Cast::Int),
    (&["services", "*", "healthcheck", "disable"], Cast::Bool),
    (&["services", "*", "oom_kill_disable"], Cast::Bool),
    (&["services", "*", "oom_score_adj"], Cast::Int),
    (&["services", "*", "pids_limit"], Cast::Int),
    (&["services", "*", "ports", "[]", "target"], Cast::Int),
    (&["services", "*", "privileged"], Cast::Bool),
    (&["services", "*", "read_only"], Cast::Bool),
    (&["services", "*", "scale"], Cast::Int),
    (&["services", "*", "secrets", "[]", "mode"], Cast::Int),
    (&["services", "*", "stdin_open"], Cast::Bool),
    (&["services", "*", "tty"], Cast::Bool),
    (&["services", "*", "ulimits", "*"], Cast::Int),
    (&["services", "*", "ulimits", "*", "hard"], Cast::Int),
    (&["services", "*", "ulimits", "*", "soft"], Cast::Int),
    (&["services", "*", "volumes", "[]", "read_only"], Cast::Bool),
    (&["services", "*", "volumes", "[]", "volume", "nocopy"], Cast::Bool),
    (&["networks", "*", "external"], Cast::Bool),
    (&["networks", "*", "internal"], Cast::Bool),
    (&["networks", "*", "attachable"], Cast::Bool),
    (&["networks", "*", "enable_ipv4"], Cast::Bool),
    (&["networks", "*", "enable_ipv6"], Cast::Bool),
    (&["volumes", "*", "external"], Cast::Bool),
    (&["secrets", "*", "external"], Cast::Bool),
    (&["configs", "*", "external"], Cast::Bool),
];

/// Fills in a file, in place. Variables without a value are noted.
pub(super) fn fill(value: &mut Value, env: &Env, wrong: &mut Vec<Wrong>, unset: &mut Vec<Unset>) {
    let mut spent = 0;
    Filling { env, wrong, unset, spent: &mut spent }.value(value, &mut Vec::new());
}

struct Filling<'a> {
    env: &'a Env,
    wrong: &'a mut Vec<Wrong>,
    unset: &'a mut Vec<Unset>,
    spent: &'a mut usize,
}

/// The text that variables may bring into one file in all, in bytes.
const MAX_FILLED: usize = crate::yaml::MAX_TEXT;

impl Filling<'_> {
    fn value(&mut self, value: &mut Value, path: &mut Vec<String>) {
        let at = value.at;
        match &mut value.data {
            Data::Text(text) => {
                let unset = RefCell::default();
                let filled = template::fill_noting(text, self.env, &unset);
                self.note(at, unset.take(), path);
                let filled = match filled {
                    Ok(filled) if *self.spent + filled.len() <= MAX_FILLED => filled,
                    Ok(_) => return self.say(at, template::TemplateFault::TooLarge.to_string()),
                    Err(fault) => return self.say(at, format!("{} can't be filled in: {fault}", shown(path))),
                };
                *self.spent += filled.len();
                value.data = match cast_of(path) {
                    None => Data::Text(filled),
                    Some(cast) => cast.read(&filled).unwrap_or_else(|wanted| {
                        let from = if filled == *text { String::new() } else { format!(", from `{text}`") };
                        let found = if filled.is_empty() { "empty".to_owned() } else { format!("`{filled}`") };
                        self.say(at, format!("{} must be {wanted}, not {found}{from}", shown(path)));
                        Data::Text(filled)
                    }),
                };
            }
            Data::List(items) => {
                path.push("[]".to_owned());
                for item in items {
                    self.value(item, path);
                }
                path.pop();
            }
            Data::Map(map) => {
                for (key, entry) in map {
                    path.push(key.clone());
                    self.value(&mut entry.value, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, at: At, names: Vec<String>, path: &[String]) {
        // Where a shell in the container reads variables, one of its own was meant perhaps.
        let is_command = path.iter().any(|key| ["command", "entrypoint", "healthcheck"].contains(&key.as_str()));
        for name in names {
            let here = Unset { at, name, is_command };
            match self.unset.iter_mut().find(|known| known.name == here.name) {
                Some(known) if (at.file, at.line) < (known.at.file, known.at.line) => *known = here,
                Some(_) => {}
                None => self.unset.push(here),
            }
        }
    }

    fn say(&mut self, at: At, message: String) {
        self.wrong.push((at, message));
    }
}

/// The last key of a path, quoted.
fn shown(path: &[String]) -> String {
    path.iter().rev().find(|part| *part != "[]").map_or_else(|| "the file".to_owned(), |key| format!("`{key}`"))
}

fn cast_of(path: &[String]) -> Option<Cast> {
    let fits = |pattern: &[&str]| {
        pattern.len() == path.len() && pattern.iter().zip(path).all(|(part, own)| *part == "*" || part == own)
    };
    CASTS.iter().find(|(pattern, _)| fits(pattern)).map(|(_, cast)| *cast)
}

impl Cast {
    /// The value; the error is what is wanted.
    fn read(self, text: &str) -> Result<Data, &'static str> {
        match self {
            Self::Int => whole(text).map(Data::Int).ok_or("a whole number"),
            Self::Float => number(text).map(Data::Float).ok_or("a number"),
            Self::Bool => truth(text).map(Data::Bool).ok_or("true or false"),
        }
    }
}

/// A whole number of 64 bits.
pub(super) fn whole(text: &str) -> Option<i128> {
    text.parse::<i64>().ok().map(i128::from)
}

/// A number as Go reads it.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    text.parse::<f64>().ok().filter(|number| is_number && number.is_finite())
}

/// `true`, `yes`, `on` and their like.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some(true),
        "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}
