//! The YAML tree: places, aliases, merge keys, bounds.

#![allow(clippy::format_collect, clippy::unwrap_used)] // sources of thousands of lines, made once; helpers of tests

use crate::common::Work;
use grader::yaml::{self, Node, Scalar, Value};
use proptest::prelude::*;
use std::time::Duration;

fn error(source: impl AsRef<[u8]>) -> String {
    yaml::parse(source).unwrap_err().to_string()
}

fn at(node: &Node) -> (u32, u32, u32, u32) {
    (node.span.line, node.span.column, node.span.end_line, node.span.end_column)
}

#[test]
fn values_and_keys_know_their_places() {
    let tree = yaml::parse("a: x\nb:\n  - 1\n  - é: {k: \"v\"}  # c\n\n# end\nc:\n").unwrap();
    assert_eq!(at(&tree), (1, 1, 7, 2));
    assert_eq!(at(tree.get("a").unwrap()), (1, 4, 1, 5));
    let list = tree.get("b").unwrap();
    assert_eq!(at(list), (3, 3, 4, 16));
    let entry = list.as_seq().unwrap()[1].entry("é").unwrap();
    assert_eq!((entry.key_span.line, entry.key_span.column, entry.key_span.end_column), (4, 5, 6));
    assert_eq!(at(&entry.value), (4, 8, 4, 16));
    assert_eq!(entry.value.get("k").unwrap().value, Value::Scalar("v".into(), true));
    assert!(tree.get("c").unwrap().is_null());
}

#[test]
fn a_tab_is_told_where_it_is() {
    for (source, place) in [
        ("services:\n  api:\n    build: .\n\tports:\n      - 1\n", "4:1"),
        ("services:\n  api:\n\timage: a\n", "3:1"),
        ("a: b\r\n  \tc: d\r\n", "2:3"),
        ("a: b\n  \t\n\n  c\n\td: 1\n", "5:1"),
        ("a:\n  - b\n\t- c\n", "3:1"),
        ("a: |\n  x\n\ty: 1\n", "3:1"),
        ("a: x # c\n\tb: 1\n", "2:1"),
    ] {
        let told = format!("{place}: a tab here; YAML is indented with spaces only");
        assert_eq!(error(source), told, "{source:?}");
    }
    // No tab's fault.
    for source in ["a: b\n  c: d\n\te: f\n", "a: b: c\nd:\n  \t\n", "{\n\t\"a\": 1\n\t\"b\": 2\n}\n"] {
        assert!(!error(source).contains("a tab here"), "{source:?}: {}", error(source));
    }
    assert!(yaml::parse("a: |\n  x\n  \ty\n").is_ok());
}

#[test]
fn a_byte_order_mark_and_crlf_move_nothing() {
    let tree = yaml::parse("\u{feff}a: x\r\nb: y\r\n").unwrap();
    assert_eq!(at(tree.get("a").unwrap()), (1, 4, 1, 5));
    assert_eq!(at(tree.get("b").unwrap()), (2, 4, 2, 5));
    assert_eq!(tree.get("b").unwrap().text(), Some("y"));
}

#[test]
fn plain_scalars_mean_what_the_core_schema_says() {
    let table: &[(&str, Scalar<'_>)] = &[
        ("", Scalar::Null),
        ("~", Scalar::Null),
        ("true", Scalar::Bool(true)),
        ("False", Scalar::Bool(false)),
        ("yes", Scalar::Text("yes")),
        ("on", Scalar::Text("on")),
        ("\"true\"", Scalar::Text("true")),
        ("!!str 5", Scalar::Text("5")),
        ("017", Scalar::Int(17)),
        ("0o17", Scalar::Int(15)),
        ("0x1F", Scalar::Int(31)),
        ("-5", Scalar::Int(-5)),
        ("0x-5", Scalar::Text("0x-5")),
        ("1_000", Scalar::Text("1_000")),
        ("1.5", Scalar::Float(1.5)),
        (".5e1", Scalar::Float(5.0)),
        ("99999999999999999999", Scalar::Float(1e20)),
        ("-.inf", Scalar::Float(f64::NEG_INFINITY)),
        ("inf", Scalar::Text("inf")),
        ("22:22", Scalar::Text("22:22")),
        ("30s", Scalar::Text("30s")),
        ("- 1", Scalar::Text("")),
    ];
    for (source, meaning) in table {
        let node = yaml::parse(source).unwrap();
        match node.scalar() {
            Some(found) => assert_eq!(found, *meaning, "{source}"),
            None => assert_eq!(*source, "- 1"),
        }
    }
    assert_eq!(yaml::parse("017").unwrap().text(), Some("017"), "the text stays as written");
}

#[test]
fn anchors_and_merge_keys_are_applied() {
    let source = "base: &b {image: a, x: 1}\nmore: &m {y: 2, x: 3}\none: {x: 9, <<: [*b, *m]}\ntwo:\n  <<: *b\n  image: z\nthree: *m\nfour: {\"<<\": 1}\n";
    let tree = yaml::parse(source).unwrap();
    let pairs = |name: &str| {
        let entries = tree.get(name).unwrap().as_map().unwrap();
        entries
            .iter()
            .map(|entry| format!("{}={}", entry.key, entry.value.text().unwrap()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(pairs("one"), "x=9 image=a y=2");
    assert_eq!(pairs("two"), "image=z x=1");
    assert_eq!(pairs("three"), "y=2 x=3");
    assert_eq!(pairs("four"), "<<=1");
    assert_eq!(at(tree.get("two").unwrap().get("x").unwrap()), (1, 24, 1, 25), "where it was written");
}

#[test]
fn tags_of_compose_are_kept_and_core_tags_are_not() {
    let tree = yaml::parse("a: !reset null\nb: !override\n  - 1\nc: !!str 5\nd: !!int 5\n").unwrap();
    let tag = |key: &str| tree.get(key).unwrap().tag.clone();
    assert_eq!((tag("a").as_deref(), tag("b").as_deref()), (Some("!reset"), Some("!override")));
    assert_eq!((tag("c"), tag("d")), (None, None));
}

#[test]
fn documents_are_told_apart() {
    assert!(yaml::parse("").unwrap().is_null());
    assert!(yaml::parse("# only a comment\n").unwrap().is_null());
    assert_eq!(yaml::parse_all("a: 1\n---\nb: 2\n").unwrap().len(), 2);
    insta::assert_snapshot!(error("a: 1\n---\nb: 2\n"), @"3:1: a second document starts here; one is all that is read");
    insta::assert_snapshot!(error("a: &x 1\n---\nb: *x\n"), @"3:4: no `&` of this name stands above");
}

#[test]
fn mistakes_have_a_place() {
    insta::assert_snapshot!(error("a: 1\nb: 2\na: 3\n"), @"3:1: the key `a` stands twice in this map");
    insta::assert_snapshot!(error("[a]: 1\n"), @"1:1: a key has to be text, not a list or a map");
    insta::assert_snapshot!(error("<<: 5\n"), @"1:5: `<<` takes a map or a list of maps, mostly by an alias: `<<: *name`");
    insta::assert_snapshot!(error("a: &a [*a]\n"), @"1:8: this alias stands in what it refers to");
    insta::assert_snapshot!(error(b"a: 1\n\xc3\xa9b\xff: 2\n"), @"2:3: a byte that is not UTF-8 text; save the file as UTF-8");
    insta::assert_snapshot!(error("a:\n\tb: 1\n"), @"2:1: a tab here; YAML is indented with spaces only");
    insta::assert_snapshot!(error("services:\n  api:\n    ports: [5000\n"), @"3:12: this `[` is never closed");
    insta::assert_snapshot!(error("a: 1\n b: 2\n"), @"2:3: a `:` where none can be; is this line indented as its neighbours are, and text that holds `: ` quoted?");
    insta::assert_snapshot!(error("a: b: c\n"), @"1:5: a `:` where none can be; is this line indented as its neighbours are, and text that holds `: ` quoted?");
    insta::assert_snapshot!(error("a: \"x\n"), @"2:1: a quoted text is never closed before this");
    insta::assert_snapshot!(error("a: 1\n- b\n"), @"2:3: a `key: value` was expected here; is this line indented as its neighbours are?");
    insta::assert_snapshot!(error("- a\nb: 1\n"), @"2:1: a `- item` was expected here; is this line indented as its neighbours are?");
    insta::assert_snapshot!(error("a: @b\n"), @"1:4: text cannot start with `@`; quote it");
    insta::assert_snapshot!(error("a: %b\n"), @"1:4: text cannot start with `%`; quote it");
    insta::assert_snapshot!(error("a\nb: 1\n"), @"2:2: a `:` where none can be; is this line indented as its neighbours are, and text that holds `: ` quoted?");
    insta::assert_snapshot!(error("a: *x\n"), @"1:4: no `&` of this name stands above");
}

#[test]
fn what_is_too_much_is_refused_fast() {
    let laughs: String = (1..12).fold(String::from("a0: &a0 [x,x,x,x,x,x,x,x]\n"), |text, level| {
        let under = format!("*a{}", level - 1);
        text + &format!("a{level}: &a{level} [{}]\n", [under.as_str(); 8].join(","))
    });
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(20_000), "*a,".repeat(20_000));
    let chain: String = (1..100)
        .fold(String::from("a0: &a0 [x]\n"), |text, level| text + &format!("a{level}: &a{level} [*a{}]\n", level - 1));
    let table: &[(&str, String, &str)] = &[
        ("billion laughs", laughs, "more than 200000 values"),
        ("long text, often", long, "more than 8 MiB of text"),
        ("brackets", "[".repeat(1_000_000), "nested more than 64 deep"),
        ("indents", (0..1000).map(|n| " ".repeat(n) + "a:\n").collect(), "nested more than 64 deep"),
        ("dashes", "- ".repeat(500_000), "nested more than 64 deep"),
        ("aliases in aliases", chain, "nested more than 64 deep"),
        ("many values", "- a\n".repeat(250_000), "more than 200000 values"),
        ("many commas", format!("[{}]", "a,".repeat(500_000)), "more than 200000 values"),
        ("large", " ".repeat(1024 * 1024 + 1), "larger than 1024 KiB"),
    ];
    for (name, source, message) in table {
        let start = Work::begin();
        let error = error(source);
        assert!(error.contains(message), "{name}: {error}");
        assert!(start.elapsed() < Duration::from_secs(2), "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn large_files_of_any_shape_are_read_fast() {
    let table = [
        ("one line", format!("a: {}", "x".repeat(1_000_000))),
        ("quoted", format!("a: \"{}\"", "x ".repeat(500_000))),
        ("many keys", (0..60_000).map(|n| format!("k{n}: v\n")).collect()),
        ("comments", "# comment\n".repeat(100_000)),
        ("blank lines", "\n".repeat(1_000_000)),
        ("text block", format!("a: |\n{}", "  x\n".repeat(200_000))),
        ("plain over lines", format!("a:\n{}", "  x\n".repeat(200_000))),
        ("anchors", (0..50_000).map(|n| format!("- &a{n} x\n")).collect()),
    ];
    for (name, source) in table {
        let start = Work::begin();
        assert!(yaml::parse(&source).is_ok(), "{name}");
        assert!(start.elapsed() < Duration::from_secs(2), "{name}: {:?}", start.elapsed());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(source in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = yaml::parse(source);
    }

    #[test]
    fn no_yaml_like_text_makes_it_panic(source in "[-a:&*<\\[\\]{},#!|>%@\"' \n\t0~?é]{0,80}") {
        let _ = yaml::parse_all(source);
    }
}
