//! `grader doctor`: what is there, what is missing, and what to do about it.

use super::failure::COULD_NOT;
use super::{Failure, output};
use crate::engine::connect::doctor::{Examination, Standing, examine};
use crate::report::layout::{Page, Tone};
use clap::Args;

/// Find out what is wrong with Docker on this machine
#[derive(Debug, Args)]
pub struct DoctorArgs {}

/// Prints what was found.
pub fn run() -> Result<u8, Failure> {
    let found = output::wait_for(examine())?;
    let mut page = output::page();
    for check in &found {
        show(&mut page, check);
    }
    let worst = |standing| found.iter().any(|check| check.standing == standing);
    let (end, code) = if worst(Standing::Fail) {
        ("Without it, grader judges only what needs no Docker.", COULD_NOT)
    } else if worst(Standing::Warn) {
        ("grader can work here, within these limits.", 0)
    } else {
        ("All that grader needs is here.", 0)
    };
    page.blank();
    page.line(0, &[(Tone::Text, end)]);
    output::print(&page.finish())?;
    Ok(code)
}

fn show(page: &mut Page, check: &Examination) {
    let (tone, sign, ascii) = match check.standing {
        Standing::Ok => (Tone::Good, "✓ ", "PASS "),
        Standing::Warn => (Tone::Doubt, "! ", "WARN "),
        Standing::Fail => (Tone::Bad, "✗ ", "FAIL "),
    };
    let mark = page.sign(sign, ascii).to_owned();
    page.prose(0, (tone, &mark), Tone::Text, &format!("{}: {}", check.name, check.detail));
    if let Some(remedy) = &check.remedy {
        page.prose(mark.chars().count(), (Tone::Text, ""), Tone::Command, remedy);
    }
}
