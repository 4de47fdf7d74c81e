//! The largest paths among many files: folders where their files are small, files where one of them is most of it. Pure.

use std::collections::{BTreeMap, BinaryHeap};

/// How many paths are named.
const NAMED: usize = 5;
/// The least depth of a folder that is named: `/usr/lib` is too general.
const DEEP: usize = 3;

/// A file or folder, and the bytes in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LargePath {
    /// The bytes.
    pub size: u64,
    /// The path, from `/`.
    pub path: String,
}

/// The largest paths of these files, largest first; none is within another.
pub(super) fn largest<'a>(files: impl Iterator<Item = (&'a str, u64)>) -> Vec<LargePath> {
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for (path, size) in files {
        for (end, _) in path.match_indices('/').skip(1) {
            *sizes.entry(path.get(..end).unwrap_or_default()).or_default() += size;
        }
        *sizes.entry(path).or_default() += size;
    }
    let children = |folder: &str| {
        let within = format!("{folder}/");
        let below = sizes.range(within.as_str()..).take_while(|(path, _)| path.starts_with(&within));
        let own = below.filter(|(path, _)| !path.get(within.len()..).unwrap_or_default().contains('/'));
        own.map(|(path, size)| LargePath { size: *size, path: (*path).to_owned() }).collect::<Vec<_>>()
    };
    let mut open: BinaryHeap<LargePath> = children("").into();
    let mut named = Vec::new();
    while let Some(next) = open.pop().filter(|next| named.len() < NAMED && next.size > 0) {
        let within = children(&next.path);
        let largest = within.iter().map(|child| child.size).max().unwrap_or_default();
        // A folder says more than what is in it, unless it is too general or one thing in it is most of it.
        let is_general = next.path.matches('/').count() < DEEP || largest * 2 > next.size;
        if within.is_empty() || !is_general {
            named.push(next);
        } else {
            open.extend(within);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_where_no_file_is_most_of_them() {
        let files = [
            ("/root/.cache/pip/a", 40),
            ("/root/.cache/pip/b", 30),
            ("/root/.cache/pip/c", 30),
            ("/usr/lib/python3/site/numpy/core/x.so", 500),
            ("/usr/lib/python3/site/numpy/core/y.py", 10),
            ("/app/data.bin", 90),
            ("/app/empty", 0),
        ];
        let named = largest(files.into_iter());
        let shown: Vec<String> = named.iter().map(|it| format!("{} {}", it.path, it.size)).collect();
        assert_eq!(
            shown,
            [
                "/usr/lib/python3/site/numpy/core/x.so 500",
                "/root/.cache/pip 100",
                "/app/data.bin 90",
                "/usr/lib/python3/site/numpy/core/y.py 10",
            ]
        );
        assert_eq!(largest(std::iter::empty()), []);
    }
}
