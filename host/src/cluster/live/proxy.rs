//! The proxy in front of a server.

use crate::cluster::ClusterError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use kubephase_core::address::Address;
use kubephase_core::connection::Connection;

/// A proxy. Its user and password are in no text.
#[derive(Clone)]
pub(super) struct Proxy {
    /// Its address, without a user.
    pub(super) url: Uri,
    /// What it is told of the user; none if its address names none.
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// A proxy by its address.
    ///
    /// # Errors
    /// [`ClusterError`] for what is no URL.
    fn of(address: &Address) -> Result<Self, ClusterError> {
        let url = address.url().parse();
        let url = url.map_err(|error| ClusterError::unavailable(format!("invalid proxy-url `{address}`: {error}")))?;
        let authorization = address.login().and_then(|login| {
            let decoded: Vec<u8> = percent_encoding::percent_decode_str(login).collect();
            let mut header = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(decoded))).ok()?;
            header.set_sensitive(true);
            Some(header)
        });
        Ok(Self { url, authorization })
    }
}

/// The proxy: the kubeconfig's always, else the environment's unless it excepts the server. kube itself matches `NO_PROXY`
/// against the proxy instead of the server.
///
/// # Errors
/// [`ClusterError`] for an address that is no URL.
pub(super) fn proxy_of(
    configured: Option<Address>,
    server: &Uri,
    connection: &Connection,
) -> Result<Option<Proxy>, ClusterError> {
    if let Some(address) = configured {
        return Proxy::of(&address).map(Some);
    }
    let environment = &connection.environment;
    let Some(address) = &environment.https_proxy else { return Ok(None) };
    let is_local = server.host().is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]");
    let matcher = Matcher::builder().https(address.url()).no(environment.no_proxy.clone().unwrap_or_default()).build();
    // As Go does, nothing on this machine is reached through a proxy of the environment.
    let intercepted = if is_local { None } else { matcher.intercept(server) };
    // The matcher adds the scheme where there is none.
    let proxy = |url: &Uri| Ok(Proxy { url: url.clone(), ..Proxy::of(address)? });
    intercepted.map(|intercept| proxy(intercept.uri())).transpose()
}
