//! Which server, as whom: the kubeconfig with kubectl's flags on top (`client-go/tools/clientcmd`).

use super::bounded;
use crate::cluster::ClusterError;
use crate::cluster::pin::pins;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper_util::client::proxy::matcher::Matcher;
use kube::Config;
use kube::config::{
    AuthInfo, Cluster, Context, KubeConfigOptions, Kubeconfig, KubeconfigError, NamedAuthInfo, NamedCluster, NamedContext,
};
use kubephase_core::connection::{Connection, KubeconfigSource, TlsVerification};
use kubephase_core::question::Server;
use secrecy::SecretString;
use std::path::Path;

/// Where kubectl looks if nothing says otherwise.
const DEFAULT_SERVER: &str = "http://localhost:8080";

/// A server and how to reach it.
pub struct Target {
    pub(super) config: Config,
    pub(super) url: String,
    pub(super) certificate_authority: String,
}

impl Target {
    /// Reads the kubeconfig and puts the flags on top.
    ///
    /// # Errors
    /// [`ClusterError`] for a file that is missing or malformed, and for a context, cluster or user that does not exist.
    pub fn resolve(connection: &Connection) -> Result<Self, ClusterError> {
        let kubeconfig = load(&connection.kubeconfig)?;
        if kubeconfig.clusters.is_empty() && connection.server.is_none() && connection.environment.service_host.is_some() {
            return Self::in_cluster();
        }
        let (mut cluster, mut user, namespace) = select(&kubeconfig, connection)?;
        override_cluster(&mut cluster, connection);
        override_user(&mut user, connection);

        // kubectl's default is a place to look for a server, not one to tell nodes of.
        let url = cluster.server.clone().filter(|server| !server.is_empty());
        cluster.server = Some(url.clone().unwrap_or_else(|| DEFAULT_SERVER.to_owned()));
        let url = url.unwrap_or_default();
        let certificate_authority = authority_text(&cluster)?;
        let proxy = cluster.proxy_url.take().filter(|proxy| !proxy.is_empty());
        let mut config = config(cluster, user, namespace)?;
        config.proxy_url = proxy_of(proxy, &config.cluster_url, connection)?;
        Ok(Self { config, url, certificate_authority })
    }

    /// The service account of the pod that we run in.
    fn in_cluster() -> Result<Self, ClusterError> {
        let config = Config::incluster().map_err(ClusterError::unavailable)?;
        let url = config.cluster_url.to_string();
        let certificate_authority = match &config.root_cert_file {
            Some(file) => read(file)?,
            None => String::new(),
        };
        Ok(Self { url: url.trim_end_matches('/').to_owned(), config, certificate_authority })
    }

    /// Whether anything says where a server is: a kubeconfig, a flag, or the pod that we run in.
    #[must_use]
    pub const fn is_configured(&self) -> bool {
        !self.url.is_empty()
    }

    /// What a phase is told of the server; its version is not known yet.
    #[must_use]
    pub fn server(&self) -> Server {
        Server {
            version: String::new(),
            url: self.url.clone(),
            certificate_authority: self.certificate_authority.clone(),
            certificate_authority_pins: pins(&self.certificate_authority),
        }
    }

    /// `HOST:PORT`, as kubectl names a server in its errors.
    pub(super) fn host(&self) -> String {
        self.config.cluster_url.authority().map_or_else(|| self.url.clone(), ToString::to_string)
    }
}

/// The contexts of a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contexts {
    /// The one in use; none if there is none.
    pub current: Option<String>,
    /// All of them, in the order of the files.
    pub all: Vec<String>,
}

impl Contexts {
    /// Reads the kubeconfig.
    ///
    /// # Errors
    /// [`ClusterError`] for a file that is missing or malformed.
    pub fn read(connection: &Connection) -> Result<Self, ClusterError> {
        let kubeconfig = load(&connection.kubeconfig)?;
        let current = kubeconfig.current_context.filter(|name| !name.is_empty());
        Ok(Self { current, all: kubeconfig.contexts.into_iter().map(|context| context.name).collect() })
    }
}

fn load(source: &KubeconfigSource) -> Result<Kubeconfig, ClusterError> {
    let read = |path: &Path| {
        let failed = |error| load_error(path, &error);
        let bytes = bounded::read(path).map_err(|error| failed(KubeconfigError::ReadConfig(error, path.to_owned())))?;
        // What is no file can be read only once; there is no folder either that paths in it start from.
        let parsed =
            if path.is_file() { Kubeconfig::read_from(path) } else { Kubeconfig::from_yaml(&String::from_utf8_lossy(&bytes)) };
        parsed.map_err(failed)
    };
    match source {
        KubeconfigSource::File(path) if !path.exists() => {
            Err(ClusterError::unavailable(format!("stat {}: no such file or directory", path.display())))
        }
        KubeconfigSource::File(path) => read(path),
        KubeconfigSource::Files(paths) => {
            let present = paths.iter().filter(|path| path.exists());
            present
                .map(|path| read(path))
                .try_fold(Kubeconfig::default(), |merged, next| merged.merge(next?).map_err(ClusterError::unavailable))
        }
    }
}

/// The file and the reason, once. kube's own text holds the file as well.
fn load_error(path: &Path, error: &KubeconfigError) -> ClusterError {
    use KubeconfigError::{Parse, ReadConfig};
    let cause = match error {
        ReadConfig(source, _) => source.to_string(),
        // The first line; the others quote the file, which holds credentials.
        Parse(source) => source.to_string().lines().next().unwrap_or_default().to_owned(),
        other => other.to_string(),
    };
    ClusterError::unavailable(format!("error loading config file \"{}\": {cause}", path.display()))
}

/// The cluster and user of the context, each replaced by the one that a flag names.
fn select(kubeconfig: &Kubeconfig, connection: &Connection) -> Result<(Cluster, AuthInfo, Option<String>), ClusterError> {
    let missing = |sort: &str, name: &str| ClusterError::unavailable(format!("{sort} \"{name}\" does not exist"));
    let current = kubeconfig.current_context.as_ref().filter(|name| !name.is_empty());
    let context = match connection.context.as_ref().or(current) {
        None => Context::default(),
        Some(name) => {
            let found = kubeconfig.contexts.iter().find(|context| context.name == *name);
            found.and_then(|context| context.context.clone()).ok_or_else(|| missing("context", name))?
        }
    };
    let cluster_name = connection.cluster.as_ref().unwrap_or(&context.cluster);
    let cluster = kubeconfig.clusters.iter().find(|cluster| cluster.name == *cluster_name);
    let cluster = match cluster.and_then(|cluster| cluster.cluster.clone()) {
        Some(cluster) => cluster,
        None if cluster_name.is_empty() => Cluster::default(),
        None => return Err(missing("cluster", cluster_name)),
    };
    let user_name = connection.user.as_ref().or(context.user.as_ref()).filter(|name| !name.is_empty());
    let user = match user_name {
        None => AuthInfo::default(),
        Some(name) => match kubeconfig.auth_infos.iter().find(|user| user.name == *name) {
            Some(user) => user.auth_info.clone().unwrap_or_default(),
            None if connection.user.is_some() => return Err(missing("auth info", name)),
            None => AuthInfo::default(),
        },
    };
    Ok((cluster, user, context.namespace))
}

fn override_cluster(cluster: &mut Cluster, connection: &Connection) {
    if let Some(server) = &connection.server {
        let has_scheme = server.contains("://");
        cluster.server = Some(if has_scheme { server.clone() } else { format!("https://{server}") });
    }
    if let Some(file) = &connection.certificate_authority {
        cluster.certificate_authority = Some(file.to_string_lossy().into_owned());
        cluster.certificate_authority_data = None;
    }
    if connection.tls_verification == TlsVerification::Skip {
        cluster.insecure_skip_tls_verify = Some(true);
    }
    if let Some(name) = &connection.tls_server_name {
        cluster.tls_server_name = Some(name.clone());
    }
}

fn override_user(user: &mut AuthInfo, connection: &Connection) {
    if let Some(token) = &connection.token {
        // kubectl lets a token on the command line win over every other way to log in.
        *user = AuthInfo {
            token: Some(SecretString::from(token.as_str())),
            client_certificate: user.client_certificate.take(),
            client_certificate_data: user.client_certificate_data.take(),
            client_key: user.client_key.take(),
            client_key_data: user.client_key_data.take(),
            ..AuthInfo::default()
        };
    }
    let path = |file: &std::path::PathBuf| Some(file.to_string_lossy().into_owned());
    if let Some(file) = &connection.client_certificate {
        (user.client_certificate, user.client_certificate_data) = (path(file), None);
    }
    if let Some(file) = &connection.client_key {
        (user.client_key, user.client_key_data) = (path(file), None);
    }
    if let Some(name) = &connection.impersonate {
        user.impersonate = Some(name.clone());
    }
    if !connection.impersonate_groups.is_empty() {
        user.impersonate_groups = Some(connection.impersonate_groups.clone());
    }
}

/// The certificate authority as it stands in the file, which is what kubeadm copies into `cluster-info`.
fn authority_text(cluster: &Cluster) -> Result<String, ClusterError> {
    if let Some(data) = cluster.certificate_authority_data.as_ref().filter(|data| !data.is_empty()) {
        let decoded = STANDARD.decode(data).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        return decoded.ok_or_else(|| ClusterError::unavailable("certificate-authority-data is not PEM in base64"));
    }
    match cluster.certificate_authority.as_ref().filter(|file| !file.is_empty()) {
        Some(file) => read(Path::new(file)),
        None => Ok(String::new()),
    }
}

fn read(file: &Path) -> Result<String, ClusterError> {
    let no_text = |error| std::io::Error::new(std::io::ErrorKind::InvalidData, error);
    bounded::read(file)
        .and_then(|bytes| String::from_utf8(bytes).map_err(no_text))
        .map_err(|error| ClusterError::unavailable(format!("unable to read certificate-authority {}: {error}", file.display())))
}

/// kube's configuration for one cluster and user, whose names do not matter any more.
pub(super) fn config(cluster: Cluster, user: AuthInfo, namespace: Option<String>) -> Result<Config, ClusterError> {
    let name = "selected".to_owned();
    let context = Context { cluster: name.clone(), user: Some(name.clone()), namespace, ..Context::default() };
    let single = Kubeconfig {
        clusters: vec![NamedCluster { name: name.clone(), cluster: Some(cluster), ..NamedCluster::default() }],
        auth_infos: vec![NamedAuthInfo { name: name.clone(), auth_info: Some(user), ..NamedAuthInfo::default() }],
        contexts: vec![NamedContext { name: name.clone(), context: Some(context), ..NamedContext::default() }],
        current_context: Some(name),
        ..Kubeconfig::default()
    };
    // Asynchronous in its signature only.
    let config = futures_now(Config::from_custom_kubeconfig(single, &KubeConfigOptions::default()));
    config.map_err(|error| ClusterError::unavailable(innermost(&error)))
}

/// The result of a future that never waits.
fn futures_now<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    #[expect(clippy::expect_used, reason = "a runtime without drivers allocates memory only")]
    runtime.expect("a runtime without drivers").block_on(future)
}

/// The last cause of an error, which kube's outer texts repeat.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// The proxy: the kubeconfig's always, else the environment's unless it excepts the server. kube itself matches `NO_PROXY`
/// against the proxy instead of the server.
pub(super) fn proxy_of(
    configured: Option<String>,
    server: &http::Uri,
    connection: &Connection,
) -> Result<Option<http::Uri>, ClusterError> {
    if let Some(proxy) = configured {
        let invalid = |error| ClusterError::unavailable(format!("invalid proxy-url `{proxy}`: {error}"));
        return proxy.parse().map(Some).map_err(invalid);
    }
    let environment = &connection.environment;
    let Some(proxy) = &environment.https_proxy else { return Ok(None) };
    let is_local = server.host().is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]");
    let matcher = Matcher::builder().https(proxy.as_str()).no(environment.no_proxy.clone().unwrap_or_default()).build();
    // As Go does, nothing on this machine is reached through a proxy of the environment.
    Ok(if is_local { None } else { matcher.intercept(server).map(|intercept| intercept.uri().clone()) })
}
