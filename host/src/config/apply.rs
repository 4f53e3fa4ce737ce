//! Resolves `apply` and `plan`, and the flags shared by all commands that run a task.

use super::env;
use super::error::ConfigError;
use super::given::Given;
use super::phase::PhaseConfig;
use super::question::{self, Wish};
use super::run::{Against, Differences, PlanView, Precheck, RecordingUse, Run, Stage, UndoPlace};
use super::{connection, duration, saved};
use crate::cli::args::{ApplyArgs, PlanArgs};
use crate::cli::question_flags::SettingFlags;
use crate::cli::write_flags::{DryRunArg, PrecheckArg, WaitFlags, WriteFlags};
use kubephase_core::format::{Format, Names, OwnFormat, PlanFormat};
use std::path::PathBuf;

impl Run {
    /// The run of `apply`.
    ///
    /// # Errors
    /// [`ConfigError`] for an invalid flag or file.
    pub fn apply(args: ApplyArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let (wish, setting) = Wish::of("apply", args.question, args.plan);
        let format = args.write.output;
        Self::writing(wish.tokenless(&args.tokenless), setting, args.write, format, given)?.waiting(&args.wait)
    }

    /// The same run, followed by a check whether nodes can join.
    ///
    /// # Errors
    /// [`ConfigError`] for an invalid duration, and for a run that creates nothing to wait for.
    pub(super) fn waiting(self, flags: &WaitFlags) -> Result<Self, ConfigError> {
        let Some(text) = &flags.wait else { return Ok(self) };
        let refused = |rule| ConfigError::Flag { flag: "--wait", value: text.clone(), rule };
        let wait = duration::parse_timeout(text).ok_or_else(|| refused("must be a duration like `30s` or `2m`"))?;
        if !matches!(self.stage, Stage::Execute(_))
            || self.against != Against::Live
            || matches!(self.recording, RecordingUse::Replay(..))
        {
            return Err(refused("needs a real run: remove --dry-run, --against and --replay"));
        }
        Ok(Self { wait: Some(wait.unwrap_or_default()), ..self })
    }

    /// The run of a command that writes.
    pub(super) fn writing<Own: OwnFormat>(
        wish: Wish,
        setting: SettingFlags,
        write: WriteFlags<Own>,
        format: Format<Names>,
        given: &mut Given<'_>,
    ) -> Result<Self, ConfigError> {
        let stage = match write.dry_run {
            DryRunArg::None => Stage::Execute(match write.precheck {
                PrecheckArg::Server => Precheck::Server,
                PrecheckArg::None => Precheck::None,
            }),
            DryRunArg::Client => Stage::Foresee,
            DryRunArg::Server => Stage::Verify,
        };
        let run = Self::resolve(wish, setting, (stage, format), given)?;
        Ok(Self { undo: UndoPlace { file: write.undo_out, ..run.undo }, ..run })
    }

    /// The run of `plan`.
    ///
    /// # Errors
    /// Like [`Run::apply`].
    pub fn plan(args: PlanArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let (view, format) = match args.output {
            Format::Text => (PlanView::Report, Format::Text),
            Format::Document(syntax) => (PlanView::Report, Format::Document(syntax)),
            Format::Own(PlanFormat::Names) => (PlanView::Report, Format::Own(Names)),
            Format::Own(PlanFormat::Diff) => (PlanView::Diff, Format::Text),
            Format::Own(PlanFormat::Manifests) => (PlanView::Manifests, Format::Text),
            Format::Own(PlanFormat::Markdown) => (PlanView::Markdown, Format::Text),
        };
        let stage = Stage::Plan(if args.exit_code { Differences::Fail } else { Differences::Fine }, view);
        let (wish, setting) = Wish::of("apply", args.question, None);
        let run = Self::resolve(wish.tokenless(&args.tokenless), setting, (stage, format), given)?;
        if args.out.is_some() && run.against == Against::Empty {
            let rule = "cannot be combined with --out: such a plan could never be applied";
            return Err(ConfigError::Flag { flag: "--against", value: "empty".to_owned(), rule });
        }
        Ok(Self { out: args.out, ..run })
    }

    pub(super) fn resolve(
        wish: Wish,
        setting: SettingFlags,
        (stage, format): (Stage, Format<Names>),
        given: &mut Given<'_>,
    ) -> Result<Self, ConfigError> {
        let phase = PhaseConfig::of_flags(&setting.phase, given.env)?;
        let against = against(&setting.against)?;
        let recording = saved::recording_use(&setting, &against)?;
        let undo_folder = env::state_folder(given.env).map(|folder| folder.join("undo"));
        let token_print = wish.token_print;
        let asked = question::asked(wish, setting.now, &recording, given.stdin)?;
        let connection = connection::connection(given.kube, given.env)?;
        Ok(Self {
            stage,
            token_print,
            format,
            values: saved::values(asked.saved.as_ref(), undo_folder.as_deref())?,
            saved: asked.saved,
            filenames: asked.filenames,
            warnings: asked.warnings,
            undo: UndoPlace { file: None, folder: undo_folder },
            recording,
            ..Self::of_question(
                asked.question,
                asked.secrets,
                against,
                connection,
                phase,
                (given.words.clone(), given.cure_flags.clone()),
            )
        })
    }
}

pub(super) fn against(text: &str) -> Result<Against, ConfigError> {
    match text.split_once(':') {
        None if text == "live" => Ok(Against::Live),
        None if text == "empty" => Ok(Against::Empty),
        Some(("dir", path)) if !path.is_empty() => Ok(Against::Folder(PathBuf::from(path))),
        _ => Err(ConfigError::Flag { flag: "--against", value: text.to_owned(), rule: "must be `live`, `dir:PATH` or `empty`" }),
    }
}
