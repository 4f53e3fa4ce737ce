//! Resolves the arguments of `undo`, and of the commands that show saved plans.

use super::apply::against;
use super::env;
use super::error::ConfigError;
use super::given::Given;
use super::question::Wish;
use super::run::{Run, TokenPrint};
use super::{connection, file, saved};
use crate::cli::question_flags::SettingFlags;
use crate::cli::undo_flags::{PlanShowArgs, UndoCommand, UndoShowArgs};
use crate::cli::write_flags::WriteFlags;
use kubephase_core::connection::Connection;
use kubephase_core::format::{Format, ShowFormat};
use kubephase_core::saved::{KeptUndo, Saved, SavedError, UndoDocument, UndoHistory, UndoPlaceId};
use kubephase_core::secret::Secrets;
use serde_json::Map;
use std::path::{Path, PathBuf};

/// The extension of undo plans in the plugin's folder.
const EXTENSION: &str = "json";

/// A resolved `undo`.
pub enum UndoOrder {
    /// Applies this undo plan.
    Apply(Box<Run>),
    /// Applies the latest one of the cluster of this run.
    ApplyLatest(Box<Run>),
    /// Lists those in this folder; `None` without a home.
    List(Option<PathBuf>, Format),
    /// Shows the latest one of a cluster.
    ShowLatest(Box<LatestUndo>, Format<ShowFormat>),
    /// Shows a saved plan or undo plan.
    Show(Box<SavedFile>, Format<ShowFormat>),
}

/// A saved plan or undo plan, and its file.
pub struct SavedFile {
    /// The path of the file.
    pub path: PathBuf,
    /// What it holds.
    pub saved: Saved,
    /// The flags that selected the cluster, for the command that applies it.
    pub words: Vec<String>,
}

/// Where the latest undo plan is looked for.
pub struct LatestUndo {
    /// The folder of the undo plans; `None` without a home.
    pub folder: Option<PathBuf>,
    /// How to reach the cluster that it was made for.
    pub connection: Connection,
    /// Where the objects are.
    pub against: super::run::Against,
    /// The flags that selected the cluster.
    pub words: Vec<String>,
}

impl UndoOrder {
    /// Resolves a command below `undo`.
    ///
    /// # Errors
    /// [`ConfigError`] for invalid flags and for files that are no undo plans.
    pub fn below(command: UndoCommand, given: &Given<'_>) -> Result<Self, ConfigError> {
        match command {
            UndoCommand::List(args) => Ok(Self::List(folder(given), args.output)),
            UndoCommand::Show(UndoShowArgs { undo: Some(undo), output, .. }) => {
                let (path, document) = named(&undo, folder(given).as_deref())?;
                let saved = Saved::Undo(document);
                Ok(Self::Show(Box::new(SavedFile { path, saved, words: given.words.clone() }), output))
            }
            UndoCommand::Show(UndoShowArgs { undo: None, against: place, output }) => {
                let (connection, against) = (connection::connection(given.kube, given.env)?, against(&place)?);
                let latest = LatestUndo { folder: folder(given), connection, against, words: given.words.clone() };
                Ok(Self::ShowLatest(Box::new(latest), output))
            }
        }
    }

    /// Resolves `undo`.
    ///
    /// # Errors
    /// [`ConfigError`] for invalid flags and for files that are no undo plans.
    pub fn apply(
        undo: Option<&str>,
        write: WriteFlags,
        setting: SettingFlags,
        given: &mut Given<'_>,
    ) -> Result<Self, ConfigError> {
        let named = undo.map(|undo| named(undo, folder(given).as_deref())).transpose()?;
        let wish = wish();
        let format = write.output;
        let run = Run::writing(wish, setting, write, format, given)?;
        Ok(match named {
            Some((path, document)) => Self::Apply(Box::new(run.undoing(path, document)?)),
            None => Self::ApplyLatest(Box::new(run)),
        })
    }

    /// Resolves `plan show`.
    ///
    /// # Errors
    /// [`ConfigError`] for a file that is no saved plan.
    pub fn show(args: PlanShowArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let PlanShowArgs { file: path, output } = args;
        let saved = saved::read(&path, given.stdin)?;
        Ok(Self::Show(Box::new(SavedFile { path, saved, words: given.words.clone() }), output))
    }
}

/// The wish of an undo: its plan says the rest.
pub(super) fn wish() -> Wish {
    Wish {
        task: "apply".to_owned(),
        parameters: Map::new(),
        secrets: Secrets::default(),
        filenames: Vec::new(),
        plan: None,
        token_print: TokenPrint::Show,
    }
}

impl LatestUndo {
    /// The latest undo plan of this place.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none.
    pub fn find(self, place: &UndoPlaceId) -> Result<SavedFile, ConfigError> {
        let KeptUndo { file: path, document, .. } = latest(self.folder.as_deref(), place)?;
        Ok(SavedFile { path, saved: Saved::Undo(document), words: self.words })
    }
}

impl Run {
    /// The run that applies the latest undo plan of this place.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none, and for unusable files.
    pub fn undoing_latest(self, place: &UndoPlaceId) -> Result<Self, ConfigError> {
        let KeptUndo { file: path, document, .. } = latest(self.undo.folder.as_deref(), place)?;
        self.undoing(path, document)
    }

    /// The run that applies the undo plan in a file.
    ///
    /// # Errors
    /// [`ConfigError`] if the file, or the values of it, cannot be read.
    pub(super) fn undoing_file(self, path: &Path) -> Result<Self, ConfigError> {
        file::check_own(path)?;
        self.undoing(path.to_owned(), read(path)?)
    }

    fn undoing(self, path: PathBuf, document: Box<UndoDocument>) -> Result<Self, ConfigError> {
        let mut question = self.question;
        question.task.clone_from(&document.task);
        let saved = Some((path, Saved::Undo(document)));
        Ok(Self { values: saved::values(saved.as_ref(), self.undo.folder.as_deref())?, saved, question, ..self })
    }
}

/// The undo plans in a folder, and the files that cannot be used.
///
/// # Errors
/// [`ConfigError`] if the folder cannot be read.
pub fn history(folder: Option<&Path>) -> Result<(UndoHistory<PathBuf>, Vec<ConfigError>), ConfigError> {
    let entries = match folder.ok_or(ConfigError::NoUndoFolder).map(|folder| (folder, std::fs::read_dir(folder)))? {
        (_, Ok(entries)) => entries,
        (_, Err(error)) if error.kind() == std::io::ErrorKind::NotFound => return Ok((UndoHistory::of(Vec::new()), Vec::new())),
        (folder, Err(source)) => return Err(ConfigError::Unreadable { path: folder.to_owned(), source }),
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let ours = paths.filter(|path| path.extension().is_some_and(|end| end == EXTENSION));
    // By when they were written: the time in a name is whole seconds, and may be one of --now.
    let written = |path: &PathBuf| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let mut paths: Vec<PathBuf> = ours.collect();
    paths.sort_by_cached_key(|path| std::cmp::Reverse((written(path), path.clone())));
    let (mut documents, mut unusable) = (Vec::new(), Vec::new());
    for path in paths {
        match file::check_own(&path).and_then(|()| read(&path)) {
            Ok(document) => documents.push((path, document)),
            Err(error) => unusable.push(error),
        }
    }
    Ok((UndoHistory::of(documents), unusable))
}

/// The latest undo plan of a place that was not undone.
fn latest(folder: Option<&Path>, place: &UndoPlaceId) -> Result<KeptUndo<PathBuf>, ConfigError> {
    history(folder)?.0.latest(place).ok_or(ConfigError::NothingToUndo)
}

/// An undo plan and its file: a path, or the id of one in the plugin's folder.
fn named(undo: &str, folder: Option<&Path>) -> Result<(PathBuf, Box<UndoDocument>), ConfigError> {
    let path = Path::new(undo);
    if path.extension().is_some() || undo.contains(std::path::MAIN_SEPARATOR) || path.exists() {
        return Ok((path.to_owned(), read(path)?));
    }
    let kept = history(folder)?.0.named(undo).ok_or_else(|| ConfigError::NoUndo(undo.to_owned()))?;
    Ok((kept.file, kept.document))
}

fn read(path: &Path) -> Result<Box<UndoDocument>, ConfigError> {
    match saved::read(path, &mut std::io::empty())? {
        Saved::Undo(undo) => Ok(undo),
        Saved::Plan(_) => Err(ConfigError::Saved { path: path.to_owned(), source: SavedError::NotUndo }),
    }
}

fn folder(given: &Given<'_>) -> Option<PathBuf> {
    env::state_folder(given.env).map(|folder| folder.join("undo"))
}
