//! A registry (`distribution-spec`). One runtime, behind blocking calls.
//!
//! Written on `reqwest` and not on `oci-client`: that reads manifests and tokens of any size, takes a refused list of signatures for an
//! empty one, sends a login to wherever a registry says, and does not tell how long to wait.

mod blob;
mod exchange;
mod login;
mod push;
mod redirect;
mod token;

use super::error::{Again, ArtifactError, RegistryError};
use super::layout::{self, INDEX_TYPE, MANIFEST_BYTES, MANIFEST_TYPE, ManifestDocument};
use super::signatures::{self, MOST, MOST_BYTES, Signed};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use exchange::{Expected, Http, Operation};
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
/// How often a request is made again.
const TIMES: usize = 5;
/// A registry that wants us to wait longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// What we take as a manifest; Docker's types too, so that it can be said what they are.
const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";
/// The header with the digest of a manifest.
const DIGEST_HEADER: &str = "docker-content-digest";

/// How we behave towards who waits.
#[derive(Clone, Copy)]
pub struct RegistrySettings<'a> {
    /// Where requests are told.
    pub log: &'a dyn Log,
    /// Where is said what is waited for.
    pub say: &'a dyn Fn(&str),
}

/// A repository in a registry.
pub struct Registry<'a> {
    runtime: Runtime,
    http: Http<'a>,
    reference: Reference,
    logins: Vec<PathBuf>,
    login: OnceCell<Option<Login>>,
    /// What the registry was answered when it asked who we are.
    answered: RefCell<Option<HeaderValue>>,
    manners: RegistrySettings<'a>,
}

impl<'a> Registry<'a> {
    /// Prepares a connection to the repository of a reference. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ArtifactError`] for a `--ca-file` or a proxy that cannot be used.
    pub fn prepare(reference: &Reference, access: &RegistryAccess, manners: RegistrySettings<'a>) -> Result<Self, ArtifactError> {
        let http = Http::prepare(reference, access, manners.log)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| http.protocol(error.to_string()))?;
        let (reference, logins) = (reference.clone(), access.logins.clone());
        Ok(Self { runtime, http, reference, logins, login: OnceCell::new(), answered: RefCell::default(), manners })
    }

    /// The bytes of the manifest and their digest, which is the pinned one if there is one.
    ///
    /// # Errors
    /// [`ArtifactError`] if it is not there, is too large, or is not what the digest says.
    pub fn manifest(&self) -> Result<(Vec<u8>, Digest), ArtifactError> {
        let reference = &self.reference;
        let name = reference.digest().map(ToString::to_string).or_else(|| reference.tag().map(str::to_owned)).unwrap_or_default();
        let bytes = self.runtime.block_on(self.named(&name, MANIFEST_BYTES))?;
        let bytes = bytes.ok_or_else(|| RegistryError::NotFound(reference.to_string()))?;
        let digest = Digest::of(&bytes);
        Ok((bytes, digest))
    }

    /// What could be signatures of an artifact.
    ///
    /// # Errors
    /// As [`Registry::signed`].
    pub fn candidates(&self, digest: &Digest) -> Result<Vec<Candidate>, ArtifactError> {
        Ok(signatures::candidates(&self.signed(digest)?))
    }

    /// The manifests with what could be signatures of an artifact: those that the registry says refer to it, those of the tag that stands
    /// for that in registries which do not know, and that of cosign 2.
    ///
    /// # Errors
    /// [`ArtifactError`] for any failure but that there are none, and if there are too many. So a registry that fails does not make an
    /// artifact unsigned.
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

    /// What the registry says refers to an artifact, page by page; nothing from a registry that does not know.
    async fn referrers(&self, digest: &Digest) -> Result<Vec<Vec<u8>>, ArtifactError> {
        let mut pages = Vec::new();
        let mut next = Some(self.http.url(&format!("referrers/{digest}"))?);
        while let Some(url) = next {
            // A page of nothing counts too, or there could be pages without end.
            self.at_most(pages.len())?;
            let Some(document) = self.document(&url, INDEX_TYPE, MANIFEST_BYTES).await? else {
                // The first one may be missing, and says so that this registry does not know. A later one was promised.
                if pages.is_empty() { break } else { return Err(self.http.protocol("a page of its list is missing").into()) }
            };
            next = document.next.map(|next| self.page(&url, &next)).transpose()?;
            pages.push(document.bytes);
        }
        Ok(pages)
    }

    /// The address of the next page of a list. It is nobody else's.
    fn page(&self, url: &Url, next: &str) -> Result<Url, ArtifactError> {
        let next = url.join(next).map_err(|error| self.http.protocol(error.to_string()))?;
        if self.http.is_own(&next) { Ok(next) } else { Err(self.http.protocol("its next page is elsewhere").into()) }
    }

    /// The manifests in a list.
    fn referring(&self, list: &[u8]) -> Result<Vec<Digest>, ArtifactError> {
        let problem = |problem| layout::beside(&self.reference, problem);
        let entries = ManifestDocument::read(list).map_err(problem)?.manifests.unwrap_or_default();
        let manifests = entries.iter().filter(|entry| entry.media_type == MANIFEST_TYPE);
        manifests.map(|entry| entry.digest().map_err(problem)).collect()
    }

    /// A manifest with the bytes of its parts. `count` is how many there are of all.
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

    /// The manifest of a digest that another document names, so that it must be there.
    async fn must(&self, name: &str) -> Result<Vec<u8>, ArtifactError> {
        let found = self.named(name, MOST_BYTES).await?;
        found.ok_or_else(|| RegistryError::NotFound(format!("{}@{name}", self.reference.place())).into())
    }

    /// The manifest of a tag or a digest; none if there is none. It is what its digest says.
    async fn named(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, ArtifactError> {
        let url = self.http.url(&format!("manifests/{name}"))?;
        let Some(Document { bytes, .. }) = self.document(&url, ACCEPTED, limit).await? else { return Ok(None) };
        match Digest::parse(name) {
            Some(expected) => is(&bytes, &expected, "manifest").map(|()| Some(bytes)),
            None => Ok(Some(bytes)),
        }
    }

    /// A document of the repository of one of these types; none if there is none.
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

    /// Sends a request as who we are, once the registry asks who that is. Nobody else is told.
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

    /// The login, looked for once.
    fn login(&self) -> Result<Option<&Login>, ArtifactError> {
        if let Some(login) = self.login.get() {
            return Ok(login.as_ref());
        }
        let login = login::login(&self.logins, &self.reference)?;
        Ok(self.login.get_or_init(|| login).as_ref())
    }

    /// Does something until it is done, or until it is clear that it will not be.
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

/// A document, and where the next page of it is, if it is a list that has one.
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

/// Whether bytes have a digest.
fn is(bytes: &[u8], expected: &Digest, what: &'static str) -> Result<(), ArtifactError> {
    let found = Digest::of(bytes);
    if found == *expected { Ok(()) } else { Err(ArtifactError::Digest { what, expected: expected.clone(), found }) }
}
