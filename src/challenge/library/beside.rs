//! A check's sibling files: on disk, or embedded in the program.

use super::{disk, file};
use crate::language::file::SiblingFiles;
use std::io;
use std::path::PathBuf;

/// The most bytes of a program that judges.
const MAX_PROGRAM: usize = 1 << 20;

/// Folders in which a file is looked for: the first that has it.
#[derive(Debug)]
pub(super) enum Beside {
    /// On disk.
    Folders(Vec<PathBuf>),
    /// Of what comes with the grader.
    BuiltIn(Vec<String>),
}

impl SiblingFiles for Beside {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match self {
            Self::Folders(folders) => {
                let path = folders.iter().map(|folder| folder.join(name)).find(|path| path.symlink_metadata().is_ok());
                path.map(|path| disk::bytes(&path, MAX_PROGRAM)).transpose()
            }
            Self::BuiltIn(folders) => {
                let file = folders.iter().find_map(|folder| file(&format!("{folder}/{name}")));
                Ok(file.map(|file| file.contents().to_vec()))
            }
        }
    }
}
