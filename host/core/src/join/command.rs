//! The arguments of `kubeadm join`: parsed once, and refused where kubeadm refuses them (`kubeadm/app/apis/kubeadm/validation`,
//! `app/util/pubkeypin`). No error repeats a token.

use super::odd;
use crate::bootstrap_token::Token;
use std::fmt;
use zeroize::Zeroizing;

/// A part of a `kubeadm join` that kubeadm would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJoin {
    /// An invalid token. It is not repeated: most of a malformed token is still secret.
    #[error("{0} is not a bootstrap token: {1}; it must be 6 and 16 lower case letters and digits, separated by a dot")]
    Token(&'static str, String),
    /// A missing token.
    #[error("a token is required to {0}; add {1}")]
    NoToken(&'static str, &'static str),
    /// An invalid endpoint.
    #[error("the endpoint `{0}` is not HOST:PORT: {1}")]
    Endpoint(String, String),
    /// A missing endpoint.
    #[error("the endpoint is missing; add HOST:PORT")]
    NoEndpoint,
    /// An invalid hash: as given, what is odd about it, and the intended hash if that is clear.
    #[error("kubeadm refuses the hash `{0}`: {1}")]
    Hash(String, String, Option<String>),
}

impl InvalidJoin {
    /// What to type instead.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Hash(_, _, Some(meant)) => Some(format!("use {meant}")),
            Self::Hash(..) => Some("`create --print-join-command` prints a line with the right hash".to_owned()),
            Self::Token(..) => Some("copy the token again, or create another one with `create --print-join-command`".to_owned()),
            Self::Endpoint(..) | Self::NoEndpoint | Self::NoToken(..) => None,
        }
    }
}

/// `HOST:PORT` as kubeadm accepts it: a host name, an IPv4 address or an IPv6 address in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(String);

impl Endpoint {
    /// Parses an endpoint. Only characters that are safe in a URL and in an unquoted shell word are accepted.
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

    /// Parses an endpoint like `kubeadm join`, which makes a URL of it: it may end with a slash, and without a number after the
    /// colon the port is that of HTTPS.
    fn of_kubeadm(text: &str) -> std::result::Result<Self, InvalidJoin> {
        let bare = text.strip_suffix('/').unwrap_or(text);
        if bare.ends_with(':') {
            return Self::parse(&format!("{bare}443")).or_else(|_| Self::parse(text));
        }
        Self::parse(bare).or_else(|_| Self::parse(text))
    }

    /// The server address in a kubeconfig, if it is a valid endpoint.
    #[must_use]
    pub fn of_url(url: &str) -> Option<Self> {
        let authority = url.strip_prefix("https://")?.split('/').next()?;
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let text = if has_port { authority.to_owned() } else { format!("{authority}:443") };
        Self::parse(&text).ok()
    }

    /// Parses `HOST` or `HOST:PORT`, with kubeadm's port as the default.
    ///
    /// # Errors
    /// As for [`Endpoint::parse`].
    pub fn parse_with_default(text: &str) -> std::result::Result<Self, InvalidJoin> {
        Self::parse(text).or_else(|error| Self::parse(&format!("{text}:6443")).map_err(|_| error))
    }

    /// The text `HOST:PORT`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host; an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let host = self.0.rsplit_once(':').map_or("", |(host, _)| host);
        host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
    }

    /// Whether it is an address of this machine alone.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        crate::address::is_loopback(self.host())
    }

    /// The port number.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or_default()
    }

    /// The URL of the API server at this endpoint.
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

/// How the joining node identifies the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// By one of these pins, `sha256:<hex>` in lower case.
    Pins(Vec<String>),
    /// The same pins of the authority in the kubeconfig: only a token was given.
    Kubeconfig(Vec<String>),
    /// Not at all: `--discovery-token-unsafe-skip-ca-verification`.
    Unsafe,
    /// The command specifies neither, which kubeadm refuses.
    Unsaid,
    /// Only a token was given, which does not identify the cluster.
    Unknown,
}

impl Trust {
    /// The pins, if there are any.
    #[must_use]
    pub fn pins(&self) -> Option<&[String]> {
        match self {
            Self::Pins(pins) | Self::Kubeconfig(pins) => Some(pins),
            Self::Unsafe | Self::Unsaid | Self::Unknown => None,
        }
    }
}

/// The role of the new node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A worker node.
    Worker,
    /// An additional control plane node: `--control-plane`.
    ControlPlane,
}

/// The parsed arguments of `kubeadm join`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinCommand {
    /// The endpoint cluster-info is read from.
    pub endpoint: Endpoint,
    /// The token that must have signed cluster-info.
    pub discovery: Token,
    /// The token that the node authenticates with.
    pub login: Token,
    /// How the cluster is identified.
    pub trust: Trust,
    /// The role of the new node.
    pub role: Role,
    /// Where the kubeconfig reaches the API server, if the endpoint is another one that only cluster-info names.
    pub reached: Option<Endpoint>,
}

/// Where the arguments of a join are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spelling {
    /// As flags of `kubeadm join`.
    #[default]
    Flags,
    /// As fields of a `JoinConfiguration`.
    Configuration,
}

impl Spelling {
    /// The names of the token for both, the token for the cluster, and that for the login.
    const fn tokens(self) -> [&'static str; 3] {
        match self {
            Self::Flags => ["--token", "--discovery-token", "--tls-bootstrap-token"],
            Self::Configuration => {
                ["discovery.bootstrapToken.token", "discovery.bootstrapToken.token", "discovery.tlsBootstrapToken"]
            }
        }
    }

    /// What stands before a hash.
    const fn hash(self) -> &'static str {
        match self {
            Self::Flags => "--discovery-token-ca-cert-hash",
            Self::Configuration => "caCertHashes:",
        }
    }

    /// The pins in one value, in lower case. That of a flag may have several.
    fn pins(self, value: &str) -> std::result::Result<Vec<String>, InvalidJoin> {
        match self {
            Self::Flags => pins(value),
            Self::Configuration => Ok(vec![pin(value, self)?]),
        }
    }
}

/// The relevant arguments of `kubeadm join`, as typed.
#[derive(Clone, Default)]
pub struct JoinWords {
    /// The first argument, `HOST:PORT`.
    pub endpoint: Option<String>,
    /// `--token`.
    pub token: Option<Zeroizing<String>>,
    /// `--discovery-token`.
    pub discovery_token: Option<Zeroizing<String>>,
    /// `--tls-bootstrap-token`.
    pub tls_bootstrap_token: Option<Zeroizing<String>>,
    /// `--discovery-token-ca-cert-hash`, once per use; or `caCertHashes`.
    pub hashes: Vec<String>,
    /// Where they are written.
    pub spelling: Spelling,
}

impl JoinCommand {
    /// Reads the flags as kubeadm does: `--token` is the default for the other two. `unsaid` is the trust to assume without a
    /// hash.
    ///
    /// # Errors
    /// [`InvalidJoin`] for what kubeadm refuses.
    pub fn of(words: &JoinWords, unsaid: Trust, role: Role) -> std::result::Result<Self, InvalidJoin> {
        let endpoint = words.endpoint.as_deref().filter(|text| !text.is_empty()).ok_or(InvalidJoin::NoEndpoint)?;
        let [both, discovery, login] = words.spelling.tokens();
        let token = |own: &Option<Zeroizing<String>>, flag, purpose| {
            let is_given = |text: &&Zeroizing<String>| !text.is_empty();
            let text = own.as_ref().filter(is_given).map(|text| (text, flag));
            let text = text.or_else(|| words.token.as_ref().filter(is_given).map(|text| (text, both)));
            let (text, flag) = text.ok_or(InvalidJoin::NoToken(purpose, both))?;
            Token::parse(text).ok_or_else(|| InvalidJoin::Token(flag, odd::token(text)))
        };
        let hashes = words.hashes.iter().map(|value| words.spelling.pins(value));
        let hashes = hashes.collect::<std::result::Result<Vec<_>, _>>()?.concat();
        Ok(Self {
            endpoint: Endpoint::of_kubeadm(endpoint)?,
            discovery: token(&words.discovery_token, discovery, "find the cluster")?,
            login: token(&words.tls_bootstrap_token, login, "log in")?,
            trust: if hashes.is_empty() { unsaid } else { Trust::Pins(hashes) },
            role,
            reached: None,
        })
    }
}

/// The pins in the value of one flag.
fn pins(value: &str) -> std::result::Result<Vec<String>, InvalidJoin> {
    match odd::record(value) {
        Some(fields) => fields.into_iter().map(|field| pin(field, Spelling::Flags)).collect(),
        None => Err(wrong_hash(value, Spelling::Flags)),
    }
}

/// A pin in lower case; kubeadm also accepts capitals, and nothing else.
pub(super) fn pin(text: &str, spelling: Spelling) -> std::result::Result<String, InvalidJoin> {
    let lower = text.to_ascii_lowercase();
    if lower.strip_prefix("sha256:").is_some_and(odd::is_sha256) { Ok(lower) } else { Err(wrong_hash(text, spelling)) }
}

fn wrong_hash(text: &str, spelling: Spelling) -> InvalidJoin {
    let meant = odd::meant_hash(text).map(|meant| format!("{} {meant}", spelling.hash()));
    InvalidJoin::Hash(crate::name::shortened(text).into_owned(), odd::hash(text), meant)
}
