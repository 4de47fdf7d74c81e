//! Waits for Ctrl-C, or for being asked to end.

use tokio::sync::SetOnce;

/// The signal that ended a series of runs, for those of it that did not listen yet.
static CAME: SetOnce<&str> = SetOnce::const_new();

/// The signal that came, as people call it; one that was remembered has come already.
pub async fn signal() -> &'static str {
    tokio::select! {
        came = CAME.wait() => came,
        came = next() => came,
    }
}

/// Ends every run of this process that is going on or begins from now on.
pub fn remember(signal: &'static str) {
    let _ = CAME.set(signal); // the first is the one that counts
}

/// The next signal that comes from now on.
pub async fn next() -> &'static str {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut term), Ok(mut hup)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => "Ctrl-C",
            _ = term.recv() => "SIGTERM",
            _ = hup.recv() => "SIGHUP",
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
        "Ctrl-C"
    }
}
