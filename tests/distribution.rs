//! Registries that want tokens, lead elsewhere, or answer what they should not: nothing hangs, and no token gets out.

#![allow(clippy::unwrap_used)] // in helpers of tests too

use grader::distribution::location::Location;
use grader::distribution::{Details, Error, LIMIT, MAX_BODY, RegistryAnswer, ask};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// One request: its first line without the version, and what it carries as `Authorization`.
type AskedImage = (String, Option<String>);

/// A server on this machine that answers as it is told to.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<AskedImage>>>,
}

impl Server {
    fn new(answer: impl Fn(&AskedImage, u16) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<AskedImage>>> = Arc::default();
        let log = asked.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                let Some(first) = head.first() else { continue };
                let token = head.iter().find_map(|line| line.strip_prefix("authorization: ").map(str::to_owned));
                let request = (first.trim_end_matches(" HTTP/1.1").to_owned(), token);
                log.lock().unwrap().push(request.clone());
                let _ = stream.write_all(&answer(&request, port));
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<AskedImage> {
        self.asked.lock().unwrap().clone()
    }

    fn ask(&self, details: bool) -> Result<RegistryAnswer, Error> {
        ask_at(self.port, details)
    }
}

fn ask_at(port: u16, details: bool) -> Result<RegistryAnswer, Error> {
    let location = Location::of(&format!("localhost:{port}/jane/hello:1.0")).unwrap();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(ask(&location, details))
}

/// An answer of this status, with these headers and this body.
fn says(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Told\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

fn ok(json: &Value) -> Vec<u8> {
    says(200, &[], json.to_string().as_bytes())
}

fn digest(byte: char) -> String {
    format!("sha256:{}", byte.to_string().repeat(64))
}

fn manifest() -> Value {
    json!({"config": {"digest": digest('c'), "size": 2}, "layers": [{"digest": digest('1'), "size": 1500}]})
}

fn config() -> Value {
    json!({"os": "linux", "architecture": "amd64", "created": "2026-01-31T12:00:00Z", "history": [{}],
        "config": {"Labels": {"maintainer": "jane"}}, "rootfs": {"type": "layers", "diff_ids": ["sha256:0a"]}})
}

/// An image without any ado.
fn plain(path: &str) -> Vec<u8> {
    if path.contains("/blobs/") { ok(&config()) } else { ok(&manifest()) }
}

fn found(answer: Result<RegistryAnswer, Error>) -> Details {
    let Ok(RegistryAnswer::Yes(Some(Ok(details)))) = answer else { panic!("{answer:?}") };
    details
}

#[test]
fn an_image_is_read() {
    let server = Server::new(|(line, _), _| plain(line));
    let details = found(server.ask(true));
    let created = Some("2026-01-31T12:00:00Z".to_owned());
    let amd64 = "linux/amd64".to_owned();
    assert_eq!((details.platforms.clone(), details.platform.clone()), (vec![amd64.clone()], Some(amd64)));
    assert_eq!((details.size, details.created), (1500, created));
    assert_eq!(details.labels.get("maintainer").map(String::as_str), Some("jane"));
    assert_eq!(details.layers, ["sha256:0a"]);
    let is_hex = |digest: &str| digest.strip_prefix("sha256:").is_some_and(|hash| hash.len() == 64);
    assert!(is_hex(&details.digest), "{}", details.digest);
}

#[test]
fn whether_it_is_there_is_no_pull() {
    let server = Server::new(|_, _| says(200, &[], b""));
    assert!(matches!(server.ask(false), Ok(RegistryAnswer::Yes(None))));
    assert_eq!(server.asked(), [("HEAD /v2/jane/hello/manifests/1.0".to_owned(), None)]);
}

#[test]
fn a_token_is_asked_for_where_the_registry_says() {
    let server = Server::new(|(line, token), port| match token.as_deref() {
        _ if line.starts_with("GET /token") => ok(&json!({"token": "t0k"})),
        Some("Bearer t0k") => plain(line),
        _ => {
            let bearer = format!(
                r#"Bearer realm="http://localhost:{port}/token?a=b",service="the registry",scope="repository:jane/hello:pull b""#
            );
            says(401, &[("WWW-Authenticate", "Basic realm=\"x\""), ("WWW-Authenticate", &bearer)], b"")
        }
    });
    found(server.ask(true));
    let asked = server.asked();
    let lines: Vec<&str> = asked.iter().map(|(line, _)| line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "GET /v2/jane/hello/manifests/1.0",
            "GET /token?a=b&service=the+registry&scope=repository%3Ajane%2Fhello%3Apull&scope=b",
            "GET /v2/jane/hello/manifests/1.0",
            &format!("GET /v2/jane/hello/blobs/{}", digest('c')),
        ]
    );
    assert_eq!(asked[1].1, None);
}

#[test]
fn a_token_goes_to_no_other_host() {
    let other = Server::new(|_, _| ok(&config()));
    let elsewhere = other.port;
    let server = Server::new(move |(line, token), port| match token {
        _ if line.starts_with("GET /token") => ok(&json!({"access_token": "t0k"})),
        Some(_) if line.contains("/blobs/") => {
            says(307, &[("Location", &format!("http://localhost:{elsewhere}/blob"))], b"")
        }
        Some(_) => ok(&manifest()),
        None => says(401, &[("WWW-Authenticate", &format!("Bearer realm=\"http://localhost:{port}/token\""))], b""),
    });
    found(server.ask(true));
    assert_eq!(other.asked(), [("GET /blob".to_owned(), None)]);
}

#[test]
fn it_is_led_neither_away_from_this_machine_without_tls_nor_round_and_round() {
    let away = Server::new(|_, _| says(307, &[("Location", "http://registry.example/v2/")], b""));
    let error = away.ask(true).unwrap_err();
    assert_eq!(error.to_string(), "leads to http://registry.example, where grader does not go");

    let round = Server::new(|_, _| says(302, &[("Location", "/again")], b""));
    assert!(matches!(round.ask(true), Err(Error::Elsewhere(_))));
    assert_eq!(round.asked().len(), 6);

    let realm = Server::new(|_, _| says(401, &[("WWW-Authenticate", "Bearer realm=\"http://auth.example/t\"")], b""));
    assert!(matches!(realm.ask(true), Err(Error::Elsewhere(_))));
    assert_eq!(realm.asked().len(), 1);
}

#[test]
fn what_is_not_there_or_not_for_everybody_is_the_learners() {
    let bearer = |port| format!("Bearer realm=\"http://localhost:{port}/token\"");
    let missing = Server::new(|_, _| says(404, &[], b"{}"));
    let closed = Server::new(|_, _| says(401, &[], b""));
    let forbidden = Server::new(|_, _| says(403, &[], b""));
    let no_token = Server::new(move |(line, _), port| {
        if line.contains("/token") {
            says(403, &[], b"")
        } else {
            says(401, &[("WWW-Authenticate", &bearer(port))], b"")
        }
    });
    let token_in_vain = Server::new(move |(line, _), port| {
        let refused = says(401, &[("WWW-Authenticate", &bearer(port))], b"");
        if line.contains("/token") { ok(&json!({"token": "x"})) } else { refused }
    });
    for (server, why) in [
        (&missing, "has no `1.0` of jane/hello"),
        (&closed, "not logged in"),
        (&forbidden, "not logged in"),
        (&no_token, "not logged in"),
        (&token_in_vain, "not logged in"),
    ] {
        let Ok(RegistryAnswer::No(told)) = server.ask(true) else { panic!("{why}") };
        assert!(told.starts_with(&format!("localhost:{}", server.port)) && told.contains(why), "{told}");
    }
}

#[test]
fn what_the_registry_does_wrong_is_not_the_learners() {
    let basic = Server::new(|_, _| says(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], b""));
    let busy = Server::new(|_, _| says(429, &[], b""));
    let broken = Server::new(|_, _| says(503, &[], b""));
    let long = Server::new(|_, _| says(200, &[], &vec![b' '; MAX_BODY + 1]));
    let cut = Server::new(|_, _| b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab".to_vec());
    for (server, error) in
        [(basic, Error::Login), (busy, Error::Busy), (broken, Error::Status(503)), (long, Error::Long)]
    {
        assert_eq!(server.ask(true).unwrap_err(), error);
    }
    assert!(matches!(cut.ask(true), Err(Error::Unreachable(_))));
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = ask_at(unused, true).unwrap_err().to_string();
    assert!(error.starts_with("could not be reached: ") && error.contains("refused"), "{error}");
}

#[test]
fn an_image_that_can_not_be_read_is_there_all_the_same() {
    let page = Server::new(|_, _| says(200, &[], b"<html>"));
    let nested = Server::new(|_, _| ok(&json!({"manifests": [{"digest": digest('a')}]})));
    let empty = Server::new(|_, _| ok(&json!({"manifests": []})));
    let half = Server::new(|(line, _), _| if line.contains("/blobs/") { says(404, &[], b"") } else { ok(&manifest()) });
    for server in [page, nested, empty, half] {
        assert!(matches!(server.ask(true), Ok(RegistryAnswer::Yes(Some(Err(Error::Unreadable(_)))))));
    }
}

#[test]
fn one_that_never_ends_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let location = Location::of(&format!("localhost:{}/a", listener.local_addr().unwrap().port())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let error = runtime.block_on(ask(&location, true)).unwrap_err();
    assert_eq!(error.to_string(), format!("did not answer within {} s", LIMIT.as_secs()));
}
