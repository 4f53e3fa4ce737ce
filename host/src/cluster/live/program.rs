//! Programs of credential plugins: where they are, and their paths in one spelling.

use std::path::PathBuf;

/// The file of a program, as Go's `exec.LookPath` finds it: a name with a separator is a path, any other is looked up in the
/// folders of `PATH`. The current folder does not count.
pub(super) fn look_up(name: &str, path: Option<&str>) -> Option<PathBuf> {
    if name.contains(std::path::MAIN_SEPARATOR) {
        return Some(PathBuf::from(name)).filter(|file| is_executable(file));
    }
    let folders = std::env::split_paths(path.unwrap_or_default()).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(name)).find(|file| is_executable(file))
}

#[cfg(unix)]
fn is_executable(file: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &std::path::Path) -> bool {
    file.is_file()
}

/// A path without `.`, `..` and double separators, like after Go's `filepath.Clean`.
pub(super) fn cleaned(path: &str) -> String {
    use std::path::Component;
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in std::path::Path::new(path).components() {
        match (part, parts.last()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            (part, _) => parts.push(part),
        }
    }
    let path: PathBuf = parts.iter().collect();
    if parts.is_empty() { ".".to_owned() } else { path.to_string_lossy().into_owned() }
}
