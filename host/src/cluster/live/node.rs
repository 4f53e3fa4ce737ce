//! A server as a joining node reaches it: without a kubeconfig (`kubeadm/app/util/kubeconfig`).

use super::credentials::Credentials;
use super::entry::Pem;
use super::kubeconfig::Target;
use super::proxy::proxy_of;
use crate::cluster::ClusterError;
use crate::cluster::certificates::Certificates;
use kube::Config;
use kubephase_core::connection::{Connection, VersionUse};

/// How the server is verified.
#[derive(Debug, Clone, Copy)]
pub enum Vouching<'a> {
    /// Not at all: its certificate is ignored. Nothing secret may be sent.
    Nobody,
    /// By this certificate authority.
    Authority(&'a Certificates),
}

/// The credentials of a client.
#[derive(Clone, Copy)]
pub enum Login<'a> {
    /// No credentials.
    Anonymous,
    /// A bearer token.
    Bearer(&'a str),
    /// A client certificate and its key, both PEM.
    Certificate {
        /// The certificate.
        certificate: &'a str,
        /// The key.
        key: &'a str,
    },
}

impl Target {
    /// A server by its address. Only the proxy settings of the environment apply, like on a node.
    ///
    /// # Errors
    /// [`ClusterError`] for an address that is not a URL, and for a login to an unverified server.
    pub fn of_node(url: &str, vouching: Vouching<'_>, login: Login<'_>, connection: &Connection) -> Result<Self, ClusterError> {
        let mut skips = false;
        let authority = match vouching {
            Vouching::Authority(authority) => authority.clone(),
            Vouching::Nobody if matches!(login, Login::Anonymous) => {
                skips = true;
                Certificates::default()
            }
            Vouching::Nobody => return Err(ClusterError::unavailable("no credentials are sent to an unverified server")),
        };
        let odd = || ClusterError::unavailable(format!("the server `{url}` is not an address that starts with https://"));
        let uri = url.parse().ok().filter(|_| url.starts_with("https://")).ok_or_else(odd)?;
        let credentials = match login {
            Login::Anonymous => Credentials::default(),
            Login::Bearer(token) => Credentials::bearer(token)?,
            Login::Certificate { certificate, key } => {
                Credentials { certificate: Some((Pem::of_ours(certificate), Pem::of_ours(key))), ..Credentials::default() }
            }
        };
        let mut config = Config::new(uri);
        config.accept_invalid_certs = skips;
        // An empty list trusts no server; no list would trust the authorities of this machine.
        config.root_cert = Some(authority.der());
        let proxy = proxy_of(None, &config.cluster_url, connection)?;
        Ok(Self { config, url: url.to_owned(), certificate_authority: authority, proxy, credentials, version: VersionUse::None })
    }
}
