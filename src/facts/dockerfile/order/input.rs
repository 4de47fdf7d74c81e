//! What a layer is made of besides its command: copied and mounted files, and whether these only list packages.

use super::installation::is_package;
use crate::dockerfile::Span;
use crate::dockerignore::Ignore;

/// The files that a build can copy.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sent<'a> {
    /// All files of the repository; none where they are not known.
    pub files: &'a [String],
    /// The build context, a folder of it.
    pub folder: &'a str,
    /// What leaves some of them out.
    pub ignore: Option<&'a Ignore>,
}

impl Sent<'_> {
    /// The files that a path of the build context means, relative to it: itself, those in the folder, those that the
    /// pattern fits.
    fn under(&self, path: &str) -> Vec<&str> {
        let folder = clean(self.folder);
        let (path, is_sent) =
            (clean(path), |file: &&str| self.ignore.is_none_or(|ignore| matches!(ignore.excludes(file), Ok(None))));
        let inside = self.files.iter().filter_map(|file| match folder {
            "" => Some(file.as_str()),
            folder => file.strip_prefix(folder)?.strip_prefix('/'),
        });
        inside.filter(|file| is_within(file, path)).filter(is_sent).collect()
    }

    /// Whether a file is in the build context; unknown where its files are.
    pub fn has(&self, is_it: impl Fn(&str) -> bool) -> Option<bool> {
        (!self.files.is_empty()).then(|| self.under("").into_iter().any(is_it))
    }
}

/// Whether a file is what a path or a pattern means, or inside.
fn is_within(file: &str, path: &str) -> bool {
    if path.is_empty() {
        return true;
    }
    let mut names = file.split('/');
    path.split('/').all(|pattern| names.next().is_some_and(|name| fits(pattern, name)))
}

/// Whether a name fits a pattern of `*` and `?`; a set such as `[k]` fits what it begins with.
fn fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().filter(|c| !matches!(c, '[' | ']')).collect();
    // Which parts of the pattern may be behind: those reached after each character.
    let mut reached = vec![false; pattern.len() + 1];
    let skip_stars = |reached: &mut Vec<bool>| {
        for index in 0..pattern.len() {
            let is_star = pattern.get(index) == Some(&'*') && reached.get(index) == Some(&true);
            if let Some(next) = reached.get_mut(index + 1).filter(|_| is_star) {
                *next = true;
            }
        }
    };
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    skip_stars(&mut reached);
    for c in name.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (index, wanted) in pattern.iter().enumerate().filter(|(index, _)| reached.get(*index) == Some(&true)) {
            let to = if *wanted == '*' { index } else { index + 1 };
            if let Some(next) = next.get_mut(to).filter(|_| matches!(wanted, '*' | '?') || *wanted == c) {
                *next = true;
            }
        }
        reached = next;
        skip_stars(&mut reached);
    }
    reached.last() == Some(&true)
}

/// One path that came into a stage, or is mounted into a command, and is no list of packages by its name.
#[derive(Debug, Clone)]
pub(super) struct LayerInput {
    /// The instruction.
    pub span: Span,
    /// The path where it is taken from.
    pub path: String,
    /// Where to, absolute.
    pub destination: String,
    /// The files in the build context that it means; none where they are not known, or it is not taken from there.
    pub files: Option<FoundFiles>,
    /// Others that the same instruction brings are lists.
    pub is_beside_lists: bool,
}

/// The files that a path means.
#[derive(Debug, Clone)]
pub(super) struct FoundFiles {
    /// The names of the first of them that are no lists.
    others: Vec<String>,
    /// There are more of these.
    has_more: bool,
}

/// How many files that are no lists are kept by name: no installation names more.
const MOST_OTHERS: usize = 20;

impl FoundFiles {
    /// What a path of the build context means.
    pub fn of(path: &str, sent: &Sent<'_>) -> Option<Self> {
        let files = sent.under(path);
        if files.is_empty() {
            return None;
        }
        let mut others = files.iter().map(|file| last(file)).filter(|file| !is_list(file));
        let kept = others.by_ref().take(MOST_OTHERS).map(str::to_owned).collect();
        Some(Self { others: kept, has_more: others.next().is_some() })
    }

    /// Whether all of them list packages, these included that a command names.
    fn are_lists(&self, named: &[String]) -> bool {
        let is_named = |file: &String| named.iter().any(|name| last(clean(name)) == file);
        !self.has_more && self.others.iter().all(|file| is_text(file) || is_named(file))
    }
}

impl LayerInput {
    /// Whether a change of the source changes it, seen from a command that installs from these files and folders.
    pub fn is_source(&self, named: &[String], folders: &[String]) -> bool {
        let path = clean(&self.path);
        let only_lists = |files: &FoundFiles| files.are_lists(named);
        if path.is_empty() || path == "*" {
            // A `.dockerignore` may let nothing but lists in.
            return !self.files.as_ref().is_some_and(only_lists);
        }
        if self.is_beside_lists && is_text(path) {
            return false;
        }
        let (own, destination) = (last(path), last(clean(&self.destination)));
        let is_own = |file: &String| {
            let file = last(clean(file));
            file == own || file == destination
        };
        if named.iter().any(is_own) {
            return !self.files.as_ref().is_none_or(only_lists);
        }
        let is_folder = |folder: &String| {
            let folder = last(clean(folder));
            !folder.is_empty() && (folder == own || folder == destination)
        };
        if folders.iter().any(is_folder) {
            return false;
        }
        // A folder of lists under another name.
        let whole = clean(&self.destination);
        let is_inside = |file: &String| {
            let file = clean(file);
            let is_below = !whole.is_empty() && file.strip_prefix(whole).is_some_and(|rest| rest.starts_with('/'));
            is_below || file.rsplit('/').nth(1).is_some_and(|folder| folder == own || folder == destination)
        };
        !(named.iter().any(is_inside) && self.files.as_ref().is_some_and(only_lists))
    }
}

/// How the names of files and folders begin that say which packages there are, and how to get them.
const LISTS: [&str; 66] = [
    "requirements",
    "reqs",
    "deps",
    "dependencies",
    "constraints",
    "pyproject.toml",
    "poetry.lock",
    "poetry.toml",
    "pipfile",
    "setup.py",
    "setup.cfg",
    "uv.lock",
    "uv.toml",
    "pdm.lock",
    "pdm.toml",
    "pylock",
    "environment.y",
    "conda-",
    ".python-version",
    "pip.conf",
    "wheels",
    "wheelhouse",
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    ".yarn",
    ".npmrc",
    ".nvmrc",
    ".pnp",
    "pnpm-",
    "bun.lock",
    "bunfig.toml",
    "lerna.json",
    "turbo.json",
    "nx.json",
    "tsconfig",
    "patches",
    "prisma",
    "node_modules",
    "go.mod",
    "go.sum",
    "go.work",
    "vendor",
    "pom.xml",
    "mvnw",
    ".mvn",
    "build.gradle",
    "settings.gradle",
    "gradle",
    "build.sbt",
    "gemfile",
    ".ruby-version",
    ".bundle",
    "composer.",
    "symfony.lock",
    "cargo.",
    ".cargo",
    "rust-toolchain",
    "recipe.json",
    "global.json",
    "nuget.config",
    "directory.",
    "packages.lock.json",
    ".venv",
    "venv",
];
/// More of them, of which fewer are met.
const MORE_LISTS: [&str; 9] = [
    "mix.exs",
    "mix.lock",
    "pubspec.",
    "package.swift",
    "package.resolved",
    ".tool-versions",
    "readme",
    "license",
    "licence",
];
/// How they end.
const ENDINGS: [&str; 9] =
    [".csproj", ".fsproj", ".vbproj", ".sln", ".slnx", ".gemspec", ".lock", ".gradle", ".gradle.kts"];
/// Patterns of which only lists are expected.
const PATTERNS: [&str; 9] = ["*.txt", "*.toml", "*.json", "*.in", "*.mod", "*.sum", "*.xml", "*.lock", "go.*"];
/// What is written in a language is none, whatever it is called.
const CODE: [&str; 14] =
    [".py", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".go", ".java", ".kt", ".rb", ".php", ".rs", ".cs"];

/// Whether a path only says which packages there are: by its last part.
pub(super) fn is_list(path: &str) -> bool {
    let name = last(clean(path)).to_ascii_lowercase();
    // `yarn.loc[k]` copies it only where it is there; `*requirements.txt` is one as well.
    let plain: String = name.chars().filter(|c| !matches!(c, '[' | ']')).collect();
    if PATTERNS.contains(&plain.as_str()) {
        return true;
    }
    let plain = plain.trim_start_matches('*');
    let is_code = CODE.iter().any(|ending| plain.ends_with(ending))
        && !plain.starts_with("setup.py")
        && !plain.starts_with(".pnp");
    if plain.is_empty() || is_code {
        return false;
    }
    let all = || LISTS.iter().chain(&MORE_LISTS);
    // Of a pattern, what is before its first star: `package*.json`.
    let before = plain.split_once('*').map(|(before, _)| before).filter(|before| before.len() > 2);
    all().any(|list| plain.starts_with(list))
        || before.is_some_and(|before| all().any(|list| list.starts_with(before)))
        || ENDINGS.iter().any(|ending| plain.trim_end_matches('*').ends_with(ending))
        || is_package(plain)
}

/// A text that a list may include.
fn is_text(path: &str) -> bool {
    [".txt", ".in", ".pip"].iter().any(|ending| path.ends_with(ending))
}

/// A path without what does not change it.
pub(super) fn clean(path: &str) -> &str {
    let mut path = path;
    while let Some(rest) = path.strip_prefix("./").or_else(|| path.strip_prefix('/')) {
        path = rest;
    }
    let mut path = path.trim_end_matches('/');
    while let Some(rest) = path.strip_suffix("/.") {
        path = rest.trim_end_matches('/');
    }
    if path == "." { "" } else { path }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_known_by_their_names() {
        for path in [
            "requirements.txt",
            "./requirements/",
            "app/requirements-dev.txt",
            "package*.json",
            "yarn.loc[k]",
            "*.csproj",
            "pnpm-lock.yaml*",
            "requirements*.txt",
            "dist/*.whl",
            "go.*",
            "Gemfile.lock",
            "*requirements.txt",
            "Cargo.toml",
            ".mvn/",
        ] {
            assert!(is_list(path), "{path}");
        }
        for path in
            [".", "./", "app", "src/", "*", "*.py", "requirements_parser.py", "package", "main.go", "p*", "data.json"]
        {
            assert!(!is_list(path), "{path}");
        }
    }

    #[test]
    fn patterns_fit_names() {
        for (pattern, name, expected) in [
            ("*.txt", "a.txt", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
            ("yarn.loc[k]", "yarn.lock", true),
            ("?", "ab", false),
            ("a", "a", true),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
