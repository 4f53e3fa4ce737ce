//! Which API server, as whom: kubectl's connection flags (`cli-runtime/pkg/genericclioptions/config_flags.go`).

use crate::address::Address;
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

/// What the user said about the connection. What is not said comes from the kubeconfig.
#[derive(Clone)]
pub struct Connection {
    /// `--kubeconfig`.
    pub kubeconfig: KubeconfigSource,
    /// `--context`.
    pub context: Option<String>,
    /// `--cluster`.
    pub cluster: Option<String>,
    /// `--user`.
    pub user: Option<String>,
    /// `--server`.
    pub server: Option<Address>,
    /// `--tls-server-name`.
    pub tls_server_name: Option<String>,
    /// `--certificate-authority`.
    pub certificate_authority: Option<PathBuf>,
    /// `--insecure-skip-tls-verify`.
    pub tls_verification: TlsVerification,
    /// `--client-certificate`.
    pub client_certificate: Option<PathBuf>,
    /// `--client-key`.
    pub client_key: Option<PathBuf>,
    /// `--proxy-url`.
    pub proxy: Option<Address>,
    /// `--disable-compression`. Compressed answers are never asked for; a credential plugin is told.
    pub compression: Compression,
    /// `--token`, a bearer token.
    pub token: Option<Zeroizing<String>>,
    /// `--username`.
    pub username: Option<String>,
    /// `--password`.
    pub password: Option<Zeroizing<String>>,
    /// `--as`.
    pub impersonate: Option<String>,
    /// `--as-uid`.
    pub impersonate_uid: Option<String>,
    /// `--as-group`.
    pub impersonate_groups: Vec<String>,
    /// `--as-user-extra`, each a key and a value.
    pub impersonate_extra: Vec<(String, String)>,
    /// Where the policy for credential plugins is.
    pub kuberc: Kuberc,
    /// What the server's version is for.
    pub version: VersionUse,
    /// How long to wait.
    pub patience: Patience,
    /// What the environment says.
    pub environment: Environment,
}

/// How long to wait for the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// `--request-timeout`, for one answer; none for no limit but the other.
    pub answer: Option<Duration>,
    /// `--timeout`, for one call with all its attempts; with zero there is one attempt.
    pub total: Duration,
}

/// What the environment says about connections.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// `HTTPS_PROXY`, for servers with TLS.
    pub https_proxy: Option<Address>,
    /// `HTTP_PROXY`, for servers without.
    pub http_proxy: Option<Address>,
    /// `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// `KUBERNETES_SERVICE_HOST`, which is set in a pod.
    pub service_host: Option<String>,
    /// `KUBERNETES_MASTER`, the server where nothing else names one.
    pub master: Option<Address>,
    /// `PATH`, in which credential plugins are looked for.
    pub path: Option<String>,
}

/// Where kubectl's preferences are (`kubectl/pkg/kuberc`), of which the policy for credential plugins holds here too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Kuberc {
    /// Nowhere: there is no home, or they are turned off with `KUBERC=off` or `KUBECTL_KUBERC=false`.
    #[default]
    Off,
    /// `--kuberc`: this file, which must exist.
    Flag(PathBuf),
    /// `KUBERC`: this file, which must exist.
    Variable(PathBuf),
    /// `~/.kube/kuberc`, if it exists.
    Home(PathBuf),
}

/// Whether compressed answers are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// As the kubeconfig says.
    #[default]
    AsConfigured,
    /// They are not.
    Disabled,
}

/// What the version of an API server is for. Not everybody may ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VersionUse {
    /// A phase is told.
    #[default]
    Told,
    /// Nothing: it is not asked for.
    None,
    /// `--match-server-version`: it must be the release that this plugin follows. A phase is told too.
    Matched,
}

impl VersionUse {
    /// The same for a command that tells nobody.
    #[must_use]
    pub fn untold(self) -> Self {
        if self == Self::Matched { self } else { Self::None }
    }
}

/// Where the kubeconfig is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KubeconfigSource {
    /// This file, which must exist.
    File(PathBuf),
    /// The files of `KUBECONFIG`, merged; those that do not exist are left out.
    Files(Vec<PathBuf>),
}

/// Whether the server's certificate is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVerification {
    /// As the kubeconfig says.
    AsConfigured,
    /// Not at all.
    Skip,
}
