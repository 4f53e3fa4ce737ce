//! What a saved plan changes of each object, for those who review it.

use super::document::ObjectDocument;
use serde::{Deserialize, Serialize};

/// How a plan changes one object. It is compared when the plan is applied: what was reviewed is what is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangedDocument {
    /// The object.
    pub object: ObjectDocument,
    /// The paths of the fields that differ; none for an object that is created or deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The changed lines as `kubectl diff` prints them, without what the API server and its controllers write. Values of Secrets are
    /// masked.
    pub diff: Vec<String>,
}
