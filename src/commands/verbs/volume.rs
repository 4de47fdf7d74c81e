//! Volumes.

use super::{DRIVER, HELP};
use crate::commands::flag::{Flag, switch, value};
use crate::commands::verb::Operand::Volume;
use crate::commands::verb::{Verb, docker};

pub(super) const VERBS: &[Verb] = &[
    docker(&["volume create"], CREATE).takes(0, &[Volume], None),
    docker(&["volume ls", "volume list"], LS),
    docker(&["volume inspect"], INSPECT).takes(1, &[], Some(Volume)),
    docker(&["volume rm", "volume remove"], RM).takes(1, &[], Some(Volume)),
    docker(&["volume prune"], PRUNE),
];

const CREATE: &[Flag] = &[
    value("availability").refused(&DRIVER),
    value("driver").short('d'),
    value("group").refused(&DRIVER),
    switch("help").idle(HELP),
    value("label"),
    value("limit-bytes").refused(&DRIVER),
    value("name"),
    value("opt").short('o').refused(&DRIVER),
    value("required-bytes").refused(&DRIVER),
    value("scope").refused(&DRIVER),
    value("secret").refused(&DRIVER),
    value("sharing").refused(&DRIVER),
    value("topology-preferred").refused(&DRIVER),
    value("topology-required").refused(&DRIVER),
    value("type").refused(&DRIVER),
];

const LS: &[Flag] = &[
    switch("cluster").refused(&DRIVER),
    value("filter").short('f'),
    value("format"),
    switch("help").idle(HELP),
    switch("quiet").short('q'),
];

const INSPECT: &[Flag] = &[value("format").short('f'), switch("help").idle(HELP)];

const RM: &[Flag] = &[switch("force").short('f'), switch("help").idle(HELP)];

const PRUNE: &[Flag] =
    &[switch("all").short('a'), value("filter"), switch("force").short('f'), switch("help").idle(HELP)];
