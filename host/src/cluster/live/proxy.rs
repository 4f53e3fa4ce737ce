//! The proxy in front of a server.

use crate::cluster::ClusterError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, Uri};
use ipnet::IpNet;
use kubephase_core::address::{Address, is_loopback};
use kubephase_core::connection::Connection;
use std::net::IpAddr;

/// A proxy. Its user and password are never shown.
#[derive(Clone)]
pub(super) struct Proxy {
    /// Its address, without a user.
    pub(super) url: Uri,
    /// The header with the user and password; `None` if the address has none.
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// A proxy by its address.
    ///
    /// # Errors
    /// [`ClusterError`] for an address that is not a URL.
    fn of(address: &Address) -> Result<Self, ClusterError> {
        let url = address.url().parse();
        let url = url.map_err(|error| ClusterError::unavailable(format!("invalid proxy-url `{address}`: {error}")))?;
        let authorization = address.login().and_then(|login| {
            let decoded: Vec<u8> = percent_encoding::percent_decode_str(login).collect();
            let mut header = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(decoded))).ok()?;
            header.set_sensitive(true);
            Some(header)
        });
        Ok(Self { url, authorization })
    }
}

/// The proxy for a server: the kubeconfig's, otherwise the environment's unless `NO_PROXY` excepts the server.
///
/// # Errors
/// [`ClusterError`] for an address that is not a URL, or has a scheme that client-go does not know.
pub(super) fn proxy_of(
    configured: Option<Address>,
    server: &Uri,
    connection: &Connection,
) -> Result<Option<Proxy>, ClusterError> {
    if let Some(address) = configured {
        let proxy = Proxy::of(&address)?;
        return match proxy.url.scheme_str() {
            Some("http" | "https" | "socks5") => Ok(Some(proxy)),
            scheme => {
                let scheme = scheme.unwrap_or_default();
                let what =
                    format!("invalid proxy-url `{address}`: unsupported scheme \"{scheme}\", must be http, https, or socks5");
                Err(ClusterError::unavailable(what))
            }
        };
    }
    let environment = &connection.environment;
    let proxy = if server.scheme_str() == Some("https") { &environment.https_proxy } else { &environment.http_proxy };
    match proxy {
        Some(address) if !is_excepted(server, environment.no_proxy.as_deref().unwrap_or_default()) => {
            // Go adds a missing scheme.
            let url = if address.url().contains("://") {
                address.clone()
            } else {
                Address::of(&format!("http://{}", address.with_login().as_str()))
            };
            Proxy::of(&url).map(Some)
        }
        _ => Ok(None),
    }
}

fn ip(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether `NO_PROXY` excepts a server, as Go reads it (`golang.org/x/net/http/httpproxy`): an invalid entry excepts nothing.
/// This machine is never reached through a proxy of the environment.
fn is_excepted(server: &Uri, exceptions: &str) -> bool {
    let host = server.host().unwrap_or_default().to_ascii_lowercase();
    let port = server.port_u16().unwrap_or(if server.scheme_str() == Some("https") { 443 } else { 80 });
    is_loopback(&host) || exceptions.split(',').any(|entry| excepts(&entry.trim().to_ascii_lowercase(), &host, port))
}

/// Whether one entry excepts a host: `*`, a network, an address or a domain, the last two optionally with a port.
fn excepts(entry: &str, host: &str, port: u16) -> bool {
    let ip = ip(host);
    if entry.is_empty() || entry == "*" {
        return entry == "*";
    }
    if let Ok(network) = entry.parse::<IpNet>() {
        return ip.is_some_and(|ip| network.contains(&ip));
    }
    let (name, wanted) = match entry.rsplit_once(':') {
        // More than one colon outside of brackets is a bare IPv6 address.
        Some((name, wanted)) if !name.contains(':') || name.ends_with(']') => (name, Some(wanted)),
        _ => (entry, None),
    };
    if wanted.is_some_and(|wanted| !wanted.is_empty() && wanted != port.to_string()) {
        return false;
    }
    match (ip, self::ip(name)) {
        (Some(ip), Some(other)) => ip == other,
        (Some(_), None) | (None, Some(_)) => false,
        (None, None) => {
            let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
            let domain = name.strip_prefix('.').unwrap_or(name);
            let is_below = host.strip_suffix(domain).is_some_and(|head| head.ends_with('.'));
            !domain.is_empty() && (is_below || (host == domain && !name.starts_with('.')))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_excepted;

    #[test]
    fn exceptions_are_read_as_go_reads_them() {
        let server = "https://api.example.com:6443".parse().unwrap();
        let address = "https://192.0.2.7:6443".parse().unwrap();
        for (exceptions, is_server, is_address) in [
            ("", false, false),
            (",,", false, false),
            ("*", true, true),
            ("x,*", true, true),
            ("example.com", true, false),
            (".example.com", true, false),
            ("*.example.com", true, false),
            ("EXAMPLE.com", true, false),
            (" example.com ", true, false),
            ("ample.com", false, false),
            ("api.example.com", true, false),
            (".api.example.com", false, false),
            ("example.com:6443", true, false),
            ("example.com:443", false, false),
            ("192.0.2.7", false, true),
            ("192.0.2.7:6443", false, true),
            ("192.0.2.7:443", false, false),
            ("192.0.2.0/24", false, true),
            ("192.0.2.7/33", false, false),
            ("[x", false, false),
            ("[x,192.0.2.7", false, true),
            ("192.0.2.7/33,,192.0.2.0/24,", false, true),
            (".", false, false),
            (":", false, false),
        ] {
            assert_eq!(
                (is_excepted(&server, exceptions), is_excepted(&address, exceptions)),
                (is_server, is_address),
                "{exceptions}"
            );
        }
        for near in ["https://localhost:1", "https://127.0.0.9:1", "https://[::1]:1"] {
            assert!(is_excepted(&near.parse().unwrap(), ""), "{near}");
        }
    }
}
