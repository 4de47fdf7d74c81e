//! An option of a command: what it takes, and what becomes of it.

/// An option of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// Its long name, without the dashes.
    pub name: &'static str,
    /// Its letter, if it has one.
    pub short: Option<char>,
    /// Whether a value follows.
    pub takes_value: bool,
    /// What becomes of it.
    pub effect: Effect,
}

/// What becomes of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is carried out.
    Done,
    /// It is carried out if the policy allows it for this key of a Compose service.
    Judged(&'static str, ComposeForm),
    /// It is refused, always.
    Refused(&'static Hazard),
    /// It is left out, and why that makes no difference.
    Idle(&'static str),
}

/// How an option is written in a Compose file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComposeForm {
    /// `true`
    Switch,
    /// One value.
    Text,
    /// A list of all values.
    List,
    /// A map of all `name=value`.
    Map,
    /// A namespace: `host`, or `container:NAME`, where a container of the file is a service.
    Namespace,
    /// A list of containers of the file, as services.
    Containers,
    /// A mount in the long form: `type=bind,source=.,target=/app`.
    Mount,
    /// A network, or a namespace.
    Network,
}

/// Why something is refused, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub struct Hazard {
    /// `… isn't allowed here: WHY`
    pub why: &'static str,
    /// One sentence.
    pub instead: &'static str,
}

/// An option without a value.
pub(super) const fn switch(name: &'static str) -> Flag {
    Flag { name, short: None, takes_value: false, effect: Effect::Done }
}

/// An option with a value.
pub(super) const fn value(name: &'static str) -> Flag {
    Flag { takes_value: true, ..switch(name) }
}

impl Flag {
    pub(super) const fn short(self, letter: char) -> Self {
        Self { short: Some(letter), ..self }
    }

    pub(super) const fn judged(self, key: &'static str, form: ComposeForm) -> Self {
        Self { effect: Effect::Judged(key, form), ..self }
    }

    pub(super) const fn refused(self, hazard: &'static Hazard) -> Self {
        Self { effect: Effect::Refused(hazard), ..self }
    }

    pub(super) const fn idle(self, why: &'static str) -> Self {
        Self { effect: Effect::Idle(why), ..self }
    }
}
