//! A proposed operation in a plan file.

use super::document::{ObjectDocument, SavedError};
use crate::object::ObjectRef;
use crate::operation::{Action, Operation, OperationId, Precondition};
use crate::report::{Effect, EntryResult, ReportEntry};
use crate::secret::plain_handles;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One proposed operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ProposedDocument {
    /// The id of the operation.
    id: String,
    /// The object to write.
    target: ObjectDocument,
    /// What is done with it.
    action: ActionDocument,
    /// The state that the object must be in.
    when: PreconditionDocument,
    /// The operations that must be done before.
    after: Vec<String>,
    /// The reason given by the phase.
    reason: String,
    /// The body of the write, secrets as handles; null if it has none.
    body: Option<Value>,
}

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum ActionDocument {
    /// It is created.
    Create,
    /// It is replaced as a whole.
    Replace,
    /// It is changed by a merge patch.
    Update,
    /// It is changed by server-side apply.
    Apply,
    /// It is deleted.
    Delete,
    /// It is left as it is.
    Keep,
}

/// The state that an object must be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum PreconditionDocument {
    /// It does not exist.
    Absent,
    /// It is as it was read.
    #[serde(rename = "as observed")]
    AsObserved,
    /// Any.
    Any,
}

impl From<&Operation> for ProposedDocument {
    fn from(operation: &Operation) -> Self {
        Self {
            id: operation.id.to_string(),
            target: ObjectDocument::from(&operation.target),
            action: match operation.action {
                Action::Create(_) => ActionDocument::Create,
                Action::Replace(_) => ActionDocument::Replace,
                Action::MergePatch(_) => ActionDocument::Update,
                Action::Apply(_) => ActionDocument::Apply,
                Action::Delete => ActionDocument::Delete,
                Action::Keep => ActionDocument::Keep,
            },
            when: match operation.when {
                Precondition::Absent => PreconditionDocument::Absent,
                Precondition::AsObserved => PreconditionDocument::AsObserved,
                Precondition::Any => PreconditionDocument::Any,
            },
            after: operation.after.iter().map(ToString::to_string).collect(),
            reason: operation.reason.clone(),
            body: operation.action.body().map(|body| plain_handles(&Value::Object(body.clone()))),
        }
    }
}

impl ProposedDocument {
    /// What the operation would do.
    pub(super) fn foreseen(&self) -> Result<ReportEntry, SavedError> {
        let unreadable = |why: String| SavedError::Unreadable(why);
        let effect = match self.action {
            ActionDocument::Create => Effect::Created,
            ActionDocument::Replace | ActionDocument::Update | ActionDocument::Apply => Effect::Updated,
            ActionDocument::Delete => Effect::Deleted,
            ActionDocument::Keep => Effect::Unchanged,
        };
        Ok(ReportEntry {
            id: OperationId::parse(&self.id).ok_or_else(|| unreadable(format!("operation `{}`", self.id)))?,
            target: ObjectRef::try_from(&self.target).map_err(|error| unreadable(error.to_string()))?,
            reason: self.reason.clone(),
            result: EntryResult::Done(effect),
        })
    }
}
