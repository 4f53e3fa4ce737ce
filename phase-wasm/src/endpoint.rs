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
pub struct Endpoint {
    host: String,
    port: Option<u16>,
}

impl Endpoint {
    /// Reads `HOST`, `HOST:PORT`, `IPv4:PORT`, `[IPv6]:PORT` or `IPv6`, as kubeadm's `ParseHostPort` does. Returns `None` for a
    /// port outside 1 to 65535, and for a host that is neither an IP address nor an RFC 1123 subdomain.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = split_host_port(text);
        let port = match port {
            Some(port) if !port.is_empty() => {
                // A sign is a number for Rust.
                let digits = Some(port).filter(|port| port.bytes().all(|b| b.is_ascii_digit()))?;
                Some(digits.parse().ok().filter(|port| *port > 0)?)
            }
            _ => None,
        };
        (host.parse::<IpAddr>().is_ok() || is_dns1123_subdomain(host)).then(|| Self { host: host.to_string(), port })
    }

    /// The URL of the API server there, with `default_port` if the endpoint names none.
    #[must_use]
    pub fn url(&self, default_port: u16) -> String {
        let port = self.port.unwrap_or(default_port);
        if self.host.parse::<Ipv6Addr>().is_ok() {
            format!("https://[{}]:{port}", self.host)
        } else {
            format!("https://{}:{port}", self.host)
        }
    }
}

/// Whether a URL leads to the machine on which it is opened.
#[must_use]
pub fn is_loopback(url: &str) -> bool {
    let (host, _) = split_host_port(host_port(url));
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `HOST:PORT` of a URL, as `kubeadm join` takes it.
#[must_use]
pub fn host_port(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// `HOST:PORT` of a URL, with the port that its scheme has if it names none: kubeadm takes no endpoint without.
#[must_use]
pub fn join_endpoint(url: &str) -> String {
    let authority = host_port(url);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest).trim_end_matches(':');
    let port = if url.starts_with("http://") { 80 } else { 443 };
    match split_host_port(authority) {
        (_, Some(_)) => authority.to_string(),
        (host, None) if host.parse::<Ipv6Addr>().is_ok() => format!("[{host}]:{port}"),
        (host, None) => format!("{host}:{port}"),
    }
}

/// Go's `net.SplitHostPort`, and the whole text as the host where that fails.
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
    use super::{Endpoint, is_loopback};

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
            let url = Endpoint::parse(text).map(|endpoint| endpoint.url(super::DEFAULT_PORT));
            assert_eq!(url.as_deref(), expected, "{text:?}");
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
            ("https://rancher.example.com/k8s/clusters/c-1", "rancher.example.com:443"),
            ("https://admin@cp.example.com:1", "cp.example.com:1"),
            ("http://127.0.0.1", "127.0.0.1:80"),
        ] {
            assert_eq!(super::join_endpoint(url), expected, "{url}");
        }
    }

    #[test]
    fn knows_loopback() {
        for (url, expected) in [
            ("https://127.0.0.1:6443", true),
            ("https://127.8.8.8", true),
            ("https://localhost:6443/", true),
            ("https://[::1]:6443", true),
            ("https://10.0.0.1:6443", false),
            ("https://cp.localhost.example:6443", false),
        ] {
            assert_eq!(is_loopback(url), expected, "{url}");
        }
    }
}
