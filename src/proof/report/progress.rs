//! What is being tried now, on stderr: a bar on a terminal, plain lines elsewhere.

use crate::proof::{ProofEvent, ProofSection};
use crate::report::escape;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// Shows what is tried until it is finished.
pub struct ProofProgress(RefCell<ProofState>);

struct ProofState {
    bars: Option<MultiProgress>,
    section: Option<(ProofSection, usize, bool)>,
    begun: usize,
    whole: Option<ProgressBar>,
    running: BTreeMap<String, ProgressBar>,
}

impl ProofProgress {
    /// Bars if stderr is a terminal, lines otherwise.
    pub fn on_stderr() -> Self {
        let bars = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self(RefCell::new(ProofState { bars, section: None, begun: 0, whole: None, running: BTreeMap::new() }))
    }

    /// Takes one event.
    pub fn on(&self, event: &ProofEvent<'_>) {
        let mut state = self.0.borrow_mut();
        match event {
            ProofEvent::Section { title, section, of, quick } => state.section(title, *section, *of, *quick),
            ProofEvent::Begin(name) => state.begin(name),
            ProofEvent::Doing(name, what) => {
                if let Some(bar) = state.running.get(*name) {
                    bar.set_message(escape::line(what).into_owned());
                }
            }
            ProofEvent::End(name, _) => {
                if let Some(bar) = state.running.remove(*name) {
                    bar.finish_and_clear();
                }
                if let Some(bar) = &state.whole {
                    bar.inc(1);
                }
            }
        }
    }

    /// Clears what was drawn. To be called before the result is printed.
    pub fn finish(&self) {
        self.0.borrow_mut().clear();
    }
}

impl ProofState {
    fn section(&mut self, title: &str, section: ProofSection, of: usize, quick: bool) {
        self.clear();
        (self.section, self.begun) = (Some((section, of, quick)), 0);
        if of == 0 {
            return;
        }
        let Some(bars) = &self.bars else {
            return say(&format!("{title}: {} {}", of, section.name()));
        };
        let bar = bars.add(ProgressBar::new(u64::try_from(of).unwrap_or(u64::MAX)));
        bar.set_style(style("  {bar:24.green/dim}  {pos}/{len} {prefix}  {wide_msg:.dim}"));
        bar.set_prefix(section.name());
        bar.set_message(escape::line(title).into_owned());
        self.whole = Some(bar);
    }

    fn begin(&mut self, name: &str) {
        self.begun += 1;
        let Some((section, of, false)) = self.section else { return };
        let Some(bars) = &self.bars else {
            return say(&format!("{} {}/{of}: {name}", section.name(), self.begun));
        };
        let bar = bars.add(ProgressBar::no_length());
        bar.set_style(style("  {spinner:.cyan} {prefix} {elapsed:>4.dim}  {wide_msg:.dim}"));
        bar.set_prefix(escape::line(name).into_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        self.running.insert(name.to_owned(), bar);
    }

    fn clear(&mut self) {
        for bar in std::mem::take(&mut self.running).into_values().chain(self.whole.take()) {
            bar.finish_and_clear();
        }
        if let Some(bars) = &self.bars {
            let _ = bars.clear(); // a stderr that is gone shows nothing anyway
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("██░").tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
}

fn say(what: &str) {
    let line = escape::line(what);
    let _ = writeln!(std::io::stderr(), "{}", escape::line_start(&line)); // nobody listens on a closed stderr
}
