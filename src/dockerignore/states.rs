//! The state machine that matches a row of links: all states at once, so that no path takes it long.

use super::row::Link;

/// Where the machine is: before, between or behind a path's characters.
#[derive(Clone, Copy)]
struct Spot {
    before: Option<char>,
    behind: Option<char>,
    /// Counts the spots, from 1.
    number: u32,
}

/// The states that the machine may be in, each once.
struct States {
    active: Vec<usize>,
    /// By state, the last spot where it was added.
    seen: Vec<u32>,
    todo: Vec<usize>,
    /// Whether the end of the row was reached.
    done: bool,
}

impl States {
    fn new(links: &[Link]) -> Self {
        Self { active: Vec::new(), seen: vec![0; links.len()], todo: Vec::new(), done: false }
    }

    /// Adds a state and those that follow it without a character.
    fn add(&mut self, links: &[Link], state: usize, spot: Spot) {
        self.todo.push(state);
        while let Some(state) = self.todo.pop() {
            let (Some(link), Some(seen)) = (links.get(state), self.seen.get_mut(state)) else {
                self.done = true;
                continue;
            };
            if std::mem::replace(seen, spot.number) == spot.number {
                continue;
            }
            let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            let (takes, passes) = match link {
                Link::Begin => (false, spot.before.is_none()),
                Link::End => (false, spot.behind.is_none()),
                Link::Boundary(wanted) => (false, (word(spot.before) != word(spot.behind)) == *wanted),
                Link::Maybe(passed) => {
                    self.todo.push(state + 1 + passed);
                    (false, true)
                }
                Link::Any(_) => (true, true),
                Link::Char(_) | Link::One(_) | Link::Directories => (true, false),
            };
            if takes {
                self.active.push(state);
            }
            if passes {
                self.todo.push(state + 1);
            }
        }
    }
}

/// Whether the links match the path or a part of it; false when `steps` runs out.
pub(super) fn run(links: &[Link], path: &str, steps: &mut u64) -> bool {
    let anchored = matches!(links.first(), Some(Link::Begin));
    let (mut now, mut next) = (States::new(links), States::new(links));
    let mut chars = path.chars();
    let mut spot = Spot { before: None, behind: chars.clone().next(), number: 1 };
    now.add(links, 0, spot);
    while let Some(c) = chars.next() {
        *steps = steps.saturating_sub(now.active.len() as u64 + 1);
        if now.done || *steps == 0 || anchored && now.active.is_empty() {
            break;
        }
        spot = Spot { before: Some(c), behind: chars.clone().next(), number: spot.number + 1 };
        for state in now.active.drain(..) {
            match links.get(state) {
                Some(Link::Char(wanted)) if *wanted == c => next.add(links, state + 1, spot),
                Some(Link::One(class)) if class.contains(c) => next.add(links, state + 1, spot),
                Some(Link::Any(class)) if class.contains(c) => next.add(links, state, spot),
                Some(Link::Directories) if c != '\n' => {
                    next.add(links, state, spot);
                    if c == '/' {
                        next.add(links, state + 1, spot);
                    }
                }
                _ => {}
            }
        }
        if !anchored {
            next.add(links, 0, spot);
        }
        std::mem::swap(&mut now, &mut next);
    }
    now.done && *steps > 0
}
