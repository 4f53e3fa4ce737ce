//! Blobs: the config, what could be signatures, and the component, which goes on where it stopped.

use super::exchange::{Expected, Operation};
use super::{Registry, is};
use crate::artifact::error::{ArtifactError, LayoutProblem, RegistryError};
use crate::artifact::layout::{self, Descriptor};
use crate::artifact::local_store::Partial;
use kubephase_core::digest::Digest;
use kubephase_core::header;
use reqwest::header::{CONTENT_RANGE, HeaderValue, RANGE};
use reqwest::{Method, Request, Response, StatusCode};

impl Registry<'_> {
    /// The config of a phase.
    ///
    /// # Errors
    /// [`ArtifactError`] if it is not there, is too large, or is not what its digest says.
    pub fn config(&self, config: &(Descriptor, Digest)) -> Result<Vec<u8>, ArtifactError> {
        let (descriptor, digest) = config;
        let once = async || self.small_blob(digest, descriptor.size, "config").await;
        self.runtime.block_on(self.patiently(once))
    }

    /// A blob that is read as a whole.
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

    /// The component. A file may hold the beginning of it already; if it breaks off again, what came is left there for the next time.
    ///
    /// # Errors
    /// [`ArtifactError`] if it is not there, is not of the size that the manifest says, or not what its digest says: then nothing is left
    /// of it.
    pub fn component(&self, layer: &(Descriptor, Digest), partial: &mut Partial) -> Result<Vec<u8>, ArtifactError> {
        let was_begun = partial.size() > 0;
        let mut fetched = self.fetch(layer, partial);
        // The beginning may have been of somebody else, or damaged since.
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

    /// Fetches what is missing of a component of a size.
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
            // It cannot go on there; the next attempt begins anew.
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                partial.clear()?;
                return Err(self.cut_off("it does not go on where it was asked to").into());
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
        if partial.size() < size { Err(self.cut_off("the answer ends too early").into()) } else { Ok(()) }
    }

    fn cut_off(&self, cause: &str) -> RegistryError {
        RegistryError::Broken { registry: self.http.name().to_owned(), cause: cause.to_owned() }
    }

    fn blob_name(&self, digest: &Digest) -> String {
        format!("{}@{digest}", self.reference.place())
    }
}

/// Whether an answer begins at an offset.
fn starts_at(response: &Response, start: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    range.and_then(header::range_start) == Some(start)
}
