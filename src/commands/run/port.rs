//! `-p [IP:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL]`

use crate::commands::error::quoted;

/// A port that a container publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The port in the container.
    pub target: u16,
    /// The host's port, or a range of them; Docker chooses one if it isn't there.
    pub published: Option<String>,
    /// The host's address.
    pub host_ip: Option<String>,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// The most ports of a range.
const MAX_RANGE: u16 = 100;

const FORM: &str = "Write `-p HOST_PORT:CONTAINER_PORT`, such as `-p 8080:80`.";

/// The ports that an option publishes, one or a range. An error is what is wrong, and what to write.
pub(super) fn read(text: &str) -> Result<Vec<Port>, (String, &'static str)> {
    let wrong = |why: &str| (format!("{} {why}", quoted(text)), FORM);
    let (rest, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let protocol = protocol.to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(wrong("names no protocol that Docker knows"));
    }
    let (host, container) = rest.rsplit_once(':').map_or((None, rest), |(host, container)| (Some(host), container));
    let (host_ip, published) = match host.map(|host| host.rsplit_once(':').unwrap_or(("", host))) {
        Some((ip, port)) => (Some(ip).filter(|ip| !ip.is_empty()), Some(port).filter(|port| !port.is_empty())),
        None => (None, None),
    };
    let (first, last) = range(container).ok_or_else(|| wrong("names no port of the container"))?;
    let host = match published {
        Some(published) => Some(range(published).ok_or_else(|| wrong("names no port of the host"))?),
        None => None,
    };
    if last - first >= MAX_RANGE {
        return Err((format!("{} has more than {MAX_RANGE} ports", quoted(text)), "Publish the few that are needed."));
    }
    if let Some((first_host, last_host)) = host
        && first != last
        && last_host - first_host != last - first
    {
        return Err(wrong("has two ranges of different lengths"));
    }
    let ports = (first..=last).map(|target| Port {
        target,
        published: match host {
            Some((from, to)) if first == last && from != to => Some(format!("{from}-{to}")),
            Some((from, _)) => Some((from + (target - first)).to_string()),
            None => None,
        },
        host_ip: host_ip.map(|ip| ip.trim_matches(['[', ']']).to_owned()),
        protocol: protocol.clone(),
    });
    Ok(ports.collect())
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (first, last) = (number(first)?, number(last)?);
    (first <= last && first > 0 || (first == 0 && last == 0)).then_some((first, last))
}
