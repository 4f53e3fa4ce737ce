//! One object in an undo plan: what the run did to it, and how that is undone.

use super::body::{Reveals, Values, bare, compared, difference, hidden, is_within, masked, revealed};
use super::document::ObjectDocument;
use crate::change::{Change, Fate, WasRead};
use crate::object::{Object, ObjectRef};
use crate::operation::OperationId;
use crate::ownership::{CONTROLLERS, managers};
use crate::report::{Effect, EntryResult, ReportEntry};
use crate::request::FIELD_MANAGER;
use crate::write::{Expected, Verb, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// One changed object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UndoneDocument {
    /// The object.
    pub(super) object: ObjectDocument,
    /// What the run did to it.
    fate: FateDocument,
    /// Its version before the change; missing if it did not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<VersionDocument>,
    /// The field managers that wrote to it before.
    #[serde(default)]
    managers: BTreeSet<String>,
    /// What the plan leaves, without what the API server and its controllers write; missing if nothing is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) left: Option<Value>,
    /// Its version after the write; missing until that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) written: Option<VersionDocument>,
    /// A merge patch for a changed object, the whole object for a deleted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) restore: Option<Map<String, Value>>,
    /// Whether this run has written to it. A later run tells by the object itself.
    #[serde(skip)]
    pub(super) is_written: bool,
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
pub(super) struct VersionDocument {
    /// The UID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    /// The `resourceVersion`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
}

impl VersionDocument {
    pub(super) fn of(object: &Object) -> Self {
        Self { uid: object.uid().map(str::to_owned), resource_version: object.resource_version().map(str::to_owned) }
    }
}

impl UndoneDocument {
    pub(super) fn new(change: &Change<'_>, reveals: Reveals<'_>, values: &mut Values) -> Option<Self> {
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

    /// How undoing changes the object, from what the run left. Values that are not in the file are masked.
    pub(super) fn change<'a>(&self, target: &'a ObjectRef) -> Change<'a> {
        let object = |value: &Value| value.as_object().cloned().map(Object::new);
        let left = self.left.as_ref().and_then(object);
        let restored = self.restore.as_ref().map(|body| Object::new(masked(body)));
        let (before, after, fate) = match self.fate {
            FateDocument::Created => (left, None, Fate::Deleted),
            FateDocument::Changed => {
                let merged = restored.map(|patch| Write {
                    target: target.clone(),
                    verb: Verb::MergePatch(patch.into_fields()),
                    expected: Expected::Any,
                });
                let merged = merged.and_then(|write| write.foreseen(left.as_ref()));
                (left, merged, Fate::Written)
            }
            FateDocument::Recreated => (left, restored, Fate::Recreated),
            FateDocument::Deleted => (None, restored, Fate::Written),
        };
        Change { target, before, observed: WasRead::Yes, after, fate }
    }

    /// What undoing would do to the object.
    pub(super) fn foreseen(&self, target: &ObjectRef) -> Vec<ReportEntry> {
        let (reason, effects): (_, &[Effect]) = match self.fate {
            FateDocument::Created => ("the run created it", &[Effect::Deleted]),
            FateDocument::Changed => ("the run changed it", &[Effect::Updated]),
            FateDocument::Recreated => ("the run replaced it", &[Effect::Deleted, Effect::Created]),
            FateDocument::Deleted => ("the run deleted it", &[Effect::Created]),
        };
        let entry = |effect: &Effect| {
            let id = OperationId::parse(&target.path())?;
            Some(ReportEntry { id, target: target.clone(), reason: reason.to_owned(), result: EntryResult::Done(*effect) })
        };
        effects.iter().filter_map(entry).collect()
    }

    /// The steps that restore the object, or the change that prevents it.
    pub(super) fn steps(
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
        // The same content under another UID is an object that someone else made.
        let is_another = self.written.as_ref().is_some_and(|written| written.uid.as_deref() != current.uid());
        if is_another || self.left != Some(compared(target, current, reveals)) {
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
