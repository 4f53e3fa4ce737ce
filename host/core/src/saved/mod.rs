//! Files of ours: plans to be carried out later. Their formats are promised and carry a version; no secret is in any of them.

mod body;
mod document;
mod given;
mod plan;
mod recording;
mod shape;
#[cfg(test)]
mod tests;
mod undo;

pub use body::{Reveals, Values};
pub use document::{ObjectDocument, SavedError};
pub use given::GivenDocument;
pub use plan::{ClusterDocument, Made, PhaseDocument, PlanDocument, QuestionDocument};
pub use recording::{ErrorDocument, RecordedAnswer, Recording, Redaction};
pub use undo::{FIELD_MANAGER, UndoDocument, UndoObstacle};

use crate::grant::API_VERSION;
use serde::Deserialize;
use serde_json::Value;

/// A file for `apply --plan`.
#[derive(Debug, Clone, PartialEq)]
pub enum Saved {
    /// What a phase proposed.
    Plan(Box<PlanDocument>),
    /// The undo plan from what was carried out.
    Undo(Box<UndoDocument>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: String,
    kind: String,
}

impl Saved {
    /// Reads a file.
    ///
    /// # Errors
    /// [`SavedError`] if it is none of ours, or is not as it was written.
    pub fn parse(text: &str) -> Result<Self, SavedError> {
        let unreadable = |error: serde_json::Error| SavedError::Unreadable(error.to_string());
        let value: Value = crate::unique::parse(text.as_bytes()).map_err(unreadable)?;
        let head: Head = serde_json::from_value(value.clone()).map_err(unreadable)?;
        // First of all: the digest of a file of another kind or version tells nothing.
        let kind = match (head.api_version.as_str(), head.kind.as_str()) {
            (API_VERSION, kind @ (plan::KIND | undo::KIND)) => kind,
            _ => return Err(SavedError::Kind { api_version: head.api_version, kind: head.kind }),
        };
        document::check_digest(&value)?;
        if kind == plan::KIND {
            return Ok(Self::Plan(serde_json::from_value(value).map_err(unreadable)?));
        }
        let undo: UndoDocument = serde_json::from_value(value).map_err(unreadable)?;
        // It becomes the name of a file.
        let is_id = !undo.id.is_empty() && undo.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_id {
            return Err(SavedError::Unreadable(format!("id `{}`", undo.id)));
        }
        undo.check_places()?;
        Ok(Self::Undo(Box::new(undo)))
    }
}
