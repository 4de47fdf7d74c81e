//! Whether this machine reaches the internet at all.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Servers that builds use, two or more on each usual port, and one by its address, for where only the names don't resolve.
pub const HOSTS: [&str; 6] = [
    "registry-1.docker.io:443",
    "pypi.org:443",
    "deb.debian.org:80",
    "registry.npmjs.org:443",
    "pypi.org:80",
    "1.1.1.1:443",
];
/// How long one may take to answer.
const ANSWER: Duration = Duration::from_secs(3);

/// Whether one of some well-known hosts accepts a connection.
pub async fn is_up() -> bool {
    let mut tries: FuturesUnordered<_> = HOSTS.iter().map(|host| reaches(host, ANSWER)).collect();
    while let Some(reached) = tries.next().await {
        if reached {
            return true;
        }
    }
    false
}

/// Whether a host (`name:port`) accepts a connection in this time.
pub async fn reaches(host: &str, within: Duration) -> bool {
    timeout(within, TcpStream::connect(host)).await.is_ok_and(|connected| connected.is_ok())
}
