//! One registry, asked over HTTP: bounded, with an anonymous token where it wants one.

use super::challenge::{AuthChallenge, challenges};
use super::location::Location;
use super::manifest::{MEDIA_TYPES, json};
use super::{Error, MAX_BODY, MOST_REDIRECTS};
use reqwest::header::{ACCEPT, HeaderMap, WWW_AUTHENTICATE};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response, Url};
use serde::Deserialize;

/// What came of a request.
#[derive(Debug)]
pub enum Fetched {
    /// It is there; its bytes, if they were asked for.
    There(Vec<u8>),
    /// There is no such thing.
    Missing,
    /// It is not for everybody, or not there: the registry does not say which.
    Refused,
}

/// Asks the registry of one image.
#[derive(Debug)]
pub struct Client<'a> {
    location: &'a Location,
    http: reqwest::Client,
    token: Option<String>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// Where a request is led to although grader does not go there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Forbidden(String);

impl<'a> Client<'a> {
    /// A client for the registry that has an image.
    pub fn new(location: &'a Location) -> Result<Self, Error> {
        let allows = location.clone();
        let policy = Policy::custom(move |attempt| {
            let url = attempt.url();
            if attempt.previous().len() > MOST_REDIRECTS {
                let why = Forbidden(format!("more than {MOST_REDIRECTS} other places one after the other"));
                return attempt.error(why);
            }
            if !allows.allows(url) {
                let why = Forbidden(place(url));
                return attempt.error(why);
            }
            attempt.follow()
        });
        // What is on this machine needs no proxy, and no certificates to be there.
        let builder =
            if location.base.scheme() == "http" { crate::http::plain().no_proxy() } else { crate::http::tls() };
        let agent = concat!("grader/", env!("CARGO_PKG_VERSION"));
        let http = builder.redirect(policy).referer(false).user_agent(agent).http1_only().build();
        // What can be missing to build it are the certificates of authorities.
        let http = http.map_err(|error| Error::Tls(root_cause(&error).to_string()))?;
        Ok(Self { location, http, token: None })
    }

    /// A manifest, by its tag or digest. Without `body` it is only asked whether it is there.
    pub async fn manifest(&mut self, reference: &str, body: bool) -> Result<Fetched, Error> {
        let method = if body { Method::GET } else { Method::HEAD };
        self.fetch(&method, &format!("v2/{}/manifests/{reference}", self.location.repository), MEDIA_TYPES).await
    }

    /// A blob.
    pub async fn blob(&mut self, digest: &str) -> Result<Fetched, Error> {
        self.fetch(&Method::GET, &format!("v2/{}/blobs/{digest}", self.location.repository), "*/*").await
    }

    async fn fetch(&mut self, method: &Method, path: &str, accept: &str) -> Result<Fetched, Error> {
        let mut response = self.request(method, path, accept)?.send().await.map_err(|error| failure(&error))?;
        if response.status().as_u16() == 401 && self.token.is_none() {
            let challenges = wanted(response.headers());
            match challenges.iter().find(|challenge| challenge.scheme == "bearer") {
                Some(bearer) => self.token = self.token(bearer).await?,
                None if challenges.iter().any(|challenge| challenge.scheme == "basic") => return Err(Error::Login),
                None => {}
            }
            if self.token.is_none() {
                return Ok(Fetched::Refused);
            }
            response = self.request(method, path, accept)?.send().await.map_err(|error| failure(&error))?;
        }
        match response.status().as_u16() {
            200..=299 => Ok(Fetched::There(body(response).await?)),
            // A name that no image can have there is one that is not there.
            400 | 404 => Ok(Fetched::Missing),
            401 | 403 => Ok(Fetched::Refused),
            status => Err(unexpected(status)),
        }
    }

    fn request(&self, method: &Method, path: &str, accept: &str) -> Result<RequestBuilder, Error> {
        let url = self.location.base.join(path).map_err(|error| Error::Unreachable(error.to_string()))?;
        let request = self.http.request(method.clone(), url).header(ACCEPT, accept);
        Ok(match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    }

    /// A token for everybody, from where the registry says; `None` if there is none for this image.
    async fn token(&self, challenge: &AuthChallenge) -> Result<Option<String>, Error> {
        let realm = challenge.parameters.get("realm").map_or("", String::as_str);
        let mut url =
            Url::parse(realm).map_err(|error| Error::Unreadable(format!("the address of its tokens: {error}")))?;
        if !self.location.allows(&url) {
            return Err(Error::Elsewhere(place(&url)));
        }
        let service = challenge.parameters.get("service").into_iter().map(|service| ("service", service.as_str()));
        // Several scopes stand in one parameter, but are asked for one by one.
        let scopes = challenge.parameters.get("scope").into_iter().flat_map(|scopes| scopes.split(' '));
        url.query_pairs_mut().extend_pairs(service.chain(scopes.map(|scope| ("scope", scope))));
        let response = self.http.get(url).send().await.map_err(|error| failure(&error))?;
        match response.status().as_u16() {
            200 => {
                let Token { token, access_token } = json(&body(response).await?)?;
                let token = token.or(access_token).filter(|token| !token.is_empty());
                token.map(Some).ok_or_else(|| Error::Unreadable("there is no token in it".to_owned()))
            }
            400 | 401 | 403 | 404 => Ok(None),
            status => Err(unexpected(status)),
        }
    }
}

fn unexpected(status: u16) -> Error {
    if status == 429 { Error::Busy } else { Error::Status(status) }
}

fn wanted(headers: &HeaderMap) -> Vec<AuthChallenge> {
    let headers = headers.get_all(WWW_AUTHENTICATE).iter();
    headers.filter_map(|header| header.to_str().ok()).flat_map(challenges).collect()
}

async fn body(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BODY {
            return Err(Error::Long);
        }
    }
    Ok(body)
}

/// Scheme and host of a URL: its path may be long.
fn place(url: &Url) -> String {
    format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Why nothing came back.
fn failure(error: &reqwest::Error) -> Error {
    let cause = root_cause(error);
    match cause.downcast_ref() {
        Some(Forbidden(place)) => Error::Elsewhere(place.clone()),
        None => Error::Unreachable(cause.to_string()),
    }
}

/// The cause of all causes says most.
fn root_cause(error: &reqwest::Error) -> &(dyn std::error::Error + 'static) {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause
}
