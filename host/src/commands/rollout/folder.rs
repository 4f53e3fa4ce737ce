//! The folder with the plans of several clusters. For each of them there is `NAME.plan.json`, and once it was changed `NAME.undo.json` and
//! `NAME.result.json`; `rollout.json` lists them.

use crate::config::ConfigError;
use crate::config::file::read_report;
use crate::errors::Error;
use crate::store;
use kubephase_core::digest::Digest;
use kubephase_core::saved::{ClusterResult, PlanDocument, Rollout, RolloutCluster, Saved, SavedError};
use std::io;
use std::path::{Path, PathBuf};

const ROLLOUT: &str = "rollout.json";
const PLAN: &str = "plan";
const UNDO: &str = "undo";
const RESULT: &str = "result";

/// A folder for plans.
pub(super) struct RolloutFolder {
    path: PathBuf,
    /// Held while the plans are applied or undone.
    _lock: Option<store::Lock>,
}

impl RolloutFolder {
    /// A folder for new plans, which is made if there is none.
    ///
    /// # Errors
    /// [`Error`] if plans of the folder were applied, since what undoes them is in it, and for an unusable folder.
    pub(super) fn begin(path: &Path) -> Result<Self, Error> {
        let unusable = |source| Error::Save { path: path.to_owned(), source };
        store::make_folder(path).map_err(unusable)?;
        let ends = [UNDO, RESULT].map(|sort| format!(".{sort}.json"));
        let is_in_use = |file: &PathBuf| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            ends.iter().any(|end| name.ends_with(end))
        };
        if store::files_below(path).map_err(unusable)?.iter().any(is_in_use) {
            let problem = "plans in it were applied, and what undoes them is there: choose another folder".to_owned();
            return Err(Error::Part { path: path.to_owned(), problem });
        }
        let folder = Self { path: path.to_owned(), _lock: None };
        // A list of plans that are being replaced would be of no use.
        match std::fs::remove_file(folder.rollout()) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Save { path: folder.rollout(), source }),
            _ => Ok(folder),
        }
    }

    /// The folder with plans, and its list; nobody else can apply them meanwhile.
    ///
    /// # Errors
    /// [`Error`] if it is not such a folder, the list cannot be used, or another process works with it.
    pub(super) fn open(path: &Path) -> Result<(Self, Rollout), Error> {
        let list = path.join(ROLLOUT);
        let lock = store::lock(&list).map_err(|error| Error::Part {
            path: path.to_owned(),
            problem: match error.kind() {
                io::ErrorKind::WouldBlock => "another process applies or undoes its plans".to_owned(),
                io::ErrorKind::NotFound => format!("it has no {ROLLOUT}: `plan --clusters SOURCE --out DIR` writes it last"),
                _ => error.to_string(),
            },
        })?;
        let rollout = Rollout::parse(&read_report(&list)?).map_err(|source| ConfigError::Saved { path: list, source })?;
        Ok((Self { path: path.to_owned(), _lock: Some(lock) }, rollout))
    }

    /// Writes the plan of a cluster. Returns its digest.
    pub(super) fn write_plan(&self, file: &str, text: &str) -> Result<String, Error> {
        write(self.file(file, PLAN), text)?;
        Ok(digest(text))
    }

    /// Writes the list, after all plans.
    pub(super) fn write_list(&self, rollout: &Rollout) -> Result<(), Error> {
        write(self.rollout(), &rollout.text())
    }

    /// The plan of a cluster, and its file.
    ///
    /// # Errors
    /// [`Error`] if there is none, or another one than the list has.
    pub(super) fn plan(&self, cluster: &RolloutCluster) -> Result<(PathBuf, Box<PlanDocument>), Error> {
        let path = self.file(&cluster.file, PLAN);
        let text = read_report(&path)?;
        let refused = |source| Error::Config(ConfigError::Saved { path: path.clone(), source });
        if cluster.plan.as_ref() != Some(&digest(&text)) {
            return Err(refused(SavedError::Edited));
        }
        match Saved::parse(&text).map_err(refused)? {
            Saved::Plan(plan) => Ok((path, plan)),
            Saved::Undo(_) => Err(refused(SavedError::Edited)),
        }
    }

    /// What became of a cluster by this plan; `None` if nothing did.
    ///
    /// # Errors
    /// [`Error`] if what is written of it cannot be used.
    pub(super) fn result(&self, cluster: &RolloutCluster) -> Result<Option<ClusterResult>, Error> {
        let path = self.file(&cluster.file, RESULT);
        if !path.exists() {
            return Ok(None);
        }
        let result = ClusterResult::parse(&read_report(&path)?).map_err(|source| ConfigError::Saved { path, source })?;
        Ok(Some(result).filter(|result| cluster.plan.as_ref() == Some(&result.plan)))
    }

    /// Writes what became of a cluster.
    pub(super) fn write_result(&self, cluster: &RolloutCluster, result: &ClusterResult) -> Result<(), Error> {
        write(self.file(&cluster.file, RESULT), &result.text())
    }

    /// Where the undo plan of a cluster is, if it was changed.
    pub(super) fn undo_file(&self, cluster: &RolloutCluster) -> PathBuf {
        self.file(&cluster.file, UNDO)
    }

    /// Removes what became of a cluster, once it is undone: its plan can be applied again.
    pub(super) fn forget(&self, cluster: &RolloutCluster) -> Result<(), Error> {
        // In this order: without the undo plan the result says nothing that is lost.
        for sort in [UNDO, RESULT] {
            let path = self.file(&cluster.file, sort);
            match store::remove(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(Error::Save { path, source }),
                _ => {}
            }
        }
        Ok(())
    }

    fn rollout(&self) -> PathBuf {
        self.path.join(ROLLOUT)
    }

    fn file(&self, stem: &str, sort: &str) -> PathBuf {
        self.path.join(format!("{stem}.{sort}.json"))
    }
}

fn write(path: PathBuf, text: &str) -> Result<(), Error> {
    store::write_private(&path, text).map_err(|source| Error::Save { path, source })
}

fn digest(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}
