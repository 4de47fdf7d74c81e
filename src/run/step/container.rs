//! `container:` starts, stops, restarts or signals the container of the graded image, and what other steps ask of it.

use super::http::Asked;
use super::{Bench, NotDone};
use crate::challenge::action::Lifecycle;
use crate::engine::lone::Lone;
use crate::facts::Facts;
use std::time::Duration;

/// The container of one check.
#[derive(Debug)]
pub(super) struct Container<'a> {
    lone: Lone<'a>,
}

impl Container<'_> {
    pub async fn remove(self) {
        let _ = self.lone.remove().await; // the end of the run removes it too
    }
}

impl Bench<'_> {
    pub(super) async fn container(&mut self, _what: &Lifecycle, _within: Option<Duration>) -> Result<Facts, NotDone> {
        Err(NotDone::machines("not there yet"))
    }

    pub(super) async fn container_ports(&mut self, _port: Option<u16>) -> Result<Asked, NotDone> {
        Err(NotDone::machines("not there yet"))
    }
}
