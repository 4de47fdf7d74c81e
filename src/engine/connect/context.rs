//! Which engine is meant: `DOCKER_HOST`, else the Docker context, as the Docker CLI decides it.
//!
//! The rules are those of docker/cli (`cli/command/cli.go`, `resolveContextName`; `cli/context/store`): `DOCKER_HOST` wins
//! over all contexts, then `DOCKER_CONTEXT`, then `currentContext` of `config.json`, then the default socket.

use crate::engine::NoEngine;
use crate::engine::image::digest::hex;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Where the engine listens when nothing else is said.
pub const DEFAULT_HOST: &str =
    if cfg!(windows) { "npipe:////./pipe/docker_engine" } else { "unix:///var/run/docker.sock" };
/// More than a context's description ever needs.
const MAX_FILE: u64 = 1 << 20;

/// The engine that is meant, and how the tools are told so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerEndpoint {
    /// Its address: `unix:///var/run/docker.sock`, `npipe:////./pipe/docker_engine`, `tcp://192.168.0.2:2375`.
    pub host: String,
    /// The Docker context's name; `default` where `DOCKER_HOST` or nothing names one. Also its builder's name.
    pub context: String,
    /// The Docker CLI's configuration directory.
    pub config: PathBuf,
    /// Whether `DOCKER_HOST` says it.
    pub from_host_variable: bool,
}

impl DockerEndpoint {
    /// The engine that these environment variables mean.
    pub fn resolve(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, NoEngine> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let config = variable("DOCKER_CONFIG")
            .map_or_else(|| std::env::home_dir().unwrap_or_default().join(".docker"), PathBuf::from);
        if let Some(host) = variable("DOCKER_HOST") {
            let tls = variable("DOCKER_TLS_VERIFY").is_some() || variable("DOCKER_TLS").is_some();
            if tls && !is_local(&host) {
                return Err(NoEngine::Unsupported { host, what: "TLS", by_variable: true });
            }
            let host = if host.contains("://") { host } else { format!("tcp://{host}") };
            return Self { host, context: "default".into(), config, from_host_variable: true }.supported();
        }
        let context = variable("DOCKER_CONTEXT").or_else(|| current_context(&config));
        let context = context.filter(|name| !name.is_empty()).unwrap_or_else(|| "default".into());
        let host = if context == "default" { DEFAULT_HOST.into() } else { host_of(&config, &context)? };
        Self { host, context, config, from_host_variable: false }.supported()
    }

    fn supported(self) -> Result<Self, NoEngine> {
        match self.host.split_once("://").map(|(scheme, _)| scheme) {
            Some("unix" | "npipe" | "tcp" | "http") => Ok(self),
            scheme => {
                let what = if scheme == Some("ssh") { "ssh" } else { "this kind of address" };
                Err(NoEngine::Unsupported { host: self.host, what, by_variable: self.from_host_variable })
            }
        }
    }

    /// The Docker CLI's own flags that mean this engine, whatever the environment says.
    pub fn flags(&self) -> Vec<OsString> {
        let (flag, value) = if self.from_host_variable { ("--host", &self.host) } else { ("--context", &self.context) };
        vec!["--config".into(), self.config.clone().into(), flag.into(), value.into()]
    }

    /// The path of its socket, if it is one.
    pub fn socket(&self) -> Option<&Path> {
        self.host.strip_prefix("unix://").map(Path::new)
    }

    /// The host and port of its address, if it is reached over the network.
    pub fn address(&self) -> Option<&str> {
        let (scheme, rest) = self.host.split_once("://")?;
        matches!(scheme, "tcp" | "http").then(|| rest.split('/').next().unwrap_or(rest))
    }

    /// Whether it runs on another machine: ports and mounts are not where this process can see them.
    pub fn is_remote(&self) -> bool {
        self.address().is_some_and(|_| !is_local(&self.host))
    }
}

/// An address as it may be shown: without the user and the password in it.
pub fn shown(host: &str) -> String {
    let (scheme, rest) = host.split_once("://").map_or(("", host), |(scheme, rest)| (scheme, rest));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    match authority.rsplit_once('@') {
        Some((_, name)) if scheme.is_empty() => format!("{name}{path}"),
        Some((_, name)) => format!("{scheme}://{name}{path}"),
        None => host.to_owned(),
    }
}

/// Whether an address means this machine.
fn is_local(host: &str) -> bool {
    let Some((scheme, rest)) = host.split_once("://") else { return false };
    if !matches!(scheme, "tcp" | "http") {
        return true;
    }
    let authority = rest.split('/').next().unwrap_or(rest);
    let name = authority.rsplit_once(':').map_or(authority, |(name, _)| name).trim_matches(['[', ']']);
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn current_context(config: &Path) -> Option<String> {
    let config: serde_json::Value = serde_json::from_slice(&read(&config.join("config.json"))?).ok()?;
    Some(config.get("currentContext")?.as_str()?.to_owned())
}

fn host_of(config: &Path, context: &str) -> Result<String, NoEngine> {
    let id = hex(&Sha256::digest(context.as_bytes()));
    let contexts = config.join("contexts");
    let missing = || NoEngine::NoContext { context: context.to_owned() };
    let meta = read(&contexts.join("meta").join(&id).join("meta.json")).ok_or_else(missing)?;
    let meta: serde_json::Value = serde_json::from_slice(&meta).map_err(|_| missing())?;
    let host = meta.pointer("/Endpoints/docker/Host").and_then(serde_json::Value::as_str).unwrap_or_default();
    let host = if host.is_empty() { DEFAULT_HOST } else { host }.to_owned();
    if contexts.join("tls").join(&id).join("docker").is_dir() && !is_local(&host) {
        return Err(NoEngine::Unsupported { host, what: "TLS", by_variable: false });
    }
    Ok(host)
}

fn read(path: &Path) -> Option<Vec<u8>> {
    // A pipe would be waited for.
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MAX_FILE).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(variables: &[(&str, &str)]) -> Result<DockerEndpoint, NoEngine> {
        DockerEndpoint::resolve(&|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    /// A configuration whose current context is `colima`.
    fn colima() -> tempfile::TempDir {
        let config = tempfile::tempdir().unwrap();
        fs::write(config.path().join("config.json"), r#"{"auths":{},"currentContext":"colima"}"#).unwrap();
        // printf colima | sha256sum
        let id = "f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16";
        let meta = config.path().join("contexts/meta").join(id);
        fs::create_dir_all(&meta).unwrap();
        let host = r#"{"Name":"colima","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///u/.colima/docker.sock"}}}"#;
        fs::write(meta.join("meta.json"), host).unwrap();
        config
    }

    #[test]
    fn the_current_context_is_honoured_and_docker_host_wins_over_it() {
        let config = colima();
        let path = config.path().to_str().unwrap();
        let found = resolve(&[("DOCKER_CONFIG", path)]).unwrap();
        assert_eq!((found.host.as_str(), found.context.as_str()), ("unix:///u/.colima/docker.sock", "colima"));
        assert_eq!(found.flags()[2..], ["--context", "colima"]);
        let found = resolve(&[("DOCKER_CONFIG", path), ("DOCKER_CONTEXT", "default")]).unwrap();
        assert_eq!(found.host, DEFAULT_HOST);
        let found = resolve(&[("DOCKER_CONFIG", path), ("DOCKER_HOST", "tcp://10.0.0.2:2375")]).unwrap();
        assert_eq!(found.flags()[2..], ["--host", "tcp://10.0.0.2:2375"]);
        assert!(found.is_remote());
        let missing = resolve(&[("DOCKER_CONFIG", path), ("DOCKER_CONTEXT", "gone")]).unwrap_err();
        assert!(matches!(missing, NoEngine::NoContext { context } if context == "gone"));
    }

    #[test]
    fn what_can_not_be_spoken_is_said() {
        for variables in [
            &[("DOCKER_HOST", "ssh://me@there")][..],
            &[("DOCKER_HOST", "tcp://there:2376"), ("DOCKER_TLS_VERIFY", "1")],
            &[("DOCKER_HOST", "fd://")],
        ] {
            assert!(matches!(resolve(variables), Err(NoEngine::Unsupported { .. })), "{variables:?}");
        }
    }

    #[test]
    fn advice_fits_what_names_the_engine_and_no_password_is_shown() {
        for (host, advice) in [
            ("ssh://jane:secret@there", "unset DOCKER_HOST"),
            ("fd://jane:sec@ret@there/x@y", "unset DOCKER_HOST"),
            ("jane:secret@there", "correct it"),
        ] {
            let error = match resolve(&[("DOCKER_HOST", host)]) {
                Err(error) => error,
                Ok(endpoint) => NoEngine::WrongHost { host: endpoint.host },
            };
            let told = error.sentence();
            assert!(told.contains("there") && !told.contains("sec") && !told.contains("jane"), "{told}");
            assert!(told.contains(advice), "{told}");
            assert!(!told.starts_with(char::is_uppercase), "it stands behind a `because`: {told}");
        }
        assert_eq!(shown("unix:///home/a@b/docker.sock"), "unix:///home/a@b/docker.sock");
        assert_eq!(shown("tcp://10.0.0.2:2375"), "tcp://10.0.0.2:2375");
    }

    #[test]
    fn loopback_is_not_remote() {
        for (host, remote) in [
            ("tcp://127.0.0.1:2375", false),
            ("tcp://[::1]:2375", false),
            ("tcp://localhost:2375/", false),
            ("unix:///run/docker.sock", false),
            ("tcp://docker:2375", true),
            ("192.168.0.2:2375", true),
        ] {
            assert_eq!(resolve(&[("DOCKER_HOST", host)]).unwrap().is_remote(), remote, "{host}");
        }
    }
}
