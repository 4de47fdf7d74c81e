//! install.sh: what it installs, and that it installs nothing that is not what the release says.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers of tests too

use crate::common::at;
use assert_cmd::Command;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A program that says its version, as small as one can be.
const PROGRAM: &str = "#!/bin/sh\necho grader 0.1.0\n";

/// Releases on this machine, and a folder to install to.
struct Releases {
    folder: TempDir,
}

impl Releases {
    /// `latest` and 0.1.0, with these files in the archive.
    fn with(files: &[(&str, &str)]) -> Self {
        let releases = Self { folder: tempfile::tempdir().unwrap() };
        let packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(packed);
        for (name, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(text.len() as u64);
            tar.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        let bytes = tar.into_inner().unwrap().finish().unwrap();
        for path in ["releases/latest/download", "releases/download/v0.1.0"] {
            fs::create_dir_all(releases.path(path)).unwrap();
        }
        releases.publish(&bytes, &grader::engine::image::digest::sha256(&bytes));
        releases
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn publish(&self, archive: &[u8], hex: &str) {
        let machine = std::env::consts::ARCH;
        let target = if cfg!(target_os = "macos") { "apple-darwin" } else { "unknown-linux-musl" };
        let name = format!("grader-{machine}-{target}.tar.gz");
        for path in ["releases/latest/download", "releases/download/v0.1.0"] {
            fs::write(self.path(path).join(&name), archive).unwrap();
            fs::write(self.path(path).join("SHA256SUMS"), format!("{hex}  {name}\n{hex}  other\n")).unwrap();
        }
    }

    /// Runs it from the folder; its exit code and what it said.
    fn install(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new("bash");
        command.arg(at("install.sh")).args(arguments).current_dir(self.folder.path());
        self.run(command)
    }

    fn run(&self, mut command: Command) -> (i32, String) {
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.path("home"));
        command.env("GRADER_DOWNLOADS", format!("file://{}", self.path("releases").display()));
        let output = command.output().unwrap();
        assert!(output.stdout.is_empty());
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn is_empty(&self, folder: &str) -> bool {
        fs::read_dir(self.path(folder)).is_ok_and(|mut entries| entries.next().is_none())
    }
}

#[test]
fn a_release_is_installed_to_where_it_is_wanted() {
    let releases = Releases::with(&[("README.md", "it"), ("./grader", PROGRAM)]);
    for (arguments, path) in [
        (&[][..], "home/.local/bin/grader"),
        (&["--to", "relative/bin", "--version", "0.1.0"], "relative/bin/grader"),
        (&["--version", "v0.1.0", "--to", "with a space"], "with a space/grader"),
        (&["--version", "latest", "--to", "."], "grader"),
    ] {
        // What is there already is replaced.
        for _ in 0..2 {
            let (code, said) = releases.install(arguments);
            assert_eq!(code, 0, "{said}");
            assert!(said.starts_with("install: grader 0.1.0 is in /"), "{said}");
        }
        assert_eq!(fs::read_to_string(releases.path(path)).unwrap(), PROGRAM);
        Command::new(releases.path(path)).assert().success();
    }
}

#[test]
fn what_is_not_what_it_says_is_not_installed() {
    let releases = Releases::with(&[("grader", PROGRAM)]);
    let download = releases.path("releases/latest/download");
    let archive = fs::read_dir(&download).unwrap().map(|entry| entry.unwrap().path());
    let archive = archive.into_iter().find(|path| path.to_string_lossy().ends_with(".tar.gz")).unwrap();
    let (bytes, sums) = (fs::read(&archive).unwrap(), fs::read_to_string(download.join("SHA256SUMS")).unwrap());
    let right = sums[..64].to_owned();
    let fails = |what: &str| {
        let (code, said) = releases.install(&["--to", "to"]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(what) && releases.is_empty("to"), "{what}: {said}");
    };

    releases.publish(&bytes, &"0".repeat(64));
    fails("is not what SHA256SUMS says: nothing was installed");
    releases.publish(&bytes[..bytes.len() / 2], &right);
    fails("is not what SHA256SUMS says: nothing was installed");
    // A sum that is right of an archive that is broken.
    let half = &bytes[..bytes.len() / 2];
    releases.publish(half, &grader::engine::image::digest::sha256(half));
    fails("cannot be unpacked: nothing was installed");
    releases.publish(&bytes, &right.to_uppercase());
    fails("SHA256SUMS does not name grader-");
    fs::write(download.join("SHA256SUMS"), sums.replace(".tar.gz", "-tar-gz")).unwrap();
    fails("SHA256SUMS does not name grader-");
    fs::remove_file(download.join("SHA256SUMS")).unwrap();
    fails("SHA256SUMS could not be downloaded");
    fs::remove_file(&archive).unwrap();
    fails(".tar.gz could not be downloaded");
}

#[test]
fn an_archive_without_a_program_that_runs_is_not_installed() {
    for (files, what) in [
        (&[("README.md", "it")][..], "holds no grader: nothing was installed"),
        (&[("grader", "#!/bin/sh\nexit 1\n")], "does not run here: nothing was installed"),
    ] {
        let releases = Releases::with(files);
        let (code, said) = releases.install(&["--to", "to"]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(what) && releases.is_empty("to"), "{said}");
    }
}

#[test]
fn an_odd_version_is_no_part_of_an_address() {
    let releases = Releases::with(&[("grader", PROGRAM)]);
    for version in ["../latest", "", " ", "0.1.0/..", "0.1.0\n", "v", "main", "-v", "$(id)", "0.1.0?x", "%2e"] {
        let (code, said) = releases.install(&["--version", version, "--to", "to"]);
        assert_eq!(code, 1, "{version}: {said}");
        assert!(said.contains("is no version") || said.contains("wants a version"), "{version}: {said}");
        assert!(!releases.path("to").exists(), "{version}");
    }
    let (code, said) = releases.install(&["--version", "0.2.0", "--to", "to"]);
    assert!(code == 1 && said.contains("is there such a release?"), "{said}");
    assert_eq!(releases.install(&["--folder", "to"]).0, 1);
}

/// `curl … | bash` runs what has come so far.
#[test]
fn half_the_script_does_nothing() {
    let releases = Releases::with(&[("grader", PROGRAM)]);
    let whole = fs::read_to_string(at("install.sh")).unwrap();
    for (end, _) in whole.match_indices('\n').step_by(5) {
        let mut command = Command::new("bash");
        command.args(["-s", "--", "--to", "to"]).current_dir(releases.folder.path()).write_stdin(&whole[..end]);
        let _ = releases.run(command);
        assert!(!releases.path("to").exists() && !releases.path("home").exists(), "{}", &whole[..end]);
    }
    let mut command = Command::new("bash");
    command.args(["-s", "--", "--to", "to"]).current_dir(releases.folder.path()).write_stdin(whole);
    assert_eq!(releases.run(command).0, 0);
    assert!(releases.path("to/grader").is_file());
}
