//! Steps that look for files, in images and in containers.

use crate::alone::{because, done, place, told};
use grader::engine::Engine;
use grader::facts::{Fact, Value};
use grader::judge::StepResult;

tests![are_found_in_the_image, are_found_in_a_container,];

/// What was found, as `path kind mode owner size content`.
fn found(result: &StepResult) -> Vec<String> {
    assert!(result.error.is_none() && result.failed.is_none(), "{result:?}");
    let Some(Value::List(items)) = result.facts.get("found").and_then(Fact::value) else { panic!("{result:?}") };
    let one = |item: &Fact| {
        let Some(Value::Map(fields)) = item.value() else { panic!("{item:?}") };
        let text = |name: &str| fields[name].value().map(ToString::to_string).unwrap_or_default();
        ["path", "kind", "mode", "owner", "size", "content"].map(text).join(" ")
    };
    items.iter().map(one).collect()
}

async fn are_found_in_the_image(engine: Engine) {
    let dockerfile = "FROM debian:bookworm-slim
RUN useradd --uid 1234 app && mkdir -p /root/.cache/pip /app/a/b /big && touch /app/a/b/x.pyc /app/y.pyc
RUN echo secret > /app/.env && chown app /app/.env && chmod 600 /app/.env && chown 77 /app/y.pyc && ln -s .env /app/link
RUN head -c 100000 /dev/zero > /app/zero && seq 1200 | sed s,^,/big/, | xargs touch
";
    let steps = r#"
- files: { paths: [/root/.cache/pip, /root/.cache/uv, "/usr/bin/gcc*"] }
- files: { image: built, paths: ["/app/*", /app/link] }
- files: { paths: ["/app/**/*.pyc", "/**/*.pyc"] }
- files: { paths: [/.dockerenv, /etc/hosts, "/etc/hosts*", "/dev/console"] }
- files: { paths: ["/bin/ca*", /bin/cat, /bin] }
- files: { paths: ["/big/*"] }
- files: { image: "python:3.11-slim", paths: [/usr/local/bin/python3] }
- files: { image: "grader.invalid/none:1", paths: [/x] }
- files: { paths: ["/**/.env", "/**/*.none", "/**/x.pyc", /root/.cache/pip] }
"#;
    let results = done(&engine, &[("Dockerfile", dockerfile)], "{}", steps).await;
    assert_eq!(found(&results[0]), ["/root/.cache/pip folder 0755 root 0B "]);
    assert_eq!(told(&results[0], "missing"), "/root/.cache/uv, /usr/bin/gcc*");
    assert_eq!(place(&results[0], "found"), "Dockerfile");
    assert_eq!(
        found(&results[1]),
        [
            "/app/.env file 0600 app 7B secret\n",
            "/app/a folder 0755 root 0B ",
            "/app/link link 0777 root 0B ",
            "/app/y.pyc file 0644 77 0B ",
            "/app/zero file 0644 root 100kB ",
        ]
    );
    let pyc = found(&results[2]).into_iter().filter(|it| it.starts_with("/app")).collect::<Vec<_>>();
    assert_eq!(pyc, ["/app/a/b/x.pyc file 0644 root 0B ", "/app/y.pyc file 0644 77 0B "]);
    assert_eq!(found(&results[3]), Vec::<String>::new(), "Docker made them");
    let shown = found(&results[4]);
    assert!(shown.iter().any(|it| it.starts_with("/bin/cat file 0755 root")), "{shown:?}");
    assert!(shown.iter().any(|it| it.starts_with("/bin link")), "{shown:?}");
    assert_eq!(found(&results[5]).len(), 1000);
    assert_eq!(because(&results[5], "found"), "only the first 1000 are here");
    assert_eq!(found(&results[6]).len(), 1);
    assert!(results[7].error.as_deref().unwrap().contains("grader.invalid/none:1"), "{:?}", results[7]);
    let paths = [
        "/app/.env file 0600 app 7B secret\n",
        "/app/a/b/x.pyc file 0644 root 0B ",
        "/root/.cache/pip folder 0755 root 0B ",
    ];
    assert_eq!(found(&results[8]), paths);
    assert_eq!(told(&results[8], "missing"), "/**/*.none");
}

async fn are_found_in_a_container(engine: Engine) {
    let dockerfile =
        "FROM debian:bookworm-slim\nVOLUME /data\nCMD echo kept > /data/note; echo lost > /tmp/note; sleep 300\n";
    let steps = r#"
- files: { container: built, paths: [/data/note, "/data/*", "/tmp/*", /.dockerenv, /none] }
- container: kill SIGKILL
- files: { container: built, paths: [/data/note] }
"#;
    let results = done(&engine, &[("Dockerfile", dockerfile)], "{}", steps).await;
    let shown = found(&results[0]);
    assert_eq!(shown[1..], ["/data/note file 0644 root 5B kept\n", "/tmp/note file 0644 root 5B lost\n"]);
    assert!(shown[0].starts_with("/.dockerenv file"));
    assert_eq!(told(&results[0], "missing"), "/none");
    assert!(told(&results[2], "found").starts_with("failed: the container does not run"));
}
