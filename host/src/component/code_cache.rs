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
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().filter_map(Result::ok);
        let ours = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == EXTENSION));
        let mut files: Vec<(SystemTime, u64, PathBuf)> = ours
            .filter_map(|path| {
                let metadata = std::fs::symlink_metadata(&path).ok()?;
                Some((metadata.modified().ok()?, metadata.len(), path))
            })
            .collect();
        files.sort_by_key(|(written, _, path)| std::cmp::Reverse((path == this, *written)));
        let mut sum = 0;
        for (_, bytes, path) in files {
            sum += bytes;
            if sum > MOST_BYTES && path != this {
                // Another run may have removed it.
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CodeCache, MOST_BYTES};
    use std::collections::BTreeSet;
    use std::fs::OpenOptions;
    use std::time::{Duration, SystemTime};

    #[test]
    fn the_oldest_go_when_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CodeCache::at(folder.path()).unwrap();
        let begun = SystemTime::UNIX_EPOCH;
        for (name, bytes, age) in [
            ("this.code", MOST_BYTES / 2, 1),
            ("old.code", MOST_BYTES / 2, 2),
            ("new.code", MOST_BYTES / 2, 3),
            ("other.txt", MOST_BYTES, 0),
        ] {
            let path = folder.path().join(name);
            crate::store::write_private(&path, "").unwrap();
            // It takes no room on the disk.
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(bytes).unwrap();
            file.set_modified(begun + Duration::from_secs(age)).unwrap();
        }
        cache.forget_old(&folder.path().join("this.code"));
        let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(left.collect::<BTreeSet<_>>(), ["new.code", "other.txt", "this.code"].map(str::to_owned).into());
    }
}
