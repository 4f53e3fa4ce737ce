//! `controlPlaneEndpoint`: where nodes find the API server.

use alloc::{
    format,
    string::{String, ToString},
};
use core::net::{IpAddr, Ipv6Addr};

/// The port that kubeadm's `localAPIEndpoint.bindPort` defaults to.
pub const DEFAULT_PORT: u16 = 6443;

/// A host with an optional port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlPlaneEndpoint {
    host: String,
    port: Option<u16>,
}

impl ControlPlaneEndpoint {
    /// Reads `HOST`, `HOST:PORT`, `IPv4:PORT`, `[IPv6]:PORT` or `IPv6`, as kubeadm's `ParseHostPort` does. Returns `None` for a
    /// port outside 1 to 65535, and for a host that is neither an IP address nor an RFC 1123 subdomain.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = split_host_port(text);
        let port = match port {
            Some(port) if !port.is_empty() => {
                // Rust would accept a sign.
                let digits = Some(port).filter(|port| port.bytes().all(|b| b.is_ascii_digit()))?;
                Some(digits.parse().ok().filter(|port| *port > 0)?)
            }
            _ => None,
        };
        (host.parse::<IpAddr>().is_ok() || is_dns1123_subdomain(host)).then(|| Self { host: host.to_string(), port })
    }

    /// The same, with this port if it has none.
    #[must_use]
    pub fn or_port(self, port: Option<u16>) -> Self {
        Self { port: self.port.or(port), ..self }
    }

    /// The URL of the API server there. If no port was given, the first of the `working` URLs that leads to the same host is
    /// taken, and without one [`DEFAULT_PORT`].
    #[must_use]
    pub fn url(&self, working: &[&str]) -> String {
        let host = spelled_alike(&self.host);
        let is_same = |url: &&&str| {
            EndpointAddress::of(url).is_some_and(|address| {
                address.host == host && address.is_root() && self.port.is_none_or(|port| port == address.port)
            })
        };
        if let Some(url) = working.iter().find(is_same) {
            return (*url).to_string();
        }
        format!("https://{}:{}", bracketed(&self.host), self.port.unwrap_or(DEFAULT_PORT))
    }
}

/// Where an `https` or `http` URL leads. Two spellings of one place are equal: the case and the final dot of the host, the forms
/// of an IPv6 address, the default port of the scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointAddress {
    scheme: String,
    host: String,
    port: u16,
    path: String,
}

impl EndpointAddress {
    /// Reads a URL. None for another scheme, a missing host, or an invalid port.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let authority = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
        let (host, port) = split_host_port(authority);
        let port = match port {
            None | Some("") => default,
            Some(port) => port.parse().ok()?,
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        (!host.is_empty()).then(|| Self { scheme, host: spelled_alike(host), port, path: path.trim_end_matches('/').to_string() })
    }

    /// Whether it leads to the root of a server. A proxy such as Rancher's serves the API of a cluster below a path.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        self.path.is_empty()
    }

    /// `HOST:PORT` for `kubeadm join`, which does not accept an endpoint without a port.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("{}:{}", bracketed(&self.host), self.port)
    }

    fn is_loopback(&self) -> bool {
        let is_name = self.host == "localhost" || self.host.ends_with(".localhost");
        is_name || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
    }
}

/// Whether a URL leads back to the machine that opens it.
#[must_use]
pub fn is_loopback(url: &str) -> bool {
    EndpointAddress::of(url).is_some_and(|address| address.is_loopback())
}

/// Whether two URLs lead to the same place, however they are spelled.
#[must_use]
pub fn is_same_place(one: &str, other: &str) -> bool {
    one == other || matches!((EndpointAddress::of(one), EndpointAddress::of(other)), (Some(one), Some(other)) if one == other)
}

/// The one form by which all spellings of a host are compared.
fn spelled_alike(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(ip) => ip.to_canonical().to_string(),
        Err(_) => host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase(),
    }
}

fn bracketed(host: &str) -> String {
    if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_string() }
}

/// Go's `net.SplitHostPort`; where that fails, the whole text is the host.
fn split_host_port(text: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return match rest.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None => (text, None),
        };
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (text, None),
    }
}

/// RFC 1123 as Kubernetes reads it: labels of lower case letters, digits and inner dashes, 253 characters at most.
fn is_dns1123_subdomain(text: &str) -> bool {
    let is_alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() <= 253
        && text.split('.').all(|label| {
            let bytes = label.as_bytes();
            bytes.first().is_some_and(is_alphanumeric)
                && bytes.last().is_some_and(is_alphanumeric)
                && bytes.iter().all(|b| is_alphanumeric(b) || *b == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::{ControlPlaneEndpoint, EndpointAddress, is_loopback};

    #[test]
    fn reads_what_kubeadm_reads() {
        for (text, expected) in [
            ("cp.example.com", Some("https://cp.example.com:6443")),
            ("cp.example.com:8443", Some("https://cp.example.com:8443")),
            ("192.0.2.1:6443", Some("https://192.0.2.1:6443")),
            ("[2001:db8::1]:443", Some("https://[2001:db8::1]:443")),
            ("2001:db8::1", Some("https://[2001:db8::1]:6443")),
            ("cp.example.com:", Some("https://cp.example.com:6443")),
            ("cp.example.com:0", None),
            ("cp.example.com:65536", None),
            ("cp.example.com:http", None),
            ("cp.example.com:+80", None),
            ("CP.example.com", None),
            ("https://cp.example.com", None),
            ("a_b:6443", None),
            ("-a:6443", None),
            ("", None),
        ] {
            let url = ControlPlaneEndpoint::parse(text).map(|endpoint| endpoint.url(&[]));
            assert_eq!(url.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_port_that_nobody_named_is_the_one_that_works() {
        let working = ["https://Lb.Example.com.:443", "https://[2001:DB8:0::1]", "https://proxy.example.com/k8s/c-1"];
        for (text, expected) in [
            ("lb.example.com", "https://Lb.Example.com.:443"),
            ("lb.example.com:443", "https://Lb.Example.com.:443"),
            ("lb.example.com:6443", "https://lb.example.com:6443"),
            ("2001:db8::1", "https://[2001:DB8:0::1]"),
            ("[2001:db8::1]:443", "https://[2001:DB8:0::1]"),
            ("other.example.com", "https://other.example.com:6443"),
            ("proxy.example.com", "https://proxy.example.com:6443"),
        ] {
            assert_eq!(
                ControlPlaneEndpoint::parse(text).map(|endpoint| endpoint.url(&working)).as_deref(),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn a_join_command_has_a_port() {
        for (url, expected) in [
            ("https://cp.example.com:6443", "cp.example.com:6443"),
            ("https://cp.example.com", "cp.example.com:443"),
            ("https://cp.example.com:/", "cp.example.com:443"),
            ("https://[2001:db8::1]:6443", "[2001:db8::1]:6443"),
            ("https://[2001:db8::1]", "[2001:db8::1]:443"),
            ("https://admin@cp.example.com:1", "cp.example.com:1"),
            ("http://127.0.0.1", "127.0.0.1:80"),
        ] {
            assert_eq!(EndpointAddress::of(url).map(|address| address.endpoint()).as_deref(), Some(expected), "{url}");
        }
    }

    #[test]
    fn one_place_has_many_spellings() {
        for (one, other, expected) in [
            ("https://cp.example.com:443", "https://cp.example.com", true),
            ("https://cp.example.com", "HTTPS://CP.example.com./", true),
            ("https://[2001:db8::1]:6443", "https://[2001:0db8:0:0::1]:6443/", true),
            ("https://[::ffff:10.0.0.1]:6443", "https://10.0.0.1:6443", true),
            ("https://cp.example.com:6443", "https://cp.example.com", false),
            ("https://cp.example.com", "http://cp.example.com:443", false),
            ("https://cp.example.com/k8s", "https://cp.example.com", false),
            ("https://cp.example.com?x", "https://cp.example.com", false),
        ] {
            assert_eq!(super::is_same_place(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn knows_loopback() {
        for (url, expected) in [
            ("https://127.0.0.1:6443", true),
            ("https://127.8.8.8", true),
            ("https://localhost:6443/", true),
            ("https://[::1]:6443", true),
            ("https://[::ffff:127.0.0.1]:6443", true),
            ("https://LOCALHOST.:6443", true),
            ("https://k8s.localhost:6443", true),
            ("https://0.0.0.0:6443", true),
            ("https://10.0.0.1:6443", false),
            ("https://cp.localhost.example:6443", false),
        ] {
            assert_eq!(is_loopback(url), expected, "{url}");
        }
    }
}
