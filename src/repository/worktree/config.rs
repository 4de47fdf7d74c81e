//! The few settings of git that decide what it ignores. Nothing that a configuration names is run.

use std::path::{Path, PathBuf};

/// The longest configuration file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// How deep files may include others.
const MAX_INCLUDES: usize = 5;

/// What the configuration files say. A later file wins.
#[derive(Debug, Default)]
pub(super) struct GitSettings {
    /// `core.ignoreCase`: small and capital letters are the same.
    pub fold: bool,
    /// `core.excludesFile`, if it is set.
    pub excludes: Option<PathBuf>,
    /// `core.worktree`: a submodule's.
    pub worktree: Option<PathBuf>,
    /// `extensions.objectFormat` is SHA-256.
    pub sha256: bool,
    /// The files that `include` and `includeIf` name, as written.
    pub includes: Vec<PathBuf>,
}

impl GitSettings {
    /// Reads the system's and the user's configuration, then that of a repository.
    pub(super) fn read(common: Option<&Path>) -> Self {
        let mut settings = Self::default();
        let system = cfg!(unix).then(|| PathBuf::from("/etc/gitconfig"));
        let own = home().map(|home| home.join(".gitconfig"));
        let files = [system, config_folder().map(|folder| folder.join("config")), own];
        for file in files.into_iter().flatten().chain(common.map(|common| common.join("config"))) {
            settings.file(&file, MAX_INCLUDES);
        }
        settings
    }

    /// Reads one file, and nothing that it includes.
    pub(super) fn of(file: &Path) -> Self {
        let mut settings = Self::default();
        settings.file(file, 0);
        settings
    }

    /// The file of patterns that hold in all repositories, by its setting or at its usual place.
    pub(super) fn excludes_file(&self) -> Option<PathBuf> {
        self.excludes.clone().or_else(|| config_folder().map(|folder| folder.join("ignore")))
    }

    fn file(&mut self, path: &Path, includes: usize) {
        let Some(bytes) = super::plain(path, MAX_BYTES) else { return };
        for (key, value) in settings(&String::from_utf8_lossy(&bytes)) {
            match (key.as_str(), value) {
                ("core.ignorecase", value) => {
                    let value = value.map(|value| value.to_ascii_lowercase());
                    self.fold = value.is_none_or(|value| matches!(value.as_str(), "true" | "yes" | "on" | "1"));
                }
                ("core.excludesfile", Some(value)) => self.excludes = Some(full(&value)),
                ("core.worktree", Some(value)) => self.worktree = Some(full(&value)),
                ("extensions.objectformat", Some(value)) => self.sha256 = value.eq_ignore_ascii_case("sha256"),
                ("include.path" | "includeif.path", Some(value)) if includes == 0 => self.includes.push(full(&value)),
                ("include.path", Some(value)) if includes > 0 => {
                    let file = path.parent().unwrap_or(Path::new("")).join(full(&value));
                    self.file(&file, includes - 1);
                }
                _ => {}
            }
        }
    }
}

/// With the home directory in the place of `~`.
fn full(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

fn absolute(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn home() -> Option<PathBuf> {
    absolute("HOME").or_else(|| absolute("USERPROFILE"))
}

/// Where git keeps what is the user's.
fn config_folder() -> Option<PathBuf> {
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| home().map(|home| home.join(".config")));
    folder.map(|folder| folder.join("git"))
}

/// The settings of a file in their order, by `section.key` in small letters. Those of subsections are left out.
fn settings(text: &str) -> Vec<(String, Option<String>)> {
    let (mut found, mut section) = (Vec::new(), None);
    let text = text.replace("\\\r\n", "").replace("\\\n", "");
    for line in text.lines() {
        let mut line = line.trim();
        if let Some(rest) = line.strip_prefix('[') {
            let Some((name, rest)) = rest.split_once(']') else { return found };
            let lower = name.trim().to_ascii_lowercase();
            section = if name.contains('"') {
                lower.starts_with("includeif").then(|| "includeif".to_owned())
            } else {
                Some(lower)
            };
            line = rest.trim_start();
        }
        let Some(section) = section.as_ref().filter(|_| !line.is_empty() && !line.starts_with(['#', ';'])) else {
            continue;
        };
        let (key, value) = line.split_once('=').map_or((line, None), |(key, value)| (key, Some(unquoted(value))));
        found.push((format!("{section}.{}", key.trim().to_ascii_lowercase()), value));
    }
    found
}

/// A value without its quotes and its comment.
fn unquoted(text: &str) -> String {
    let (mut value, mut kept, mut is_quoted) = (String::new(), 0, false);
    let mut letters = text.trim_start().chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '#' | ';' if !is_quoted => break,
            '\\' => value.extend(letters.next().map(|next| match next {
                'n' => '\n',
                't' => '\t',
                other => other,
            })),
            other => value.push(other),
        }
        if is_quoted || !letter.is_whitespace() {
            kept = value.len();
        }
    }
    value.truncate(kept);
    value
}

#[cfg(test)]
mod tests {
    use super::settings;

    #[test]
    fn reads_settings_as_git_writes_them() {
        let text = "[core]\n\tignoreCase = true # as on a Mac\n\texcludesFile = \"a b\" ; or not\nbare\n[Include] path = ~/x\\\ny\n\
            [filter \"core\"]\nignoreCase = no\n[core\n";
        let found: Vec<_> = settings(text).into_iter().map(|(key, value)| (key, value.unwrap_or_default())).collect();
        let wanted =
            [("core.ignorecase", "true"), ("core.excludesfile", "a b"), ("core.bare", ""), ("include.path", "~/xy")];
        assert_eq!(found, wanted.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
