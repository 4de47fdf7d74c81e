//! Sees that the first process of a tool has ended, and leaves it unreaped: as long as it is, its number, which is that of
//! its group, can't be given to another process.

use tokio::process::Child;

/// The first process of a group.
#[derive(Debug)]
pub(super) struct Leader(#[cfg(unix)] Option<unix::Watched>);

impl Leader {
    #[cfg(unix)]
    pub fn of(child: &Child) -> Self {
        Self(unix::Watched::new(child))
    }

    /// Comes back when it has ended. May be cancelled.
    #[cfg(unix)]
    pub async fn ended(&mut self, _: &mut Child) {
        match &mut self.0 {
            Some(watched) => watched.ended().await,
            // Its outputs close, or its time is over.
            None => std::future::pending().await,
        }
    }

    #[cfg(not(unix))]
    pub fn of(_: &Child) -> Self {
        Self()
    }

    /// There are no groups, so it may be waited for.
    #[cfg(not(unix))]
    #[allow(clippy::unused_self)]
    pub async fn ended(&mut self, child: &mut Child) {
        let _ = child.wait().await; // its status is asked for again
    }
}

#[cfg(unix)]
mod unix {
    use rustix::io::Errno;
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    use tokio::process::Child;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    #[derive(Debug)]
    pub struct Watched {
        pid: Pid,
        children: Signal,
    }

    impl Watched {
        pub fn new(child: &Child) -> Option<Self> {
            let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))?;
            Some(Self { pid, children: signal(SignalKind::child()).ok()? })
        }

        pub async fn ended(&mut self) {
            let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
            while matches!(waitid(WaitId::Pid(self.pid), look), Ok(None) | Err(Errno::INTR)) {
                self.children.recv().await;
            }
        }
    }
}
