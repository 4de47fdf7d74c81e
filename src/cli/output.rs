//! Where results go: stdout, and the files that `--report` names.

use super::check::CheckArgs;
use super::course;
use super::destination::Destination;
use super::failure::Failure;
use super::protected;
use crate::report::classroom50::{self, Submission};
use crate::report::layout::Page;
use crate::report::{Again, Before, Format, Report, ReportTarget, Style, gradescope, plain, terminal};
use crate::repository::Repository;
use clap::ValueEnum;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

/// How facts and problems are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Prints to stdout. A reader that has gone away is no error.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    done(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// Prints bytes that a program reads, exactly as they are.
pub fn print_exactly(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    done(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

fn done(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::machine(format!("cannot write to stdout: {error}"), ""))
        }
        _ => Ok(()),
    }
}

/// Columns of the terminal; 80 where there is none.
pub fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
}

/// Whether stdout shows colours, and they are wanted (`NO_COLOR`, `CLICOLOR_FORCE`).
pub fn color() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// A page for stdout: laid out on a terminal, plain elsewhere.
pub fn page() -> Page {
    if io::stdout().is_terminal() { Page::terminal(width(), color()) } else { Page::plain() }
}

/// Does what has to be waited for.
pub fn wait_for<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::machine(format!("cannot start: {error}"), ""))?;
    Ok(runtime.block_on(work))
}

/// Where a result goes, and in which formats.
#[derive(Debug)]
pub struct Destinations {
    files: Vec<(Format, Destination)>,
    stdout: Format,
}

impl Destinations {
    /// Decides what goes where, and finds out before any work is done whether it can.
    pub fn prepare(format: Option<Format>, reports: &[ReportTarget], graded: Option<&Path>) -> Result<Self, Failure> {
        let mut stdout = format;
        let mut files: Vec<(Format, Destination)> = Vec::new();
        for target in reports {
            if target.path == Path::new("-") {
                if stdout.replace(target.format).is_some() {
                    return Err(Failure::usage(
                        "two reports for stdout",
                        "Write one of them to a file: --report json=report.json",
                    ));
                }
            } else {
                let file = destination(&target.path, graded)?;
                if files.iter().any(|(_, other)| other.is_same(&file)) {
                    let what = format!("two reports for {}", target.path.display());
                    return Err(Failure::usage(what, "Give each a file of its own."));
                }
                files.push((target.format, file));
            }
        }
        let is_terminal = io::stdout().is_terminal();
        Ok(Self { files, stdout: stdout.unwrap_or(if is_terminal { terminal::SPEC } else { plain::SPEC }) })
    }

    /// Writes the files first, then prints; one that fails does not keep the others. `render` is told the format, and
    /// whether it is for a file.
    pub fn write<E: std::fmt::Display>(
        &self,
        render: impl Fn(Format, bool) -> Result<String, E>,
    ) -> Result<(), Failure> {
        self.write_some(|format, in_file| Some(render(format, in_file)))
    }

    /// The same, of the formats for which `render` has something.
    fn write_some<E: std::fmt::Display>(
        &self,
        render: impl Fn(Format, bool) -> Option<Result<String, E>>,
    ) -> Result<(), Failure> {
        let made = |format: Format, in_file| {
            let failed = |error: E| Failure::machine(format!("cannot write the {} report: {error}", format.name), "");
            Some(render(format, in_file)?.map_err(failed))
        };
        let mut result = Ok(());
        for (format, file) in &self.files {
            let written = match made(*format, true) {
                Some(Ok(text)) => file.write(&text).map_err(|error| Failure::machine(error.to_string(), "")),
                Some(Err(why)) => {
                    file.clear();
                    Err(why)
                }
                None => {
                    file.clear();
                    Ok(())
                }
            };
            result = both(result, written);
        }
        let Some(made) = made(self.stdout, false) else { return result };
        let printed = made.and_then(|text| {
            if self.stdout == terminal::SPEC { print(&format!("\n{text}\n")) } else { print_exactly(&text) }
        });
        both(result, printed)
    }

    /// The formats that were asked for, stdout's last.
    fn formats(&self) -> impl Iterator<Item = Format> {
        self.files.iter().map(|(format, _)| *format).chain([self.stdout])
    }
}

/// A file that a report may be written to, where the work in a folder is graded.
fn destination(path: &Path, graded: Option<&Path>) -> Result<Destination, Failure> {
    let tops = graded.map(Repository::tops_of).unwrap_or_default();
    let file = Destination::new(path, &tops)
        .map_err(|error| Failure::usage(error.to_string(), "Name another file, in a folder that you can write to."))?;
    // What is no folder is told later.
    let repository = graded.and_then(|graded| Repository::open(graded).ok());
    match repository.and_then(|repository| protected::why(&repository, &file)) {
        None => Ok(file),
        Some(why) => {
            let what = format!("cannot write the report {}: {why}", path.display());
            Err(Failure::usage(what, "Name a file of its own, as in json=report.json."))
        }
    }
}

/// What of two things failed.
fn both(one: Result<(), Failure>, other: Result<(), Failure>) -> Result<(), Failure> {
    match (one, other) {
        (Err(one), Err(other)) => Err(Failure { what: format!("{}\n{}", one.what, other.what), ..one }),
        (one, other) => one.and(other),
    }
}

/// The reports that were asked for.
#[derive(Debug)]
pub struct Outputs {
    to: Destinations,
    style: Style,
}

impl Outputs {
    /// Decides what goes where, and finds out before any work is done whether it can. Where it can't, Gradescope is told.
    pub fn prepare(args: &CheckArgs) -> Result<Self, Failure> {
        Self::decide(args).inspect_err(|failure| {
            let to = args.reports.iter().filter(|target| target.format == gradescope::SPEC);
            for target in to.filter(|target| target.path != Path::new("-")) {
                // It may be the very one that can't be written.
                if let (Ok(file), Ok(text)) =
                    (destination(&target.path, Some(&args.path)), gradescope::excuse(&failure.what))
                {
                    let _ = file.write(&text);
                }
            }
        })
    }

    fn decide(args: &CheckArgs) -> Result<Self, Failure> {
        let to = Destinations::prepare(args.format, &args.reports, Some(&args.path))?;
        let submission = Submission::from(&|name| std::env::var(name).ok());
        if to.formats().any(|format| format == classroom50::SPEC) {
            submission
                .check()
                .map_err(|refused| Failure::usage(refused.to_string(), "Run it as its autograder does."))?;
        }
        let style = Style {
            width: width(),
            color: color(),
            verbose: args.verbose,
            before: Before::default(),
            again: Again {
                path: Some(args.path.display().to_string()).filter(|path| path != "."),
                challenge: args.challenge.clone(),
                then: None,
            },
            submission,
        };
        Ok(Self { to, style })
    }

    /// Writes the files first, then prints; one that fails does not keep the others.
    pub fn write(&self, report: &Report, before: Before) -> Result<(), Failure> {
        let then = report.passed().then(|| course::then(&report.challenge.0)).flatten();
        let style = Style { before, again: Again { then, ..self.style.again.clone() }, ..self.style.clone() };
        let in_file = Style { color: false, ..style.clone() };
        self.to.write(|format, file| format.render(report, if file { &in_file } else { &style }))
    }

    /// Whether a report in this format was asked for.
    pub fn has(&self, format: Format) -> bool {
        self.to.formats().any(|wanted| wanted == format)
    }

    /// Whether stdout gets this format.
    pub fn prints(&self, format: Format) -> bool {
        self.to.stdout == format
    }

    /// Does what makes a report. Where none comes of it, Gradescope is told why all the same: it shows learners what is
    /// written for them, and otherwise only that something failed.
    pub fn or_excuse<T>(&self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        let failure = match &done {
            Ok(Ok(_)) => None,
            Ok(Err(failure)) => Some(failure.clone()),
            Err(_) => Some(Failure::machine("grader itself failed", "")),
        };
        if let Some(failure) = failure {
            let only = |format| if format == gradescope::SPEC { Some(gradescope::excuse(&failure.what)) } else { None };
            let written = self.to.write_some(|format, _| only(format));
            if let Err(error) = written {
                let _ = writeln!(io::stderr(), "{error}"); // nobody reads any more
            }
        }
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradescope_is_told_of_a_panic_too() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("results.json");
        let files = vec![(gradescope::SPEC, Destination::new(&path, &[])?)];
        let to = Destinations { files, stdout: plain::SPEC };
        let outputs = Outputs { to, style: Style::default() };
        let panic = std::panic::AssertUnwindSafe(|| outputs.or_excuse::<()>(|| panic!("on purpose")));
        assert!(std::panic::catch_unwind(panic).is_err());
        assert!(std::fs::read_to_string(&path)?.contains("grader itself failed"));
        Ok(())
    }
}
