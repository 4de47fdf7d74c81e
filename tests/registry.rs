//! Checks of pushed images, against a real registry on this machine: Debian's `docker-registry`. Where it is not installed
//! they are listed as ignored; with `GRADER_REQUIRE_ENGINE=1` they fail.

#![allow(clippy::unwrap_used)] // no test attribute here that clippy would know them by

use libtest_mimic::{Arguments, Trial};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Client, Url};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const PROGRAM: &str = "docker-registry";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Only the check of the image that was pushed.
const PUSHED: &[&str] = &["--only", "pushed"];
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        trial("a_pushed_image_passes", pushed),
        trial("a_service_stands_for_its_image", service),
        trial("what_is_wrong_with_the_image_fails", wrong),
        trial("what_can_not_be_asked_takes_no_points", unknown),
        trial("a_registry_is_asked_where_there_is_no_engine", no_engine),
        trial("static_asks_nobody", not_asked),
    ];
    let required = std::env::var("GRADER_REQUIRE_ENGINE").is_ok_and(|value| value == "1");
    if let (false, Err(error)) = (required, Command::new(PROGRAM).arg("--version").output()) {
        let ignore = |trial: Trial| trial.with_kind(format!("{PROGRAM}: {error}")).with_ignored_flag(true);
        trials = trials.into_iter().map(ignore).collect();
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

/// A registry with a folder of its own, ended when it is dropped.
struct Registry {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Registry {
    /// Starts one; `auth` is that section of its configuration.
    fn start(auth: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display();
        let auth = auth.replace("FOLDER", &path.to_string());
        let config = format!(
            "version: 0.1\nlog: {{formatter: json}}\nstorage: {{filesystem: {{rootdirectory: '{path}'}}}}\n\
             http: {{addr: '127.0.0.1:0'}}\n{auth}\n"
        );
        let file = folder.path().join("config.yml");
        fs::write(&file, config).unwrap();
        let mut command = Command::new(PROGRAM);
        command.arg("serve").arg(file).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{PROGRAM}: {error}; scripts/engine installs it"));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let listening = "\"listening on 127.0.0.1:";
        let port = lines.find_map(|line| line.split_once(listening)?.1.split('"').next()?.parse().ok()).unwrap();
        std::thread::spawn(move || lines.for_each(drop)); // so that it can go on writing
        Self { child, port, _folder: folder }
    }

    fn image(&self, rest: &str) -> String {
        format!("localhost:{}/{rest}", self.port)
    }

    /// Pushes an image with one layer of so many bytes, by the API that `docker push` uses.
    fn push(&self, repository: &str, tag: &str, platform: &[(&str, &str)], size: usize, created: SystemTime) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = grader::http::plain().no_proxy().build().unwrap();
            let at = format!("http://localhost:{}/v2/{repository}", self.port);
            let mut entries = Vec::new();
            for (os, architecture) in platform {
                let created = humantime::format_rfc3339(created).to_string();
                let config = json!({"os": os, "architecture": architecture, "created": created}).to_string();
                let layer = vec![b'x'; size];
                let manifest = json!({
                    "schemaVersion": 2,
                    "mediaType": MANIFEST,
                    "config": blob(&client, &at, "application/vnd.oci.image.config.v1+json", config.into_bytes()).await,
                    "layers": [blob(&client, &at, "application/vnd.oci.image.layer.v1.tar+gzip", layer).await],
                });
                let text = manifest.to_string();
                let reference = if platform.len() == 1 { tag.to_owned() } else { digest(text.as_bytes()) };
                let platform = json!({"os": os, "architecture": architecture});
                entries.push(json!({
                    "mediaType": MANIFEST, "digest": digest(text.as_bytes()), "size": text.len(), "platform": platform,
                }));
                put(&client, &format!("{at}/manifests/{reference}"), MANIFEST, text).await;
            }
            if let [_, _, ..] = platform {
                let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
                put(&client, &format!("{at}/manifests/{tag}"), INDEX, index.to_string()).await;
            }
        });
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn digest(bytes: &[u8]) -> String {
    let hex = Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    format!("sha256:{hex}")
}

async fn put(client: &Client, url: &str, kind: &str, body: impl Into<reqwest::Body>) {
    let response = client.put(url).header(CONTENT_TYPE, kind).body(body).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 201, "{url}: {}", response.text().await.unwrap());
}

/// Uploads a blob; its descriptor.
async fn blob(client: &Client, at: &str, kind: &str, bytes: Vec<u8>) -> Value {
    let started = client.post(format!("{at}/blobs/uploads/")).send().await.unwrap();
    let mut url = Url::parse(started.headers()[LOCATION].to_str().unwrap()).unwrap();
    url.query_pairs_mut().append_pair("digest", &digest(&bytes));
    let descriptor = json!({"mediaType": kind, "digest": digest(&bytes), "size": bytes.len()});
    put(client, url.as_str(), "application/octet-stream", bytes).await;
    descriptor
}

/// Grades a folder that has this Compose file by the check of fixtures/checks/good/pushed.yaml for this image: the exit code
/// and the report.
fn grade(image: &str, compose: &str, options: &[&str]) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    let challenge = folder.path().join("challenge");
    fs::create_dir_all(challenge.join("checks")).unwrap();
    let check = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/checks/good/pushed.yaml");
    fs::copy(check, challenge.join("checks/pushed.yaml")).unwrap();
    let text = format!(
        "id: push\ntitle: Push it\nabout: Push your image.\nsubject: {{ dockerfile: Dockerfile, context: . }}\n\
         roles: {{ api: {{ built-from: Dockerfile }} }}\n\
         checks: [{{ use: pushed, points: 10, with: {{ image: '{image}', max: 1MB }} }},\n  \
           {{ id: builds, title: Image builds, expect: [{{ image.builds: true }}], why: w, hints: [h], points: 5 }}]\n"
    );
    fs::write(challenge.join("challenge.yaml"), text).unwrap();
    let work = folder.path().join("work");
    fs::create_dir(&work).unwrap();
    fs::write(work.join("compose.yaml"), compose).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.args(["check", "--format", "json", "--challenge"]).arg(challenge).args(options).arg(work);
    // There is no engine, and none is needed.
    command.env("DOCKER_HOST", "unix:///nowhere/docker.sock").env("XDG_STATE_HOME", folder.path().join("state"));
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"));
    (output.status.code().unwrap_or(-1), report)
}

fn now() -> SystemTime {
    SystemTime::now()
}

fn pushed() {
    let registry = Registry::start("");
    registry.push("jane/hello", "1.0", &[("linux", "arm64"), ("linux", "amd64")], 500_000, now());
    let image = registry.image("jane/hello:1.0");
    let (code, report) = grade(&image, "services: {}\n", PUSHED);
    assert_eq!((code, &report["checks"][0]["status"]), (0, &json!("passed")), "{:#}", report["checks"]);
    let fact = |field: &str| &report["facts"][format!("registry.{image}.{field}")];
    assert_eq!(fact("size"), 500_000);
    assert_eq!(fact("platforms"), &json!(["linux/arm64", "linux/amd64"]));
    let made = humantime::parse_rfc3339(fact("created").as_str().unwrap()).unwrap();
    let since = made.elapsed().unwrap();
    assert!(
        since < Duration::from_secs(600) && fact("age").as_f64().unwrap() <= since.as_secs_f64(),
        "{:#}",
        report["checks"]
    );
}

fn service() {
    let registry = Registry::start("");
    registry.push("jane/hello", "latest", &[("linux", "amd64")], 100, now());
    let image = registry.image("jane/hello");
    let compose = |image: &str| format!("services:\n  web:\n    build: .\n{image}");
    for name in ["api", "web"] {
        let (code, report) = grade(name, &compose(&format!("    image: {image}\n")), PUSHED);
        assert_eq!(code, 0, "{name}: {:#}", report["checks"]);
        let (code, report) = grade(name, &compose(""), PUSHED);
        let finding = &report["checks"][0]["findings"][0];
        assert_eq!((code, &finding["line"]), (1, &json!(2)), "{finding:#}");
        let because = finding.to_string();
        assert!(because.contains("the service `web` says no `image`"), "{because}");
    }
}

fn wrong() {
    let registry = Registry::start("");
    let year = Duration::from_secs(365 * 86400);
    registry.push("jane/hello", "old", &[("linux", "amd64")], 100, now() - year);
    registry.push("jane/hello", "large", &[("linux", "amd64")], 1_000_001, now());
    registry.push("jane/hello", "arm", &[("linux", "arm64")], 100, now());
    for (image, why) in [
        ("jane/hello:old", "is old"),
        ("jane/hello:large", "is large"),
        ("jane/hello:arm", "is not for everybody's machine"),
        ("jane/hello:none", "has no `none` of jane/hello; was it pushed?"),
        ("jane/other", "has no `latest` of jane/other; was it pushed?"),
    ] {
        let (code, report) = grade(&registry.image(image), "services: {}\n", PUSHED);
        let findings = report["checks"][0]["findings"].to_string();
        assert!(code == 1 && findings.contains(why), "{image}: {:#}", report["checks"]);
    }
}

fn unknown() {
    let closed = Registry::start("auth: {htpasswd: {realm: it, path: 'FOLDER/htpasswd'}}");
    let gone = Registry::start("");
    let unreachable = gone.image("a");
    drop(gone);
    for (image, why) in
        [(closed.image("a"), "needs a login, and grader has none"), (unreachable, "could not be reached: ")]
    {
        let (code, report) = grade(&image, "services: {}\n", PUSHED);
        let check = &report["checks"][0];
        assert_eq!((code, &check["status"]), (3, &json!("errored")), "{:#}", report["checks"]);
        assert!(check.to_string().contains(why), "{check:#}");
    }
}

fn no_engine() {
    let registry = Registry::start("");
    registry.push("a", "latest", &[("linux", "amd64")], 100, now());
    let (code, report) = grade(&registry.image("a"), "services: {}\n", &[]);
    let status = |index: usize| &report["checks"][index]["status"];
    assert_eq!((code, status(0), status(1)), (3, &json!("passed"), &json!("skipped")), "{:#}", report["checks"]);
}

fn not_asked() {
    let registry = Registry::start("");
    let (code, report) = grade(&registry.image("a"), "services: {}\n", &["--static"]);
    let check = &report["checks"][0];
    assert_eq!((code, &check["status"]), (0, &json!("skipped")), "{:#}", report["checks"]);
    assert!(check.to_string().contains("it asks a registry, and --static leaves that out"), "{check:#}");
}
