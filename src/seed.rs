//! What differs between runs and may not matter to their verdicts; the seed in a report repeats it.
//!
//! Not from here: the ports of this machine, which Docker takes from the free ones at each start, and the names of
//! containers, projects and images, which come from the run's id. Two runs of one seed differ in these, or they could not be
//! done side by side. Nor is the order of requests: a challenge may count on it, and a verdict that hangs on a draw is none.

use fastrand::Rng;
use std::fmt;
use std::str::FromStr;

/// What is drawn; one draw says nothing about another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    /// The visitor that requests look like those of.
    Visitor = 1,
}

/// Where the draws of a run come from. It fits into any program's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(u32);

impl Seed {
    /// A seed that nobody has chosen.
    pub fn draw() -> Self {
        Self(fastrand::u32(..))
    }

    /// The number in the report.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Draws one of several.
    pub fn one_of<T: Copy, const N: usize>(self, draw: Draw, all: &[T; N]) -> T {
        const { assert!(N > 0) };
        all[self.source(draw).usize(..N)]
    }

    fn source(self, draw: Draw) -> Rng {
        Rng::with_seed(u64::from(self.0) << 8 | draw as u64)
    }
}

impl From<u32> for Seed {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl FromStr for Seed {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_seed_repeats_its_draws_and_others_differ() {
        let one = |seed: u32| Seed::from(seed).one_of(Draw::Visitor, &["a", "b", "c"]);
        assert!((0..20).all(|seed| one(seed) == one(seed)));
        assert_eq!((0..20).map(one).collect::<BTreeSet<_>>().len(), 3);
    }
}
