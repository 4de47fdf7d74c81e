//! The check language's keys: their names, what each takes and what it is for. The loader reads by these tables, the
//! schema for editors is made from them.

/// One key of a map.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What stands behind it.
    pub kind: Kind,
    /// What it is for, in a sentence.
    pub doc: &'static str,
    /// Whether it has to be there.
    pub required: bool,
}

/// What stands behind a key.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Text for people, or a name.
    Text,
    /// Lower case: letters, digits and `-`.
    Id,
    /// A path in the repository.
    Path,
    /// A whole number in these bounds.
    Number(u32, u32),
    /// True or false.
    Bool,
    /// Bytes: `1GiB`.
    Size,
    /// A length of time: `30s`.
    Duration,
    /// A number of processors: `1.5`.
    Cpus,
    /// Texts in their order.
    Texts,
    /// A command: its words, or one text for the shell.
    Command,
    /// Texts by names.
    TextMap,
    /// Values by the names of parameters: `{ max: 200MB }`.
    Parameters,
    /// Any text, line breaks and blanks included.
    Verbatim,
    /// A fact's name.
    Fact,
    /// The names of facts, or of their sources.
    Facts,
    /// One of these words, some followed by a name: `restart`.
    Words(&'static [&'static str]),
    /// A map of these keys.
    Record(&'static [Key]),
    /// Values of this kind in their order.
    List(&'static Kind),
    /// Values of this kind by names of the instructor's.
    Named(&'static Kind),
    /// Exactly one of these keys.
    OneOf(&'static [Key]),
    /// What has to hold of facts: `[{ image.size: { below: 200MB } }]`.
    Expectations,
    /// One item of expectations.
    Expectation,
    /// The same, what came back from the step included.
    StepExpectations,
    /// Names and what to keep: a step's fact, or a pattern with one group.
    Captures,
    /// A matcher for numbers.
    CountMatcher,
    /// Steps in their order.
    Steps,
    /// Facts, `files:` and `steps:`, with which a check is tried.
    Example,
    /// The checks of a challenge.
    Checks,
}

const fn may(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, doc, required: false }
}

const fn must(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, doc, required: true }
}

/// The most points that a part, a check or a pass mark may have.
pub const MOST_POINTS: u32 = 10_000;
const POINTS: Kind = Kind::Number(1, MOST_POINTS);
const PORT: Kind = Kind::Number(1, 65_535);

/// A check.
pub static CHECK: [Key; 12] = [
    must("id", Kind::Id, "The check's name; its file is called like it."),
    must("title", Kind::Text, "What it is about, in a few words."),
    may("with", Kind::Parameters, "Parameters and their defaults; `{name}` stands for them."),
    may("needs", Kind::Texts, "The checks that have to pass first."),
    may("expect", Kind::Expectations, "What has to hold, each item one fact."),
    may("try", Kind::Steps, "What has to be done to be seen, in order."),
    may("script", Kind::Record(&SCRIPT), "A program that judges what no fact can say."),
    may("advise", Kind::Expectations, "Tips: like `expect`, but they never fail the check. Each needs a `message`."),
    must("why", Kind::Text, "Why it matters, in a sentence."),
    must("hints", Kind::Texts, "From the gentlest on; they lead on and do not give the line away."),
    may("show", Kind::Fact, "A fact whose value is shown even if the check passes."),
    may("examples", Kind::Record(&EXAMPLES), "Facts with which it passes and fails: tests and documentation."),
];

/// How a check counts in a challenge.
pub static COUNTED: [Key; 3] = [
    may("points", POINTS, "The points that it is worth; without any it is a gate that others need."),
    may("bonus", POINTS, "Points on top: they make up for others that are missing."),
    may("optional", Kind::Bool, "It is judged and shown, but never keeps from passing."),
];

/// A check of the library, or of the challenge's folder `checks`, in a challenge.
pub static USE: [Key; 9] = [
    must("use", Kind::Id, "The check's id."),
    COUNTED[0],
    COUNTED[1],
    COUNTED[2],
    may("with", Kind::Parameters, "Values for its parameters."),
    may("title", Kind::Text, "Another title."),
    may("needs", Kind::Texts, "What it needs here, in place of its own."),
    may("why", Kind::Text, "Another reason."),
    may("hints", Kind::Texts, "Other hints."),
];

/// A challenge.
pub static CHALLENGE: [Key; 10] = [
    must("id", Kind::Id, "The challenge's name; its folder is called like it."),
    must("title", Kind::Text, "Its title."),
    must("about", Kind::Text, "What is to be done, in a sentence."),
    may("subject", Kind::Record(&SUBJECT), "What is graded."),
    may("roles", Kind::Named(&Kind::OneOf(&ROLE)), "Services by what they are, not by their names."),
    may("given", Kind::Texts, "Patterns of files that are supplied: not graded, restored if changed."),
    may("limits", Kind::Record(&LIMITS), "How long and how much each part of the work may take."),
    may("total", POINTS, "The points that all checks have to sum to."),
    may("pass_mark", POINTS, "The points that make a pass; all, unless said."),
    must("checks", Kind::Checks, "The checks, in their order."),
];

/// What a challenge grades.
pub static SUBJECT: [Key; 8] = [
    may("dockerfile", Kind::Path, "The Dockerfile, relative to the build context."),
    may("context", Kind::Path, "The build context, relative to the repository."),
    may("target", Kind::Text, "The stage that is built; unless said, what the service builds, else the last."),
    may("args", Kind::TextMap, "Build arguments."),
    may("service", Kind::Text, "The role whose service is built from it."),
    may("compose", Kind::Path, "The Compose file; unless said, the one that Compose finds."),
    may("profiles", Kind::Texts, "The Compose profiles that are brought up."),
    may("http", Kind::Record(&ENDPOINT), "Where the application answers in its container."),
];

/// Where something answers.
pub static ENDPOINT: [Key; 2] =
    [must("port", PORT, "The port in the container."), must("path", Kind::Text, "The path, from `/`.")];

/// What a role is known by: one of these.
pub static ROLE: [Key; 2] = [
    may("built-from", Kind::Path, "It is built from this Dockerfile."),
    may("image", Kind::Text, "Its image fits this pattern: `redis*`."),
];

/// Bounds of the work.
pub static LIMITS: [Key; 8] = [
    may("build", Kind::Duration, "How long a build may take."),
    may("start", Kind::Duration, "How long a container or the stack may take until it is ready."),
    may("step", Kind::Duration, "How long one step of `try` may take."),
    may("memory", Kind::Size, "The memory of one container."),
    may("cpus", Kind::Cpus, "The processors of one container."),
    may("pids", Kind::Number(1, 100_000), "The processes of one container."),
    may("disk", Kind::Size, "What one container, one volume or one build may write."),
    may("run", Kind::Duration, "How long the whole run may take."),
];

/// What an expectation says beside its fact.
pub static WORDS: [Key; 5] = [
    may("points", POINTS, "The points for it and all before it that have none of their own."),
    may("message", Kind::Text, "What the learner reads if it does not hold."),
    may("expected", Kind::Text, "What was expected, in words."),
    may("hint", Kind::Text, "A hint of its own."),
    may("see", Kind::Fact, "Another fact to point at where this one has no place."),
];

/// `count:` of a text.
pub static COUNT_OF: [Key; 2] = [
    must("of", Kind::Verbatim, "A regular expression."),
    must("is", Kind::CountMatcher, "What the number of places that fit it has to be."),
];

/// Examples of a check.
pub static EXAMPLES: [Key; 2] = [
    may("pass", Kind::List(&Kind::Example), "The check passes with these."),
    may("fail", Kind::List(&Kind::Example), "It fails with these."),
];

/// A program that judges.
pub static SCRIPT: [Key; 4] = [
    must("run", Kind::Path, "The program, beside the check."),
    must("image", Kind::Text, "The image that it runs in, without a network."),
    may("facts", Kind::Facts, "The facts, or sources of facts, that it reads as JSON."),
    may("timeout", Kind::Duration, "How long it may take; 30s unless said."),
];

/// A step: one of [`ACTIONS`], and these.
pub static STEP: [Key; 4] = [
    may("within", Kind::Duration, "How long `container:` or `compose:` may take."),
    may("expect", Kind::StepExpectations, "What has to hold of what came back."),
    may("capture", Kind::Captures, "Values to keep for later, which write `{name}`."),
    may("points", POINTS, "The points for it and all before it that have none of their own."),
];

/// What a step does: one of these.
pub static ACTIONS: [Key; 9] = [
    may("http", Kind::Record(&HTTP), "Asks a service or the container over HTTP, on a port that it publishes."),
    may("exec", Kind::Record(&EXEC), "Runs a command in a service's container, or in the container."),
    may("run", Kind::Record(&RUN), "Runs a container of its own to its end."),
    may("files", Kind::Record(&FILES), "Looks for files in an image or a container."),
    may("container", Kind::Words(&LIFECYCLE), "Stops, starts, restarts or signals the container: `kill SIGTERM`."),
    may("compose", Kind::Words(&COMPOSE), "Does something with the stack: `down`, `restart api`, `scale api=2`."),
    may("edit", Kind::Record(&EDIT), "Changes a file of the copy that is graded."),
    may("rebuild", Kind::Record(&REBUILD), "Builds the image once more, to see what the build cache saves."),
    may("wait", Kind::Record(&WAIT), "Waits until something holds."),
];

/// What can be done with the container.
pub static LIFECYCLE: [&str; 4] = ["start", "stop", "restart", "kill SIGNAL"];
/// What can be done with the stack.
pub static COMPOSE: [&str; 8] = [
    "up",
    "down",
    "down-with-volumes",
    "restart SERVICE",
    "stop SERVICE",
    "start SERVICE",
    "kill SERVICE",
    "scale SERVICE=N",
];

const SERVICE: Key = may("service", Kind::Text, "The role or service; without it, the container of the graded image.");
const CONTAINER: Key = may("container", Kind::Words(&["built"]), "The container of the graded image.");
const USER: Key = may("user", Kind::Text, "The user that it runs as.");
const STDIN: Key = may("stdin", Kind::Verbatim, "What it reads.");
const TIMEOUT: Key = may("timeout", Kind::Duration, "How long it may take.");
const RETRY: Key = may("retry_for", Kind::Duration, "How long it is tried again until it is as expected.");

/// `http:`
pub static HTTP: [Key; 9] = [
    SERVICE,
    CONTAINER,
    may("port", PORT, "The port in the container; unless said, any that is published."),
    may("method", Kind::Words(&["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]), "GET unless said."),
    must("path", Kind::Text, "The path, from `/`."),
    may("headers", Kind::TextMap, "Headers that are sent."),
    may("body", Kind::Verbatim, "What is sent."),
    TIMEOUT,
    RETRY,
];

/// `exec:`
pub static EXEC: [Key; 7] = [
    SERVICE,
    CONTAINER,
    must("command", Kind::Command, "The command: its words, or one text for the shell."),
    USER,
    STDIN,
    TIMEOUT,
    RETRY,
];

/// `run:`
pub static RUN: [Key; 9] = [
    may("image", Kind::Text, "The name of an image; the graded one (`built`) unless said."),
    may("command", Kind::Command, "In place of the image's own command."),
    may("entrypoint", Kind::Texts, "In place of the image's own entrypoint; `[]` for none."),
    may("env", Kind::TextMap, "Its environment."),
    may("mounts", Kind::Texts, "`name:/target` a volume of this check's, `./path:/target` of the repository; `:ro`."),
    may("network", Kind::Text, "`stack.<name>`: a network of the stack; unless said, the engine's own."),
    USER,
    STDIN,
    TIMEOUT,
];

/// `files:`
pub static FILES: [Key; 4] = [
    SERVICE,
    CONTAINER,
    may("image", Kind::Text, "`built` for the graded image, or the name of another."),
    must("paths", Kind::Texts, "Paths from `/`; `*` stands for anything but `/`, `**` for anything."),
];

/// `edit:`
pub static EDIT: [Key; 3] = [
    must("file", Kind::Path, "The file."),
    must("replace", Kind::Verbatim, "The text that is replaced, wherever it stands."),
    must("with", Kind::Verbatim, "What stands there then."),
];

/// `rebuild:`
pub static REBUILD: [Key; 1] =
    [may("touch", Kind::Path, "A file that is changed before: a blank line is added to it.")];

/// `wait:`
pub static WAIT: [Key; 2] = [
    must("for", Kind::Expectation, "What has to hold, as in `expect`, of the stack or the container."),
    must("within", Kind::Duration, "How long is waited."),
];

/// One entry of an override file: what an instructor decided by hand.
pub static OVERRIDE: [Key; 4] = [
    must(
        "repository",
        Kind::Text,
        "The repository: its folder's name, its path, or `owner/name` as git or Actions know it.",
    ),
    must("check", Kind::Id, "The check."),
    must("points", Kind::Number(0, MOST_POINTS), "The points that it gets."),
    must("reason", Kind::Text, "Why; everyone who sees the report reads it."),
];

/// A case's `expect.yaml`: what comes of the solution with the case's files laid over it.
pub static CASE: [Key; 5] = [
    must("about", Kind::Text, "What is wrong in this case, or odd and still right."),
    must("fails", Kind::Texts, "Exactly the checks that fail; `[]` if all pass."),
    may("score", Kind::Number(0, MOST_POINTS), "The points that it earns."),
    may("finding", Kind::Record(&SOUGHT), "A finding that has to be among those of a check."),
    may("remove", Kind::Texts, "Files of the solution that are not there in this case."),
];

/// `finding:` of a case.
pub static SOUGHT: [Key; 4] = [
    must("check", Kind::Id, "The check that finds it."),
    may("path", Kind::Path, "The file that it points at."),
    may("line", Kind::Number(1, 1_000_000), "The line there."),
    may("message", Kind::Text, "Words that stand in it."),
];

/// One entry of `mutants.yaml`: a change of the solution that no check notices, and why that is fair.
pub static FAIR: [Key; 2] = [
    must("mutant", Kind::Text, "Its name, as `grader test` shows it."),
    must("reason", Kind::Text, "Why no check has to notice it."),
];
