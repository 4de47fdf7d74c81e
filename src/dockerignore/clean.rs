//! Blanks and paths as Go's `strings.TrimSpace` and `filepath.Clean` treat them, on bytes: a file need not be UTF-8.

/// Without white space (as Unicode has it) on either side.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    let leading = text.utf8_chunks().next().map_or(0, |c| c.valid().len() - c.valid().trim_start().len());
    let text = &text[leading..];
    let last = text.utf8_chunks().last().filter(|chunk| chunk.invalid().is_empty());
    let trailing = last.map_or(0, |chunk| chunk.valid().len() - chunk.valid().trim_end().len());
    &text[..text.len() - trailing]
}

/// A pattern without blanks around it as `ignorefile.ReadAll` hands it on.
pub(super) fn normalise(pattern: &[u8]) -> Vec<u8> {
    let kept = pattern.strip_prefix(b"!");
    let body = kept.map_or(pattern, trim);
    let mut out = if kept.is_some() { b"!".to_vec() } else { Vec::new() };
    if !body.is_empty() {
        let body = path(body);
        out.extend_from_slice(match body.strip_prefix(b"/") {
            Some(relative) if !relative.is_empty() => relative,
            _ => &body,
        });
    }
    out
}

/// The shortest path of the same meaning, by the letters alone: `a//b/../c/` is `a/c`, nothing is `.`.
pub(super) fn path(path: &[u8]) -> Vec<u8> {
    let rooted = path.first() == Some(&b'/');
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => match parts.last() {
                Some(&last) if last != b".." => drop(parts.pop()),
                _ if rooted => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let mut cleaned = if rooted { b"/".to_vec() } else { Vec::new() };
    cleaned.extend(parts.join(&b'/'));
    if cleaned.is_empty() { b".".to_vec() } else { cleaned }
}
