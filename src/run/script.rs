//! Runs the scripts of checks: programs of the instructor's that judge what no fact can say, shut off from everything.

pub mod verdict;

use super::stages::Work;
use crate::challenge::{Check, Script};
use crate::compose::roles::Found;
use crate::engine::Engine;
use crate::engine::container::{ContainerMount, MountFrom, Output, Printed, Spec, Standalone, StartError};
use crate::engine::process::end_of;
use crate::engine::stack::obtain;
use crate::event::Event;
use crate::facts::json::Excerpt;
use crate::facts::{Facts, Source, Unavailable, registry};
use crate::judge::{ScriptFault, ScriptResult};
use crate::outcome::Fault;
use bollard::models::HealthConfig;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::time::sleep;

/// The most that a script may print.
pub const MOST_OUTPUT: usize = 1 << 20;
/// How many characters of its last words are told, and of how many lines.
const LAST_WORDS: (usize, usize) = (500, 5);
/// The time between two looks at facts that come from elsewhere.
const PAUSE: Duration = Duration::from_millis(50);
/// Where the repository is for it.
const WORK: &str = "/work";
/// Where it is itself.
const PROGRAM: &str = "/script";

impl Work<'_> {
    /// Runs all scripts whose facts are there.
    pub(super) async fn scripts(&self) {
        loop {
            if let Some(check) = self.board.next_script() {
                let result = self.script(check).await;
                self.board.put_script(&check.id, result);
            } else if self.board.script_waits_for(Source::Registry) {
                sleep(PAUSE).await; // registries are asked beside all this, within bounds of their own
            } else {
                return;
            }
        }
    }

    async fn script(&self, check: &Check) -> ScriptResult {
        let Some(script) = &check.script else { return Err(ScriptFault::Machine("it has no script".to_owned())) };
        let doing = |text: String| (self.listener)(Event::Doing(Source::Container, text));
        doing(format!("run the script {}", script.name));
        let facts = self.board.with_facts(|facts| written(script, facts, self.board.roles()))?;
        run(self.engine, script, self.reading.graded.root(), &facts, &doing).await
    }
}

/// The facts that a script asks for, as JSON; a role stands for its service.
fn written(script: &Script, facts: &Facts, roles: &BTreeMap<String, Found>) -> Result<String, ScriptFault> {
    let mut asked = script.facts.clone();
    for path in &mut asked {
        if let Some(Unavailable::Failed(why)) =
            path.first().and_then(|first| facts.unavailable(registry::source_of(first)?))
        {
            return Err(ScriptFault::Machine(why.clone()));
        }
        if let [_, services, name, ..] = path.as_mut_slice()
            && services == "services"
            && let Some(Ok(service)) = roles.get(name)
        {
            name.clone_from(service);
        }
    }
    serde_json::to_string(&Excerpt(facts, &asked))
        .map_err(|error| ScriptFault::Machine(format!("the facts can't be written: {error}")))
}

/// Runs a script on a repository and reads its verdict.
pub async fn run(
    engine: &Engine,
    script: &Script,
    repository: &Path,
    facts: &str,
    doing: &dyn Fn(String),
) -> ScriptResult {
    let name = &script.name;
    if engine.is_remote {
        let why = format!("the script {name} needs a Docker Engine on this machine, where the repository is");
        return Err(ScriptFault::Machine(why));
    }
    match obtain(engine, &script.image, None, doing).await {
        Ok(_) => {}
        Err(Fault::Machine(why)) => return Err(ScriptFault::Machine(why)),
        Err(missing) => {
            let why = format!("the image {} of the script {name} can't be had: {}", script.image, missing.reason());
            return Err(ScriptFault::instructor(name, why));
        }
    }
    let unmounted = |error| ScriptFault::Machine(format!("the repository can't be mounted: {error}"));
    let unwritten = |error| ScriptFault::Machine(format!("the script {name} can't be written: {error}"));
    let root = repository.canonicalize().map_err(unmounted)?;
    // Beside the copy that is graded, where Docker Desktop can mount from.
    let folder = root.parent().map_or_else(tempfile::tempdir, tempfile::tempdir_in).or_else(|_| tempfile::tempdir());
    let folder = folder.map_err(unwritten)?;
    let program = folder.path().join("script");
    write(&program, &script.content).map_err(unwritten)?;
    let program = program.canonicalize().map_err(unwritten)?;
    let mount = |source: &Path, target: &str| ContainerMount {
        source: MountFrom::Path(source.to_owned()),
        target: target.to_owned(),
        read_only: true,
    };
    let spec = Spec {
        image: script.image.clone(),
        entrypoint: Some(std::iter::once(PROGRAM.to_owned()).chain(script.arguments.iter().cloned()).collect()),
        healthcheck: Some(HealthConfig { test: Some(vec!["NONE".into()]), ..HealthConfig::default() }),
        // Of what root may do it keeps to read files that are not its own; whatever user the image has.
        user: Some("0".to_owned()),
        mounts: vec![mount(&root, WORK), mount(&program, PROGRAM)],
        folder: Some(WORK.to_owned()),
        is_shut_off: true,
        ..Spec::default()
    };
    let ended = Standalone::run(engine, spec, Some(facts), script.timeout, MOST_OUTPUT).await;
    judged(script, ended)
}

#[cfg(unix)]
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, content)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    fs::write(path, content)
}

/// What came of it: a verdict, or what was wrong with the script.
fn judged(script: &Script, ended: Result<Output, StartError>) -> ScriptResult {
    let name = &script.name;
    let wrong = |why: String, printed: &Printed| {
        let said = end_of(&printed.stderr, LAST_WORDS);
        let said = if said.is_empty() { String::new() } else { format!("; it said: {said}") };
        Err(ScriptFault::instructor(name, format!("the script {name} {why}{said}")))
    };
    match ended {
        Err(StartError::Api(error)) => Err(ScriptFault::Machine(error.to_string())),
        Err(StartError::Refused(refused)) => {
            let why = format!("the script {name} can't be run in {}: {}", script.image, refused.why);
            Err(ScriptFault::instructor(name, why))
        }
        Ok(Output::NotRunning) => Err(ScriptFault::Machine(format!("the container of the script {name} was gone"))),
        Ok(Output::Late(printed)) => {
            wrong(format!("did not end within {}", humantime::format_duration(script.timeout)), &printed)
        }
        Ok(Output::Ended(printed)) if printed.ended_by.is_some() => {
            wrong(format!("was ended: it {}", printed.ended_by.as_deref().unwrap_or_default()), &printed)
        }
        Ok(Output::Ended(printed)) if printed.exit_code != 0 => {
            wrong(format!("ended with exit code {}", printed.exit_code), &printed)
        }
        Ok(Output::Ended(printed)) if printed.stdout_is_cut => {
            wrong(format!("printed more than {} MiB", MOST_OUTPUT >> 20), &printed)
        }
        Ok(Output::Ended(printed)) => verdict::read(&printed.stdout).or_else(|why| wrong(why.to_string(), &printed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Fact;

    fn script(facts: &[&[&str]]) -> Script {
        Script {
            arguments: Vec::new(),
            name: "check.sh".into(),
            content: Vec::new(),
            image: "debian".into(),
            facts: facts.iter().map(|path| path.iter().map(|&part| part.to_owned()).collect()).collect(),
            timeout: Duration::from_secs(30),
        }
    }

    #[test]
    fn it_reads_what_it_asks_for_and_roles_are_services() {
        let mut facts = Facts::default();
        facts.put("dockerfile.exists", true);
        facts.set(&["stack", "services", "web", "ready"], Fact::of(true));
        let roles = [("api".to_owned(), Ok("web".to_owned()))].into();
        let asked = script(&[&["stack", "services", "api", "ready"]]);
        let text = written(&asked, &facts, &roles).unwrap();
        assert!(text.contains("stack.services.web.ready") && !text.contains("dockerfile"), "{text}");
        facts.set_unavailable(Source::Stack, Unavailable::Failed("Compose broke".into()));
        assert_eq!(written(&asked, &facts, &roles), Err(ScriptFault::Machine("Compose broke".to_owned())));
        assert!(written(&script(&[&["dockerfile"]]), &facts, &roles).is_ok());
    }

    #[test]
    fn what_is_wrong_with_a_script_is_told_with_its_last_words() {
        let ended = |exit_code, stdout: &str, cut| {
            let printed = Printed {
                exit_code,
                stdout: stdout.into(),
                stderr: b"oh\n".into(),
                stdout_is_cut: cut,
                ..Printed::default()
            };
            judged(&script(&[]), Ok(Output::Ended(printed)))
        };
        for (result, expected) in [
            (ended(3, "", false), "the script check.sh ended with exit code 3; it said: oh"),
            (ended(0, "{}", true), "the script check.sh printed more than 1 MiB; it said: oh"),
            (ended(0, "", false), "the script check.sh printed nothing, not a verdict; it said: oh"),
            (judged(&script(&[]), Ok(Output::Late(Printed::default()))), "the script check.sh did not end within 30s"),
        ] {
            assert_eq!(result, Err(ScriptFault::instructor("check.sh", expected)));
        }
        assert!(ended(0, r#"{"passed": true}"#, false).is_ok());
    }
}
