//! The undo plan: what a plan changed, in a file for `apply --plan`.
//!
//! It is written before the first write, and again once the result of the writes is known. Undo checks each object: one that is
//! still as this plugin left it is restored, one that was never changed is left alone, and if another writer changed one since,
//! nothing is done at all. Changes by the control plane's controllers do not count: they write them again.
//!
//! Overwritten values of Secrets are not in the file. They are returned separately, for a file that only the user can read.

use super::body::{Reveals, Values, bare, compared, difference, hidden, is_whole, is_within, misplaced, places, revealed};
use super::document::{self, ObjectDocument, SavedError};
use super::plan::{ClusterDocument, PhaseDocument};
use crate::change::{Change, Fate};
use crate::digest::Digest;
use crate::document::{API_VERSION, DocumentKind};
use crate::name::InvalidName;
use crate::object::{Object, ObjectRef};
use crate::operation::{Action, Operation, OperationId, Precondition};
use crate::ownership::{CONTROLLERS, managers};
use crate::plan::{Content, InvalidPlan, Permitted, Plan, Proposed};
use crate::request::FIELD_MANAGER;
use crate::selector::Selector;
use crate::snapshot::{Lookup, Snapshot};
use crate::write::{Expected, Verb, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
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
    /// The id of this undo plan: the time it was made, and the digest of what it undoes.
    pub id: String,
    /// The changed objects.
    objects: Vec<UndoneDocument>,
    /// The digest of everything else in the file.
    #[serde(default)]
    digest: String,
}

/// One changed object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UndoneDocument {
    /// The object.
    object: ObjectDocument,
    /// What the run did to it.
    fate: FateDocument,
    /// Its version before the change; missing if it did not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<VersionDocument>,
    /// The field managers that wrote to it before.
    #[serde(default)]
    managers: BTreeSet<String>,
    /// What the plan leaves, without what the API server and its controllers write; missing if nothing is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Value>,
    /// Its version after the write; missing until that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<VersionDocument>,
    /// A merge patch for a changed object, the whole object for a deleted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restore: Option<Map<String, Value>>,
    /// Whether this run has written to it. A later run tells by the object itself.
    #[serde(skip)]
    is_written: bool,
}

/// What the run did to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
enum FateDocument {
    /// It was created.
    Created,
    /// It was changed.
    Changed,
    /// It was deleted and created again.
    Recreated,
    /// It was deleted.
    Deleted,
}

/// The version of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VersionDocument {
    /// The UID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    /// The `resourceVersion`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
}

impl VersionDocument {
    fn of(object: &Object) -> Self {
        Self { uid: object.uid().map(str::to_owned), resource_version: object.resource_version().map(str::to_owned) }
    }
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

impl UndoDocument {
    /// The undo plan for some changes, and the values that are not in it. `None` if nothing is changed.
    #[must_use]
    pub fn new(
        (phase, task, cluster): (PhaseDocument, &str, ClusterDocument),
        now: &str,
        changes: &[Change<'_>],
        reveals: Reveals<'_>,
    ) -> Option<(Self, Values)> {
        let mut values = Values::new();
        let undone = |change| UndoneDocument::new(change, reveals, &mut values);
        let objects: Vec<UndoneDocument> = changes.iter().filter_map(undone).collect();
        let stamp: String = now.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let digest = Digest::of(json!([cluster, objects]).to_string().as_bytes()).to_string();
        let short: String = digest.chars().skip("sha256:".len()).take(12).collect();
        let (api_version, kind) = (API_VERSION.to_owned(), DocumentKind::Undo.to_string());
        let (task, id) = (task.to_owned(), format!("{stamp}-{short}"));
        let document = Self { api_version, kind, phase, task, cluster, id, objects, digest: String::new() };
        (!document.objects.is_empty()).then_some((document, values))
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

impl UndoneDocument {
    fn new(change: &Change<'_>, reveals: Reveals<'_>, values: &mut Values) -> Option<Self> {
        let target = change.target;
        let mut hide = |body| hidden(target, body, reveals, values);
        let (fate, restore) = match (change.fate, &change.before, &change.after) {
            (Fate::Kept, ..) | (_, None, None) => return None,
            (_, None, Some(_)) => (FateDocument::Created, None),
            (Fate::Written, Some(before), Some(after)) => {
                (FateDocument::Changed, Some(hide(difference(&bare(after), &bare(before)))))
            }
            (Fate::Recreated | Fate::Deleted, Some(before), Some(_)) => (FateDocument::Recreated, Some(hide(bare(before)))),
            (_, Some(before), None) => (FateDocument::Deleted, Some(hide(bare(before)))),
        };
        Some(Self {
            object: ObjectDocument::from(target),
            fate,
            before: change.before.as_ref().map(VersionDocument::of),
            managers: change.before.as_ref().map(managers).unwrap_or_default(),
            left: change.after.as_ref().map(|after| compared(target, after, reveals)),
            written: None,
            restore,
            is_written: false,
        })
    }

    /// The steps that restore the object, or the change that prevents it.
    fn steps(
        &self,
        target: &ObjectRef,
        current: Option<&Object>,
        values: &Values,
        reveals: Reveals<'_>,
    ) -> Result<Vec<(Verb, Expected)>, &'static str> {
        let restore = || self.restore.as_ref().map(|body| revealed(body, values)).unwrap_or_default();
        let Some(current) = current else {
            return match self.fate {
                FateDocument::Created => Ok(Vec::new()),
                // Deleted by this plugin and not created again. If it had been created again it would exist, unless another
                // client deleted it.
                FateDocument::Recreated | FateDocument::Deleted if self.written.is_none() => {
                    Ok(vec![(Verb::Create(restore()), Expected::Absent)])
                }
                FateDocument::Changed | FateDocument::Recreated | FateDocument::Deleted => Err("was deleted"),
            };
        };
        if self.before == Some(VersionDocument::of(current)) || self.is_restored(current, restore) {
            return Ok(Vec::new());
        }
        if !self.is_as_left(target, current, reveals) {
            return Err(if self.left.is_none() { "was created again" } else { "was changed" });
        }
        let VersionDocument { uid, resource_version } = VersionDocument::of(current);
        let same = Expected::Same { uid, resource_version };
        Ok(match self.fate {
            FateDocument::Created => vec![(Verb::Delete, same)],
            FateDocument::Changed => vec![(Verb::MergePatch(restore()), same)],
            FateDocument::Recreated => vec![(Verb::Delete, same), (Verb::Create(restore()), Expected::Deleted)],
            FateDocument::Deleted => Vec::new(),
        })
    }

    /// Whether the object is already restored, because this undo plan was applied before, at least in part.
    fn is_restored(&self, current: &Object, restore: impl Fn() -> Map<String, Value>) -> bool {
        match self.fate {
            FateDocument::Created => false,
            FateDocument::Changed => is_within(&restore(), current.fields()),
            FateDocument::Recreated | FateDocument::Deleted => restore() == bare(current),
        }
    }

    /// Whether only this plugin and the control plane's controllers changed the object.
    fn is_as_left(&self, target: &ObjectRef, current: &Object, reveals: Reveals<'_>) -> bool {
        if self.written == Some(VersionDocument::of(current)) {
            return true;
        }
        if self.left != Some(compared(target, current, reveals)) {
            return false;
        }
        // Hidden values cannot be compared. If the run ended before it could record the version, the field managers decide.
        let is_ours = |manager: &String| manager == FIELD_MANAGER || manager == CONTROLLERS || self.managers.contains(manager);
        match self.written {
            Some(_) => !target.of.is_secret(),
            None => managers(current).iter().all(is_ours),
        }
    }
}
