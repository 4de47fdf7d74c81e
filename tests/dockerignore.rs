//! `.dockerignore`: what is read, what is left out and by which line, what is refused and how quickly.

use crate::common::Work;
use grader::dockerignore::{Ignore, MAX_BYTES, MAX_LINE, MAX_PATTERNS, Matched};
use proptest::prelude::*;
use std::time::Duration;

fn read(file: &str) -> Ignore {
    Ignore::parse(file.as_bytes())
}

fn excludes(file: &str, path: &str) -> Result<bool, String> {
    read(file).excludes(path).map(|by| by.is_some()).map_err(|error| error.message)
}

/// Seen on BuildKit, or told by moby/patternmatcher run beside this.
#[test]
fn matches_as_moby_does() {
    let cases: &[(&str, &str, bool)] = &[
        ("venv", "venv/bin/python", true),
        ("venv/*", "venv/pyvenv.cfg", true),
        ("**/__pycache__", "a/b/__pycache__/c.pyc", true),
        ("__pycache__", "a/__pycache__/c.pyc", false),
        ("*.pyc", "a/b.pyc", false),
        ("*\n!.git", ".git/HEAD", false),
        ("*\n!requirements.txt", "requirements.txt", false),
        (".git # history", ".git/HEAD", false),
        ("\u{FEFF}venv\r\n.git\t \r\n", ".git/HEAD", true),
        ("\u{FEFF}#venv", "#venv", false),
        ("/a/../b", "b/c", true),
        ("/!keep\n", "!keep", false),
        ("*\n./!keep", "keep", false),
        ("! keep\nkeep\n!  keep", "keep", false),
        ("a/**/b", "a/b", true),
        ("a/**/b", "a/x/y/b", true),
        ("a**", "abc/d", true),
        ("**a", "x/bca", true),
        ("[^a]x", "bx", true),
        ("[^a]x", "/x", true),
        ("a?c", "a/c", false),
        ("\\!keep", "!keep", true),
        ("caf\u{e9}?", "caf\u{e9}s", true),
        // not quoted by moby: an alternative that matches anywhere, and a repetition
        ("x|f*", "Dockerfile", true),
        ("a{2}*", "aab", true),
        ("a{2}*", "ab", false),
        ("*.{js,ts}", "a.js", false),
        ("*.{js,ts}", "a.{js,ts}", true),
        ("[[:alpha:]]1", "a1", true),
        ("\\d*", "7up", true),
        ("?\\Qa*\\E", "xa*", false),
        ("\\x61*", "abc", true),
        ("*a\\b*", "a-b", true),
        (".", "a", false),
        ("..", "a", false),
        ("**", "a/b", true),
        ("**", ".", false),
        ("a", "./a/", true),
        ("a\n", "a\nb", false),
        ("**/a/**", "x\ny/a/b", false),
    ];
    for (file, path, expected) in cases {
        assert_eq!(excludes(file, path), Ok(*expected), "{file:?} on {path:?}");
    }
}

#[test]
fn names_the_line_that_decides() {
    let ignore = read("# what only developers need\n\n  docs/\n*.md\n!README.md\nnotes*\n");
    let line = |path| ignore.excludes(path).unwrap().map(|pattern| (pattern.line, pattern.text.as_str()));
    assert_eq!(line("docs/a.md"), Some((3, "docs")));
    assert_eq!(line("a.md"), Some((4, "*.md")));
    assert_eq!(line("README.md"), None);
    assert_eq!(line("src/app.py"), None);
    let texts: Vec<_> = ignore.patterns.iter().map(|pattern| pattern.text.as_str()).collect();
    assert_eq!(texts, ["docs", "*.md", "!README.md", "notes*"]);
}

#[test]
fn sees_comments_that_are_none() {
    let ignore = read("# a comment\n.git # history\n  # indented\nC#\nvenv\t#env\n/#file\n");
    let lines: Vec<_> = ignore.patterns.iter().filter(|p| p.inline_comment).map(|p| p.line).collect();
    assert_eq!(lines, [2, 3, 5]);
}

#[test]
fn tells_what_docker_refuses() {
    let cases = [
        ("a\n  a[", 2, 3, "`a[`: a `[` is not closed"),
        ("!", 1, 1, "`!` alone keeps nothing"),
        ("!/", 1, 1, "`!` alone keeps nothing"),
        ("[]a]", 1, 1, "`[]a]`: a `[` and its `]` have no characters"),
        ("[-a]", 1, 1, "a `-` between `[` and `]` has no character before it"),
        ("x\\", 1, 1, "a `\\` at the end hides nothing"),
        ("[Local-Only]/", 1, 1, "`[Local-Only]`: a range between `[` and `]` ends before it begins"),
        ("\\q", 1, 1, "a `\\` before this letter"),
        ("*{2}", 1, 1, "nothing before `{` can be repeated"),
    ];
    for (file, line, column, message) in cases {
        let ignore = read(file);
        let [error] = ignore.errors.as_slice() else { panic!("{file:?}: {:?}", ignore.errors) };
        assert_eq!((error.line, error.column), (line, column), "{file:?}");
        assert!(error.message.contains(message), "{file:?}: {}", error.message);
        assert_eq!(ignore.excludes("b").unwrap_err(), *error, "{file:?}");
    }
    // all errors are told
    assert_eq!(read("a[\nb\n!\n").errors.iter().map(|error| error.line).collect::<Vec<_>>(), [1, 3]);
    // a bad expression stops Docker only where it is asked for
    assert_eq!(excludes("*\n[z-a]", "x"), Ok(true));
    assert_eq!(excludes("!a*[", "x"), Ok(false));
}

#[test]
fn not_utf8_is_read_as_far_as_it_goes() {
    let ignore = Ignore::parse(b"caf\xE9\nb\xFF*\n[\xFF]\n");
    assert!(ignore.excludes("a").is_err());
    assert_eq!(ignore.errors.len(), 1);
    assert_eq!(ignore.errors[0].line, 3);
    assert!(Ignore::parse(b"caf\xE9").excludes("caf\u{FFFD}").unwrap().is_some());
}

#[test]
fn walks_as_buildkit_does() {
    let mut steps = u64::MAX;
    let root = Matched::default();
    // `!src` stands behind a pattern that did not match `src` itself: BuildKit leaves src/x.pyc out
    let ignore = read("**/*.pyc\n!src\n");
    let (by, src) = ignore.step("src", &root, &mut steps).unwrap();
    assert!(by.is_none());
    assert_eq!(ignore.step("src/x.pyc", &src, &mut steps).unwrap().0.unwrap().line, 1);
    assert!(ignore.step("src/app.py", &src, &mut steps).unwrap().0.is_none());
    // and what a directory's pattern said holds for all in it
    let ignore = read("src\n!src/keep\n");
    let (by, src) = ignore.step("src", &root, &mut steps).unwrap();
    assert_eq!(by.unwrap().line, 1);
    let (by, keep) = ignore.step("src/keep", &src, &mut steps).unwrap();
    assert!(by.is_none());
    assert!(ignore.step("src/keep/a", &keep, &mut steps).unwrap().0.is_none());
    assert!(ignore.step("src/other", &src, &mut steps).unwrap().0.is_some());
}

#[test]
fn looks_into_left_out_directories_only_for_exceptions() {
    let looks = |file: &str, directory: &str| read(file).looks_into(directory);
    assert!(!looks("*", "src"));
    assert!(!looks("*\n!requirements.txt", "src"));
    assert!(looks("*\n!src/a/b", "src"));
    assert!(looks("*\n!src/a/b", "src/a"));
    assert!(looks("*\n!src/**", "src"));
    assert!(!looks("*\n!srcs/a", "src"));
    assert!(looks("*\n!**/keep", "src"));
}

#[test]
fn bounds_are_named() {
    let message = |file: &[u8]| Ignore::parse(file).errors.last().unwrap().to_string();
    assert_eq!(
        message(&vec![b'a'; MAX_BYTES + 1]),
        "line 1: the file is longer than 1048576 bytes, the most that is read"
    );
    let long = [b"a\n".as_slice(), &vec![b'a'; MAX_LINE + 1]].concat();
    assert_eq!(message(&long), "line 2: the line is longer than 65535 bytes, the most that Docker reads");
    assert!(Ignore::parse(&long[..long.len() - 1]).errors.is_empty());
    let many = "a\n".repeat(MAX_PATTERNS + 1);
    assert_eq!(message(many.as_bytes()), "line 5001: more than 5000 patterns, the most that are read");
    assert!(message(format!("{}*", "a?".repeat(2_500)).as_bytes()).contains("at most 4096 bytes"));
    assert!(message("a{1000}{2}|a{300}*".as_bytes()).contains("256 characters"));
}

#[test]
fn nothing_takes_long() {
    let path = "a".repeat(250) + "/" + &"a/".repeat(60) + &"a".repeat(3_000);
    let files = [
        "*a".repeat(2_000) + "b",
        ("*a".repeat(2_000) + "b\n").repeat(250),
        "**/".repeat(1_300) + "b",
        "a{250}|".repeat(500) + "*",
        "?".repeat(4_000) + "*",
        "[[:".repeat(1_300) + "]*",
        "[".repeat(60_000),
        "*\n".repeat(500_000),
        "../".repeat(300_000),
        "\\Q".repeat(2_000) + "*",
        "!\n".repeat(400_000),
    ];
    for file in files {
        let begin = Work::begin();
        let _ = Ignore::parse(file.as_bytes()).excludes(&path);
        let took = begin.elapsed();
        // debug builds are some twenty times slower than release builds
        assert!(took < Duration::from_secs(8), "{took:?} for {:?}…", file.get(..20));
    }
}

proptest! {
    #[test]
    fn reads_any_bytes(file in prop::collection::vec(any::<u8>(), 0..200), path in any::<String>()) {
        let ignore = Ignore::parse(&file);
        let _ = ignore.excludes(&path);
        let _ = ignore.step(&path, &Matched::default(), &mut 10_000);
        let _ = ignore.looks_into(&path);
    }

    /// What was read says the same when it is read again.
    #[test]
    fn patterns_read_back(file in "([a-c*?!/.#\\[\\]\\\\{}|^ -]{0,8}\n){0,4}", path in "[a-c/.!]{1,8}") {
        let ignore = Ignore::parse(file.as_bytes());
        let again = Ignore::from_patterns(ignore.patterns.iter().map(|pattern| pattern.text.as_str()));
        let said = |ignore: &Ignore| ignore.excludes(&path).map(|by| by.map(|p| p.text.clone())).map_err(|e| e.message);
        prop_assert_eq!(said(&again), said(&ignore));
    }
}
