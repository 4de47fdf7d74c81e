//! Ctrl-C, and being asked to end. Once: what runs tidies up and reports. Twice: it only reports. A third time it just ends.

use std::sync::{LazyLock, Once};
use std::time::Duration;
use tokio::sync::watch;

/// The exit code of a run that was interrupted.
const INTERRUPTED: i32 = 130;
/// How long what is going on may go on after the second signal.
const PATIENCE: Duration = Duration::from_secs(10);

/// The signals that came so far, as people call them.
static CAME: LazyLock<watch::Sender<Vec<&'static str>>> = LazyLock::new(|| watch::Sender::new(Vec::new()));

/// Takes signals from now on, in a thread of its own: none is lost while a large repository is being read.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        let entered = runtime.enter();
        let Some(mut signals) = system::Signals::new() else { return };
        drop(entered);
        std::thread::spawn(move || {
            runtime.block_on(async {
                loop {
                    take(signals.next().await);
                }
            });
        });
    });
}

fn take(signal: &'static str) {
    CAME.send_modify(|came| came.push(signal));
    match CAME.borrow().len() {
        1 => {}
        2 => drop(std::thread::spawn(|| {
            std::thread::sleep(PATIENCE);
            std::process::exit(INTERRUPTED);
        })),
        _ => std::process::exit(INTERRUPTED),
    }
}

/// The first signal that came. It ends every run of this process that is going on or begins from then on.
pub async fn signal() -> &'static str {
    nth(0).await
}

/// The second one.
pub async fn again() -> &'static str {
    nth(1).await
}

async fn nth(n: usize) -> &'static str {
    let mut came = CAME.subscribe();
    let signal = came.wait_for(|came| came.len() > n).await.ok().and_then(|came| came.get(n).copied());
    signal.unwrap_or("a signal") // never: its sender lives for ever
}

#[cfg(unix)]
mod system {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub struct Signals {
        int: Signal,
        term: Signal,
        hup: Option<Signal>,
    }

    impl Signals {
        pub fn new() -> Option<Self> {
            let of = |kind| signal(kind).ok();
            let hup = if is_hangup_ignored() { None } else { of(SignalKind::hangup()) };
            Some(Self { int: of(SignalKind::interrupt())?, term: of(SignalKind::terminate())?, hup })
        }

        pub async fn next(&mut self) -> &'static str {
            let hung_up = async {
                match &mut self.hup {
                    Some(hup) => hup.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.int.recv() => "Ctrl-C",
                _ = self.term.recv() => "SIGTERM",
                _ = hung_up => "SIGHUP",
            }
        }
    }

    /// Whether it was started to outlive its terminal, as `nohup` does it. Where that can't be seen it is not.
    fn is_hangup_ignored() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
    }
}

#[cfg(not(unix))]
mod system {
    pub struct Signals;

    impl Signals {
        pub fn new() -> Option<Self> {
            Some(Self)
        }

        pub async fn next(&mut self) -> &'static str {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            "Ctrl-C"
        }
    }
}
