//! Git's index: the paths that are tracked, which no pattern leaves out. A malformed one is an error, never a panic.

/// The longest index that is read, in bytes.
pub(super) const MAX_BYTES: u64 = 64 << 20;

/// The tracked paths, relative to the top of the repository, sorted.
#[derive(Debug, Default)]
pub(super) struct GitIndex(Vec<Vec<u8>>);

impl GitIndex {
    /// Reads it; the error says why it can't be, after "its index".
    pub(super) fn parse(bytes: &[u8], sha256: bool) -> Result<Self, &'static str> {
        let hash = if sha256 { 32 } else { 20 };
        let damaged = "is damaged";
        let mut rest = Bytes(bytes);
        let (magic, version, count) =
            rest.take(4).zip(rest.number()).zip(rest.number()).map(|((a, b), c)| (a, b, c)).ok_or(damaged)?;
        if magic != b"DIRC" || !(2..=4).contains(&version) {
            return Err(damaged);
        }
        let mut paths: Vec<Vec<u8>> = Vec::new();
        for _ in 0..count {
            let path = rest.entry(hash, version, paths.last()).ok_or(damaged)?;
            paths.push(path);
        }
        while rest.0.len() > hash {
            let (name, length) = rest.take(4).zip(rest.number()).ok_or(damaged)?;
            if name == b"link" {
                return Err("is split in two files");
            }
            rest.take(length as usize).ok_or(damaged)?;
        }
        paths.sort_unstable();
        paths.dedup();
        Ok(Self(paths))
    }

    /// Whether a path is tracked: a file, a link or a submodule.
    pub(super) fn has(&self, path: &[u8]) -> bool {
        self.0.binary_search_by(|own| own.as_slice().cmp(path)).is_ok()
    }

    /// Whether something in a folder is tracked; the empty path is the top.
    pub(super) fn has_in(&self, folder: &[u8]) -> bool {
        let begins = if folder.is_empty() { Vec::new() } else { [folder, b"/"].concat() };
        let first = self.0.partition_point(|own| own.as_slice() < begins.as_slice());
        self.0.get(first).is_some_and(|own| own.starts_with(&begins))
    }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// The path of an entry, of which the one before may have the beginning.
    fn entry(&mut self, hash: usize, version: u32, before: Option<&Vec<u8>>) -> Option<Vec<u8>> {
        let begins = self.0.len();
        self.take(40 + hash)?;
        let flags = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        if flags & 0x4000 != 0 {
            self.take(2)?;
        }
        let mut path = Vec::new();
        if version == 4 {
            let before = before.map_or(&[][..], Vec::as_slice);
            path.extend_from_slice(before.get(..before.len().checked_sub(self.varint()?)?)?);
        }
        let length = self.0.iter().position(|&byte| byte == 0)?;
        path.extend_from_slice(self.take(length)?);
        let end = if version == 4 { 1 } else { 8 - (begins - self.0.len()) % 8 };
        self.take(end)?;
        Some(path)
    }

    /// A number in git's own variable length.
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let &[byte] = self.take(1)? else { return None };
            value = value.checked_mul(128)?.checked_add(usize::from(byte & 127))?;
            if byte & 128 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GitIndex;

    #[test]
    fn a_damaged_index_is_an_error() {
        let mut whole = b"DIRC\0\0\0\x02\0\0\0\x01".to_vec();
        whole.extend([0; 60]);
        whole.extend(b"\0\x04a/bc\0\0\0\0\0\0");
        whole.extend([0; 20]);
        let index = GitIndex::parse(&whole, false).unwrap();
        assert!(index.has(b"a/bc") && index.has_in(b"a") && index.has_in(b"") && !index.has_in(b"a/b"));
        for length in 0..80 {
            assert!(GitIndex::parse(&whole[..length], false).is_err(), "{length}");
        }
        for at in 0..whole.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut wrong = whole.clone();
                wrong[at] = byte;
                let _ = GitIndex::parse(&wrong, false);
                let _ = GitIndex::parse(&wrong, true);
            }
        }
        let split = [&whole[..whole.len() - 20], b"link\0\0\0\0", &[0; 20]].concat();
        assert_eq!(GitIndex::parse(&split, false).unwrap_err(), "is split in two files");
    }
}
