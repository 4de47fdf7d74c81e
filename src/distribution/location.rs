//! Where an image lies: the registry's address, the repository in it, and the tag or digest.

use crate::dockerfile::{Reference, split_domain};
use reqwest::Url;
use std::net::IpAddr;

/// The registry of images that name none.
const DOCKER_HUB: &str = "docker.io";
/// Where Docker Hub answers.
const DOCKER_HUB_HOST: &str = "registry-1.docker.io";

/// An image's place in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The registry, as people call it: `docker.io`, `localhost:5000`.
    pub registry: String,
    /// The repository: `library/python`.
    pub repository: String,
    /// The tag or the digest.
    pub reference: String,
    /// The registry's address, `https://registry-1.docker.io/`; without TLS only on this machine.
    pub base: Url,
}

/// What is wrong with an image's name; whose fault it is depends on who wrote it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// Docker refuses it.
    #[error("{0}")]
    Name(String),
    /// Its first part has capital letters, so it can only be a registry.
    #[error("Docker takes `{0}` for a registry; names of repositories are lower case")]
    Capitals(String),
    /// Its registry has no address.
    #[error("`{0}` is no address of a registry: {1}")]
    Address(String, String),
}

impl Location {
    /// Reads an image's name as Docker does.
    pub fn of(image: &str) -> Result<Self, LocationError> {
        let named = Reference::parse(image).map_err(LocationError::Name)?;
        let (domain, path) = split_domain(&named.image);
        let registry = match domain {
            None | Some("index.docker.io" | DOCKER_HUB_HOST) => DOCKER_HUB,
            // Capital letters make it a registry to Docker, but none has such an address.
            Some(domain) if !domain.contains(['.', ':']) && domain != "localhost" => {
                return Err(LocationError::Capitals(domain.to_owned()));
            }
            Some(domain) => domain,
        };
        let on_hub = registry == DOCKER_HUB;
        let host = if on_hub { DOCKER_HUB_HOST } else { registry };
        let base = |scheme: &str| {
            let url = Url::parse(&format!("{scheme}://{host}/"));
            url.map_err(|error| LocationError::Address(registry.to_owned(), error.to_string()))
        };
        let mut url = base("https")?;
        if is_loopback(&url) {
            url = base("http")?;
        }
        let library = if on_hub && !path.contains('/') { "library/" } else { "" };
        Ok(Self {
            registry: registry.to_owned(),
            repository: format!("{library}{path}"),
            reference: named.digest.or(named.tag).unwrap_or_else(|| "latest".to_owned()),
            base: url,
        })
    }

    /// Whether a URL may be asked on behalf of this registry: over TLS, or without if both are on this machine.
    pub fn allows(&self, url: &Url) -> bool {
        url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url) && is_loopback(&self.base))
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_found_where_docker_finds_them() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (image, base, repository, reference) in [
            ("python", "https://registry-1.docker.io/", "library/python", "latest"),
            ("docker.io/python:3.11", "https://registry-1.docker.io/", "library/python", "3.11"),
            ("jane/hello:1.0", "https://registry-1.docker.io/", "jane/hello", "1.0"),
            ("ghcr.io/jane/hello", "https://ghcr.io/", "jane/hello", "latest"),
            ("ghcr.io/hello", "https://ghcr.io/", "hello", "latest"),
            ("localhost:5000/a/b:tag", "http://localhost:5000/", "a/b", "tag"),
            ("localhost/a", "http://localhost/", "a", "latest"),
            ("localhost:443/a", "http://localhost:443/", "a", "latest"),
            ("127.8.0.1:80/a", "http://127.8.0.1/", "a", "latest"),
            ("[::1]:5000/a", "http://[::1]:5000/", "a", "latest"),
            ("localhost.example.com/a", "https://localhost.example.com/", "a", "latest"),
            ("10.0.0.1:5000/a", "https://10.0.0.1:5000/", "a", "latest"),
            (&format!("host.example/repo:1@{digest}"), "https://host.example/", "repo", &digest),
        ] {
            let location = Location::of(image).unwrap_or_else(|why| panic!("{image}: {why}"));
            let found = (location.base.as_str(), location.repository.as_str(), location.reference.as_str());
            assert_eq!(found, (base, repository, reference), "{image}");
        }
    }

    #[test]
    fn what_is_no_image_has_no_place() {
        for image in
            ["", "Jane/hello", "a b", "https://ghcr.io/a", "ghcr.io:99999/a", "[x@y]/a", "[x/y]/a", "a?b", "../a"]
        {
            assert!(Location::of(image).is_err(), "{image}");
        }
    }

    #[test]
    fn only_what_is_on_this_machine_is_asked_without_tls_and_only_by_what_is_there_too() {
        let [public, local] = ["ghcr.io/a", "localhost:5000/a"].map(|image| Location::of(image).unwrap());
        for (url, by_public, by_local) in [
            ("https://other.example/x", true, true),
            ("http://other.example/x", false, false),
            ("http://127.0.0.1:9/x", false, true),
            ("http://[::1]/x", false, true),
            ("ftp://localhost/x", false, false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!((public.allows(&url), local.allows(&url)), (by_public, by_local), "{url}");
        }
    }
}
