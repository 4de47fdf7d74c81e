//! The `docker` program: where it is, and how it is called so that nothing but Docker's own settings reaches it.

use super::context::DockerEndpoint;
use crate::engine::owned::orphans::OWNER_VARIABLE;
use crate::engine::owned::owner::Owner;
use crate::engine::process::Command;
use std::ffi::OsString;
use std::path::PathBuf;

/// What Docker needs of our environment: to find its plugins and credential helpers, and to get through proxies. Nothing
/// else reaches it: no `BUILDX_BUILDER`, no `COMPOSE_FILE`, no token of a CI job.
const VARIABLES: &[&str] = &[
    "PATH",
    "HOME",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "APPDATA",
    "COMSPEC",
    "LOCALAPPDATA",
    "PATHEXT",
    "ProgramData",
    "ProgramFiles",
    "SystemRoot",
    "TEMP",
    "TMP",
    "USERPROFILE",
];
/// What even a tool that is handed nothing needs on Windows to start at all.
const BARE: &[&str] = &["SystemRoot", "USERPROFILE", "ProgramData", "ProgramFiles"];

/// The `docker` program and the engine it is to use.
#[derive(Debug, Clone)]
pub struct DockerCli {
    /// The program's path.
    pub program: PathBuf,
    /// The engine.
    pub endpoint: DockerEndpoint,
}

impl DockerCli {
    /// `docker ARGS…` with what Docker needs of our environment, and whose it is.
    pub fn command<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let owner = Owner::this_process().to_string();
        self.with(VARIABLES).envs([(OWNER_VARIABLE, owner.as_str())]).args(args)
    }

    /// `docker ARGS…` with an empty environment: for what fills in variables, as `docker compose config` does.
    pub fn bare<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        self.with(if cfg!(windows) { BARE } else { &[] }).args(args)
    }

    fn with(&self, variables: &[&str]) -> Command {
        let set = variables.iter().filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?)));
        Command::new(&self.program).envs(set).args(self.endpoint.flags())
    }
}

/// The path of a program in these folders, as a shell would find it; `path` is what `PATH` holds.
pub fn find(program: &str, path: Option<&str>) -> Option<PathBuf> {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(path?).map(|dir| dir.join(&file)).find(|path| path.is_file())
}
