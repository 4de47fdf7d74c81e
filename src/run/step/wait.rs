//! `wait:` looks at the stack or the container until something holds.

use super::{Bench, NotDone};
use crate::challenge::Condition;
use crate::facts::Facts;
use crate::judge::fit::Captures;
use std::time::Duration;

impl Bench<'_> {
    pub(super) async fn wait(
        &mut self,
        _for: &Condition,
        _within: Duration,
        _captures: &Captures,
    ) -> Result<Facts, NotDone> {
        Err(NotDone::machines("not there yet"))
    }
}
