//! One request to a port that is published on this machine, and nowhere else.

use super::http::Http;
use crate::facts::{Fact, Value};
use crate::seed::{Draw, Seed};
use crate::units::seconds_text;
use reqwest::Method;
use reqwest::redirect::Policy;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long one answer may take, to its last byte.
pub(super) const LIMIT: Duration = Duration::from_secs(10);
/// The bytes of a body that are read.
const MAX_BODY: usize = 1 << 20;

/// Visitors, by their browser and the languages that it asks for: a run looks like one of them, so that an application can't
/// know grader by it. American English first for all, so that a page in several languages is the same page.
const VISITORS: [(&str, &str); 4] = [
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "en-US,en;q=0.5"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "en-US,en;q=0.7,de;q=0.3"),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
        "en-US,en;q=0.9",
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 \
         Safari/605.1.15",
        "en-US,en;q=0.9",
    ),
];

/// What a page's script sends in a browser, so that an application can't tell grader from a visitor by what is missing. Not
/// what a browser sends for a page: an application may answer that with HTML in place of JSON.
fn visitor(seed: Seed) -> [(&'static str, &'static str); 3] {
    let (browser, languages) = seed.one_of(Draw::Visitor, &VISITORS);
    [("user-agent", browser), ("accept", "*/*"), ("accept-language", languages)]
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    /// The status code.
    pub status: u16,
    /// The headers, their names in lower case; several of one name are joined by commas.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub body: String,
    /// How long it took.
    pub time: Duration,
}

/// Why nothing came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// The connection was refused, or closed without an answer.
    Nobody,
    /// It took too long.
    Late,
    /// The answer was too long.
    Endless,
    /// What came back is not HTTP.
    NoHttp,
}

impl Silence {
    /// Why, for the learner.
    pub fn sentence(self, name: &str, port: u16, http: &Http, limit: Duration) -> String {
        let asked = format!("{} {}", http.method, http.path);
        match self {
            Self::Nobody => format!(
                "{name} publishes port {port}, but nothing answers there; inside a container the application has to \
                 listen on 0.0.0.0, not on 127.0.0.1, and on that port"
            ),
            Self::Late => format!("{name} did not answer {asked} within {}", seconds_text(limit)),
            Self::Endless => format!("{name} answered {asked} with more than {} MiB", MAX_BODY >> 20),
            Self::NoHttp => format!("what answers on port {port} of {name} does not speak HTTP"),
        }
    }
}

/// Asks a port of this machine; redirects are answers, not followed. The application is told that it is asked as
/// `localhost` on its own port.
pub(super) async fn send(
    port: u16,
    target: u16,
    http: &Http,
    seed: Seed,
    limit: Duration,
) -> Result<Response, Silence> {
    let begin = Instant::now();
    let client = crate::http::plain()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(limit)
        .pool_max_idle_per_host(0)
        .http1_only()
        .build()
        .map_err(|_| Silence::NoHttp)?;
    let method = Method::from_bytes(http.method.as_bytes()).map_err(|_| Silence::NoHttp)?;
    let mut request = client.request(method, format!("http://127.0.0.1:{port}{}", http.path));
    let is_given = |name: &str| http.headers.keys().any(|given| given.eq_ignore_ascii_case(name));
    let host = format!("localhost:{target}");
    for (name, value) in visitor(seed).into_iter().chain([("host", host.as_str())]).filter(|(name, _)| !is_given(name))
    {
        request = request.header(name, value);
    }
    for (name, value) in &http.headers {
        request = request.header(name, value);
    }
    if let Some(body) = &http.body {
        request = request.body(body.clone());
    }
    let mut response = request.send().await.map_err(|error| silence(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| silence(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BODY {
            return Err(Silence::Endless);
        }
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    let mut headers = BTreeMap::new();
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        let known: &mut String = headers.entry(name.as_str().to_owned()).or_default();
        known.push_str(if known.is_empty() { "" } else { ", " });
        known.push_str(&value);
    }
    Ok(Response { status: response.status().as_u16(), headers, body, time: begin.elapsed() })
}

/// A text read as JSON.
pub(super) fn json(text: &str) -> Fact {
    match serde_json::from_str(text) {
        Ok(json) => fact(json),
        Err(_) => Fact::absent().because("the answer is no JSON"),
    }
}

fn silence(error: &reqwest::Error) -> Silence {
    if error.is_timeout() {
        return Silence::Late;
    }
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let closed = causes.any(|cause| {
        let text = cause.to_string();
        cause.downcast_ref::<std::io::Error>().is_some() || text.contains("before message completed")
    });
    if closed || error.is_connect() { Silence::Nobody } else { Silence::NoHttp }
}

/// A JSON value as a fact: numbers with a fraction are texts, `null` is nothing.
fn fact(json: serde_json::Value) -> Fact {
    use serde_json::Value as Json;
    match json {
        Json::Null => Fact::absent(),
        Json::Bool(value) => Fact::of(value),
        Json::Number(number) => number.as_i64().map_or_else(|| Fact::of(number.to_string()), Fact::of),
        Json::String(text) => Fact::of(text),
        Json::Array(items) => Fact::of(items.into_iter().map(fact).collect::<Vec<_>>()),
        Json::Object(fields) => {
            Fact::of(Value::Map(fields.into_iter().map(|(name, value)| (name, fact(value))).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::StepTarget;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// A server that answers each connection with these bytes; its port.
    fn serve(answer: &'static [u8], repeat: usize) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked);
                for _ in 0..repeat {
                    let _ = stream.write_all(answer);
                }
            }
        });
        port
    }

    fn ask(port: u16) -> Result<Response, Silence> {
        let http = Http {
            target: StepTarget::Container,
            port: None,
            method: "GET".into(),
            path: "/x y".into(),
            headers: BTreeMap::new(),
            body: None,
            timeout: None,
            retry_for: Duration::ZERO,
        };
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(send(
            port,
            5000,
            &http,
            1.into(),
            LIMIT,
        ))
    }

    #[test]
    fn an_answer_is_read_and_a_redirect_is_one() {
        let answer =
            ask(serve(b"HTTP/1.1 302 Found\r\nLocation: http://example.com\r\nContent-Length: 2\r\n\r\nhi", 1))
                .unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (302, "hi"));
    }

    #[test]
    fn a_seed_is_one_visitor_and_seeds_are_several() {
        let visitors: std::collections::BTreeSet<_> = (0..20).map(|seed: u32| visitor(seed.into())).collect();
        assert_eq!(visitors.len(), VISITORS.len(), "{visitors:?}");
        assert_eq!(visitor(7.into()), visitor(7.into()));
    }

    #[test]
    fn silence_is_told_apart() {
        let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert_eq!(ask(unused).unwrap_err(), Silence::Nobody);
        assert_eq!(ask(serve(b"", 0)).unwrap_err(), Silence::Nobody);
        assert_eq!(ask(serve(b"-ERR unknown command\r\n", 1)).unwrap_err(), Silence::NoHttp);
        let endless = serve(b"HTTP/1.1 200 OK\r\n\r\n................................................", 100_000);
        assert_eq!(ask(endless).unwrap_err(), Silence::Endless);
    }

    #[test]
    fn json_becomes_facts() {
        let fact = fact(serde_json::json!({"count": 3, "ratio": 0.5, "none": null, "list": [true, "x"]}));
        assert_eq!(fact.value().unwrap().to_string(), "count: 3, list: true, x, none: none, ratio: 0.5");
    }
}
