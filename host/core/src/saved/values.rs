//! The file beside an undo plan, with the values of Secrets that the plan restores.

use super::body::Values;
use crate::document::{API_VERSION, DocumentKind, OtherKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Overwritten Secret values as written in a file: of borrowed texts to be written, of owned ones when it is read.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ValuesDocument<Text: Ord> {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// The values, base64, by their names in the undo plan.
    values: BTreeMap<Text, Text>,
}

impl<'a> From<&'a Values> for ValuesDocument<&'a str> {
    fn from(values: &'a Values) -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: DocumentKind::UndoValues.to_string(),
            values: values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        }
    }
}

impl ValuesDocument<String> {
    /// The values in the file.
    ///
    /// # Errors
    /// [`OtherKind`] for a document of another kind or version.
    pub fn values(self) -> Result<Values, OtherKind> {
        DocumentKind::UndoValues.check(&self.api_version, &self.kind)?;
        Ok(self.values.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect())
    }
}
