//! What was typed and cannot be meant.

use kubephase_core::join::InvalidJoin;
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
    Check(#[from] CheckError),
    /// Cases of `phase test`.
    #[error(transparent)]
    Cases(#[from] CasesError),
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

/// What `check` cannot be about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// Nothing was given.
    #[error("there is nothing to check")]
    Nothing,
    /// A part of it. Tokens are not repeated.
    #[error(transparent)]
    Invalid(#[from] InvalidJoin),
    /// A word that is neither a token nor an id. It is not repeated: it may be most of a token.
    #[error("the argument is neither a bootstrap token, nor the id of one, nor a line with `kubeadm join`")]
    Neither,
    /// A line with quotes that do not end.
    #[error("the line has a quote that does not end")]
    Quotes,
    /// A flag that says where a file is.
    #[error("{0} names a file on the node; only what is on the command line can be checked")]
    File(&'static str),
    /// A flag that kubeadm does not have.
    #[error("`kubeadm join` does not take {0}")]
    Flag(String),
    /// A flag with other dashes before its name than two of ASCII.
    #[error("`{0}` is not a flag: {1}")]
    Dash(String, &'static str),
    /// A flag that a shell does not take for one, since an escaped blank stands before it.
    #[error("a blank stands before `{0}`, so that it is not read as a flag")]
    Torn(String),
    /// Nothing says where the API server is.
    #[error("there is no kubeconfig, and nothing says where the API server is")]
    NoEndpoint,
    /// An endpoint twice.
    #[error("--control-plane-endpoint is for a token alone; the line says where the API server is")]
    EndpointTwice,
    /// An id without the cluster.
    #[error("the secret half of the token {0} cannot be read: {1}")]
    NoSecretHalf(String, String),
}

impl CheckError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Nothing | Self::Neither | Self::NoEndpoint => {
                "paste the whole line: kubectl bootstrap-token check -- kubeadm join HOST:PORT --token …"
            }
            Self::File(_) => "drop it, and give --token and --discovery-token-ca-cert-hash",
            Self::NoSecretHalf(..) => "give the whole token",
            Self::Dash(..) => "type the two dashes anew: editors and chats change them",
            Self::Torn(_) => "a backslash continues a line only as its last character, with no blank behind it",
            Self::Invalid(invalid) => return invalid.hint(),
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// Why there is nothing to be tested.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// A folder without folders.
    #[error("there are no cases in `{}`", .0.display())]
    None(PathBuf),
    /// A folder that is no case.
    #[error("the case `{}` has no request.yaml", .0.display())]
    NoRequest(PathBuf),
    /// Nothing was built.
    #[error("there is no phase in `{}`", .0.display())]
    NoPhase(PathBuf),
    /// More than one was built.
    #[error("there is more than one phase: {}", listed(.0))]
    Phases(Vec<PathBuf>),
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(" and ")
}

impl CasesError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::None(_) => Some("each case is a folder in it, with request.yaml"),
            Self::NoRequest(_) => Some("it says what the phase is asked; its least is apiVersion, kind and task"),
            Self::NoPhase(_) => Some(
                "build it with `cargo build --release`, once after `rustup target add wasm32-unknown-unknown`, or say where it is with --phase",
            ),
            Self::Phases(_) => Some("say which with --phase"),
        }
    }
}
