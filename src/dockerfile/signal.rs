//! The signals that `STOPSIGNAL` may name (Linux, `moby/sys/signal`).

const NAMES: [&str; 35] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN",
];

/// Whether Docker takes it: a number but 0, or a name with or without `SIG`.
pub(crate) fn is_known(signal: &str) -> bool {
    if let Ok(number) = signal.parse::<i64>() {
        return number != 0;
    }
    let upper = signal.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let real_time = |start: &str, most: u8| {
        name.strip_prefix(start).is_some_and(|n| n.parse().is_ok_and(|n: u8| (1..=most).contains(&n)))
    };
    NAMES.contains(&name) || name == "RTMAX" || real_time("RTMIN+", 15) || real_time("RTMAX-", 14)
}
