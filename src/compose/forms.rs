//! The short forms of ports, mounts, devices and commands, as Compose takes them apart (compose-go, `format`;
//! go-connections, `nat`; go-shellwords).

use super::model::{Mount, Port};
use std::net::IpAddr;

/// A mount; the error says what is wrong.
pub(super) fn volume(text: &str) -> Result<Mount, String> {
    if text.is_empty() {
        return Err("an empty mount; write `SOURCE:TARGET`".to_owned());
    }
    let anonymous =
        |target: &str| Mount { kind: "volume".into(), source: None, target: target.into(), read_only: false };
    if text.len() <= 2 {
        return Ok(anonymous(text));
    }
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    for c in text.chars() {
        let is_drive = || part.chars().count() == 1 && part.chars().all(char::is_alphabetic);
        if c == ':' && !is_drive() {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    if parts.iter().any(String::is_empty) {
        return Err(format!("`{text}` has nothing on one side of a `:`; write `SOURCE:TARGET`"));
    }
    match parts.as_slice() {
        [target] => Ok(anonymous(target)),
        [source, target] | [source, target, _] => Ok(Mount {
            kind: if is_path(source) { "bind" } else { "volume" }.to_owned(),
            source: Some(source.clone()),
            target: target.clone(),
            read_only: parts
                .get(2)
                .is_some_and(|options| options.split(',').rfind(|option| matches!(*option, "ro" | "rw")) == Some("ro")),
        }),
        _ => Err(format!("`{text}` has too many `:`; write `SOURCE:TARGET` or `SOURCE:TARGET:ro`")),
    }
}

/// Whether the source of a short form is a path of the host and not the name of a volume.
fn is_path(source: &str) -> bool {
    let mut chars = source.chars();
    let (first, second) = (chars.next(), chars.next());
    let is_drive = first.is_some_and(char::is_alphabetic) && second == Some(':');
    source.starts_with(['.', '/', '~']) || source.starts_with(r"\\") || is_drive
}

/// The ports of a short form, as many as asked for; the error says what is wrong.
pub(super) fn ports(text: &str, most: usize) -> Result<Vec<Port>, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (ip, host, container) = match parts.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [ip @ .., host, container] => (ip.join(":"), *host, *container),
        [] => (String::new(), "", ""),
    };
    let (container, protocol) = container.split_once('/').unwrap_or((container, ""));
    let protocol = protocol.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol };
    let host_ip = address(&ip)?;
    if container.is_empty() {
        return Err(format!("`{text}` has no container port; write `HOST:CONTAINER`"));
    }
    let (first, last) = range(container).ok_or_else(|| no_port(container, "container"))?;
    let published = match host {
        "" => None,
        host => Some(range(host).ok_or_else(|| no_port(host, "host"))?),
    };
    if let Some((from, to)) = published
        && to - from != last - first
        && last != first
    {
        return Err(format!("the ranges `{host}` and `{container}` differ in length; make them equally long"));
    }
    if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
        return Err(format!("`{protocol}` isn't a protocol; write `tcp` or `udp`"));
    }
    let port = |at: u16| {
        let published = published.map(|(from, to)| {
            if first == last && from != to { format!("{from}-{to}") } else { from.saturating_add(at).to_string() }
        });
        Port {
            target: u32::from(first) + u32::from(at),
            published,
            host_ip: host_ip.clone(),
            protocol: protocol.clone(),
        }
    };
    Ok((0..=last - first).take(most).map(port).collect())
}

fn no_port(text: &str, whose: &str) -> String {
    format!("`{text}` isn't a {whose} port; a port is a number from 1 to 65535")
}

/// An address without its brackets; `None` if there is none.
fn address(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = match bare {
        Some(bare) => bare,
        None if text.contains([':', '[', ']']) => {
            return Err(format!("`{text}` isn't an IP address; write an IPv6 address in brackets, as `[::1]`"));
        }
        None => text,
    };
    if !address.is_empty() && address.parse::<IpAddr>().is_err() {
        return Err(format!("`{text}` isn't an IP address; write one, such as `127.0.0.1`, or leave it out"));
    }
    Ok((!address.is_empty()).then(|| address.to_owned()))
}

/// A port, or a range of them.
pub(super) fn range(text: &str) -> Option<(u16, u16)> {
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten();
    let mut parts = text.split('-');
    let first = number(parts.next()?)?;
    let last = parts.next().map_or(Some(first), number)?;
    (first <= last).then_some((first, last))
}

/// Whether a command's quotes and brackets are closed.
pub(super) fn is_command(text: &str) -> bool {
    let (mut escaped, mut single, mut double, mut back, mut dollar) = (false, false, false, false, false);
    let mut before = ' ';
    for c in text.chars() {
        let last = std::mem::replace(&mut before, c);
        if escaped {
            escaped = false;
            before = ' ';
            continue;
        }
        match c {
            '\\' => escaped = !single,
            _ if c.is_whitespace() => {}
            '`' if !single && !double && !dollar => back = !back,
            ')' if !single && !double && !back => dollar = !dollar,
            '(' if !single && !double && !back => {
                if dollar || last != '$' {
                    return false;
                }
                dollar = true;
            }
            '"' if !single && !dollar => double = !double,
            '\'' if !double && !dollar => single = !single,
            ';' | '&' | '|' | '<' | '>' if !(single || double || back || dollar) => break,
            _ => {}
        }
    }
    !(escaped || single || double || back || dollar)
}

/// An amount of memory: `512m`, `1.5 gb`, `1024`.
pub(super) fn is_bytes(text: &str) -> bool {
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.').map_or(0, |at| at + 1);
    let (number, unit) = text.split_at(end);
    let number_is = number.parse::<f64>().is_ok_and(|number| number >= 0.0) && !number.starts_with('+');
    let unit = unit.strip_prefix(' ').unwrap_or(unit).to_ascii_lowercase();
    let rest = unit.strip_prefix(['b', 'k', 'm', 'g', 't', 'p']).unwrap_or(&unit);
    let is_unit = match unit.chars().next() {
        None => true,
        Some('b') => rest.is_empty(),
        Some('k' | 'm' | 'g' | 't' | 'p') => matches!(rest, "" | "b" | "ib"),
        Some(_) => false,
    };
    number_is && is_unit
}

/// The bytes of an amount of memory.
pub(super) fn bytes(text: &str) -> Option<u64> {
    if !is_bytes(text) {
        return None;
    }
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.').map_or(0, |at| at + 1);
    let (number, unit) = text.split_at(end);
    let power = match unit.trim().to_ascii_lowercase().chars().next() {
        Some('k') => 1,
        Some('m') => 2,
        Some('g') => 3,
        Some('t') => 4,
        Some('p') => 5,
        _ => 0,
    };
    let bytes = number.parse::<f64>().ok()? * 1024_f64.powi(power);
    // As Docker does it; a number that large is a mistake that Docker tells.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_taken_apart() {
        let shown = |text: &str| {
            let one = |port: &Port| {
                let published = port.published.as_deref().unwrap_or_default();
                format!("{}>{published}>{}/{}", port.host_ip.as_deref().unwrap_or_default(), port.target, port.protocol)
            };
            ports(text, 1000).ok().map(|ports| ports.iter().map(one).collect::<Vec<_>>().join(" "))
        };
        for (text, expected) in [
            ("5000", Some(">>5000/tcp")),
            ("8080:5000", Some(">8080>5000/tcp")),
            ("0080:5000/", Some(">80>5000/tcp")),
            (":5000", Some(">>5000/tcp")),
            ("127.0.0.1:8080:5000/UDP", Some("127.0.0.1>8080>5000/udp")),
            ("127.0.0.1::5000", Some("127.0.0.1>>5000/tcp")),
            ("[::1]:80:5000", Some("::1>80>5000/tcp")),
            ("8080-8081:5000-5001", Some(">8080>5000/tcp >8081>5001/tcp")),
            ("8080-8090:5000", Some(">8080-8090>5000/tcp")),
            ("5000-5001", Some(">>5000/tcp >>5001/tcp")),
            ("65535-65535:65535-65535/sctp", Some(">65535>65535/sctp")),
            ("a:b", None),
            ("5001-5000", None),
            ("80:5000-5001", None),
            ("80-82:90-91", None),
            ("99999", None),
            ("65536:80", None),
            ("+80:80", None),
            ("80: 80", None),
            ("80:", None),
            ("", None),
            ("80:80/foo", None),
            ("::1:80:80", None),
            ("localhost:80:80", None),
            ("1.2.3:80:80", None),
        ] {
            assert_eq!(shown(text).as_deref(), expected, "{text}");
        }
        assert_eq!(ports("1-60000", 1000).map(|ports| ports.len()), Ok(1000));
    }

    #[test]
    fn mounts_are_taken_apart() {
        for (text, expected) in [
            ("/data", Some(("volume", None, "/data", false))),
            ("data:/data", Some(("volume", Some("data"), "/data", false))),
            (".:/app", Some(("bind", Some("."), "/app", false))),
            ("./src:/app/src:ro", Some(("bind", Some("./src"), "/app/src", true))),
            ("/etc:/x:rw,z", Some(("bind", Some("/etc"), "/x", false))),
            (r"C:\data:/data:ro", Some(("bind", Some(r"C:\data"), "/data", true))),
            // A name of one letter is the drive of a path for Compose.
            ("a:/a", Some(("volume", None, "a:/a", false))),
            ("aa:bb:cc:dd", None),
            ("data:", None),
            (":/data", None),
            ("", None),
        ] {
            let found = volume(text).ok();
            let found = found.as_ref().map(|it| (&*it.kind, it.source.as_deref(), &*it.target, it.read_only));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn commands_are_closed() {
        for (text, expected) in [
            ("python app.py", true),
            ("sh -c 'a \"b'", true),
            ("a \"b", false),
            ("a 'b", false),
            ("a \\", false),
            ("a; b '", true),
            ("echo $(date)", true),
            ("echo (date)", false),
            ("echo `date`", true),
            ("echo `date", false),
        ] {
            assert_eq!(is_command(text), expected, "{text}");
        }
    }

    #[test]
    fn amounts_of_memory() {
        for text in ["512", "512m", "1.5g", "1 gib", "5MB", "0", "5b", "1."] {
            assert!(is_bytes(text), "{text}");
        }
        for text in ["", "5x", "-1", "m", "5 mbb", "5  m", "1,5g", "5bb"] {
            assert!(!is_bytes(text), "{text}");
        }
    }
}
