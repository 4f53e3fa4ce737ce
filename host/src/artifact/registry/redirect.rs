//! Which redirects are followed. A request with a body and a token request with a login are never redirected; a redirected
//! request carries only what was requested and which types are accepted.

use super::expected::Expected;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, LOCATION, RANGE};
use reqwest::{Method, Request, Response, StatusCode, Url};

/// The maximum number of redirects.
const REDIRECTS: usize = 5;

/// The parts of a request that are needed after it was sent.
pub(super) struct Sent {
    method: Method,
    url: Url,
    headers: HeaderMap,
    errand: Errand,
}

/// What a request does, which decides whether it may be redirected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    /// It reads something.
    Read,
    /// It sends something: bytes, or a login to a token service.
    HandOver,
}

/// The result for an answer.
pub(super) enum Hop {
    /// It is not a redirect.
    Stay,
    /// Follow the redirect with this request.
    To(Request),
    /// Refuse the redirect.
    Refused {
        /// The target of the redirect.
        to: Url,
        /// Why it is refused.
        why: &'static str,
    },
}

impl Sent {
    /// Keeps the parts of a request that are needed after it was sent.
    pub(super) fn of(request: &Request, expected: Expected) -> Self {
        let is_login = expected == Expected::Token && request.headers().contains_key(AUTHORIZATION);
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD) && request.body().is_none() && !is_login;
        Self {
            method: request.method().clone(),
            url: request.url().clone(),
            headers: request.headers().clone(),
            errand: if is_read { Errand::Read } else { Errand::HandOver },
        }
    }
}

/// Decides about a redirect. The login is not sent to another host, port or scheme, and a TLS request is not redirected to plain
/// HTTP.
pub(super) fn next(sent: Sent, response: &Response, redirects: usize) -> Hop {
    let is_redirect = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let (true, Some(to)) = (is_redirect, location.and_then(|location| sent.url.join(location).ok())) else { return Hop::Stay };
    if sent.errand == Errand::HandOver {
        return Hop::Refused { to, why: "but requests with a login or an upload are not redirected" };
    }
    let is_secure = |url: &Url| url.scheme() == "https";
    let is_web = is_secure(&to) || (to.scheme() == "http" && !is_secure(&sent.url));
    if redirects > REDIRECTS || !is_web {
        return Hop::Refused { to, why: "which is one redirect too many, or plain HTTP" };
    }
    let is_same = to.origin() == sent.url.origin();
    let mut request = Request::new(sent.method, to);
    let kept = [Some(ACCEPT), Some(RANGE), is_same.then_some(AUTHORIZATION)];
    for name in kept.into_iter().flatten() {
        if let Some(value) = sent.headers.get(&name) {
            request.headers_mut().insert(name, value.clone());
        }
    }
    // Credentials in the URL are not the operator's, and would be sent as a login.
    let _ = request.url_mut().set_username("");
    let _ = request.url_mut().set_password(None);
    Hop::To(request)
}
