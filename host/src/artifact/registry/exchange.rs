//! One request to a registry and its result.

use super::expected::Expected;
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

/// The connection timeout.
const CONNECT: Duration = Duration::from_secs(10);
/// The timeout for the next piece of an answer.
const PIECE: Duration = Duration::from_secs(30);
/// The timeout for an answer that is not a component.
const SMALL_ANSWER: Duration = Duration::from_secs(60);
/// The timeout for a component.
const COMPONENT: Duration = Duration::from_secs(900);
/// How many bytes of a refusal are read.
const REFUSAL_BYTES: u64 = 8 << 10;
/// The maximum size of a file of certificate authorities: those of a whole system have a quarter of a megabyte.
const AUTHORITIES_BYTES: u64 = 16 << 20;
/// Docker's registry has another address than its name.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// What a request does in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// Reads.
    Pull,
    /// Writes.
    Push,
}

/// A client of one registry.
pub(super) struct Http<'a> {
    client: Client,
    base: Url,
    registry: String,
    repository: String,
    log: &'a dyn Log,
    /// Whether the registry has answered in this run.
    is_known: Cell<bool>,
    /// Whether the environment names a proxy.
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

    /// The name of the registry as the user wrote it.
    pub(super) fn name(&self) -> &str {
        &self.registry
    }

    /// The URL of a path in the repository.
    pub(super) fn url(&self, path: &str) -> Result<Url, RegistryError> {
        self.base.join(path).map_err(|error| self.protocol(error.to_string()))
    }

    /// Whether a URL belongs to the registry itself, so that the login may be sent there.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// The error for an answer that violates the protocol.
    pub(super) fn protocol(&self, problem: impl Into<String>) -> RegistryError {
        RegistryError::Protocol { registry: self.registry.clone(), problem: problem.into() }
    }

    /// Sends a request, and follows redirects as far as [`redirect::next`] allows. Any other answer is returned, whatever its
    /// status.
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
        // Without the query, in which some registries put secrets.
        let line = format!("{} {}{}", request.method(), request.url().origin().ascii_serialization(), request.url().path());
        let answer = self.client.execute(request).await;
        self.log.line(Level::Requests, &|| match &answer {
            Ok(response) => format!("{line}: {}", response.status().as_u16()),
            Err(error) => format!("{line}: {}", innermost(error)),
        });
        self.is_known.set(self.is_known.get() || answer.is_ok());
        answer.map_err(|error| self.broken(&error))
    }

    /// Requests a token and reads the answer, which must be successful and small.
    pub(super) async fn token(&self, request: Request, limit: u64) -> Result<Vec<u8>, RegistryError> {
        let response = self.send(request, Expected::Token).await?;
        if !response.status().is_success() {
            return Err(self.refused(response, &self.repository).await);
        }
        self.body(response, limit).await?.ok_or_else(|| self.protocol(format!("its answer has more than {limit} bytes")))
    }

    /// The body of an answer; `None` if it is larger than the limit. The announced size is ignored.
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

    /// The error for an unsuccessful answer. `what` is what was requested.
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

    /// The error for a request with no answer, or only the beginning of one.
    pub(super) fn broken(&self, error: &reqwest::Error) -> RegistryError {
        let registry = self.registry.clone();
        if error.is_builder() {
            let to = error.url().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
            return RegistryError::Redirect { registry, to, why: "which is plain HTTP" };
        }
        match tls(error) {
            // An authority with the name of a known one, but another key.
            Some(rustls::Error::InvalidCertificate(
                rustls::CertificateError::UnknownIssuer | rustls::CertificateError::BadSignature,
            )) => RegistryError::UnknownAuthority(registry),
            Some(tls @ rustls::Error::InvalidCertificate(_)) => RegistryError::Certificate { registry, cause: tls.to_string() },
            Some(rustls::Error::InvalidMessage(_)) => RegistryError::NoTls(registry),
            _ => {
                let cause = if error.is_timeout() { "it took too long".to_owned() } else { innermost(error) };
                // A registry that never answered is probably not where the user thinks it is.
                if error.is_connect() && !self.is_known.get() {
                    let by = if self.is_proxied { " (HTTPS_PROXY names a proxy)" } else { "" };
                    return RegistryError::Unreachable { registry, cause: format!("{cause}{by}") };
                }
                RegistryError::Broken { registry, cause }
            }
        }
    }
}

/// Why the client could not be created.
enum Unusable {
    /// The file of `--ca-file` cannot be used.
    File(ArtifactError),
    /// A setting of the client is invalid.
    Client(reqwest::Error),
}

/// Creates the client. Certificates are verified against the system's authorities and those of `--ca-file`; verification cannot
/// be turned off. The environment is not read: its settings are in `access`.
fn client(access: &RegistryAccess) -> Result<Client, Unusable> {
    // The process may have one already, which is then the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("kubectl-bootstrap-token/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .read_timeout(PIECE)
        // Redirects are decided in one place, which knows the request.
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
        return Err(failed(format!("it is larger than {} MiB", AUTHORITIES_BYTES >> 20)));
    }
    let certificates = Certificate::from_pem_bundle(&bytes).map_err(|error| failed(innermost(&error)))?;
    if certificates.is_empty() { Err(failed("it has no PEM certificate".to_owned())) } else { Ok(certificates) }
}

/// The message in a registry's error document (`distribution-spec`, "Error Codes"); empty if there is none.
fn words(body: &[u8]) -> String {
    let document: Option<Value> = serde_json::from_slice(body).ok();
    let message = document.as_ref().and_then(|document| document.pointer("/errors/0/message")?.as_str());
    message.unwrap_or_default().to_owned()
}

/// The TLS error in an error, if there is one.
fn tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>())
}

/// The innermost cause, without the URL.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let causes: Vec<_> = causes(error).collect();
    let last = causes.last().filter(|_| causes.len() > 1);
    last.map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let next = |error: &&'a (dyn StdError + 'static)| -> Option<&'a (dyn StdError + 'static)> {
        let error: &'a (dyn StdError + 'static) = *error;
        // The source of an io::Error is the source of the error it wraps, not that error itself.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source())
    };
    std::iter::successors(Some(error), next)
}
