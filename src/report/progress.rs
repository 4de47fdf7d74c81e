//! What is going on during a run, on stderr: bars on a terminal, plain lines elsewhere. It only listens.

use super::escape;
use crate::event::Event;
use crate::facts::Source;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::{Duration, Instant};

/// How often a line that only counts up is repeated where nothing can be drawn over.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest line there, in characters.
const LONGEST: usize = 160;

/// Shows a run's events until it is finished.
pub struct Progress(Inner);

enum Inner {
    Bars(RefCell<Bars>),
    Lines(RefCell<PlainLines<Box<dyn Write>>>),
}

impl Progress {
    /// Bars if stderr is a terminal, lines otherwise.
    pub fn on_stderr() -> Self {
        if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
            Self::bars(ProgressDrawTarget::stderr())
        } else {
            Self::lines(std::io::stderr())
        }
    }

    /// Bars on a terminal.
    pub fn bars(on: ProgressDrawTarget) -> Self {
        Self(Inner::Bars(RefCell::new(Bars::new(on))))
    }

    /// Plain lines.
    pub fn lines(to: impl Write + 'static) -> Self {
        Self(Inner::Lines(RefCell::new(PlainLines::new(Box::new(to)))))
    }

    /// Takes one event.
    pub fn on(&self, event: &Event) {
        match &self.0 {
            Inner::Bars(bars) => bars.borrow_mut().on(event),
            Inner::Lines(lines) => lines.borrow_mut().on(event, Instant::now()),
        }
    }

    /// Clears what was drawn. To be called before the result is printed.
    pub fn finish(&self) {
        if let Inner::Bars(bars) = &self.0 {
            bars.borrow_mut().clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// One bar over the checks, and a line for each source that is being collected.
struct Bars {
    all: MultiProgress,
    steps: Option<ProgressBar>,
    sources: BTreeMap<Source, ProgressBar>,
    /// The checks that the bar counts.
    tried: BTreeSet<String>,
}

impl Bars {
    fn new(target: ProgressDrawTarget) -> Self {
        Self {
            all: MultiProgress::with_draw_target(target),
            steps: None,
            sources: BTreeMap::new(),
            tried: BTreeSet::new(),
        }
    }

    fn on(&mut self, event: &Event) {
        match event {
            Event::Started { title, checks } => {
                let bar = ProgressBar::new(u64::try_from(*checks).unwrap_or(u64::MAX));
                bar.set_style(style("  {bar:24.green/dim}  {pos}/{len}  {wide_msg:.dim}"));
                let bar = self.all.add(bar);
                bar.set_message(escape::line(title).into_owned());
                self.steps = Some(bar);
            }
            Event::Doing(source, what) => {
                let all = &self.all;
                let bar = self.sources.entry(*source).or_insert_with(|| {
                    let bar = all.add(ProgressBar::no_length());
                    bar.set_style(style("  {spinner:.cyan} {prefix:10} {elapsed:>4.dim}  {wide_msg}"));
                    bar.set_prefix(source.prefix());
                    bar.enable_steady_tick(Duration::from_millis(120));
                    bar
                });
                bar.set_message(escape::line(what).into_owned());
            }
            Event::Done(source) => {
                if let Some(bar) = self.sources.remove(source) {
                    bar.finish_and_clear();
                    self.all.remove(&bar);
                }
            }
            Event::Judged { id, .. } | Event::Tried(id) => {
                self.tried.insert(id.clone());
                if let Some(bar) = &self.steps {
                    bar.set_position(u64::try_from(self.tried.len()).unwrap_or(u64::MAX));
                }
            }
            Event::Tidying => {
                if let Some(bar) = &self.steps {
                    bar.set_message("tidying up");
                }
            }
            Event::Note(_) => {} // the report has them
        }
    }

    fn clear(&mut self) {
        for bar in std::mem::take(&mut self.sources).into_values().chain(self.steps.take()) {
            bar.finish_and_clear();
        }
        let _ = self.all.clear(); // a stderr that is gone shows nothing anyway
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("██░").tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
}

/// A line for each thing that is new. One in which only numbers have changed is repeated every few seconds.
struct PlainLines<W> {
    to: W,
    last: BTreeMap<Source, (String, Instant)>,
}

impl<W: Write> PlainLines<W> {
    fn new(to: W) -> Self {
        Self { to, last: BTreeMap::new() }
    }

    fn on(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Started { title, checks } => self.say(&format!("grading {title}: {checks} checks")),
            Event::Doing(source, what) => {
                let shape: String = what.chars().filter(|c| !c.is_ascii_digit()).collect();
                let old = self.last.get(source);
                if old.is_none_or(|(last, at)| *last != shape || now.duration_since(*at) >= PATIENCE) {
                    self.say(&format!("{}: {what}", source.prefix()));
                    self.last.insert(*source, (shape, now));
                }
            }
            Event::Done(source) => {
                self.last.remove(source);
            }
            Event::Judged { id, step, outcome, .. } => {
                let step = step.map(|step| format!("step {step} ")).unwrap_or_default();
                self.say(&format!("{step}{id}: {}", outcome.status()));
            }
            Event::Tried(_) | Event::Tidying | Event::Note(_) => {}
        }
    }

    fn say(&mut self, what: &str) {
        let line = escape::line(what);
        let line: String = line.chars().take(LONGEST).collect();
        let _ = writeln!(self.to, "{}", escape::line_start(&line)); // nobody listens on a closed stderr
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn lines_tell_what_is_new() -> Result<(), std::string::FromUtf8Error> {
        let mut lines = PlainLines::new(Vec::new());
        let start = Instant::now();
        let doing = |what: &str| Event::Doing(Source::Image, what.to_owned());
        for (seconds, event) in [
            (0, Event::Started { title: "Dockerize\x1b[2J".into(), checks: 8 }),
            (0, doing("pull python 1/9 MB")),
            (1, doing("pull python 2/9 MB")),
            (6, doing("pull python 7/9 MB")),
            (6, doing("build 3/9 RUN pip")),
            (6, doing("build 4/9 COPY . .")),
            (7, Event::Done(Source::Image)),
            (7, doing("build 4/9 COPY . .")),
            (8, Event::Judged { id: "a".into(), title: "A".into(), step: Some(1), outcome: Outcome::Passed }),
        ] {
            lines.on(&event, start + Duration::from_secs(seconds));
        }
        assert_eq!(
            String::from_utf8(lines.to)?,
            "grading Dockerize␛[2J: 8 checks\nimage: pull python 1/9 MB\nimage: pull python 7/9 MB\n\
             image: build 3/9 RUN pip\nimage: build 4/9 COPY . .\nimage: build 4/9 COPY . .\nstep 1 a: passed\n"
        );
        Ok(())
    }
}
