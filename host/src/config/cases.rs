//! Resolves the arguments of `phase test`, and reads the cases from their folder.

use super::error::{CasesError, ConfigError};
use super::given::Given;
use super::phase::PhaseConfig;
use super::run::{Against, Run};
use super::{connection, file, kubeadm};
use crate::cli::author_flags::TestArgs;
use crate::yaml;
use kubephase_core::connection::Connection;
use kubephase_core::document::DocumentKind;
use kubephase_core::format::{Format, JunitFormat};
use kubephase_core::question::{Question, Server};
use kubephase_core::secret::Secrets;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::{Component, Path, PathBuf};

/// The names of the files of a case.
const REQUEST: &str = "request.yaml";
const EXPECTED: &str = "expected.yaml";
const OBSERVED: &str = "observed";

/// The time of a case that sets none. Any constant will do.
const NOW: &str = "2030-01-02T15:04:05Z";

/// A resolved `phase test`.
pub struct Cases {
    /// The phase under test.
    pub phase: PhaseConfig,
    /// The cases, sorted by name.
    pub cases: Vec<Case>,
    /// The folder of the cases.
    pub folder: PathBuf,
    /// What happens if an answer differs.
    pub expectation: Expectation,
    /// The output format.
    pub format: Format<JunitFormat>,
    /// A connection that is never used.
    connection: Connection,
}

/// What happens if an answer differs from the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// The case fails.
    Stays,
    /// The answer becomes the expected one.
    Follows,
}

/// A test case.
pub struct Case {
    /// The name of the case, which is the name of its folder.
    pub name: String,
    /// The expected answer; `None` if there is none yet.
    pub expected: Option<Value>,
    folder: PathBuf,
    request: RequestDocument,
}

/// What a phase is asked in a test case.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RequestDocument {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// The task.
    task: String,
    /// The parameters of the task.
    #[serde(default)]
    parameters: Map<String, Value>,
    /// The configuration files.
    #[serde(default)]
    documents: Vec<Value>,
    /// The time, RFC 3339; the same constant for all cases if it is missing.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    now: Option<jiff::Timestamp>,
    /// The API server.
    #[serde(default)]
    server: ServerDocument,
}

/// The API server that a phase is told of.
#[derive(Deserialize, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct ServerDocument {
    /// Its version.
    version: String,
    /// Its URL.
    url: String,
    /// Its certificate authority, PEM.
    certificate_authority: String,
}

impl Cases {
    /// Resolves the arguments and reads the cases.
    ///
    /// # Errors
    /// [`ConfigError`] if there is no case or no phase, or if a case is invalid.
    pub fn of(args: TestArgs, given: &Given<'_>) -> Result<Self, ConfigError> {
        let mut folders = entries(&args.dir)?;
        let is_case = |path: &PathBuf| path.is_dir() && !name(path).starts_with('.');
        folders.retain(is_case);
        if folders.is_empty() {
            return Err(CasesError::None(args.dir).into());
        }
        let cases = folders.into_iter().map(Case::read).collect::<Result<Vec<_>, _>>()?;
        let phase = match &args.phase {
            Some(phase) => phase.clone(),
            None => built_beside(&args.dir)?.display().to_string(),
        };
        Ok(Self {
            phase: PhaseConfig::named(&phase, &args.bounds, &args.supply, given.env)?,
            cases,
            folder: args.dir,
            expectation: if args.bless { Expectation::Follows } else { Expectation::Stays },
            format: args.output,
            connection: connection::connection(given.kube, given.env)?,
        })
    }

    /// The run of a case, with the secrets in its request hidden.
    #[must_use]
    pub fn run(&self, case: &Case) -> Run {
        let (question, secrets) = case.question();
        let against = case.observed().map_or(Against::Empty, Against::Folder);
        Run::of_question(question, secrets, against, self.connection.clone(), self.phase.clone(), Default::default())
    }
}

impl Case {
    fn read(folder: PathBuf) -> Result<Self, ConfigError> {
        let path = folder.join(REQUEST);
        let text = match file::read_text(&path) {
            Err(ConfigError::Unreadable { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(CasesError::NoRequest(folder).into());
            }
            other => other?,
        };
        let request: RequestDocument = file::read_document(&path, &text)?;
        file::check_kind(DocumentKind::Request, &path, (&request.api_version, &request.kind))?;
        Ok(Self { name: name(&folder), expected: expected(&folder)?, folder, request })
    }

    /// The question of the case, and the secrets that were hidden in it as in user input.
    fn question(&self) -> (Question, Secrets) {
        let mut secrets = Secrets::default();
        let RequestDocument { task, parameters, documents, now, .. } = &self.request;
        let mut parameters = Value::Object(parameters.clone());
        let mut documents = documents.clone();
        std::iter::once(&mut parameters).chain(&mut documents).for_each(|value| kubeadm::hide_tokens(value, &mut secrets));
        let seconds = |now: &jiff::Timestamp| jiff::Timestamp::from_second(now.as_second()).unwrap_or(*now).to_string();
        let now = now.as_ref().map_or_else(|| NOW.to_owned(), seconds);
        (Question { task: task.clone(), parameters, documents, now }, secrets)
    }

    /// The API server that the case describes, without the values derived from its certificate authority.
    #[must_use]
    pub fn server(&self) -> Server {
        let ServerDocument { version, url, certificate_authority } = &self.request.server;
        Server {
            version: version.clone(),
            url: url.clone(),
            certificate_authority: certificate_authority.clone(),
            certificate_authority_pins: Vec::new(),
        }
    }

    /// The manifests of the existing objects; `None` if the cluster is empty.
    #[must_use]
    pub fn observed(&self) -> Option<PathBuf> {
        Some(self.folder.join(OBSERVED)).filter(|folder| folder.is_dir())
    }

    /// The file with the expected answer.
    #[must_use]
    pub fn expected_file(&self) -> PathBuf {
        self.folder.join(EXPECTED)
    }
}

/// The contents of `expected.yaml`; `None` if it is missing or empty.
fn expected(folder: &Path) -> Result<Option<Value>, ConfigError> {
    let path = folder.join(EXPECTED);
    let text = match file::read_text(&path) {
        Err(ConfigError::Unreadable { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let value = yaml::parse_without_repetition(&text);
    value
        .map(|value| Some(value).filter(|value| !value.is_null()))
        .map_err(|error| ConfigError::File { path, problem: error.to_string() })
}

/// The component built beside the cases, if there is exactly one.
fn built_beside(cases: &Path) -> Result<PathBuf, ConfigError> {
    let beside = match cases.components().next_back() {
        Some(Component::Normal(_)) => cases.with_file_name("target"),
        _ => cases.join("../target"),
    };
    let of_target = |path: &PathBuf| name(path).starts_with("wasm32-");
    let targets = entries(&beside).unwrap_or_default().into_iter().filter(of_target);
    let built = targets.flat_map(|target| entries(&target.join("release")).unwrap_or_default());
    let mut phases: Vec<PathBuf> = built.filter(|path| path.extension().is_some_and(|extension| extension == "wasm")).collect();
    match (phases.pop(), phases.is_empty()) {
        (None, _) => Err(CasesError::NoPhase(beside).into()),
        (Some(phase), true) => Ok(phase),
        (Some(phase), false) => Err(CasesError::Phases([phases, vec![phase]].concat()).into()),
    }
}

/// The entries of a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let failed = |source| ConfigError::Unreadable { path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
