//! What a run of a phase's task is: data, in the words of the field. Nothing here knows a command line.

use super::phase::PhaseConfig;
use kubephase_core::connection::Connection;
use kubephase_core::format::{Format, Names};
use kubephase_core::question::Question;
use kubephase_core::saved::{Recording, Saved, Values};
use kubephase_core::secret::Secrets;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A run of a phase's task.
pub struct Run {
    /// What is asked, with secrets already hidden.
    pub question: Question,
    /// The hidden values.
    pub secrets: Secrets,
    /// Where objects are.
    pub against: Against,
    /// How to reach the API server.
    pub connection: Connection,
    /// How far to go.
    pub stage: Stage,
    /// How long to wait until a node can join with what was made; none does not look.
    pub wait: Option<Duration>,
    /// Whether tokens are printed.
    pub token_print: TokenPrint,
    /// How to print.
    pub format: Format<Names>,
    /// What a person is told who asked for text, once all was done.
    pub answer: RunAnswer,
    /// The phase that is asked.
    pub phase: PhaseConfig,
    /// The flags by which phase and cluster were chosen, for a command that is printed.
    pub words: Vec<String>,
    /// The plan that is carried out, and its file; none if a new one is made.
    pub saved: Option<(PathBuf, Saved)>,
    /// Values of Secrets that the plan restores, which are not in its file.
    pub values: Values,
    /// Where the plan is saved.
    pub out: Option<PathBuf>,
    /// Where the undo plan is kept.
    pub undo: UndoPlace,
    /// Whether the cluster's answers are written down, or come from a file.
    pub recording: RecordingUse,
}

/// What is done with the answers of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordingUse {
    /// Nothing.
    None,
    /// They are written down.
    Record(PathBuf),
    /// They were.
    Replay(PathBuf, Box<Recording>),
}

/// Where the undo plan is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoPlace {
    /// `--undo-out`.
    pub file: Option<PathBuf>,
    /// Our own folder; none without a home.
    pub folder: Option<PathBuf>,
}

/// Where objects are read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// The API server.
    Live,
    /// A folder of manifests.
    Folder(PathBuf),
    /// Nothing is there.
    Empty,
}

impl Against {
    /// What it is, in one word.
    #[must_use]
    pub const fn sort(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Folder(_) => "folder",
            Self::Empty => "empty",
        }
    }
}

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Show the plan; what it means if something would change, and what is shown of it.
    Plan(Differences, PlanView),
    /// `--dry-run=client`: as if it were carried out, without asking the server.
    Foresee,
    /// `--dry-run=server`: have all writes tried.
    Verify,
    /// Carry them out.
    Execute(Precheck),
}

/// Whether all writes are tried before the first one is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precheck {
    /// By the server.
    Server,
    /// They are not.
    None,
}

/// What differences mean for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differences {
    /// Nothing.
    Fine,
    /// The answer is no.
    Fail,
}

/// What is shown of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanView {
    /// What would be done.
    Report,
    /// Which lines would change.
    Diff,
    /// What the objects would be.
    Manifests,
}

/// What a person is told once all was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunAnswer {
    /// What became of each object, and all lines of the phase.
    Report,
    /// The phase's lines of this name and nothing else, as a script expects of `kubeadm token`.
    Lines(&'static str),
}

/// Whether lines with tokens are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPrint {
    /// They are.
    Show,
    /// They are not.
    Skip,
}

/// The command that applies a file to the same objects with the same phase: by the flags that were typed.
#[must_use]
pub fn apply_command(file: &Path, against: &Against, words: &[String]) -> String {
    let start = ["kubectl", "bootstrap-token", "apply", "--plan"].map(str::to_owned);
    let objects = match against {
        Against::Folder(folder) => vec!["--against".to_owned(), format!("dir:{}", folder.display())],
        Against::Live | Against::Empty => Vec::new(),
    };
    let words = start.into_iter().chain([file.display().to_string()]).chain(objects).chain(words.iter().cloned());
    // A word with a NUL in it was never typed.
    shlex::try_join(words.collect::<Vec<_>>().iter().map(String::as_str)).unwrap_or_default()
}

impl Run {
    /// A run that asks for a plan, of which nothing is printed, saved or carried out.
    pub(super) fn of_question(
        question: Question,
        secrets: Secrets,
        against: Against,
        connection: Connection,
        phase: PhaseConfig,
        words: Vec<String>,
    ) -> Self {
        Self {
            question,
            secrets,
            against,
            connection,
            stage: Stage::Plan(Differences::Fine, PlanView::Report),
            wait: None,
            token_print: TokenPrint::Skip,
            format: Format::Text,
            answer: RunAnswer::Report,
            phase,
            words,
            saved: None,
            values: Values::new(),
            out: None,
            undo: UndoPlace { file: None, folder: None },
            recording: RecordingUse::None,
        }
    }
}
