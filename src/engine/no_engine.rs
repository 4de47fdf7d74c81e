//! Why there is no engine to work with, each reason told apart and with what to do about it.

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
    #[error("Docker is not running: nothing answers at {host}")]
    NotRunning {
        /// Where it was looked for.
        host: String,
    },
    /// `DOCKER_HOST` names a place where nothing answers.
    #[error("nothing answers at {host}, which DOCKER_HOST names")]
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
    #[error("the Docker Engine at {host} can't be reached: {cause}")]
    Unreachable {
        /// Its address.
        host: String,
        /// What the system said.
        cause: String,
    },
    /// An engine that grader can't speak to.
    #[error("grader can't use the Docker Engine at {host}: {what} is not supported")]
    Unsupported {
        /// Its address.
        host: String,
        /// What it would need.
        what: &'static str,
    },
    /// A Docker context is named that does not exist.
    #[error("the Docker context `{context}` does not exist")]
    NoContext {
        /// Its name.
        context: String,
    },
    /// Something else answers as Docker.
    #[error("what answers at {host} is {found}, not Docker Engine")]
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

    /// What is wrong and what to do, to follow `because` or a colon.
    pub fn clause(&self) -> String {
        format!("{self}. {}", self.remedy())
    }

    /// What is wrong and what to do, for one line.
    pub fn sentence(&self) -> String {
        let said = self.to_string();
        let mut letters = said.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        let capital = if said.starts_with("grader") { said } else { first + letters.as_str() };
        format!("{capital}. {}", self.remedy())
    }
}
