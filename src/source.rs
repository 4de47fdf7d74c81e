//! Where facts come from.

/// Where facts come from, cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The repository's files.
    Repo,
    /// The Dockerfile, read.
    Dockerfile,
    /// The `.dockerignore`, read.
    Dockerignore,
    /// What Docker would send to the builder.
    Context,
    /// The Compose files, read.
    Compose,
    /// The file of commands, read.
    Commands,
    /// Images as registries have them.
    Registry,
    /// The image, built.
    Image,
    /// The image, run.
    Container,
    /// The Compose file, brought up.
    Stack,
}

impl Source {
    /// All sources, cheapest first.
    pub const ALL: [Self; 10] = [
        Self::Repo,
        Self::Dockerfile,
        Self::Dockerignore,
        Self::Context,
        Self::Compose,
        Self::Commands,
        Self::Registry,
        Self::Image,
        Self::Container,
        Self::Stack,
    ];

    /// The first parts of the names of its facts: its own, and others.
    pub fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Repo => &["repo"],
            Self::Dockerfile => &["dockerfile"],
            Self::Dockerignore => &["dockerignore"],
            Self::Context => &["context"],
            Self::Compose => &["compose", "roles"],
            Self::Commands => &["commands"],
            Self::Registry => &["registry"],
            Self::Image => &["image", "build"],
            Self::Container => &["container"],
            Self::Stack => &["stack"],
        }
    }

    /// Its name: the first part of the names of its facts, or of most of them.
    pub fn prefix(self) -> &'static str {
        self.prefixes().first().copied().unwrap_or_default()
    }

    /// Whether its facts can only be had from a Docker Engine.
    pub fn needs_engine(self) -> bool {
        self >= Self::Image
    }
}
