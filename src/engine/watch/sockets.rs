//! Finds out whether something in a container listens on a TCP port, without connecting to it. Some servers handle an empty
//! connection badly, and Docker's proxy accepts connections even if the application isn't listening.
//!
//! Read from Linux's list of the container's network (`/proc/PID/net/tcp`), so only where the engine runs on this machine
//! and outside of a virtual one.

use super::starved::is_of;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;

/// The state of a socket that listens (Linux, `include/net/tcp_states.h`).
const LISTENS: &str = "0A";
/// Where Docker's own name server listens in every container of a network: 127.0.0.11.
const DOCKERS: &str = "0B00007F";
/// How much of a list is read.
const MOST: u64 = 1 << 20;

/// Whether something listens on one of these ports, at whatever address; `None` where that can't be seen.
pub fn listens(container: &str, first: i64, ports: &BTreeSet<u16>) -> Option<bool> {
    if ports.is_empty() {
        return None;
    }
    Some(all(container, first)?.iter().any(|port| ports.contains(port)))
}

/// Whether something listens on any port; `None` where that can't be seen.
pub fn listens_at_all(container: &str, first: i64) -> Option<bool> {
    Some(!all(container, first)?.is_empty())
}

/// All ports that something of the container listens on.
fn all(container: &str, first: i64) -> Option<BTreeSet<u16>> {
    let proc = Path::new("/proc");
    if !is_of(proc, container, first) {
        return None;
    }
    let list = |name: &str| {
        let mut text = String::new();
        let file = fs::File::open(proc.join(format!("{first}/net/{name}"))).ok()?;
        file.take(MOST).read_to_string(&mut text).ok().map(|_| text)
    };
    let (four, six) = (list("tcp"), list("tcp6"));
    if four.is_none() && six.is_none() {
        return None;
    }
    Some([four, six].iter().flatten().flat_map(|text| listening(text)).collect())
}

/// The ports of a list that are listened on: `0: 00000000:1388 00000000:0000 0A …`.
fn listening(list: &str) -> impl Iterator<Item = u16> {
    list.lines().filter_map(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let (own, state) = (columns.next()?, columns.nth(1)?);
        let (address, port) = own.rsplit_once(':').filter(|_| state == LISTENS)?;
        u16::from_str_radix(port, 16).ok().filter(|_| address != DOCKERS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_listens_counts() {
        let list = "  sl  local_address rem_address   st tx_queue rx_queue\n   \
                    0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000\n   \
                    1: 0200000A:E1F2 0300000A:1538 01 00000000:00000000 00:00000000\n   \
                    2: 0B00007F:A0B1 00000000:0000 0A 00000000:00000000 00:00000000\n";
        assert_eq!(listening(list).collect::<Vec<_>>(), [5000]);
        assert_eq!(listening("").count(), 0);
        assert_eq!(listening("0: x 0A\n: :zz : 0A").count(), 0);
    }

    #[test]
    fn a_process_that_is_not_the_containers_says_nothing() {
        let own = i64::from(std::process::id());
        assert_eq!(listens("no-container-of-mine", own, &BTreeSet::from([80])), None);
    }
}
