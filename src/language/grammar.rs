//! The check language's keys: their names, what each takes and what it is for. The loader reads by these tables, the
//! schema for editors is made from them.

/// One key of a map.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What stands behind it.
    pub kind: ValueKind,
    /// What it is for, in a sentence.
    pub doc: &'static str,
    /// Whether it has to be there.
    pub required: bool,
}

/// What stands behind a key.
#[derive(Debug, Clone, Copy)]
pub enum ValueKind {
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
    /// One text, or several in a list.
    TextOrTexts,
    /// A command: its words, or one text for the shell.
    Command,
    /// Texts by names.
    TextMap,
    /// Values by the names of parameters: `{ max: 200MB }`.
    Parameters,
    /// The same, some of them the learner's: `{ image: { from: learner, example: jane/hello } }`.
    ChallengeParameters,
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
    List(&'static ValueKind),
    /// Values of this kind by names of the instructor's.
    Named(&'static ValueKind),
    /// Exactly one of these keys.
    OneOf(&'static [Key]),
    /// What has to hold of facts: `[{ image.size: { below: 200MB } }]`.
    Expectations,
    /// One item of expectations.
    Expectation,
    /// One item of expectations, or a length of time.
    ExpectationOrDuration,
    /// What has to hold of facts, what came back from the step included.
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
    /// A number, or maps of these keys.
    Findings(&'static [Key]),
}

/// A key that may be left out.
pub(crate) const fn may(name: &'static str, kind: ValueKind, doc: &'static str) -> Key {
    Key { name, kind, doc, required: false }
}

/// A key that has to be there.
pub(crate) const fn must(name: &'static str, kind: ValueKind, doc: &'static str) -> Key {
    Key { name, kind, doc, required: true }
}

/// The most points that a part, a check or a pass mark may have.
pub const MOST_POINTS: u32 = 10_000;
/// A number of points.
pub(crate) const POINTS: ValueKind = ValueKind::Number(1, MOST_POINTS);
/// A port.
pub(crate) const PORT: ValueKind = ValueKind::Number(1, 65_535);

/// A check.
pub static CHECK: [Key; 19] = [
    must("id", ValueKind::Id, "The check's name; its file is called like it."),
    must("title", ValueKind::Text, "What it is about, in a few words."),
    may("with", ValueKind::Parameters, "Parameters and their defaults; `{name}` stands for them."),
    may("needs", ValueKind::Texts, "The checks that have to pass first."),
    may("task", ValueKind::Text, "What the learner has to reach, in a sentence: it is shown before it is tried."),
    may("message", ValueKind::Text, "What the learner reads if an item or step fails that has no `message` itself."),
    may("expected", ValueKind::Text, "What was expected, in words, for every item that doesn't say it itself."),
    may("hint", ValueKind::Text, "A hint for every item and step that has none itself."),
    may("expect", ValueKind::Expectations, "What has to hold, in order, each item one fact."),
    may("try", ValueKind::Steps, "What has to be done to be seen, in order."),
    may(
        "changes",
        ValueKind::Words(&["stack"]),
        "What its steps change for others: it is done after them, and those that come later get a fresh stack.",
    ),
    may("script", ValueKind::Record(&SCRIPT), "A program that judges what no fact can say."),
    may(
        "advise",
        ValueKind::Expectations,
        "Tips: like `expect`, but they never fail the check. Each needs a `message`.",
    ),
    must("why", ValueKind::Text, "Why it matters, in a sentence."),
    must("hints", ValueKind::Texts, "From the gentlest on; they lead on and do not give the line away."),
    may("learn", ValueKind::Text, "The address of the page to read about it: `https://docs.docker.com/…`."),
    may("reflect", ValueKind::Text, "A question to think about, shown once the check passes."),
    may("show", ValueKind::Fact, "A fact whose value is shown even if the check passes."),
    may("examples", ValueKind::Record(&EXAMPLES), "Facts with which it passes and fails: tests and documentation."),
];

/// How a check counts in a challenge.
pub static COUNTED: [Key; 3] = [
    may("points", POINTS, "The points that it is worth; without any it is a gate that others need."),
    may("bonus", POINTS, "Points on top: they make up for others that are missing."),
    may("optional", ValueKind::Bool, "It is judged and shown, but never keeps from passing."),
];

/// A check of the library, or of the challenge's folder `checks`, in a challenge.
pub static USE: [Key; 16] = [
    must("use", ValueKind::Id, "The check's id."),
    COUNTED[0],
    COUNTED[1],
    COUNTED[2],
    may("with", ValueKind::Parameters, "Values for its parameters."),
    may("title", ValueKind::Text, "Another title."),
    may("needs", ValueKind::Texts, "What it needs here, in place of its own."),
    may("why", ValueKind::Text, "Another reason."),
    may("hints", ValueKind::Texts, "Other hints."),
    may("task", ValueKind::Text, "Another task."),
    may("message", ValueKind::Text, "What to say in place of all its messages."),
    may("expected", ValueKind::Text, "What was expected, in place of all that it says itself."),
    may("hint", ValueKind::Text, "A hint in place of those of all its items and steps."),
    may("learn", ValueKind::Text, "Another page to read."),
    may("reflect", ValueKind::Text, "Another question to think about."),
    may("advise", ValueKind::Expectations, "Other tips; `[]` for none."),
];

/// A challenge.
pub static CHALLENGE: [Key; 11] = [
    must("id", ValueKind::Id, "The challenge's name; its folder is called like it."),
    must("title", ValueKind::Text, "Its title."),
    must("about", ValueKind::Text, "What is to be done, in a sentence."),
    may(
        "with",
        ValueKind::ChallengeParameters,
        "Parameters: for its own texts, and for the parameters of its checks that are called so.",
    ),
    may("subject", ValueKind::Record(&SUBJECT), "What is graded."),
    may(
        "roles",
        ValueKind::Named(&ValueKind::OneOf(&ROLE)),
        "Services, networks and volumes by what they are, not by their names.",
    ),
    may("given", ValueKind::Texts, "Patterns of files that are supplied: not graded, restored if changed."),
    may("limits", ValueKind::Record(&LIMITS), "How long and how much each part of the work may take."),
    may("total", POINTS, "The points that all checks have to sum to."),
    may("pass_mark", POINTS, "The points that make a pass; all, unless said."),
    must("checks", ValueKind::Checks, "The checks, in their order."),
];

/// A course: challenges in their order, and what they share.
pub static COURSE: [Key; 9] = [
    must("id", ValueKind::Id, "The course's name."),
    must("title", ValueKind::Text, "Its title."),
    may("about", ValueKind::Text, "What it teaches, in a sentence."),
    may(
        "checks",
        ValueKind::Path,
        "A folder of checks that its challenges share. Their own come first, the library's last.",
    ),
    may("causes", ValueKind::Path, "A folder of causes that its challenges share."),
    may("policy", ValueKind::Path, "A file with what it allows or refuses in Compose files and Dockerfiles."),
    may("limits", ValueKind::Record(&LIMITS), "Bounds of the work, for challenges that have none of their own."),
    must("units", ValueKind::List(&ValueKind::Record(&UNIT)), "The challenges, in their order."),
    may("pass", ValueKind::Record(&PASS), "What makes a pass; all units, unless said."),
];

/// One unit of a course.
pub static UNIT: [Key; 6] = [
    must("challenge", ValueKind::Path, "The path of the challenge's folder, or the id of one that is built in."),
    may("lesson", ValueKind::Text, "The lesson that it belongs to: `1.6`."),
    may("url", ValueKind::Text, "Where that lesson is read."),
    may("after", ValueKind::Texts, "Units that are better done first. It advises, and never locks."),
    may("weight", ValueKind::Number(1, MOST_WEIGHT), "How much it counts; 1 unless said."),
    may(
        "teaches",
        ValueKind::Texts,
        "The terms that it teaches: `[COPY, CMD]`. A unit before it should not need them.",
    ),
];

/// The most that a unit may count.
pub const MOST_WEIGHT: u32 = 100;

/// What makes a pass of a course.
pub static PASS: [Key; 1] = [may("units", ValueKind::Number(1, 1_000), "How many units have to be done.")];

/// A parameter whose value the learner says in `grader.yaml`.
pub static FROM_LEARNER: [Key; 3] = [
    must("from", ValueKind::Words(&["learner"]), "Who says the value."),
    must("example", ValueKind::Text, "A value that could be: grader shows it to a learner who gave none."),
    may("about", ValueKind::Text, "What it is, in words."),
];

/// What a challenge grades.
pub static SUBJECT: [Key; 10] = [
    may("dockerfile", ValueKind::Path, "The Dockerfile, relative to the build context."),
    may("context", ValueKind::Path, "The build context, relative to the repository."),
    may("target", ValueKind::Text, "The stage that is built; unless said, what the service builds, else the last."),
    may("args", ValueKind::TextMap, "Build arguments."),
    may("secrets", ValueKind::TextMap, "Dummies that `RUN --mount=type=secret,id=…` sees, by their ids."),
    may("service", ValueKind::Text, "The role whose service is built from it."),
    may("compose", ValueKind::Path, "The Compose file; unless said, the one that Compose finds."),
    may("commands", ValueKind::Path, "The file of commands, relative to the repository. The default is `commands.sh`."),
    may("profiles", ValueKind::Texts, "The Compose profiles that are brought up."),
    may("http", ValueKind::Record(&ENDPOINT), "Where the application answers in its container."),
];

/// Where something answers.
pub static ENDPOINT: [Key; 2] =
    [must("port", PORT, "The port in the container."), must("path", ValueKind::Text, "The path, from `/`.")];

/// What a role is known by: one of these.
pub static ROLE: [Key; 4] = [
    may("built-from", ValueKind::Path, "It is built from this Dockerfile."),
    may("image", ValueKind::TextOrTexts, "Its image fits this pattern, or one of a list: `redis*`."),
    may("network", ValueKind::Texts, "A network: the one that all of these services join."),
    may("volume", ValueKind::Record(&VOLUME_ROLE), "A volume: the one that a service has at a path."),
];

/// A volume's role.
pub static VOLUME_ROLE: [Key; 2] = [
    must("service", ValueKind::Text, "The service, or its role."),
    must("target", ValueKind::Text, "The path in its container: `/var/lib/postgresql/data`."),
];

/// Bounds of the work.
pub static LIMITS: [Key; 9] = [
    may("build", ValueKind::Duration, "How long a build may take."),
    may("start", ValueKind::Duration, "How long a container or the stack may take until it is ready."),
    may(
        "settle",
        ValueKind::Duration,
        "How long a container without a health check has to keep running. The default is 10s.",
    ),
    may("step", ValueKind::Duration, "How long one step of `try` may take."),
    may("memory", ValueKind::Size, "The memory of one container."),
    may("cpus", ValueKind::Cpus, "The processors of one container."),
    may("pids", ValueKind::Number(1, 100_000), "The processes of one container."),
    may("disk", ValueKind::Size, "What one container, one volume or one build may write."),
    may("run", ValueKind::Duration, "How long the whole run may take."),
];

/// The item of `expect` whose own items are reported together.
pub const TOGETHER: &str = "all";

/// What an expectation says beside its fact.
pub static WORDS: [Key; 5] = [
    may("points", POINTS, "The points for it and all before it that have none of their own."),
    may("message", ValueKind::Text, "What the learner reads if it does not hold."),
    may("expected", ValueKind::Text, "What was expected, in words."),
    may("hint", ValueKind::Text, "A hint of its own."),
    may("see", ValueKind::Fact, "Another fact to point at where this one has no place."),
];

/// `count:` of a text.
pub static COUNT_OF: [Key; 2] = [
    must("of", ValueKind::Verbatim, "A regular expression."),
    must("is", ValueKind::CountMatcher, "What the number of places that fit it has to be."),
];

/// `within:` of a number.
pub static WITHIN: [Key; 2] = [
    must("of", ValueKind::Verbatim, "The number that it has to be near."),
    must("by", ValueKind::Verbatim, "How far from it it may be: a value, or a percentage such as `10%`."),
];

/// Examples of a check.
pub static EXAMPLES: [Key; 2] = [
    may("pass", ValueKind::List(&ValueKind::Example), "The check passes with these."),
    may("fail", ValueKind::List(&ValueKind::Example), "It fails with these."),
];

/// A program that judges.
pub static SCRIPT: [Key; 5] = [
    must("run", ValueKind::Path, "The program, beside the check."),
    must("image", ValueKind::Text, "The image that it runs in, without a network."),
    may("facts", ValueKind::Facts, "The facts, or sources of facts, that it reads as JSON."),
    may("arguments", ValueKind::Texts, "Its arguments; parameters of the check may be among them."),
    may("timeout", ValueKind::Duration, "How long it may take; 30s unless said."),
];

/// One entry of an override file: what an instructor decided by hand.
pub static OVERRIDE: [Key; 4] = [
    must(
        "repository",
        ValueKind::Text,
        "The repository: its folder's name, its path, or `owner/name` as git or Actions know it.",
    ),
    must("check", ValueKind::Id, "The check."),
    must("points", ValueKind::Number(0, MOST_POINTS), "The points that it gets."),
    must("reason", ValueKind::Text, "Why; everyone who sees the report reads it."),
];

/// A case's `expect.yaml`: what comes of the solution with the case's files laid over it.
pub static CASE: [Key; 6] = [
    must("about", ValueKind::Text, "What is wrong in this case, or odd and still right."),
    must("fails", ValueKind::Texts, "Exactly the checks that fail; `[]` if all pass."),
    may("score", ValueKind::Number(0, MOST_POINTS), "The points that it earns, if they should be held to."),
    may("finding", ValueKind::Record(&SOUGHT), "A finding that has to be among those of a check."),
    may("findings", ValueKind::Findings(&SOUGHT), "How many findings there are in all, or a list of all of them."),
    may("remove", ValueKind::Texts, "Files of the solution that are not there in this case."),
];

/// The most findings that a case may have.
pub const MOST_FINDINGS: u32 = 1_000;

/// `finding:` of a case.
pub static SOUGHT: [Key; 5] = [
    must("check", ValueKind::Id, "The check that finds it."),
    may("path", ValueKind::Path, "The file that it points at."),
    may("line", ValueKind::Number(1, 1_000_000), "The line there."),
    may("message", ValueKind::Text, "Words that stand in it."),
    may("cause", ValueKind::Id, "The cause that explains it."),
];

/// One entry of `mutants.yaml`: a change of the solution that no check notices, and why that is fair.
pub static FAIR: [Key; 2] = [
    must("mutant", ValueKind::Text, "Its name, as `grader test` shows it."),
    must("reason", ValueKind::Text, "Why no check has to notice it."),
];
