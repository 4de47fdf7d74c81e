//! Whether the steps of a build reach the internet, asked from where they run: the network of containers may be broken
//! where this machine's own works (a firewall, a VPN, another bridge with the same addresses), and the other way round.

use super::server::{self, Server};
use crate::engine::Engine;
use crate::engine::connect::internet::{self, HOSTS};
use std::net::IpAddr;
use std::time::Duration;

/// How long all of it may take. A resolver that is silent takes tens of seconds.
const LIMIT: Duration = Duration::from_secs(40);

/// The ports that builds need.
const USUAL: [u16; 2] = [443, 80];

/// Asks for each `HOST:PORT` that it is given, with what images usually have, and prints which resolve and which accept. One
/// that resolves to an address inside of a network is not connected to. 99 is an image that has nothing to ask with.
pub(crate) const SCRIPT: &str = r#"
python='import socket, sys; socket.create_connection((sys.argv[1], sys.argv[2]), 5)'
perl='exit !IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 5)'
node='const c = require("net").connect(process.argv[2], process.argv[1]); c.on("connect", () => process.exit(0)); c.on("error", () => process.exit(1)); setTimeout(() => process.exit(1), 5000)'
for tool in python3 python perl node nc none; do command -v $tool >/dev/null 2>&1 && break; done
connect() {
  case $tool in
    python*) $tool -c "$python" "$1" "$2" ;;
    perl) perl -MIO::Socket::INET -e "$perl" "$1" "$2" ;;
    node) node -e "$node" "$1" "$2" ;;
    nc) nc -z -w 5 "$1" "$2" ;;
  esac
}
ask() {
  server=$1 port=${1##*:}
  set -- $(getent ahostsv4 "${1%:*}" 2>/dev/null)
  [ -n "$1" ] || return
  echo "resolved=$server"
  case $1 in
    0.* | 10.* | 127.* | 169.254.* | 192.168.* | 172.1[6-9].* | 172.2?.* | 172.3[01].* | 198.1[89].*) return ;;
    100.6[4-9].* | 100.[7-9]?.* | 100.1[01]?.* | 100.12[0-7].* | 22[4-9].* | 2[345]?.*) return ;;
  esac
  connect "$1" "$port" >/dev/null 2>&1 && echo "accepted=$server"
}
[ $tool = none ] && exit 99
command -v getent >/dev/null 2>&1 || exit 99
for server; do ask "$server" & done
wait
"#;

/// Which servers resolve, and which accept a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    resolved: Vec<String>,
    accepted: Vec<String>,
}

impl Reached {
    /// Reads what [`SCRIPT`] printed, or what a build printed of it.
    pub(crate) fn read(said: &str) -> Self {
        let after = |mark: &str| {
            let words = said.split_whitespace().filter_map(|word| word.strip_prefix(mark));
            words.map(str::to_owned).collect()
        };
        Self { resolved: after("resolved="), accepted: after("accepted=") }
    }

    fn resolves(&self, server: &str) -> bool {
        self.resolved.iter().any(|it| it == server) || self.accepts(server)
    }

    fn accepts(&self, server: &str) -> bool {
        self.accepted.iter().any(|it| it == server)
    }
}

/// Why the steps of a build reach nothing, if it is so: not the learner's fault. `base` is an image of the build, `said` what
/// the step printed that failed.
pub async fn broken(engine: &Engine, base: Option<&str>, said: &str) -> Option<String> {
    let named = server::public(said);
    let asked = match base {
        Some(base) => ask(engine, base, &named).await,
        None => None,
    };
    match asked {
        // pip does not name whom it wanted to reach. A usual port that is closed to all is the likeliest reason.
        Some(reached) => verdict(&named, &reached).or_else(|| usual(&reached).filter(|_| named.is_empty())),
        // From here, if not from there.
        None => (!internet::is_up().await).then(|| "this host doesn't reach the internet".to_owned()),
    }
}

/// What a step of a build reaches of the well-known servers and of these; `None` if that can't be known.
pub async fn ask(engine: &Engine, base: &str, named: &[Server]) -> Option<Reached> {
    let folder = tempfile::tempdir().ok()?;
    let run = serde_json::to_string(&command(named)).ok()?;
    let dockerfile = format!("FROM {base}\nRUN --network=default {run}\n");
    std::fs::write(folder.path().join("Dockerfile"), dockerfile).ok()?;
    let builder = engine.cli.endpoint.context.as_str();
    let build = ["buildx", "build", "--builder", builder, "--no-cache", "--progress=plain", "--output=type=cacheonly"];
    let asked = engine.cli.command(build).arg(folder.path()).limit(LIMIT).run().await.ok()?;
    if !asked.success() && !asked.timed_out {
        return None;
    }
    Some(Reached::read(&asked.stderr.text()))
}

/// The command that asks.
pub(crate) fn command(named: &[Server]) -> Vec<String> {
    let fixed = ["sh", "-c", SCRIPT, "sh"].into_iter().chain(HOSTS).map(str::to_owned);
    fixed.chain(named.iter().map(|it| format!("{}:{}", it.host, it.port))).collect()
}

/// What is broken, if something is: where nothing resolves or accepts, for every step; otherwise where it keeps from a server
/// that the step named. A name that alone does not resolve is wrong, and a server that alone refuses is its owner's.
pub fn verdict(named: &[Server], reached: &Reached) -> Option<String> {
    let is_address = |server: &str| server.rsplit_once(':').is_some_and(|(name, _)| name.parse::<IpAddr>().is_ok());
    if !HOSTS.iter().any(|it| !is_address(it) && reached.resolves(it)) {
        let why = if reached.accepted.is_empty() {
            "containers on this host don't reach the internet"
        } else {
            "names don't resolve in containers on this host"
        };
        return Some(why.to_owned());
    }
    if reached.accepted.is_empty() {
        return Some("containers on this host don't reach the internet".to_owned());
    }
    named.iter().find_map(|Server { host, port }| {
        let server = format!("{host}:{port}");
        if reached.accepts(&server) {
            return None;
        }
        let is_served = HOSTS.contains(&&*server);
        let is_known = HOSTS.iter().any(|it| it.rsplit_once(':').is_some_and(|(name, _)| name == host));
        if reached.resolves(&server) {
            closed(*port, reached).or_else(|| {
                is_served.then(|| format!("containers on this host don't reach {server}, though they reach others"))
            })
        } else {
            is_known.then(|| format!("{host} doesn't resolve in containers on this host, though others do"))
        }
    })
}

/// Why servers are not reached on one of the ports that builds need, if no well-known one is.
pub fn usual(reached: &Reached) -> Option<String> {
    USUAL.into_iter().find_map(|port| closed(port, reached))
}

/// Why servers are not reached on a port, if no well-known one is.
fn closed(port: u16, reached: &Reached) -> Option<String> {
    let on_it = |it: &&&str| it.rsplit_once(':').is_some_and(|(_, its)| its.parse() == Ok(port));
    let mut known = HOSTS.iter().filter(on_it).peekable();
    let is_closed = known.peek().is_some() && !known.any(|it| reached.accepts(it));
    is_closed.then(|| format!("containers on this host don't reach any server on port {port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_step_asked_for_has_to_be_reached() {
        let pip = "Failed to establish a new connection: HTTPSConnectionPool(host='pypi.org', port=443)";
        let apt = "Could not connect to deb.debian.org:80 (151.101.2.132)";
        let typo = "getaddrinfo ENOTFOUND registry.exmaple.com";
        let own = "Failed to connect to example.com port 80: Connection refused";
        let unresolved = Some("names don't resolve in containers on this host");
        let cut = Some("containers on this host don't reach the internet");
        for (said, printed, expected) in [
            (pip, "accepted=pypi.org:443", None),
            (
                pip,
                "resolved=pypi.org:443 accepted=registry.npmjs.org:443 accepted=deb.debian.org:80",
                Some("containers on this host don't reach pypi.org:443, though they reach others"),
            ),
            (
                pip,
                "resolved=pypi.org:443 accepted=deb.debian.org:80",
                Some("containers on this host don't reach any server on port 443"),
            ),
            (
                pip,
                "accepted=registry.npmjs.org:443",
                Some("pypi.org doesn't resolve in containers on this host, though others do"),
            ),
            (pip, "accepted=1.1.1.1:443", unresolved),
            (pip, "", cut),
            (pip, "resolved=pypi.org:443", cut),
            (
                apt,
                "resolved=deb.debian.org:80 accepted=pypi.org:443",
                Some("containers on this host don't reach any server on port 80"),
            ),
            (typo, "accepted=registry.npmjs.org:443", None),
            (typo, "accepted=1.1.1.1:443", unresolved),
            (own, "resolved=example.com:80 accepted=pypi.org:80", None),
            ("", "accepted=pypi.org:80", None),
        ] {
            let verdict = verdict(&server::public(said), &Reached::read(printed));
            assert_eq!(verdict.as_deref(), expected, "{said} {printed}");
        }
    }
}
