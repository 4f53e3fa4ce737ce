//! Console output that may contain secrets.

use crate::secret::SecretId;

/// A line of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// A stable name.
    pub name: String,
    /// When it is shown.
    pub when: Moment,
    /// The pieces of the line.
    pub value: Vec<OutputPart>,
}

impl Output {
    /// The hidden values in the line.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretId> {
        self.value.iter().filter_map(|part| match part {
            OutputPart::Secret(id) => Some(id),
            OutputPart::Text(_) => None,
        })
    }

    /// Whether the line contains a secret.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        self.secrets().next().is_some()
    }
}

/// When a line is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the first operation.
    Before,
    /// After the last operation, if all succeeded.
    After,
}

impl OutputPart {
    /// The size of what the phase wrote, bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Secret(id) => id.as_str().len(),
        }
    }

    /// Whether the phase wrote nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputPart {
    /// Plain text.
    Text(String),
    /// A hidden value.
    Secret(SecretId),
}
