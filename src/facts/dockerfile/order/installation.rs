//! Which commands install packages, of which ecosystem, and which files they name.

/// Whose packages: what one tool installs, the others of its ecosystem find there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ecosystem {
    Python,
    Node,
    Go,
    Maven,
    Gradle,
    Ruby,
    Php,
    Rust,
    Dotnet,
    Others,
}

impl Ecosystem {
    /// Where it keeps its packages, if that is a folder that a cache mount may keep out of the layer.
    pub fn store(self) -> &'static [&'static str] {
        match self {
            Self::Go => &["/pkg/mod"],
            Self::Maven => &[".m2"],
            Self::Gradle => &[".gradle"],
            Self::Rust => &["cargo"],
            Self::Dotnet => &[".nuget"],
            Self::Python | Self::Node | Self::Ruby | Self::Php | Self::Others => &[],
        }
    }
}

/// How a command installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// All packages that a list names, whatever is there: `npm ci`, `pip install -r`.
    All,
    /// What is not there yet: `go build`, `uv sync`, `npm install`. After an earlier installation there is little to do.
    Missing,
    /// Packages that the command itself names.
    Named,
    /// The tools that install: `pip install --upgrade pip`.
    Tools,
}

/// A command that installs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Installation {
    pub ecosystem: Ecosystem,
    pub how: How,
    /// The files that it names: lists of requirements, constraints, packages.
    pub files: Vec<String>,
    /// The folders of packages that it names.
    pub folders: Vec<String>,
}

impl Installation {
    /// The same with its paths made absolute.
    pub fn seen_from(mut self, join: impl Fn(&str) -> String) -> Self {
        for path in self.files.iter_mut().chain(&mut self.folders) {
            *path = join(path);
        }
        self
    }
}

/// Tools that install packages and are packages themselves.
const TOOLS: [&str; 16] = [
    "pip",
    "setuptools",
    "wheel",
    "poetry",
    "poetry-core",
    "pipenv",
    "pdm",
    "uv",
    "hatch",
    "virtualenv",
    "pip-tools",
    "build",
    "npm",
    "yarn",
    "pnpm",
    "bundler",
];

/// Options of pip and uv that take a value.
const PIP_VALUES: [&str; 22] = [
    "-i",
    "--index-url",
    "--extra-index-url",
    "-t",
    "--target",
    "--prefix",
    "--root",
    "--cache-dir",
    "--trusted-host",
    "--platform",
    "--python-version",
    "--timeout",
    "--retries",
    "--python",
    "--only-binary",
    "--no-binary",
    "--upgrade-strategy",
    "-w",
    "--wheel-dir",
    "-d",
    "--dest",
    "--config-settings",
];

/// What the command installs, if it installs packages.
pub(super) fn of(words: &[String]) -> Option<Installation> {
    use Ecosystem::{Dotnet, Go, Gradle, Maven, Node, Others, Php, Python, Ruby, Rust};
    use How::{All, Missing, Named};
    let (program, arguments) = words.split_first()?;
    let all: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let plain: Vec<&str> = all.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let has = |flags: &[&str]| all.iter().any(|word| flags.contains(word));
    let (first, second) = (plain.first().copied().unwrap_or_default(), plain.get(1).copied().unwrap_or_default());
    // `missing` without names, else the named.
    let names = |ecosystem, missing| match plain.get(1..).unwrap_or_default() {
        [] => (ecosystem, missing),
        names if names.iter().all(|name| is_tool(name)) => (ecosystem, How::Tools),
        _ => (ecosystem, Named),
    };
    let (ecosystem, how) = match (program.as_str(), first, second) {
        ("pip", "install" | "wheel" | "download", _) => return Some(pip(&all)),
        ("uv", "pip", "install") => return Some(pip(all.get(1..).unwrap_or_default())),
        ("uv", "pip", "sync") | ("pip-sync", ..) => {
            let files = plain.iter().skip_while(|word| matches!(**word, "pip" | "sync")).map(ToString::to_string);
            return Some(Installation { ecosystem: Python, how: All, files: files.collect(), folders: Vec::new() });
        }
        ("uv" | "poetry" | "pdm", "sync", _) | ("poetry" | "pdm", "install" | "update", _) => (Python, Missing),
        ("pipenv", "install" | "sync", _) => names(Python, Missing),
        ("pipx", "install", _) | ("uv", "tool", "install") => (Python, Named),
        ("conda" | "mamba" | "micromamba", "env" | "install" | "create" | "update", _) => {
            let files = values(&all, &["-f", "--file"]);
            let how = if files.is_empty() && first != "env" { Named } else { All };
            return Some(Installation { ecosystem: Python, how, files, folders: Vec::new() });
        }
        ("npm" | "bun", "ci" | "clean-install" | "install-clean", _) | ("pnpm", "fetch", _) => (Node, All),
        ("npm" | "pnpm" | "bun", "install" | "i" | "in" | "add", _) => names(Node, Missing),
        ("yarn", "" | "install", _) if !has(&["--version", "-v", "--help"]) => (Node, Missing),
        ("yarn", "workspaces", "focus") => (Node, Missing),
        ("yarn", "add" | "global", _) => (Node, Named),
        ("go", "mod", "download" | "tidy" | "vendor") => (Go, All),
        ("go", "get", _) => (Go, if second.contains('@') { Named } else { All }),
        ("go", "install", package) if package.contains('@') => (Go, Named),
        ("go", "build" | "install" | "test" | "run" | "vet" | "generate", _) if !has(&["-mod=vendor"]) => (Go, Missing),
        ("mvn" | "mvnw" | "mvnd", ..) if !has(&["-o", "--offline"]) => (Maven, maven(&plain)?),
        ("gradle" | "gradlew", ..) if !has(&["--offline", "--version", "-v"]) => (Gradle, gradle(&plain)?),
        ("sbt", "update", _) => (Maven, All),
        ("sbt", "compile" | "assembly" | "stage" | "package" | "test", _) => (Maven, Missing),
        ("bundle", "" | "install" | "update", _) if !has(&["--version", "-v"]) => (Ruby, Missing),
        ("gem", "install", _) => names(Ruby, Missing),
        ("composer" | "composer.phar", "install" | "update" | "i" | "u", _) => (Php, Missing),
        ("composer" | "composer.phar", "require", _) => (Php, Named),
        ("cargo", "fetch" | "vendor", _) | ("cargo", "chef", "cook") => (Rust, All),
        ("cargo", "install", _) if !has(&["--path"]) && !all.iter().any(|word| word.starts_with("--path=")) => {
            (Rust, Named)
        }
        ("cargo", "build" | "b" | "install" | "test" | "check" | "run" | "rustc" | "bench" | "zigbuild", _)
            if !has(&["--offline"]) =>
        {
            (Rust, Missing)
        }
        ("dotnet", "restore", _) => (Dotnet, All),
        ("dotnet", "build" | "publish" | "test" | "run" | "pack", _) if !has(&["--no-restore"]) => (Dotnet, Missing),
        ("mix", "deps.get", _) | ("dart" | "flutter", "pub", "get") => (Others, Missing),
        _ => return None,
    };
    Some(Installation { ecosystem, how, files: values(&all, &["--recipe-path"]), folders: Vec::new() })
}

/// `pip install …`, its first word included.
fn pip(words: &[&str]) -> Installation {
    let mut files = values(words, &["-r", "--requirement", "--requirements", "-c", "--constraint", "--constraints"]);
    let lists = files.len();
    let mut folders = values(words, &["-f", "--find-links"]);
    let (mut named, mut tools, mut projects) = (0, 0, 0);
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        let takes =
            ["-r", "-c", "-f", "--requirement", "--requirements", "--constraint", "--constraints", "--find-links"];
        if takes.contains(word) || PIP_VALUES.contains(word) {
            words.next();
        } else if matches!(*word, "-e" | "--editable") {
            projects += 1;
            words.next();
        } else if word.starts_with("--editable=") {
            projects += 1;
        } else if word.starts_with('-') {
        } else if is_package(word) {
            // `wheels/*.whl` names the folder, too.
            folders.extend(word.rsplit_once('/').map(|(folder, _)| folder.to_owned()));
            files.push((*word).to_owned());
        } else if word.starts_with(['.', '/']) && !word.contains("://") {
            projects += 1;
        } else if is_tool(word) {
            tools += 1;
        } else {
            named += 1;
        }
    }
    let how = if lists > 0 || files.len() > lists {
        How::All
    } else if projects > 0 {
        How::Missing
    } else if named > 0 || tools == 0 {
        How::Named
    } else {
        How::Tools
    };
    Installation { ecosystem: Ecosystem::Python, how, files, folders }
}

/// A package's own file: a wheel, an archive.
pub(super) fn is_package(path: &str) -> bool {
    [".whl", ".tar.gz", ".tgz", ".zip"].iter().any(|ending| path.ends_with(ending))
}

/// A package that is a tool: `poetry==1.8`.
fn is_tool(name: &str) -> bool {
    let end = name.find(['=', '<', '>', '~', '!', '@', '[']).unwrap_or(name.len());
    name.get(..end).is_some_and(|name| TOOLS.contains(&name))
}

/// The values of options, as `-r x`, `-rx` and `--requirement=x`. Addresses are none.
fn values(words: &[&str], options: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let value = options.iter().find_map(|option| {
            let rest = word.strip_prefix(option)?;
            match rest.strip_prefix('=') {
                Some(value) => Some(value),
                None if rest.is_empty() => words.get(index + 1).copied(),
                None if !option.starts_with("--") => Some(rest),
                None => None,
            }
        });
        found.extend(value.filter(|value| !value.contains("://")).map(str::to_owned));
    }
    found
}

/// Maven's phases and goals.
fn maven(goals: &[&str]) -> Option<How> {
    const PHASES: [&str; 11] = [
        "validate",
        "compile",
        "test-compile",
        "test",
        "package",
        "verify",
        "install",
        "deploy",
        "site",
        "process-resources",
        "process-classes",
    ];
    let fetches = |goal: &&str| goal.contains("dependency") || goal.ends_with(":resolve-plugins");
    if goals.iter().any(|goal| PHASES.contains(goal) || (goal.contains(':') && !fetches(goal))) {
        Some(How::Missing)
    } else {
        goals.iter().any(fetches).then_some(How::All)
    }
}

/// Gradle's tasks.
fn gradle(tasks: &[&str]) -> Option<How> {
    const NONE: [&str; 6] = ["clean", "wrapper", "tasks", "help", "projects", "properties"];
    let name = |task: &&str| task.rsplit(':').next().unwrap_or(task).to_ascii_lowercase();
    let tasks: Vec<String> = tasks.iter().map(name).filter(|task| !NONE.contains(&task.as_str())).collect();
    let fetches = |task: &String| task.contains("dependenc");
    match tasks.as_slice() {
        [] => None,
        tasks if tasks.iter().all(fetches) => Some(How::All),
        _ => Some(How::Missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_say_what_they_install() {
        use Ecosystem::{Go, Gradle, Maven, Node, Python, Rust};
        for (text, expected) in [
            ("pip install -r a.txt -cb.txt --no-cache-dir", Some((Python, How::All, "a.txt b.txt", ""))),
            ("pip install --requirement=a.txt --find-links /w", Some((Python, How::All, "a.txt", "/w"))),
            ("pip install ./wheels/*.whl", Some((Python, How::All, "./wheels/*.whl", "./wheels"))),
            ("pip install --target /t flask", Some((Python, How::Named, "", ""))),
            ("pip install -U pip setuptools>=1", Some((Python, How::Tools, "", ""))),
            ("pip install --no-deps -e .", Some((Python, How::Missing, "", ""))),
            ("uv pip install -r a", Some((Python, How::All, "a", ""))),
            ("uv pip sync a", Some((Python, How::All, "a", ""))),
            ("pip list", None),
            ("npm ci --omit=dev", Some((Node, How::All, "", ""))),
            ("npm install --omit=dev", Some((Node, How::Missing, "", ""))),
            ("npm install -g pnpm@9", Some((Node, How::Tools, "", ""))),
            ("npm run build", None),
            ("yarn --immutable", Some((Node, How::Missing, "", ""))),
            ("yarn build", None),
            ("go mod download", Some((Go, How::All, "", ""))),
            ("go build -o /app .", Some((Go, How::Missing, "", ""))),
            ("go build -mod=vendor .", None),
            ("mvn -B dependency:go-offline", Some((Maven, How::All, "", ""))),
            ("mvnw -B clean package", Some((Maven, How::Missing, "", ""))),
            ("mvn -o package", None),
            ("gradlew bootJar", Some((Gradle, How::Missing, "", ""))),
            ("gradle clean", None),
            ("cargo chef cook --recipe-path r.json", Some((Rust, How::All, "r.json", ""))),
            ("cargo chef prepare --recipe-path r.json", None),
        ] {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            let found = of(&words).map(|it| (it.ecosystem, it.how, it.files.join(" "), it.folders.join(" ")));
            let expected = expected.map(|(of, how, files, folders)| (of, how, files.to_owned(), folders.to_owned()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
