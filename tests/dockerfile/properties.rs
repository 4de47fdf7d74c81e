//! Whatever the bytes: no panic, and spans that lie in the file, in order.

use std::collections::BTreeMap;

use grader::dockerfile::parse;
use proptest::prelude::*;

const PIECES: &[&str] = &[
    "FROM ",
    "RUN ",
    "COPY ",
    "ADD ",
    "ENV ",
    "ARG ",
    "LABEL ",
    "CMD ",
    "ENTRYPOINT ",
    "HEALTHCHECK ",
    "ONBUILD ",
    "EXPOSE ",
    "VOLUME ",
    "WORKDIR ",
    "USER ",
    "SHELL ",
    "STOPSIGNAL ",
    "MAINTAINER ",
    "a",
    "b ",
    "AS ",
    "\n",
    "\n",
    "\r\n",
    "\\\n",
    "\\",
    "`\n",
    "#",
    "# escape=`\n",
    "\u{feff}",
    "<<EOF",
    "EOF",
    "\nEOF\n",
    "<<-",
    "\"",
    "'",
    "$",
    "${",
    "}",
    ":-",
    "##",
    "//",
    "=",
    "--from=",
    "--mount=",
    "type=bind,from=",
    "--",
    "[",
    "]",
    ",",
    "{",
    "\t",
    " ",
    "\u{a0}",
    "é",
    "\0",
    "80-90",
    "--interval=1s ",
    "NONE",
    "5",
];

fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec());
    let byte = any::<u8>().prop_map(|byte| vec![byte]);
    prop::collection::vec(prop_oneof![20 => piece, 1 => byte], 0..60).prop_map(|pieces| pieces.concat())
}

fn check(text: &[u8]) -> Result<(), TestCaseError> {
    let file = parse(text);
    let lines = u32::try_from(text.split(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX);
    let (mut end, mut end_line) = (0, 0);
    for instruction in &file.instructions {
        let span = instruction.span;
        prop_assert!(end <= span.start && span.start <= span.end && span.end <= text.len(), "{:?}", span);
        prop_assert!(end_line < span.line && span.line <= span.end_line && span.end_line <= lines, "{:?}", span);
        prop_assert!(span.column >= 1);
        (end, end_line) = (span.end, span.end_line);
    }
    for error in &file.errors {
        prop_assert!((1..=lines).contains(&error.line) && error.column >= 1, "{:?}", error);
    }
    prop_assert!(file.errors.is_sorted_by_key(|error| (error.line, error.column)));
    prop_assert_eq!(file.stages.is_empty(), file.target(None, &BTreeMap::new()).is_err());
    for stage in &file.stages {
        let target = file.target(Some(&stage.index.to_string()), &BTreeMap::new());
        prop_assert!(target.is_ok());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes(text in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&text)?;
    }

    #[test]
    fn any_pieces(text in soup()) {
        check(&text)?;
    }

    #[test]
    fn any_pieces_in_a_stage(text in soup()) {
        check(&[b"FROM a AS b\nENV A=1\n".as_slice(), &text].concat())?;
    }
}
