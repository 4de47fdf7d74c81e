//! What `docker run` and `docker create` start: its ports, mounts, networks and environment.

mod mount;
mod port;

pub use mount::Mount;
pub use port::Port;

use super::error::Error;
use super::invocation::{GivenOption, Invocation};
use super::program::inside;
use super::word::ShellWord;
use crate::dockerfile::{Reference, Span};
use std::borrow::Cow;

/// A `docker run` or `docker create`.
#[derive(Debug, Clone, Copy)]
pub struct NewContainer<'a> {
    /// The command.
    pub invocation: &'a Invocation,
    /// The folder in which it is carried out.
    pub folder: &'a str,
}

/// A value with its place.
pub type AtPlace<T> = (T, Span);

impl<'a> NewContainer<'a> {
    /// The command, if it starts or creates a container.
    pub fn of(invocation: &'a Invocation, folder: &'a str) -> Option<Self> {
        matches!(invocation.verb.name, "run" | "create").then_some(Self { invocation, folder })
    }

    /// The name of the image, as written.
    pub fn image(&self) -> Option<&'a ShellWord> {
        self.invocation.operands.first()
    }

    /// The image, if its name is one.
    pub fn reference(&self) -> Option<Reference> {
        Reference::parse(&self.image()?.known()?).ok()
    }

    /// The command that the container runs in place of its image's.
    pub fn command(&self) -> &'a [ShellWord] {
        self.invocation.operands.get(1..).unwrap_or_default()
    }

    /// The last value of an option.
    pub fn text(&self, option: &str) -> Option<AtPlace<Cow<'a, str>>> {
        self.invocation.option(option).map(|given| (given.value.text(), given.span))
    }

    /// The networks that it joins; none means the default bridge.
    pub fn networks(&self) -> Vec<AtPlace<String>> {
        self.both("network", "net").map(|given| (network_name(&given.value.text()), given.span)).collect()
    }

    /// Its other names on these networks.
    pub fn aliases(&self) -> Vec<AtPlace<String>> {
        let own = self.both("network-alias", "net-alias").map(|given| (given.value.text().into_owned(), given.span));
        let long = self.both("network", "net").flat_map(|given| {
            let text = given.value.text().into_owned();
            let fields = text.split(',').filter_map(|field| field.strip_prefix("alias=").map(str::to_owned));
            fields.map(|alias| (alias, given.span)).collect::<Vec<_>>()
        });
        own.chain(long).collect()
    }

    fn both(&self, one: &'a str, other: &'a str) -> impl Iterator<Item = &'a GivenOption> {
        self.invocation.options.iter().filter(move |given| given.flag.name == one || given.flag.name == other)
    }

    /// Its own variables; one without a value takes that of the client's environment.
    pub fn environment(&self) -> Vec<(String, Option<String>, Span)> {
        let pairs = self.invocation.values("env").map(|given| {
            let text = given.value.text();
            match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned()), given.span),
                None => (text.into_owned(), None, given.span),
            }
        });
        pairs.collect()
    }

    /// The ports that it publishes.
    ///
    /// # Errors
    /// Returns the first that isn't one.
    pub fn ports(&self) -> Result<Vec<AtPlace<Port>>, Error> {
        let mut ports = Vec::new();
        for given in self.invocation.values("publish").filter(|given| given.value.known().is_some()) {
            let read = port::read(&given.value.text()).map_err(|error| at(given, error))?;
            ports.extend(read.into_iter().map(|port| (port, given.span)));
        }
        Ok(ports)
    }

    /// Its mounts, those of `-v`, `--mount` and `--tmpfs`.
    ///
    /// # Errors
    /// Returns the first that isn't one.
    pub fn mounts(&self) -> Result<Vec<AtPlace<Mount>>, Error> {
        let mut mounts = Vec::new();
        for given in &self.invocation.options {
            let text = given.value.path();
            let mut mount = match given.flag.name {
                "volume" => mount::short(&text),
                "mount" => mount::long(&text),
                "tmpfs" => Ok(mount::in_memory(&text)),
                _ => continue,
            }
            .map_err(|error| at(given, error))?;
            let is_whole = given.value.pieces.iter().any(|piece| matches!(piece, super::WordPiece::Folder(_)));
            if mount.kind == "bind" && !is_whole && !self.folder.is_empty() {
                let source = mount.source.as_deref().filter(|source| source.starts_with('.'));
                let joined = source.and_then(|source| inside(self.folder, source, given.span).ok());
                mount.source = joined.map(|path| format!("./{path}")).or(mount.source);
            }
            mounts.push((mount, given.span));
        }
        Ok(mounts)
    }
}

/// An option's value that isn't what it should be: what it is, and what to write.
fn at(given: &GivenOption, (message, help): (String, &str)) -> Error {
    Error::new(given.span, message).help(help)
}

/// The network of `--network`, whose long form has its name in a field.
fn network_name(text: &str) -> String {
    let name = text.split(',').find_map(|field| field.strip_prefix("name="));
    name.unwrap_or(text).to_owned()
}
