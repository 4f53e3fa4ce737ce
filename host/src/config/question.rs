//! The question for the phase: from the command line, a file or a saved plan.

use super::error::ConfigError;
use super::kubeadm;
use super::run::{RecordingUse, TokenPrint};
use super::saved::{self, Input};
use crate::cli::question_flags::{QuestionArgs, SettingFlags, TokenlessFlag};
use kubephase_core::question::Question;
use kubephase_core::saved::{Saved, SavedError};
use kubephase_core::secret::Secrets;
use serde_json::{Map, Value, json};
use std::io::Read;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// A resolved question.
pub(super) struct Asked {
    /// The question, with secrets hidden.
    pub(super) question: Question,
    /// The hidden values.
    pub(super) secrets: Secrets,
    /// The configuration files, as they were typed.
    pub(super) filenames: Vec<PathBuf>,
    /// What there is to warn of in them.
    pub(super) warnings: Vec<String>,
    /// The saved plan that it comes from, and its file.
    pub(super) saved: Option<(PathBuf, Saved)>,
}

/// The question as typed.
pub(super) struct Wish {
    /// The name of the task.
    pub(super) task: String,
    /// The parameters of the task, with secrets hidden.
    pub(super) parameters: Map<String, Value>,
    /// The hidden values.
    pub(super) secrets: Secrets,
    /// The configuration files.
    pub(super) filenames: Vec<PathBuf>,
    /// The saved plan to apply.
    pub(super) plan: Option<PathBuf>,
    /// Whether tokens are printed.
    pub(super) token_print: TokenPrint,
}

impl Wish {
    /// The wish of the shared arguments; a task may add parameters of its own.
    pub(super) fn of(task: &str, args: QuestionArgs, plan: Option<PathBuf>) -> (Self, SettingFlags) {
        let mut secrets = Secrets::default();
        let mut parameters = Map::new();
        if let Some(token) = args.positional_token.or(args.bootstrap_token).map(Zeroizing::new) {
            parameters.insert("token".to_owned(), kubeadm::hide_token(&token, &mut secrets));
        }
        if let Some(endpoint) = args.control_plane_endpoint {
            parameters.insert("controlPlaneEndpoint".to_owned(), json!(endpoint));
        }
        let token_print = if args.skip_token_print { TokenPrint::Skip } else { TokenPrint::Show };
        (Self { task: task.to_owned(), parameters, secrets, filenames: args.filename, plan, token_print }, args.setting)
    }

    /// The same wish, without tokens if that is asked for.
    pub(super) fn tokenless(mut self, flag: &TokenlessFlag) -> Self {
        if flag.no_token {
            self.parameters.insert("noToken".to_owned(), json!(true));
        }
        self
    }
}

/// The question of a wish at a given time; with a saved plan, the question of that plan.
///
/// # Errors
/// [`ConfigError`] for invalid files, and for arguments that contradict the plan.
pub(super) fn asked(
    wish: Wish,
    at: Option<String>,
    recording: &RecordingUse,
    stdin: &mut dyn Read,
) -> Result<Asked, ConfigError> {
    let Wish { task, parameters, mut secrets, filenames, plan, .. } = wish;
    let input = Input::of(&filenames);
    let kubeadm::Configuration { documents, warnings } = kubeadm::read_documents(&filenames, &mut secrets, stdin)?;
    let is_now_given = at.is_some();
    let now = time(at, recording)?.to_string();
    let question = Question { task, parameters: Value::Object(parameters), documents, now };
    let Some(path) = plan else { return Ok(Asked { question, secrets, filenames, warnings, saved: None }) };
    let refused = |source| ConfigError::Saved { path: path.clone(), source };
    let (question, secrets, saved) = match saved::read(&path, stdin)? {
        Saved::Undo(undo) => {
            let is_asked_more = input == Input::File || !question.parameters.as_object().is_none_or(Map::is_empty);
            if is_asked_more {
                return Err(refused(SavedError::OtherInput));
            }
            (Question { task: undo.task.clone(), ..question }, secrets, Saved::Undo(undo))
        }
        Saved::Plan(_) if is_now_given => return Err(refused(SavedError::OtherTime)),
        Saved::Plan(plan) => {
            let (question, secrets) = saved::question(&plan, input, (question, secrets)).map_err(refused)?;
            (question, secrets, Saved::Plan(plan))
        }
    };
    Ok(Asked { question, secrets, filenames, warnings, saved: Some((path, saved)) })
}

/// The time of a question in whole seconds: the given one, the time of a recording, or the clock.
pub(super) fn time(given: Option<String>, recording: &RecordingUse) -> Result<jiff::Timestamp, ConfigError> {
    let recorded = match recording {
        RecordingUse::Replay(_, recording) => Some(recording.now.clone()),
        RecordingUse::None | RecordingUse::Record(_) => None,
    };
    let time = now(given.or(recorded))?;
    Ok(jiff::Timestamp::from_second(time.as_second()).unwrap_or(time))
}

/// The given time, or the clock.
pub(super) fn now(given: Option<String>) -> Result<jiff::Timestamp, ConfigError> {
    let Some(value) = given else { return Ok(clock()) };
    let rule = "must be like `2030-01-02T15:04:05Z`";
    value.parse().map_err(|_| ConfigError::Flag { flag: "--now", value, rule })
}

/// The current time. All other code receives it as a value, except `check`, which judges a token again after each wait.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that looks at the clock")]
pub fn clock() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
