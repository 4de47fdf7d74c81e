//! The commands of a RUN, as a shell splits them: enough of its grammar to see which programs run with which words.

use crate::dockerfile::{Command, Run};

/// How deep `sh -c "sh -c …"` is followed.
const MAX_DEPTH: usize = 3;
/// What may precede a program in the same command.
const WRAPPERS: [&str; 20] = [
    "sudo", "env", "exec", "time", "command", "nice", "nohup", "eval", "xargs", "corepack", "npx", "if", "then",
    "else", "elif", "do", "while", "until", "!", "{",
];
/// Programs that run a script.
const SHELLS: [&str; 8] = ["sh", "bash", "ash", "dash", "zsh", "ksh", "su", "busybox"];
/// Programs whose `run` runs another one.
const RUNNERS: [&str; 5] = ["poetry", "pipenv", "pdm", "uv", "hatch"];

/// The commands of a RUN: each its program, without folders and version, and its arguments.
pub(super) fn commands(run: &Run) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    match &run.command {
        Command::Exec(words) => command(words, 0, &mut found),
        Command::Shell(text) => {
            let first = text.split_whitespace().next().unwrap_or_default();
            if first.starts_with("<<") || SHELLS.contains(&name(first)) {
                for heredoc in &run.heredocs {
                    script(&heredoc.content, 0, &mut found);
                }
            }
            script(text, 0, &mut found);
        }
    }
    found
}

fn script(text: &str, depth: usize, found: &mut Vec<Vec<String>>) {
    for words in split(text) {
        command(&words, depth, found);
    }
}

/// Takes in one command without what precedes its program.
fn command(words: &[String], depth: usize, found: &mut Vec<Vec<String>>) {
    let mut rest = words;
    let mut is_wrapped = false;
    while let Some((first, after)) = rest.split_first() {
        let is_assignment = first.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        let wraps = WRAPPERS.contains(&name(first));
        let precedes = is_assignment || wraps || (is_wrapped && first.starts_with('-'));
        if !precedes {
            break;
        }
        is_wrapped |= wraps;
        rest = after;
    }
    let Some((program, arguments)) = rest.split_first() else { return };
    let program = name(program);
    let is_module = program == "python" && arguments.first().is_some_and(|word| word == "-m");
    let is_runner = RUNNERS.contains(&program) && arguments.first().is_some_and(|word| word == "run");
    if is_module || is_runner {
        return command(arguments.get(1..).unwrap_or_default(), depth, found);
    }
    if SHELLS.contains(&program) {
        // `-c`, `-lc`, `-euxo pipefail -c`.
        let is_command = |word: &String| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
        let text = arguments.iter().skip_while(|word| !is_command(word)).nth(1);
        return match text {
            _ if depth >= MAX_DEPTH => {}
            Some(text) => script(text, depth + 1, found),
            // `sh ./gradlew build`
            None => {
                let file = arguments.iter().position(|word| !word.starts_with('-')).unwrap_or(arguments.len());
                command(arguments.get(file..).unwrap_or_default(), depth + 1, found);
            }
        };
    }
    let mut words = vec![program.to_owned()];
    words.extend_from_slice(arguments);
    found.push(words);
}

/// A program without its folder and version: `/venv/bin/pip3.11` is `pip`.
fn name(program: &str) -> &str {
    let file = program.rsplit('/').next().unwrap_or(program);
    let plain = file.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if plain.is_empty() { file } else { plain }
}

/// Splits a script into commands and these into words. Quotes are taken away; variables stay as they are written.
fn split(text: &str) -> Vec<Vec<String>> {
    let mut split = Split::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => {
                split.is_word = true;
                while let Some(inner) = chars.next().filter(|inner| *inner != c) {
                    let escaped = (inner == '\\' && c == '"').then(|| chars.next()).flatten();
                    split.word.push(escaped.unwrap_or(inner));
                }
            }
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(next) => split.push(next),
            },
            // `${A}` is one word, `$(…)` commands of their own.
            '$' if chars.peek() == Some(&'{') => {
                split.push(c);
                for inner in chars.by_ref() {
                    split.push(inner);
                    if inner == '}' {
                        break;
                    }
                }
            }
            // `2>&1`, `>|`.
            '&' | '|' if split.word.ends_with(['>', '<']) => split.push(c),
            '>' | '<' if split.is_word && !split.word.ends_with(['>', '<']) && !is_number(&split.word) => {
                split.end_word();
                split.push(c);
            }
            '#' if !split.is_word => while chars.next_if(|next| *next != '\n').is_some() {},
            ';' | '&' | '|' | '\n' | '(' | ')' | '`' => split.end_command(),
            c if c.is_whitespace() => split.end_word(),
            c => split.push(c),
        }
    }
    split.end_command();
    split.commands
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Default)]
struct Split {
    commands: Vec<Vec<String>>,
    words: Vec<String>,
    word: String,
    is_word: bool,
    /// The next word is the file that is written or read.
    is_redirected: bool,
}

impl Split {
    fn push(&mut self, c: char) {
        self.word.push(c);
        self.is_word = true;
    }

    fn end_word(&mut self) {
        if !std::mem::take(&mut self.is_word) {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let redirects = word.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['>', '<']);
        if redirects {
            self.is_redirected = word.ends_with(['>', '<']);
        } else if !std::mem::take(&mut self.is_redirected) {
            self.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.is_redirected = false;
        let words = std::mem::take(&mut self.words);
        if !words.is_empty() {
            self.commands.push(words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::{self, Kind};

    #[test]
    fn programs_are_found_behind_what_precedes_them() {
        for (text, expected) in [
            ("RUN set -e; pip3.11 install -r a.txt > /log 2>&1 && rm -rf /x", "set -e|pip install -r a.txt|rm -rf /x"),
            ("RUN A=b /venv/bin/python3 -m pip install 'a b'", "pip install a b"),
            ("RUN bash -euxo pipefail -c \"cd app && npm ci\"", "cd app|npm ci"),
            ("RUN [\"sh\", \"-c\", \"go build\"]", "go build"),
            ("RUN [\"npm\", \"ci\"]", "npm ci"),
            ("RUN if [ -f x ]; then yarn; else npm ci; fi # not pip install", "[ -f x ]|yarn|npm ci|fi"),
            ("RUN <<EOF\n# pip install x\ncd a\npip install -r b\nEOF\n", "cd a|pip install -r b"),
            ("RUN sudo -E poetry run pip install ${A:-b c}", "pip install ${A:-b c}"),
            ("RUN (pip install x>y)", "pip install x"),
            ("RUN sh ./gradlew build", "gradlew build"),
            ("RUN echo 'pip install x'", "echo pip install x"),
        ] {
            let file = dockerfile::parse(format!("FROM a\n{text}\n").as_bytes());
            let Kind::Run(run) = &file.instructions[1].kind else { panic!("{text}") };
            let commands: Vec<String> = commands(run).iter().map(|words| words.join(" ")).collect();
            assert_eq!(commands.join("|"), expected, "{text}");
        }
    }
}
