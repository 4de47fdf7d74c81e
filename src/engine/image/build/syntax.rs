//! A Dockerfile without its `# syntax=` directive, for where the frontend that it names can't be fetched.

use crate::dockerignore;
use crate::repository::{Repository, Scratch};
use std::path::Path;

/// The keys of parser directives (`dockerfile/parser/directives.go`).
const KEYS: [&str; 3] = ["syntax", "escape", "check"];

/// The frontend that the Dockerfile's `# syntax=` line names.
pub fn frontend(dockerfile: &[u8]) -> Option<String> {
    let lines = directives(dockerfile);
    let (_, _, value) = lines.into_iter().find(|(_, key, _)| key == "syntax")?;
    value.split_whitespace().next().map(str::to_owned)
}

/// The same Dockerfile with its `# syntax=` line turned into a comment. The line stays counted; since a comment ends the
/// directives, it goes behind the others.
pub fn without(dockerfile: &[u8]) -> Vec<u8> {
    let found = directives(dockerfile);
    let mut lines: Vec<Vec<u8>> = dockerfile.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let (Some((syntax, _, _)), Some((last, _, _))) = (found.iter().find(|(_, key, _)| key == "syntax"), found.last())
    else {
        return dockerfile.to_vec();
    };
    // A byte order mark belongs to the file, not to the line.
    let mark = if *syntax == 0 && dockerfile.starts_with(b"\xef\xbb\xbf") { &b"\xef\xbb\xbf"[..] } else { b"" };
    if let Some(directives) = lines.get_mut(*syntax..=*last) {
        directives.rotate_left(1);
        if let Some(line) = directives.last_mut() {
            *line = b"#\n".to_vec();
        }
        if let Some(line) = directives.first_mut() {
            line.splice(..0, mark.iter().copied());
        }
    }
    lines.concat()
}

/// A folder with the Dockerfile as [`without`] makes it, and the ignore file of its own beside it.
pub fn copy_without(root: &Path, path: &Path, dockerfile: &[u8]) -> std::io::Result<Scratch> {
    let folder = Scratch::new()?;
    std::fs::write(folder.path().join("Dockerfile"), without(dockerfile))?;
    if let Some(ignore) = own_ignore(root, path) {
        std::fs::write(folder.path().join("Dockerfile.dockerignore"), ignore)?;
    }
    Ok(folder)
}

/// The ignore file that belongs to the Dockerfile alone. What leads out of the repository is none, nor is a pipe.
fn own_ignore(root: &Path, path: &Path) -> Option<Vec<u8>> {
    let path = path.strip_prefix(root).ok()?.to_str()?;
    let repository = Repository::open(root).ok()?;
    repository.read(&format!("{path}.dockerignore"), dockerignore::MAX_BYTES as u64).ok()?
}

/// The directives at the file's head: their line (from 0), key in lower case, and value.
fn directives(dockerfile: &[u8]) -> Vec<(usize, String, String)> {
    let text = dockerfile.strip_prefix(b"\xef\xbb\xbf").unwrap_or(dockerfile);
    let lines = text.split(|&byte| byte == b'\n').take(KEYS.len());
    let parsed = lines.enumerate().map_while(|(number, line)| {
        let line = std::str::from_utf8(line).ok()?.trim();
        let (key, value) = line.strip_prefix('#')?.split_once('=')?;
        let key = key.trim().to_lowercase();
        (KEYS.contains(&key.as_str()) && !value.trim().is_empty()).then(|| (number, key, value.trim().to_owned()))
    });
    parsed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_ignore_file_comes_along_unless_it_leads_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("repository");
        std::fs::create_dir_all(&root).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        let (dockerfile, ignore) = (root.join("app.Dockerfile"), root.join("app.Dockerfile.dockerignore"));
        let copied = || {
            let copy = copy_without(&root, &dockerfile, b"FROM x").unwrap();
            assert_eq!(std::fs::read(copy.path().join("Dockerfile")).unwrap(), b"FROM x");
            std::fs::read_to_string(copy.path().join("Dockerfile.dockerignore")).ok()
        };
        assert_eq!(copied(), None);
        std::fs::write(&ignore, "venv").unwrap();
        assert_eq!(copied().as_deref(), Some("venv"));
        std::fs::remove_file(&ignore).unwrap();
        std::os::unix::fs::symlink("../secret", &ignore).unwrap();
        assert_eq!(copied(), None);
    }

    #[test]
    fn the_line_stays_counted_and_the_other_directives_stay_directives() {
        for (dockerfile, frontend_, without_) in [
            ("# syntax=docker/dockerfile:1\nFROM x\n", Some("docker/dockerfile:1"), "#\nFROM x\n"),
            ("#SYNTAX = a/b:1 x\r\n# escape=`\r\nFROM x", Some("a/b:1"), "# escape=`\r\n#\nFROM x"),
            ("# check=skip=all\n# syntax=a\nFROM x", Some("a"), "# check=skip=all\n#\nFROM x"),
            ("\u{feff}# syntax=a\nFROM x", Some("a"), "\u{feff}#\nFROM x"),
            ("\u{feff}# syntax=a\n# escape=`\nFROM x", Some("a"), "\u{feff}# escape=`\n#\nFROM x"),
            ("# a comment\n# syntax=a\nFROM x", None, "# a comment\n# syntax=a\nFROM x"),
            ("\n# syntax=a\nFROM x", None, "\n# syntax=a\nFROM x"),
            ("FROM x", None, "FROM x"),
        ] {
            assert_eq!(frontend(dockerfile.as_bytes()).as_deref(), frontend_, "{dockerfile:?}");
            assert_eq!(String::from_utf8(without(dockerfile.as_bytes())).unwrap(), without_, "{dockerfile:?}");
        }
    }
}
