//! Networks.

use super::{DRIVER, HELP};
use crate::commands::flag::{Flag, switch, value};
use crate::commands::verb::Operand::{Container, Network};
use crate::commands::verb::{Verb, docker};

pub(super) const VERBS: &[Verb] = &[
    docker(&["network create"], CREATE).takes(1, &[Network], None),
    docker(&["network ls", "network list"], LS),
    docker(&["network inspect"], INSPECT).takes(1, &[], Some(Network)),
    docker(&["network connect"], CONNECT).takes(2, &[Network, Container], None),
    docker(&["network disconnect"], RM).takes(2, &[Network, Container], None),
    docker(&["network rm", "network remove"], RM).takes(1, &[], Some(Network)),
    docker(&["network prune"], PRUNE),
];

const ADDRESS: &str = "each run has addresses of its own";

const CREATE: &[Flag] = &[
    switch("attachable").idle("this engine is alone"),
    value("aux-address").idle(ADDRESS),
    value("config-from").refused(&DRIVER),
    switch("config-only").refused(&DRIVER),
    value("driver").short('d'),
    value("gateway").idle(ADDRESS),
    switch("help").idle(HELP),
    switch("ingress").refused(&DRIVER),
    switch("internal"),
    value("ip-range").idle(ADDRESS),
    value("ipam-driver").refused(&DRIVER),
    value("ipam-opt").refused(&DRIVER),
    switch("ipv4").idle(ADDRESS),
    switch("ipv6").idle(ADDRESS),
    value("label"),
    value("opt").short('o').refused(&DRIVER),
    value("scope").refused(&DRIVER),
    value("subnet").idle(ADDRESS),
];

const LS: &[Flag] = &[
    value("filter").short('f'),
    value("format"),
    switch("help").idle(HELP),
    switch("no-trunc"),
    switch("quiet").short('q'),
];

const INSPECT: &[Flag] = &[value("format").short('f'), switch("help").idle(HELP), switch("verbose").short('v')];

const CONNECT: &[Flag] = &[
    value("alias"),
    value("driver-opt").refused(&DRIVER),
    value("gw-priority"),
    switch("help").idle(HELP),
    value("ip").idle(ADDRESS),
    value("ip6").idle(ADDRESS),
    value("link"),
    value("link-local-ip").idle(ADDRESS),
];

const RM: &[Flag] = &[switch("force").short('f'), switch("help").idle(HELP)];

const PRUNE: &[Flag] = &[value("filter"), switch("force").short('f'), switch("help").idle(HELP)];
