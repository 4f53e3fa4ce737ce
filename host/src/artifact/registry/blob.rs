//! Blobs: the config, candidates for signatures, and the component, whose download can be resumed.

use super::exchange::Operation;
use super::expected::Expected;
use super::{Registry, is};
use crate::artifact::error::{ArtifactError, LayoutProblem, RegistryError};
use crate::artifact::layout::{self, Descriptor};
use crate::artifact::local_store::Partial;
use kubephase_core::digest::Digest;
use kubephase_core::header;
use reqwest::header::{CONTENT_RANGE, HeaderValue, RANGE};
use reqwest::{Method, Request, Response, StatusCode};

impl Registry<'_> {
    /// Fetches the config of a phase.
    ///
    /// # Errors
    /// [`ArtifactError`] if it is missing, is too large, or does not match its digest.
    pub fn config(&self, config: &(Descriptor, Digest)) -> Result<Vec<u8>, ArtifactError> {
        let (descriptor, digest) = config;
        let once = async || self.small_blob(digest, descriptor.size, "config").await;
        self.runtime.block_on(self.patiently(once))
    }

    /// Fetches a blob in one piece.
    pub(super) async fn small_blob(&self, digest: &Digest, limit: u64, what: &'static str) -> Result<Vec<u8>, ArtifactError> {
        let request = Request::new(Method::GET, self.http.url(&format!("blobs/{digest}"))?);
        let response = self.ask(request, Operation::Pull, Expected::Little).await?;
        if response.status() != StatusCode::OK {
            return Err(self.http.refused(response, &self.blob_name(digest)).await.into());
        }
        let bytes = self.http.body(response, limit).await?.ok_or(ArtifactError::TooLarge { what, limit })?;
        is(&bytes, digest, what)?;
        Ok(bytes)
    }

    /// Fetches the component. A file may already contain the beginning; if the download breaks off again, the received bytes stay
    /// there for the next attempt.
    ///
    /// # Errors
    /// [`ArtifactError`] if it is missing, does not have the size in the manifest, or does not match its digest; in the last case
    /// the file is discarded.
    pub fn component(&self, layer: &(Descriptor, Digest), partial: &mut Partial) -> Result<Vec<u8>, ArtifactError> {
        let was_begun = partial.size() > 0;
        let mut fetched = self.fetch(layer, partial);
        // The beginning may have come from another registry, or have been damaged since.
        if was_begun && matches!(fetched, Err(ArtifactError::Digest { .. })) {
            partial.clear()?;
            fetched = self.fetch(layer, partial);
        }
        if matches!(fetched, Err(ArtifactError::Digest { .. } | ArtifactError::Layout { .. })) {
            partial.clear()?;
        }
        fetched
    }

    fn fetch(&self, (descriptor, digest): &(Descriptor, Digest), partial: &mut Partial) -> Result<Vec<u8>, ArtifactError> {
        self.runtime.block_on(self.patiently(async || self.rest(descriptor.size, digest, partial).await))?;
        let bytes = partial.bytes()?;
        is(&bytes, digest, "component")?;
        Ok(bytes)
    }

    /// Fetches the missing rest of a component.
    async fn rest(&self, size: u64, digest: &Digest, partial: &mut Partial) -> Result<(), ArtifactError> {
        if partial.size() > size {
            partial.clear()?;
        }
        if partial.size() == size && size > 0 {
            return Ok(());
        }
        let mut request = Request::new(Method::GET, self.http.url(&format!("blobs/{digest}"))?);
        let start = partial.size();
        if start > 0 {
            let range =
                HeaderValue::try_from(format!("bytes={start}-")).map_err(|error| self.http.protocol(error.to_string()))?;
            request.headers_mut().insert(RANGE, range);
        }
        let mut response = self.ask(request, Operation::Pull, Expected::Component).await?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if starts_at(&response, start) => {}
            StatusCode::OK => partial.clear()?,
            // It cannot be resumed there; the next attempt starts over.
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                partial.clear()?;
                return Err(self.cut_off("it does not resume at the requested offset").into());
            }
            _ => return Err(self.http.refused(response, &self.blob_name(digest)).await.into()),
        }
        while let Some(piece) = response.chunk().await.map_err(|error| self.http.broken(&error))? {
            let found = partial.size().saturating_add(piece.len() as u64);
            if found > size {
                return Err(layout::of(&self.reference, LayoutProblem::Size { what: "component", said: size, found }));
            }
            partial.append(&piece)?;
        }
        if partial.size() < size { Err(self.cut_off("the answer is truncated").into()) } else { Ok(()) }
    }

    fn cut_off(&self, cause: &str) -> RegistryError {
        RegistryError::Broken { registry: self.http.name().to_owned(), cause: cause.to_owned() }
    }

    fn blob_name(&self, digest: &Digest) -> String {
        format!("{}@{digest}", self.reference.place())
    }
}

/// Whether an answer starts at an offset.
fn starts_at(response: &Response, start: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    range.and_then(header::range_start) == Some(start)
}
