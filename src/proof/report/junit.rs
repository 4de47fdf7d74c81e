//! Proofs as JUnit XML: a suite for each part of a proof, a case for each thing that was tried.

use crate::proof::{Fate, Proof, ProofSection, Verdict};
use crate::report::escape;
use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// Proofs as JUnit XML.
pub(crate) fn render(proofs: &[Proof]) -> Result<String, SerializeError> {
    let mut junit = Report::new("grader test");
    junit.set_time(proofs.iter().map(|proof| proof.elapsed).sum());
    for proof in proofs {
        for section in ProofSection::ALL {
            let items = proof.section(section).map(|item| {
                let status = match &item.verdict {
                    Verdict::Held => TestCaseStatus::success(),
                    Verdict::Failed(wrong) => failure(&wrong.join("; "), &wrong.join("\n")),
                    Verdict::LeftOut(why) => skipped(why),
                    Verdict::Unjudged(why) => error(why),
                };
                case(proof, &item.name, &item.place, item.elapsed, status)
            });
            let mutants = proof.mutants.iter().filter(|_| section == ProofSection::Mutants).map(|mutant| {
                let status = match &mutant.fate {
                    Fate::Noticed(_) | Fate::Fair(_) => TestCaseStatus::success(),
                    Fate::Survived => failure("no check notices it", "no check notices it"),
                    Fate::NeedsEngine => skipped("it needs the engine: --engine-mutants"),
                    Fate::Unjudged(why) => error(why),
                };
                let mut case = case(proof, &mutant.name, &mutant.place, mutant.elapsed, status);
                match &mutant.fate {
                    Fate::Noticed(by) => {
                        case.set_system_out(escape::xml(&format!("noticed by {}", by.join(", "))));
                    }
                    Fate::Fair(why) => {
                        case.set_system_out(escape::xml(why));
                    }
                    _ => {}
                }
                case
            });
            let cases: Vec<TestCase> = items.chain(mutants).collect();
            if !cases.is_empty() {
                let mut suite = TestSuite::new(escape::xml_line(&format!("{}/{}", proof.id, section.name())));
                suite.set_time(cases.iter().filter_map(|case| case.time).sum());
                suite.add_test_cases(cases);
                junit.add_test_suite(suite);
            }
        }
    }
    junit.to_string()
}

fn case(proof: &Proof, name: &str, place: &str, took: Duration, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(escape::xml_line(name), status);
    case.set_classname(escape::xml_line(&proof.id));
    case.set_time(took);
    if !place.is_empty() {
        case.extra.insert("file".into(), escape::xml_line(place).into());
    }
    case
}

fn failure(message: &str, whole: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(escape::xml_line(message));
    status.set_description(escape::xml(whole));
    status
}

fn error(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(escape::xml_line(&format!("could not judge: {why}")));
    status
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(escape::xml_line(why));
    status
}
