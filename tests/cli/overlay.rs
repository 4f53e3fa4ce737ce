//! Manifests of cases: a folder may begin with the manifests of another one, so that each is written once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Texts of files, by name.
pub(crate) type Files = BTreeMap<String, String>;

/// The file that says with which folder of `tests/clusters` another one begins.
pub(crate) const FROM: &str = "from";

/// The manifests of a folder: those that it begins with, and over them its own, of which an empty one takes one away.
pub(crate) fn overlaid(folder: &Path) -> Files {
    let mut own = files(folder);
    let mut manifests = own.remove(FROM).map(|base| base_files(&base)).unwrap_or_default();
    manifests.extend(own);
    manifests.retain(|_, text| !text.is_empty());
    manifests
}

/// The manifests of a folder of `tests/clusters`.
pub(crate) fn base_files(name: &str) -> Files {
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../tests/clusters").join(name.trim());
    assert!(folder.is_dir(), "{name}: there is no such folder in tests/clusters");
    files(&folder)
}

/// The files of a folder, by name.
pub(crate) fn files(folder: &Path) -> Files {
    let Ok(entries) = std::fs::read_dir(folder) else { return Files::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Writes files into a folder.
pub(crate) fn write(files: &Files, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
}
