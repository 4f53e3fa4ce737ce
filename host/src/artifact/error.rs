//! What can be wrong with an artifact, and with those who have it.

use kubephase_core::claim::InvalidClaim;
use kubephase_core::digest::Digest;
use kubephase_core::name::shortened;
use kubephase_core::trust::TrustRefusal;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why an artifact cannot be had, kept or pushed.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// It is something else.
    #[error("`{reference}` is no phase: {problem}")]
    Layout {
        /// What was asked for.
        reference: String,
        /// What it is instead.
        problem: LayoutProblem,
    },
    /// It, or a part of it, is too big.
    #[error("the {what} has more than {limit} bytes")]
    TooLarge {
        /// The part.
        what: &'static str,
        /// What it may have, bytes.
        limit: u64,
    },
    /// The bytes are not those that were asked for.
    #[error("the {what} that came has the digest `{found}`, not `{expected}`")]
    Digest {
        /// The part.
        what: &'static str,
        /// What was asked for.
        expected: Digest,
        /// What came.
        found: Digest,
    },
    /// The config says of the component what is not so.
    #[error("the config of `{reference}` lies about {0}", .difference)]
    Lie {
        /// The artifact.
        reference: String,
        /// What is not so.
        difference: String,
    },
    /// Who decides says no.
    #[error("`{reference}` is not trusted")]
    Refused {
        /// The artifact.
        reference: String,
        /// Why.
        source: Box<TrustRefusal>,
    },
    /// What lies beside it, or the list of that, is nothing that can be read.
    #[error("what is said about signatures of `{reference}` cannot be read: {problem}")]
    Beside {
        /// The artifact.
        reference: String,
        /// What is wrong with it.
        problem: LayoutProblem,
    },
    /// More of what could be a signature than anybody looks at.
    #[error("`{reference}` has more than {limit} signatures")]
    Signatures {
        /// The artifact.
        reference: String,
        /// How many it may have.
        limit: usize,
    },
    /// It is not in the store, and no registry may be asked.
    #[error("`{0}` is not in the local store")]
    NotKept(String),
    /// There is nothing to remove.
    #[error("there is no `{0}` in the local store")]
    NothingKept(String),
    /// Its config says nothing of the phase.
    #[error("the config of `{0}` says nothing of the phase in it")]
    NoClaim(String),
    /// What is in the store is not what was put there.
    #[error("`{what}` is damaged in the local store")]
    Damaged {
        /// The artifact or the part.
        what: String,
    },
    /// The list of what is in the store is none.
    #[error("the index `{}` of the local store is damaged", .0.display())]
    Index(PathBuf),
    /// There is no store.
    #[error("there is no home folder for the local store of phases")]
    NoStore,
    /// The store cannot be used.
    #[error("cannot use the local store of phases `{}`", .path.display())]
    Store {
        /// The folder or a file in it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file with artifacts in it.
    #[error("cannot use the archive `{}`: {problem}", .path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file of `--ca-file` or a login.
    #[error("cannot use `{}`: {problem}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// What an artifact is instead of a phase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutProblem {
    /// Not JSON, or not of the form.
    #[error("its {part} cannot be read: {}", shortened(.cause))]
    Malformed {
        /// The part.
        part: &'static str,
        /// Why.
        cause: String,
    },
    /// Several artifacts.
    #[error("it is an index of {0} manifests, and one artifact is wanted")]
    Index(usize),
    /// Another sort of artifact.
    #[error("its config is of the type `{}`", shortened(.0))]
    Config(String),
    /// Another sort of content.
    #[error("its layer is of the type `{}`", shortened(.0))]
    Layer(String),
    /// None or several.
    #[error("it has {0} layers, and a component is one")]
    Layers(usize),
    /// A digest that is none.
    #[error("`{}` is no digest", shortened(.0))]
    Digest(String),
    /// A part is not there.
    #[error("its part of the type `{0}` is missing")]
    Missing(&'static str),
    /// A module.
    #[error("it is a core WebAssembly module, not a component")]
    CoreModule,
    /// Not WebAssembly.
    #[error("its layer is not a WebAssembly component")]
    NotWasm,
    /// The config is of another layer.
    #[error("its config is of another component")]
    OtherLayer,
    /// The size is not the one that was said.
    #[error("its {what} has {found} bytes, and its manifest says {said}")]
    Size {
        /// The part.
        what: &'static str,
        /// As the manifest says, bytes.
        said: u64,
        /// As it is, bytes.
        found: u64,
    },
    /// What is said of the phase.
    #[error(transparent)]
    Claim(InvalidClaim),
}

/// What a registry answered, or why it did not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// No such thing.
    #[error("the registry has no `{0}`")]
    NotFound(String),
    /// Who we are is not enough.
    #[error("the registry `{registry}` refuses access to `{repository}`{}", words(.said))]
    Denied {
        /// The registry.
        registry: String,
        /// The repository.
        repository: String,
        /// The registry's words.
        said: String,
    },
    /// Too many requests.
    #[error("the registry `{registry}` takes no more requests for now{}", words(.said))]
    RateLimit {
        /// The registry.
        registry: String,
        /// The registry's words.
        said: String,
        /// How long to wait, if it says so.
        retry_after: Option<Duration>,
    },
    /// It is not well.
    #[error("the registry `{registry}` fails with status {status}{}", words(.said))]
    Busy {
        /// The registry.
        registry: String,
        /// The status.
        status: u16,
        /// The registry's words.
        said: String,
        /// How long to wait, if it says so.
        retry_after: Option<Duration>,
    },
    /// Another answer that is none.
    #[error("the registry `{registry}` answers with status {status}{}", words(.said))]
    Unexpected {
        /// The registry.
        registry: String,
        /// The status.
        status: u16,
        /// The registry's words.
        said: String,
    },
    /// An answer that makes no sense.
    #[error("the registry `{registry}` does not speak the protocol: {problem}")]
    Protocol {
        /// The registry.
        registry: String,
        /// What is wrong.
        problem: String,
    },
    /// There is no connection to it, and never was.
    #[error("cannot reach the registry `{registry}`: {cause}")]
    Unreachable {
        /// The registry.
        registry: String,
        /// Why.
        cause: String,
    },
    /// The connection broke, or was too slow.
    #[error("the connection to the registry `{registry}` broke: {cause}")]
    Broken {
        /// The registry.
        registry: String,
        /// Why.
        cause: String,
    },
    /// The certificate is of an authority that nobody here knows.
    #[error("the certificate of `{0}` is of an authority that this machine does not know")]
    UnknownAuthority(String),
    /// The certificate is not good for other reasons.
    #[error("the certificate of `{registry}` is not valid: {cause}")]
    Certificate {
        /// The registry.
        registry: String,
        /// Why.
        cause: String,
    },
    /// It speaks plain HTTP.
    #[error("`{0}` does not speak TLS")]
    NoTls(String),
    /// It speaks TLS.
    #[error("`{0}` speaks TLS, and was asked in clear")]
    OnlyTls(String),
    /// It sends us to where we do not go.
    #[error("the registry `{registry}` sends us to `{}`, {why}", shortened(.to))]
    Redirect {
        /// The registry.
        registry: String,
        /// Where to.
        to: String,
        /// Why not.
        why: &'static str,
    },
    /// A login cannot be had.
    #[error("cannot get the login for `{registry}`: {problem}")]
    Login {
        /// The registry.
        registry: String,
        /// Why, without what could be secret.
        problem: String,
    },
}

/// The registry's own words, behind ours.
fn words(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {}", shortened(text)) }
}

/// Whether it may help to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It does not.
    No,
    /// It may, after this time if the registry says so.
    After(Option<Duration>),
}

impl RegistryError {
    /// Whether it may help to ask again.
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
                format!("see what there is with `oras repo tags {}`", repository.trim_end_matches("@sha256"))
            }
            Self::Denied { registry, .. } => {
                format!("log in with `docker login {registry}` or `podman login {registry}`; or it does not exist")
            }
            Self::RateLimit { registry, .. } => format!("wait, or log in with `docker login {registry}`"),
            Self::UnknownAuthority(_) => "give its authority's certificate with --ca-file FILE".to_owned(),
            Self::NoTls(_) => "if it is yours and nobody is in between, use --plain-http".to_owned(),
            Self::OnlyTls(_) => "leave --plain-http away".to_owned(),
            _ => return None,
        })
    }
}

impl ArtifactError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::TooLarge { what: "component", .. } => "allow more with --limit file=64Mi".to_owned(),
            Self::NotKept(reference) => format!("get it with `kubectl bootstrap-token phase pull {reference}`"),
            Self::NothingKept(_) => "see what there is with `kubectl bootstrap-token phase list`".to_owned(),
            Self::NoClaim(reference) => {
                format!("get the phase with `kubectl bootstrap-token phase export {reference} phase.wasm`, and inspect that")
            }
            Self::Damaged { .. } => "fetch it again with `phase pull`, or remove it with `phase remove`".to_owned(),
            Self::Index(_) => "delete its folder; what was in there can be pulled or loaded again".to_owned(),
            Self::NoStore => "set HOME or XDG_DATA_HOME, or give the phase as a file".to_owned(),
            Self::Lie { .. } => "do not use it; ask who published it".to_owned(),
            Self::Layout { problem: LayoutProblem::CoreModule, .. } => {
                "make a component of it: `wasm-tools component new module.wasm -o phase.wasm`".to_owned()
            }
            Self::Layout { problem: LayoutProblem::Index(_), .. } => "name one of them by its digest".to_owned(),
            Self::Registry(error) => return error.hint(),
            _ => return None,
        })
    }
}
