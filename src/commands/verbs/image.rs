//! What is done with images.

use super::HELP;
use crate::commands::flag::{Flag, switch, value};
use crate::commands::verb::Operand::{Image, Path};
use crate::commands::verb::{Verb, docker};

pub(super) const VERBS: &[Verb] = &[
    docker(&["pull", "image pull"], PULL).takes(1, &[Image], None),
    docker(&["push", "image push"], PUSH).takes(1, &[Image], None),
    docker(&["images", "image ls", "image list"], LS).takes(0, &[Image], None),
    docker(&["history", "image history"], HISTORY).takes(1, &[Image], None),
    docker(&["tag", "image tag"], PLAIN).takes(2, &[Image, Image], None),
    docker(&["rmi", "image rm", "image remove"], RM).takes(1, &[], Some(Image)),
    docker(&["save", "image save"], SAVE).takes(1, &[], Some(Image)),
    docker(&["load", "image load"], LOAD),
    docker(&["import", "image import"], IMPORT).takes(1, &[Path, Image], None),
    docker(&["image prune"], PRUNE),
];

const SIGNED: &str = "images are taken by their names";

const PLAIN: &[Flag] = &[switch("help").idle(HELP)];

const PULL: &[Flag] = &[
    switch("all-tags").short('a'),
    switch("disable-content-trust").idle(SIGNED),
    switch("help").idle(HELP),
    value("platform"),
    switch("quiet").short('q'),
];

const PUSH: &[Flag] = &[
    switch("all-tags").short('a'),
    switch("disable-content-trust").idle(SIGNED),
    switch("help").idle(HELP),
    value("platform"),
    switch("quiet").short('q'),
];

const LS: &[Flag] = &[
    switch("all").short('a'),
    switch("digests"),
    value("filter").short('f'),
    value("format"),
    switch("help").idle(HELP),
    switch("no-trunc"),
    switch("quiet").short('q'),
    switch("tree"),
];

const HISTORY: &[Flag] = &[
    value("format"),
    switch("help").idle(HELP),
    switch("human").short('H'),
    switch("no-trunc"),
    value("platform"),
    switch("quiet").short('q'),
];

const RM: &[Flag] = &[switch("force").short('f'), switch("help").idle(HELP), switch("no-prune"), value("platform")];

const SAVE: &[Flag] = &[switch("help").idle(HELP), value("output").short('o'), value("platform")];

const LOAD: &[Flag] =
    &[switch("help").idle(HELP), value("input").short('i'), value("platform"), switch("quiet").short('q')];

const IMPORT: &[Flag] =
    &[value("change").short('c'), switch("help").idle(HELP), value("message").short('m'), value("platform")];

const PRUNE: &[Flag] =
    &[switch("all").short('a'), value("filter"), switch("force").short('f'), switch("help").idle(HELP)];
