//! Spans: in bytes of the file as given, in lines and in characters.

use grader::dockerfile::parse;

#[test]
fn spans_point_into_the_file_as_given() {
    let text = "\u{feff}# c\r\n  FROM a\r\n\r\nRUN é \\\r\n  # c\r\n  b\r\nCOPY <<E /x\r\né\r\nE\r\n\tUSER u";
    let file = parse(text.as_bytes());
    assert_eq!(file.errors, []);
    let spans: Vec<_> = file
        .instructions
        .iter()
        .map(|instruction| {
            let span = instruction.span;
            (&text[span.start..span.end], span.line, span.column, span.end_line)
        })
        .collect();
    assert_eq!(
        spans,
        [
            ("FROM a", 2, 3, 2),
            ("RUN é \\\r\n  # c\r\n  b", 4, 1, 6),
            ("COPY <<E /x\r\né\r\nE", 7, 1, 9),
            ("USER u", 10, 2, 10),
        ]
    );
    assert_eq!(file.instructions[1].original, "RUN é   b");
}

#[test]
fn columns_count_characters() {
    let file = parse("FROM a\n \u{a0}COPY --chown=é --x a b\n".as_bytes());
    assert_eq!((file.errors[0].line, file.errors[0].column), (2, 18));
}

#[test]
fn a_line_of_65_535_bytes_is_the_longest() {
    for (length, errors) in [(65_535, 0), (65_536, 1)] {
        for ending in ["", "\n"] {
            let text = format!("FROM a\nRUN {}{ending}", "x".repeat(length - 4));
            assert_eq!(parse(text.as_bytes()).errors.len(), errors, "{length} {ending:?}");
        }
    }
    let file = parse(format!("FROM a\nRUN a \\\n{} \\\n b\nUSER c\n", "x".repeat(70_000)).as_bytes());
    let errors: Vec<_> = file.errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors, ["line 3: dockerfile line greater than max allowed size of 65535"]);
    assert_eq!(file.instructions.len(), 2, "what continues such a line is no instruction");
}
