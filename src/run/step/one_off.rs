//! `run:` runs a container of its own to its end.

use super::{Bench, NotDone};
use crate::challenge::action::OneOff;
use crate::facts::Facts;

impl Bench<'_> {
    pub(super) async fn one_off(&mut self, _run: &OneOff) -> Result<Facts, NotDone> {
        Err(NotDone::machines("not there yet"))
    }

    pub(super) async fn remove_volumes(&mut self) {
        self.made.volumes.clear();
    }
}
