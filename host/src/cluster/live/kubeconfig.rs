//! Which server, as whom: the kubeconfig with kubectl's flags on top (`client-go/tools/clientcmd`).

use super::bounded;
use super::proxy::{Proxy, proxy_of};
use crate::cluster::ClusterError;
use crate::cluster::certificates::Certificates;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kube::Config;
use kube::config::{
    AuthInfo, Cluster, Context, KubeConfigOptions, Kubeconfig, KubeconfigError, NamedAuthInfo, NamedCluster, NamedContext,
};
use kubephase_core::address::Address;
use kubephase_core::connection::{Connection, KubeconfigSource, TlsVerification};
use kubephase_core::question::Server;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::Path;

/// Where kubectl looks if nothing says otherwise.
const DEFAULT_SERVER: &str = "http://localhost:8080";

/// A server and how to reach it.
pub struct Target {
    pub(super) config: Config,
    pub(super) url: String,
    pub(super) certificate_authority: Certificates,
    pub(super) proxy: Option<Proxy>,
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
        let address = cluster.server.as_deref().filter(|server| !server.is_empty()).map(Address::of);
        cluster.server = Some(address.as_ref().map_or_else(|| DEFAULT_SERVER.to_owned(), ToString::to_string));
        read_login(&mut user)?;
        log_in_by_address(&mut user, address.as_ref().and_then(Address::login));
        let url = address.map(|address| address.to_string()).unwrap_or_default();
        let certificate_authority = authority(&mut cluster)?;
        let proxy = cluster.proxy_url.take().filter(|proxy| !proxy.is_empty());
        let mut config = config(cluster, user, namespace)?;
        config.root_cert = certificate_authority.as_ref().map(Certificates::der);
        let proxy = proxy_of(proxy.as_deref().map(Address::of), &config.cluster_url, connection)?;
        Ok(Self { config, url, certificate_authority: certificate_authority.unwrap_or_default(), proxy })
    }

    /// The service account of the pod that we run in.
    fn in_cluster() -> Result<Self, ClusterError> {
        let mut config = Config::incluster().map_err(ClusterError::unavailable)?;
        let url = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        // kube would read the file again, in its own way.
        let authority = config.root_cert_file.take().map(|file| readable(&read(&file)?)).transpose()?;
        config.root_cert = authority.as_ref().map(Certificates::der);
        Ok(Self { url, config, certificate_authority: authority.unwrap_or_default(), proxy: None })
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
            certificate_authority: self.certificate_authority.text().to_owned(),
            certificate_authority_pins: self.certificate_authority.pins(),
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
        cluster.server = Some(server.with_login().to_string());
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

/// The user and password of the server's address win over any other login but a client certificate, as Go's `net/http` has it.
fn log_in_by_address(user: &mut AuthInfo, login: Option<&str>) {
    let Some(login) = login else { return };
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (name, password) = login.split_once(':').unwrap_or((login, ""));
    *user = AuthInfo {
        username: Some(decoded(name)),
        password: Some(SecretString::from(decoded(password))),
        token: None,
        token_file: None,
        auth_provider: None,
        exec: None,
        ..std::mem::take(user)
    };
}

/// Reads the files of a login, which kube would read to their ends, if they have any. A token in a regular file stays there: kube reads it
/// again when it has been replaced.
fn read_login(user: &mut AuthInfo) -> Result<(), ClusterError> {
    let read = |sort: &str, file: &str| {
        bounded::read(Path::new(file))
            .map_err(|error| ClusterError::unavailable(format!("unable to read {sort} {file}: {error}")))
    };
    let named = |file: Option<String>, is_given: bool| file.filter(|file| !file.is_empty() && !is_given);
    let is_given = user.client_certificate_data.as_ref().is_some_and(|data| !data.is_empty());
    if let Some(file) = named(user.client_certificate.take(), is_given) {
        user.client_certificate_data = Some(STANDARD.encode(read("client-cert", &file)?));
    }
    let is_given = user.client_key_data.as_ref().is_some_and(|data| !data.expose_secret().is_empty());
    if let Some(file) = named(user.client_key.take(), is_given) {
        user.client_key_data = Some(SecretString::from(STANDARD.encode(read("client-key", &file)?)));
    }
    if let Some(file) = named(user.token_file.clone(), user.token.is_some()) {
        let token = read("tokenFile", &file)?;
        if !Path::new(&file).is_file() {
            user.token_file = None;
            user.token = Some(SecretString::from(String::from_utf8_lossy(&token).trim()));
        }
    }
    Ok(())
}

/// The certificate authority, which from here on is in the cluster as it was read; none if none is named.
fn authority(cluster: &mut Cluster) -> Result<Option<Certificates>, ClusterError> {
    let file = cluster.certificate_authority.take().filter(|file| !file.is_empty());
    let pem = match cluster.certificate_authority_data.take().filter(|data| !data.is_empty()) {
        Some(data) => {
            let decoded = STANDARD.decode(data);
            decoded.map_err(|_| ClusterError::unavailable("certificate-authority-data is not PEM in base64"))?
        }
        None => match file {
            Some(file) => read(Path::new(&file))?,
            None => return Ok(None),
        },
    };
    let authority = readable(&pem)?;
    cluster.certificate_authority_data = Some(STANDARD.encode(authority.canonical()));
    Ok(Some(authority))
}

/// The certificates of an authority, of which there must be one at least.
fn readable(pem: &[u8]) -> Result<Certificates, ClusterError> {
    let authority = Certificates::read(pem);
    if authority.is_empty() {
        let why = authority.flaw().map_or_else(|| "there is no certificate in it".to_owned(), ToString::to_string);
        return Err(ClusterError::unavailable(format!("unable to load the certificate authority: {why}")));
    }
    Ok(authority)
}

fn read(file: &Path) -> Result<Vec<u8>, ClusterError> {
    bounded::read(file)
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
