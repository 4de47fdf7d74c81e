//! Several texts in one input, cut at a byte that no UTF-8 has.

/// The byte.
pub const CUT: u8 = 0xff;

/// The texts; there is always a first.
pub fn cut(data: &[u8]) -> Vec<&[u8]> {
    data.split(|&byte| byte == CUT).collect()
}
