//! Obstacles between a node and the API server, and servers that answer in its place.

use super::command::Endpoint;
use super::cure::CureFlags;
use super::reason::{Reason, Said};

/// What was found at an address instead of an API server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactObstacle {
    /// The name has no address.
    NoAddress,
    /// Nothing listens on the port.
    Refused,
    /// No packet came back.
    Silent,
    /// The operating system has no route to it.
    NoRoute,
    /// A proxy from the environment is used, and it does not connect.
    Proxy,
    /// The connection was accepted, then closed without data.
    Closed,
    /// The connection was accepted, but no data was sent.
    Mute,
    /// The answer is not TLS.
    Plain(Speech),
    /// TLS was refused with this alert.
    NoTls(String),
    /// The server requires a client certificate.
    WantsCertificate,
    /// TLS and HTTP work, but the answer is not from an API server.
    Page(Page),
}

/// The protocol spoken instead of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// Plain HTTP.
    Http,
    /// SSH.
    Ssh,
    /// Another protocol.
    Other,
}

/// An answer to the request for cluster-info that no API server gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The HTTP status code.
    pub status: u16,
    /// The `Content-Type`; empty if missing.
    pub content_type: String,
    /// The `Server` header.
    pub server: Option<String>,
    /// The redirect target, from `Location`.
    pub location: Option<String>,
}

impl Page {
    /// Whether a proxy reports that its backend is unavailable.
    const fn is_of_gateway(&self) -> bool {
        matches!(self.status, 502..=504)
    }

    /// The answer as text. Parts of it come from the server.
    #[must_use]
    pub fn described(&self) -> String {
        let of = |what: &str, text: &Option<String>| text.as_ref().map(|text| format!(", {what} `{text}`")).unwrap_or_default();
        let sort = if self.content_type.is_empty() { "no type".to_owned() } else { format!("`{}`", self.content_type) };
        format!("HTTP {} with {sort}{}{}", self.status, of("to", &self.location), of("by", &self.server))
    }
}

impl ContactObstacle {
    /// Whether a node elsewhere would meet the same: something answers there, and it is not an API server.
    #[must_use]
    pub const fn is_decisive(&self) -> bool {
        match self {
            Self::Plain(_) | Self::WantsCertificate => true,
            Self::Page(page) => !page.is_of_gateway(),
            _ => false,
        }
    }

    /// Whether the problem may be temporary.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Refused | Self::Silent | Self::NoRoute | Self::Closed | Self::Mute => true,
            Self::Page(page) => page.is_of_gateway(),
            _ => false,
        }
    }

    /// The cause and the cure.
    pub(super) fn explained(&self, at: &Endpoint, flags: &CureFlags) -> Said {
        let (host, url) = (at.host(), at.url());
        let look = |until: &str| format!("# on the node, until {until}\ncurl -k --max-time 10 {url}/livez");
        match self {
            Self::NoAddress => Reason::NameNotResolved.said(
                format!("the name {host} cannot be resolved here: it is neither in DNS nor in /etc/hosts"),
                format!("# on the node, until the name is resolved\ngetent hosts {host}"),
            ),
            Self::Refused => Reason::ConnectionRefused.said(
                format!("nothing listens at {at}: the API server is not running there, or uses another port{}", owner(at)),
                flags.right_line(),
            ),
            Self::Silent => Reason::ConnectionTimesOut.said(
                format!("{at} does not answer: a firewall drops the connection, or no host has the address"),
                look("a firewall lets it through"),
            ),
            Self::NoRoute => Reason::NoRoute.said(no_route(at), look("there is a route")),
            Self::Proxy => Reason::ProxyFails.said(
                format!("HTTPS_PROXY names a proxy, and {at} cannot be reached through it"),
                format!("# on the node, before kubeadm join\nn=${{NO_PROXY:-$no_proxy}}; export NO_PROXY=\"${{n:+$n,}}{host}\""),
            ),
            Self::Closed => Reason::ConnectionClosed.said(
                format!(
                    "{at} accepts the connection and closes it without an answer, as a load balancer without a healthy API server does"
                ),
                look("the load balancer reaches an API server"),
            ),
            Self::Mute => Reason::ServerSilent.said(
                format!(
                    "{at} accepts the connection and sends nothing: the program there hangs, or expects something other than TLS"
                ),
                look("it answers"),
            ),
            Self::Plain(speech) => Reason::NotAnApiServer.said(plain(at, *speech), flags.right_line()),
            Self::NoTls(alert) => Reason::TlsRefused.said(
                format!("{at} refuses TLS ({alert}): it accepts only certain names, versions or ciphers"),
                format!(
                    "# on the node, until TLS passes through to the API server\nopenssl s_client -connect {at} -servername {host} </dev/null"
                ),
            ),
            Self::WantsCertificate => {
                Reason::NotAnApiServer.said(format!("{at} requires a client certificate, which an API server does not{}", owner(at)), flags.right_line())
            }
            Self::Page(page) if page.is_of_gateway() => Reason::BackendUnavailable.said(
                format!(
                    "a load balancer or proxy answers at {at} (HTTP {}): it does not reach a working API server",
                    page.status
                ),
                look("the load balancer reaches an API server"),
            ),
            Self::Page(page) => Reason::NotAnApiServer.said(web(at, page), flags.right_line()),
        }
    }
}

fn no_route(at: &Endpoint) -> String {
    let sort = if at.host().contains(':') { "an IPv6 route" } else { "a route" };
    format!("this machine does not have {sort} to {}", at.host())
}

fn plain(at: &Endpoint, speech: Speech) -> String {
    let what = match speech {
        Speech::Http => "plain HTTP like a web server or a proxy",
        Speech::Ssh => "SSH",
        Speech::Other => "something other than TLS",
    };
    format!("{at} speaks {what}, so it is not the API server{}", owner(at))
}

fn web(at: &Endpoint, page: &Page) -> String {
    let what = match page.status {
        300..=399 => "is a web server that redirects to another page, perhaps the login page of a network",
        _ if page.content_type.contains("html") => "is a web server that returns an HTML page",
        _ => "is some other server",
    };
    format!("no API server answers at {at}: it {what}{} ({})", owner(at), page.described())
}

/// Names the component that uses this port in every cluster; empty for other ports.
fn owner(at: &Endpoint) -> String {
    let owner = match at.as_str().rsplit_once(':').map_or("", |(_, port)| port) {
        "22" => "SSH",
        "2379" | "2380" => "etcd",
        "10250" | "10255" | "10248" => "the kubelet",
        "10249" | "10256" => "kube-proxy",
        "10257" => "kube-controller-manager",
        "10259" => "kube-scheduler",
        _ => return String::new(),
    };
    format!("; this is the port of {owner}")
}
