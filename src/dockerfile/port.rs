//! What `EXPOSE` names: ports and ranges of them.

use std::fmt;

/// A port, or a range of ports, and its protocol.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    /// The first port of the range.
    pub first: u16,
    /// The last; the same for a single port.
    pub last: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: &'static str,
}

impl fmt::Display for Port {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, protocol } = self;
        if first == last { write!(out, "{first}/{protocol}") } else { write!(out, "{first}-{last}/{protocol}") }
    }
}

impl Port {
    /// Reads `[[ip:]host:]port[-port][/protocol]`; the error is a message. Host parts mean nothing here.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (host, container) = text.rsplit_once(':').map_or((None, text), |(host, container)| (Some(host), container));
        let (range, protocol) = container.split_once('/').unwrap_or((container, ""));
        if range.is_empty() {
            return Err(format!("invalid port: {text:?}: no port specified"));
        }
        let protocol = match protocol.to_lowercase().as_str() {
            "" | "tcp" => "tcp",
            "udp" => "udp",
            "sctp" => "sctp",
            _ => return Err(format!("invalid port: {text:?}: invalid proto: {protocol}")),
        };
        let (first, last) = ports(range).ok_or_else(|| format!("invalid containerPort: {range}"))?;
        let host =
            host.map(|host| host.rsplit_once(':').map_or(host, |(_, port)| port)).filter(|port| !port.is_empty());
        if let Some(host) = host {
            let (first_host, last_host) = ports(host).ok_or_else(|| format!("invalid hostPort: {host}"))?;
            if last - first != last_host - first_host && first != last {
                return Err(format!("invalid ranges specified for container and host Ports: {range} and {host}"));
            }
        }
        Ok(Self { first, last, protocol })
    }
}

fn ports(range: &str) -> Option<(u16, u16)> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}
