//! Why there is no engine to work with, each reason told apart and with what to do about it.

use super::context::shown;

/// Why there is no engine to work with. Displayed it is one sentence without a full stop; [`NoEngine::remedy`] is the next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoEngine {
    /// There is no `docker` program.
    #[error("Docker is not installed: there is no `docker` in PATH")]
    NotInstalled,
    /// WSL, and Docker Desktop does not reach into this distribution.
    #[error("Docker Desktop is not connected to this WSL distribution")]
    Wsl,
    /// Nothing listens where the engine should.
    #[error("Docker is not running: nothing answers at {}", shown(.host))]
    NotRunning {
        /// Where it was looked for.
        host: String,
    },
    /// `DOCKER_HOST` names a place where nothing answers.
    #[error("nothing answers at {}, which DOCKER_HOST names", shown(.host))]
    WrongHost {
        /// What it names.
        host: String,
    },
    /// The socket is there, but not for this user.
    #[error("you may not use Docker yet: permission denied at {socket}")]
    Permission {
        /// The socket's path.
        socket: String,
    },
    /// An engine on another machine does not answer.
    #[error("the Docker Engine at {} can't be reached: {cause}", shown(.host))]
    Unreachable {
        /// Its address.
        host: String,
        /// What the system said.
        cause: String,
    },
    /// An engine that grader can't speak to.
    #[error("grader can't use the Docker Engine at {}: {what} is not supported", shown(.host))]
    Unsupported {
        /// Its address.
        host: String,
        /// What it would need.
        what: &'static str,
        /// Whether `DOCKER_HOST` names it, which wins over all contexts.
        by_variable: bool,
    },
    /// A Docker context is named that does not exist.
    #[error("the Docker context `{context}` does not exist")]
    NoContext {
        /// Its name.
        context: String,
    },
    /// Something else answers as Docker.
    #[error("what answers at {} is {found}, not Docker Engine", shown(.host))]
    NotDocker {
        /// Its address.
        host: String,
        /// What it says it is.
        found: String,
    },
    /// The engine runs Windows containers.
    #[error("Docker runs Windows containers now")]
    WindowsContainers,
    /// A tool is there, but too old.
    #[error("{tool} {found} is too old: {needed} or newer is needed")]
    TooOld {
        /// `Docker Engine`, `Buildx` or `Docker Compose`.
        tool: &'static str,
        /// The version that is there.
        found: String,
        /// The oldest that will do.
        needed: &'static str,
    },
    /// `docker buildx` is missing.
    #[error("`docker buildx` is missing")]
    NoBuildx,
    /// `docker compose` is missing.
    #[error("`docker compose` is missing")]
    NoCompose,
    /// Only the old `docker-compose` program is there.
    #[error("only the old `docker-compose` is here, and `docker compose` is missing")]
    ComposeV1Only,
    /// Anything else.
    #[error("Docker does not answer as it should: {0}")]
    Failed(String),
}

impl NoEngine {
    /// What to do about it, in a sentence.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotInstalled => {
                "Install Docker Desktop, or Docker Engine on Linux: https://docs.docker.com/get-docker/"
            }
            Self::Wsl => {
                "In Docker Desktop, open Settings > Resources > WSL integration and switch this distribution on."
            }
            Self::WrongHost { .. } => "Unset DOCKER_HOST to use the engine of this machine, or correct it.",
            Self::NotRunning { .. } if cfg!(target_os = "linux") => {
                "Start it with `sudo systemctl start docker`, or start Docker Desktop if you use that."
            }
            Self::NotRunning { .. } => "Start Docker Desktop (or `colima start`) and wait until it says that it runs.",
            Self::Permission { .. } => {
                "Run `sudo usermod -aG docker $USER`, then log out and in again (or run `newgrp docker`)."
            }
            Self::Unreachable { .. } => "Look at DOCKER_HOST and `docker context ls`, and at the network.",
            Self::Unsupported { by_variable: true, .. } => {
                "Run grader on the machine where that engine runs, or unset DOCKER_HOST to use the one of this machine."
            }
            Self::Unsupported { .. } => {
                "Run grader on the machine where that engine runs, or choose a local one with `docker context use default`."
            }
            Self::NoContext { .. } => "See `docker context ls`, and choose one with `docker context use NAME`.",
            Self::NotDocker { .. } => "Install Docker Engine, or choose it with `docker context use NAME`.",
            Self::WindowsContainers => "In Docker Desktop's menu, choose \"Switch to Linux containers\".",
            Self::TooOld { .. } | Self::NoBuildx | Self::NoCompose if cfg!(target_os = "linux") => {
                "Update Docker from its own packages (docker-ce, docker-buildx-plugin, docker-compose-plugin): \
                 https://docs.docker.com/engine/install/"
            }
            Self::TooOld { .. } | Self::NoBuildx | Self::NoCompose => "Update Docker Desktop.",
            Self::ComposeV1Only => {
                "Install Compose v2 (the docker-compose-plugin package): https://docs.docker.com/compose/install/"
            }
            Self::Failed(_) => "Try `docker version`; if that fails too, restart Docker.",
        }
    }

    /// What is wrong and what to do, for one line, also behind a "because".
    pub fn sentence(&self) -> String {
        format!("{self}. {}", self.remedy())
    }
}
