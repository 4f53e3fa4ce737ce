//! The undo plan: what a plan changed, in a file for `apply --plan`.
//!
//! It is written before the first write, and again once the result of the writes is known. Undo checks each object: one that is
//! still as this plugin left it is restored, one that was never changed is left alone, and if another writer changed one since,
//! nothing is done at all. Changes by the control plane's controllers do not count: they write them again.
//!
//! Overwritten values of Secrets are not in the file. They are returned separately, for a file that only the user can read.

use super::body::{Reveals, Values, compared, is_whole, misplaced, places};
use super::document::{self, ObjectDocument, SavedError};
use super::plan::{ClusterDocument, PhaseDocument};
use super::undone::{UndoneDocument, VersionDocument};
use crate::change::Change;
use crate::digest::Digest;
use crate::document::{API_VERSION, DocumentKind};
use crate::name::InvalidName;
use crate::object::{Object, ObjectRef};
use crate::operation::{Action, Operation, OperationId, Precondition};
use crate::plan::{Content, InvalidPlan, Permitted, Plan, Proposed};
use crate::report::{Mode, Report};
use crate::selector::Selector;
use crate::snapshot::{Lookup, Snapshot};
use crate::write::{Expected, Verb, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// The undo plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UndoDocument {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// The phase that proposed the changes.
    pub phase: PhaseDocument,
    /// The task it was asked to do.
    pub task: String,
    /// The cluster the changes were made in.
    pub cluster: ClusterDocument,
    /// The id of this undo plan: the time it was made, the place where it was, and the digest of what it undoes.
    pub id: String,
    /// The id of the undo plan that the run applied; missing if it made a plan of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undoes: Option<String>,
    /// Whether the run undid something, so that this plan makes it again.
    #[serde(default)]
    redo: bool,
    /// The changed objects.
    objects: Vec<UndoneDocument>,
    /// The digest of everything else in the file.
    #[serde(default)]
    digest: String,
}

/// Why a plan cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoObstacle {
    /// An unusable file, or objects that another writer changed since.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// Invalid names: the file was not made by this plugin.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The operations do not form a plan, which would be a bug.
    #[error(transparent)]
    Plan(#[from] InvalidPlan),
}

/// The run that an undo plan undoes.
pub struct Undoable<'a> {
    /// The phase that proposed the changes.
    pub phase: PhaseDocument,
    /// The task it was asked to do.
    pub task: &'a str,
    /// The cluster the changes are made in.
    pub cluster: ClusterDocument,
    /// The time of the run, RFC 3339.
    pub now: &'a str,
    /// Where the objects are.
    pub place: UndoPlaceId,
    /// The undo plan that the run applies, if it applies one.
    pub undone: Option<&'a UndoDocument>,
}

/// A cluster or a folder in the id of an undo plan. The same cluster at another address is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoPlaceId(String);

impl UndoPlaceId {
    /// The id of a cluster with an address and certificate authorities, or of a folder with a path.
    #[must_use]
    pub fn of(place: &str, certificate_authority_pins: &[String]) -> Self {
        Self(short(&Digest::of(json!([place, certificate_authority_pins]).to_string().as_bytes()), PLACE_DIGITS))
    }

    /// The place in the id of an undo plan; `None` for a name of another form.
    fn of_id(id: &str) -> Option<Self> {
        match id.split('-').collect::<Vec<_>>().as_slice() {
            [_, place, _] => Some(Self((*place).to_owned())),
            _ => None,
        }
    }

    /// Whether an undo plan with this id was made here.
    #[must_use]
    pub fn is_of(&self, id: &str) -> bool {
        Self::of_id(id).as_ref() == Some(self)
    }
}

/// How many hexadecimal digits of a digest are in an id: of the place, and of what is undone.
const PLACE_DIGITS: usize = 8;
const DIGITS: usize = 12;

fn short(digest: &Digest, digits: usize) -> String {
    digest.to_string().chars().skip("sha256:".len()).take(digits).collect()
}

impl UndoDocument {
    /// The undo plan for some changes, and the values that are not in it. `None` if nothing is changed.
    #[must_use]
    pub fn new(run: Undoable<'_>, changes: &[Change<'_>], reveals: Reveals<'_>) -> Option<(Self, Values)> {
        let mut values = Values::new();
        let undone = |change| UndoneDocument::new(change, reveals, &mut values);
        let objects: Vec<UndoneDocument> = changes.iter().filter_map(undone).collect();
        let Undoable { phase, task, cluster, now, place, undone } = run;
        let stamp: String = now.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let digest = short(&Digest::of(json!([cluster, objects]).to_string().as_bytes()), DIGITS);
        let document = Self {
            api_version: API_VERSION.to_owned(),
            kind: DocumentKind::Undo.to_string(),
            phase,
            task: task.to_owned(),
            cluster,
            id: format!("{stamp}-{}-{digest}", place.0),
            undoes: undone.map(|undone| undone.id.clone()),
            redo: undone.is_some_and(|undone| !undone.redo),
            objects,
            digest: String::new(),
        };
        (!document.objects.is_empty()).then_some((document, values))
    }

    /// The same under another id, for a run that changes the same in the same second as an earlier one.
    #[must_use]
    pub fn renamed(self) -> Self {
        let (start, digest) = self.id.rsplit_once('-').unwrap_or((&self.id, ""));
        let id = format!("{start}-{}", short(&Digest::of(digest.as_bytes()), DIGITS));
        Self { id, ..self }
    }

    /// Adds the changes of another attempt and their values: what the earlier attempt wrote is undone to the state before that
    /// attempt, and what it did not write is dropped.
    pub fn extend(&mut self, values: &mut Values, (other, other_values): (Self, Values)) {
        self.keep_written(values, &BTreeSet::new());
        for undone in other.objects {
            match self.objects.iter_mut().find(|known| known.object == undone.object) {
                Some(known) => (known.left, known.written) = (undone.left, None),
                None => {
                    let names = undone.restore.iter().flat_map(places);
                    values.extend(names.filter_map(|name| Some((name.clone(), other_values.get(&name)?.clone()))));
                    self.objects.push(undone);
                }
            }
        }
    }

    /// Drops the objects that were not written and their values, except objects whose result is unknown.
    pub fn keep_written(&mut self, values: &mut Values, unknown: &BTreeSet<&ObjectRef>) {
        let unknown: BTreeSet<ObjectDocument> = unknown.iter().map(|target| ObjectDocument::from(*target)).collect();
        self.objects.retain(|undone| undone.is_written || unknown.contains(&undone.object));
        let kept: BTreeSet<String> = self.objects.iter().filter_map(|undone| undone.restore.as_ref()).flat_map(places).collect();
        values.retain(|name, _| kept.contains(name));
    }

    /// Records the result of a write.
    pub fn wrote(&mut self, target: &ObjectRef, object: Option<&Object>, reveals: Reveals<'_>) {
        let target_document = ObjectDocument::from(target);
        if let Some(known) = self.objects.iter_mut().find(|known| known.object == target_document) {
            known.is_written = true;
            known.written = object.map(VersionDocument::of);
            known.left = object.map(|object| compared(target, object, reveals));
        }
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        document::text(self)
    }

    /// Knows of a later run that was undone: an object that this plan left, which the run changed and its undo put back, is the same
    /// one in a new version.
    pub fn follow(&mut self, undone: &Self, redo: &Self) {
        for known in &mut self.objects {
            let before = undone.objects.iter().find(|other| other.object == known.object).and_then(|other| other.before.as_ref());
            let after = redo.objects.iter().find(|other| other.object == known.object).and_then(|other| other.written.as_ref());
            if let (Some(after), true) = (after, known.written.is_some() && known.written.as_ref() == before) {
                known.written = Some(after.clone());
            }
        }
    }

    /// Where it was made; `None` for one of an earlier form.
    #[must_use]
    pub fn place(&self) -> Option<UndoPlaceId> {
        UndoPlaceId::of_id(&self.id)
    }

    /// When it was made: the time in its id.
    #[must_use]
    pub fn made(&self) -> &str {
        self.id.split('-').next().unwrap_or_default()
    }

    /// The undo plan that the run applied.
    #[must_use]
    pub fn undoes(&self) -> Option<&str> {
        self.undoes.as_deref()
    }

    /// Whether it makes again what was undone.
    #[must_use]
    pub const fn is_redo(&self) -> bool {
        self.redo
    }

    /// The objects that were changed, in the order of the plan.
    ///
    /// # Errors
    /// [`SavedError::Unreadable`] for invalid names.
    pub fn targets(&self) -> Result<Vec<ObjectRef>, SavedError> {
        let target = |undone: &UndoneDocument| ObjectRef::try_from(&undone.object);
        self.objects.iter().map(|undone| target(undone).map_err(|error| SavedError::Unreadable(error.to_string()))).collect()
    }

    /// What it changes of each of [`UndoDocument::targets`], from what the run left. Values that are not in the file are masked.
    #[must_use]
    pub fn changes<'a>(&self, targets: &'a [ObjectRef]) -> Vec<Change<'a>> {
        self.objects.iter().zip(targets).map(|(undone, target)| undone.change(target)).collect()
    }

    /// What it would do to each of [`UndoDocument::targets`].
    #[must_use]
    pub fn foreseen(&self, targets: &[ObjectRef]) -> Report {
        let entries = self.objects.iter().zip(targets).flat_map(|(undone, target)| undone.foreseen(target));
        Report { mode: Mode::Client, entries: entries.collect() }
    }

    /// A placeholder for each value that is not in the file, for a dry run.
    #[must_use]
    pub fn masked_values(&self) -> Values {
        let names = self.objects.iter().filter_map(|undone| undone.restore.as_ref()).flat_map(places);
        names.map(|name| (name, Zeroizing::new(String::new()))).collect()
    }

    /// Refuses a file that would put a hidden value anywhere but the field of the Secret it was taken from.
    pub(super) fn check_places(&self) -> Result<(), SavedError> {
        for undone in &self.objects {
            let target = ObjectRef::try_from(&undone.object).map_err(|error| SavedError::Unreadable(error.to_string()))?;
            if let Some(place) = undone.restore.as_ref().and_then(|body| misplaced(&target, body)) {
                return Err(SavedError::Misplaced { object: target.to_string(), place });
            }
        }
        Ok(())
    }

    /// The objects to read before undoing.
    ///
    /// # Errors
    /// [`InvalidName`].
    pub fn reads(&self) -> Result<Vec<Selector>, InvalidName> {
        self.objects.iter().map(|undone| Ok(Selector::One(ObjectRef::try_from(&undone.object)?))).collect()
    }

    /// The operations that restore the earlier state from the current one.
    ///
    /// # Errors
    /// [`UndoObstacle`], above all for objects that another writer changed since.
    pub fn plan(&self, now: &Snapshot, values: &Values, reveals: Reveals<'_>) -> Result<Plan<Permitted>, UndoObstacle> {
        let (mut operations, mut writes, mut moved) = (Vec::new(), Vec::new(), Vec::new());
        for undone in &self.objects {
            let target = ObjectRef::try_from(&undone.object)?;
            let current = match now.look_up(&target) {
                Lookup::Present(object) => Some(object),
                Lookup::Absent | Lookup::NotRead => None,
            };
            match undone.steps(&target, current, values, reveals) {
                Ok(steps) if !steps.is_empty() && undone.restore.as_ref().is_some_and(|body| !is_whole(body, values)) => {
                    return Err(SavedError::MissingValues.into());
                }
                Ok(steps) => add_steps(&target, steps, &mut operations, &mut writes),
                Err(how) => moved.push(format!("{target} {how} since")),
            }
        }
        if !moved.is_empty() {
            return Err(SavedError::Stale(moved).into());
        }
        secrets_last(&mut operations, &writes);
        let content = Content { operations, findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() };
        let limit = content.operations.len();
        Ok(Plan::<Proposed>::propose(content, limit)?.permit(writes, Vec::new()))
    }
}

/// Controllers react to Secrets: they sign `cluster-info` again when a token is deleted, and a write to it at that moment would
/// conflict.
fn secrets_last(operations: &mut [Operation], writes: &[Option<Write>]) {
    let is_written = |(operation, write): (&Operation, &Option<Write>)| {
        (write.is_some() && !operation.target.of.is_secret()).then(|| operation.id.clone())
    };
    let first: Vec<OperationId> = operations.iter().zip(writes).filter_map(is_written).collect();
    for (operation, _) in operations.iter_mut().zip(writes).filter(|(_, write)| write.is_some()) {
        if operation.target.of.is_secret() {
            operation.after.extend(first.iter().cloned());
        }
    }
}

/// Adds the steps one after the other; an object without steps is kept.
fn add_steps(target: &ObjectRef, steps: Vec<(Verb, Expected)>, operations: &mut Vec<Operation>, writes: &mut Vec<Option<Write>>) {
    let mut add = |suffix: &str, action, when, after: Option<OperationId>, write| {
        let id = OperationId::parse(&format!("{}{suffix}", target.path()))?;
        let (target, after) = (target.clone(), after.into_iter().collect());
        operations.push(Operation { id: id.clone(), target, action, when, after, reason: "as it was before".to_owned() });
        writes.push(write);
        Some(id)
    };
    if steps.is_empty() {
        add("", Action::Keep, Precondition::Any, None, None);
    }
    let mut before = None;
    for (verb, expected) in steps {
        let (suffix, action, when) = match &verb {
            Verb::Delete => ("/delete", Action::Delete, Precondition::AsObserved),
            Verb::Create(_) => ("", Action::Create(Map::new()), Precondition::Absent),
            Verb::Replace(_) | Verb::MergePatch(_) | Verb::Apply(_) => {
                ("", Action::MergePatch(Map::new()), Precondition::AsObserved)
            }
        };
        before = add(suffix, action, when, before, Some(Write { target: target.clone(), verb, expected }));
    }
}
