//! Pushing: two blobs, then the manifest that names them.

use super::exchange::Operation;
use super::expected::Expected;
use super::{DIGEST_HEADER, Registry};
use crate::artifact::error::{ArtifactError, RegistryError};
use crate::artifact::layout::{Built, MANIFEST_TYPE};
use kubephase_core::digest::Digest;
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Method, Request, StatusCode, Url};

impl Registry<'_> {
    /// Pushes an artifact under the tag of the reference.
    ///
    /// # Errors
    /// [`ArtifactError`] if the registry rejects a part.
    pub fn push(&self, built: &Built, component: &[u8]) -> Result<(), ArtifactError> {
        self.runtime.block_on(async {
            for bytes in [component, &built.config] {
                let digest = Digest::of(bytes);
                self.patiently(async || self.push_blob(&digest, bytes).await).await?;
            }
            self.patiently(async || self.push_manifest(built).await).await
        })
    }

    async fn push_blob(&self, digest: &Digest, bytes: &[u8]) -> Result<(), ArtifactError> {
        let head = Request::new(Method::HEAD, self.http.url(&format!("blobs/{digest}"))?);
        if self.ask(head, Operation::Push, Expected::Little).await?.status() == StatusCode::OK {
            return Ok(());
        }
        let post = Request::new(Method::POST, self.http.url("blobs/uploads/")?);
        let response = self.ask(post, Operation::Push, Expected::Little).await?;
        if response.status() != StatusCode::ACCEPTED {
            return Err(self.http.refused(response, self.reference.repository()).await.into());
        }
        let location = response.headers().get(LOCATION).and_then(|value| response.url().join(value.to_str().ok()?).ok());
        let location: Url = location.ok_or_else(|| self.http.protocol("it does not say where to upload to"))?;
        let mut put = Request::new(Method::PUT, location);
        put.url_mut().query_pairs_mut().append_pair("digest", &digest.to_string());
        put.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        *put.body_mut() = Some(bytes.to_vec().into());
        let response = self.ask(put, Operation::Push, Expected::Component).await?;
        if response.status() == StatusCode::CREATED {
            return Ok(());
        }
        Err(self.http.refused(response, self.reference.repository()).await.into())
    }

    async fn push_manifest(&self, built: &Built) -> Result<(), ArtifactError> {
        let tag = self.reference.tag().unwrap_or_default();
        let mut put = Request::new(Method::PUT, self.http.url(&format!("manifests/{tag}"))?);
        put.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MANIFEST_TYPE));
        *put.body_mut() = Some(built.manifest.clone().into());
        let response = self.ask(put, Operation::Push, Expected::Little).await?;
        if response.status() != StatusCode::CREATED {
            return Err(self.http.refused(response, self.reference.repository()).await.into());
        }
        let header = response.headers().get(DIGEST_HEADER).and_then(|value| value.to_str().ok());
        match header {
            Some(found) if found != built.digest.to_string() => {
                let problem = format!("it stored the manifest as `{found}`, not as `{}`", built.digest);
                Err(RegistryError::Protocol { registry: self.http.name().to_owned(), problem }.into())
            }
            _ => Ok(()),
        }
    }
}
