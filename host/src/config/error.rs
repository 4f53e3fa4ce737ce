//! Errors in the command line and in the files that it names.

use kubephase_core::join::InvalidJoin;
use kubephase_core::name::shortened;
use kubephase_core::reference::InvalidReference;
use kubephase_core::saved::SavedError;
use std::path::PathBuf;

/// A command line or a file that is invalid or unreadable.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The value of a flag is invalid.
    #[error("invalid value `{value}` for {flag}: {rule}")]
    Flag {
        /// The name of the flag.
        flag: &'static str,
        /// The value given.
        value: String,
        /// Which values are valid.
        rule: &'static str,
    },
    /// `explain` was asked for a name that nothing has.
    #[error("nothing is called `{name}`{}; `explain` lists all rules, steps and causes", .meant.as_ref().map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default())]
    Unexplained {
        /// The name given.
        name: String,
        /// The name that was probably meant.
        meant: Option<String>,
    },
    /// A format for programs needs tokens that are not to be shown.
    #[error("this format prints tokens, whose secret halves are not shown")]
    Masked,
    /// A file name is a URL.
    #[error("`{0}` is a URL: -f reads files; download and review it first")]
    Url(String),
    /// A folder has no configuration.
    #[error("the folder `{}` has no file that ends in .yaml, .yml or .json", .0.display())]
    NoFiles(PathBuf),
    /// The value is not a phase.
    #[error("`{value}` is neither an existing file nor a valid reference")]
    Phase {
        /// The value given.
        value: String,
        /// Why it is not a reference.
        source: InvalidReference,
    },
    /// The value is not a reference.
    #[error("`{value}` is not a reference")]
    Reference {
        /// The value given.
        value: String,
        /// Why it is not a reference.
        source: InvalidReference,
    },
    /// A limit is unknown or its value is invalid.
    #[error("invalid limit `{name}={value}`: {rule}")]
    Limit {
        /// The name of the limit.
        name: String,
        /// The value given.
        value: String,
        /// Which values are valid.
        rule: String,
    },
    /// A file of the operator is invalid.
    #[error("the file `{}` is invalid: {problem}", .path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A saved plan cannot be used.
    #[error("the plan `{}` is refused", .path.display())]
    Saved {
        /// The path of the plan.
        path: PathBuf,
        /// Why the plan cannot be used.
        source: SavedError,
    },
    /// No undo plan has this id.
    #[error("there is no undo plan `{0}`")]
    NoUndo(String),
    /// There is no folder for undo plans.
    #[error("undo plans are kept in the home folder, but none is set")]
    NoUndoFolder,
    /// No undo plan of this cluster is left.
    #[error(
        "there is nothing to undo here: this machine has no undo plan from the last 30 days for this cluster (at this address) or this folder"
    )]
    NothingToUndo,
    /// A recording cannot be used.
    #[error("the recording `{}` cannot be used", .path.display())]
    Recording {
        /// The path of the recording.
        path: PathBuf,
        /// Why the recording cannot be used.
        source: SavedError,
    },
    /// A bootstrap token was given as kubectl's bearer token. The value is not repeated.
    #[error("the value of --token looks like a bootstrap token, but --token is kubectl's bearer token")]
    BootstrapTokenAsBearer,
    /// An ignore rule is invalid.
    #[error("invalid value `{value}` for --ignore")]
    Ignore {
        /// The rule given.
        value: String,
        /// Why the rule is invalid.
        source: kubephase_core::audit::InvalidIgnore,
    },
    /// The arguments of `check` are invalid.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The cases of `phase test` are invalid.
    #[error(transparent)]
    Cases(#[from] CasesError),
    /// The configuration file cannot be read.
    #[error("unable to read config from `{}`", .path.display())]
    Read {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// Another file cannot be read.
    #[error("unable to read `{}`", .path.display())]
    Unreadable {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The configuration file is not valid YAML.
    #[error("the configuration file `{}` is not valid YAML", .path.display())]
    Yaml {
        /// The path of the file.
        path: PathBuf,
        /// The error of the YAML parser.
        source: crate::yaml::YamlError,
    },
    /// The configuration file is not text.
    #[error("the configuration file `{}` is not UTF-8 text", .0.display())]
    NoText(PathBuf),
    /// The configuration file is too large.
    #[error("the file `{}` is larger than {} MiB", .path.display(), limit >> 20)]
    TooLarge {
        /// The path of the file.
        path: PathBuf,
        /// The size limit, bytes.
        limit: u64,
    },
}

/// Arguments that `check` cannot use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// No command, token or id was given.
    #[error("there is nothing to check")]
    Nothing,
    /// A part of the join command is invalid. Tokens are not repeated.
    #[error(transparent)]
    Invalid(#[from] InvalidJoin),
    /// A word that is neither a token nor an id. It is not repeated: it may be most of a token.
    #[error("the argument is neither a bootstrap token, nor its id, nor a `kubeadm join` line")]
    Neither,
    /// A line with an unclosed quote.
    #[error("the line has an unclosed quote")]
    Quotes,
    /// A line with a second command.
    #[error("the line continues after the `kubeadm join` command, with `{0}`")]
    Further(String),
    /// A line that goes on in one that was not copied.
    #[error("the line ends with a backslash: the line after it is missing")]
    Continued,
    /// A file of the line cannot be read here.
    #[error("{0} names a file that cannot be read here")]
    File(&'static str),
    /// The cluster is found by a file instead of a token.
    #[error("the node finds its cluster by a discovery file; only a join with a token can be checked")]
    ByFile,
    /// A flag that kubeadm does not take beside a file.
    #[error("kubeadm does not take {0} beside --config")]
    Mixed(&'static str),
    /// The input of a machine cannot be used.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// A flag that kubeadm does not have.
    #[error("`kubeadm join` does not accept {0}")]
    Flag(String),
    /// A flag whose name does not begin with two ASCII dashes.
    #[error("`{0}` is not a flag: {1}")]
    Dash(String, &'static str),
    /// A flag that a shell does not recognize, because an escaped space precedes it.
    #[error("there is a space before `{0}`, so it is not read as a flag")]
    Torn(String),
    /// The address of the API server is unknown.
    #[error("without a kubeconfig, the address of the API server is not known")]
    NoEndpoint,
    /// Two endpoints were given.
    #[error("--control-plane-endpoint cannot be combined with a join line, which has its own endpoint")]
    EndpointTwice,
    /// A Machine of Cluster API without what it is started with.
    #[error("what the machine is started with cannot be read: {0}")]
    NoMachine(String),
    /// A token id whose secret half cannot be read from the cluster.
    #[error("the secret half of the token {0} cannot be read: {1}")]
    NoSecretHalf(String, String),
}

impl CheckError {
    /// How to correct the command.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Nothing | Self::Neither | Self::NoEndpoint => {
                "paste the whole line: kubectl bootstrap-token check -- kubeadm join HOST:PORT --token …"
            }
            Self::Further(_) => "omit what follows the join command",
            Self::Continued => "copy all lines that kubeadm printed: the hash is in the second one",
            Self::File(_) => "run it where the file is, or pass a copy: kubectl bootstrap-token check --config FILE",
            Self::NoSecretHalf(..) => "pass the whole token",
            Self::Dash(..) => "retype the two dashes: editors and chats change them",
            Self::Torn(_) => "a backslash continues a line only if it is the last character, without a space after it",
            Self::Invalid(invalid) => return invalid.hint(),
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// Why nothing in the input of a machine can be checked. No text of it is repeated but names: it has a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MachineError {
    /// Something packed cannot be unpacked.
    #[error("{0} in it cannot be unpacked")]
    Packed(&'static str),
    /// It is too large once it is unpacked.
    #[error("it is larger than 4 MiB unpacked")]
    TooLarge,
    /// It is packed too often.
    #[error("it is packed more than 4 times")]
    TooDeep,
    /// What the machine runs is elsewhere.
    #[error("it is only a part: `{0}` takes the rest from elsewhere")]
    Elsewhere(&'static str),
    /// A document in it is not of its kind.
    #[error("its {0} is not valid: {1}")]
    Document(&'static str, String),
    /// A version that no kubeadm of today reads.
    #[error("its JoinConfiguration is of `{}`; kubeadm reads kubeadm.k8s.io/v1beta2, v1beta3 and v1beta4", shortened(.0))]
    Version(String),
    /// Its first line is not one that cloud-init knows.
    #[error("its first line is neither `#cloud-config` nor `#!…`, so that cloud-init leaves it out")]
    NoHeader,
    /// Nothing in it joins.
    #[error("nothing in it joins a cluster: it has neither `kubeadm join` nor a JoinConfiguration")]
    NoJoin,
    /// It joins more than one cluster.
    #[error("it joins more than once, at {}", endpoints(.0))]
    Several(Vec<String>),
    /// A file that it names is not in it.
    #[error("it runs `kubeadm join {flag} {}` and has no such file", shortened(.path))]
    NoFile {
        /// The flag with its path.
        flag: &'static str,
        /// The path.
        path: String,
    },
}

fn endpoints(endpoints: &[String]) -> String {
    endpoints.iter().map(|endpoint| format!("`{endpoint}`")).collect::<Vec<_>>().join(" and ")
}

/// Why there is nothing to test.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// A folder without subfolders.
    #[error("there are no cases in `{}`", .0.display())]
    None(PathBuf),
    /// A folder that is not a case.
    #[error("the case `{}` has no request.yaml", .0.display())]
    NoRequest(PathBuf),
    /// No component was built.
    #[error("there is no phase in `{}`", .0.display())]
    NoPhase(PathBuf),
    /// More than one component was built.
    #[error("there is more than one phase: {}", listed(.0))]
    Phases(Vec<PathBuf>),
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(" and ")
}

impl CasesError {
    /// How to correct it.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::None(_) => Some("each case is a folder in it, with request.yaml"),
            Self::NoRequest(_) => Some("it contains the request to the phase; apiVersion, kind and task are required"),
            Self::NoPhase(_) => Some(
                "build it with `cargo build --release`, once after `rustup target add wasm32-unknown-unknown`, or pass its path with --phase",
            ),
            Self::Phases(_) => Some("choose one with --phase"),
        }
    }
}
