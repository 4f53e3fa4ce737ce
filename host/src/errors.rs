//! All errors of a run, with hints how to correct them.

use crate::artifact::ArtifactError;
use crate::cluster::ClusterError;
use crate::cluster::error::ClusterErrorKind;
use crate::component::admit::AdmissionError;
use crate::component::engine::EngineError;
use crate::component::{CallError, InputProblem, Stop};
use crate::config::ConfigError;
use crate::consent::ConsentError;
use crate::entropy::EntropyError;
use crate::trust::KeyError;
use crate::yaml;
use kubephase_core::description::NoSuchTask;
use kubephase_core::grant::Grant;
use kubephase_core::join::JoinFormError;
use kubephase_core::name::shortened_to;
use kubephase_core::plan::InvalidPlan;
use kubephase_core::policy::{Denial, Policy};
use kubephase_core::saved::SavedError;
use kubephase_core::trust::TrustRefusal;
use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::path::PathBuf;

/// Why a run ended before its first write.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line or a file that it names is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The component cannot be read.
    #[error("cannot read the phase `{path}`")]
    Source {
        /// The path of the component.
        path: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A key of the trust policy is invalid.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The phase is not trusted.
    #[error("the phase `{phase}` is not trusted; it was not run")]
    Untrusted {
        /// Where the phase comes from.
        phase: String,
        /// Why it is not trusted.
        refusal: Box<TrustRefusal>,
    },
    /// The artifact of the phase cannot be used.
    #[error(transparent)]
    Artifact(ArtifactError),
    /// The phase was not granted its permissions.
    #[error(transparent)]
    Consent(#[from] ConsentError),
    /// The component was not admitted.
    #[error("the phase is refused")]
    Admission(#[from] AdmissionError),
    /// The engine rejects the component.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The phase gave no valid answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The phase refused the configuration files.
    #[error("the configuration is refused")]
    Input {
        /// The files, as they were typed.
        files: Vec<PathBuf>,
        /// What is wrong with them.
        problems: Vec<InputProblem>,
    },
    /// The phase has no such task.
    #[error(transparent)]
    Task(#[from] NoSuchTask),
    /// The plan of the phase is invalid.
    #[error("the phase proposed a plan that is not valid")]
    Plan(#[from] InvalidPlan),
    /// The phase requests more than it is granted.
    #[error("the phase wants to do more than it is allowed to")]
    Denied {
        /// The requests that are denied.
        denials: Vec<Denial>,
        /// The additional grant that would be needed; `None` if no grant can allow it.
        grant: Option<Box<Grant>>,
    },
    /// The phase requests too many objects and lists.
    #[error("the phase wants to read more than {0} objects and lists for one plan")]
    Insatiable(u64),
    /// The phase still has requests after the last round.
    #[error("the phase still asks for more after {0} rounds")]
    Unsettled(u64),
    /// A request to the cluster failed.
    #[error("the cluster cannot be used")]
    Cluster(Vec<ClusterError>),
    /// The API server refused a request for want of rights.
    #[error("the cluster refuses access")]
    Forbidden {
        /// What it refused.
        errors: Vec<ClusterError>,
        /// The arguments of `rbac` that print the rights that are needed.
        rights: Vec<String>,
    },
    /// Other clients changed the objects in every attempt.
    #[error("other writers changed the objects in each of {attempts} attempts; nothing was written")]
    Contended {
        /// The number of attempts.
        attempts: usize,
        /// The errors of the last attempt.
        last: Vec<ClusterError>,
    },
    /// There are no random numbers.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A recording contains answers to requests that were not repeated.
    #[error("the recording `{}` has answers to requests that were not made this time", .path.display())]
    LeftOver {
        /// The path of the recording.
        path: PathBuf,
        /// The requests that were not repeated.
        requests: Vec<String>,
    },
    /// What a new node is given cannot be made.
    #[error(transparent)]
    Form(#[from] JoinFormError),
    /// Several clusters were requested, and there is none.
    #[error("there is no cluster in `{0}`")]
    NoClusters(String),
    /// A report that cannot be used.
    #[error("cannot use `{}`: {problem}", .path.display())]
    Part {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file could not be written.
    #[error("cannot write `{}`", .path.display())]
    Save {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The output could not be written.
    #[error("cannot write the output")]
    Output(#[from] std::io::Error),
}

/// The hint for an exceeded read limit.
const READ_MORE: &str = "read more with --limit read=256Mi, or for all commands with `read` under `limits` in config.yaml";

/// How many denials or problems are printed.
const MOST_LINES: usize = 20;
/// The maximum length of each, characters.
const LINE_CHARACTERS: usize = 500;

impl From<ArtifactError> for Error {
    fn from(error: ArtifactError) -> Self {
        match error {
            ArtifactError::Refused { reference: phase, source: refusal } => Self::Untrusted { phase, refusal },
            error => Self::Artifact(error),
        }
    }
}

impl Error {
    /// An error about denied requests, with the grant that would allow them.
    #[must_use]
    pub fn denied(mut denials: Vec<Denial>, policy: Policy<'_>, task: &str) -> Self {
        let missing = policy.grant_for(&denials);
        let tasks = BTreeMap::from([(task.to_owned(), missing.clone())]);
        denials.dedup();
        Self::Denied { denials, grant: (!missing.is_empty()).then(|| Box::new(Grant { tasks, ..Grant::default() })) }
    }

    /// The lines to print: what failed, the cause once, and a hint.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            // The server's message is in kubectl's words, and is printed alone.
            Self::Cluster(errors) => {
                let is_long = errors.iter().any(|error| error.kind == ClusterErrorKind::TooLong);
                split(errors).into_iter().chain(is_long.then(|| format!("  hint: {READ_MORE}"))).collect()
            }
            Self::Forbidden { errors, rights } => split(errors).into_iter().chain([rights_hint(errors, rights)]).collect(),
            Self::Contended { last, .. } => [vec![format!("error: {self}")], split(last)].concat(),
            Self::Call(CallError::InvalidInput(problems)) => invalid_input(&[], problems),
            Self::Input { files, problems } => invalid_input(files, problems),
            Self::Config(ConfigError::Saved { source: SavedError::Stale(moved), .. }) => {
                let mut lines = vec![format!("error: {self}: some objects have changed since; nothing was written")];
                lines.extend(at_most(moved, |object| format!("  {object}")));
                lines.push(
                    "  hint: review the current state and plan again; `plan show FILE` shows what it would change".to_owned(),
                );
                lines
            }
            Self::LeftOver { requests, .. } => {
                let mut lines = vec![format!("error: {self}")];
                lines.extend(at_most(requests, |request| format!("  {request}")));
                lines.push("  hint: use the same arguments as when it was recorded".to_owned());
                lines
            }
            Self::Untrusted { refusal, .. } => {
                let mut lines = vec![format!("error: {self}")];
                lines.extend(refusal.reasons.iter().map(|reason| format!("  {reason}")));
                lines.extend(refusal.hint.iter().cloned());
                lines
            }
            Self::Denied { denials, grant } => denied(self, denials, grant.as_deref()),
            Self::Consent(ConsentError::NotGranted(refusal)) => {
                let mut lines = vec![format!("error: {self}"), "  it asks to:".to_owned()];
                for permission in refusal.asked.by_weight() {
                    let shown = permission.lines().into_iter().enumerate();
                    lines.extend(shown.map(|(at, line)| format!("  {} {line}", if at == 0 { "-" } else { " " })));
                }
                lines.extend(proposal(&refusal.grant));
                lines
            }
            other => {
                let mut lines = vec![format!("error: {other}")];
                lines.extend(other.source().map(|cause| format!("  caused by: {}", chain(cause))));
                let hint = match other {
                    Self::Artifact(error) => error.hint(),
                    Self::Config(ConfigError::Check(error)) => error.hint(),
                    other => other.hint().map(str::to_owned),
                };
                lines.extend(hint.map(|hint| format!("  hint: {hint}")));
                lines
            }
        }
    }

    const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Config(ConfigError::Saved { source, .. }) => saved_hint(source),
            Self::Consent(ConsentError::TooLong { .. }) => Some(
                "read all of it with `kubectl bootstrap-token phase inspect PHASE -o grant`, and pass what you allow with --grant",
            ),
            Self::Config(ConfigError::Reference { .. }) => Some("a reference is like `registry.example.com/phases/token:1.37`"),
            Self::Config(ConfigError::Phase { .. }) => {
                Some("a file ends in `.wasm` or starts with `./`; a reference is like `registry.example.com/phases/token:1.37`")
            }
            Self::Config(ConfigError::Masked) => Some("show them with --show-secrets, or print `.id`"),
            Self::Config(ConfigError::Cases(error)) => error.hint(),
            Self::Config(ConfigError::NoUndo(_) | ConfigError::NothingToUndo) => Some("`undo list` shows all on this machine"),
            Self::Config(ConfigError::NoUndoFolder) => Some("set HOME, or name the file that --undo-out wrote"),
            Self::Config(ConfigError::BootstrapTokenAsBearer) => Some("pass it as an argument, or with --bootstrap-token"),
            Self::Admission(error) => admission_hint(error),
            Self::Key(KeyError::Private(_)) => Some("use the public key, which `cosign public-key --key cosign.key` prints"),
            Self::Key(_) => Some("`cosign generate-key-pair` writes such a key to cosign.pub"),
            Self::Engine(EngineError::NotAPhase(_)) => {
                Some("build it for the world `phase-component` of wit/, which exports `types` too")
            }
            Self::Engine(EngineError::Memory(_)) => Some("allow more memory with --limit compile-memory=4Gi"),
            Self::Engine(EngineError::Slow(_)) => Some("allow more time with --limit compile-time=2m"),
            Self::NoClusters(_) => Some("set a kubeconfig with --kubeconfig, or check the namespace, the name and the labels"),
            Self::Insatiable(_) => Some("allow more with --limit reads=10k"),
            Self::Call(CallError::Stopped(stop)) => stop_hint(stop),
            Self::Call(CallError::TooMuchRead(_)) => Some("allow more with --limit read=256Mi --limit memory=512Mi"),
            Self::Unsettled(_) => Some("allow more rounds with --limit rounds=10"),
            _ => None,
        }
    }
}

const fn saved_hint(error: &SavedError) -> Option<&'static str> {
    match error {
        SavedError::MissingTokens(_) => {
            Some("a plan does not contain secrets; pass the token as an argument, or its file with -f")
        }
        SavedError::Endpoint { .. } => Some(
            "if that is right, pass it with --control-plane-endpoint, or its configuration file with -f; otherwise plan again",
        ),
        SavedError::NoEndpoint(_) => Some("remove --control-plane-endpoint, or plan again with it"),
        SavedError::MissingInput => Some("pass it with -f"),
        SavedError::OtherPhase { .. } => Some("use --phase to pass the phase that made it, or plan again"),
        SavedError::Edited | SavedError::Different(_) | SavedError::OtherInput => Some("plan again"),
        SavedError::OtherCluster(_) => Some("choose the cluster with --context, or plan again"),
        _ => None,
    }
}

const fn stop_hint(stop: &Stop) -> Option<&'static str> {
    match stop {
        Stop::Fuel(_) => Some("allow more with --limit fuel=100G"),
        Stop::Time(_) => Some("allow more with --limit call-time=2m"),
        Stop::Memory(_) => Some("allow more with --limit memory=512Mi"),
        Stop::Table(_) => Some("allow more with --limit table=1M"),
        Stop::Result(_) => Some("allow more with --limit result=64Mi"),
        Stop::Instances(_) | Stop::Stack | Stop::Broken(_) | Stop::Trap(_) => None,
    }
}

const fn admission_hint(error: &AdmissionError) -> Option<&'static str> {
    match error {
        AdmissionError::Import { .. } => {
            Some("build it without imports: for Rust, target wasm32-unknown-unknown with the linker wasm-component-ld")
        }
        AdmissionError::Wasi { .. } => Some("build it without WASI, as examples/phases does, or run it with --allow-wasi"),
        AdmissionError::NoWasi(_) => Some("build this plugin with the feature `wasi`"),
        AdmissionError::CoreModule => Some("turn it into a component: `wasm-tools component new module.wasm -o phase.wasm`"),
        AdmissionError::Nested(_) => Some("if it was built from JavaScript, run it with --allow-nested"),
        AdmissionError::NotAPhase => Some("build it for the world `phase-component` of wit/"),
        AdmissionError::TooLarge(_) => Some("allow more with --limit file=64Mi"),
        AdmissionError::Functions { .. } => Some("allow more with --limit functions=200k"),
        AdmissionError::Function { .. } => Some("allow more with --limit function=2Mi"),
        // These say themselves what to do, or there is nothing to do.
        AdmissionError::NewerContract(_)
        | AdmissionError::OlderContract(_)
        | AdmissionError::Effort { .. }
        | AdmissionError::Invalid(_) => None,
    }
}

/// The denied requests, and the grant that would allow them.
fn denied(error: &Error, denials: &[Denial], grant: Option<&Grant>) -> Vec<String> {
    let mut lines = vec![format!("error: {error}; nothing was sent")];
    lines.extend(at_most(denials, |denial| format!("  {denial}")));
    lines.extend(grant.into_iter().flat_map(proposal));
    lines
}

/// A grant for the operator to review.
fn proposal(grant: &Grant) -> Vec<String> {
    let mut lines = vec!["  hint: if that is right, write this grant to a file and pass it with --grant FILE:".to_owned()];
    lines.extend(yaml::write_document(&grant.to_document()).lines().map(str::to_owned));
    lines
}

/// The first lines, and how many more there are.
fn at_most<T>(items: &[T], line: impl Fn(&T) -> String) -> Vec<String> {
    let mut lines: Vec<String> =
        items.iter().take(MOST_LINES).map(|item| shortened_to(&line(item), LINE_CHARACTERS).into_owned()).collect();
    if let Some(more) = items.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        lines.push(format!("  and {more} more"));
    }
    lines
}

/// The command that prints all rights that are needed, missing ones included.
fn rights_hint(errors: &[ClusterError], rights: &[String]) -> String {
    let refused = errors.iter().find(|error| error.kind == ClusterErrorKind::Forbidden).map(ToString::to_string);
    let user = refused.as_deref().and_then(|refused| refused.split_once(" User \"")?.1.split_once('"'));
    let subject = user.map_or("NAME", |(user, _)| user);
    let is_plain = subject.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:@".contains(&b));
    let subject = match subject.strip_prefix("system:serviceaccount:") {
        _ if !is_plain => "user:NAME".to_owned(),
        Some(account) => format!("serviceaccount:{account}"),
        None => format!("user:{subject}"),
    };
    let words = ["kubectl", "bootstrap-token", "rbac"].into_iter().chain(rights.iter().map(String::as_str));
    // An argument cannot contain NUL.
    let command = shlex::try_join(words.chain(["--subject", &subject])).unwrap_or_default();
    format!("  hint: `{command}`, run by an administrator, prints all rights that are needed")
}

fn split(errors: &[ClusterError]) -> Vec<String> {
    errors.iter().flat_map(|error| error.to_string().lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn invalid_input(files: &[PathBuf], problems: &[InputProblem]) -> Vec<String> {
    let files: Vec<String> = files.iter().map(|file| format!("`{}`", file.display())).collect();
    let of = if files.is_empty() { String::new() } else { format!(" {}", files.join(", ")) };
    match problems {
        // What has no field is about the cluster.
        [problem] if files.is_empty() || problem.path.is_empty() => vec![format!("error: {}", told(problem))],
        [problem] => vec![format!("error: the configuration{of}: {}", told(problem))],
        several => {
            let what = if files.is_empty() { "the request".to_owned() } else { format!("the configuration{of}") };
            let mut lines = vec![format!("error: {what} has {} problems; nothing was sent", several.len())];
            lines.extend(at_most(several, |problem| format!("  {}", told(problem))));
            lines
        }
    }
}

/// A problem, after the name of its field if it has one.
fn told(problem: &InputProblem) -> String {
    if problem.path.is_empty() { problem.message.clone() } else { format!("{}: {}", problem.path, problem.message) }
}

/// An error and its causes in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
