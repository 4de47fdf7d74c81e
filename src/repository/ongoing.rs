//! Long work on files, done on a thread of its own: how far it has got is seen from outside, and it stops soon when asked
//! to.

use std::fs::File;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How many bytes are copied between two looks whether to stop: less than a second's work of a slow disk.
const PIECE: u64 = 4 << 20;

/// The work that goes on in one repository. Clones are about the same work.
#[derive(Debug, Clone, Default)]
pub struct Ongoing(Arc<OngoingState>);

#[derive(Debug, Default)]
struct OngoingState {
    is_stopped: AtomicBool,
    copied: AtomicUsize,
}

impl Ongoing {
    /// Asks all threads that do it to stop. Nothing of it begins afterwards.
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it is asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::Relaxed)
    }

    /// The number of files copied so far.
    pub fn copied(&self) -> usize {
        self.0.copied.load(Ordering::Relaxed)
    }

    /// Asks it to stop when the guard is dropped, as it is together with a future that waits for the work.
    #[must_use]
    pub fn stop_on_drop(&self) -> StopOnDrop {
        StopOnDrop(self.clone())
    }

    /// Fails if it is asked to stop.
    pub(crate) fn go_on(&self) -> io::Result<()> {
        if self.is_stopped() { Err(io::Error::other("stopped")) } else { Ok(()) }
    }

    /// Copies at most so many bytes, and counts the file.
    pub(crate) fn copy(&self, mut from: File, to: &mut File, most: u64) -> io::Result<u64> {
        let mut copied = 0;
        while copied < most {
            self.go_on()?;
            let piece = io::copy(&mut (&mut from).take(PIECE.min(most - copied)), to)?;
            copied += piece;
            if piece == 0 {
                break; // it has shrunk meanwhile
            }
        }
        self.0.copied.fetch_add(1, Ordering::Relaxed);
        Ok(copied)
    }
}

/// Stops what it was made of when it is dropped.
#[derive(Debug)]
pub struct StopOnDrop(Ongoing);

impl StopOnDrop {
    /// Lets the work be: it has come to its end.
    pub fn disarm(mut self) {
        self.0 = Ongoing::default();
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_is_copied_in_pieces_and_not_beyond_what_was_seen_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let bytes: Vec<u8> = (0..PIECE * 2 + 7).map(|at| at.to_le_bytes()[0]).collect();
        fs::write(&from, &bytes).unwrap();
        let ongoing = Ongoing::default();
        let copy = |most| ongoing.copy(File::open(&from).unwrap(), &mut File::create(&to).unwrap(), most);
        for most in [0, 5, PIECE, PIECE + 1, PIECE * 3] {
            let expected = bytes.get(..usize::try_from(most).unwrap()).unwrap_or(&bytes);
            assert_eq!(copy(most).unwrap(), expected.len() as u64);
            assert!(fs::read(&to).unwrap() == expected, "{most}");
        }
        assert_eq!(ongoing.copied(), 5);
        drop(ongoing.stop_on_drop());
        assert!(copy(PIECE).is_err());
    }
}
