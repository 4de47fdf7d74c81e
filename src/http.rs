//! HTTP clients: one for ports of this machine, one that speaks TLS. reqwest panics without a provider of cryptography,
//! so no client is made elsewhere.

use reqwest::ClientBuilder;
use rustls::crypto::ring;

/// A client for plain HTTP. It trusts no authority, and so reads no certificates of the machine's.
pub fn plain() -> ClientBuilder {
    tls().tls_certs_only([])
}

/// A client that trusts the authorities that the machine trusts; it can't be built where there are none.
pub fn tls() -> ClientBuilder {
    let _ = ring::default_provider().install_default(); // the error is that there is one already
    #[allow(clippy::disallowed_methods)] // the provider is set
    reqwest::Client::builder()
}
