//! What cluster-info tells a joining node, and what is wrong with it.

use super::rule::{self, AuditRule};
use crate::abi::{Request, Severity};
use crate::cluster_info::{certificates, cluster_of, decoded};
use crate::endpoint::{EndpointAddress, is_loopback};
use crate::yaml::parse_yaml;
use alloc::{borrow::ToOwned, collections::BTreeSet, format, string::String, vec::Vec};
use serde_json::{Map, Value};

/// The parts of the kubeconfig that a node reads.
pub(super) struct Stanza {
    pub(super) server: String,
    /// PEM in base64; may be empty.
    pub(super) authority: String,
    /// Fields of the cluster that kubeadm does not write.
    pub(super) further_fields: Vec<String>,
    is_unverified: bool,
    /// The names of fields of users, never their values.
    credentials: Vec<String>,
}

/// Something that is wrong with a kubeconfig for nodes.
pub(super) enum Problem {
    /// It has users with these fields.
    Credentials(Vec<String>),
    /// Nodes do not verify the server.
    Insecure,
    /// The server has no TLS.
    Plain,
    /// The server is the node itself.
    Loopback,
    /// It names no certificate authority.
    NoAuthority,
    /// It names only authorities that the host does not trust.
    OtherAuthority,
    /// It names an authority that the host trusts, and others.
    FurtherAuthority,
    /// It has fields that kubeadm does not write on its own.
    Settings,
}

impl Stanza {
    /// Reads the cluster that kubeadm takes. None if no such cluster has a server with a valid address.
    pub(super) fn read(kubeconfig: &str) -> Option<Self> {
        let config = parse_yaml(kubeconfig)?;
        let cluster = cluster_of(&config)?;
        let text = |name: &str| cluster.get(name).and_then(Value::as_str).unwrap_or_default();
        let is_unverified = is_true(text("insecure-skip-tls-verify"));
        let known = ["server", "certificate-authority-data", "insecure-skip-tls-verify"];
        let further = cluster.iter().filter(|(name, value)| !known.contains(&name.as_str()) && !value.is_null() && *value != "");
        let (server, login) = without_login(Some(text("server")).filter(|server| is_address(server))?);
        let credentials = credentials(&config).into_iter().chain(login.map(|()| "a login in the address".to_owned()));
        Some(Self {
            server,
            authority: text("certificate-authority-data").to_owned(),
            further_fields: further.map(|(name, _)| name.clone()).collect(),
            is_unverified,
            credentials: credentials.collect(),
        })
    }

    /// All problems, judged by how the host reaches the cluster.
    pub(super) fn problems(&self, request: &Request) -> Vec<Problem> {
        let is_plain = !self.server.to_ascii_lowercase().starts_with("https://");
        let found = [
            (!self.credentials.is_empty()).then(|| Problem::Credentials(self.credentials.clone())),
            self.is_unverified.then_some(Problem::Insecure),
            is_plain.then_some(Problem::Plain),
            is_loopback(&self.server).then_some(Problem::Loopback),
            self.distrust(&request.server.certificate_authority),
            (!self.further_fields.is_empty()).then_some(Problem::Settings),
        ];
        found.into_iter().flatten().collect()
    }

    /// If the host knows no authority, it cannot tell.
    fn distrust(&self, trusted: &str) -> Option<Problem> {
        let trusted = certificates(trusted);
        if trusted.is_empty() {
            return None;
        }
        let named = certificates(&decoded(&self.authority).unwrap_or_default());
        if self.authority.is_empty() {
            Some(Problem::NoAuthority)
        } else if named.is_disjoint(&trusted) {
            Some(Problem::OtherAuthority)
        } else {
            (!named.is_subset(&trusted)).then_some(Problem::FurtherAuthority)
        }
    }
}

impl Problem {
    pub(super) const fn rule(&self) -> AuditRule {
        match self {
            Self::Credentials(_) => rule::CLUSTER_INFO_CREDENTIALS,
            Self::Insecure => rule::CLUSTER_INFO_INSECURE,
            Self::Plain => rule::CLUSTER_INFO_HTTP,
            Self::Loopback => rule::CLUSTER_INFO_LOOPBACK,
            Self::NoAuthority => rule::CLUSTER_INFO_NO_AUTHORITY,
            Self::OtherAuthority => rule::CLUSTER_INFO_AUTHORITY,
            Self::FurtherAuthority => rule::CLUSTER_INFO_FURTHER_AUTHORITY,
            Self::Settings => rule::CLUSTER_INFO_SETTINGS,
        }
    }

    /// A cluster on this machine only may well use a loopback address, and a second authority may be the next one.
    pub(super) fn severity(&self, request: &Request) -> Severity {
        match self {
            Self::Loopback if is_loopback(&request.server.url) => Severity::Info,
            Self::FurtherAuthority => Severity::Medium,
            _ => self.rule().severity,
        }
    }

    pub(super) fn evidence(&self, stanza: &Stanza) -> String {
        let server = &stanza.server;
        match self {
            Self::Credentials(fields) => format!("its `users` have {}", super::report::listed(fields.iter().map(String::as_str))),
            Self::Insecure => "it has `insecure-skip-tls-verify`".to_owned(),
            Self::Plain | Self::Loopback => format!("its `server` is `{server}`"),
            Self::NoAuthority => format!("it has no `certificate-authority-data` for `{server}`"),
            Self::OtherAuthority => format!("none of its certificates for `{server}` is one used to connect to this cluster"),
            Self::FurtherAuthority => {
                "it has the authority used to connect to this cluster and others, as during a rotation of authorities; \
                 check whether one is in progress"
                    .to_owned()
            }
            Self::Settings => {
                format!("it has {}", super::report::listed(stanza.further_fields.iter().map(String::as_str)))
            }
        }
    }
}

/// A boolean of YAML 1.1, which kubeadm reads.
fn is_true(text: &str) -> bool {
    ["true", "yes", "on", "y"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The names of the fields of users that have a value.
/// The URL without a user and a password, and whether it had them.
fn without_login(url: &str) -> (String, Option<()>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((_, host)) => (format!("{scheme}://{host}{path}"), Some(())),
        None => (url.to_owned(), None),
    }
}

/// Whether Go takes it as an address (`net/url`): with a host of the characters that one may have, and a port that there is. What has
/// no scheme is another problem.
fn is_address(server: &str) -> bool {
    let is_odd = |byte: u8| byte.is_ascii_control() || b" \"<>\\^`{|}".contains(&byte);
    let is_known = !server.contains("://") || EndpointAddress::of(server).is_some();
    !server.is_empty() && is_known && !server.bytes().any(is_odd)
}

fn credentials(config: &Value) -> Vec<String> {
    let users = config.get("users").and_then(Value::as_array).into_iter().flatten();
    let fields = users.filter_map(|entry| entry.get("user").and_then(Value::as_object)).flat_map(Map::iter);
    let names: BTreeSet<&String> = fields.filter(|(_, value)| !value.is_null() && *value != "").map(|(name, _)| name).collect();
    names.into_iter().cloned().collect()
}
