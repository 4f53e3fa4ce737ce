//! The files of the local store: each is written to a temporary file and then moved into place.
#![expect(clippy::disallowed_types, reason = "the files of the local store")]

use crate::artifact::error::ArtifactError;
use kubephase_core::digest::Digest;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// The folder of the blobs.
const BLOBS: &str = "blobs/sha256";
/// The folder of incomplete downloads.
const PARTIAL: &str = "partial";
/// The lock file for changes to the store.
const LOCK: &str = "lock";

/// The files of a local store.
#[derive(Debug, Clone)]
pub(super) struct Files {
    folder: PathBuf,
}

/// The lock for changing the store, held until it is dropped. The operating system releases it if the process ends.
pub(super) struct Lock {
    _file: File,
}

/// A complete or incomplete download of a component, locked for this process.
#[derive(Debug)]
pub struct Partial {
    file: File,
    path: PathBuf,
    size: u64,
}

fn failed(path: &Path) -> impl Fn(io::Error) -> ArtifactError {
    move |source| ArtifactError::Store { path: path.to_owned(), source }
}

impl Files {
    pub(super) const fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The path of a file.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Waits for the lock of the store.
    pub(super) fn lock(&self) -> Result<Lock, ArtifactError> {
        self.create(&self.folder.join(BLOBS))?;
        let path = self.folder.join(LOCK);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed(&path))?;
        file.lock().map_err(failed(&path))?;
        Ok(Lock { _file: file })
    }

    /// The bytes of a file; `None` if it does not exist.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, ArtifactError> {
        // The index decides which artifact a name refers to.
        crate::store::check_private(&self.folder).map_err(failed(&self.folder))?;
        let path = self.folder.join(name);
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed(&path))?,
        };
        let mut bytes = Vec::new();
        // One more byte is enough to change the digest.
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed(&path))?;
        Ok(Some(bytes))
    }

    /// The bytes of a blob, which may be damaged.
    pub(super) fn blob(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, ArtifactError> {
        self.read(&format!("{BLOBS}/{}", digest.hex()), limit)
    }

    /// Writes a blob, replacing a damaged one.
    pub(super) fn put(&self, lock: &Lock, bytes: &[u8]) -> Result<Digest, ArtifactError> {
        let digest = Digest::of(bytes);
        let is_there = self.blob(&digest, bytes.len() as u64)?.is_some_and(|found| found == bytes);
        if !is_there {
            self.write(lock, &format!("{BLOBS}/{}", digest.hex()), bytes)?;
        }
        Ok(digest)
    }

    /// Writes a file atomically.
    pub(super) fn write(&self, _lock: &Lock, name: &str, bytes: &[u8]) -> Result<(), ArtifactError> {
        let path = self.folder.join(name);
        let write = |folder: &Path| {
            let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            // So that the name survives a power failure. Not every system can open a folder.
            #[cfg(unix)]
            File::open(folder)?.sync_all()?;
            Ok(())
        };
        path.parent().map_or(Ok(()), write).map_err(failed(&path))
    }

    /// Removes all other blobs, and the leftovers of interrupted processes.
    pub(super) fn retain(&self, _lock: &Lock, kept: &BTreeSet<Digest>) -> Result<(), ArtifactError> {
        let folder = self.folder.join(BLOBS);
        for entry in std::fs::read_dir(&folder).map_err(failed(&folder))? {
            let path = entry.map_err(failed(&folder))?.path();
            let digest = path.file_name().and_then(|name| Digest::parse(&format!("sha256:{}", name.to_str()?)));
            if digest.is_none_or(|digest| !kept.contains(&digest)) {
                std::fs::remove_file(&path).map_err(failed(&path))?;
            }
        }
        Ok(())
    }

    /// Opens the download of a component, waiting for other processes that have it open.
    pub(super) fn partial(&self, digest: &Digest) -> Result<Partial, ArtifactError> {
        let folder = self.folder.join(PARTIAL);
        self.create(&folder)?;
        let path = folder.join(digest.hex());
        let file = OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(failed(&path))?;
        file.lock().map_err(failed(&path))?;
        let size = file.metadata().map_err(failed(&path))?.len();
        Ok(Partial { file, path, size })
    }

    fn create(&self, folder: &Path) -> Result<(), ArtifactError> {
        crate::store::create_private(folder).map_err(failed(&self.folder))
    }
}

impl Partial {
    /// The bytes downloaded so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a piece.
    ///
    /// # Errors
    /// [`ArtifactError::Store`] if the file cannot be written.
    pub fn append(&mut self, piece: &[u8]) -> Result<(), ArtifactError> {
        self.file.write_all(piece).map_err(failed(&self.path))?;
        self.size += piece.len() as u64;
        Ok(())
    }

    /// Discards the bytes, to start over.
    ///
    /// # Errors
    /// [`ArtifactError::Store`] if the file cannot be written.
    pub fn clear(&mut self) -> Result<(), ArtifactError> {
        self.file.set_len(0).map_err(failed(&self.path))?;
        self.size = 0;
        Ok(())
    }

    /// The downloaded bytes.
    ///
    /// # Errors
    /// [`ArtifactError::Store`] if the file cannot be read.
    pub fn bytes(&mut self) -> Result<Vec<u8>, ArtifactError> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0)).map_err(failed(&self.path))?;
        (&self.file).take(self.size).read_to_end(&mut bytes).map_err(failed(&self.path))?;
        Ok(bytes)
    }

    /// Removes the file once it is no longer needed.
    ///
    /// # Errors
    /// [`ArtifactError::Store`] if it cannot be removed.
    pub fn discard(self) -> Result<(), ArtifactError> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&self.path)(error)),
            _ => Ok(()),
        }
    }
}
