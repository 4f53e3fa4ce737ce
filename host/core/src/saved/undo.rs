//! The undo plan: what a plan changed, in a file that `apply --plan` can carry out.
//!
//! It is written before the first write, and again when it is known what the writes left. Undoing looks at each object: one that is as
//! this plugin left it is put back, one that was never changed is left alone, and if somebody changed one since, nothing is done at
//! all. What the controllers of the control plane write is theirs and counts for nobody's change: they write it again.
//!
//! Values of Secrets that were overwritten are not in the file. They are handed out beside it, for a file that is the user's alone.

use super::body::{Reveals, Values, bare, compared, difference, hidden, is_whole, is_within, misplaced, places, revealed};
use super::document::{self, ObjectDocument, SavedError};
use super::plan::{ClusterDocument, PhaseDocument};
use crate::change::{Change, Fate};
use crate::digest::Digest;
use crate::grant::API_VERSION;
use crate::name::InvalidName;
use crate::object::{Object, ObjectRef};
use crate::operation::{Action, Operation, OperationId, Precondition};
use crate::ownership::{CONTROLLERS, managers};
use crate::plan::{Content, InvalidPlan, Permitted, Plan, Proposed};
use crate::selector::Selector;
use crate::snapshot::{Lookup, Snapshot};
use crate::write::{Expected, Verb, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

pub(super) const KIND: &str = "Undo";

/// Under which name the API server records what this plugin writes.
pub const FIELD_MANAGER: &str = "kubectl-bootstrap-token";

/// The undo plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UndoDocument {
    api_version: String,
    kind: String,
    /// By what the changes were proposed.
    pub phase: PhaseDocument,
    /// The task that it was asked to do.
    pub task: String,
    /// In which cluster.
    pub cluster: ClusterDocument,
    /// A name for this undo plan: when it was made, and the digest of what is undone.
    pub id: String,
    objects: Vec<UndoneDocument>,
    #[serde(default)]
    digest: String,
}

/// One object that was changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UndoneDocument {
    object: ObjectDocument,
    fate: FateDocument,
    /// What it was; none if it did not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<VersionDocument>,
    /// Who wrote to it before.
    #[serde(default)]
    managers: BTreeSet<String>,
    /// What the plan leaves, without what the API server and its controllers write; none if nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Value>,
    /// What it was when it was written; none as long as that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<VersionDocument>,
    /// A merge patch for an object that was changed, the whole object for one that was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restore: Option<Map<String, Value>>,
    /// Whether this run has written to it. Who reads the file later sees it by the object.
    #[serde(skip)]
    is_written: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FateDocument {
    Created,
    Changed,
    Recreated,
    Deleted,
}

/// An object in a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VersionDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
}

impl VersionDocument {
    fn of(object: &Object) -> Self {
        Self { uid: object.uid().map(str::to_owned), resource_version: object.resource_version().map(str::to_owned) }
    }
}

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoObstacle {
    /// Objects that somebody changed since.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// Names that are none: the file was made by somebody else.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The operations make no plan, which would be a mistake of ours.
    #[error(transparent)]
    Plan(#[from] InvalidPlan),
}

impl UndoDocument {
    /// The undo plan from some changes, and the values that are not in it. None if nothing is changed.
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
        let (api_version, kind) = (API_VERSION.to_owned(), KIND.to_owned());
        let (task, id) = (task.to_owned(), format!("{stamp}-{short}"));
        let document = Self { api_version, kind, phase, task, cluster, id, objects, digest: String::new() };
        (!document.objects.is_empty()).then_some((document, values))
    }

    /// Takes the changes of another attempt and their values: what the earlier one wrote is undone to what it was before that, and
    /// what it did not write is of no interest any more.
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

    /// Forgets the objects that were not written and their values, but for those of which that is not known.
    pub fn keep_written(&mut self, values: &mut Values, unknown: &BTreeSet<&ObjectRef>) {
        let unknown: BTreeSet<ObjectDocument> = unknown.iter().map(|target| ObjectDocument::from(*target)).collect();
        self.objects.retain(|undone| undone.is_written || unknown.contains(&undone.object));
        let kept: BTreeSet<String> = self.objects.iter().filter_map(|undone| undone.restore.as_ref()).flat_map(places).collect();
        values.retain(|name, _| kept.contains(name));
    }

    /// Notes what a write left.
    pub fn wrote(&mut self, target: &ObjectRef, object: Option<&Object>, reveals: Reveals<'_>) {
        let target_document = ObjectDocument::from(target);
        if let Some(known) = self.objects.iter_mut().find(|known| known.object == target_document) {
            known.is_written = true;
            known.written = object.map(VersionDocument::of);
            known.left = object.map(|object| compared(target, object, reveals));
        }
    }

    /// The text of its file.
    #[must_use]
    pub fn text(&self) -> String {
        document::text(self)
    }

    /// Something for each value that is not in the file, where nothing is really written.
    #[must_use]
    pub fn masked_values(&self) -> Values {
        let names = self.objects.iter().filter_map(|undone| undone.restore.as_ref()).flat_map(places);
        names.map(|name| (name, Zeroizing::new(String::new()))).collect()
    }

    /// Refuses a file that would fill a hidden value in anywhere but in the place of the Secret that it was taken from.
    pub(super) fn check_places(&self) -> Result<(), SavedError> {
        for undone in &self.objects {
            let target = ObjectRef::try_from(&undone.object).map_err(|error| SavedError::Unreadable(error.to_string()))?;
            if let Some(place) = undone.restore.as_ref().and_then(|body| misplaced(&target, body)) {
                return Err(SavedError::Misplaced { object: target.to_string(), place });
            }
        }
        Ok(())
    }

    /// The objects to look at before it is carried out.
    ///
    /// # Errors
    /// [`InvalidName`].
    pub fn reads(&self) -> Result<Vec<Selector>, InvalidName> {
        self.objects.iter().map(|undone| Ok(Selector::One(ObjectRef::try_from(&undone.object)?))).collect()
    }

    /// What has to be done to go back from what is there now.
    ///
    /// # Errors
    /// [`Obstacle`], above all for objects that somebody changed since.
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

/// Controllers act on Secrets: they sign `cluster-info` anew when a token goes, and a write of ours at that moment would meet theirs.
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

/// One step after the other; an object without steps is kept.
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

    /// What puts the object back; or what happened to it that forbids it.
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
                // What this plugin deleted it has not created again; what it did create is there, unless somebody took it away.
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

    /// Whether the object is as it was already: this undo plan was gone before, at least a part of it.
    fn is_restored(&self, current: &Object, restore: impl Fn() -> Map<String, Value>) -> bool {
        match self.fate {
            FateDocument::Created => false,
            FateDocument::Changed => is_within(&restore(), current.fields()),
            FateDocument::Recreated | FateDocument::Deleted => restore() == bare(current),
        }
    }

    /// Whether nobody but this plugin and the control plane's controllers changed the object.
    fn is_as_left(&self, target: &ObjectRef, current: &Object, reveals: Reveals<'_>) -> bool {
        if self.written == Some(VersionDocument::of(current)) {
            return true;
        }
        if self.left != Some(compared(target, current, reveals)) {
            return false;
        }
        // Hidden values cannot be compared. If the run ended before it could note the version, the managers of the fields tell.
        let is_ours = |manager: &String| manager == FIELD_MANAGER || manager == CONTROLLERS || self.managers.contains(manager);
        match self.written {
            Some(_) => !target.of.is_secret(),
            None => managers(current).iter().all(is_ours),
        }
    }
}
