//! Addresses of servers and proxies, which may contain a user and a password.

use std::fmt;
use zeroize::Zeroizing;

/// The address of a server or a proxy. User and password are kept separately: everything shown, saved or passed on uses
/// [`Address::url`], which does not contain them.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: String,
    login: Option<Zeroizing<String>>,
}

impl Address {
    /// Splits an address: `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/PATH]`. If an `@` stands after the host, it is ambiguous
    /// which part is a password (a `/`, `?` or `#` in it must be written as `%2F`, `%3F`, `%23`): then nothing of the address is
    /// kept, and the rest is not a URL, unless the host has a valid port or none.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let (scheme, rest) = schemed(text).unwrap_or(("", text));
        let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        let (login, host) = authority.rsplit_once('@').map_or((None, authority), |(login, host)| (Some(login), host));
        let port = host.rsplit_once(']').map_or(host, |(_, rest)| rest).rsplit_once(':').map(|(_, port)| port);
        let is_torn = path.contains('@') && port.is_some_and(|port| !port.bytes().all(|byte| byte.is_ascii_digit()));
        if is_torn {
            return Self { url: format!("{scheme}…"), login: None };
        }
        Self { url: format!("{scheme}{host}{path}"), login: login.map(|login| Zeroizing::new(login.to_owned())) }
    }

    /// The address without user and password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `USER[:PASSWORD]` as in the address, percent-encoded; `None` if there was none.
    #[must_use]
    pub fn login(&self) -> Option<&str> {
        self.login.as_ref().map(|login| login.as_str())
    }

    /// The same address with HTTPS, if no scheme was given.
    #[must_use]
    pub fn or_https(self) -> Self {
        if self.url.contains("://") { self } else { Self { url: format!("https://{}", self.url), ..self } }
    }

    /// The same address with user and password, for connecting.
    #[must_use]
    pub fn with_login(&self) -> Zeroizing<String> {
        Zeroizing::new(match (&self.login, self.url.split_once("://")) {
            (None, _) => self.url.clone(),
            (Some(login), Some((scheme, rest))) => format!("{scheme}://{}@{rest}", login.as_str()),
            (Some(login), None) => format!("{}@{}", login.as_str(), self.url),
        })
    }
}

/// The scheme and the rest. URL parsers accept any number of slashes for two, and backslashes too (WHATWG URL).
fn schemed(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let host = rest.trim_start_matches(['/', '\\']);
    (is_scheme && host.len() < rest.len()).then_some((scheme, host))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.url)
    }
}

/// Whether a host, an IPv6 address with or without its brackets, is this machine alone.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<core::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn no_login_is_in_the_url() {
        for (text, url, login) in [
            ("https://host:1", "https://host:1", None),
            ("https://host/k8s/clusters/c-1", "https://host/k8s/clusters/c-1", None),
            ("https://host:1/a@b", "https://host:1/a@b", None),
            ("https://[::1]:1/a@b", "https://[::1]:1/a@b", None),
            ("https://admin:PW@host:1/a", "https://host:1/a", Some("admin:PW")),
            ("https://PW@host", "https://host", Some("PW")),
            ("https://admin:P@W@host", "https://host", Some("admin:P@W")),
            ("https://admin:P%2FW@[::1]:1", "https://[::1]:1", Some("admin:P%2FW")),
            ("https://admin:PW@host?a=b@c", "https://host?a=b@c", Some("admin:PW")),
            ("admin:PW@host:1", "host:1", Some("admin:PW")),
            ("socks5://admin:PW@host:1", "socks5://host:1", Some("admin:PW")),
            ("https://admin:P/W@host:1", "https://…", None),
            ("https://admin:P?W@host:1", "https://…", None),
            ("https://admin:P#W@host:1", "https://…", None),
            (r"https://admin:P\W@host:1", "https://…", None),
            ("admin:P/W@host", "…", None),
            ("", "", None),
        ] {
            let address = Address::of(text);
            assert_eq!((address.url(), address.login()), (url, login), "{text}");
            assert!(!format!("{address} {address:?}").contains("PW"), "{text}");
            assert_eq!(address.with_login().as_str(), if url.contains('…') { url } else { text });
        }
        for text in ["https:/admin:PW@host", "https:///admin:PW@host", r"https:\\admin:PW@host", r"https:/\admin:PW@host"] {
            assert_eq!(Address::of(text).url(), "https://host", "{text}");
        }
        assert_eq!(Address::of("admin:PW@host").or_https().with_login().as_str(), "https://admin:PW@host");
    }
}
