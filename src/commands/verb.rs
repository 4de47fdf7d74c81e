//! What a command does: its name, its operands, and its options.

use super::flag::{Flag, Hazard};

/// Something that a commands file can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verb {
    /// Its name in facts and messages: `run`, `network create`, `curl`.
    pub name: &'static str,
    /// How it is written behind `docker`; empty for other programs.
    pub spellings: &'static [&'static str],
    /// What its first operands are.
    pub operands: &'static [Operand],
    /// What follows these, if more may.
    pub rest: Option<Operand>,
    /// How many operands it needs.
    pub least: usize,
    /// Its options.
    pub flags: &'static [Flag],
    /// Those of them that it lacks, where it shares the table of another verb.
    pub lacks: &'static [&'static str],
    /// Options that are written before the verb's last word: `docker compose -f FILE up`.
    pub before: &'static [Flag],
    /// Whether all that follows the first operands is a command of its own, options included.
    pub stops: bool,
    /// Why it isn't carried out, if so.
    pub refused: Option<&'static Hazard>,
}

/// What an operand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// A container.
    Container,
    /// An image.
    Image,
    /// A network.
    Network,
    /// A volume.
    Volume,
    /// A container, image, network or volume.
    Object,
    /// A name that something is given.
    NewName,
    /// A path of the repository.
    Path,
    /// `CONTAINER:PATH`, or a path of the repository.
    CopyPath,
    /// A service of the Compose file.
    Service,
    /// A part of the command that a container runs.
    Command,
    /// An address.
    Url,
    /// Any text.
    Text,
}

impl Operand {
    /// Its name in a usage message.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Container => "CONTAINER",
            Self::Image => "IMAGE",
            Self::Network => "NETWORK",
            Self::Volume => "VOLUME",
            Self::Object => "NAME",
            Self::NewName => "NEW_NAME",
            Self::Path => "PATH",
            Self::CopyPath => "CONTAINER:PATH",
            Self::Service => "SERVICE",
            Self::Command => "COMMAND",
            Self::Url => "URL",
            Self::Text => "TEXT",
        }
    }
}

/// A verb of `docker` by its ways of writing it; the first is its name.
pub(super) const fn docker(spellings: &'static [&'static str], flags: &'static [Flag]) -> Verb {
    let name = match spellings {
        [name, ..] => name,
        [] => "",
    };
    Verb {
        name,
        spellings,
        operands: &[],
        rest: None,
        least: 0,
        flags,
        lacks: &[],
        before: &[],
        stops: false,
        refused: None,
    }
}

/// Another program.
pub(super) const fn tool(name: &'static str, flags: &'static [Flag]) -> Verb {
    Verb { name, ..docker(&[], flags) }
}

impl Verb {
    /// Takes these operands, of which so many are needed, and any number of others.
    pub(super) const fn takes(self, least: usize, operands: &'static [Operand], rest: Option<Operand>) -> Self {
        Self { operands, rest, least, ..self }
    }

    /// Ends its own options at its first operand.
    pub(super) const fn stops(self) -> Self {
        Self { stops: true, ..self }
    }

    pub(super) const fn lacks(self, names: &'static [&'static str]) -> Self {
        Self { lacks: names, ..self }
    }

    pub(super) const fn before(self, flags: &'static [Flag]) -> Self {
        Self { before: flags, ..self }
    }

    pub(super) const fn refused(self, hazard: &'static Hazard) -> Self {
        Self { refused: Some(hazard), ..self }
    }

    /// Its options, with those before its last word.
    pub fn options(&self) -> impl Iterator<Item = &'static Flag> {
        let lacks = self.lacks;
        self.before.iter().chain(self.flags).filter(move |flag| !lacks.contains(&flag.name))
    }

    /// Whether it is one of `docker`.
    pub fn is_docker(&self) -> bool {
        !self.spellings.is_empty()
    }

    /// What the operand at an index is.
    pub fn operand(&self, index: usize) -> Option<Operand> {
        self.operands.get(index).copied().or(self.rest)
    }

    /// `docker run`, `curl`
    pub fn shown(&self) -> String {
        if self.is_docker() { format!("docker {}", self.name) } else { self.name.to_owned() }
    }

    /// `docker rename CONTAINER NEW_NAME`
    pub fn usage(&self) -> String {
        let mut usage = self.shown();
        let missing = (0..self.least).filter_map(|index| self.operand(index));
        for operand in missing {
            usage.push(' ');
            usage.push_str(operand.word());
        }
        usage
    }
}
