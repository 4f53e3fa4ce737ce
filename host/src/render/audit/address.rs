//! Which references of a phase are addresses that a reader may follow.

/// Whether it is a web address according to RFC 3986; addresses with a host in brackets are not accepted. `http::Uri` alone
/// accepts more.
pub(super) fn is_address(reference: &str) -> bool {
    let is_web = reference.starts_with("https://") || reference.starts_with("http://");
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte);
    let is_escape = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    is_web
        && reference.bytes().all(is_known)
        && reference.matches('#').count() <= 1
        && reference.split('%').skip(1).all(is_escape)
        && reference.parse::<http::Uri>().is_ok_and(|uri| uri.authority().is_some_and(is_host))
}

/// Whether it is a host alone or with a port: readers stop at a port of more than 65535 (`Sarif.Multitool`), and a login belongs nowhere.
fn is_host(authority: &http::uri::Authority) -> bool {
    let host = authority.host();
    let is_whole = authority.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")) == authority.as_str();
    is_whole && !host.is_empty()
}
