//! `docker compose`: the stack of the repository's Compose file.

use super::{ENGINE, HELP, KEYS, NO_TERMINAL, WRITES};
use crate::commands::flag::{Flag, switch, value};
use crate::commands::verb::Operand::{Command, Service};
use crate::commands::verb::{Verb, docker};

pub(super) const VERBS: &[Verb] = &[
    docker(&["compose up"], UP).takes(0, &[], Some(Service)).before(BEFORE),
    docker(&["compose down"], DOWN).takes(0, &[], Some(Service)).before(BEFORE),
    docker(&["compose ps"], PS).takes(0, &[], Some(Service)).before(BEFORE),
    docker(&["compose logs"], LOGS).takes(0, &[], Some(Service)).before(BEFORE),
    docker(&["compose exec"], EXEC).takes(2, &[Service], Some(Command)).stops().before(BEFORE),
    docker(&["compose build"], BUILD).takes(0, &[], Some(Service)).before(BEFORE),
    docker(&["compose config", "compose convert"], CONFIG).takes(0, &[], Some(Service)).before(BEFORE),
];

const SHOWN: &str = "it only changes how the output looks";
const DRY: &str = "grader carries out what is written";

const BEFORE: &[Flag] = &[
    switch("all-resources"),
    value("ansi").idle(SHOWN),
    switch("compatibility").refused(&ENGINE),
    switch("dry-run").idle(DRY),
    value("env-file"),
    value("file").short('f'),
    switch("help").short('h').idle(HELP),
    value("parallel").idle("grader bounds what runs at once"),
    value("profile"),
    value("progress").idle(SHOWN),
    value("project-directory"),
    value("project-name").short('p'),
    switch("verbose").idle(SHOWN),
];

const UP: &[Flag] = &[
    switch("abort-on-container-exit"),
    switch("abort-on-container-failure"),
    switch("always-recreate-deps"),
    value("attach").idle(NO_TERMINAL),
    switch("attach-dependencies").idle(NO_TERMINAL),
    switch("build"),
    switch("detach").short('d'),
    switch("dry-run").idle(DRY),
    value("exit-code-from"),
    switch("force-recreate"),
    switch("help").idle(HELP),
    switch("menu").idle(NO_TERMINAL),
    value("no-attach").idle(NO_TERMINAL),
    switch("no-build"),
    switch("no-color").idle(SHOWN),
    switch("no-deps"),
    switch("no-log-prefix").idle(SHOWN),
    switch("no-recreate"),
    switch("no-start"),
    value("pull"),
    switch("quiet-build").idle(SHOWN),
    switch("quiet-pull").idle(SHOWN),
    switch("remove-orphans"),
    switch("renew-anon-volumes").short('V'),
    value("scale"),
    value("timeout").short('t'),
    switch("timestamps").idle(SHOWN),
    switch("wait"),
    value("wait-timeout"),
    switch("watch").short('w').idle(NO_TERMINAL),
    switch("yes").short('y'),
];

const DOWN: &[Flag] = &[
    switch("dry-run").idle(DRY),
    switch("help").idle(HELP),
    switch("remove-orphans"),
    value("rmi"),
    value("timeout").short('t'),
    switch("volumes").short('v'),
];

const PS: &[Flag] = &[
    switch("all").short('a'),
    switch("dry-run").idle(DRY),
    value("filter"),
    value("format"),
    switch("help").idle(HELP),
    switch("no-trunc"),
    switch("orphans"),
    switch("quiet").short('q'),
    switch("services"),
    value("status"),
];

const LOGS: &[Flag] = &[
    switch("dry-run").idle(DRY),
    switch("follow").short('f').idle("grader reads what is printed so far, and goes on"),
    switch("help").idle(HELP),
    value("index"),
    switch("no-color").idle(SHOWN),
    switch("no-log-prefix").idle(SHOWN),
    value("since"),
    value("tail").short('n'),
    switch("timestamps").short('t'),
    value("until"),
];

const EXEC: &[Flag] = &[
    switch("detach").short('d'),
    switch("dry-run").idle(DRY),
    value("env").short('e'),
    switch("help").idle(HELP),
    value("index"),
    switch("interactive").short('i'),
    switch("no-TTY").short('T'),
    switch("no-tty"),
    switch("privileged").refused(&KEYS),
    switch("tty").short('t').idle(NO_TERMINAL),
    value("user").short('u'),
    value("workdir").short('w'),
];

const BUILD: &[Flag] = &[
    value("build-arg"),
    value("builder").refused(&ENGINE),
    switch("check").idle(SHOWN),
    switch("dry-run").idle(DRY),
    switch("help").idle(HELP),
    value("memory").short('m').idle("BuildKit ignores it"),
    switch("no-cache"),
    switch("print").idle(SHOWN),
    value("provenance"),
    switch("pull"),
    switch("push"),
    switch("quiet").short('q'),
    value("sbom"),
    value("ssh").refused(&KEYS),
    switch("with-dependencies"),
];

const CONFIG: &[Flag] = &[
    switch("dry-run").idle(DRY),
    switch("environment"),
    value("format"),
    value("hash"),
    switch("help").idle(HELP),
    switch("images"),
    switch("lock-image-digests"),
    switch("models"),
    switch("networks"),
    switch("no-consistency"),
    switch("no-env-resolution"),
    switch("no-interpolate"),
    switch("no-normalize"),
    switch("no-path-resolution"),
    value("output").short('o').refused(&WRITES),
    switch("profiles"),
    switch("quiet").short('q'),
    switch("resolve-image-digests"),
    switch("services"),
    switch("variables"),
    switch("volumes"),
];
