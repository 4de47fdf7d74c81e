//! `grader init`: writes a challenge's starter. It never overwrites a file.

use super::memory::Memory;
use super::workflow::{self, Workflow};
use super::{Failure, course, find, output, settings};
use crate::challenge::{Challenge, StarterFile};
use crate::report::escape;
use crate::report::layout::Tone;
use clap::Args;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

/// Start a challenge: write its files
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The challenge, by its id or the path of its folder; or a course, by its folder: its next unit is started
    pub challenge: String,
    /// Where to start [default: a new folder named like the challenge]
    pub dir: Option<PathBuf>,
}

/// The most files in the way that are named.
const NAMED: usize = 10;

/// Writes the files and says what to do next.
pub fn run(args: &InitArgs) -> Result<u8, Failure> {
    let named = selector(&args.challenge)?;
    let challenge = find::challenge(&named)?;
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from(&challenge.id));
    start(&challenge, &named, &folder)
}

/// Writes the starter of a challenge to a folder.
pub(super) fn start(challenge: &Challenge, named: &str, folder: &Path) -> Result<u8, Failure> {
    let mut files = challenge.starter.clone();
    let workflow = Workflow::of(named, folder);
    let named = find::lasting_name(named, &challenge.id);
    files
        .entry(settings::FILE.to_owned())
        .or_insert_with(|| StarterFile { content: settings::text(&named).into_bytes(), executable: false });
    if let Workflow::New(text) = &workflow {
        files
            .entry(workflow::FILE.to_owned())
            .or_insert_with(|| StarterFile { content: text.clone().into_bytes(), executable: false });
    }
    in_the_way(folder, &files, "grader init CHALLENGE DIR")?;
    write_all(folder, &files)?;
    let mut memory = Memory::load(folder);
    memory.begin(&challenge.id, &named);
    memory.save();

    let mut page = output::page();
    page.prose(0, (Tone::Text, ""), Tone::Strong, &challenge.title);
    page.prose(0, (Tone::Text, ""), Tone::Text, &challenge.about);
    page.blank();
    page.prose(
        0,
        (Tone::Good, page.sign("✓ ", "")),
        Tone::Text,
        &format!("{} files written to {}", files.len(), folder.display()),
    );
    let note = workflow.note();
    let note = note.unwrap_or_else(|| format!("{} grades each push in GitHub Actions.", workflow::FILE));
    page.prose(0, (Tone::Text, "  "), Tone::Quiet, &note);
    if files.contains_key("README.md") {
        page.prose(0, (Tone::Text, "  "), Tone::Quiet, "README.md explains the task.");
    }
    page.blank();
    let mut label = "Next    ";
    if folder != Path::new(".") {
        let cd = format!("cd {}", escape::shell_word(&folder.display().to_string()));
        page.line(0, &[(Tone::Strong, std::mem::replace(&mut label, "        ")), (Tone::Command, &cd)]);
    }
    page.line(0, &[(Tone::Strong, label), (Tone::Command, "grader check")]);
    output::print(&page.finish())?;
    Ok(0)
}

/// What finds the challenge to start: a course means its next unit.
fn selector(named: &str) -> Result<String, Failure> {
    let Some(course) = course::course(named)? else { return Ok(named.to_owned()) };
    let runs = course::CourseRuns::of(&course)?;
    let next = runs.next(&course).map(|unit| unit.selector.clone());
    next.ok_or_else(|| {
        let what = format!("all units of {} are done", escape::line(&course.title));
        Failure::usage(what, "To start one again, name it: grader init COURSE/CHALLENGE DIR")
    })
}

/// Refuses to start where a file is already, or where a folder is a link to somewhere else.
pub(super) fn in_the_way(folder: &Path, files: &BTreeMap<String, StarterFile>, again: &str) -> Result<(), Failure> {
    let mut found = Vec::new();
    for path in files.keys() {
        let relative = Path::new(path);
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(Failure::usage(format!("the challenge's starter has a file outside of it: {path}"), ""));
        }
        let parents = relative.ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty());
        let blocked = parents
            .map(|parent| (parent, fs::symlink_metadata(folder.join(parent))))
            .find(|(_, entry)| entry.as_ref().is_ok_and(|entry| !entry.is_dir()));
        match blocked {
            Some((parent, _)) => found.push(parent.display().to_string()),
            None if fs::symlink_metadata(folder.join(relative)).is_ok() => found.push(path.clone()),
            None => {}
        }
    }
    found.dedup();
    if found.is_empty() {
        return Ok(());
    }
    let more = found.len().saturating_sub(NAMED);
    found.truncate(NAMED);
    let more = if more > 0 { format!("\nand {more} more") } else { String::new() };
    Err(Failure::usage(
        format!("nothing was written: these are in the way in {}\n{}{more}", folder.display(), found.join("\n")),
        format!("Move them away, or name another folder: {again}"),
    ))
}

/// Writes files that are not there yet.
pub(super) fn write_all(folder: &Path, files: &BTreeMap<String, StarterFile>) -> Result<(), Failure> {
    for (path, file) in files {
        let target = folder.join(path);
        write(&target, file)
            .map_err(|error| Failure::machine(format!("cannot write {}: {error}", target.display()), ""))?;
    }
    Ok(())
}

fn write(target: &Path, file: &StarterFile) -> io::Result<()> {
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(if file.executable { 0o777 } else { 0o666 }); // less the umask
    }
    options.open(target)?.write_all(&file.content)
}
