//! `ports` of a service, short and long: `5000`, `"8080:5000"`, `"127.0.0.1:8080-8081:5000-5001/udp"`.

use super::model::{Port, Spot};
use super::reader::Reader;
use crate::yaml::Node;

/// How many ports one range may name.
const MAX_RANGE: u16 = 100;

/// The ports of one entry; none if it is no port.
pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Vec<Spot<Port>> {
    let place = reader.place(node.span);
    let ports = match reader.text(node) {
        Some(text) => short(&text),
        None => long(reader, node),
    };
    ports.unwrap_or_default().into_iter().map(|value| Spot { value, place: place.clone() }).collect()
}

fn long(reader: &Reader<'_>, node: &Node) -> Option<Vec<Port>> {
    let text = |key: &str| node.get(key).and_then(|value| reader.text(value));
    let protocol = text("protocol").unwrap_or_else(|| "tcp".to_owned());
    let target = text("target")?.parse().ok()?;
    Some(vec![Port { target, published: text("published"), host_ip: text("host_ip"), protocol }])
}

/// A short form; `None` if it is none.
pub(super) fn short(text: &str) -> Option<Vec<Port>> {
    let (text, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
    let (host, target) = text.rsplit_once(':').map_or((None, text), |(host, target)| (Some(host), target));
    let (host_ip, published) = match host {
        None => (None, None),
        Some(host) => match host.rsplit_once(':') {
            None => (None, Some(host)),
            Some((ip, published)) => (Some(ip.trim_matches(['[', ']']).to_owned()), Some(published)),
        },
    };
    let (first, last) = range(target)?;
    let published = match published.filter(|published| !published.is_empty()) {
        None => None,
        Some(written) => Some((written, range(written)?)),
    };
    let port = |at: u16| {
        let published =
            published.map(|(written, (from, to))| match (to - from == last - first, from.checked_add(at)) {
                (true, Some(number)) => number.to_string(),
                _ => written.to_owned(),
            });
        Port { target: first + at, published, host_ip: host_ip.clone(), protocol: protocol.to_ascii_lowercase() }
    };
    Some((0..=last - first).map(port).collect())
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse::<u16>().ok()?, last.parse::<u16>().ok()?);
    (first <= last && last - first < MAX_RANGE).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        let shown = |text: &str| {
            let ports = short(text)?;
            let one = |port: Port| {
                let published = port.published.unwrap_or_default();
                format!("{}>{published}>{}/{}", port.host_ip.unwrap_or_default(), port.target, port.protocol)
            };
            Some(ports.into_iter().map(one).collect::<Vec<_>>().join(" "))
        };
        for (text, expected) in [
            ("5000", Some(">>5000/tcp")),
            ("8080:5000", Some(">8080>5000/tcp")),
            ("127.0.0.1:8080:5000/UDP", Some("127.0.0.1>8080>5000/udp")),
            ("127.0.0.1::5000", Some("127.0.0.1>>5000/tcp")),
            ("[::1]:80:5000", Some("::1>80>5000/tcp")),
            ("8080-8081:5000-5001", Some(">8080>5000/tcp >8081>5001/tcp")),
            ("8080-8090:5000", Some(">8080-8090>5000/tcp")),
            ("5000-5001", Some(">>5000/tcp >>5001/tcp")),
            ("a:b", None),
            ("5001-5000", None),
            ("1-60000", None),
            ("99999", None),
            ("65535-65535:65535-65535", Some(">65535>65535/tcp")),
            ("", None),
        ] {
            assert_eq!(shown(text).as_deref(), expected, "{text}");
        }
    }
}
