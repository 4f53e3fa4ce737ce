//! Reads the trust policy and the files that it names.

use super::env::{self, Env};
use super::error::ConfigError;
use super::file;
use crate::cli::phase_flags::TrustFlags;
use crate::yaml;
use kubephase_core::trust::{KeyEntry, KeyText, TrustPolicy, TrustPolicyDocument};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The trust options. The files are read only when an external phase is verified: the embedded one needs none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustConfig {
    /// Where the trust policy comes from.
    pub policy: PolicyPlace,
    /// The file of `--bundle`.
    pub bundle: Option<PathBuf>,
}

/// Where the trust policy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyPlace {
    /// From the plugin's folder, if it exists there; `None` without a home.
    Usual(Option<PathBuf>),
    /// From this file.
    Given(PathBuf),
    /// No policy: one of these keys must have signed the phase.
    Keys(Vec<PathBuf>),
}

/// The contents of the trust files.
#[derive(Debug)]
pub struct TrustFiles {
    /// The trust policy.
    pub policy: TrustPolicy,
    /// The PEM text of each key in the policy, by name.
    pub keys: Vec<(String, String)>,
}

/// The size limit for a signature, bytes.
const MOST_BUNDLE_BYTES: u64 = 1024 * 1024;
/// The size limit for a key, bytes.
const MOST_KEY_BYTES: u64 = 64 * 1024;

impl TrustConfig {
    /// The defaults without flags.
    pub(super) fn usual(env: &dyn Env) -> Self {
        Self { policy: PolicyPlace::Usual(env::config_folder(env).map(|folder| folder.join("policy.yaml"))), bundle: None }
    }

    /// Adds the flags.
    #[must_use]
    pub(super) fn with(self, flags: &TrustFlags) -> Self {
        let policy = flags.policy.clone().map_or(self.policy, PolicyPlace::Given);
        Self { policy, bundle: flags.bundle.clone().or(self.bundle) }
    }

    /// Whether a policy decides instead of keys from the command line.
    #[must_use]
    pub const fn is_policy(&self) -> bool {
        !matches!(self.policy, PolicyPlace::Keys(_))
    }

    /// Reads the policy and its keys. A missing default policy has a meaning of its own: see [`TrustPolicy::absent`].
    ///
    /// # Errors
    /// [`ConfigError`] if a file is invalid or cannot be read.
    pub fn read(&self) -> Result<TrustFiles, ConfigError> {
        match &self.policy {
            PolicyPlace::Given(path) => read_policy(path),
            PolicyPlace::Usual(None) => Ok(TrustFiles { policy: TrustPolicy::absent(None), keys: Vec::new() }),
            PolicyPlace::Usual(Some(path)) => match file::check_own(path).and_then(|()| read_policy(path)) {
                // Only the policy itself may be missing, not a key that it names.
                Err(ConfigError::Unreadable { source, path: missing })
                    if source.kind() == ErrorKind::NotFound && missing == *path =>
                {
                    Ok(TrustFiles { policy: TrustPolicy::absent(Some(path.display().to_string())), keys: Vec::new() })
                }
                read => read,
            },
            PolicyPlace::Keys(paths) => {
                let entry = |path: &PathBuf| {
                    let file = path.display().to_string();
                    KeyEntry { name: file.clone(), text: KeyText::File(file) }
                };
                with_keys(TrustPolicy::of_keys(paths.iter().map(entry).collect()), Path::new(""))
            }
        }
    }

    /// The signature of a local file: the bundle named by `--bundle`, or the one beside the file; `None` if there is none.
    ///
    /// # Errors
    /// [`ConfigError`] if it cannot be read, or was named but is missing.
    pub fn bundle_of(&self, path: &Path) -> Result<Option<Vec<u8>>, ConfigError> {
        if let Some(bundle) = &self.bundle {
            return file::read_bytes(bundle, MOST_BUNDLE_BYTES).map(Some);
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".sigstore.json");
        match file::read_bytes(Path::new(&beside), MOST_BUNDLE_BYTES) {
            Err(ConfigError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }
}

fn read_policy(path: &Path) -> Result<TrustFiles, ConfigError> {
    let refused = |problem: String| ConfigError::File { path: path.to_owned(), problem };
    let text = file::read_text(path)?;
    // Of two rules under one key the last would count, but a reader sees the first.
    let value = yaml::parse_without_repetition(&text).map_err(|error| refused(error.to_string()))?;
    let document: TrustPolicyDocument = serde_json::from_value(value).map_err(|error| refused(error.to_string()))?;
    let policy = document.policy(path.display().to_string()).map_err(|error| refused(error.to_string()))?;
    with_keys(policy, path.parent().unwrap_or_else(|| Path::new("")))
}

/// Reads the keys of a policy, with paths relative to this folder.
fn with_keys(policy: TrustPolicy, folder: &Path) -> Result<TrustFiles, ConfigError> {
    let text = |key: &KeyEntry| {
        let text = match &key.text {
            KeyText::Pem(pem) => pem.clone(),
            KeyText::File(path) => {
                let bytes = file::read_bytes(&folder.join(path), MOST_KEY_BYTES)?;
                // A key that is not text is not PEM, and is refused later.
                String::from_utf8(bytes).unwrap_or_default()
            }
        };
        Ok((key.name.clone(), text))
    };
    let keys = policy.keys.iter().map(text).collect::<Result<_, ConfigError>>()?;
    Ok(TrustFiles { policy, keys })
}

#[cfg(test)]
mod tests {
    use super::{ConfigError, PolicyPlace, TrustConfig};
    use kubephase_core::trust::PolicyOrigin;
    use std::path::Path;

    const POLICY: &str =
        "apiVersion: bootstrap-token.kubectl/v1alpha1\nkind: TrustPolicy\nkeys: [{name: release, file: keys/a.pub}]\n";

    #[expect(clippy::disallowed_methods, reason = "a test makes its files")]
    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn only_the_policy_itself_may_be_absent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.yaml");
        let usual = TrustConfig { policy: PolicyPlace::Usual(Some(path.clone())), bundle: None };
        assert!(matches!(usual.read().unwrap().policy.origin, PolicyOrigin::Absent(Some(_))));
        write(&path, POLICY);
        assert!(matches!(usual.read(), Err(ConfigError::Unreadable { path, .. }) if path.ends_with("keys/a.pub")));
        write(&folder.path().join("keys/a.pub"), "text");
        let files = usual.read().unwrap();
        assert_eq!(files.keys, [("release".to_owned(), "text".to_owned())]);
        assert_eq!(files.policy.origin, PolicyOrigin::File(path.display().to_string()));
        let given = TrustConfig { policy: PolicyPlace::Given(folder.path().join("none.yaml")), bundle: None };
        assert!(matches!(given.read(), Err(ConfigError::Unreadable { .. })));
    }

    #[test]
    fn a_named_bundle_must_be_there_and_one_beside_the_file_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("other.wasm");
        let beside = TrustConfig { policy: PolicyPlace::Usual(None), bundle: None };
        assert_eq!(beside.bundle_of(&file).unwrap(), None);
        write(&folder.path().join("other.wasm.sigstore.json"), "beside");
        assert_eq!(beside.bundle_of(&file).unwrap().as_deref(), Some(b"beside".as_slice()));
        let named = TrustConfig { bundle: Some(folder.path().join("none.json")), ..beside };
        assert!(matches!(named.bundle_of(&file), Err(ConfigError::Unreadable { .. })));
    }
}
