//! What each matcher means, in a line, with an example: for editors and for the reference.

/// One matcher.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its name.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub doc: &'static str,
    /// How it is written.
    pub example: &'static str,
}

const fn about(name: &'static str, doc: &'static str, example: &'static str) -> About {
    About { name, doc, example }
}

/// All of them, in the order of the guide.
pub static MATCHERS: [About; 22] = [
    about("equals", "Exactly this value. A value or a list alone means the same.", "image.builds: true"),
    about("one-of", "One of these values.", "image.healthcheck.kind: { one-of: [cmd, shell] }"),
    about("matches", "A regular expression fits, anywhere unless anchored.", "image.env.PATH: { matches: \"^/opt/\" }"),
    about(
        "contains",
        "The text holds this text, the list this value, the map this name.",
        "dockerfile.final.exposes: { contains: 5000/tcp }",
    ),
    about("starts-with", "The text starts with this one.", "dockerfile.final.base.tag: { starts-with: 3.11-slim }"),
    about("ends-with", "The text ends with this one.", "image.workdir: { ends-with: /app }"),
    about("below", "Less than this.", "image.size: { below: 200MB }"),
    about("above", "More than this.", "stack.services.api.restarts: { above: 0 }"),
    about("at-least", "This or more.", "dockerfile.final.healthcheck.interval: { at-least: 5s }"),
    about("at-most", "This or less.", "container.seconds_to_healthy: { at-most: 30s }"),
    about(
        "within",
        "No further than `by`, a value or a percentage, from `of`.",
        "image.size: { within: { of: 100MB, by: 10% } }",
    ),
    about(
        "count",
        "How many values there are; of a text, how many places fit a pattern: `{ of: \"<li>\", is: 3 }`.",
        "dockerfile.stages: { count: { at-least: 2 } }",
    ),
    about("empty", "Whether there are no values, or no text.", "dockerignore.patterns: { empty: false }"),
    about("present", "Whether it is there at all.", "compose.services.db.ports: { present: false }"),
    about("each", "Every value fits. Holds where there are none.", "stack.services: { each: { ready: true } }"),
    about("any", "At least one value fits.", "compose.services.api.volumes: { any: { type: bind } }"),
    about("none", "No value fits.", "image.layers: { none: { size: { above: 100MB } } }"),
    about(
        "in-order",
        "Values fit these, one after the other; others may be between them.",
        "dockerfile.instructions: { in-order: [{ name: COPY }, { name: RUN }, { name: COPY }] }",
    ),
    about("not", "It does not fit.", "image.user.name: { not: root }"),
    about("all-of", "It fits all of these.", "image.size: { all-of: [{ above: 1MB }, { below: 200MB }] }"),
    about("any-of", "It fits one of these at least.", "container.health: { any-of: [healthy, none] }"),
    about(
        "excludes",
        "The patterns leave out every one of these paths.",
        "dockerignore.patterns: { excludes: [.git/HEAD] }",
    ),
];

/// What a matcher means.
pub fn doc(name: &str) -> &'static str {
    MATCHERS.iter().find(|about| about.name == name).map_or("", |about| about.doc)
}
