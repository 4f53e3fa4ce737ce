//! A registry (`distribution-spec`). One runtime, behind blocking calls.
//!
//! Based on `reqwest` and not on `oci-client`, which reads manifests and tokens of any size, treats a refused list of signatures
//! as empty, sends a login wherever a registry redirects, and does not report how long to wait.

mod blob;
mod exchange;
mod expected;
mod login;
mod push;
mod redirect;
mod token;

use super::error::{Again, ArtifactError, RegistryError};
use super::layout::{self, INDEX_TYPE, MANIFEST_BYTES, MANIFEST_TYPE, ManifestDocument};
use super::signatures::{self, MOST, MOST_BYTES, Signed};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use exchange::{Http, Operation};
use expected::Expected;
use kubephase_core::digest::Digest;
use kubephase_core::header;
use kubephase_core::log::Log;
use kubephase_core::reference::Reference;
use kubephase_core::source::RegistryAccess;
use kubephase_core::trust::Candidate;
use login::Login;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, LINK};
use reqwest::{Method, Request, Response, StatusCode, Url};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The delays between attempts grow from the first to the last.
const DELAYS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// How often a request is retried.
const TIMES: usize = 5;
/// If the registry requires a longer wait, the request fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// The accepted manifest types; Docker's are included so that the error can name them.
const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";
/// The header with the digest of a manifest.
const DIGEST_HEADER: &str = "docker-content-digest";

/// How requests are logged and waits are announced.
#[derive(Clone, Copy)]
pub struct RegistrySettings<'a> {
    /// The log of requests.
    pub log: &'a dyn Log,
    /// Receives a message about each wait.
    pub say: &'a dyn Fn(&str),
}

/// A repository in a registry.
pub struct Registry<'a> {
    runtime: Runtime,
    http: Http<'a>,
    reference: Reference,
    logins: Vec<PathBuf>,
    login: OnceCell<Option<Login>>,
    /// The answer to the registry's authentication challenge.
    answered: RefCell<Option<HeaderValue>>,
    manners: RegistrySettings<'a>,
}

impl<'a> Registry<'a> {
    /// Prepares a connection to the repository of a reference. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ArtifactError`] if a `--ca-file` or a proxy cannot be used.
    pub fn prepare(reference: &Reference, access: &RegistryAccess, manners: RegistrySettings<'a>) -> Result<Self, ArtifactError> {
        let http = Http::prepare(reference, access, manners.log)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| http.protocol(error.to_string()))?;
        let (reference, logins) = (reference.clone(), access.logins.clone());
        Ok(Self { runtime, http, reference, logins, login: OnceCell::new(), answered: RefCell::default(), manners })
    }

    /// Fetches the bytes of the manifest and their digest, which is the pinned one if there is one.
    ///
    /// # Errors
    /// [`ArtifactError`] if it is missing, is too large, or does not match the digest.
    pub fn manifest(&self) -> Result<(Vec<u8>, Digest), ArtifactError> {
        let reference = &self.reference;
        let name = reference.digest().map(ToString::to_string).or_else(|| reference.tag().map(str::to_owned)).unwrap_or_default();
        let bytes = self.runtime.block_on(self.named(&name, MANIFEST_BYTES))?;
        let bytes = bytes.ok_or_else(|| RegistryError::NotFound(reference.to_string()))?;
        let digest = Digest::of(&bytes);
        Ok((bytes, digest))
    }

    /// Fetches the candidates for signatures of an artifact.
    ///
    /// # Errors
    /// Like [`Registry::signed`].
    pub fn candidates(&self, digest: &Digest) -> Result<Vec<Candidate>, ArtifactError> {
        Ok(signatures::candidates(&self.signed(digest)?))
    }

    /// Fetches the manifests with candidates for signatures of an artifact: those that the registry lists as referrers, those
    /// under the fallback tag of registries without that list, and that of cosign 2.
    ///
    /// # Errors
    /// [`ArtifactError`] for any failure except that there are none, and if there are too many. So a failing registry does not
    /// make an artifact unsigned.
    pub fn signed(&self, digest: &Digest) -> Result<Vec<Signed>, ArtifactError> {
        self.runtime.block_on(async {
            let tag = format!("sha256-{}", digest.hex());
            let mut lists = self.referrers(digest).await?;
            lists.extend(self.named(&tag, MANIFEST_BYTES).await?);
            let mut manifests = Vec::new();
            let mut seen = BTreeSet::new();
            for list in &lists {
                for digest in self.referring(list)? {
                    if seen.insert(digest.clone()) {
                        self.at_most(seen.len())?;
                        manifests.push(self.must(&digest.to_string()).await?);
                    }
                }
            }
            manifests.extend(self.named(&format!("{tag}.sig"), MOST_BYTES).await?);
            let (mut signed, mut parts) = (Vec::new(), 0);
            for manifest in manifests {
                let found = self.with_parts(manifest, &mut parts).await?;
                signed.extend(Some(found).filter(|found| !found.parts.is_empty()));
            }
            Ok(signed)
        })
    }

    /// The referrers of an artifact, page by page; empty if the registry does not support the list.
    async fn referrers(&self, digest: &Digest) -> Result<Vec<Vec<u8>>, ArtifactError> {
        let mut pages = Vec::new();
        let mut next = Some(self.http.url(&format!("referrers/{digest}"))?);
        while let Some(url) = next {
            // Empty pages count too, or the list could be endless.
            self.at_most(pages.len())?;
            let Some(document) = self.document(&url, INDEX_TYPE, MANIFEST_BYTES).await? else {
                // A missing first page means that the registry does not support the list. A later page was announced.
                if pages.is_empty() { break } else { return Err(self.http.protocol("a page of its list is missing").into()) }
            };
            next = document.next.map(|next| self.page(&url, &next)).transpose()?;
            pages.push(document.bytes);
        }
        Ok(pages)
    }

    /// The URL of the next page of a list, which must be on the same registry.
    fn page(&self, url: &Url, next: &str) -> Result<Url, ArtifactError> {
        let next = url.join(next).map_err(|error| self.http.protocol(error.to_string()))?;
        if self.http.is_own(&next) { Ok(next) } else { Err(self.http.protocol("its next page is on another server").into()) }
    }

    /// The digests of the manifests in a list.
    fn referring(&self, list: &[u8]) -> Result<Vec<Digest>, ArtifactError> {
        let problem = |problem| layout::beside(&self.reference, problem);
        let entries = ManifestDocument::read(list).map_err(problem)?.manifests.unwrap_or_default();
        let manifests = entries.iter().filter(|entry| entry.media_type == MANIFEST_TYPE);
        manifests.map(|entry| entry.digest().map_err(problem)).collect()
    }

    /// A manifest with the bytes of its parts. `count` is the total over all manifests.
    async fn with_parts(&self, manifest: Vec<u8>, count: &mut usize) -> Result<Signed, ArtifactError> {
        let mut parts = Vec::new();
        for part in signatures::parts(&manifest).map_err(|problem| layout::beside(&self.reference, problem))? {
            *count += 1;
            self.at_most(*count)?;
            let bytes = self.patiently(async || self.small_blob(&part.digest, MOST_BYTES, "signature").await).await?;
            parts.push((part, bytes));
        }
        Ok(Signed { manifest, parts })
    }

    fn at_most(&self, count: usize) -> Result<(), ArtifactError> {
        let too_many = || ArtifactError::Signatures { reference: self.reference.to_string(), limit: MOST };
        if count > MOST { Err(too_many()) } else { Ok(()) }
    }

    /// The manifest of a digest that another document names, so that it must exist.
    async fn must(&self, name: &str) -> Result<Vec<u8>, ArtifactError> {
        let found = self.named(name, MOST_BYTES).await?;
        found.ok_or_else(|| RegistryError::NotFound(format!("{}@{name}", self.reference.place())).into())
    }

    /// The manifest of a tag or a digest; `None` if it does not exist. It is verified against the digest.
    async fn named(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, ArtifactError> {
        let url = self.http.url(&format!("manifests/{name}"))?;
        let Some(Document { bytes, .. }) = self.document(&url, ACCEPTED, limit).await? else { return Ok(None) };
        match Digest::parse(name) {
            Some(expected) => is(&bytes, &expected, "manifest").map(|()| Some(bytes)),
            None => Ok(Some(bytes)),
        }
    }

    /// A document of the repository, of one of these types; `None` if it does not exist.
    async fn document(&self, url: &Url, accepted: &'static str, limit: u64) -> Result<Option<Document>, ArtifactError> {
        let once = async || {
            let mut request = Request::new(Method::GET, url.clone());
            request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accepted));
            let response = self.ask(request, Operation::Pull, Expected::Little).await?;
            if response.status() == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            if response.status() != StatusCode::OK {
                return Err(self.http.refused(response, url.path()).await.into());
            }
            let digest = response.headers().get(DIGEST_HEADER).and_then(|value| Digest::parse(value.to_str().ok()?));
            let next = response.headers().get(LINK).and_then(|value| header::next_page(value.to_str().ok()?).map(str::to_owned));
            let too_large = ArtifactError::TooLarge { what: "manifest", limit };
            let bytes = self.http.body(response, limit).await?.ok_or(too_large)?;
            digest.map_or(Ok(()), |digest| is(&bytes, &digest, "manifest"))?;
            Ok(Some(Document { bytes, next }))
        };
        self.patiently(once).await
    }

    /// Sends a request, with the login if the registry asks for one. No other host receives it.
    async fn ask(&self, mut request: Request, operation: Operation, expected: Expected) -> Result<Response, ArtifactError> {
        let again = request.try_clone();
        let is_own = self.http.is_own(request.url());
        if let Some(answered) = self.answered.borrow().clone().filter(|_| is_own) {
            request.headers_mut().insert(AUTHORIZATION, answered);
        }
        let response = self.http.send(request, expected).await?;
        let (Some(mut again), true) = (again, response.status() == StatusCode::UNAUTHORIZED && self.http.is_own(response.url()))
        else {
            return Ok(response);
        };
        let login = self.login()?;
        let answer = token::authorization(&self.http, &self.reference, login, response.headers(), operation).await?;
        let Some(answer) = answer.filter(|_| is_own) else { return Ok(response) };
        again.headers_mut().insert(AUTHORIZATION, answer.clone());
        self.answered.replace(Some(answer));
        Ok(self.http.send(again, expected).await?)
    }

    /// The login, looked up once.
    fn login(&self) -> Result<Option<&Login>, ArtifactError> {
        if let Some(login) = self.login.get() {
            return Ok(login.as_ref());
        }
        let login = login::login(&self.logins, &self.reference)?;
        Ok(self.login.get_or_init(|| login).as_ref())
    }

    /// Retries an action until it succeeds, or cannot succeed.
    async fn patiently<T>(&self, mut once: impl AsyncFnMut() -> Result<T, ArtifactError>) -> Result<T, ArtifactError> {
        let (least, most) = DELAYS;
        let builder = ExponentialBuilder::default().with_min_delay(least).with_max_delay(most).with_max_times(TIMES);
        let mut delays = builder.with_jitter().build();
        loop {
            let error = match once().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let Again::After(asked) = again(&error) else { return Err(error) };
            let Some(delay) = delays.next().map(|delay| asked.unwrap_or(delay)).filter(|delay| *delay <= PATIENCE) else {
                return Err(error);
            };
            (self.manners.say)(&format!("trying again: {error}"));
            tokio::time::sleep(delay).await;
        }
    }
}

/// A document, and the link to its next page, if it is a list with one.
struct Document {
    bytes: Vec<u8>,
    next: Option<String>,
}

const fn again(error: &ArtifactError) -> Again {
    match error {
        ArtifactError::Registry(error) => error.again(),
        _ => Again::No,
    }
}

/// Verifies bytes against a digest.
fn is(bytes: &[u8], expected: &Digest, what: &'static str) -> Result<(), ArtifactError> {
    let found = Digest::of(bytes);
    if found == *expected { Ok(()) } else { Err(ArtifactError::Digest { what, expected: expected.clone(), found }) }
}
