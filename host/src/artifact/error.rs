//! Errors of artifacts, the local store and registries.

use kubephase_core::claim::InvalidClaim;
use kubephase_core::digest::Digest;
use kubephase_core::name::shortened;
use kubephase_core::trust::TrustRefusal;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why an artifact cannot be obtained, stored or pushed.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// It is not a phase.
    #[error("`{reference}` is not a phase: {problem}")]
    Layout {
        /// The requested reference.
        reference: String,
        /// What it is instead.
        problem: LayoutProblem,
    },
    /// It, or a part of it, is too large.
    #[error("the {what} has more than {limit} bytes")]
    TooLarge {
        /// The part that is too large.
        what: &'static str,
        /// The limit, bytes.
        limit: u64,
    },
    /// The bytes do not match the digest.
    #[error("the received {what} has the digest `{found}`, not `{expected}`")]
    Digest {
        /// The part with the wrong digest.
        what: &'static str,
        /// The expected digest.
        expected: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
    /// The config makes a false claim about the component.
    #[error("the config of `{reference}` does not match its component: {0}", .difference)]
    Lie {
        /// The reference of the artifact.
        reference: String,
        /// The false claim.
        difference: String,
    },
    /// The trust policy refuses it.
    #[error("`{reference}` is not trusted")]
    Refused {
        /// The reference of the artifact.
        reference: String,
        /// Why it is refused.
        source: Box<TrustRefusal>,
    },
    /// An object beside it, or the list of these, is unreadable.
    #[error("the signatures of `{reference}` cannot be read: {problem}")]
    Beside {
        /// The reference of the artifact.
        reference: String,
        /// What is wrong with the object.
        problem: LayoutProblem,
    },
    /// It has more candidates for signatures than are examined.
    #[error("`{reference}` has more than {limit} signatures")]
    Signatures {
        /// The reference of the artifact.
        reference: String,
        /// The maximum number.
        limit: usize,
    },
    /// It is not in the local store, and no registry may be contacted.
    #[error("`{0}` is not in the local store")]
    NotKept(String),
    /// It is not in the local store, so it cannot be removed.
    #[error("the local store does not have `{0}`")]
    NothingKept(String),
    /// Its config has no claim about the phase.
    #[error("the config of `{0}` does not describe the phase")]
    NoClaim(String),
    /// The local store has been damaged.
    #[error("`{what}` is damaged in the local store")]
    Damaged {
        /// The damaged artifact or part.
        what: String,
    },
    /// The index of the local store is invalid.
    #[error("the index `{}` of the local store is damaged", .0.display())]
    Index(PathBuf),
    /// There is no local store.
    #[error("the local store needs a home folder, but none is set")]
    NoStore,
    /// The local store cannot be used.
    #[error("cannot use the local store `{}`", .path.display())]
    Store {
        /// The folder, or a file in it.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// An archive is invalid, or cannot be read or written.
    #[error("cannot use the archive `{}`: {problem}", .path.display())]
    Archive {
        /// The path of the archive.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file of `--ca-file` or a login file cannot be used.
    #[error("cannot use `{}`: {problem}", .path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A registry failed or refused.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// What an artifact is instead of a phase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutProblem {
    /// A part is not JSON, or not of the expected form.
    #[error("its {part} cannot be read: {}", shortened(.cause))]
    Malformed {
        /// The malformed part.
        part: &'static str,
        /// The parser's message.
        cause: String,
    },
    /// An index of several artifacts.
    #[error("it is an index of {0} manifests, not one artifact")]
    Index(usize),
    /// An artifact with another config type.
    #[error("its config has the type `{}`", shortened(.0))]
    Config(String),
    /// An artifact with another layer type.
    #[error("its layer has the type `{}`", shortened(.0))]
    Layer(String),
    /// No layer, or several.
    #[error("it has {0} layers instead of one")]
    Layers(usize),
    /// An invalid digest.
    #[error("`{}` is not a digest", shortened(.0))]
    Digest(String),
    /// A part is missing.
    #[error("its part of the type `{0}` is missing")]
    Missing(&'static str),
    /// A core module.
    #[error("it is a core WebAssembly module, not a component")]
    CoreModule,
    /// Not WebAssembly.
    #[error("its layer is not a WebAssembly component")]
    NotWasm,
    /// The config belongs to another layer.
    #[error("its config belongs to another component")]
    OtherLayer,
    /// A part does not have the size in the manifest.
    #[error("its {what} has {found} bytes, but its manifest says {said}")]
    Size {
        /// The part of the wrong size.
        what: &'static str,
        /// The size in the manifest, bytes.
        said: u64,
        /// The size of the part, bytes.
        found: u64,
    },
    /// The claim about the phase is invalid.
    #[error(transparent)]
    Claim(InvalidClaim),
}

/// A registry's refusal, or why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The artifact or a part of it does not exist.
    #[error("the registry has no `{0}`")]
    NotFound(String),
    /// The login is missing or insufficient.
    #[error("the registry `{registry}` refuses access to `{repository}`{}", words(.said))]
    Denied {
        /// The name of the registry.
        registry: String,
        /// The name of the repository.
        repository: String,
        /// The registry's message.
        said: String,
    },
    /// Too many requests.
    #[error("the registry `{registry}` limits the rate of requests{}", words(.said))]
    RateLimit {
        /// The name of the registry.
        registry: String,
        /// The registry's message.
        said: String,
        /// How long to wait, if the registry says so.
        retry_after: Option<Duration>,
    },
    /// The registry is temporarily unavailable.
    #[error("the registry `{registry}` fails with status {status}{}", words(.said))]
    Busy {
        /// The name of the registry.
        registry: String,
        /// The HTTP status.
        status: u16,
        /// The registry's message.
        said: String,
        /// How long to wait, if the registry says so.
        retry_after: Option<Duration>,
    },
    /// An unexpected HTTP status.
    #[error("the registry `{registry}` answers with status {status}{}", words(.said))]
    Unexpected {
        /// The name of the registry.
        registry: String,
        /// The HTTP status.
        status: u16,
        /// The registry's message.
        said: String,
    },
    /// An answer that violates the protocol.
    #[error("the registry `{registry}` does not follow the protocol: {problem}")]
    Protocol {
        /// The name of the registry.
        registry: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// No connection could be made in this run.
    #[error("cannot reach the registry `{registry}`: {cause}")]
    Unreachable {
        /// The name of the registry.
        registry: String,
        /// The cause.
        cause: String,
    },
    /// The connection broke, or was too slow.
    #[error("the connection to the registry `{registry}` broke: {cause}")]
    Broken {
        /// The name of the registry.
        registry: String,
        /// The cause.
        cause: String,
    },
    /// The certificate comes from an unknown authority.
    #[error("the certificate of `{0}` is signed by an unknown authority")]
    UnknownAuthority(String),
    /// The certificate is invalid for another reason.
    #[error("the certificate of `{registry}` is not valid: {cause}")]
    Certificate {
        /// The name of the registry.
        registry: String,
        /// The cause.
        cause: String,
    },
    /// The registry speaks plain HTTP.
    #[error("`{0}` does not speak TLS")]
    NoTls(String),
    /// The registry speaks TLS.
    #[error("`{0}` speaks TLS, but plain HTTP was used")]
    OnlyTls(String),
    /// A redirect that is not followed.
    #[error("the registry `{registry}` redirects to `{}`, {why}", shortened(.to))]
    Redirect {
        /// The name of the registry.
        registry: String,
        /// The target of the redirect.
        to: String,
        /// Why it is not followed.
        why: &'static str,
    },
    /// A login cannot be read.
    #[error("cannot get the login for `{registry}`: {problem}")]
    Login {
        /// The name of the registry.
        registry: String,
        /// What is wrong, without values that may be secret.
        problem: String,
    },
}

/// The registry's own message, appended to the host's.
fn words(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {}", shortened(text)) }
}

/// Whether a retry may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It does not.
    No,
    /// It may, after this time if the registry names one.
    After(Option<Duration>),
}

impl RegistryError {
    /// Whether a retry may help.
    pub(super) const fn again(&self) -> Again {
        match self {
            Self::RateLimit { retry_after, .. } | Self::Busy { retry_after, .. } => Again::After(*retry_after),
            Self::Broken { .. } => Again::After(None),
            _ => Again::No,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotFound(name) => {
                let repository = name.rsplit_once([':', '@']).map_or(name.as_str(), |(repository, _)| repository);
                format!("list its tags with `oras repo tags {}`", repository.trim_end_matches("@sha256"))
            }
            Self::Denied { registry, .. } => {
                format!("log in with `docker login {registry}` or `podman login {registry}`; the repository may also not exist")
            }
            Self::RateLimit { registry, .. } => format!("wait, or log in with `docker login {registry}`"),
            Self::UnknownAuthority(_) => "pass the certificate of its authority with --ca-file FILE".to_owned(),
            Self::NoTls(_) => "if it is your own registry on a trusted network, use --plain-http".to_owned(),
            Self::OnlyTls(_) => "remove --plain-http".to_owned(),
            _ => return None,
        })
    }
}

impl ArtifactError {
    /// How to correct it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::TooLarge { what: "component", .. } => "allow more with --limit file=64Mi".to_owned(),
            Self::NotKept(reference) => format!("get it with `kubectl bootstrap-token phase pull {reference}`"),
            Self::NothingKept(_) => "list its phases with `kubectl bootstrap-token phase list`".to_owned(),
            Self::NoClaim(reference) => {
                format!("get the phase with `kubectl bootstrap-token phase export {reference} phase.wasm`, then inspect the file")
            }
            Self::Damaged { .. } => "fetch it again with `phase pull`, or remove it with `phase remove`".to_owned(),
            Self::Index(_) => "delete its folder; its phases can be pulled or loaded again".to_owned(),
            Self::NoStore => "set HOME or XDG_DATA_HOME, or use a file".to_owned(),
            Self::Lie { .. } => "do not use it; contact its publisher".to_owned(),
            Self::Layout { problem: LayoutProblem::CoreModule, .. } => {
                "turn it into a component: `wasm-tools component new module.wasm -o phase.wasm`".to_owned()
            }
            Self::Layout { problem: LayoutProblem::Index(_), .. } => "select one of them by its digest".to_owned(),
            Self::Registry(error) => return error.hint(),
            _ => return None,
        })
    }
}
