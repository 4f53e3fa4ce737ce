//! The code of phases from outside, kept for the next run: a file for each component and engine, whose settings and target the engine compares
//! itself. A run that finds its code writes nothing.

use super::code::Code;
use super::engine::ENGINE_VERSION;
use crate::store;
use kubephase_core::digest::Digest;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How much is kept, bytes.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// The extension of its files.
const EXTENSION: &str = "code";

/// A folder that only this user can write to.
#[derive(Debug, Clone)]
pub struct CodeCache(PathBuf);

impl CodeCache {
    /// The cache in a folder, which is created if it is missing.
    ///
    /// # Errors
    /// The error of the file system; [`crate::store::FolderRefusal`] in it for a folder that others could write to.
    pub fn at(folder: &Path) -> io::Result<Self> {
        store::create_private(folder)?;
        Ok(Self(folder.to_owned()))
    }

    pub(super) fn find(&self, component: &Digest) -> Option<Code> {
        Code::read(&self.file(component))
    }

    /// Keeps the code of a component. A cache that cannot be written is none, as in many containers.
    pub(super) fn keep(&self, component: &Digest, code: &Code) {
        let file = self.file(component);
        if code.write(&file).is_ok() {
            self.forget_old(&file);
        }
    }

    fn file(&self, component: &Digest) -> PathBuf {
        self.0.join(format!("{}-{ENGINE_VERSION}.{EXTENSION}", component.hex()))
    }

    /// Removes the oldest files of too many bytes, but never this one.
    fn forget_old(&self, this: &Path) {
        let (kept, others): (Vec<Entry>, Vec<Entry>) =
            entries(&self.0).unwrap_or_default().into_iter().partition(|entry| entry.file == this);
        let mut sum: u64 = kept.iter().map(|entry| entry.bytes).sum();
        for entry in others {
            sum += entry.bytes;
            if sum > MOST_BYTES {
                // Another run may have removed it.
                let _ = std::fs::remove_file(entry.file);
            }
        }
    }
}

/// A file of the cache.
#[derive(Debug)]
pub struct Entry {
    /// The digest of the component.
    pub digest: Digest,
    /// The version of the engine that compiled it.
    pub engine: String,
    /// The size, bytes.
    pub bytes: u64,
    /// When it was written.
    pub written: SystemTime,
    /// The path.
    pub file: PathBuf,
}

/// The files of the cache in a folder, the latest first; none if there is no folder. Files with other names are left alone.
///
/// # Errors
/// The error of the file system.
pub fn entries(folder: &Path) -> io::Result<Vec<Entry>> {
    let files = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    let paths = files.map(|file| file.map(|file| file.path())).collect::<io::Result<Vec<_>>>()?;
    let mut entries: Vec<Entry> = paths.into_iter().filter_map(entry).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.written));
    Ok(entries)
}

/// What a file of the cache is by its name; `None` for other files, and for one that another run has just removed.
fn entry(file: PathBuf) -> Option<Entry> {
    let name = file.file_name()?.to_str()?.strip_suffix(EXTENSION)?.strip_suffix('.')?;
    let (digest, engine) = name.split_once('-')?;
    let (digest, engine) = (Digest::parse(&format!("sha256:{digest}"))?, engine.to_owned());
    let metadata = std::fs::symlink_metadata(&file).ok().filter(std::fs::Metadata::is_file)?;
    Some(Entry { digest, engine, bytes: metadata.len(), written: metadata.modified().ok()?, file })
}

#[cfg(test)]
mod tests {
    use super::{CodeCache, MOST_BYTES};
    use kubephase_core::digest::Digest;
    use std::collections::BTreeSet;
    use std::fs::OpenOptions;
    use std::time::{Duration, SystemTime};

    #[test]
    fn the_oldest_go_when_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CodeCache::at(folder.path()).unwrap();
        let begun = SystemTime::UNIX_EPOCH;
        let names = ["this", "old", "new"].map(|text| format!("{}-1.0.0.code", Digest::of(text.as_bytes()).hex()));
        let names = names.each_ref().map(String::as_str);
        for (name, bytes, age) in [
            (names[0], MOST_BYTES / 2, 1),
            (names[1], MOST_BYTES / 2, 2),
            (names[2], MOST_BYTES / 2, 3),
            ("other.code", MOST_BYTES, 0),
        ] {
            let path = folder.path().join(name);
            crate::store::write_private(&path, "").unwrap();
            // It takes no room on the disk.
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(bytes).unwrap();
            file.set_modified(begun + Duration::from_secs(age)).unwrap();
        }
        let listed = super::entries(folder.path()).unwrap();
        let listed: Vec<&str> = listed.iter().filter_map(|entry| entry.file.file_name()?.to_str()).collect();
        assert_eq!(listed, [names[2], names[1], names[0]], "the latest first, and no other file");
        cache.forget_old(&folder.path().join(names[0]));
        let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(left.collect::<BTreeSet<_>>(), [names[2], "other.code", names[0]].map(str::to_owned).into());
    }
}
