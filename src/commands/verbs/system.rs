//! The engine itself, and registries.

use super::HELP;
use crate::commands::flag::{Flag, Hazard, switch, value};
use crate::commands::verb::Operand::Text;
use crate::commands::verb::{Verb, docker};

pub(super) const VERBS: &[Verb] = &[
    docker(&["version"], SHOW),
    docker(&["info", "system info"], SHOW),
    docker(&["system df"], DF),
    docker(&["system prune"], PRUNE),
    docker(&["login"], LOGIN).takes(0, &[Text], None).refused(&ACCOUNT),
    docker(&["logout"], PLAIN).takes(0, &[Text], None).refused(&ACCOUNT),
];

const ACCOUNT: Hazard = Hazard {
    why: "grader has no account, and a password never belongs in a file",
    instead: "Leave it out: `docker push` goes to a registry of the run's own here.",
};

const PLAIN: &[Flag] = &[switch("help").idle(HELP)];

const SHOW: &[Flag] = &[value("format").short('f'), switch("help").idle(HELP)];

const DF: &[Flag] = &[value("format"), switch("help").idle(HELP), switch("verbose").short('v')];

const PRUNE: &[Flag] = &[
    switch("all").short('a'),
    value("filter"),
    switch("force").short('f'),
    switch("help").idle(HELP),
    switch("volumes"),
];

const LOGIN: &[Flag] =
    &[switch("help").idle(HELP), value("password").short('p'), switch("password-stdin"), value("username").short('u')];
