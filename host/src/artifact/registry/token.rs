//! Answers a registry's authentication challenge (`distribution-spec`, and Docker's token protocol).

use super::exchange::{Http, Operation};
use super::login::Login;
use crate::artifact::error::RegistryError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_auth::parser::ChallengeParser;
use kubephase_core::reference::Reference;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Method, Request, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

/// The maximum size of an answer with a token, bytes.
const ANSWER_BYTES: u64 = 64 << 10;
/// The client name in token requests.
const CLIENT: &str = "kubectl-bootstrap-token";

/// An authentication challenge.
enum Challenge {
    /// A user name and a password.
    Basic,
    /// A token, and the service that issues it.
    Bearer { realm: String, service: Option<String> },
}

#[derive(Deserialize)]
struct Answer {
    token: Option<SecretString>,
    access_token: Option<SecretString>,
}

impl Challenge {
    /// The challenge to answer, tokens preferred; `None` if none is supported.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let texts = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let challenges = texts.flat_map(|text| ChallengeParser::new(text).filter_map(Result::ok));
        let mut found = None;
        for challenge in challenges {
            let parameter = |wanted: &str| {
                let mut parameters = challenge.params.iter();
                parameters.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.to_unescaped())
            };
            match (challenge.scheme.to_ascii_lowercase().as_str(), parameter("realm")) {
                ("bearer", Some(realm)) => return Some(Self::Bearer { realm, service: parameter("service") }),
                ("basic", _) => found = Some(Self::Basic),
                _ => {}
            }
        }
        found
    }
}

/// The header that answers a challenge; `None` if there is no login for it.
pub(super) async fn authorization(
    http: &Http<'_>,
    reference: &Reference,
    login: Option<&Login>,
    headers: &HeaderMap,
    operation: Operation,
) -> Result<Option<HeaderValue>, RegistryError> {
    match (Challenge::of(headers), login) {
        (Some(Challenge::Basic), Some(Login::Password(user, password))) => Ok(secret(basic(user, password).as_str())),
        (Some(Challenge::Basic), _) | (None, _) => Ok(None),
        (Some(Challenge::Bearer { realm, service }), login) => {
            let rights = match operation {
                Operation::Pull => "pull",
                Operation::Push => "pull,push",
            };
            let scope = format!("repository:{}:{rights}", reference.repository());
            let token = token(http, &realm, service.as_deref(), &scope, login).await?;
            Ok(secret(Zeroizing::new(format!("Bearer {}", token.expose_secret())).as_str()))
        }
    }
}

/// Requests a token. The client's `https_only` keeps a password from a plain HTTP realm.
async fn token(
    http: &Http<'_>,
    realm: &str,
    service: Option<&str>,
    scope: &str,
    login: Option<&Login>,
) -> Result<SecretString, RegistryError> {
    let protocol = |problem: &str| RegistryError::Protocol { registry: http.name().to_owned(), problem: problem.to_owned() };
    let mut url = Url::parse(realm).map_err(|_| protocol("its token endpoint is not a URL"))?;
    let mut query = vec![("scope", scope)];
    query.extend(service.map(|service| ("service", service)));
    let request = if let Some(Login::Identity(identity)) = login {
        query.extend([("grant_type", "refresh_token"), ("client_id", CLIENT), ("refresh_token", identity.expose_secret())]);
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let mut request = Request::new(Method::POST, url);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        *request.body_mut() = Some(form.into());
        request
    } else {
        url.query_pairs_mut().extend_pairs(query);
        let mut request = Request::new(Method::GET, url);
        if let Some(Login::Password(user, password)) = login {
            request.headers_mut().extend(secret(basic(user, password).as_str()).map(|value| (AUTHORIZATION, value)));
        }
        request
    };
    let answer = Zeroizing::new(http.token(request, ANSWER_BYTES).await?);
    let answer: Answer = serde_json::from_slice(&answer).map_err(|_| protocol("its token response cannot be read"))?;
    answer.token.or(answer.access_token).ok_or_else(|| protocol("its token response has no token"))
}

fn basic(user: &str, password: &SecretString) -> Zeroizing<String> {
    let pair = Zeroizing::new(format!("{user}:{}", password.expose_secret()));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

/// A header that is marked as sensitive; `None` for a text that is not a valid header.
fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
