//! `grader doctor`: what is there, what is missing, and what to do about it.

use super::failure::COULD_NOT;
use super::{Failure, output};
use crate::engine::doctor::{Symptom, examine};
use crate::engine::{Engine, NoEngine, Run};
use crate::report::layout::{Page, Tone};

/// Prints what was found.
pub fn run() -> Result<u8, Failure> {
    let found = output::wait_for(async {
        let engine = Engine::connect(Run::new()).await?;
        let symptoms = examine(&engine).await;
        Ok::<_, NoEngine>((engine, symptoms))
    })?;
    let mut page = output::page();
    let code = match &found {
        Ok((engine, symptoms)) => healthy(&mut page, engine, symptoms),
        Err(missing) => {
            problem(&mut page, (Tone::Bad, "✗", "FAIL"), &missing.to_string(), missing.remedy());
            COULD_NOT
        }
    };
    output::print(&page.finish())?;
    Ok(code)
}

fn healthy(page: &mut Page, engine: &Engine, symptoms: &[Symptom]) -> u8 {
    let endpoint = &engine.cli.endpoint;
    let by =
        if endpoint.from_host_variable { "DOCKER_HOST".to_owned() } else { format!("context {}", endpoint.context) };
    let versions = &engine.versions;
    let mut fine = vec![
        format!("Docker Engine {} at {} ({by})", versions.version, endpoint.host),
        format!("Buildx {}", versions.buildx),
        format!("Compose {}", versions.compose),
    ];
    fine.extend(symptoms.iter().filter(|symptom| symptom.remedy.is_none()).map(|symptom| symptom.what.clone()));
    for what in fine {
        let mark = page.sign("✓ ", "PASS ").to_owned();
        page.prose(0, (Tone::Good, &mark), Tone::Text, &what);
    }
    for symptom in symptoms {
        if let Some(remedy) = symptom.remedy {
            problem(page, (Tone::Doubt, "!", "WARN"), &symptom.what, remedy);
        }
    }
    page.blank();
    let limited = symptoms.iter().any(|symptom| symptom.remedy.is_some());
    let end = if limited { "grader can work here, within these limits." } else { "All that grader needs is here." };
    page.line(0, &[(Tone::Text, end)]);
    0
}

fn problem(page: &mut Page, (tone, mark, ascii): (Tone, &str, &str), what: &str, remedy: &str) {
    let mark = format!("{} ", page.sign(mark, ascii));
    page.prose(0, (tone, &mark), Tone::Text, what);
    page.prose(mark.chars().count(), (Tone::Text, ""), Tone::Command, remedy);
}
