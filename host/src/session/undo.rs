//! The undo plan of `apply`: written before the first write, and again once the results of the writes are known.

use super::{Attempt, Session};
use crate::config::question::clock;
use crate::config::run::Hints;
use crate::config::saved::values_name;
use crate::config::{Against, RecordingUse, Run, apply_command};
use crate::errors::Error;
use crate::render::terminal::Printer;
use crate::session::execute::Executed;
use crate::store;
use kubephase_core::plan::{Plan, Verified};
use kubephase_core::question::Server;
use kubephase_core::report::{EntryResult, Report};
use kubephase_core::saved::{ClusterDocument, Saved, UndoDocument, UndoPlaceId, Undoable, Values, ValuesDocument};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long undo plans are kept in the state folder, and how many of one cluster at most: a job that runs every hour must not delete
/// last night's.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const MOST_KEPT: usize = 1_000;

/// The undo plan of a run, and where it is saved.
pub(crate) struct UndoLog {
    document: UndoDocument,
    values: Values,
    file: PathBuf,
    /// The file with the overwritten values of Secrets, which the undo file does not contain.
    values_file: Option<PathBuf>,
    use_of_files: Files,
}

/// Whether undo files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Files {
    /// Files are written.
    Written,
    /// No files are written: a replay changes nothing, and the undo files belong to the run that was recorded.
    Spared,
}

/// The path of the file with the values of an undo plan.
pub(crate) fn values_file(folder: &Path, document: &UndoDocument) -> PathBuf {
    folder.join(values_name(document))
}

impl UndoLog {
    /// Writes the undo plan before the plan is applied. `None` if there is nothing to undo, or if there is no home folder and the
    /// user named no file.
    ///
    /// # Errors
    /// [`Error`] if the undo plan cannot be written where the user wants it: the plan is then not applied.
    pub(crate) fn prepare(
        session: &Session<'_>,
        attempt: &Attempt<Verified>,
        printer: &Printer<'_>,
    ) -> Result<Option<Self>, Error> {
        let Some((mut document, values)) = document(session, attempt) else { return Ok(None) };
        let place = &session.run.undo;
        let kept = |id: &str| place.folder.as_ref().map(|folder| folder.join(format!("{id}.json")));
        while kept(&document.id).is_some_and(|file| file.exists()) {
            document = document.renamed();
        }
        let ours = kept(&document.id);
        let Some(file) = place.file.clone().or(ours) else {
            let why = "there is no home folder for the undo plan; --undo-out FILE writes it elsewhere";
            printer.message(&format!("warning: this cannot be undone: {why}"))?;
            return Ok(None);
        };
        let values_file = place.folder.as_ref().map(|folder| values_file(folder, &document));
        let is_replay = matches!(session.run.recording, RecordingUse::Replay(..));
        let use_of_files = if is_replay { Files::Spared } else { Files::Written };
        let undo_log = Self { document, values, file, values_file, use_of_files };
        match undo_log.save() {
            Ok(()) => {
                if let (Some(folder), Files::Written) = (&place.folder, use_of_files) {
                    forget_old(folder, &undo_log.document);
                }
                Ok(Some(undo_log))
            }
            Err(source) if place.file.is_some() => {
                undo_log.forget();
                Err(Error::Save { path: undo_log.file, source })
            }
            Err(error) => {
                undo_log.forget();
                printer.message(&format!(
                    "warning: this cannot be undone: cannot write `{}`: {error}; --undo-out FILE writes it elsewhere",
                    undo_log.file.display()
                ))?;
                Ok(None)
            }
        }
    }

    /// Adds the plan of another attempt.
    pub(crate) fn extend(
        &mut self,
        session: &Session<'_>,
        attempt: &Attempt<Verified>,
        printer: &Printer<'_>,
    ) -> Result<(), Error> {
        match document(session, attempt) {
            Some(next) => self.document.extend(&mut self.values, next),
            None => self.document.keep_written(&mut self.values, &BTreeSet::new()),
        }
        self.save_again(printer)
    }

    /// Records the results of the writes.
    pub(crate) fn wrote(&mut self, session: &Session<'_>, executed: &Executed, printer: &Printer<'_>) -> Result<(), Error> {
        let policy = session.policy;
        for (target, object) in &executed.written {
            self.document.wrote(target, object.as_ref(), &|target, key| policy.reveals(target, key));
        }
        self.save_again(printer)
    }

    /// Ends the run: says how to undo it, or removes the undo files if nothing was changed.
    pub(crate) fn finish(mut self, run: &Run, report: &Report, printer: &Printer<'_>) -> Result<(), Error> {
        if report.changes() == 0 {
            self.forget();
            return Ok(());
        }
        if !report.is_complete() {
            // Objects that this run did not touch are left out.
            let unknown = report.entries.iter().filter(|entry| matches!(entry.result, EntryResult::Unknown(_)));
            self.document.keep_written(&mut self.values, &unknown.map(|entry| &entry.target).collect());
            self.save_again(printer)?;
        }
        if self.use_of_files == Files::Spared || run.hints == Hints::Left {
            return Ok(());
        }
        if store::is_stdout(&self.file) {
            return store::write_private(&self.file, &self.document.text())
                .map_err(|source| Error::Save { path: self.file, source });
        }
        // What went into a pipe or a device cannot be read again.
        if !std::fs::metadata(&self.file).is_ok_and(|file| file.is_file()) {
            return Ok(());
        }
        let command = apply_command(&self.file, &run.against, &run.words);
        Ok(printer.message(&format!("undo with: {command}"))?)
    }

    fn forget(&self) {
        if self.use_of_files == Files::Spared {
            return;
        }
        for file in std::iter::once(&self.file).chain(&self.values_file) {
            // A leftover file is harmless, and so is a missing one.
            let _ = store::remove(file);
        }
    }

    /// Saves the undo plan with the results. If that fails, the file written before the first write still works, with fewer
    /// details.
    fn save_again(&self, printer: &Printer<'_>) -> Result<(), Error> {
        match self.save() {
            Ok(()) => Ok(()),
            Err(error) => Ok(printer.message(&format!("warning: cannot update undo plan `{}`: {error}", self.file.display()))?),
        }
    }

    fn save(&self) -> io::Result<()> {
        if self.use_of_files == Files::Spared {
            return Ok(());
        }
        // Only the plugin's own folder is created; a folder that the user names must exist, or it is misspelt.
        let ours = self.values_file.as_ref().and_then(|file| file.parent());
        if let Some(folder) = ours.filter(|folder| !self.values.is_empty() || self.file.parent() == Some(folder)) {
            store::create_private(folder)?;
        }
        match &self.values_file {
            Some(file) if self.values.is_empty() => {
                // An earlier attempt may have written values.
                let _ = std::fs::remove_file(file);
            }
            None if self.values.is_empty() => {}
            Some(file) => {
                let text = serde_json::to_string(&ValuesDocument::from(&self.values))?;
                store::write_private(file, &zeroize::Zeroizing::new(text))?;
            }
            None => return Err(io::Error::other("the overwritten values of Secrets cannot be kept without a home folder")),
        }
        // A stream has room for one document: the last one.
        if store::is_stdout(&self.file) { Ok(()) } else { store::write_private(&self.file, &self.document.text()) }
    }
}

fn document(session: &Session<'_>, attempt: &Attempt<Verified>) -> Option<(UndoDocument, Values)> {
    let plan: &Plan<Verified> = &attempt.plan;
    let policy = session.policy;
    let cluster = ClusterDocument { version: attempt.known.server.version.clone(), ..session.cluster_here() };
    let question = &session.run.question;
    let undone = match &session.run.saved {
        Some((_, Saved::Undo(undone))) => Some(&**undone),
        Some((_, Saved::Plan(_))) | None => None,
    };
    let run = Undoable {
        phase: session.phase_document.clone(),
        task: &question.task,
        cluster,
        now: &question.now,
        place: place(&session.run.against, session.cluster.server()),
        undone,
    };
    let changes = plan.changes(&attempt.known.snapshot);
    UndoDocument::new(run, &changes, &|target, key| policy.reveals(target, key))
}

/// Where the objects of a run are, as ids of undo plans say it.
pub(crate) fn place(against: &Against, server: &Server) -> UndoPlaceId {
    match against {
        Against::Folder(folder) => {
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
            UndoPlaceId::of(&folder.display().to_string(), &[])
        }
        Against::Live | Against::Empty => UndoPlaceId::of(&server.url, &server.certificate_authority_pins),
    }
}

/// Deletes all undo plans that are older than [`KEPT`], and the oldest of too many of one cluster. Values of Secrets must not be kept forever.
fn forget_old(folder: &Path, this: &UndoDocument) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    // Files with another extension are still being written by a concurrent run.
    let is_whole = |path: &PathBuf| path.extension().is_some_and(|end| end == "json" || end == "values");
    let files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_whole).collect();
    let others: Vec<(&OsStr, &PathBuf)> =
        files.iter().filter_map(|file| Some((file.file_stem()?, file))).filter(|(name, _)| *name != this.id.as_str()).collect();
    let written = |file: &Path| std::fs::metadata(file).and_then(|metadata| metadata.modified()).ok();
    // What is done to another cluster does not count here.
    let place = this.place();
    let is_here = |name: &OsStr| place.as_ref().zip(name.to_str()).is_some_and(|(place, name)| place.is_of(name));
    let here = others.iter().filter(|(name, _)| is_here(name)).map(|(name, file)| (written(file), *name));
    // Both files of a run go at the time of the later one.
    let times = here.fold(BTreeMap::new(), |mut times: BTreeMap<&OsStr, _>, (time, name)| {
        times.entry(name).and_modify(|known| *known = time.max(*known)).or_insert(time);
        times
    });
    let mut latest: Vec<(Option<SystemTime>, &OsStr)> = times.into_iter().map(|(name, time)| (time, name)).collect();
    latest.sort_unstable_by(|a, b| b.cmp(a));
    let surplus: BTreeSet<&OsStr> = latest.into_iter().skip(MOST_KEPT - 1).map(|(_, name)| name).collect();
    let is_old = |file: &Path| {
        let age = written(file).and_then(|written| clock().duration_since(written.try_into().ok()?).try_into().ok());
        age.is_some_and(|age: Duration| age > KEPT)
    };
    for (_, file) in others.into_iter().filter(|(name, file)| surplus.contains(name) || is_old(file)) {
        // A concurrent run may have removed it first.
        let _ = std::fs::remove_file(file);
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, MOST_KEPT, forget_old};
    use crate::config::question::clock;
    use kubephase_core::saved::{Saved, UndoDocument};
    use serde_json::json;
    use std::collections::BTreeSet;
    use std::fs::OpenOptions;
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    const THIS: &str = "20000101T000000Z-00c0ffee-0";

    /// The empty undo plan of this run, as read from its file.
    fn this() -> UndoDocument {
        let mut document = json!({
            "apiVersion": "bootstrap-token.kubectl/v1alpha1", "kind": "Undo", "id": THIS, "task": "apply", "objects": [],
            "phase": { "id": "p", "version": "1", "digest": "d" },
            "cluster": { "against": "live", "server": "s", "version": "v", "certificateAuthorityPins": [] },
        });
        let digest = kubephase_core::digest::Digest::of(document.to_string().as_bytes());
        document["digest"] = json!(digest.to_string());
        let Saved::Undo(undo) = Saved::parse(&document.to_string()).unwrap() else { panic!("a plan") };
        *undo
    }

    /// Both files of a run.
    fn of_run(name: &str) -> [String; 2] {
        [format!("{name}.json"), format!("{name}.values")]
    }

    fn written<'a>(folder: &Path, names: impl Iterator<Item = &'a str>) {
        names.for_each(|name| crate::store::write_private(&folder.join(name), "").unwrap());
    }

    fn left(folder: &Path) -> BTreeSet<String> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn the_latest_are_kept_and_this_one_whatever_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let later: Vec<String> = (0..=MOST_KEPT).map(|number| format!("20300101T{number:06}Z-00c0ffee-0")).collect();
        // Of another cluster, and of an earlier form.
        let others = ["20290101T000000Z-0badcafe-0", "20290101T000000Z-0"];
        let files: Vec<String> = later.iter().map(String::as_str).chain([THIS]).chain(others).flat_map(of_run).collect();
        written(folder.path(), files.iter().map(String::as_str).chain([".tmpAbc"]));
        forget_old(folder.path(), &this());
        let kept = later.iter().skip(2).map(String::as_str).chain([THIS]).chain(others).flat_map(of_run);
        assert_eq!(left(folder.path()), kept.chain([".tmpAbc".to_owned()]).collect());
    }

    #[test]
    fn the_old_go_but_never_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let minute = Duration::from_secs(60);
        let now = SystemTime::from(clock());
        // By when a file was written: the name says when its run began, by the clock of whoever ran it.
        let ages = [
            ("20200101T000000Z-00c0ffee-0", KEPT - minute),
            ("20300101T000000Z-0badcafe-0", KEPT + minute),
            (THIS, KEPT + minute),
        ];
        for (name, age) in ages {
            for file in of_run(name) {
                written(folder.path(), std::iter::once(file.as_str()));
                OpenOptions::new().write(true).open(folder.path().join(file)).unwrap().set_modified(now - age).unwrap();
            }
        }
        forget_old(folder.path(), &this());
        assert_eq!(left(folder.path()), ["20200101T000000Z-00c0ffee-0", THIS].into_iter().flat_map(of_run).collect());
    }
}
