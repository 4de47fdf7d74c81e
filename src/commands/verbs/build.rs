//! `docker build`: the build that grader does for each image, from the options that change what comes of it.

use super::{ENGINE, HELP, KEYS, WRITES};
use crate::commands::flag::{ComposeForm, Flag, switch, value};
use crate::commands::verb::{Operand, Verb, docker};

pub(super) const VERBS: &[Verb] = &[docker(
    &["build", "image build", "buildx build", "buildx b", "builder build"],
    FLAGS,
)
.takes(1, &[Operand::Path], None)];

const CACHE: &str = "grader's builder has a cache of its own";
const SHOWN: &str = "grader shows builds its own way";

const FLAGS: &[Flag] = &[
    value("add-host").judged("build.extra_hosts", ComposeForm::List),
    value("allow").refused(&KEYS),
    value("annotation"),
    value("attest"),
    value("build-arg").judged("build.args", ComposeForm::List),
    value("build-context").judged("build.additional_contexts", ComposeForm::List),
    value("builder").refused(&ENGINE),
    value("cache-from").idle(CACHE),
    value("cache-to").refused(&WRITES),
    value("call").idle(SHOWN),
    value("cgroup-parent").refused(&KEYS),
    switch("check").idle(SHOWN),
    switch("compress").idle("Docker ignores it"),
    switch("debug").short('D').idle(SHOWN),
    value("file").short('f').judged("build.dockerfile", ComposeForm::Text),
    switch("force-rm").idle("Docker ignores it"),
    switch("help").idle(HELP),
    value("iidfile").refused(&WRITES),
    value("label").judged("build.labels", ComposeForm::List),
    switch("load").idle("the image is loaded anyway"),
    value("metadata-file").refused(&WRITES),
    value("network").judged("build.network", ComposeForm::Text),
    switch("no-cache").judged("build.no_cache", ComposeForm::Switch),
    value("no-cache-filter").judged("build.no_cache_filter", ComposeForm::List),
    value("output").short('o').refused(&WRITES),
    value("platform").judged("build.platforms", ComposeForm::List),
    value("policy").refused(&KEYS),
    value("progress").idle(SHOWN),
    value("provenance").judged("build.provenance", ComposeForm::Text),
    switch("pull").judged("build.pull", ComposeForm::Switch),
    switch("push"),
    switch("quiet").short('q'),
    switch("rm").idle("Docker ignores it"),
    value("sbom").judged("build.sbom", ComposeForm::Text),
    value("secret").refused(&KEYS),
    value("shm-size").judged("build.shm_size", ComposeForm::Text),
    value("ssh").refused(&KEYS),
    value("tag").short('t'),
    value("target").judged("build.target", ComposeForm::Text),
    value("ulimit").judged("build.ulimits", ComposeForm::Map),
];
