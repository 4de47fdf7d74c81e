//! The network that containers have by themselves: whether it reaches the internet, and what usually keeps it from that.

use super::doctor::{Examination, Standing};
use crate::engine::Engine;
use crate::engine::image::build::reach;
use bollard::query_parameters::ListImagesOptions;
use std::fs;

/// How many images are tried to ask from: some have no shell.
const IMAGES: usize = 3;
/// Images that have what it takes.
const LIKELY: [&str; 7] = ["python", "node", "debian", "ubuntu", "alpine", "redis", "postgres"];
/// The bridge of containers that name no network, and of builds.
const BRIDGE: &str = "docker0";

/// Examines it. Asking takes seconds.
pub async fn examine(engine: &Engine) -> Examination {
    let name = "containers";
    let here = |path: &str| if engine.is_remote { None } else { fs::read_to_string(path).ok() };
    let routes = here("/proc/net/route").unwrap_or_default();
    if let Some(other) = overlapping(&routes) {
        let detail = format!("{other} has the same addresses as their network ({BRIDGE})");
        let remedy = format!("Remove {other}, or give one of them other addresses (`bip` in /etc/docker/daemon.json).");
        return Examination::other(name, Standing::Warn, detail, &remedy);
    }
    let reached = reached(engine).await;
    if let Some(Some(why)) = &reached {
        let remedy = "Restart Docker. If that doesn't help, look at the firewall, a VPN, and `dns` and `mtu` in \
                      /etc/docker/daemon.json.";
        return Examination::other(name, Standing::Warn, why.clone(), remedy);
    }
    let mtu = |interface: &str| here(&format!("/sys/class/net/{interface}/mtu"))?.trim().parse::<u32>().ok();
    if let Some(outer) = default_route(&routes)
        && let (Some(inside), Some(outside)) = (mtu(BRIDGE), mtu(outer))
        && inside > outside
    {
        let detail = format!("they send packets of {inside} bytes, and {outer} takes {outside}");
        let remedy = format!("If downloads hang in builds, set `\"mtu\": {outside}` in /etc/docker/daemon.json.");
        return Examination::other(name, Standing::Warn, detail, &remedy);
    }
    let found = if reached.is_some() { "they reach the internet" } else { "not tried: no image here can ask" };
    Examination::ok(name, found.to_owned())
}

/// What keeps containers from the internet, if something does; `None` if no image could be asked from.
async fn reached(engine: &Engine) -> Option<Option<String>> {
    let images = engine.docker.list_images(None::<ListImagesOptions>).await.ok()?;
    let tags = images.into_iter().filter_map(|image| image.repo_tags.into_iter().next());
    let mut tags: Vec<String> = tags.filter(|tag| !tag.contains("<none>") && !tag.starts_with("grader/")).collect();
    let rank = |tag: &String| LIKELY.iter().position(|likely| tag.starts_with(likely)).unwrap_or(LIKELY.len());
    tags.sort_by_key(rank);
    for tag in tags.iter().take(IMAGES) {
        if let Some(reached) = reach::ask(engine, tag, &[]).await {
            return Some(reach::verdict(&[], &reached).or_else(|| reach::usual(&reached)));
        }
    }
    None
}

/// The interface and the numbers of each route, as the kernel lists them.
fn routes(table: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    table.lines().skip(1).filter_map(|line| {
        let mut columns = line.split_whitespace();
        let (interface, destination) = (columns.next()?, columns.next()?);
        Some((interface, destination, columns.nth(5)?))
    })
}

/// The interface that leads out.
fn default_route(table: &str) -> Option<&str> {
    routes(table).find(|(_, destination, mask)| *destination == "00000000" && *mask == "00000000").map(|route| route.0)
}

/// Another interface with the addresses of the bridge.
fn overlapping(table: &str) -> Option<&str> {
    let (_, destination, mask) = routes(table).find(|(interface, ..)| *interface == BRIDGE)?;
    routes(table).find(|route| route.0 != BRIDGE && (route.1, route.2) == (destination, mask)).map(|route| route.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_bridge_with_the_same_addresses_is_found() {
        let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
        let out = "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
        let bridge = "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
        let second = "br-other\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
        let apart = "br-other\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
        for (table, expected) in [
            (format!("{head}{out}{bridge}{second}"), Some("br-other")),
            (format!("{head}{second}{bridge}"), Some("br-other")),
            (format!("{head}{out}{bridge}{apart}"), None),
            (format!("{head}{out}{second}"), None),
            (String::new(), None),
        ] {
            assert_eq!(overlapping(&table), expected, "{table}");
        }
        assert_eq!(default_route(&format!("{head}{bridge}{out}")), Some("eth0"));
        assert_eq!(default_route(&format!("{head}{bridge}")), None);
    }
}
