//! Forms of arguments, here-documents, directives, flags and what is refused.

use super::{errors, read};
use grader::dockerfile::{Command, Kind, parse};

fn kind(instruction: &str) -> Kind {
    read(&format!("FROM a\n{instruction}\n")).instructions[1].kind.clone()
}

#[test]
fn exec_form_is_a_list_of_strings_and_nothing_else() {
    let exec = |list: &[&str]| Command::Exec(list.iter().map(ToString::to_string).collect());
    let shell = |text: &str| Command::Shell(text.to_owned());
    for (text, expected) in [
        (r#"CMD ["a", "b c"]"#, exec(&["a", "b c"])),
        ("CMD []", exec(&[])),
        ("CMD [ \"a\" \\\n  , \"b\" ]", exec(&["a", "b"])),
        ("CMD ['a']", shell("['a']")),
        (r#"CMD ["a"] # b"#, shell(r#"["a"] # b"#)),
        (r#"CMD ["a",]"#, shell(r#"["a",]"#)),
        ("CMD a   \"b  c\"", shell("a   \"b  c\"")),
        ("CMD", shell("")),
    ] {
        let Kind::Cmd(command) = kind(text) else { panic!("{text}") };
        assert_eq!(command, expected, "{text}");
    }
    let message = "2:5 when using JSON array syntax, arrays must be comprised of strings only";
    assert_eq!(errors("FROM a\nCMD [1]\n"), [message]);
}

#[test]
fn pairs_have_two_forms() {
    for (text, expected) in [
        ("ENV a=1 b=\"2 3\" c=4\\ 5", vec![("a", "1"), ("b", "\"2 3\""), ("c", "4\\ 5")]),
        ("ENV a  some = text ", vec![("a", "some = text")]),
        ("ENV a= b=", vec![("a", ""), ("b", "")]),
        ("ENV a=b \\\n  # comment\n\n  c=d", vec![("a", "b"), ("c", "d")]),
    ] {
        let Kind::Env(pairs) = kind(text) else { panic!("{text}") };
        let pairs: Vec<_> = pairs.iter().map(|pair| (pair.name.as_str(), pair.value.as_str())).collect();
        assert_eq!(pairs, expected, "{text}");
    }
}

#[test]
fn heredocs_are_found_where_a_shell_would_see_them() {
    for (line, body, name, text) in [
        ("RUN <<EOF", "a\n# b\nEOF\n", "EOF", "a\n# b\n"),
        ("RUN cat << EOF > /x", "a\nEOF\n", "EOF", "a\n"),
        ("RUN a \\\n  <<EOF", "b\nEOF\n", "EOF", "b\n"),
        ("RUN <<-EOF", "\ta\n\tEOF\n", "EOF", "a\n"),
        ("RUN 3<<'E F'", "$a\nE F\n", "E F", "$a\n"),
        ("COPY <<EOF /x", "a\\\nEOF\n", "EOF", "a\\\n"),
        ("ONBUILD RUN <<EOF", "a\nEOF\n", "EOF", "a\n"),
        ("RUN <<EOF", "a\r\nEOF\r\n", "EOF", "a\r\n"),
    ] {
        let file = read(&format!("FROM a\n{line}\n{body}USER b\n"));
        assert_eq!(file.instructions.len(), 3, "{line}");
        let heredocs = match &file.instructions[1].kind {
            Kind::Run(run) => run.heredocs.clone(),
            Kind::Copy(copy) => copy.heredocs.clone(),
            Kind::Onbuild(onbuild) => match &onbuild.trigger {
                Ok(Kind::Run(run)) => run.heredocs.clone(),
                other => panic!("{line}: {other:?}"),
            },
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!((heredocs[0].name.as_str(), heredocs[0].text().as_str()), (name, text), "{line}");
    }
    for line in [
        "RUN \"<<EOF\"",
        "RUN echo $((1<<2))",
        "RUN cat <<<x",
        "RUN it's <<EOF",
        "RUN [\"<<EOF\"]",
        "CMD <<EOF",
        "RUN a<<EOF",
    ] {
        assert_eq!(read(&format!("FROM a\n{line}\nUSER b\n")).instructions.len(), 3, "{line}");
    }
    assert_eq!(errors("FROM a\nRUN cat <<EOF\nUSR\n"), ["2:9 unterminated heredoc"]);
    let Kind::Run(run) = kind("RUN <<A cat && <<'B' cat\n1\nA\n2\nB") else { panic!("no RUN") };
    assert_eq!(run.heredocs.iter().map(|heredoc| heredoc.expand).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn directives_end_at_the_first_other_line() {
    for (text, escape, count) in [
        ("# escape=`\nFROM a\n", '`', 1),
        ("#ESCAPE = `\n# syntax=a\nFROM a\n", '`', 2),
        ("\u{feff}# check=skip=all\n# escape=`\nFROM a\n", '`', 2),
        ("# a comment\n# escape=`\nFROM a\n", '\\', 0),
        ("\n# escape=`\nFROM a\n", '\\', 0),
        ("# other=x\n# escape=`\nFROM a\n", '\\', 0),
        ("#!/bin/sh\n# escape=`\nFROM a\n", '\\', 0),
    ] {
        let file = read(text);
        assert_eq!((file.escape, file.directives.len()), (escape, count), "{text:?}");
    }
    assert_eq!(errors("# escape=x\nFROM a\n"), ["1:1 invalid escape token 'x' does not match ` or \\"]);
    assert_eq!(errors("# syntax=a\n# Syntax=b\nFROM a\n"), ["2:1 only one syntax parser directive can be used"]);
}

#[test]
fn refuses_what_buildkit_refuses() {
    for (text, expected) in [
        (
            "FROM a AS 1b",
            "2:11 invalid name for build stage: \"1b\", name can't start with a number or contain symbols",
        ),
        ("COPY --form=b a b", "2:6 unknown flag: --form (did you mean from?)"),
        ("COPY --link --chwon=x a b", "2:13 unknown flag: --chwon (did you mean chown?)"),
        ("COPY --from=a --from=b c d", "2:15 duplicate flag specified: --from"),
        ("COPY --from a b c", "2:6 missing a value on flag: --from"),
        ("ADD --link=x a b", "2:5 expecting boolean value for flag --link, not: x"),
        ("COPY a <<EOF\nb\nEOF", "2:8 COPY cannot accept a heredoc as a destination"),
        ("ENV a", "2:5 ENV must have two arguments"),
        ("ENV a=b c", "2:9 Syntax error - can't find = in \"c\". Must be of the form: name=value"),
        ("LABEL =b", "2:7 LABEL names can not be blank"),
        ("ARG", "2:1 ARG requires at least one argument"),
        ("SHELL bash -c", "2:1 SHELL requires the arguments to be in JSON form"),
        ("VOLUME [\"\"]", "2:8 VOLUME specified can not be an empty string"),
        ("HEALTHCHECK curl x", "2:13 Unknown type \"CURL\" in HEALTHCHECK (try CMD)"),
        ("HEALTHCHECK NONE x", "2:13 HEALTHCHECK NONE takes no arguments"),
        ("HEALTHCHECK CMD", "2:13 Missing command after HEALTHCHECK CMD"),
        ("HEALTHCHECK --interval=5 CMD a", "2:13 time: missing unit in duration \"5\""),
        ("HEALTHCHECK --timeout=-5s CMD a", "2:13 Interval \"timeout\" cannot be less than 1ms"),
        ("HEALTHCHECK --retries=-1 CMD a", "2:13 --retries cannot be negative (-1)"),
        ("ONBUILD ONBUILD RUN a", "2:9 Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
        ("ONBUILD FROM a", "2:9 FROM isn't allowed as an ONBUILD trigger"),
        ("RUN --mount=from=$a b", "2:5 'from' doesn't support variable expansion, define alias stage instead"),
        ("RUN --network=x a", "2:5 invalid network mode \"x\""),
        ("healtchcheck CMD a", "2:1 unknown instruction: healtchcheck (did you mean healthcheck?)"),
    ] {
        assert_eq!(errors(&format!("FROM a\n{text}\n")), [expected], "{text}");
    }
    assert_eq!(errors("RUN a\nUSER b\n"), ["1:1 no build stage in current context"]);
    assert_eq!(errors("ARG A=1\n"), [""; 0]);
    assert!(grader::dockerfile::parse(b"ARG A=1\n").target(None, &std::collections::BTreeMap::new()).is_err());
}

#[test]
fn goes_on_after_errors() {
    let text = "# escape=x\nFROM\nRUN a \\\n --x\n  HEALTCHECK CMD a\nENV b\nUSER\nCMD ok\n";
    let lines: Vec<_> = parse(text.as_bytes()).errors.iter().map(|error| (error.line, error.column)).collect();
    assert_eq!(lines, [(1, 1), (2, 1), (5, 3), (6, 5), (7, 1)]);
    let file = parse(b"FROM a\nUSER\nENV b\n");
    assert_eq!(file.first_error().map(|error| error.line), Some(3), "the words are read before they are judged");
}
