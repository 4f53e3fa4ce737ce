//! The API server and the credentials: kubectl's connection flags (`cli-runtime/pkg/genericclioptions/config_flags.go`).

use crate::address::Address;
use crate::inventory::MemberAccess;
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

/// The user's connection settings. Settings that are not given come from the kubeconfig.
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
    /// `--disable-compression`. Compressed answers are never requested; credential plugins receive the setting.
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
    /// The source of the policy for credential plugins.
    pub kuberc: Kuberc,
    /// The use of the server's version.
    pub version: VersionUse,
    /// The timeouts.
    pub patience: Patience,
    /// The settings from environment variables.
    pub environment: Environment,
}

impl Connection {
    /// The way to a cluster of an inventory. What was given for the hub, such as a token or a user to act as, is not for a server that
    /// somebody else chose; timeouts, and what the operator says of plugins, are.
    #[must_use]
    pub fn of_member(self, access: &MemberAccess, place: String) -> Self {
        let environment = Environment { service_host: None, master: None, ..self.environment };
        Self {
            kubeconfig: KubeconfigSource::Member { place, text: access.kubeconfig() },
            context: None,
            cluster: None,
            user: None,
            server: None,
            tls_server_name: None,
            certificate_authority: None,
            tls_verification: TlsVerification::AsConfigured,
            client_certificate: None,
            client_key: None,
            proxy: None,
            token: None,
            username: None,
            password: None,
            impersonate: None,
            impersonate_uid: None,
            impersonate_groups: Vec::new(),
            impersonate_extra: Vec::new(),
            environment,
            ..self
        }
    }

    /// The same settings without a server and without a kubeconfig, for objects of which no cluster is to be asked.
    #[must_use]
    pub fn nowhere(self) -> Self {
        let (kubeconfig, environment) = (KubeconfigSource::Files(Vec::new()), Environment::default());
        Self {
            kubeconfig,
            context: None,
            cluster: None,
            user: None,
            server: None,
            certificate_authority: None,
            environment,
            ..self
        }
    }
}

/// Timeouts for the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// `--request-timeout`, for one answer; `None` if only the other limit applies.
    pub answer: Option<Duration>,
    /// `--timeout`, for one call with all its attempts; zero means a single attempt.
    pub total: Duration,
}

/// How long to wait for a connection, or for an answer that is asked for once, if no flag says.
const LONGEST: Duration = Duration::from_secs(30);

impl Patience {
    /// How long to wait for what is tried once, and the flag that sets it.
    #[must_use]
    pub fn once(self) -> (Duration, &'static str) {
        let answer = self.answer.unwrap_or(LONGEST);
        if self.total.is_zero() || answer <= self.total { (answer, "--request-timeout") } else { (self.total, "--timeout") }
    }
}

/// Connection settings from environment variables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// `HTTPS_PROXY`, for servers with TLS.
    pub https_proxy: Option<Address>,
    /// `HTTP_PROXY`, for servers without TLS.
    pub http_proxy: Option<Address>,
    /// `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// `KUBERNETES_SERVICE_HOST`, which is set in a pod.
    pub service_host: Option<String>,
    /// `KUBERNETES_MASTER`, the server if nothing else names one.
    pub master: Option<Address>,
    /// `PATH`, where credential plugins are looked up.
    pub path: Option<String>,
    /// `TRACEPARENT`, the span that requests belong to.
    pub trace: Option<TraceParent>,
}

/// The value of a header `traceparent`, version 00 (W3C Trace Context, 3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceParent(String);

impl TraceParent {
    /// Parses a value; `None` for one that is not valid, which the specification has receivers ignore.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let is_hex = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        let is_some = |part: &str| part.bytes().any(|byte| byte != b'0');
        match parts.as_slice() {
            ["00", trace, span, _]
                if lengths == [2, 32, 16, 2] && parts.iter().all(is_hex) && is_some(trace) && is_some(span) =>
            {
                Some(Self(text.to_owned()))
            }
            _ => None,
        }
    }

    /// The value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The location of kubectl's preferences (`kubectl/pkg/kuberc`), whose policy for credential plugins applies here too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Kuberc {
    /// Not used: there is no home directory, or they are disabled with `KUBERC=off` or `KUBECTL_KUBERC=false`.
    #[default]
    Off,
    /// `--kuberc`: this file, which must exist.
    Flag(PathBuf),
    /// `KUBERC`: this file, which must exist.
    Variable(PathBuf),
    /// `~/.kube/kuberc`, if it exists.
    Home(PathBuf),
}

/// Whether compressed answers are requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// As the kubeconfig says.
    #[default]
    AsConfigured,
    /// Compression is disabled.
    Disabled,
}

/// What the version of an API server is used for. Not every user may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VersionUse {
    /// It is passed to the phase.
    #[default]
    Told,
    /// It is not used, and not requested.
    None,
    /// `--match-server-version`: it must be the release that this plugin follows. It is also passed to the phase.
    Matched,
}

impl VersionUse {
    /// The same for a command that does not use a phase.
    #[must_use]
    pub fn untold(self) -> Self {
        if self == Self::Matched { self } else { Self::None }
    }
}

/// The location of the kubeconfig.
#[derive(Clone, PartialEq, Eq)]
pub enum KubeconfigSource {
    /// This file, which must exist.
    File(PathBuf),
    /// The files of `KUBECONFIG`, merged; missing files are skipped.
    Files(Vec<PathBuf>),
    /// The cluster of an inventory.
    Member {
        /// What it is in the inventory, for messages.
        place: String,
        /// The kubeconfig.
        text: Zeroizing<String>,
    },
}

/// Whether the server's certificate is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVerification {
    /// As the kubeconfig says.
    AsConfigured,
    /// It is not verified.
    Skip,
}

#[cfg(test)]
mod tests {
    use super::{Patience, TraceParent};
    use std::time::Duration;

    #[test]
    fn a_trace_is_valid_or_ignored() {
        let valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(TraceParent::parse(valid).unwrap().as_str(), valid);
        for text in [
            "",
            "00",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\n",
        ] {
            assert_eq!(TraceParent::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_shorter_of_both_limits_holds() {
        let seconds = Duration::from_secs;
        for (answer, total, expected) in [
            (None, 60, (30, "--request-timeout")),
            (None, 5, (5, "--timeout")),
            (None, 0, (30, "--request-timeout")),
            (Some(10), 60, (10, "--request-timeout")),
            (Some(10), 5, (5, "--timeout")),
            (Some(10), 10, (10, "--request-timeout")),
            (Some(90), 0, (90, "--request-timeout")),
        ] {
            let patience = Patience { answer: answer.map(seconds), total: seconds(total) };
            assert_eq!(patience.once(), (seconds(expected.0), expected.1), "{patience:?}");
        }
    }
}
