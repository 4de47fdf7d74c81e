//! Whether an image would be fetched from this machine or its neighbours: the engine asks a registry from where it stands,
//! and shows what it answers.

use crate::dockerfile::split_domain;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Names that mean this machine or its own network.
const NEAR: [&str; 6] = ["localhost", "internal", "local", "lan", "home.arpa", "localdomain"];

/// Whether an image's registry is this machine, or in a private network. A `$` may stand for anything.
pub fn is_near(image: &str) -> bool {
    let known = image.split('$').next().unwrap_or_default();
    let is_whole = known.len() == image.len();
    if !is_whole && !known.contains('/') {
        return true; // what follows may make it the name of any registry
    }
    split_domain(image).0.is_some_and(|domain| is_near_host(host(domain)))
}

/// The host of a registry, without its port.
fn host(domain: &str) -> &str {
    if domain.starts_with('[') {
        return domain.split_once(']').map_or(domain, |(host, _)| host.trim_start_matches('['));
    }
    domain.split_once(':').map_or(domain, |(host, _)| host)
}

fn is_near_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    if host.contains(':') {
        return host.parse().map_or(true, is_near_v6);
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    // Some resolvers read `127.1`, `0x7f.1` and `2130706433` as addresses.
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        return host.parse().map_or(true, is_near_v4);
    }
    // Without a dot only the machine's own network knows it.
    !host.contains('.') || NEAR.iter().any(|near| host == *near || host.ends_with(&format!(".{near}")))
}

fn is_near_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || matches!((a, b), (0 | 224.., _) | (100, 64..=127) | (192, 0) | (198, 18 | 19))
}

/// All but what the world hands out. Some of that has an address of IPv4 in it.
fn is_near_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, ..] = address.segments();
    let [a, b] = second.to_be_bytes();
    let [c, d] = third.to_be_bytes();
    let is_in_world = (0x2000..0x4000).contains(&first);
    !is_in_world || (first == 0x2002 && is_near_v4(Ipv4Addr::new(a, b, c, d)))
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn registries_of_the_machine_and_its_neighbours_are_told_apart_from_those_of_the_world() {
        for near in [
            "localhost/x",
            "localhost:5000/x:1",
            "LOCALHOST/x",
            "127.0.0.1:48123/x/y:1",
            "127.1/x",
            "2130706433:80/x",
            "0x7f.1/x",
            "0:5000/x",
            "0.0.0.0:5000/x",
            "10.1.2.3/x",
            "172.16.0.1/x",
            "172.31.255.255:1/x",
            "192.168.0.1/x",
            "169.254.169.254/latest",
            "100.64.0.1/x",
            "[::1]:5000/x",
            "[::]/x",
            "[::ffff:127.0.0.1]/x",
            "[::ffff:8.8.8.8]/x",
            "[fc00::1]/x",
            "[fd12::1]:1/x",
            "[fe80::1]/x",
            "[2002:7f00:1::]/x",
            "[oops]:1/x",
            "registry:5000/x",
            "Registry/x",
            "metadata.google.internal/x",
            "box.local:5000/x",
            "a.localhost/x",
            "host.docker.internal:5000/x",
            "$HOST/x",
            "1$HOST/x",
            "127.0.0.1/$X",
        ] {
            assert!(is_near(near), "{near}");
        }
        for far in [
            "x",
            "x:1",
            "library/x",
            "registry/x",
            "python:3.11-slim@sha256:00",
            "ghcr.io/o/x:1",
            "registry.example.org:5000/x",
            "172.32.0.1/x",
            "8.8.8.8:5000/x",
            "[2001:4860::1]/x",
            "[2002:808:808::]/x",
            "local/x",
            "a/b$C",
            "ghcr.io/$X",
        ] {
            assert!(!is_near(far), "{far}");
        }
    }
}
