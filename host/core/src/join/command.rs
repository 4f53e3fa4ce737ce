//! What `kubeadm join` is told: parsed once, refused as kubeadm refuses it (`kubeadm/app/apis/kubeadm/validation`,
//! `app/util/pubkeypin`). No error repeats a token.

use super::cure::ANOTHER;
use super::odd;
use crate::bootstrap_token::Token;
use std::fmt;
use zeroize::Zeroizing;

/// A part of a `kubeadm join` that kubeadm would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJoin {
    /// A token. It is not repeated: most of a malformed token is still a secret.
    #[error("{0} is not a bootstrap token: {1}; it must be 6 and 16 lower case letters and digits with a dot between")]
    Token(&'static str, String),
    /// A token that is not there.
    #[error("there is no token to {0} with; give --token")]
    NoToken(&'static str),
    /// An endpoint.
    #[error("the endpoint `{0}` is not HOST:PORT: {1}")]
    Endpoint(String, String),
    /// No endpoint.
    #[error("there is no endpoint; give HOST:PORT")]
    NoEndpoint,
    /// A hash: as it was given, what is odd about it, and the one that was meant, if that is plain.
    #[error("kubeadm refuses the hash `{0}`: {1}")]
    Hash(String, String, Option<String>),
}

impl InvalidJoin {
    /// What to type instead.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Hash(_, _, Some(meant)) => Some(format!("give it as {HASH_FLAG} {meant}")),
            Self::Hash(..) => Some(format!("get a line with the right hash: {ANOTHER}")),
            Self::Token(..) => Some(format!("copy the token again, or make another: {ANOTHER}")),
            Self::Endpoint(..) | Self::NoEndpoint | Self::NoToken(_) => None,
        }
    }
}

/// The flag with a hash.
const HASH_FLAG: &str = "--discovery-token-ca-cert-hash";

/// `HOST:PORT`, as kubeadm takes it: a host name, an IPv4 address or an IPv6 address in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(String);

impl Endpoint {
    /// Reads an endpoint. Only what can stand in a URL and in a shell without quotes is taken.
    ///
    /// # Errors
    /// [`InvalidJoin::Endpoint`] without a host or a port, and for other characters.
    pub fn parse(text: &str) -> std::result::Result<Self, InvalidJoin> {
        let number = |port: &str| port.parse::<u16>().ok().filter(|_| port.bytes().all(|b| b.is_ascii_digit()));
        let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, number(port)?)));
        let is_host = |host: &str| match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').is_some_and(|address| address.parse::<core::net::Ipv6Addr>().is_ok()),
            None => !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)),
        };
        match parts {
            Some((host, port)) if is_host(host) && port > 0 => Ok(Self(format!("{host}:{port}"))),
            _ => Err(InvalidJoin::Endpoint(crate::name::shortened(text).into_owned(), odd::endpoint(text))),
        }
    }

    /// Reads an endpoint as `kubeadm join` does, which makes a URL of it: a slash may end it, and without a number behind its colon the port
    /// is that of HTTPS.
    fn of_kubeadm(text: &str) -> std::result::Result<Self, InvalidJoin> {
        let bare = text.strip_suffix('/').unwrap_or(text);
        if bare.ends_with(':') {
            return Self::parse(&format!("{bare}443")).or_else(|_| Self::parse(text));
        }
        Self::parse(bare).or_else(|_| Self::parse(text))
    }

    /// The address of the server of a kubeconfig, as far as it is an endpoint.
    #[must_use]
    pub fn of_url(url: &str) -> Option<Self> {
        let authority = url.strip_prefix("https://")?.split('/').next()?;
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let text = if has_port { authority.to_owned() } else { format!("{authority}:443") };
        Self::parse(&text).ok()
    }

    /// Reads `HOST` or `HOST:PORT`, with kubeadm's port where there is none.
    ///
    /// # Errors
    /// As [`Endpoint::parse`].
    pub fn parse_with_default(text: &str) -> std::result::Result<Self, InvalidJoin> {
        Self::parse(text).or_else(|error| Self::parse(&format!("{text}:6443")).map_err(|_| error))
    }

    /// `HOST:PORT`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let host = self.0.rsplit_once(':').map_or("", |(host, _)| host);
        host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or_default()
    }

    /// The address of the API server there.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.0)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the joining node knows that it talks to the right cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// By one of these pins, `sha256:<hex>` in lower case.
    Pins(Vec<String>),
    /// Not at all: `--discovery-token-unsafe-skip-ca-verification`.
    Unsafe,
    /// The command says neither, which kubeadm refuses.
    Unsaid,
    /// Only a token was given, and nothing says which cluster it is of.
    Unknown,
}

/// What the node shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A worker.
    Worker,
    /// One more control plane: `--control-plane`.
    ControlPlane,
}

/// A `kubeadm join`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinCommand {
    /// Where cluster-info is read.
    pub endpoint: Endpoint,
    /// The token whose signature of cluster-info is looked for.
    pub discovery: Token,
    /// The token that the node logs in with.
    pub login: Token,
    /// How the cluster is known.
    pub trust: Trust,
    /// What the node shall be.
    pub role: Role,
}

/// The flags of `kubeadm join` that matter, as typed.
#[derive(Clone, Default)]
pub struct JoinWords {
    /// The first argument.
    pub endpoint: Option<String>,
    /// `--token`.
    pub token: Option<Zeroizing<String>>,
    /// `--discovery-token`.
    pub discovery_token: Option<Zeroizing<String>>,
    /// `--tls-bootstrap-token`.
    pub tls_bootstrap_token: Option<Zeroizing<String>>,
    /// `--discovery-token-ca-cert-hash`, each.
    pub hashes: Vec<String>,
}

impl JoinCommand {
    /// Reads the flags as kubeadm does: `--token` stands for each of the other two that is not given. `unsaid` is what no hash means.
    ///
    /// # Errors
    /// [`InvalidJoin`] for what kubeadm refuses.
    pub fn of(words: &JoinWords, unsaid: Trust, role: Role) -> std::result::Result<Self, InvalidJoin> {
        let endpoint = words.endpoint.as_deref().filter(|text| !text.is_empty()).ok_or(InvalidJoin::NoEndpoint)?;
        let token = |own: &Option<Zeroizing<String>>, flag, purpose| {
            let is_given = |text: &&Zeroizing<String>| !text.is_empty();
            let text = own.as_ref().filter(is_given).map(|text| (text, flag));
            let text = text.or_else(|| words.token.as_ref().filter(is_given).map(|text| (text, "--token")));
            let (text, flag) = text.ok_or(InvalidJoin::NoToken(purpose))?;
            Token::parse(text).ok_or_else(|| InvalidJoin::Token(flag, odd::token(text)))
        };
        let hashes = words.hashes.iter().map(|value| pins(value));
        let hashes = hashes.collect::<std::result::Result<Vec<_>, _>>()?.concat();
        Ok(Self {
            endpoint: Endpoint::of_kubeadm(endpoint)?,
            discovery: token(&words.discovery_token, "--discovery-token", "find the cluster")?,
            login: token(&words.tls_bootstrap_token, "--tls-bootstrap-token", "log in")?,
            trust: if hashes.is_empty() { unsaid } else { Trust::Pins(hashes) },
            role,
        })
    }
}

/// The pins in the value of one flag, in lower case.
fn pins(value: &str) -> std::result::Result<Vec<String>, InvalidJoin> {
    match odd::record(value) {
        Some(fields) => fields.into_iter().map(pin).collect(),
        None => Err(wrong_hash(value)),
    }
}

/// A pin in lower case; kubeadm takes capitals and nothing else besides.
pub(super) fn pin(text: &str) -> std::result::Result<String, InvalidJoin> {
    let lower = text.to_ascii_lowercase();
    if lower.strip_prefix("sha256:").is_some_and(odd::is_sha256) { Ok(lower) } else { Err(wrong_hash(text)) }
}

fn wrong_hash(text: &str) -> InvalidJoin {
    InvalidJoin::Hash(crate::name::shortened(text).into_owned(), odd::hash(text), odd::meant_hash(text))
}
