//! The server and the credentials: the kubeconfig, overridden by kubectl's flags (`client-go/tools/clientcmd/client_config.go`).

use super::credentials::Credentials;
use super::entry::{Entry, Pem, Sort};
use super::exec::EXTENSION;
use super::merged::Merged;
use super::proxy::{Proxy, proxy_of};
use crate::cluster::ClusterError;
use crate::cluster::certificates::Certificates;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, Uri};
use kube::Config;
use kubephase_core::address::Address;
use kubephase_core::connection::{Compression, Connection, TlsVerification, VersionUse};
use kubephase_core::question::Server;
use serde_json::{Map, Value, json};

/// kubectl's default server.
const DEFAULT_SERVER: &str = "http://localhost:8080";

/// A server and how to reach it.
pub struct Target {
    pub(super) config: Config,
    pub(super) url: String,
    pub(super) certificate_authority: Certificates,
    pub(super) proxy: Option<Proxy>,
    pub(super) credentials: Credentials,
    pub(super) version: VersionUse,
}

/// A cluster of the kubeconfig, overridden by the flags.
struct Setting {
    /// The configured address; `None` if there is none.
    address: Option<Address>,
    proxy: Option<Address>,
    tls_server_name: Option<String>,
    verification: TlsVerification,
    authority: Option<Pem>,
    compression: Compression,
    /// Additional information for a plugin.
    extension: Option<Value>,
}

impl Target {
    /// Reads the kubeconfig and applies the flags. Only the entries in use are checked.
    ///
    /// # Errors
    /// [`ClusterError`] for a missing or malformed file, for a context, cluster or user that does not exist, and for an entry
    /// that kubectl would not use.
    pub fn resolve(connection: &Connection) -> Result<Self, ClusterError> {
        let merged = Merged::load(&connection.kubeconfig)?;
        if !merged.has_any(Sort::Cluster) && connection.server.is_none() && connection.environment.service_host.is_some() {
            return Self::in_cluster(connection);
        }
        let (cluster, user) = select(&merged, connection)?;
        let setting = Setting::of(&cluster, connection)?;
        let given = setting.address.clone().or_else(|| connection.environment.master.clone());
        let uri = reached(given.as_ref())?;
        let authority = setting.authority.as_ref().map(readable).transpose()?;
        let mut config = Config::new(uri);
        config.root_cert = authority.as_ref().map(Certificates::der);
        config.accept_invalid_certs = setting.verification == TlsVerification::Skip;
        config.disable_compression = setting.compression == Compression::Disabled;
        config.tls_server_name.clone_from(&setting.tls_server_name);
        config.headers.extend(trace(connection));
        let login = given.as_ref().and_then(Address::login);
        let credentials = Credentials::of(&user, login, || setting.told(&config.cluster_url), connection)?;
        credentials.impersonation.add_to(&mut config);
        let proxy = proxy_of(setting.proxy, &config.cluster_url, connection)?;
        // kubectl's default is an address to try, not one to give to nodes.
        let url = given.map(|address| address.or_https().url().to_owned()).unwrap_or_default();
        let certificate_authority = authority.unwrap_or_default();
        let (credentials, version) = (credentials.over(&config.cluster_url), connection.version);
        Ok(Self { credentials, version, config, url, certificate_authority, proxy })
    }

    /// The service account of the pod that this process runs in. Only the token and authority flags apply, like in client-go.
    fn in_cluster(connection: &Connection) -> Result<Self, ClusterError> {
        let mut config = Config::incluster().map_err(ClusterError::unavailable)?;
        config.headers.extend(trace(connection));
        let url = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        // kube would read the file again, in its own way.
        let file = connection.certificate_authority.clone().or_else(|| config.root_cert_file.take());
        config.root_cert_file = None;
        let authority = file.map(|file| readable(&Pem::of_flag("certificate-authority", &file)?)).transpose()?;
        config.root_cert = authority.as_ref().map(Certificates::der);
        let user = std::mem::take(&mut config.auth_info);
        let credentials = match (&connection.token, user.token_file) {
            (Some(token), _) => Credentials::bearer(token)?,
            (None, Some(file)) => Credentials::token_file(file.into())?,
            (None, None) => Credentials::default(),
        };
        Ok(Self {
            url,
            config,
            certificate_authority: authority.unwrap_or_default(),
            proxy: None,
            credentials,
            version: connection.version,
        })
    }

    /// Whether a server is configured: by a kubeconfig, a flag, or the pod that this process runs in.
    #[must_use]
    pub const fn is_configured(&self) -> bool {
        !self.url.is_empty()
    }

    /// Whether a proxy stands before the server.
    #[must_use]
    pub const fn has_proxy(&self) -> bool {
        self.proxy.is_some()
    }

    /// The name of the user that asks: the one of `--as`, or of the entry in the kubeconfig.
    ///
    /// # Errors
    /// Like [`Target::resolve`].
    pub fn user(connection: &Connection) -> Result<Option<String>, ClusterError> {
        let (_, user) = select(&Merged::load(&connection.kubeconfig)?, connection)?;
        Ok(connection.impersonate.clone().or_else(|| Some(user.name).filter(|name| !name.is_empty())))
    }

    /// The server as a phase sees it; its version is not known yet.
    #[must_use]
    pub fn server(&self) -> Server {
        Server {
            version: String::new(),
            url: self.url.clone(),
            certificate_authority: self.certificate_authority.text().to_owned(),
            certificate_authority_pins: self.certificate_authority.pins(),
        }
    }

    /// `HOST:PORT`, as kubectl names a server in its errors. It never contains a login.
    pub(super) fn host(&self) -> String {
        self.config.cluster_url.authority().map_or_else(|| self.url.clone(), ToString::to_string)
    }
}

impl Setting {
    /// The cluster, overridden by the flags.
    fn of(cluster: &Entry, connection: &Connection) -> Result<Self, ClusterError> {
        let skips = connection.tls_verification == TlsVerification::Skip;
        let authority = match &connection.certificate_authority {
            Some(file) => Some(Pem::of_flag("certificate-authority", file)?),
            // Both flags override the kubeconfig's authority.
            None if skips => None,
            None => cluster.pem("certificate-authority", &["--certificate-authority", "FILE", "--embed-certs"])?,
        };
        let is_told = skips || connection.certificate_authority.is_some();
        let is_skipped = if is_told { skips } else { cluster.flag("insecure-skip-tls-verify")? };
        if is_skipped && authority.is_some() {
            let what = "a certificate authority cannot be combined with insecure-skip-tls-verify";
            return Err(cluster.odd(what, format!("remove it with `{}`", cluster.unset("insecure-skip-tls-verify"))));
        }
        let address = match &connection.server {
            Some(server) => Some(server.clone()),
            None => cluster.text("server")?.as_deref().map(Address::of),
        };
        let proxy = match &connection.proxy {
            Some(proxy) => Some(proxy.clone()),
            None => cluster.text("proxy-url")?.as_deref().map(Address::of),
        };
        // The server name belongs to the server beside it.
        let tls_server_name = match (&connection.tls_server_name, &connection.server) {
            (Some(name), _) => Some(name.clone()),
            (None, Some(_)) => None,
            (None, None) => cluster.text("tls-server-name")?,
        };
        let is_plain = connection.compression == Compression::Disabled || cluster.flag("disable-compression")?;
        Ok(Self {
            address,
            proxy,
            tls_server_name,
            verification: if is_skipped { TlsVerification::Skip } else { TlsVerification::AsConfigured },
            authority,
            compression: if is_plain { Compression::Disabled } else { Compression::AsConfigured },
            extension: extension(cluster)?,
        })
    }

    /// The cluster information for a credential plugin (`clientauthentication.k8s.io`).
    fn told(&self, uri: &Uri) -> Value {
        let server = self.address.as_ref().map_or_else(|| uri.to_string(), |address| address.with_login().to_string());
        let mut told = Map::from_iter([("server".to_owned(), json!(server))]);
        let authority = self.authority.as_ref().map(|pem| json!(STANDARD.encode(&pem.bytes)));
        let yes = |is: bool| is.then_some(json!(true));
        for (name, value) in [
            ("tls-server-name", self.tls_server_name.as_ref().map(|name| json!(name))),
            ("insecure-skip-tls-verify", yes(self.verification == TlsVerification::Skip)),
            ("certificate-authority-data", authority),
            ("proxy-url", self.proxy.as_ref().map(|proxy| json!(proxy.with_login().as_str()))),
            ("disable-compression", yes(self.compression == Compression::Disabled)),
            ("config", self.extension.clone()),
        ] {
            if let Some(value) = value {
                told.insert(name.to_owned(), value);
            }
        }
        Value::Object(told)
    }
}

/// The header by which the spans of an API server hang below that of whoever runs this.
fn trace(connection: &Connection) -> Option<(HeaderName, HeaderValue)> {
    let trace = connection.environment.trace.as_ref()?;
    Some((HeaderName::from_static("traceparent"), HeaderValue::from_str(trace.as_str()).ok()?))
}

/// The part of a cluster entry that is meant for credential plugins.
fn extension(cluster: &Entry) -> Result<Option<Value>, ClusterError> {
    let items = cluster.items("extensions")?;
    let found = items.iter().find(|item| item.get("name").and_then(Value::as_str) == Some(EXTENSION));
    Ok(found.and_then(|item| item.get("extension").cloned()))
}

/// The URL for requests. An address without a scheme means plain HTTP, like in kubectl.
fn reached(address: Option<&Address>) -> Result<Uri, ClusterError> {
    let url = match address.map(Address::url) {
        None => DEFAULT_SERVER.to_owned(),
        Some(url) if url.contains("://") => url.to_owned(),
        Some(url) => format!("http://{url}"),
    };
    let uri = url.parse::<Uri>().ok().filter(|uri| uri.authority().is_some_and(|authority| !authority.host().is_empty()));
    let invalid = || ClusterError::unavailable(format!("the server's address `{url}` is not a URL like https://HOST:PORT"));
    let uri = uri.ok_or_else(invalid)?;
    match uri.scheme_str() {
        Some("http" | "https") => Ok(uri),
        _ => {
            Err(ClusterError::unavailable(format!("the server's address `{url}` starts neither with https:// nor with http://")))
        }
    }
}

/// The cluster and the user of the context, each replaced by the one that a flag names.
fn select(merged: &Merged, connection: &Connection) -> Result<(Entry, Entry), ClusterError> {
    let missing = |sort: &str, name: &str| ClusterError::unavailable(format!("{sort} \"{name}\" does not exist"));
    let name = match &connection.context {
        Some(name) => Some(name.clone()),
        None => merged.current()?,
    };
    let context = match name {
        None => Entry::empty(Sort::Context),
        Some(name) => merged.find(Sort::Context, &name)?.cloned().ok_or_else(|| missing("context", &name))?,
    };
    context.text("namespace")?;
    let named = |flag: &Option<String>, field| match flag {
        Some(name) => Ok(Some(name.clone())),
        None => context.text(field),
    };
    let cluster_name = named(&connection.cluster, "cluster")?.unwrap_or_default();
    let cluster = match merged.find(Sort::Cluster, &cluster_name)? {
        Some(cluster) => cluster.clone(),
        None if cluster_name.is_empty() => Entry::empty(Sort::Cluster),
        None => return Err(missing("cluster", &cluster_name)),
    };
    let user_name = named(&connection.user, "user")?.unwrap_or_default();
    let user = match merged.find(Sort::User, &user_name)? {
        Some(user) => user.clone(),
        None if connection.user.is_some() => return Err(missing("auth info", &user_name)),
        None => Entry::empty(Sort::User),
    };
    Ok((cluster, user))
}

/// The certificates of an authority, of which there must be at least one.
fn readable(pem: &Pem) -> Result<Certificates, ClusterError> {
    let authority = Certificates::read(&pem.bytes);
    if authority.is_empty() {
        let why = authority.flaw().map_or_else(|| "it contains no certificate".to_owned(), ToString::to_string);
        return Err(pem.odd(format!("unable to load the certificate authority: {why}")));
    }
    Ok(authority)
}
