//! Text to instructions and stages, going on after errors.

use std::collections::HashSet;

use super::directive::Directives;
use super::error::{Error, Phase, Unlocated, Warning};
use super::grammar;
use super::heredoc;
use super::instruction::{From, Instruction, Kind};
use super::line::{Joined, Line, Lines, MAX_LINE, trim_start};
use super::node::{Node, shorten};
use super::span::number;
use super::stage::Stage;
use super::{Dockerfile, MAX_ERRORS, MAX_INSTRUCTIONS, MAX_STAGES, MAX_WORDS};

/// Reads the whole file, or as far as there are not too many errors.
pub(super) fn read(text: &[u8]) -> Dockerfile {
    let mut reader = DockerfileReader {
        lines: Lines::new(text),
        directives: Directives::new(),
        file: Dockerfile::default(),
        names: HashSet::new(),
        words: 0,
    };
    while reader.file.errors.len() < MAX_ERRORS && reader.file.beyond.is_none() {
        let Some(line) = reader.lines.next() else { break };
        reader.line(line);
    }
    reader.finish()
}

struct DockerfileReader<'a> {
    lines: Lines<'a>,
    directives: Directives,
    file: Dockerfile,
    /// Names that stages have so far.
    names: HashSet<String>,
    /// How many words instructions have so far.
    words: usize,
}

impl DockerfileReader<'_> {
    fn line(&mut self, line: Line<'_>) {
        let token = trim_start(line.content());
        if !line.too_long
            && let Err(message) = self.directives.read(token, line.number)
        {
            self.error_at(line.number, message);
        }
        if matches!(token.first(), None | Some(b'#')) {
            if line.too_long {
                self.too_long(line.number);
            }
            return;
        }
        let mut joined = Joined::gather(line, &mut self.lines, self.directives.escape);
        if joined.empty_continuation {
            self.warn("NoEmptyContinuation", "Empty continuation line", joined.span.end_line);
        }
        let too_long = std::mem::take(&mut joined.too_long);
        for line in &too_long {
            self.too_long(*line);
        }
        if too_long.is_empty() {
            self.instruction(joined);
        }
    }

    fn instruction(&mut self, mut joined: Joined) {
        if self.file.instructions.len() >= MAX_INSTRUCTIONS {
            let help = "Write several commands into one RUN, joined by `&&`.";
            return self.beyond(&joined, &format!("more than {MAX_INSTRUCTIONS} instructions"), help);
        }
        let node = Node::read(&joined.text, self.directives.escape).and_then(|node| self.heredocs(node, &mut joined));
        let (name, kind) = match node {
            Err(fault) => {
                let name = joined.text.split_whitespace().next().unwrap_or_default();
                (name.to_owned(), Err(fault))
            }
            Ok(node) => {
                self.words += node.words();
                if self.words > MAX_WORDS {
                    let help = "COPY a whole folder in place of its files, and take repetitions out.";
                    return self.beyond(&joined, &format!("more than {MAX_WORDS} words in instructions"), help);
                }
                let kind = grammar::kind(&node);
                (node.name.text, kind)
            }
        };
        let name = name.to_uppercase();
        let kind = match kind {
            Ok(Kind::Onbuild(mut onbuild)) => {
                let expression = joined.text.trim().get("ONBUILD".len()..).unwrap_or_default().trim();
                expression.clone_into(&mut onbuild.expression);
                Kind::Onbuild(onbuild)
            }
            Ok(kind) => kind,
            Err(fault) => {
                self.error(&joined, fault);
                Kind::Invalid
            }
        };
        if name == "FROM" && self.file.stages.len() >= MAX_STAGES {
            return self.beyond(
                &joined,
                &format!("more than {MAX_STAGES} stages"),
                "Take out the stages that none needs.",
            );
        }
        if name == "FROM" {
            self.stage(&kind, &joined);
        } else if let Some(stage) = self.file.stages.last_mut() {
            stage.instructions.end += 1;
        } else if name != "ARG" && !matches!(kind, Kind::Invalid) && !self.file.errors.iter().any(is_before_from) {
            let fault = Unlocated::new(Phase::Instruction, 0, "no build stage in current context")
                .help("Start with FROM and the image to build on; only ARG may stand before it.");
            self.error(&joined, fault);
        }
        if name == "MAINTAINER" {
            let message = "Maintainer instruction is deprecated in favor of using label";
            self.warn("MaintainerDeprecated", message, joined.span.line);
        }
        let stage = self.file.stages.len().checked_sub(1);
        let original = joined.text.trim().to_owned();
        self.file.instructions.push(Instruction { name, span: joined.span, stage, kind, original });
    }

    /// Ends the reading: what follows could be anything.
    fn beyond(&mut self, joined: &Joined, what: &str, help: &str) {
        let message = format!("{what}, the most that grader reads");
        self.error(joined, Unlocated::new(Phase::Syntax, 0, message).help(help));
        self.file.beyond = self.file.errors.last().cloned();
    }

    /// Takes the texts of the here-documents that the instruction announces.
    fn heredocs(&mut self, mut node: Node, joined: &mut Joined) -> Result<Node, Unlocated> {
        if !node.takes_heredocs() || !joined.text.contains("<<") {
            return Ok(node);
        }
        for mut heredoc in heredoc::announced(&joined.text)? {
            let mut too_long = Vec::new();
            let end = heredoc.take(&mut self.lines, |line| {
                joined.span.end = line.start + line.content().len();
                joined.span.end_line = number(line.number);
                too_long.extend(line.too_long.then_some(line.number));
            });
            for line in too_long {
                self.too_long(line);
            }
            if end.is_none() {
                let at = joined.text.find("<<").unwrap_or(0);
                let help = format!(
                    "The text that starts here goes on until a line that says {} and nothing else; there is none.",
                    shorten(&heredoc.name)
                );
                return Err(Unlocated::new(Phase::Syntax, at, "unterminated heredoc").help(help));
            }
            let of = node.trigger.as_deref_mut().map_or(&mut node.heredocs, |trigger| &mut trigger.heredocs);
            of.push(heredoc);
        }
        Ok(node)
    }

    /// Starts a stage, also where its FROM is wrong, so that what follows is not blamed for standing before any.
    fn stage(&mut self, kind: &Kind, joined: &Joined) {
        let from = match kind {
            Kind::From(from) => from.clone(),
            _ => From { base: String::new(), name: None, platform: None },
        };
        if let Some(name) = from.name.as_deref() {
            if matches!(name, "scratch" | "context") {
                self.warn(
                    "ReservedStageName",
                    &format!("Stage name should not use the same name as reserved stage {name:?}"),
                    joined.span.line,
                );
            }
            if !self.names.insert(name.to_owned()) {
                self.warn(
                    "DuplicateStageName",
                    &format!("Duplicate stage name {name:?}, stage names should be unique"),
                    joined.span.line,
                );
            }
        }
        let index = self.file.stages.len();
        let first = self.file.instructions.len();
        let From { base, name, platform } = from;
        self.file.stages.push(Stage { index, name, base, platform, span: joined.span, instructions: first..first + 1 });
    }

    fn finish(mut self) -> Dockerfile {
        let last = self.lines.taken().max(1);
        // That a file of ARGs alone has no stage is no mistake yet: it shows when a target is looked for.
        if self.file.errors.is_empty() && self.file.instructions.is_empty() {
            self.error_at(last, "file with no instructions".to_owned());
            if let Some(error) = self.file.errors.last_mut() {
                error.help =
                    Some("Start with FROM and the image to build on, such as FROM python:3.11-slim.".to_owned());
            }
        }
        self.file.directives = self.directives.found;
        self.file.escape = self.directives.escape;
        self.file.errors.sort_by_key(|error| (error.line, error.column));
        self.file
    }

    fn warn(&mut self, rule: &'static str, message: &str, line: u32) {
        self.file.warnings.push(Warning { rule, message: message.to_owned(), line });
    }

    fn too_long(&mut self, line: usize) {
        self.error_at(line, format!("dockerfile line greater than max allowed size of {MAX_LINE}"));
    }

    /// An error of a line by itself.
    fn error_at(&mut self, line: usize, message: String) {
        let line = number(line);
        self.file.errors.push(Error { message, line, column: 1, end_line: line, help: None, phase: Phase::Syntax });
    }

    fn error(&mut self, joined: &Joined, fault: Unlocated) {
        let column = joined.column(fault.at);
        let Unlocated { message, help, phase, .. } = fault;
        let (line, end_line) = (joined.span.line, joined.span.end_line);
        self.file.errors.push(Error { message, line, column, end_line, help, phase });
    }
}

fn is_before_from(error: &Error) -> bool {
    error.message == "no build stage in current context"
}
