//! The Dockerfiles of a run. Each text is parsed once, however many ask for it: facts, policy and steps.

use super::{Dockerfile, MAX_TEXT, parse};
use std::sync::{Arc, Mutex, PoisonError};

/// How many bytes of text are kept: a Dockerfile of the greatest length, and more of the common ones than a run has.
const MAX_KEPT: usize = 8 << 20;

/// A Dockerfile's text, and what was parsed of it.
#[derive(Debug)]
pub struct Parsed {
    text: Vec<u8>,
    file: Dockerfile,
}

impl Parsed {
    /// Its text.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether it is longer than what is read of a Dockerfile.
    pub fn is_too_long(&self) -> bool {
        self.text.len() as u64 > MAX_TEXT
    }

    /// What was parsed of it.
    pub fn file(&self) -> &Dockerfile {
        &self.file
    }
}

/// Parses each Dockerfile once, keyed by its text. Clones share the cache.
///
/// They are kept by their text, not by their path: what is judged is always what is there now.
#[derive(Debug, Clone, Default)]
pub struct Dockerfiles(Arc<Mutex<Vec<Arc<Parsed>>>>);

impl Dockerfiles {
    /// Parses a text, unless that was done already.
    pub fn parse(&self, text: &[u8]) -> Arc<Parsed> {
        // Held while it parses, so that nobody parses the same text meanwhile.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parsed) = kept.iter().find(|parsed| parsed.text == text) {
            return Arc::clone(parsed);
        }
        let parsed = Arc::new(Parsed { text: text.to_owned(), file: parse(text) });
        if kept.iter().map(|parsed| parsed.text.len()).sum::<usize>() + text.len() <= MAX_KEPT {
            kept.push(Arc::clone(&parsed));
        }
        parsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_parsed_once() {
        let files = Dockerfiles::default();
        let first = files.parse(b"FROM a\n");
        assert!(Arc::ptr_eq(&first, &files.clone().parse(b"FROM a\n")));
        let other = files.parse(b"FROM b\n");
        assert!(!Arc::ptr_eq(&first, &other) && other.text() == b"FROM b\n");
        assert_eq!(other.file(), &parse(b"FROM b\n"));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let files = Dockerfiles::default();
        let long = |first: &str| format!("{first}{}", "#".repeat(MAX_KEPT / 2)).into_bytes();
        let kept = files.parse(&long("# a\n"));
        files.parse(&long("# b\n"));
        assert!(Arc::ptr_eq(&kept, &files.parse(&long("# a\n"))));
        assert_eq!(files.0.lock().unwrap().len(), 1);
    }
}
