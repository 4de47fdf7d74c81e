//! `--no-egress`: what containers reach with it, and that they would reach more without.

use super::home::{Home, report, with_status};
use grader::engine::Engine;
use std::net::TcpListener;

tests![without_it_containers_reach_each_other_and_this_machine,];

/// Says what it reaches. As its own health check, whether the world is out of reach.
const SERVER: &str = r#"
import socket, struct, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

def gateway():
    routes = [line.split() for line in open("/proc/net/route")][1:]
    route = next((row[2] for row in routes if row[1] == "00000000"), None)
    return socket.inet_ntoa(struct.pack("<L", int(route, 16))) if route else "0.0.0.0"

def reach(kind, name, port="0"):
    try:
        if kind == "name":
            socket.gethostbyname(name)
        else:
            socket.create_connection((gateway() if name == "gateway" else name, int(port)), timeout=5).close()
        return "reached"
    except OSError as error:
        return "not reached: %s" % error

class Tell(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        parts = self.path.strip("/").split("/")
        self.wfile.write((reach(*parts) if len(parts) > 1 else "here").encode())

if sys.argv[1:] == ["shut"]:
    sys.exit(reach("tcp", "1.1.1.1", "443") == "reached" or reach("name", "pypi.org") == "reached")
ThreadingHTTPServer(("", 8000), Tell).serve_forever()
"#;

const CHALLENGE: &str = r"
id: egress
title: T
about: A.
subject: { dockerfile: Dockerfile, context: ., service: api, http: { port: 8000, path: / } }
roles: { api: { built-from: Dockerfile } }
limits: { start: 180s, step: 60s }
checks:
  - id: published
    title: A port of a container that runs alone is reached
    expect: [{ container.answers: true }]
    why: W.
    hints: [h]
    points: 1
  - id: lone
    title: It reaches nothing
    needs: []
    expect: [{ container.health: healthy }]
    why: W.
    hints: [h]
    points: 1
";

/// A check that asks the service what it reaches.
fn ask(id: &str, path: &str) -> String {
    format!(
        "  - id: {id}\n    title: T\n    needs: []\n    try:\n      - http: {{ service: api, path: {path} }}\n        \
         expect: [{{ body: reached }}]\n    why: W.\n    hints: [h]\n    points: 1\n"
    )
}

async fn without_it_containers_reach_each_other_and_this_machine(_: Engine) {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let home = Home::new();
    home.write("repository/server.py", SERVER);
    home.write(
        "repository/Dockerfile",
        "FROM python:3.11-slim\nCOPY server.py .\nCMD [\"python\", \"server.py\"]\nHEALTHCHECK --interval=1s \
         --timeout=20s --start-period=20s --retries=10 CMD [\"python\", \"server.py\", \"shut\"]\n",
    );
    home.write(
        "repository/compose.yaml",
        "
x-health: &health
  test: [CMD, python, -c, 'import socket; socket.create_connection((\"127.0.0.1\", 8000))']
  interval: 1s
  timeout: 20s
  retries: 60
services:
  api: { build: ., ports: ['8000:8000'], healthcheck: *health }
  other: { image: 'python:3.11-slim', command: [python, -m, http.server, '8000'], healthcheck: *health }
",
    );
    let checks = [
        ("neighbour", "/tcp/other/8000".to_owned()),
        ("machine", format!("/tcp/gateway/{port}")),
        ("address", "/tcp/1.1.1.1/443".to_owned()),
        ("name", "/name/pypi.org".to_owned()),
    ];
    let asked: String = checks.iter().map(|(id, path)| ask(id, path)).collect();
    home.write("challenge.yaml", &format!("{CHALLENGE}{asked}"));
    let shut = home.check().arg("--no-egress").output().unwrap();
    let shut = report(&shut);
    assert_eq!(with_status(&shut, "passed"), ["published", "lone", "neighbour", "machine"], "{shut:#}");
    assert_eq!(with_status(&shut, "failed"), ["address", "name"], "{shut:#}");
    // Where this machine itself reaches the world, it is the option that has kept them.
    let reaches = grader::engine::connect::internet::reaches("1.1.1.1:443", std::time::Duration::from_secs(5)).await;
    if reaches {
        let open = report(&home.check().output().unwrap());
        let passed = with_status(&open, "passed");
        assert!(passed.contains(&"address") && !passed.contains(&"lone"), "{open:#}");
    }
}
