//! Words: quotes, comments, continued lines, variables, and what is between commands.

use super::{one, read, shown};
use grader::commands::{Join, Redirect, WordPiece};

#[test]
fn quotes_are_those_of_a_shell() {
    for (text, words) in [
        ("echo a  b", vec!["a", "b"]),
        ("echo 'a  b'", vec!["a  b"]),
        (r#"echo "a  'b'""#, vec!["a  'b'"]),
        (r#"echo "a\"b\$c\d""#, vec![r#"a"b$c\d"#]),
        (r"echo a\ b \#c", vec!["a b", "#c"]),
        ("echo 'a'\"b\"c", vec!["abc"]),
        ("echo ''", vec![""]),
        ("echo a#b # c", vec!["a#b"]),
        ("echo a\\\n  b", vec!["a", "b"]),
        ("echo a\\\nb", vec!["ab"]),
        ("echo 'a\nb'", vec!["a\nb"]),
        ("echo '{{.Names}}' {{.ID}}", vec!["{{.Names}}", "{{.ID}}"]),
        ("echo $ 5$", vec!["$", "5$"]),
    ] {
        let operands = one(text).operands;
        let found: Vec<String> = operands.iter().map(|word| word.text().into_owned()).collect();
        assert_eq!(found, words, "{text}");
    }
}

#[test]
fn a_file_is_read_in_its_order() {
    let file = read(
        "#!/bin/bash\nset -e\n\n# run it\ndocker run -d \\\n  --name web \\\n  nginx:1.27\ndocker ps && docker stop web; docker rm web || true\n",
    );
    assert_eq!(
        shown(&file),
        ["set --errexit", "run --detach --name=web \"nginx:1.27\"", "ps", "stop \"web\"", "rm \"web\"", "true",]
    );
    let joins: Vec<Join> = file.commands.iter().map(|command| command.join).collect();
    assert_eq!(joins, [Join::Next, Join::Next, Join::Next, Join::And, Join::Next, Join::Or]);
    let run = file.commands[1].span;
    assert_eq!((run.line, run.column, run.end_line), (5, 1, 7));
}

#[test]
fn both_spellings_are_one_verb() {
    for (text, verb) in [
        ("docker ps", "ps"),
        ("docker container ls", "ps"),
        ("docker container run nginx", "run"),
        ("docker image ls", "images"),
        ("docker image rm x", "rmi"),
        ("docker network create x", "network create"),
        ("docker network list", "network ls"),
        ("docker buildx build .", "build"),
        ("docker compose -f a.yaml up -d", "compose up"),
        ("docker container inspect x", "inspect"),
    ] {
        assert_eq!(one(text).verb.name, verb, "{text}");
    }
}

#[test]
fn variables_are_filled_in() {
    let file = read("NAME=web\nexport OPTS=\"-d --name $NAME\"\ndocker run $OPTS \"$NAME:${NAME}\" a$NAME\n");
    assert_eq!(shown(&file)[2], "run --detach --name=web \"web:web\" \"aweb\"");
    let file = read("EMPTY=\necho a $EMPTY \"$EMPTY\" b$EMPTY");
    assert_eq!(shown(&file)[1], "echo \"a\" \"\" \"b\"");
    let file = read("X=' a b '\necho 1${X}2 \"$X\"");
    assert_eq!(shown(&file)[1], "echo \"1\" \"a\" \"b\" \"2\" \" a b \"");
}

#[test]
fn the_current_folder_is_known() {
    for text in
        ["docker run -v \"$(pwd)/src:/app\" x", "docker run -v $PWD/src:/app x", "docker run -v ${PWD}/src:/app x"]
    {
        let run = one(text);
        assert_eq!(run.options[0].value.text(), "$(pwd)/src:/app", "{text}");
        assert_eq!(run.options[0].value.path(), "./src:/app", "{text}");
    }
    let file = read("mkdir -p data/in\ncd data/in\ndocker run -v $(pwd):/x y\ncd ../..\ndocker run -v $(pwd):/x y");
    let path = |index: usize| file.commands[index].call().unwrap().options[0].value.path().into_owned();
    assert_eq!([path(2), path(4)], ["./data/in:/x", ".:/x"]);
    assert_eq!(file.commands[2].folder, "data/in");
}

#[test]
fn an_output_is_kept_for_later() {
    let file = read("docker rm -f $(docker ps -aq)\nID=$(docker run -d nginx)\ndocker stop \"$ID\"\n");
    assert_eq!(
        shown(&file),
        ["ps --all --quiet", "rm --force \"$(…)\"", "run --detach \"nginx\"", "ID=", "stop \"$(…)\""]
    );
    let inner = read("NET=back\nID=$(docker run -d --net $NET -v \"$(pwd)/x:/x\" nginx)");
    assert_eq!(shown(&inner)[1], "run --detach --network=back --volume=$(pwd)/x:/x \"nginx\"");
    assert_eq!(file.commands[0].join, Join::Captured);
    let operand = |index: usize| file.commands[index].call().unwrap().operands[0].pieces.clone();
    assert_eq!(operand(1), [WordPiece::Output { command: 0, splits: true }]);
    assert_eq!(operand(4), [WordPiece::Output { command: 2, splits: false }]);
}

#[test]
fn output_goes_to_files_and_filters() {
    let file = read("docker logs web 2>&1 | grep -i error | wc -l > count.txt\ncat < in.txt >> out.txt 2>/dev/null\n");
    assert_eq!(shown(&file), ["logs \"web\"", "grep --ignore-case \"error\"", "wc --lines", "cat"]);
    let redirects: Vec<Vec<Redirect>> =
        file.commands.iter().map(|command| command.redirects.iter().map(|it| it.redirect).collect()).collect();
    assert_eq!(
        redirects,
        [
            vec![Redirect::Merge],
            vec![],
            vec![Redirect::Write],
            vec![Redirect::Read, Redirect::Append, Redirect::WriteErrors],
        ]
    );
    assert_eq!(shown(&read("docker ps |\n  grep web &&\n  docker ps")).len(), 3);
}

#[test]
fn windows_lines_are_read_and_mentioned() {
    let file = read("\u{feff}docker ps\r\ndocker run \\\r\n  nginx\r\n");
    assert_eq!(shown(&file), ["ps", "run \"nginx\""]);
    let warnings: Vec<(u32, &str)> = file.warnings.iter().map(|it| (it.span.line, it.message.as_str())).collect();
    assert_eq!(warnings.len(), 2);
    assert!(warnings[0].1.contains("byte-order mark") && warnings[1].1.contains("CRLF"), "{warnings:?}");
}
