//! A run of a task as data, independent of the command line.

use super::phase::PhaseConfig;
use crate::cli::handout::HandoutPlace;
use kubephase_core::connection::Connection;
use kubephase_core::format::{Format, JoinForm, Names};
use kubephase_core::join::CureFlags;
use kubephase_core::question::Question;
use kubephase_core::saved::{Recording, Saved, Values};
use kubephase_core::secret::Secrets;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A run of a task.
#[derive(Clone)]
pub struct Run {
    /// The question for the phase, with secrets hidden.
    pub question: Question,
    /// The hidden values.
    pub secrets: Secrets,
    /// The configuration files, as they were typed.
    pub filenames: Vec<PathBuf>,
    /// What there is to warn of in them.
    pub warnings: Vec<String>,
    /// Where objects are read and written.
    pub against: Against,
    /// How to reach the API server.
    pub connection: Connection,
    /// The stage at which the run stops.
    pub stage: Stage,
    /// How long to wait until a node can join with the result; `None` does not wait.
    pub wait: Option<Duration>,
    /// Whether tokens are printed.
    pub token_print: TokenPrint,
    /// The output format.
    pub format: Format<Names>,
    /// The text output of a successful run.
    pub answer: RunAnswer,
    /// Where it is handed out; `None` prints it.
    pub answer_place: Option<HandoutPlace>,
    /// The phase that is asked.
    pub phase: PhaseConfig,
    /// The flags that selected phase and cluster, for commands that are printed.
    pub words: Vec<String>,
    /// Those that selected the cluster, for the commands of a cure.
    pub cure_flags: CureFlags,
    /// The saved plan to apply, and its file; `None` makes a new plan.
    pub saved: Option<(PathBuf, Saved)>,
    /// Values of Secrets that the plan restores and its file does not contain.
    pub values: Values,
    /// The file for the plan.
    pub out: Option<PathBuf>,
    /// Where the undo plan is saved.
    pub undo: UndoPlace,
    /// Whether it says how to undo it.
    pub hints: Hints,
    /// Whether the answers of the cluster are recorded or replayed.
    pub recording: RecordingUse,
}

/// Whether the answers of the cluster are recorded or replayed.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordingUse {
    /// Neither.
    None,
    /// Recorded to this file.
    Record(PathBuf),
    /// Replayed from this file.
    Replay(PathBuf, Box<Recording>),
}

/// Whether a run says which command comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hints {
    /// It does.
    Said,
    /// It does not: it is one of several, of which the command says it once.
    Left,
}

/// Where the undo plan is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoPlace {
    /// The file of `--undo-out`, or of a cluster among several.
    pub file: Option<PathBuf>,
    /// The plugin's own folder; `None` without a home.
    pub folder: Option<PathBuf>,
}

/// Where objects are read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// The API server.
    Live,
    /// A folder of manifests.
    Folder(PathBuf),
    /// An empty cluster.
    Empty,
}

impl Against {
    /// The kind of place, in one word.
    #[must_use]
    pub const fn sort(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Folder(_) => "folder",
            Self::Empty => "empty",
        }
    }
}

/// The stage at which a run stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Show the plan: the meaning of differences, and the view.
    Plan(Differences, PlanView),
    /// `--dry-run=client`: report the result of applying without asking the server.
    Foresee,
    /// `--dry-run=server`: send all writes as a dry run.
    Verify,
    /// Apply the plan.
    Execute(Precheck),
}

/// Whether all writes are sent as a dry run before the first real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precheck {
    /// Dry run by the server.
    Server,
    /// No dry run.
    None,
}

/// The effect of differences on the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differences {
    /// None.
    Fine,
    /// The exit code says that there are differences.
    Fail,
}

/// The view of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanView {
    /// The operations.
    Report,
    /// The lines that would change.
    Diff,
    /// The resulting objects.
    Manifests,
    /// Markdown for a pull request.
    Markdown,
}

/// The text output of a successful run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunAnswer {
    /// The result for each object, and all lines of the phase.
    Report,
    /// Only the result for each object.
    Results,
    /// Only the phase's lines of this name, as scripts expect of `kubeadm token`.
    Lines(&'static str),
    /// Only what a new node is given.
    Form(JoinForm),
}

/// Whether lines with tokens are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPrint {
    /// They are printed.
    Show,
    /// They are not printed.
    Skip,
}

/// The command that applies a file to the same objects with the same phase, by the flags of this run.
#[must_use]
pub fn apply_command(file: &Path, against: &Against, words: &[String]) -> String {
    let start = ["kubectl", "bootstrap-token", "apply", "--plan"].map(str::to_owned);
    let objects = match against {
        Against::Folder(folder) => vec!["--against".to_owned(), format!("dir:{}", folder.display())],
        Against::Live | Against::Empty => Vec::new(),
    };
    let words = start.into_iter().chain([file.display().to_string()]).chain(objects).chain(words.iter().cloned());
    // An argument cannot contain NUL.
    shlex::try_join(words.collect::<Vec<_>>().iter().map(String::as_str)).unwrap_or_default()
}

/// The command that shows a saved plan.
#[must_use]
pub fn show_command(file: &Path) -> String {
    let words = ["kubectl", "bootstrap-token", "plan", "show", &file.display().to_string()];
    shlex::try_join(words).unwrap_or_default()
}

impl Run {
    /// A run that only makes a plan: nothing is printed, saved or applied.
    pub(super) fn of_question(
        question: Question,
        secrets: Secrets,
        against: Against,
        connection: Connection,
        phase: PhaseConfig,
        (words, cure_flags): (Vec<String>, CureFlags),
    ) -> Self {
        Self {
            question,
            secrets,
            filenames: Vec::new(),
            warnings: Vec::new(),
            against,
            connection,
            stage: Stage::Plan(Differences::Fine, PlanView::Report),
            wait: None,
            token_print: TokenPrint::Skip,
            format: Format::Text,
            answer: RunAnswer::Report,
            answer_place: None,
            phase,
            words,
            cure_flags,
            saved: None,
            values: Values::new(),
            out: None,
            undo: UndoPlace { file: None, folder: None },
            hints: Hints::Said,
            recording: RecordingUse::None,
        }
    }
}
