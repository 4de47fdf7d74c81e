//! The few programs beside `docker`, which grader does itself.

use crate::commands::flag::{Flag, switch, value};
use crate::commands::verb::Operand::{Path, Text, Url};
use crate::commands::verb::{Verb, tool};

pub(super) const VERBS: &[Verb] = &[
    tool("curl", CURL).takes(1, &[], Some(Url)),
    tool("wget", WGET).takes(1, &[], Some(Url)),
    tool("sleep", &[]).takes(1, &[Text], None),
    tool("echo", ECHO).takes(0, &[], Some(Text)).stops(),
    tool("cat", &[]).takes(0, &[], Some(Path)),
    tool("mkdir", MKDIR).takes(1, &[], Some(Path)),
    tool("cd", &[]).takes(1, &[Path], None),
    tool("pwd", &[]),
    tool("true", &[]),
    tool("set", SET),
    tool("grep", GREP).takes(0, &[], Some(Text)),
    tool("head", LINES),
    tool("tail", LINES),
    tool("wc", WC),
    tool("sort", SORT),
];

/// The programs that may follow a `|`.
pub(crate) const FILTERS: [&str; 5] = ["grep", "head", "tail", "wc", "sort"];

const CURL: &[Flag] = &[
    value("connect-timeout"),
    value("data").short('d'),
    switch("fail").short('f'),
    switch("head").short('I'),
    value("header").short('H'),
    switch("include").short('i'),
    switch("location").short('L'),
    value("max-time").short('m'),
    value("output").short('o'),
    value("request").short('X'),
    value("retry"),
    switch("retry-all-errors"),
    switch("retry-connrefused"),
    value("retry-delay"),
    switch("show-error").short('S'),
    switch("silent").short('s'),
    switch("verbose").short('v'),
    value("write-out").short('w'),
];

const WGET: &[Flag] = &[
    value("header"),
    switch("no-verbose"),
    value("output-document").short('O'),
    switch("quiet").short('q'),
    switch("server-response").short('S'),
    switch("spider"),
    value("timeout").short('T'),
    value("tries").short('t'),
];

const ECHO: &[Flag] = &[switch("interpret-escapes").short('e'), switch("no-newline").short('n')];

const MKDIR: &[Flag] = &[switch("parents").short('p')];

const SET: &[Flag] = &[
    switch("errexit").short('e'),
    switch("nounset").short('u'),
    value("option").short('o'),
    switch("xtrace").short('x'),
];

const GREP: &[Flag] = &[
    switch("count").short('c'),
    switch("extended-regexp").short('E'),
    switch("fixed-strings").short('F'),
    switch("ignore-case").short('i'),
    switch("invert-match").short('v'),
    switch("line-number").short('n'),
    switch("only-matching").short('o'),
    switch("quiet").short('q'),
    value("regexp").short('e'),
    switch("word-regexp").short('w'),
];

const LINES: &[Flag] = &[value("lines").short('n')];

const WC: &[Flag] = &[switch("bytes").short('c'), switch("lines").short('l'), switch("words").short('w')];

const SORT: &[Flag] = &[switch("numeric-sort").short('n'), switch("reverse").short('r'), switch("unique").short('u')];
