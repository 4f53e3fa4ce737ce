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

/// A file for `apply --plan`.
#[derive(Debug, Clone, PartialEq)]
pub enum Saved {
    /// A plan that a phase proposed.
    Plan(Box<PlanDocument>),
    /// The undo plan of an applied plan.
    Undo(Box<UndoDocument>),
}

impl Saved {
    /// Parses a file.
    ///
    /// # Errors
    /// [`SavedError`] if it is not one of these files, or was edited.
    pub fn parse(text: &str) -> Result<Self, SavedError> {
        let (kind, value) = document::parsed(text, &[DocumentKind::Plan, DocumentKind::Undo])?;
        if kind == DocumentKind::Plan {
            return Ok(Self::Plan(serde_json::from_value(value).map_err(document::unreadable)?));
        }
        let undo: UndoDocument = serde_json::from_value(value).map_err(document::unreadable)?;
        // The id becomes a file name.
        let is_id = !undo.id.is_empty() && undo.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_id {
            return Err(SavedError::Unreadable(format!("id `{}`", undo.id)));
        }
        undo.check_places()?;
        Ok(Self::Undo(Box::new(undo)))
    }
}
