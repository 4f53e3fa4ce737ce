//! A server as a joining node reaches it: without a kubeconfig (`kubeadm/app/util/kubeconfig`).

use super::credentials::Credentials;
use super::entry::Pem;
use super::kubeconfig::Target;
use super::proxy::proxy_of;
use crate::cluster::ClusterError;
use crate::cluster::certificates::Certificates;
use kube::Config;
use kubephase_core::connection::{Connection, VersionUse};

/// Who vouches for the server.
#[derive(Debug, Clone, Copy)]
pub enum Vouching<'a> {
    /// Nobody: its certificate is not looked at. Nothing secret may be sent there.
    Nobody,
    /// This authority.
    Authority(&'a Certificates),
}

/// As whom.
#[derive(Clone, Copy)]
pub enum Login<'a> {
    /// As nobody in particular.
    Anonymous,
    /// With a token.
    Bearer(&'a str),
    /// With a certificate and its key, both PEM.
    Certificate {
        /// The certificate.
        certificate: &'a str,
        /// The key.
        key: &'a str,
    },
}

impl Target {
    /// A server by its address. Of the connection only what the environment says of proxies counts, as for a node.
    ///
    /// # Errors
    /// [`ClusterError`] for an address that is no URL. A login is refused where nobody vouches for the server.
    pub fn of_node(url: &str, vouching: Vouching<'_>, login: Login<'_>, connection: &Connection) -> Result<Self, ClusterError> {
        let mut skips = false;
        let authority = match vouching {
            Vouching::Authority(authority) => authority.clone(),
            Vouching::Nobody if matches!(login, Login::Anonymous) => {
                skips = true;
                Certificates::default()
            }
            Vouching::Nobody => return Err(ClusterError::unavailable("no login is sent to a server that nobody vouches for")),
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
        // Without a certificate in it nobody is trusted; with none at all it would be whom this machine trusts.
        config.root_cert = Some(authority.der());
        let proxy = proxy_of(None, &config.cluster_url, connection)?;
        Ok(Self { config, url: url.to_owned(), certificate_authority: authority, proxy, credentials, version: VersionUse::None })
    }
}
