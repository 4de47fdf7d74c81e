//! What is done with containers that are there.

use super::{ENGINE, HELP, NO_TERMINAL};
use crate::commands::flag::{ComposeForm, Flag, Hazard, switch, value};
use crate::commands::verb::Operand::{Command, Container, CopyPath, Image, NewName, Object, Text};
use crate::commands::verb::{Verb, docker};

pub(super) const VERBS: &[Verb] = &[
    docker(&["start", "container start"], START).takes(1, &[], Some(Container)),
    docker(&["stop", "container stop"], STOP).takes(1, &[], Some(Container)),
    docker(&["restart", "container restart"], STOP).takes(1, &[], Some(Container)),
    docker(&["kill", "container kill"], KILL).takes(1, &[], Some(Container)),
    docker(&["pause", "container pause"], PLAIN).takes(1, &[], Some(Container)),
    docker(&["unpause", "container unpause"], PLAIN).takes(1, &[], Some(Container)),
    docker(&["rm", "container rm", "container remove"], RM).takes(1, &[], Some(Container)),
    docker(&["ps", "container ls", "container ps", "container list"], PS),
    docker(&["logs", "container logs"], LOGS).takes(1, &[Container], None),
    docker(&["exec", "container exec"], EXEC).takes(2, &[Container], Some(Command)).stops(),
    docker(&["cp", "container cp"], CP).takes(2, &[CopyPath, CopyPath], None),
    docker(&["inspect", "container inspect", "image inspect"], INSPECT).takes(1, &[], Some(Object)),
    docker(&["top", "container top"], PLAIN).takes(1, &[Container], Some(Text)).stops(),
    docker(&["stats", "container stats"], STATS).takes(0, &[], Some(Container)),
    docker(&["port", "container port"], PLAIN).takes(1, &[Container, Text], None),
    docker(&["rename", "container rename"], PLAIN).takes(2, &[Container, NewName], None),
    docker(&["wait", "container wait"], PLAIN).takes(1, &[], Some(Container)),
    docker(&["diff", "container diff"], PLAIN).takes(1, &[Container], None),
    docker(&["commit", "container commit"], COMMIT).takes(1, &[Container, Image], None),
    docker(&["export", "container export"], EXPORT).takes(1, &[Container], None),
    docker(&["update", "container update"], UPDATE).takes(1, &[], Some(Container)),
    docker(&["container prune"], PRUNE),
    docker(&["attach", "container attach"], ATTACH).takes(1, &[Container], None).refused(&TERMINAL),
];

const TERMINAL: Hazard = Hazard {
    why: "it needs a terminal, and grader has none",
    instead: "Use `docker logs` to see what a container prints, `docker exec` to run a command in it.",
};

const PLAIN: &[Flag] = &[switch("help").idle(HELP)];

const START: &[Flag] = &[
    switch("attach").short('a'),
    value("checkpoint").refused(&ENGINE),
    value("checkpoint-dir").refused(&ENGINE),
    value("detach-keys").idle(NO_TERMINAL),
    switch("help").idle(HELP),
    switch("interactive").short('i'),
];

const STOP: &[Flag] =
    &[switch("help").idle(HELP), value("signal").short('s'), value("time"), value("timeout").short('t')];

const KILL: &[Flag] = &[switch("help").idle(HELP), value("signal").short('s')];

const RM: &[Flag] =
    &[switch("force").short('f'), switch("help").idle(HELP), switch("link").short('l'), switch("volumes").short('v')];

const PS: &[Flag] = &[
    switch("all").short('a'),
    value("filter").short('f'),
    value("format"),
    switch("help").idle(HELP),
    value("last").short('n'),
    switch("latest").short('l'),
    switch("no-trunc"),
    switch("quiet").short('q'),
    switch("size").short('s'),
];

const LOGS: &[Flag] = &[
    switch("details"),
    switch("follow").short('f').idle("grader reads what is printed so far, and goes on"),
    switch("help").idle(HELP),
    value("since"),
    value("tail").short('n'),
    switch("timestamps").short('t'),
    value("until"),
];

const EXEC: &[Flag] = &[
    switch("detach").short('d'),
    value("detach-keys").idle(NO_TERMINAL),
    value("env").short('e'),
    value("env-file").judged("env_file", ComposeForm::List),
    switch("help").idle(HELP),
    switch("interactive").short('i'),
    switch("privileged").judged("privileged", ComposeForm::Switch),
    switch("tty").short('t').idle(NO_TERMINAL),
    value("user").short('u'),
    value("workdir").short('w'),
];

const CP: &[Flag] = &[
    switch("archive").short('a'),
    switch("follow-link").short('L'),
    switch("help").idle(HELP),
    switch("quiet").short('q'),
];

const INSPECT: &[Flag] = &[
    value("format").short('f'),
    switch("help").idle(HELP),
    value("platform"),
    switch("size").short('s'),
    value("type"),
];

const STATS: &[Flag] =
    &[switch("all").short('a'), value("format"), switch("help").idle(HELP), switch("no-stream"), switch("no-trunc")];

const COMMIT: &[Flag] = &[
    value("author").short('a'),
    value("change").short('c'),
    switch("help").idle(HELP),
    value("message").short('m'),
    switch("no-pause"),
    switch("pause").short('p'),
];

const EXPORT: &[Flag] = &[switch("help").idle(HELP), value("output").short('o')];

const UPDATE: &[Flag] = &[
    value("blkio-weight").judged("blkio_config.weight", ComposeForm::Text),
    value("cpu-period").judged("cpu_period", ComposeForm::Text),
    value("cpu-quota").judged("cpu_quota", ComposeForm::Text),
    value("cpu-rt-period").judged("cpu_rt_period", ComposeForm::Text),
    value("cpu-rt-runtime").judged("cpu_rt_runtime", ComposeForm::Text),
    value("cpu-shares").short('c').judged("cpu_shares", ComposeForm::Text),
    value("cpus").judged("cpus", ComposeForm::Text),
    value("cpuset-cpus").judged("cpuset", ComposeForm::Text),
    value("cpuset-mems").judged("cpuset", ComposeForm::Text),
    switch("help").idle(HELP),
    value("kernel-memory").idle("Docker ignores it"),
    value("memory").short('m').judged("mem_limit", ComposeForm::Text),
    value("memory-reservation").judged("mem_reservation", ComposeForm::Text),
    value("memory-swap").judged("memswap_limit", ComposeForm::Text),
    value("pids-limit").judged("pids_limit", ComposeForm::Text),
    value("restart").judged("restart", ComposeForm::Text),
];

const PRUNE: &[Flag] = &[value("filter"), switch("force").short('f'), switch("help").idle(HELP)];

const ATTACH: &[Flag] = &[
    value("detach-keys").idle(NO_TERMINAL),
    switch("help").idle(HELP),
    switch("no-stdin"),
    switch("sig-proxy").idle(NO_TERMINAL),
];
