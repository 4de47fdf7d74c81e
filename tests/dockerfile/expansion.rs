//! Variables: their forms, quotes, and where each is seen.

use super::{read, target};
use std::collections::BTreeMap;

/// What `ENV R=` makes of a text.
fn expand(text: &str) -> Result<String, String> {
    let setup = "FROM scratch\nENV A=abcabc B=b E= S=\"*x*y*\" P=/usr/local/bin\n";
    let target = target(&format!("{setup}ENV R={text}\n"));
    match target.errors.first() {
        Some(error) => Err(error.message.rsplit_once("\": ").map_or(error.message.as_str(), |(_, m)| m).to_owned()),
        None => Ok(target.env["R"].value.clone()),
    }
}

#[test]
fn forms() {
    for (text, expected) in [
        ("$A-$U", "abcabc-"),
        ("${U:-x}${U-x}${E:-x}${E-y}", "xxx"),
        ("${A:+x}${A+y}${U:+x}${E:+x}${E+z}", "xyz"),
        ("${U:-${B}}", "b"),
        ("${A:?no}", "abcabc"),
        ("${A#*b}${A##*b}", "cabcc"),
        ("${A%b*}${A%%b*}", "abcaa"),
        ("${P##*/}-${P%/*}", "bin-/usr/local"),
        ("${A/b/X}${A//b/X}", "aXcabcaXcaXc"),
        ("${A//b/$B$B}", "abbcabbc"),
        ("${S#\\*}${S%\\*}${S//\\*/-}", "x*y**x*y-x-y-"),
        ("${P//\\//-}", "-usr-local-bin"),
        ("\"$A\"'$A'\\$A", "abcabc$A$A"),
        ("\"a\\b\\\"c\"", "a\\b\"c"),
        ("$$1", "1"),
        ("$", "$"),
        ("a<<b", "a<<b"),
    ] {
        assert_eq!(expand(text), Ok(expected.to_owned()), "{text}");
    }
    for (text, expected) in [
        ("${U:?needed}", "U: needed"),
        ("${U?}", "U: is not allowed to be unset"),
        ("${E:?}", "E: is not allowed to be empty"),
        ("${A", "syntax error: missing '}'"),
        ("${}", "syntax error: bad substitution"),
        ("${A:=x}", "unsupported modifier (:=) in substitution"),
        ("${A:#x}", "unsupported modifier (:#) in substitution"),
        ("${A^}", "unsupported modifier (^) in substitution"),
        ("\"a", "unexpected end of statement while looking for matching double-quote"),
        ("${A#\\a}", "invalid pattern (\\a) in substitution: invalid escape '\\a'"),
    ] {
        assert_eq!(expand(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn an_argument_is_seen_where_it_is_declared() {
    for (text, expected) in [
        ("ARG Q=1\nFROM scratch\nENV R=$Q\n", ""),
        ("ARG Q=1\nFROM scratch\nARG Q\nENV R=$Q\n", "1"),
        ("ARG Q=1\nFROM scratch\nARG Q=2\nENV R=$Q\n", "2"),
        ("FROM scratch AS a\nARG Q=1\nFROM a\nENV R=$Q\n", "1"),
        ("FROM scratch AS a\nARG Q=1\nFROM scratch\nENV R=$Q\n", ""),
        ("FROM scratch\nENV R=$TARGETOS\n", ""),
        ("FROM scratch\nARG TARGETOS\nENV R=$TARGETOS\n", "linux"),
        ("FROM scratch\nENV R=1\nENV R=2 S=$R\nENV R=$S\n", "1"),
    ] {
        assert_eq!(target(text).env["R"].value, expected, "{text}");
    }
    let given = BTreeMap::from([("Q".to_owned(), "9".to_owned()), ("BASE".to_owned(), "scratch".to_owned())]);
    let file = read("ARG BASE=alpine\nFROM $BASE\nARG Q=1\nENV R=$Q S=$BASE\n");
    let target = file.target(None, &given).unwrap();
    assert_eq!((target.env["R"].value.as_str(), target.env["S"].value.as_str()), ("9", ""));
    assert_eq!(target.base_names, ["scratch"]);
}

#[test]
fn what_the_base_image_may_set_is_told() {
    let user = target("FROM nginx\nARG GROUP\nUSER $NGINX_USER:$GROUP\n").user.unwrap();
    assert_eq!((user.value.as_str(), user.unknown.as_slice()), (":", ["NGINX_USER".to_owned()].as_slice()));
    let user = target("FROM scratch\nUSER x$NGINX_USER\n").user.unwrap();
    assert_eq!((user.value.as_str(), user.unknown.is_empty()), ("x", true), "scratch sets nothing");
}
