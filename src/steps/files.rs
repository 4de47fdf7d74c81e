//! `files:` looks for files in an image or a container.

use super::answers::{StepFact, fact};
use super::keys::{CONTAINER, SERVICE, target};
use super::{Acting, Action, Needs, StepKind, StepRunner, StepTarget, Turn, kind};
use crate::engine::image::filesystem::Filesystem;
use crate::engine::image::filesystem::entries::{Entries, FoundEntry, FoundKind, MOST_FOUND, Text, fits, is_anywhere};
use crate::engine::image::stream::StreamError;
use crate::facts::registry::Type;
use crate::facts::{Fact, Facts, Value};
use crate::language::grammar::{Key, ValueKind, may};
use crate::language::scope::Scope;
use crate::outcome::Fault;
use crate::place::Place;
use crate::repository::{Repository, matches_glob};
use crate::yaml::Node;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// `files:`
pub static KIND: StepKind = StepKind {
    name: "files",
    doc: "Looks for files in an image, a container or the repository, or for programs.",
    takes: ValueKind::Record(&KEYS),
    one_of: &PLACES,
    answers: &ANSWERS,
    afresh: &[],
    read: |scope, node, _| kind::boxed(read(scope, node)),
};

/// Where files can be looked for.
const PLACES: [&str; 4] = ["service", "container", "image", "repository"];

static KEYS: [Key; 6] = [
    SERVICE,
    CONTAINER,
    may("image", ValueKind::Text, "`built` for the graded image, or the name of another."),
    may(
        "repository",
        ValueKind::Bool,
        "`true` for the graded files, with what earlier steps changed; `/` is their root.",
    ),
    may("paths", ValueKind::Texts, "Paths from `/`; `*` stands for anything but `/`, `**` for anything."),
    may("commands", ValueKind::Texts, "Names of programs, looked for where a shell would: `[gcc, sh]`."),
];

static ANSWERS: [StepFact; 2] = [
    fact(
        "found",
        Type::List(&Type::Record(&[
            ("path", Type::Text),
            ("kind", Type::Word(&["file", "folder", "link", "other"])),
            ("mode", Type::Mode),
            ("owner", Type::Text),
            ("size", Type::Size),
            ("content", Type::Text),
        ])),
        "What is there: `kind` is `file`, `folder`, `link` or `other`, `mode` as in `0644`, `content` that of a text file up to 64 KiB.",
    ),
    fact("missing", Type::List(&Type::Text), "The paths that nothing fits."),
];

/// How long all of it may take; a large image is read in a few seconds.
const LIMIT: Duration = Duration::from_secs(180);

/// A search for files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSearch {
    /// Where files are looked for.
    pub place: FilesIn,
    /// Paths from `/`, with `*` and `**`.
    pub paths: Vec<String>,
    /// The names of programs.
    pub commands: Vec<String>,
}

/// Where files are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesIn {
    /// In a container that runs.
    In(StepTarget),
    /// In an image; `None` is the graded one.
    Image(Option<String>),
    /// In the graded files.
    Repository,
}

fn read(scope: &Scope<'_>, node: &Node) -> Option<FileSearch> {
    let fields = scope.fields(node, "`{ image: built, paths: [ … ] }`", &[&KEYS]);
    node.as_map()?;
    let paths = scope.texts(fields, "paths");
    match fields.get("paths") {
        None if fields.get("commands").is_none() => scope.problem(fields.start(), "`paths` is missing here"),
        None => {}
        Some(node) if paths.is_empty() && node.as_seq().is_some() => scope.problem(node.span, "this list is empty"),
        Some(node) => {
            for path in paths.iter().filter(|path| !path.starts_with('/')) {
                scope.add(scope.bad(node, format!("`{path}` has to start with `/`")));
            }
        }
    }
    let commands = scope.texts(fields, "commands");
    if let Some(name) = commands.iter().find(|name| name.contains(['/', '*']) || name.is_empty()) {
        scope.problem(fields.start(), format!("`{name}` is no name of a program; write its path under `paths`"));
    }
    let named = PLACES.into_iter().filter_map(|key| fields.entry(key)).collect::<Vec<_>>();
    if let [_, second, ..] = named.as_slice() {
        scope.problem(
            second.key_span,
            "files are looked for in one place: a `service`, the `container`, an `image` or the `repository`",
        );
    }
    let is_repository = fields.get("repository").and_then(|node| scope.boolean(node)) == Some(true);
    if let Some(entry) = fields.entry("commands").filter(|_| is_repository) {
        scope.problem(entry.key_span, "programs are looked for in an image or a container");
    }
    let place = match fields.get("image") {
        _ if is_repository => FilesIn::Repository,
        Some(node) => FilesIn::Image(Some(scope.prose(node)?).filter(|image| image != "built")),
        None if named.is_empty() => FilesIn::Image(None),
        None => FilesIn::In(target(scope, fields)?),
    };
    Some(FileSearch { place, paths, commands })
}

impl Action for FileSearch {
    fn needs(&self) -> Needs {
        match &self.place {
            FilesIn::In(target) => target.needs(),
            FilesIn::Image(_) => Needs::default(),
            FilesIn::Repository => Needs { files: true, ..Needs::default() },
        }
    }

    fn started(&self) -> Option<&str> {
        match &self.place {
            FilesIn::In(target) => target.started(),
            FilesIn::Image(_) | FilesIn::Repository => None,
        }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        self.paths.iter_mut().chain(&mut self.commands).collect()
    }

    fn act<'r>(&'r self, runner: &'r mut StepRunner<'_>, _: Turn<'r>) -> Acting<'r, Facts> {
        Box::pin(runner.files(self))
    }
}

impl StepRunner<'_> {
    async fn files(&mut self, search: &FileSearch) -> Result<Facts, Fault> {
        let begin = Instant::now();
        let (filesystem, place, name) = match &search.place {
            FilesIn::In(target) => {
                let (id, place, name) = self.container_of(target).await?;
                (Filesystem::of_container(self.engine, id), place, name)
            }
            FilesIn::Repository => return self.in_repository(search, begin).await,
            FilesIn::Image(image) => {
                let (tag, _) = self.image_of(image.as_deref()).await?;
                let file = self.graded.filter(|_| image.is_none());
                let place = file.map(|graded| Place::file(graded.dockerfile));
                let name = image.clone().unwrap_or_else(|| "the image".to_owned());
                (Filesystem::open(self.engine, &tag).await?, place, name)
            }
        };
        (self.doing)(format!("look for files in {}", name.trim_matches('`')));
        let looked = timeout(LIMIT, look(&filesystem, search, &self.path_of(&search.place))).await;
        filesystem.close().await?;
        let Ok(looked) = looked else {
            let limit = humantime::format_duration(LIMIT);
            return Err(Fault::machine(format!("looking for files in {name} took longer than {limit}")));
        };
        let (entries, missing, names) = looked.map_err(|error| Fault::machine(error.to_string()))?;
        Ok(facts(&entries, missing, &names, begin.elapsed(), place.as_ref()))
    }
}

/// Where programs are looked for unless the image says otherwise.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The most folders of a PATH that are looked into.
const MOST_FOLDERS: usize = 30;
/// The longest file of the repository whose text is kept.
const MOST_TEXT: u64 = 64 << 10;

impl StepRunner<'_> {
    /// The folders where a shell looks for programs.
    fn path_of(&self, place: &FilesIn) -> Vec<String> {
        let is_graded =
            matches!(place, FilesIn::Image(None) | FilesIn::In(StepTarget::Container | StepTarget::Started(_)));
        let graded = self.graded.filter(|_| is_graded);
        let own = graded.and_then(|graded| graded.image.at(&["image", "env", "PATH"])?.text().map(str::to_owned));
        let path = own.unwrap_or_else(|| PATH.to_owned());
        let folders = path.split(':').filter(|folder| folder.starts_with('/') && !folder.contains('*'));
        folders.take(MOST_FOLDERS).map(|folder| folder.trim_end_matches('/').to_owned()).collect()
    }

    /// Looks for files of the graded copy, as they are now.
    async fn in_repository(&mut self, search: &FileSearch, begin: Instant) -> Result<Facts, Fault> {
        (self.doing)("look for files in the repository".into());
        let root = self.copy_as_it_is().await?;
        let repository = Repository::open(root).map_err(Fault::machine)?;
        let (mut entries, mut missing) = (Entries::default(), Vec::new());
        let files = repository.graded_files();
        for pattern in &search.paths {
            let wanted = pattern.trim_start_matches('/');
            let before = entries.found.len();
            for path in files.iter().filter(|path| matches_glob([wanted], path)) {
                let read = repository.read(path, MOST_TEXT);
                let text = read.ok().flatten().and_then(|bytes| String::from_utf8(bytes).ok());
                let size = text.as_ref().map_or(0, |text| text.len() as u64);
                let text = text.map_or(Text::Unread("it is no short text"), Text::Read);
                let path = format!("/{path}");
                let entry = FoundEntry { path: path.clone(), kind: FoundKind::File, mode: 0o644, uid: 0, size, text };
                if entries.found.len() < MOST_FOUND {
                    entries.found.insert(path, entry);
                } else {
                    entries.is_cut = true;
                }
            }
            if entries.found.len() == before {
                missing.push(pattern.clone());
            }
        }
        Ok(facts(&entries, missing, &BTreeMap::new(), begin.elapsed(), None))
    }
}

type Looked = (Entries, Vec<String>, BTreeMap<u64, String>);

/// What fits, the patterns that nothing fits, and the names of users.
async fn look(filesystem: &Filesystem<'_>, search: &FileSearch, path: &[String]) -> Result<Looked, StreamError> {
    let (mut entries, mut missing) = (Entries::default(), Vec::new());
    for command in &search.commands {
        let before = entries.found.len();
        for folder in path {
            let found = filesystem.entries(&format!("{folder}/{command}")).await?;
            entries.found.extend(found.found.into_iter().filter(|(_, entry)| entry.kind != FoundKind::Folder));
        }
        if entries.found.len() == before {
            missing.push(command.clone());
        }
    }
    // Those that fit in any folder need all of it, which is read once for them.
    let anywhere: Vec<&str> = search.paths.iter().map(String::as_str).filter(|path| is_anywhere(path)).collect();
    if anywhere.len() > 1 {
        let found = filesystem.entries_of_any(&anywhere).await?;
        let is_missing = |pattern: &&&str| !found.found.keys().any(|path| fits(pattern, path));
        missing.extend(anywhere.iter().filter(is_missing).map(|&pattern| pattern.to_owned()));
        entries.is_cut |= found.is_cut;
        entries.found.extend(found.found);
    }
    for path in search.paths.iter().filter(|path| anywhere.len() < 2 || !is_anywhere(path)) {
        let found = filesystem.entries(path).await?;
        if found.found.is_empty() {
            missing.push(path.clone());
        }
        entries.is_cut |= found.is_cut;
        entries.found.extend(found.found);
    }
    let users = if entries.found.is_empty() { None } else { filesystem.text("/etc/passwd").await? };
    Ok((entries, missing, names(&users.unwrap_or_default())))
}

/// The names of users by their numbers; of several the first, as the system has it.
fn names(passwd: &str) -> BTreeMap<u64, String> {
    let mut names = BTreeMap::new();
    for line in passwd.lines() {
        let mut fields = line.split(':');
        if let (Some(name), Some(uid)) = (fields.next(), fields.nth(1).and_then(|uid| uid.parse().ok())) {
            names.entry(uid).or_insert_with(|| name.to_owned());
        }
    }
    names
}

fn facts(
    entries: &Entries,
    missing: Vec<String>,
    names: &BTreeMap<u64, String>,
    seconds: Duration,
    place: Option<&Place>,
) -> Facts {
    let at = |fact: Fact| fact.at(place.cloned());
    let found: Vec<Fact> = entries.found.values().take(MOST_FOUND).map(|entry| at(record(entry, names))).collect();
    let is_cut = entries.is_cut || entries.found.len() > MOST_FOUND;
    let found = Fact::of(found);
    let mut facts = Facts::default();
    let cut = || format!("only the first {MOST_FOUND} are here");
    facts.put("found", at(if is_cut { found.because(cut()) } else { found }));
    facts.put("missing", at(Fact::of(missing.into_iter().map(|path| at(Fact::of(path))).collect::<Vec<_>>())));
    facts.put("seconds", at(Fact::of(seconds)));
    facts
}

fn record(entry: &FoundEntry, names: &BTreeMap<u64, String>) -> Fact {
    let kind = match entry.kind {
        FoundKind::File => "file",
        FoundKind::Folder => "folder",
        FoundKind::Link => "link",
        FoundKind::Other => "other",
    };
    let content = match &entry.text {
        Text::Read(text) => Fact::of(text.as_str()),
        Text::Unread(why) => Fact::absent().because(*why),
    };
    Fact::record([
        ("path", Fact::of(entry.path.as_str())),
        ("kind", Fact::of(kind)),
        ("mode", Fact::of(format!("{:04o}", entry.mode))),
        ("owner", Fact::of(names.get(&entry.uid).cloned().unwrap_or_else(|| entry.uid.to_string()))),
        ("size", Fact::of(Value::Size(entry.size))),
        ("content", content),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_the_names_of_passwd() {
        let names = names("root:x:0:0:root:/root:/bin/sh\nbroken\ntoor:x:0:0::\napp:x:1234:1::\nx:y:z\n");
        assert_eq!(names, [(0, "root".to_owned()), (1234, "app".to_owned())].into());
    }

    #[test]
    fn what_is_found_is_told_with_mode_and_owner() {
        let entry = FoundEntry {
            path: "/app/run".into(),
            kind: FoundKind::File,
            mode: 0o4755,
            uid: 7,
            size: 3,
            text: Text::Unread("it is no text"),
        };
        let shown = record(&entry, &BTreeMap::new()).value().unwrap().to_string();
        assert_eq!(shown, "content: none, kind: file, mode: 4755, owner: 7, path: /app/run, size: 3B");
    }
}
