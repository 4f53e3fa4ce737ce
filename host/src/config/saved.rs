//! Reads files for `apply --plan`, and takes from the command line what they do not contain: secrets.

use super::error::ConfigError;
use super::run::{Against, RecordingUse};
use super::{file, kubeadm};
use crate::cli::question_flags::SettingFlags;
use kubephase_core::question::Question;
use kubephase_core::saved::{PlanDocument, Recording, Saved, SavedError, UndoDocument, Values, ValuesDocument};
use kubephase_core::secret::{SecretId, Secrets};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Reads a saved plan or undo plan, of standard input for `-`.
pub(super) fn read(path: &Path, stdin: &mut dyn Read) -> Result<Saved, ConfigError> {
    if path.is_dir() {
        let problem = "it is a folder: `--clusters SOURCE` says for which clusters its plans are".to_owned();
        return Err(ConfigError::File { path: path.to_owned(), problem });
    }
    let text = file::read_text_or(path, stdin)?;
    Saved::parse(&text).map_err(|source| ConfigError::Saved { path: path.to_owned(), source })
}

/// Reads a recording.
pub(super) fn recording(path: &Path) -> Result<Recording, ConfigError> {
    let text = file::read_text(path)?;
    Recording::parse(&text).map_err(|source| ConfigError::Recording { path: path.to_owned(), source })
}

/// The parameter of `--control-plane-endpoint`, and the equivalent field of a configuration file.
const ENDPOINT: &str = "controlPlaneEndpoint";

/// How the secrets of a saved question are supplied again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// By a configuration file.
    File,
    /// By a token at most.
    Token,
}

impl Input {
    /// The input of a command with these configuration files.
    pub(super) const fn of(filenames: &[PathBuf]) -> Self {
        if filenames.is_empty() { Self::Token } else { Self::File }
    }
}

/// The question of a plan with its secrets filled in. `given` is the question of the command line, and its secrets.
pub(super) fn question(plan: &PlanDocument, input: Input, given: (Question, Secrets)) -> Result<(Question, Secrets), SavedError> {
    let asked = plan.question.question();
    let (mut question, secrets) = given;
    confirm_endpoint(&asked, &question)?;
    match input {
        Input::File => {
            // The time was set when the plan was made, and the endpoint has been confirmed.
            if let (Some(parameters), Some(asked)) = (question.parameters.as_object_mut(), asked.parameters.as_object()) {
                parameters.remove(ENDPOINT);
                parameters.extend(asked.get_key_value(ENDPOINT).map(|(name, value)| (name.clone(), value.clone())));
            }
            let question = Question { now: asked.now.clone(), ..question };
            if question == asked { Ok((question, secrets)) } else { Err(SavedError::OtherInput) }
        }
        Input::Token => {
            let secrets = plan.secrets(&tokens(&question.parameters, &secrets), &kubeadm::given())?;
            Ok((asked, secrets))
        }
    }
}

/// The endpoint that nodes and their tokens are sent to must be confirmed by the flag or the configuration file, because anyone
/// who can write the plan file can change it.
fn confirm_endpoint(asked: &Question, given: &Question) -> Result<(), SavedError> {
    let typed = given.parameters.get(ENDPOINT).and_then(Value::as_str).filter(|text| !text.is_empty());
    let of_file: Vec<&Value> = given.documents.iter().filter_map(|document| document.get(ENDPOINT)).collect();
    let planned = asked.parameters.get(ENDPOINT);
    // The flag overrides the file, in the plan as well; with several documents it is unknown which one a phase uses.
    let of_plan = asked.documents.iter().filter_map(|document| document.get(ENDPOINT));
    let wanted: Vec<&Value> = planned.into_iter().chain(of_plan.filter(|_| planned.is_none())).collect();
    let text = |endpoint: &Value| endpoint.as_str().map_or_else(|| endpoint.to_string(), str::to_owned);
    for endpoint in wanted.iter().copied().filter(|endpoint| !endpoint.is_null() && *endpoint != "") {
        let is_said = match typed {
            Some(typed) => endpoint == typed,
            None => of_file.contains(&endpoint),
        };
        if !is_said {
            let (planned, given) = (text(endpoint), typed.map(str::to_owned));
            return Err(SavedError::Endpoint { planned, given });
        }
    }
    match typed {
        Some(typed) if wanted.is_empty() => Err(SavedError::NoEndpoint(typed.to_owned())),
        _ => Ok(()),
    }
}

/// The secret halves of the tokens in a value, by token id.
fn tokens(value: &Value, secrets: &Secrets) -> BTreeMap<String, Zeroizing<Vec<u8>>> {
    let token = |value: &Value| {
        let id = value.get("id")?.as_str()?.to_owned();
        let secret = secrets.resolve(&SecretId::from_handle(value.get("secret")?)?)?;
        Some((id, Zeroizing::new(secret.to_vec())))
    };
    value.as_object().into_iter().flat_map(|fields| fields.values().filter_map(token)).collect()
}

/// The overwritten values of Secrets that an undo restores, from the plugin's folder; `None` if they were restored or removed
/// already.
pub(super) fn values(saved: Option<&(PathBuf, Saved)>, folder: Option<&Path>) -> Result<Values, ConfigError> {
    let (Some((_, Saved::Undo(undo))), Some(folder)) = (saved, folder) else { return Ok(Values::new()) };
    let path = folder.join(values_name(undo));
    file::check_own(&path)?;
    let text = match file::read_text(&path) {
        Err(ConfigError::Unreadable { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(Values::new()),
        other => Zeroizing::new(other?),
    };
    let failed = |problem: String| ConfigError::File { path, problem };
    // The parser's message may quote a value.
    let document: Result<ValuesDocument<String>, _> = serde_json::from_str(&text);
    let document = document.map_err(|_| "it does not contain the values of an undo plan".to_owned());
    document.and_then(|document| document.values().map_err(|error| error.to_string())).map_err(failed)
}

/// The name of the file with the values of an undo plan.
#[must_use]
pub fn values_name(undo: &UndoDocument) -> String {
    format!("{}.values", undo.id)
}

/// Whether the answers of the cluster are recorded or replayed.
pub(super) fn recording_use(flags: &SettingFlags, against: &Against) -> Result<RecordingUse, ConfigError> {
    let (record, replay) = (flags.record.clone(), flags.replay.clone());
    if (record.is_some() || replay.is_some()) && *against != Against::Live {
        let rule = "only a live cluster can be recorded";
        return Err(ConfigError::Flag { flag: "--against", value: against.sort().to_owned(), rule });
    }
    Ok(match (record, replay) {
        (None, None) => RecordingUse::None,
        (Some(path), _) => RecordingUse::Record(path),
        (None, Some(path)) => {
            let recording = recording(&path)?;
            RecordingUse::Replay(path, Box::new(recording))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Question, confirm_endpoint};
    use serde_json::json;

    #[test]
    fn the_endpoint_of_a_plan_is_said_again() {
        let question = |flag: Option<&str>, file: &[&str]| Question {
            task: "apply".to_owned(),
            parameters: flag.map_or_else(|| json!({}), |endpoint| json!({ "controlPlaneEndpoint": endpoint })),
            documents: file.iter().map(|endpoint| json!({ "controlPlaneEndpoint": endpoint })).collect(),
            now: String::new(),
        };
        type Said = (Option<&'static str>, &'static [&'static str]);
        let cases: [(Said, Said, bool); 11] = [
            ((None, &[]), (None, &[]), true),
            ((None, &[]), (Some(""), &[]), true),
            ((None, &[]), (Some("a"), &[]), false),
            ((Some("a"), &[]), (Some("a"), &[]), true),
            ((Some("a"), &[]), (Some("b"), &[]), false),
            ((Some("a"), &[]), (None, &[]), false),
            ((None, &["a"]), (None, &["a"]), true),
            ((None, &["a"]), (None, &["b"]), false),
            ((None, &["a"]), (Some("a"), &[]), true),
            // The flag overrides the file.
            ((Some("a"), &["b"]), (Some("a"), &["c"]), true),
            ((Some("a"), &["b"]), (Some("b"), &["b"]), false),
        ];
        for (planned, given, is_same) in cases {
            let (asked, typed) = (question(planned.0, planned.1), question(given.0, given.1));
            assert_eq!(confirm_endpoint(&asked, &typed).is_ok(), is_same, "{planned:?} {given:?}");
        }
    }
}
