//! Recognizes protocols by their first bytes.
//!
//! Each question gets a connection of its own and does nothing: PostgreSQL is asked whether it speaks TLS, Redis for a
//! `PING`, HTTP for its options. MySQL speaks first.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// The words that checks use.
pub(super) const WORDS: [&str; 6] = ["postgres", "redis", "mysql", "http", "unknown", "nothing"];

/// The most bytes of an answer that are read.
const MOST: usize = 1024;

/// What a port turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoken {
    Postgres,
    Redis,
    Mysql,
    Http,
    /// Something listens, and speaks something else.
    Unknown,
    /// Nothing listens.
    Nothing,
    /// Whether something listens can't be known: no packet came back.
    Unreachable,
}

impl Spoken {
    /// Returns its word in checks.
    pub fn word(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Mysql => "mysql",
            Self::Http => "http",
            Self::Unknown => "unknown",
            Self::Nothing | Self::Unreachable => "nothing",
        }
    }

    /// Returns the start of a sentence about it.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL answers",
            Self::Redis => "Redis answers",
            Self::Mysql => "MySQL answers",
            Self::Http => "an HTTP server answers",
            Self::Unknown => "something answers that isn't PostgreSQL, Redis, MySQL or HTTP",
            Self::Nothing | Self::Unreachable => "nothing answers",
        }
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    Postgres,
    Redis,
    Http,
}

impl Opening {
    fn bytes(self) -> &'static [u8] {
        match self {
            // SSLRequest: the message's length, and a version that no protocol has (1234.5679).
            Self::Postgres => &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f],
            Self::Redis => b"PING\r\n",
            // Changes nothing, and calls no handler. Without `Host`, since Redis reports an attack when it reads one.
            Self::Http => b"OPTIONS * HTTP/1.0\r\n\r\n",
        }
    }

    /// The questions in an order in which the first is mostly the right one. Servers of all three answer HTTP or hang up at
    /// once, so it comes first on a port that says nothing.
    fn order(port: u16) -> [Self; 3] {
        match port {
            5432 => [Self::Postgres, Self::Http, Self::Redis],
            6379 => [Self::Redis, Self::Http, Self::Postgres],
            _ => [Self::Http, Self::Postgres, Self::Redis],
        }
    }
}

/// Finds out what a port speaks. `own` is the port in the container, a hint.
pub(super) async fn ask(at: SocketAddr, own: u16, limit: Duration) -> Spoken {
    let mut heard = Spoken::Nothing;
    for question in Opening::order(own) {
        match answer(at, question, limit).await {
            Ok(found @ (Spoken::Unknown | Spoken::Nothing)) if heard == Spoken::Nothing => heard = found,
            Ok(Spoken::Unknown | Spoken::Nothing) => {}
            Ok(found) => return found,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return Spoken::Nothing,
            Err(_) => return Spoken::Unreachable,
        }
    }
    heard
}

/// What one question shows; the error is that there was no connection.
async fn answer(at: SocketAddr, question: Opening, limit: Duration) -> std::io::Result<Spoken> {
    let until = Instant::now() + limit;
    let late = || std::io::Error::from(ErrorKind::TimedOut);
    let mut stream = timeout_at(until, TcpStream::connect(at)).await.map_err(|_| late())??;
    let mut heard = Vec::with_capacity(MOST);
    if stream.write_all(question.bytes()).await.is_err() {
        return Ok(Spoken::Nothing);
    }
    loop {
        let mut buffer = [0; MOST];
        let read = timeout_at(until, stream.read(&mut buffer)).await;
        let (count, is_late) = match read {
            Ok(Ok(count)) => (count, false),
            Ok(Err(_)) => (0, false), // hung up
            Err(_) => (0, true),
        };
        heard.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if let Some(found) = recognize(question, &heard) {
            return Ok(found);
        }
        if count == 0 || heard.len() >= MOST {
            // What accepts a connection and waits is there. Docker's proxy accepts for what isn't, and hangs up.
            return Ok(if heard.is_empty() && !is_late { Spoken::Nothing } else { Spoken::Unknown });
        }
    }
}

/// The protocol that these first bytes of an answer belong to.
fn recognize(question: Opening, heard: &[u8]) -> Option<Spoken> {
    if heard.starts_with(b"HTTP/") || is_http2(heard) {
        return Some(Spoken::Http);
    }
    if is_mysql(heard) {
        return Some(Spoken::Mysql);
    }
    match question {
        Opening::Postgres => is_postgres(heard).then_some(Spoken::Postgres),
        Opening::Redis => is_redis(heard).then_some(Spoken::Redis),
        Opening::Http => None,
    }
}

/// Yes or no to TLS; or an error, by a server that has no connection left.
fn is_postgres(heard: &[u8]) -> bool {
    let is_error = matches!(heard, [b'E', 0, 0, _, _, b'S', rest @ ..] if rest.starts_with(b"FATAL\0"));
    matches!(heard, [b'S' | b'N']) || is_error
}

/// `+PONG`, or the error of a server that first wants a password, or still loads its data.
fn is_redis(heard: &[u8]) -> bool {
    const ERRORS: [&[u8]; 8] =
        [b"-NOAUTH ", b"-ERR ", b"-DENIED ", b"-LOADING ", b"-NOPERM ", b"-MASTERDOWN ", b"-MISCONF ", b"-BUSY "];
    heard.starts_with(b"+PONG\r\n") || ERRORS.iter().any(|error| heard.starts_with(error))
}

/// The server's greeting: a packet numbered 0 with the protocol's version 10 and the server's version, or with an error.
fn is_mysql(heard: &[u8]) -> bool {
    let [low, middle, 0, 0, kind, rest @ ..] = heard else { return false };
    let length = usize::from(*low) | usize::from(*middle) << 8;
    match kind {
        0x0a => {
            let version = rest.split(|&byte| byte == 0).next().unwrap_or_default();
            let is_version = |byte: &u8| byte.is_ascii_graphic();
            length > version.len() && version.first().is_some_and(u8::is_ascii_digit) && version.iter().all(is_version)
        }
        0xff => length > 3 && rest.len() + 1 >= length,
        _ => false,
    }
}

/// The settings that a server which speaks HTTP/2 alone begins with: a frame of type 4 on stream 0.
fn is_http2(heard: &[u8]) -> bool {
    matches!(heard, [0, _, length, 4, 0, 0, 0, 0, 0, ..] if length % 6 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn protocols_are_known_by_recorded_bytes() {
        use Opening::{Http, Postgres, Redis};
        // MySQL 8.0.36, MariaDB 11.4, and MySQL 8.0 to a host that it does not let in.
        let mysql = b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0\x0c\x5d\x19\x23\x0e\x5b\x7e\x2c\0\xff\xff\xff\x02\0";
        let maria = b"\x6c\0\0\0\x0a5.5.5-10.11.6-MariaDB-0+deb12u1\0\x1f\0\0\0";
        let barred = b"\x43\0\0\0\xff\x6a\x04Host '172.17.0.1' is not allowed to connect to this MySQL server";
        let full = b"E\0\0\0\x61SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0";
        for (question, heard, expected) in [
            (Postgres, &b"N"[..], Some(Spoken::Postgres)),
            (Postgres, b"S", Some(Spoken::Postgres)),
            (Postgres, full, Some(Spoken::Postgres)),
            (Postgres, b"NO\r\n", None),
            (Postgres, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", None),
            (Postgres, b"E", None),
            (Redis, b"+PONG\r\n", Some(Spoken::Redis)),
            (Redis, b"-NOAUTH Authentication required.\r\n", Some(Spoken::Redis)),
            (Redis, b"-DENIED Redis is running in protected mode because", Some(Spoken::Redis)),
            (Redis, b"-ERR unknown command 'PING'\r\n", Some(Spoken::Redis)),
            (Redis, b"ERROR\r\n", None), // memcached
            (Redis, b"+OK POP3 ready\r\n-ERR what\r\n", None),
            (Redis, b"+PO", None),
            (Http, b"N", None),
            (Http, b"-ERR unknown command 'OPTIONS'", None),
            (Http, b"HTTP/1.0 200 OK\r\n", Some(Spoken::Http)),
            (Redis, b"HTTP/1.1 400 Bad Request\r\n", Some(Spoken::Http)),
            (Postgres, b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80", Some(Spoken::Http)),
            (Http, mysql, Some(Spoken::Mysql)),
            (Postgres, maria, Some(Spoken::Mysql)),
            (Redis, barred, Some(Spoken::Mysql)),
            (Postgres, b"\x15\x03\x01\0\x02\x02\x46", None), // a TLS alert
            (Http, b"", None),
        ] {
            assert_eq!(recognize(question, heard), expected, "{question:?} {:?}", String::from_utf8_lossy(heard));
        }
    }

    #[test]
    fn every_word_is_found() {
        use Spoken::{Http, Mysql, Nothing, Postgres, Redis, Unknown};
        assert_eq!([Postgres, Redis, Mysql, Http, Unknown, Nothing].map(Spoken::word), WORDS);
    }

    /// Accepts, and answers these bytes to these; hangs up on all else unless it is patient.
    async fn server(knows: &'static [u8], says: &'static [u8], is_patient: bool) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = [0; 64];
                let count = stream.read(&mut asked).await.unwrap_or_default();
                if asked[..count].starts_with(knows) {
                    let _ = stream.write_all(says).await;
                } else if is_patient {
                    held.push(stream);
                }
            }
        });
        at
    }

    #[tokio::test]
    async fn a_port_is_asked_until_it_is_known() {
        let limit = Duration::from_millis(200);
        let postgres = Opening::Postgres.bytes();
        for (at, expected) in [
            (server(postgres, b"N", false).await, Spoken::Postgres),
            (server(b"PING", b"+PONG\r\n", true).await, Spoken::Redis),
            (server(b"OPTIONS", b"HTTP/1.1 405 Method Not Allowed\r\n", true).await, Spoken::Http),
            (server(b"", b"SSH-2.0-x\r\n", false).await, Spoken::Unknown),
            (server(b"never", b"", true).await, Spoken::Unknown),
            (server(b"never", b"", false).await, Spoken::Nothing),
        ] {
            for port in [5432, 6379, 80] {
                assert_eq!(ask(at, port, limit).await, expected);
            }
        }
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert_eq!(ask(free, 80, limit).await, Spoken::Nothing, "refused");
    }
}
