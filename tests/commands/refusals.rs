//! What grader doesn't read: its place, and what to write instead.

use super::errors;

#[test]
fn each_has_its_place_and_a_way_out() {
    for (text, expected) in [
        ("sudo docker ps", "1:1 grader doesn't run `sudo` | Leave `sudo` out: grader runs Docker itself."),
        ("docker ps\n  eval x", "2:3 grader doesn't run `eval` | Write the command itself."),
        ("docker-compose up", "1:1 grader doesn't run `docker-compose` | Write `docker compose`, in two words."),
        ("dokcer ps", "1:1 grader doesn't run `dokcer` | Did you mean `docker`?"),
        ("run -d nginx", "1:1 grader doesn't run `run` | Write `docker run`."),
        ("docker rum nginx", "1:8 `docker` has no command `rum` | Did you mean `docker run`?"),
        (
            "docker network creat x",
            "1:8 grader doesn't do `docker network` with `creat` | Did you mean `docker network create`?",
        ),
        ("docker swarm init", "1:8 grader doesn't do `docker swarm`: it makes a cluster of the engine | Leave it out."),
        (
            "docker -H tcp://x ps",
            "1:8 `-H` comes before the verb and is for the client itself | Leave it out: grader chooses the engine itself.",
        ),
        ("docker run --nmae x nginx", "1:12 `docker run` has no option `--nmae` | Did you mean `--name`?"),
        ("docker run -name x nginx", "1:12 `docker run` has no option `-n` | Long options have two dashes: `--name`."),
        ("docker run -d", "1:1 IMAGE is missing | Write `docker run IMAGE`."),
        ("docker run nginx --name", ""),
        (
            "docker create -d nginx",
            "1:15 `docker create` has no option `-d` | `docker create --help` lists its options.",
        ),
        ("docker run --name", "1:12 the value of `--name` is missing | Write `--name VALUE`."),
        ("docker rename web", "1:1 NEW_NAME is missing | Write `docker rename CONTAINER NEW_NAME`."),
        (
            "docker tag a b c",
            "1:16 `c` is more than `docker tag` takes | Remove it, or put quotes around what belongs together.",
        ),
        (
            "docker run -p 80:x nginx",
            "1:12 `80:x` names no port of the container | Write `-p HOST_PORT:CONTAINER_PORT`, such as `-p 8080:80`.",
        ),
        (
            "docker run -v data/x:/x nginx",
            "1:12 `data/x` is a path, and Docker takes it for the name of a volume | Begin a path with `./`, or with `$(pwd)/`.",
        ),
        (
            r"docker run -v C:\x:/x nginx",
            "1:12 `C:x:/x` names no path in the container that begins with `/` | Write `-v NAME:/PATH` for a volume, `-v \"$(pwd)/FOLDER:/PATH\"` for a folder.",
        ),
        (
            r"docker run -v 'C:\x:/x' nginx",
            r"1:12 `C:\x:/x` is a folder of one Windows computer | Write `$(pwd)` for the folder of commands.sh.",
        ),
        (
            "curl http://example.org/",
            "1:6 `http://example.org/` isn't one of your containers | grader asks published ports only: write `localhost:PORT`.",
        ),
        (
            "curl localhost@evil.org",
            "1:6 `localhost@evil.org` isn't one of your containers | grader asks published ports only: write `localhost:PORT`.",
        ),
        ("sleep 1h", "1:7 `1h` isn't a number of seconds | Write `sleep 2`."),
        (
            "sleep 100\nsleep 1m",
            "2:1 this file sleeps 160 seconds up to here, and 120 is the most | Wait for less, or use a health check.",
        ),
        ("cd ..", "1:4 `..` is outside of this repository | Name a path of the repository, such as `./data`."),
        (
            "echo x > /etc/x",
            "1:10 `/etc/x` is outside of this repository | Name a path of the repository, such as `./data`.",
        ),
        ("cat < ../x", "1:7 `../x` is outside of this repository | Name a path of the repository, such as `./data`."),
        (
            "docker ps | xargs docker rm",
            "1:13 grader pipes into filters only, not into `xargs` | Use grep, head, tail, wc, sort.",
        ),
        (
            "docker ps &",
            "1:11 grader runs one command after another, without `&` | Use `docker run -d` for a container in the background.",
        ),
        (
            "docker rm *",
            "1:11 grader doesn't look for files by patterns: `*`, `?` and `[` | Name the files, or put the word in quotes if it is no pattern.",
        ),
        ("echo {a,b}", "1:6 grader doesn't expand `{…,…}` | Write out each of the words."),
        (
            "ls ~/x",
            "1:4 `~` is your home folder, which grader doesn't have | Name a path of this repository, such as `./data`.",
        ),
        ("echo $NAME", "1:6 no line before this one sets `$NAME` | Set it on a line of its own before: `NAME=value`."),
        ("NAME=x\necho $NAMES", "2:6 no line before this one sets `$NAMES` | Did you mean `$NAME`?"),
        ("echo ${A:-b}", "1:6 grader doesn't read `${A:-b}` | Write `${NAME}`, and set NAME on a line of its own."),
        ("echo $((1+1))", "1:6 grader doesn't calculate: `$((…))` | Write the number itself."),
        ("echo $(ls)", "1:6 grader keeps the output of `docker` and `pwd`, not of `ls` | Write the value itself."),
        (
            "echo $(docker ps | wc -l)",
            "1:6 grader reads one command without `|` and `>` in `$(…)` | Use `-q` or `--format` to print only what you need.",
        ),
        ("echo `docker ps`", "1:6 grader doesn't read backticks | Write `$(…)` in their place."),
        (
            "A=b docker ps",
            "1:1 grader doesn't set variables for one command only | Set it on a line of its own before, or use `-e NAME=value` for a container.",
        ),
        (
            "cat <<EOF",
            "1:5 grader doesn't read texts within the file (`<<`) | Put the text into a file of its own, and use `< FILE`.",
        ),
        (
            "(docker ps)",
            "1:1 grader doesn't read `(` outside of quotes | Write one command a line, without groups and functions.",
        ),
        (
            "web() { docker ps; }",
            "1:4 grader doesn't read `(` outside of quotes | Write one command a line, without groups and functions.",
        ),
        ("echo 'a", "1:6 this `'` isn't closed | Write another `'` where the text ends."),
        ("docker ps &&", "1:11 a command is missing after this | Write it, or remove this."),
        ("| grep x", "1:1 a command is missing before this | Write it, or remove this."),
        ("$ docker ps", "1:1 `$` is the prompt of a terminal, not a command | Write the command alone."),
        ("--name web", "1:1 `--name` isn't a command | If it belongs to the line before, end that line with `\\`."),
        ("echo a\u{1b}[2J", "1:7 a control character (U+001B) is in this line | Remove it, or type the line again."),
        // Windows, and word processors.
        (
            "docker run `\n  -d `\n  nginx",
            "1:12 a backtick continues the line only in PowerShell | End the line with `\\` and nothing after it.",
        ),
        (
            "docker run ^\n  -d nginx",
            "1:12 `^` continues the line only in Windows' command prompt | End the line with `\\` and nothing after it.",
        ),
        (
            "docker run -v %cd%:/x nginx",
            "1:15 `%cd%` is a variable of Windows' command prompt | Write `$(pwd)` for the current folder.",
        ),
        (
            "echo $env:NAME",
            "1:6 `$env:` is PowerShell's | Set the variable in this file: `NAME=value`. Then write `$NAME`.",
        ),
        (
            "docker run \\ \n nginx",
            "1:12 a blank follows this `\\`, so the command ends here and not on the next line | Remove the blanks at the end of the line.",
        ),
        ("docker run –name x", "1:12 this dash is a long one, which Docker doesn't know | Write `-` or `--`."),
        ("echo “a”", "1:6 `“` is a curly quote, which shells don't know | Write `\"`."),
        ("docker\u{a0}ps", "1:7 this blank is one of a web page, which shells don't know | Type it again."),
    ] {
        let found = errors(text);
        let first = found.first().map(String::as_str).unwrap_or_default();
        assert_eq!(first, expected, "{text}");
    }
}

#[test]
fn one_mistake_is_one_error() {
    for text in [
        "for i in 1 2 3; do\n  docker run nginx\n  for j in 1; do\n echo\n done\ndone\ndocker ps",
        "if true; then docker ps; fi",
        "if docker ps; then\n  docker ps\nelse\n  docker ps\nfi\n",
        "docker run `\n  -d `\n  --name web `\n  nginx\ndocker ps",
        "docker run -x \\\n  --name web \\\n  nginx",
    ] {
        assert_eq!(errors(text).len(), 1, "{text}: {:?}", errors(text));
    }
    assert_eq!(errors("docker run -x y\ndocker ps\nls\n").len(), 2);
}

#[test]
fn what_is_no_text_is_one_error() {
    let first = |bytes: &[u8]| grader::commands::parse(bytes).errors.remove(0);
    assert!(first(b"\xff\xfed\0").message.contains("UTF-16"));
    let error = first(b"docker ps\n\xe9\n");
    assert_eq!((error.span.line, error.message.as_str()), (2, "this line isn't UTF-8 text"));
}
