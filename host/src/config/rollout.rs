//! Resolves `plan`, `apply` and `undo` for several clusters: one question, and a folder with a plan for each of them.

use super::error::ConfigError;
use super::fleet::Fleet;
use super::given::Given;
use super::run::{Differences, Hints, Run, TokenPrint};
use super::saved::{self, Input};
use super::undo;
use crate::cli::args::{ApplyArgs, PlanArgs};
use crate::cli::fleet_flags::FleetFlags;
use crate::cli::undo_flags::UndoArgs;
use crate::cli::write_flags::{DryRunArg, WriteFlags};
use kubephase_core::connection::Connection;
use kubephase_core::format::{Format, OwnFormat};
use kubephase_core::saved::{PlanDocument, Saved, Waves};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A command for several clusters.
pub struct RolloutOrder {
    /// The clusters.
    pub fleet: Fleet,
    /// What is done to each, but for what is of one cluster alone.
    run: Run,
    /// What the question was made from.
    input: Input,
    /// What is done.
    pub act: RolloutAct,
    /// The output format.
    pub format: Format,
    /// The flags that chose phase and clusters, for commands that are printed.
    words: Vec<String>,
}

/// What is done with the plans of several clusters.
#[derive(Debug, Clone)]
pub enum RolloutAct {
    /// They are made, and saved in a folder if there is one.
    Plan(Option<PathBuf>, Differences),
    /// Those of a folder are applied.
    Apply(PathBuf, Waves, MostFailures),
    /// What was applied is undone.
    Undo(PathBuf, UndoneWaves),
}

/// How many clusters may fail before no further wave begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MostFailures(pub usize);

/// Which waves are undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoneWaves {
    /// The latest one.
    Latest,
    /// All.
    All,
}

impl RolloutOrder {
    /// `plan` of several clusters.
    ///
    /// # Errors
    /// [`ConfigError`] like for one, and for what only one cluster has.
    pub(super) fn plan(fleet: Fleet, mut args: PlanArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let (format, words) = (shared(std::mem::replace(&mut args.output, Format::Text))?, words(&args.fleet, given));
        let (out, exit_code) = (args.out.take(), args.exit_code);
        let differences = if exit_code { Differences::Fail } else { Differences::Fine };
        let input = Input::of(&args.question.filename);
        let run = Run::plan(args, given)?;
        Ok(Self { fleet, run: one_of_several(run), input, act: RolloutAct::Plan(out, differences), format, words })
    }

    /// `apply` of the plans in a folder.
    ///
    /// # Errors
    /// [`ConfigError`] like for one, for what only one cluster has, and without a folder.
    pub(super) fn apply(fleet: Fleet, mut args: ApplyArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let Some(folder) = args.plan.take() else {
            let rule = "several clusters are changed by saved plans: `plan --clusters SOURCE --out DIR`, then `apply --plan DIR`";
            return Err(ConfigError::Flag { flag: "--clusters", value: fleet.source, rule });
        };
        if let Some(time) = args.question.setting.now.take() {
            return Err(ConfigError::Flag { flag: "--now", value: time, rule: "saved plans have a time of their own" });
        }
        let (format, words) = (format(&mut args.write)?, words(&args.fleet, given));
        let act = RolloutAct::Apply(folder, args.waves.wave.clone(), MostFailures(args.waves.max_failures));
        let input = Input::of(&args.question.filename);
        Ok(Self { fleet, run: one_of_several(Run::apply(args, given)?), input, act, format, words })
    }

    /// `undo` of what was applied from a folder.
    ///
    /// # Errors
    /// [`ConfigError`] like for one, for what only one cluster has, and without a folder.
    pub(super) fn undo(fleet: Fleet, mut args: UndoArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let Some(folder) = args.undo.take().map(PathBuf::from) else {
            let rule = "needs the folder of their plans: `undo DIR --clusters SOURCE`";
            return Err(ConfigError::Flag { flag: "--clusters", value: fleet.source, rule });
        };
        let (format, words) = (format(&mut args.write)?, words(&args.fleet, given));
        let which = if args.all_waves { UndoneWaves::All } else { UndoneWaves::Latest };
        let run = Run::writing(undo::wish(), args.setting, args.write, Format::Text, given)?;
        Ok(Self { fleet, run: one_of_several(run), input: Input::Token, act: RolloutAct::Undo(folder, which), format, words })
    }

    /// The phase, the connection to the hub, and what all clusters have in common.
    #[must_use]
    pub const fn run(&self) -> &Run {
        &self.run
    }

    /// The same with another grant: the one that was given for all of them.
    pub const fn run_mut(&mut self) -> &mut Run {
        &mut self.run
    }

    /// How long to wait until nodes can join.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.run.wait.unwrap_or(PATIENCE)
    }

    /// The command that applies the plans in a folder to the same clusters.
    #[must_use]
    pub fn apply_command(&self, folder: &Path) -> String {
        self.command(&["apply", "--plan"], folder)
    }

    /// The command that undoes what was applied from a folder.
    #[must_use]
    pub fn undo_command(&self, folder: &Path) -> String {
        self.command(&["undo"], folder)
    }

    fn command(&self, verb: &[&str], folder: &Path) -> String {
        let start = ["kubectl", "bootstrap-token"].into_iter().chain(verb.iter().copied()).map(str::to_owned);
        let words = start.chain([folder.display().to_string()]).chain(self.words.iter().cloned());
        // An argument cannot contain NUL.
        shlex::try_join(words.collect::<Vec<_>>().iter().map(String::as_str)).unwrap_or_default()
    }

    /// The run for one of the clusters.
    #[must_use]
    pub fn of_cluster(&self, connection: Connection) -> Run {
        Run { connection, wait: None, ..self.run.clone() }
    }

    /// The run that applies the saved plan of a cluster.
    ///
    /// # Errors
    /// [`ConfigError::Saved`] if the question that is given now is not that of the plan.
    pub fn of_plan(&self, path: &Path, plan: Box<PlanDocument>, connection: Connection) -> Result<Run, ConfigError> {
        let run = self.of_cluster(connection);
        let (question, secrets) = saved::question(&plan, self.input, (run.question, run.secrets))
            .map_err(|source| ConfigError::Saved { path: path.to_owned(), source })?;
        Ok(Run { question, secrets, saved: Some((path.to_owned(), Saved::Plan(plan))), ..run })
    }

    /// The run that undoes what was done to a cluster.
    ///
    /// # Errors
    /// [`ConfigError`] if its undo plan, or the values for it, cannot be read.
    pub fn of_undo(&self, path: &Path, connection: Connection) -> Result<Run, ConfigError> {
        self.of_cluster(connection).undoing_file(path)
    }
}

/// How long nodes have to be able to join after a cluster was changed, if nothing else is said: its controllers sign a new token.
const PATIENCE: Duration = Duration::from_secs(30);

/// A run without what is said of one cluster alone. Tokens of many clusters are not printed: `create --print-join-command` makes one where
/// a node is to join.
fn one_of_several(run: Run) -> Run {
    Run { hints: Hints::Left, token_print: TokenPrint::Skip, format: Format::Text, ..run }
}

/// The flags that chose phase and clusters, as they were typed.
fn words(fleet: &FleetFlags, given: &Given<'_>) -> Vec<String> {
    let file = fleet.clusterprofile_provider_file.as_ref().map(|path| path.display().to_string());
    let flags = [
        ("--clusters", fleet.clusters.as_ref().map(ToString::to_string)),
        ("--selector", Some(fleet.selector.clone()).filter(|selector| !selector.is_empty())),
        ("--clusterprofile-provider-file", file),
        ("--shard", fleet.shard.map(|shard| shard.to_string())),
    ];
    let typed = flags.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?]));
    typed.flatten().chain(given.words.iter().cloned()).collect()
}

/// The output format; refuses what is of one cluster alone.
fn format(write: &mut WriteFlags) -> Result<Format, ConfigError> {
    if let Some(path) = &write.undo_out {
        let rule = "works with one cluster only: those of several are in the folder of their plans";
        return Err(ConfigError::Flag { flag: "--undo-out", value: path.display().to_string(), rule });
    }
    if write.dry_run != DryRunArg::None {
        let rule = "works with one cluster only: `plan show FILE` says what each plan changes, and `apply --plan FILE` takes one of them";
        return Err(ConfigError::Flag { flag: "--dry-run", value: write.dry_run.to_string(), rule });
    }
    shared(std::mem::replace(&mut write.output, Format::Text))
}

/// A format that shows several clusters.
fn shared<Own: OwnFormat + PartialEq>(format: Format<Own>) -> Result<Format, ConfigError> {
    let rule = "shows one cluster; for several it must be text, json or yaml, and `plan show FILE` shows each saved plan";
    format.shared().map_err(|_| ConfigError::Flag { flag: "--output", value: format.name().to_owned(), rule })
}
