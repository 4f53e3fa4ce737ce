//! From what was typed to what is meant. The only home of defaults that are not on the command line.

pub mod audit;
pub mod cases;
pub mod check;
mod connection;
pub mod difference;
pub mod duration;
pub mod env;
mod error;
pub mod file;
mod handed;
pub mod kubeadm;
pub mod limits;
pub mod phase;
pub mod question;
pub mod rbac;
pub mod saved;
pub mod scaffold;
pub mod token;
pub mod trust;

use crate::cli::args::{ApplyArgs, DryRunArg, FormatArg, PlanArgs, PlanFormatArg, PrecheckArg, WaitFlags, WriteFlags};
use crate::cli::kube_flags::KubeFlags;
use crate::cli::question_flags::SettingFlags;
use env::Env;
pub use error::ConfigError;
use kubephase_core::connection::Connection;
use kubephase_core::question::Question;
use kubephase_core::saved::{Recording, Saved, Values};
use kubephase_core::secret::Secrets;
pub use phase::{PhaseConfig, StoreConfig};
use question::Wish;
use std::io::Read;
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
    pub format: FormatArg,
    /// What a person is told who asked for text, once all was done.
    pub answer: Answer,
    /// The phase that is asked.
    pub phase: PhaseConfig,
    /// The plan that is carried out, and its file; none if a new one is made.
    pub saved: Option<(PathBuf, Saved)>,
    /// Values of Secrets that the plan restores, which are not in its file.
    pub values: Values,
    /// Where the plan is saved.
    pub out: Option<PathBuf>,
    /// Where the way back is kept.
    pub undo: UndoPlace,
    /// Whether the cluster's answers are written down, or come from a file.
    pub tape: TapeUse,
}

/// What is done with the answers of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub enum TapeUse {
    /// Nothing.
    None,
    /// They are written down.
    Record(PathBuf),
    /// They were.
    Replay(PathBuf, Box<Recording>),
}

/// Where the way back is kept.
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
    Plan(Differences, View),
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
pub enum View {
    /// What would be done.
    Report,
    /// Which lines would change.
    Diff,
    /// What the objects would be.
    Manifests,
}

/// What a person is told once all was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
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

/// The command that carries out a file for the same objects with the same phase.
#[must_use]
pub fn apply_command(file: &Path, against: &Against, connection: &Connection, phase: &PhaseConfig) -> String {
    let start = ["kubectl", "bootstrap-token", "apply", "--plan"].map(str::to_owned);
    let objects = match against {
        Against::Folder(folder) => vec!["--against".to_owned(), format!("dir:{}", folder.display())],
        Against::Live | Against::Empty => Vec::new(),
    };
    let words =
        start.into_iter().chain([file.display().to_string()]).chain(objects).chain(connection.flags()).chain(phase.flags());
    // A word with a NUL in it was never typed.
    shlex::try_join(words.collect::<Vec<_>>().iter().map(String::as_str)).unwrap_or_default()
}

impl Run {
    /// What `apply` means.
    ///
    /// # Errors
    /// [`ConfigError`] for a flag or a file that makes no sense.
    pub fn apply(args: ApplyArgs, kube: KubeFlags, env: &dyn Env, stdin: &mut dyn Read) -> Result<Self, ConfigError> {
        let (wish, setting) = Wish::of("apply", args.question, args.plan);
        Self::writing(wish, setting, args.write, kube, (env, stdin))?.waiting(&args.wait)
    }

    /// The same run, which ends with a look at what it made.
    ///
    /// # Errors
    /// [`ConfigError`] for what is no duration, and for a run after which there is nothing to look at.
    fn waiting(self, flags: &WaitFlags) -> Result<Self, ConfigError> {
        let Some(text) = &flags.wait else { return Ok(self) };
        let refused = |rule| ConfigError::Flag { flag: "--wait", value: text.clone(), rule };
        let wait = duration::parse_timeout(text).ok_or_else(|| refused("must be a duration like `30s` or `2m`"))?;
        if !matches!(self.stage, Stage::Execute(_)) || self.against != Against::Live || matches!(self.tape, TapeUse::Replay(..)) {
            return Err(refused("a node can join only with what is really made: leave --dry-run, --against and --replay away"));
        }
        Ok(Self { wait: Some(wait.unwrap_or_default()), ..self })
    }

    /// What a command that writes means.
    fn writing(
        wish: Wish,
        setting: SettingFlags,
        write: WriteFlags,
        kube: KubeFlags,
        (env, stdin): (&dyn Env, &mut dyn Read),
    ) -> Result<Self, ConfigError> {
        let stage = match write.dry_run {
            DryRunArg::None => Stage::Execute(match write.precheck {
                PrecheckArg::Server => Precheck::Server,
                PrecheckArg::None => Precheck::None,
            }),
            DryRunArg::Client => Stage::Foresee,
            DryRunArg::Server => Stage::Verify,
        };
        let run = Self::resolve(wish, setting, kube, (stage, write.output), (env, stdin))?;
        Ok(Self { undo: UndoPlace { file: write.undo_out, ..run.undo }, ..run })
    }

    /// What `plan` means.
    ///
    /// # Errors
    /// As [`Run::apply`].
    pub fn plan(args: PlanArgs, kube: KubeFlags, env: &dyn Env, stdin: &mut dyn Read) -> Result<Self, ConfigError> {
        let (view, format) = match args.output {
            PlanFormatArg::Report(format) => (View::Report, format),
            PlanFormatArg::Diff => (View::Diff, FormatArg::Text),
            PlanFormatArg::Manifests => (View::Manifests, FormatArg::Text),
        };
        let stage = Stage::Plan(if args.exit_code { Differences::Fail } else { Differences::Fine }, view);
        let (wish, setting) = Wish::of("apply", args.question, None);
        let run = Self::resolve(wish, setting, kube, (stage, format), (env, stdin))?;
        if args.out.is_some() && run.against == Against::Empty {
            let rule = "a plan for nothing can never be carried out; leave --out away";
            return Err(ConfigError::Flag { flag: "--against", value: "empty".to_owned(), rule });
        }
        Ok(Self { out: args.out, ..run })
    }

    /// A run that asks for a plan, of which nothing is printed, saved or carried out.
    fn of_question(question: Question, secrets: Secrets, against: Against, connection: Connection, phase: PhaseConfig) -> Self {
        Self {
            question,
            secrets,
            against,
            connection,
            stage: Stage::Plan(Differences::Fine, View::Report),
            wait: None,
            token_print: TokenPrint::Skip,
            format: FormatArg::Text,
            answer: Answer::Report,
            phase,
            saved: None,
            values: Values::new(),
            out: None,
            undo: UndoPlace { file: None, folder: None },
            tape: TapeUse::None,
        }
    }

    fn resolve(
        wish: Wish,
        setting: SettingFlags,
        kube: KubeFlags,
        (stage, format): (Stage, FormatArg),
        (env, stdin): (&dyn Env, &mut dyn Read),
    ) -> Result<Self, ConfigError> {
        let phase = PhaseConfig::of_flags(&setting.phase, env)?;
        let against = against(&setting.against)?;
        let tape = saved::tape(&setting, &against)?;
        let undo_folder = env::state_folder(env).map(|folder| folder.join("undo"));
        let token_print = wish.token_print;
        let asked = question::asked(wish, setting.now, &tape, stdin)?;
        let connection = connection::connection(kube, env)?;
        Ok(Self {
            stage,
            token_print,
            format,
            values: saved::values(asked.saved.as_ref(), undo_folder.as_deref())?,
            saved: asked.saved,
            undo: UndoPlace { file: None, folder: undo_folder },
            tape,
            ..Self::of_question(asked.question, asked.secrets, against, connection, phase)
        })
    }
}

fn against(text: &str) -> Result<Against, ConfigError> {
    match text.split_once(':') {
        None if text == "live" => Ok(Against::Live),
        None if text == "empty" => Ok(Against::Empty),
        Some(("dir", path)) if !path.is_empty() => Ok(Against::Folder(PathBuf::from(path))),
        _ => Err(ConfigError::Flag { flag: "--against", value: text.to_owned(), rule: "must be `live`, `dir:PATH` or `empty`" }),
    }
}
