//! Which files a command line names: the script or module that Python runs, the application that a server is given, the
//! scripts and settings that may name it in turn. Pure.

use regex::Regex;

/// Programs that are given the application to run: their own name says nothing.
const LAUNCHERS: [&str; 18] = [
    "flask",
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "waitress",
    "waitress-serve",
    "granian",
    "daphne",
    "uwsgi",
    "fastapi",
    "supervisord",
    "honcho",
    "watchmedo",
    "debugpy",
    "coverage",
    "ddtrace-run",
    "opentelemetry-instrument",
    "newrelic-admin",
];
/// Options that name a folder in which modules are looked for.
const FOLDERS: [&str; 5] = ["--chdir", "--app-dir", "--pythonpath", "--python-path", "--working-dir"];
/// Options that name the application.
const APPLICATIONS: [&str; 5] = ["--app", "-A", "-m", "--module", "--wsgi-file"];
/// How the names of scripts and settings end.
const SETTINGS: [&str; 9] = [".py", ".sh", ".ini", ".cfg", ".conf", ".toml", ".json", ".yaml", ".yml"];

/// What a command line names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CommandNames {
    /// Files by their path, absolute or not.
    pub paths: Vec<String>,
    /// Python's modules: `src.app`.
    pub modules: Vec<String>,
    /// Scripts and settings that may name more.
    pub scripts: Vec<String>,
    /// The folders that it says modules are looked for in.
    pub folders: Vec<String>,
    /// The code that it holds itself.
    pub code: String,
}

/// Whether a command line is Python's.
pub(super) fn is_python(command: &str) -> bool {
    let first = command.split_whitespace().next().unwrap_or_default();
    let name = base(first);
    ["python", "pypy"].iter().any(|it| name.starts_with(it)) || LAUNCHERS.contains(&name.trim_end_matches(':'))
}

/// What a command line names; `flask_app` is what the environment says to `flask run`.
pub(super) fn read(command: &str, flask_app: Option<&str>) -> CommandNames {
    let words: Vec<&str> = command.split_whitespace().collect();
    let mut named = CommandNames::default();
    let first = words.first().copied().unwrap_or_default();
    let is_interpreter = ["python", "pypy"].iter().any(|it| base(first).starts_with(it));
    if !is_interpreter {
        named.loose(&words, flask_app);
        return named;
    }
    let mut at = 1;
    while let Some(&word) = words.get(at) {
        let rest = words.get(at + 1..).unwrap_or_default();
        match word {
            "-c" => {
                named.code = rest.join(" ");
                return named;
            }
            "-m" => {
                let module = rest.first().copied().unwrap_or_default();
                if LAUNCHERS.contains(&module) {
                    named.loose(rest, flask_app);
                } else {
                    named.modules.push(module.to_owned());
                    let path = module.replace('.', "/");
                    named.scripts.extend([format!("{path}/__main__.py"), format!("{path}.py")]);
                }
                return named;
            }
            "-W" | "-X" => at += 1,
            option if option.starts_with('-') => {}
            script => {
                let is_tool = script.contains("bin/") && !is_source(script);
                if !LAUNCHERS.contains(&base(script)) {
                    named.paths.push(script.to_owned());
                    named.scripts.extend([script.to_owned(), format!("{script}/__main__.py")]);
                }
                if is_tool || LAUNCHERS.contains(&base(script)) {
                    named.loose(words.get(at..).unwrap_or_default(), flask_app);
                }
                return named;
            }
        }
        at += 1;
    }
    named
}

impl CommandNames {
    /// Takes every word for what may be a name.
    fn loose(&mut self, words: &[&str], flask_app: Option<&str>) {
        let mut before = "";
        let mut names_application = false;
        for &whole in words {
            let (option, word) = match whole.split_once('=') {
                Some((option, value)) if option.starts_with('-') => (option, value),
                _ => (before, whole),
            };
            before = whole;
            let word = word.trim_matches(|c: char| "\"'[](),;".contains(c));
            if word.is_empty() || word.starts_with('-') {
                continue;
            }
            if FOLDERS.contains(&option) {
                self.folders.push(word.to_owned());
                continue;
            }
            let module = word.split_once(':').map(|(module, _)| module).filter(|it| !it.is_empty());
            if APPLICATIONS.contains(&option) || module.is_some() {
                names_application = true;
                self.application(module.unwrap_or(word));
                continue;
            }
            self.paths.push(word.to_owned());
            if SETTINGS.iter().any(|ending| word.ends_with(ending)) || word.contains('/') {
                self.scripts.push(word.to_owned());
            }
        }
        let has = |name: &str| words.iter().any(|word| base(word).trim_end_matches(':') == name);
        if has("flask") && !names_application {
            match flask_app {
                Some(app) => self.application(app.split(':').next().unwrap_or(app)),
                None => self.modules.push("app".to_owned()),
            }
            self.scripts.push("wsgi.py".to_owned());
        } else if let Some(last) = words.last().filter(|_| has("gunicorn") && !names_application) {
            self.application(last);
        }
    }

    /// An application as servers name it: a module or a file.
    fn application(&mut self, name: &str) {
        let path = name.replace('.', "/");
        if name.contains('/') || is_source(name) {
            self.paths.push(name.to_owned());
            let file = if is_source(name) { name.to_owned() } else { format!("{name}.py") };
            self.paths.push(file.clone());
            self.scripts.push(file);
        } else {
            self.modules.push(name.to_owned());
            self.scripts.extend([format!("{path}.py"), format!("{path}/__init__.py")]);
        }
    }

    /// The paths of what is named that may be this file, each as it is written.
    pub fn of(&self, file: &str) -> Vec<String> {
        let name = base(file);
        let paths = self.paths.iter().filter(|path| base(path) == name).cloned();
        let modules = self.modules.iter().map(|module| module.replace('.', "/"));
        let modules = modules
            .flat_map(|path| [format!("{path}.py"), format!("{path}/__init__.py"), format!("{path}/__main__.py")]);
        let is_file = |path: &String| match name {
            "__init__.py" | "__main__.py" => tail(path) == tail(file),
            _ => base(path) == name,
        };
        paths.chain(modules.filter(is_file)).collect()
    }
}

/// Whether a script or the like names a file: imports it as a module, or hands it on.
pub(super) fn mentions(text: &str, file: &str) -> bool {
    let name = base(file);
    let stem = match name.rsplit_once('.') {
        Some(("__init__" | "__main__", _)) => tail(file).split('/').next().unwrap_or(name),
        Some((stem, _)) => stem,
        None => name,
    };
    let (name, stem) = (regex::escape(name), regex::escape(stem));
    let pattern = format!(
        r#"(?m)\bfrom\s+(?:[\w.]*\.)?{stem}\s+import\b|\bfrom\s+[\w.]+\s+import[ \t]+(?:.*[^\w\n])?{stem}\b|^\s*(?:\S+\s+-c\s+["'])?import[ \t]+(?:.*[ \t,.])?{stem}(?:[\s,;]|$)|;\s*import\s+(?:[\w.]*\.)?{stem}\b|(?:^|[\s"'=/]){name}\b|["'\s=/.]{stem}:\w|import_module\(["'](?:[\w.]*\.)?{stem}["']|\bflask\s+run\b|-m\s+(?:[\w.]*\.)?{stem}\b"#
    );
    let without_comments: Vec<&str> = text.lines().map(without_comment).collect();
    Regex::new(&pattern).is_ok_and(|pattern| pattern.is_match(&without_comments.join("\n")))
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    line.split(" #").next().unwrap_or(line)
}

/// Whether a name is that of a file of Python's.
fn is_source(name: &str) -> bool {
    name.strip_suffix(".py").is_some()
}

/// The last part of a path.
pub(super) fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The last two parts of a path.
fn tail(path: &str) -> &str {
    path.rmatch_indices('/').nth(1).map_or(path, |(at, _)| path.get(at + 1..).unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(command: &str, file: &str) -> bool {
        !read(command, None).of(file).is_empty()
    }

    #[test]
    fn an_application_is_named_in_many_ways() {
        for command in [
            "python app.py",
            "python -u ./src/app.py",
            "/usr/local/bin/python3.11 -X dev /app/src/app.py --port 5000",
            "python -m app",
            "python -m src.app",
            "gunicorn -b 0.0.0.0:5000 app:app",
            "gunicorn: master [app:app]",
            "/usr/local/bin/python /usr/local/bin/gunicorn -w 2 --chdir src app:app",
            "/usr/local/bin/python3.11 /usr/local/bin/gunicorn --bind :5000 app",
            "/usr/local/bin/python /usr/local/bin/flask run --host 0.0.0.0",
            "python -m flask --app src/app run",
            "python -m flask --app=src.app run",
            "uwsgi --http :5000 --wsgi-file app.py",
            "waitress-serve --port=5000 app:app",
            "sh wait.sh python app.py",
            "python -m debugpy --listen 5678 src/app.py",
            "/usr/local/bin/python /usr/local/bin/watchmedo auto-restart -- python src/app.py",
        ] {
            assert!(names(command, "src/app.py"), "{command}: {:?}", read(command, None));
        }
    }

    #[test]
    fn another_program_does_not_name_it() {
        for command in [
            "python fake.py",
            "python fake.py app.py",
            "python -m http.server 5000",
            "python -c print('app.py')",
            "gunicorn fake:app",
            "/usr/local/bin/python /usr/local/bin/flask --app fake run",
            "/usr/local/bin/python /usr/local/bin/gunicorn -u app fake:app",
            "sleep infinity",
            "",
        ] {
            assert!(!names(command, "src/app.py"), "{command}: {:?}", read(command, None));
        }
        assert!(read("flask run", Some("fake.py")).of("app.py").is_empty());
        assert_eq!(read("flask run", Some("app.py:app")).of("app.py"), ["app.py", "app.py"]);
    }

    #[test]
    fn scripts_and_settings_name_it_too() {
        for text in [
            "from app import app\n",
            "from src.app import app as application\n",
            "from src import app\n",
            "import os, app\n",
            "import src.app\n",
            "#!/bin/sh\nset -e\nexec python src/app.py \"$@\"\n",
            "exec gunicorn -b :5000 'app:app'\n",
            "[program:web]\ncommand=gunicorn app:app\n",
            "exec flask run --host 0.0.0.0\n",
            "module = app:app\n",
            "import app; app.app.run()",
        ] {
            assert!(mentions(text, "src/app.py"), "{text}");
        }
        for text in [
            "# Not the given application: app.py never runs.\nimport http.server, json, os\n",
            "from flask import Flask\napp = Flask(__name__)\napp.run(port=5000)\n",
            "from gunicorn.app.wsgiapp import run\n",
            "import application\n",
            "open('/app/n')",
        ] {
            assert!(!mentions(text, "src/app.py"), "{text}");
        }
        assert!(mentions("from hello import create_app", "src/hello/__init__.py"));
    }
}
