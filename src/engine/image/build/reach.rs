//! Whether the steps of a build reach the internet, asked from where they run: the network of containers may be broken
//! where this machine's own works (a firewall, a VPN, another bridge with the same addresses), and the other way round.

use crate::engine::Engine;
use crate::engine::connect::internet::{self, HOSTS};
use std::time::Duration;

/// How long all of it may take. A resolver that is silent takes tens of seconds.
const LIMIT: Duration = Duration::from_secs(40);

/// Connects to each `HOST:PORT` that it is given, with what images usually have, and prints which accepted. 99 is an image that
/// has nothing to ask with.
const SCRIPT: &str = r#"
python='import socket, sys; socket.create_connection((sys.argv[1], sys.argv[2]), 5)'
perl='exit !IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 5)'
node='const c = require("net").connect(process.argv[2], process.argv[1]); c.on("connect", () => process.exit(0)); c.on("error", () => process.exit(1)); setTimeout(() => process.exit(1), 5000)'
for tool in python3 python perl node nc none; do command -v $tool >/dev/null 2>&1 && break; done
ask() {
  case $tool in
    python*) $tool -c "$python" "$1" "$2" ;;
    perl) perl -MIO::Socket::INET -e "$perl" "$1" "$2" ;;
    node) node -e "$node" "$1" "$2" ;;
    nc) nc -z -w 5 "$1" "$2" ;;
  esac
}
[ $tool = none ] && exit 99
for host; do
  ask "${host%:*}" "${host##*:}" >/dev/null 2>&1 && echo "accepted=$host" &
done
wait
"#;

/// Why the steps of a build reach nothing, if it is so: not the learner's fault. `base` is an image of the build, `said` what
/// the step printed that failed.
pub async fn broken(engine: &Engine, base: Option<&str>, said: &str) -> Option<&'static str> {
    let asked = match base {
        Some(base) => ask(engine, base).await,
        None => None,
    };
    match asked {
        Some(accepted) => verdict(said, &accepted),
        // From here, if not from there.
        None => (!internet::is_up().await).then_some("this host doesn't reach the internet"),
    }
}

/// Which of the well-known hosts a step of a build reaches; `None` if that can't be known.
pub async fn ask(engine: &Engine, base: &str) -> Option<Vec<&'static str>> {
    let folder = tempfile::tempdir().ok()?;
    let words: Vec<&str> = ["sh", "-c", SCRIPT, "sh"].into_iter().chain(HOSTS).collect();
    let run = serde_json::to_string(&words).ok()?;
    let dockerfile = format!("FROM {base}\nRUN --network=default {run}\n");
    std::fs::write(folder.path().join("Dockerfile"), dockerfile).ok()?;
    let builder = engine.cli.endpoint.context.as_str();
    let build = ["buildx", "build", "--builder", builder, "--no-cache", "--progress=plain", "--output=type=cacheonly"];
    let asked = engine.cli.command(build).arg(folder.path()).limit(LIMIT).run().await.ok()?;
    if !asked.success() && !asked.timed_out {
        return None;
    }
    let said = asked.stderr.text();
    let has = |host: &&str| said.lines().any(|line| line.trim_end().ends_with(&format!(" accepted={host}")));
    Some(HOSTS.into_iter().filter(has).collect())
}

/// What is broken, if something is. A host that the step itself asked for counts; if it names none of them, any does: then it is
/// the name that is wrong.
pub fn verdict(said: &str, accepted: &[&str]) -> Option<&'static str> {
    let name = |host: &str| host.rsplit_once(':').map_or(host.to_owned(), |(name, _)| name.to_owned());
    let is_address = |host: &str| name(host).parse::<std::net::IpAddr>().is_ok();
    let named: Vec<&str> = HOSTS.into_iter().filter(|host| !is_address(host) && said.contains(&name(host))).collect();
    let counts = |host: &&&str| !is_address(host) && (named.is_empty() || named.contains(*host));
    if accepted.iter().any(|host| counts(&host)) {
        return None;
    }
    Some(match accepted.iter().any(|host| !is_address(host)) {
        true => "containers on this host don't reach that server, though they reach others",
        false if accepted.is_empty() => "containers on this host don't reach the internet",
        false => "names don't resolve in containers on this host",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_step_asked_for_has_to_be_reached() {
        let pip = "Failed to establish a new connection: HTTPSConnectionPool(host='pypi.org', port=443)";
        let typo = "getaddrinfo ENOTFOUND registry.exmaple.com";
        for (said, accepted, expected) in [
            (pip, vec!["pypi.org:443"], None),
            (
                pip,
                vec!["deb.debian.org:80"],
                Some("containers on this host don't reach that server, though they reach others"),
            ),
            (pip, vec!["1.1.1.1:443"], Some("names don't resolve in containers on this host")),
            (pip, vec![], Some("containers on this host don't reach the internet")),
            (typo, vec!["registry.npmjs.org:443"], None),
            (typo, vec!["1.1.1.1:443"], Some("names don't resolve in containers on this host")),
        ] {
            assert_eq!(verdict(said, &accepted), expected, "{said} {accepted:?}");
        }
    }
}
