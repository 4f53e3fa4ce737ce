//! Saved files: plans to be applied later. Their formats are stable and versioned; none of them contains a secret.

mod body;
mod changed;
mod document;
mod given;
mod history;
mod observed;
mod operation;
mod plan;
mod recording;
mod rollout;
mod shape;
#[cfg(test)]
mod tests;
mod undo;
mod undone;
mod values;

pub use body::{Reveals, Values};
pub use changed::ChangedDocument;
pub use document::{ObjectDocument, SavedError};
pub use given::GivenDocument;
pub use history::{KeptUndo, UndoHistory, UndoState};
pub use plan::{ClusterDocument, Made, PhaseDocument, PlanDocument, QuestionDocument};
pub use recording::{ErrorDocument, RecordedAnswer, Recording, Redaction};
pub use rollout::{ClusterResult, ClusterState, Rollout, RolloutCluster, Waves};
pub use undo::{UndoDocument, UndoObstacle, UndoPlaceId, Undoable};
pub use values::ValuesDocument;

use crate::document::DocumentKind;
use serde::Deserialize;
use serde_json::Value;

/// A file for `apply --plan`.
#[derive(Debug, Clone, PartialEq)]
pub enum Saved {
    /// A plan that a phase proposed.
    Plan(Box<PlanDocument>),
    /// The undo plan of an applied plan.
    Undo(Box<UndoDocument>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: String,
    kind: String,
}

impl Saved {
    /// Parses a file.
    ///
    /// # Errors
    /// [`SavedError`] if it is not one of these files, or was edited.
    pub fn parse(text: &str) -> Result<Self, SavedError> {
        let unreadable = |error: serde_json::Error| SavedError::Unreadable(error.to_string());
        document::check_text(text)?;
        let value: Value = crate::unique::parse(text.as_bytes()).map_err(unreadable)?;
        let head: Head = serde_json::from_value(value.clone()).map_err(unreadable)?;
        // Checked first: the digest of a file of another kind or version means nothing.
        let is_known = |kind: &DocumentKind| kind.check(&head.api_version, &head.kind).is_ok();
        let Some(kind) = [DocumentKind::Plan, DocumentKind::Undo].into_iter().find(is_known) else {
            return Err(SavedError::Kind { api_version: head.api_version, kind: head.kind });
        };
        document::check_digest(&value)?;
        if kind == DocumentKind::Plan {
            return Ok(Self::Plan(serde_json::from_value(value).map_err(unreadable)?));
        }
        let undo: UndoDocument = serde_json::from_value(value).map_err(unreadable)?;
        // The id becomes a file name.
        let is_id = !undo.id.is_empty() && undo.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_id {
            return Err(SavedError::Unreadable(format!("id `{}`", undo.id)));
        }
        undo.check_places()?;
        Ok(Self::Undo(Box::new(undo)))
    }
}
