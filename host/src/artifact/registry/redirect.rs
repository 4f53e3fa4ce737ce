//! Where an answer may send us to. No request with a body and no request for a token that carries a login is made anywhere else; all that
//! is sent on is what was wanted and what is taken.

use super::exchange::Expected;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, LOCATION, RANGE};
use reqwest::{Method, Request, Response, StatusCode, Url};

/// As often we follow a registry to elsewhere.
const REDIRECTS: usize = 5;

/// What is left of a request that was sent.
pub(super) struct Sent {
    method: Method,
    url: Url,
    headers: HeaderMap,
    errand: Errand,
}

/// What a request may be sent on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    /// It reads something, wherever that is.
    Read,
    /// It hands something over: bytes, or a login to whoever gives tokens for it.
    HandOver,
}

/// Where it goes on.
pub(super) enum Hop {
    /// This is the answer.
    Stay,
    /// There.
    To(Request),
    /// Not there.
    Refused {
        /// Where it should have gone.
        to: Url,
        /// Why it does not.
        why: &'static str,
    },
}

impl Sent {
    /// What is needed of a request once it is sent.
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

/// Where an answer sends us to. The login stays behind when that is another host, port or scheme; and what was asked over TLS is not
/// answered in clear.
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
        return Hop::Refused { to, why: "and what carries a login or an upload is not sent on" };
    }
    let is_secure = |url: &Url| url.scheme() == "https";
    let is_web = is_secure(&to) || (to.scheme() == "http" && !is_secure(&sent.url));
    if redirects > REDIRECTS || !is_web {
        return Hop::Refused { to, why: "which is too far or in clear" };
    }
    let is_same = to.origin() == sent.url.origin();
    let mut request = Request::new(sent.method, to);
    let kept = [Some(ACCEPT), Some(RANGE), is_same.then_some(AUTHORIZATION)];
    for name in kept.into_iter().flatten() {
        if let Some(value) = sent.headers.get(&name) {
            request.headers_mut().insert(name, value.clone());
        }
    }
    // A password in an address is not ours, and would be sent as a login.
    let _ = request.url_mut().set_username("");
    let _ = request.url_mut().set_password(None);
    Hop::To(request)
}
