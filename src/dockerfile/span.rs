//! Places in a Dockerfile.

/// A place in the file as it was given, byte-order mark included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte; the last line's ending is not part of it.
    pub end: usize,
    /// First line, from 1.
    pub line: u32,
    /// Column of the first character, from 1, counted in characters.
    pub column: u32,
    /// Last line, from 1. As in BuildKit, the blank lines and comments that follow a continuation belong to it.
    pub end_line: u32,
}

/// A count as the `u32` that lines and columns are told in.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
