//! One request to a registry and what became of it.

use super::redirect::{self, Hop, Sent};
use crate::artifact::error::{ArtifactError, RegistryError};
use kubephase_core::header;
use kubephase_core::log::{Level, Log};
use kubephase_core::reference::Reference;
use kubephase_core::source::{RegistryAccess, Transport};
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, NoProxy, Proxy, Request, Response, StatusCode, Url};
use serde_json::Value;
use std::cell::Cell;
use std::error::Error as StdError;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

/// How long we wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long we wait for the next piece of an answer.
const PIECE: Duration = Duration::from_secs(30);
/// How long an answer may take that is no component.
const SMALL_ANSWER: Duration = Duration::from_secs(60);
/// How long a component may take.
const COMPONENT: Duration = Duration::from_secs(900);
/// How much of a refusal is read, bytes.
const REFUSAL_BYTES: u64 = 8 << 10;
/// No file of authorities is larger: those of a whole system have a quarter of a megabyte.
const AUTHORITIES_BYTES: u64 = 16 << 20;
/// Docker's registry is not at the address that it is named by.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// What a request does in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// It reads.
    Pull,
    /// It writes.
    Push,
}

/// How much is expected of an answer, and so how long it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// Little.
    Little,
    /// A token, which is little.
    Token,
    /// A component.
    Component,
}

/// A client of one registry.
pub(super) struct Http<'a> {
    client: Client,
    base: Url,
    registry: String,
    repository: String,
    log: &'a dyn Log,
    /// It has answered.
    is_known: Cell<bool>,
    /// The environment names a proxy.
    is_proxied: bool,
}

impl<'a> Http<'a> {
    /// Prepares a client. Nothing is sent yet.
    pub(super) fn prepare(reference: &Reference, access: &RegistryAccess, log: &'a dyn Log) -> Result<Self, ArtifactError> {
        let registry = reference.registry().to_owned();
        let host = if registry == DOCKER_HUB.0 { DOCKER_HUB.1 } else { registry.as_str() };
        let scheme = match access.transport {
            Transport::Https => "https",
            Transport::PlainHttp => "http",
        };
        let protocol = |problem: String| RegistryError::Protocol { registry: registry.clone(), problem };
        let base = Url::parse(&format!("{scheme}://{host}/v2/{}/", reference.repository()));
        let base = base.map_err(|error| protocol(error.to_string()))?;
        let client = client(access).map_err(|error| match error {
            Unusable::File(error) => error,
            Unusable::Client(error) => protocol(innermost(&error)).into(),
        })?;
        Ok(Self {
            client,
            base,
            repository: reference.repository().to_owned(),
            registry,
            log,
            is_known: Cell::new(false),
            is_proxied: access.https_proxy.is_some(),
        })
    }

    /// The registry as the user names it.
    pub(super) fn name(&self) -> &str {
        &self.registry
    }

    /// The address of something in the repository.
    pub(super) fn url(&self, path: &str) -> Result<Url, RegistryError> {
        self.base.join(path).map_err(|error| self.protocol(error.to_string()))
    }

    /// Whether an address is the registry's own, so that it may know who we are.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// An answer that makes no sense.
    pub(super) fn protocol(&self, problem: impl Into<String>) -> RegistryError {
        RegistryError::Protocol { registry: self.registry.clone(), problem: problem.into() }
    }

    /// Sends a request, and follows where its answers send it to, as far as [`redirect::next`] lets it. Any other answer is one, whatever
    /// its status.
    pub(super) async fn send(&self, mut request: Request, expected: Expected) -> Result<Response, RegistryError> {
        let mut redirects = 0;
        loop {
            let sent = Sent::of(&request, expected);
            let response = self.send_once(request, expected).await?;
            redirects += 1;
            request = match redirect::next(sent, &response, redirects) {
                Hop::Stay => return Ok(response),
                Hop::To(next) => next,
                Hop::Refused { to, why } => {
                    let to = to.origin().ascii_serialization();
                    return Err(RegistryError::Redirect { registry: self.registry.clone(), to, why });
                }
            };
        }
    }

    async fn send_once(&self, mut request: Request, expected: Expected) -> Result<Response, RegistryError> {
        *request.timeout_mut() = Some(match expected {
            Expected::Little | Expected::Token => SMALL_ANSWER,
            Expected::Component => COMPONENT,
        });
        // Without the query, in which some registries have secrets.
        let line = format!("{} {}{}", request.method(), request.url().origin().ascii_serialization(), request.url().path());
        let answer = self.client.execute(request).await;
        self.log.line(Level::Requests, &|| match &answer {
            Ok(response) => format!("{line}: {}", response.status().as_u16()),
            Err(error) => format!("{line}: {}", innermost(error)),
        });
        self.is_known.set(self.is_known.get() || answer.is_ok());
        answer.map_err(|error| self.broken(&error))
    }

    /// Asks for a token and reads the answer, which must be good and little.
    pub(super) async fn token(&self, request: Request, limit: u64) -> Result<Vec<u8>, RegistryError> {
        let response = self.send(request, Expected::Token).await?;
        if !response.status().is_success() {
            return Err(self.refused(response, &self.repository).await);
        }
        self.body(response, limit).await?.ok_or_else(|| self.protocol(format!("its answer has more than {limit} bytes")))
    }

    /// The body of an answer; none if it is larger than the limit. What the registry says of its size is not looked at.
    pub(super) async fn body(&self, mut response: Response, limit: u64) -> Result<Option<Vec<u8>>, RegistryError> {
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.broken(&error))? {
            if body.len().saturating_add(piece.len()) as u64 > limit {
                return Ok(None);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Some(body))
    }

    /// What an answer means that is not a good one. `what` is what was asked for.
    pub(super) async fn refused(&self, response: Response, what: &str) -> RegistryError {
        let (status, registry) = (response.status(), self.registry.clone());
        let waits = response.headers().get_all(RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
        let retry_after = header::retry_after(waits);
        let body = self.body(response, REFUSAL_BYTES).await.ok().flatten().unwrap_or_default();
        let said = words(&body);
        match status {
            StatusCode::NOT_FOUND => RegistryError::NotFound(what.to_owned()),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                RegistryError::Denied { registry, repository: self.repository.clone(), said }
            }
            StatusCode::TOO_MANY_REQUESTS => RegistryError::RateLimit { registry, said, retry_after },
            StatusCode::BAD_REQUEST if String::from_utf8_lossy(&body).contains("HTTPS") && self.base.scheme() == "http" => {
                RegistryError::OnlyTls(registry)
            }
            StatusCode::REQUEST_TIMEOUT => RegistryError::Busy { registry, status: status.as_u16(), said, retry_after },
            _ if status.is_server_error() => RegistryError::Busy { registry, status: status.as_u16(), said, retry_after },
            _ => RegistryError::Unexpected { registry, status: status.as_u16(), said },
        }
    }

    /// What became of a request that got no answer, or only the beginning of one.
    pub(super) fn broken(&self, error: &reqwest::Error) -> RegistryError {
        let registry = self.registry.clone();
        if error.is_builder() {
            let to = error.url().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
            return RegistryError::Redirect { registry, to, why: "in clear" };
        }
        match tls(error) {
            // Of another authority with the same name, the signature is not that of the known one.
            Some(rustls::Error::InvalidCertificate(
                rustls::CertificateError::UnknownIssuer | rustls::CertificateError::BadSignature,
            )) => RegistryError::UnknownAuthority(registry),
            Some(tls @ rustls::Error::InvalidCertificate(_)) => RegistryError::Certificate { registry, cause: tls.to_string() },
            Some(rustls::Error::InvalidMessage(_)) => RegistryError::NoTls(registry),
            _ => {
                let cause = if error.is_timeout() { "it takes too long".to_owned() } else { innermost(error) };
                // What never answered is probably not where the user thinks it is.
                if error.is_connect() && !self.is_known.get() {
                    let by = if self.is_proxied { " (HTTPS_PROXY names a proxy)" } else { "" };
                    return RegistryError::Unreachable { registry, cause: format!("{cause}{by}") };
                }
                RegistryError::Broken { registry, cause }
            }
        }
    }
}

/// Why there is no client.
enum Unusable {
    /// The file of `--ca-file`.
    File(ArtifactError),
    /// A setting.
    Client(reqwest::Error),
}

/// Certificates are verified by the machine's authorities and those of `--ca-file`; there is nothing by which that is turned off. The
/// environment is not looked at: what it says is in `access`.
fn client(access: &RegistryAccess) -> Result<Client, Unusable> {
    // The process may have one already, which then is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("kubectl-bootstrap-token/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .read_timeout(PIECE)
        // Where an answer sends us to is decided in one place, which knows the request.
        .redirect(Policy::none())
        .https_only(access.transport == Transport::Https)
        .no_proxy();
    if let Some(path) = &access.authorities {
        builder = builder.tls_certs_merge(authorities(path).map_err(Unusable::File)?);
    }
    if let Some(proxy) = &access.https_proxy {
        let no_proxy = access.no_proxy.as_deref().and_then(NoProxy::from_string);
        builder = builder.proxy(Proxy::https(proxy).map_err(Unusable::Client)?.no_proxy(no_proxy));
    }
    builder.build().map_err(Unusable::Client)
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, ArtifactError> {
    let failed = |problem: String| ArtifactError::File { path: path.to_owned(), problem };
    let mut bytes = Vec::new();
    #[expect(clippy::disallowed_types, reason = "the file of --ca-file")]
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    if file.take(AUTHORITIES_BYTES + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))? as u64
        > AUTHORITIES_BYTES
    {
        return Err(failed(format!("it has more than {} MiB", AUTHORITIES_BYTES >> 20)));
    }
    let certificates = Certificate::from_pem_bundle(&bytes).map_err(|error| failed(innermost(&error)))?;
    if certificates.is_empty() { Err(failed("there is no PEM certificate in it".to_owned())) } else { Ok(certificates) }
}

/// The message of a registry's error document (`distribution-spec`, "Error Codes"); empty if there is none.
fn words(body: &[u8]) -> String {
    let document: Option<Value> = serde_json::from_slice(body).ok();
    let message = document.as_ref().and_then(|document| document.pointer("/errors/0/message")?.as_str());
    message.unwrap_or_default().to_owned()
}

/// The TLS error in an error, if there is one.
fn tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>())
}

/// The last cause, without the URL.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let causes: Vec<_> = causes(error).collect();
    let last = causes.last().filter(|_| causes.len() > 1);
    last.map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let next = |error: &&'a (dyn StdError + 'static)| -> Option<&'a (dyn StdError + 'static)> {
        let error: &'a (dyn StdError + 'static) = *error;
        // The source of an io::Error is the source of what it wraps, not that itself.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source())
    };
    std::iter::successors(Some(error), next)
}
