//! What was typed and cannot be meant.

use kubephase_core::reference::InvalidReference;
use kubephase_core::saved::SavedError;
use std::path::PathBuf;

/// Something that was typed and makes no sense, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A flag's value.
    #[error("invalid value `{value}` for {flag}: {rule}")]
    Flag {
        /// The flag.
        flag: &'static str,
        /// What was given.
        value: String,
        /// What is taken.
        rule: &'static str,
    },
    /// What shall be a phase.
    #[error("`{value}` is no phase: there is no such file, and it is no reference")]
    Phase {
        /// What was given.
        value: String,
        /// Why it is no reference.
        source: InvalidReference,
    },
    /// What shall be a reference.
    #[error("`{value}` is no reference")]
    Reference {
        /// What was given.
        value: String,
        /// Why not.
        source: InvalidReference,
    },
    /// A limit.
    #[error("invalid limit `{name}={value}`: {rule}")]
    Limit {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// What is taken.
        rule: String,
    },
    /// A file of the operator's.
    #[error("the file `{}` makes no sense: {problem}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A plan in a file.
    #[error("the plan `{}` is not carried out", .path.display())]
    Saved {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SavedError,
    },
    /// A recording.
    #[error("the recording `{}` cannot be used", .path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SavedError,
    },
    /// A bootstrap token where kubectl has its bearer token. The value is not repeated.
    #[error("the value of --token looks like a bootstrap token, but --token is kubectl's, for the login")]
    BootstrapTokenAsBearer,
    /// What shall be ignored.
    #[error("invalid value `{value}` for --ignore")]
    Ignore {
        /// What was given.
        value: String,
        /// Why.
        source: kubephase_core::audit::InvalidIgnore,
    },
    /// What `check` was given.
    #[error(transparent)]
    Check(#[from] super::check::CheckError),
    /// Cases of `phase test`.
    #[error(transparent)]
    Cases(#[from] super::cases::CasesError),
    /// The configuration file.
    #[error("unable to read config from `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another file.
    #[error("unable to read `{}`", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration file is not YAML.
    #[error("the configuration file `{}` is not valid YAML", .path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// Why.
        source: crate::yaml::YamlError,
    },
    /// The configuration file is too big.
    #[error("the file `{}` is larger than {limit} bytes", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit, bytes.
        limit: u64,
    },
}
