//! The operator's configuration file, `config.yaml`, which applies to every run, and other files that the operator writes.

use super::env::{self, Env};
use super::error::ConfigError;
use super::limits;
use crate::{store, yaml};
use kubephase_core::audit::{Ignore, IgnoresDocument};
use kubephase_core::document::{DocumentKind, OtherKind};
use kubephase_core::grant::{Grant, GrantDocument};
use kubephase_core::inventory::Providers;
use kubephase_core::limits::Limits;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The size limit for all of the plugin's files, bytes.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The size limit for a report: ten thousand findings have a tenth of it, bytes.
const MOST_REPORT_BYTES: u64 = 128 * 1024 * 1024;

/// The settings for every run.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ConfigDocument {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// The limits of a phase, by name, as `--limit` takes them.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("propertyNames" = { "enum": kubephase_core::limits::Limit::ALL.map(|limit| limit.name) })))]
    limits: BTreeMap<String, Value>,
}

/// The limits in the configuration file; the defaults if it does not exist.
///
/// # Errors
/// [`ConfigError`] if the file is invalid or cannot be read.
pub(super) fn read_limits(env: &dyn Env) -> Result<Limits, ConfigError> {
    let mut limits = limits::LIMITS;
    let Some(path) = env::config_file(env) else { return Ok(limits) };
    check_own(&path)?;
    let text = match read_text(&path) {
        Err(ConfigError::Unreadable { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(limits),
        other => other?,
    };
    let document: ConfigDocument = read_document(&path, &text)?;
    check_kind(DocumentKind::Config, &path, (&document.api_version, &document.kind))?;
    for (name, value) in document.limits {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        limits::set(&mut limits, &name, &value)?;
    }
    Ok(limits)
}

/// Reads a grant file.
///
/// # Errors
/// [`ConfigError`] if the file is invalid or cannot be read.
pub fn read_grant(path: &Path) -> Result<Grant, ConfigError> {
    let text = read_text(path)?;
    let document: GrantDocument = read_document(path, &text)?;
    Grant::try_from(document).map_err(|error| ConfigError::File { path: path.to_owned(), problem: error.to_string() })
}

/// Reads a file of ignore rules.
///
/// # Errors
/// [`ConfigError`] if the file is invalid or cannot be read.
pub(super) fn read_ignores(path: &Path) -> Result<Vec<Ignore>, ConfigError> {
    let text = read_text(path)?;
    let document: IgnoresDocument = read_document(path, &text)?;
    document.ignores().map_err(|error| ConfigError::File { path: path.to_owned(), problem: error.to_string() })
}

/// Reads a report that `audit` wrote.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read, or is larger than a report of one cluster is.
pub(crate) fn read_report(path: &Path) -> Result<String, ConfigError> {
    text(path, read_bytes(path, MOST_REPORT_BYTES)?)
}

/// Reads what machines are given in a file; `None` if it does not exist yet, or is no text.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read.
pub(crate) fn read_handed_out(path: &Path) -> Result<Option<Zeroizing<String>>, ConfigError> {
    match read_text(path) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(ConfigError::Unreadable { source, .. }) if [ErrorKind::NotFound, ErrorKind::InvalidData].contains(&source.kind()) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Reads the file of credential plugins for ClusterProfiles, which the operator shares with other programs.
///
/// # Errors
/// [`ConfigError`] if the file is invalid or cannot be read.
pub(super) fn read_providers(path: &Path) -> Result<Providers, ConfigError> {
    read_document(path, &read_text(path)?)
}

/// Checks a security-relevant file in the plugin's folder: one that another user could have written is refused.
///
/// # Errors
/// [`ConfigError`] if it is refused or cannot be read.
pub(super) fn check_own(path: &Path) -> Result<(), ConfigError> {
    store::check_file(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

/// Standard input as the name of a file, as in kubectl.
pub const STDIN: &str = "-";

pub(super) fn read_text(path: &Path) -> Result<String, ConfigError> {
    text(path, read_bytes(path, MOST_BYTES)?)
}

/// Like [`read_text`], of standard input for `-`.
pub(super) fn read_text_or(path: &Path, stdin: &mut dyn Read) -> Result<String, ConfigError> {
    text(path, read_bytes_or(path, stdin)?)
}

/// Reads a file of any contents, or standard input for `-`.
pub(super) fn read_bytes_or(path: &Path, stdin: &mut dyn Read) -> Result<Vec<u8>, ConfigError> {
    if path == Path::new(STDIN) { read_at_most(path, stdin, MOST_BYTES) } else { read_bytes(path, MOST_BYTES) }
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, ConfigError> {
    let no_text = |_| std::io::Error::new(std::io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    let text = String::from_utf8(bytes).map_err(no_text);
    text.map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

/// The bytes of a file of at most `most` bytes.
pub(super) fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, ConfigError> {
    #[expect(clippy::disallowed_types, reason = "the operator's own files")]
    let mut file = std::fs::File::open(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    read_at_most(path, &mut file, most)
}

fn read_at_most(path: &Path, from: &mut dyn Read, most: u64) -> Result<Vec<u8>, ConfigError> {
    let mut bytes = Vec::new();
    let read = from.take(most + 1).read_to_end(&mut bytes);
    if read.map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })? as u64 > most {
        return Err(ConfigError::TooLarge { path: path.to_owned(), limit: most });
    }
    Ok(bytes)
}

pub(super) fn read_document<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, ConfigError> {
    let failed = |problem: String| ConfigError::File { path: PathBuf::from(path), problem };
    let value = yaml::parse_without_repetition(text).map_err(|error| failed(error.to_string()))?;
    serde_json::from_value(value).map_err(|error| failed(error.to_string()))
}

/// Checks the first two fields of a document.
pub(super) fn check_kind(expected: DocumentKind, path: &Path, (api_version, kind): (&str, &str)) -> Result<(), ConfigError> {
    let failed = |error: OtherKind| ConfigError::File { path: path.to_owned(), problem: error.to_string() };
    expected.check(api_version, kind).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::{read_grant, read_ignores};

    /// Of two equal keys the last one would count, but a reader sees the first.
    #[test]
    fn a_key_stands_once_in_every_file_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let head = "apiVersion: bootstrap-token.kubectl/v1alpha1\nkind: Grant\n";
        let permission = "access: [read], group: '', version: v1, resource: configmaps, kind: ConfigMap, namespace: a";
        for (text, key) in [
            (format!("{head}tasks: []\ntasks: []\n"), "tasks"),
            (format!("{head}tasks: []\n\"tasks\": []\n"), "tasks"),
            (format!("{head}tasks: []\n\"t\\x61sks\": []\n"), "tasks"),
            (format!("{head}tasks: []\n? tasks\n: []\n"), "tasks"),
            (format!("{head}kind: Grant\ntasks: []\n"), "kind"),
            (format!("{head}tasks: [{{name: a, permissions: [{{{permission}, names: [a], names: [b]}}]}}]\n"), "names"),
            (format!("{head}phase: {{id: a, id: b}}\ntasks: []\n"), "id"),
            (r#"{"apiVersion":"bootstrap-token.kubectl/v1alpha1","kind":"Grant","tasks":[],"tasks":[]}"#.to_owned(), "tasks"),
            (
                r#"{"apiVersion":"bootstrap-token.kubectl/v1alpha1","kind":"Grant","tasks":[],"t\u0061sks":[]}"#.to_owned(),
                "tasks",
            ),
        ] {
            #[expect(clippy::disallowed_methods, reason = "a test makes its files")]
            std::fs::write(&path, &text).unwrap();
            for problem in [read_grant(&path).unwrap_err(), read_ignores(&path).unwrap_err()] {
                let source = std::error::Error::source(&problem).map(ToString::to_string).unwrap_or_default();
                assert!(
                    format!("{problem}: {source}").contains(&format!("the key `{key}` appears twice")),
                    "{text}: {problem} {source}"
                );
            }
        }
        #[expect(clippy::disallowed_methods, reason = "a test makes its files")]
        std::fs::write(&path, format!("{head}tasks: []\n")).unwrap();
        assert!(read_grant(&path).is_ok());
    }
}
