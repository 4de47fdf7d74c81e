//! The servers that a failed program named in what it printed: what it wanted to reach, and did not.

use std::net::IpAddr;

/// How many of them are asked.
const MOST: usize = 4;
/// Words before a name that make it the name of a host: `Could not resolve host: X`, `getaddrinfo EAI_AGAIN X`.
const BEFORE: &[&str] = &[
    "host",
    "name",
    "address",
    "resolve",
    "resolving",
    "lookup",
    "to",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "ECONNREFUSED",
    "ECONNRESET",
    "tcp",
];
/// How lines of code begin, in the traces of Python and Node.
const CODE: &str = "    ";
/// The last part of names that mean something only inside of a network.
const INSIDE: &[&str] = &[
    "local",
    "localhost",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "arpa",
    "test",
    "invalid",
];

/// A server, as a program named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port; 443 where only the name was printed.
    pub port: u16,
}

impl Server {
    /// Returns whether it is on the internet, as far as its name shows it. Others are never asked: a learner's text must not
    /// choose an address inside the host or its networks.
    pub fn is_public(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V4(it)) => {
                let [first, second, ..] = it.octets();
                let is_shared =
                    first == 100 && (64..128).contains(&second) || first == 198 && (18..20).contains(&second);
                let is_special = it.is_loopback() || it.is_link_local() || it.is_broadcast() || it.is_documentation();
                !(it.is_private() || is_special || is_shared || first == 0 || first >= 224)
            }
            Ok(IpAddr::V6(_)) => false,
            Err(_) => {
                let last = self.host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
                self.host.contains('.')
                    && last.starts_with(|it: char| it.is_ascii_lowercase())
                    && !INSIDE.contains(&&*last)
            }
        }
    }
}

/// Returns the servers that a text names, those on the internet and others.
pub fn all(said: &str) -> Vec<Server> {
    let is_between = |it: char| it.is_whitespace() || "'\"`‘’“”()<>[],;=".contains(it);
    let mut found = Vec::new();
    for line in said.replace("host name ", "host ").lines() {
        let words: Vec<&str> = line.split(is_between).filter(|word| !word.is_empty()).collect();
        for (at, word) in words.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or("", |word| word.trim_end_matches(':'));
            // Where a program shows its own code, only an address as in a browser is one: `getaddrinfo(host, port)` names none.
            let before = if line.starts_with(CODE) { "" } else { before };
            if let Some(server) = one(before, word, words.get(at + 1..).unwrap_or_default())
                && !found.contains(&server)
            {
                found.push(server);
            }
        }
    }
    found
}

/// Returns the servers on the internet that a text names, so many that they can all be asked.
pub fn public(said: &str) -> Vec<Server> {
    let mut servers: Vec<Server> = all(said).into_iter().filter(Server::is_public).collect();
    // The last are nearest to the failure.
    servers.drain(..servers.len().saturating_sub(MOST));
    servers
}

/// The server that a word is, with what is before and after it.
fn one(before: &str, word: &str, after: &[&str]) -> Option<Server> {
    if let Some((scheme, rest)) = word.split_once("://") {
        let usual = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let authority = rest.split(['/', '?', '#']).next()?;
        let authority = authority.rsplit('@').next()?;
        let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
        return server(host, port_of(port).unwrap_or(usual));
    }
    let word = word.trim_end_matches([':', '.', '!']);
    if let Some((host, port)) = word.split_once(':') {
        let is_named = host.contains('.') || BEFORE.contains(&before);
        return port_of(port).filter(|_| is_named).and_then(|port| server(host, port));
    }
    if !BEFORE.contains(&before) {
        return None;
    }
    let port = match after {
        ["port", port, ..] => port_of(port.trim_end_matches(':')),
        _ => None,
    };
    // A word that follows one of these need not be a name: only one with a dot certainly is.
    let is_certain = word.contains('.') || port.is_some() || !["to", "address", "name", "tcp"].contains(&before);
    server(word, port.unwrap_or(443)).filter(|_| is_certain)
}

fn port_of(text: &str) -> Option<u16> {
    match text {
        "http" => Some(80),
        "https" => Some(443),
        text => text.parse().ok().filter(|port| *port != 0),
    }
}

fn server(host: &str, port: u16) -> Option<Server> {
    let host = host.trim_end_matches('.');
    let is_part = |part: &str| {
        let fits = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
        (1..64).contains(&part.len()) && part.chars().all(fits) && !part.starts_with('-')
    };
    (host.len() < 254 && host.split('.').all(is_part)).then(|| Server { host: host.to_owned(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_name_servers_each_in_its_own_way() {
        for (said, host, port) in [
            ("HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded", "pypi.org", 443),
            ("Could not connect to deb.debian.org:80 (151.101.2.132), connection timed out", "deb.debian.org", 80),
            ("Unable to connect to deb.debian.org:http:", "deb.debian.org", 80),
            ("Temporary failure resolving 'deb.debian.org'", "deb.debian.org", 443),
            ("curl: (7) Failed to connect to github.com port 8443 after 3 ms: Connection refused", "github.com", 8443),
            ("curl: (6) Could not resolve host: github.com", "github.com", 443),
            ("npm error reason: getaddrinfo EAI_AGAIN registry.npmjs.org", "registry.npmjs.org", 443),
            ("wget: bad address 'dl-cdn.alpinelinux.org'", "dl-cdn.alpinelinux.org", 443),
            ("dial tcp: lookup proxy.golang.org on 10.0.0.1:53: no such host", "proxy.golang.org", 443),
            ("fatal: unable to access 'https://github.com/a/b.git/': x", "github.com", 443),
            ("urlopen('http://api.example.com:8080/x?y')", "api.example.com", 8080),
            ("connect ECONNREFUSED 104.16.1.35:443", "104.16.1.35", 443),
        ] {
            assert_eq!(public(said).first(), Some(&Server { host: host.into(), port }), "{said}");
        }
        for (said, host, port) in [
            ("Error -3 connecting to cache:6379. Temporary failure in name resolution.", "cache", 6379),
            ("could not translate host name \"db.local\" to address", "db.local", 443),
            ("could not translate host name \"db\" to address", "db", 443),
            ("getaddrinfo EAI_AGAIN redis", "redis", 443),
            ("    for it in getaddrinfo(host, port):\ngetaddrinfo EAI_AGAIN redis", "redis", 443),
        ] {
            assert_eq!((all(said), public(said)), (vec![Server { host: host.into(), port }], vec![]), "{said}");
        }
    }

    #[test]
    fn nothing_inside_is_asked() {
        for host in [
            "localhost",
            "127.0.0.1",
            "10.1.2.3",
            "172.17.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "0x7f.1",
            "127.1",
            "metadata.google.internal",
            "printer.local",
            "a b.com",
            "-x.com",
        ] {
            assert_eq!(public(&format!("Failed to connect to {host} port 80: Connection refused")), [], "{host}");
            assert_eq!(public(&format!("http://{host}/")), [], "{host}");
        }
        assert_eq!(public(&"http://a.com http://b.com http://c.com http://d.com http://e.com".repeat(9)).len(), MOST);
    }
}
