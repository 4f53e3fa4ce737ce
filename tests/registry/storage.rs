//! What a registry keeps on its disk, spoilt by a test.

use crate::registry::Registry;
use std::path::{Path, PathBuf};

impl Registry {
    /// The file of a blob: a manifest, a config or a layer.
    pub(crate) fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.strip_prefix("sha256:").unwrap();
        self.storage().join("docker/registry/v2/blobs/sha256").join(&hex[..2]).join(hex).join("data")
    }

    /// Flips the bits of one byte of a blob, which is still found by its old digest.
    pub(crate) fn flip(&self, digest: &str, at: usize) {
        change(&self.blob(digest), |bytes| bytes[at] = !bytes[at]);
    }

    /// Cuts a blob after some bytes.
    pub(crate) fn cut(&self, digest: &str, length: usize) {
        change(&self.blob(digest), |bytes| bytes.truncate(length));
    }

    /// Puts something else in the place of a blob.
    pub(crate) fn replace(&self, digest: &str, by: &[u8]) {
        change(&self.blob(digest), |bytes| *bytes = by.to_vec());
    }

    /// Removes a blob; what refers to it stays.
    pub(crate) fn lose(&self, digest: &str) {
        std::fs::remove_file(self.blob(digest)).unwrap();
    }
}

fn change(path: &Path, how: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    how(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}
