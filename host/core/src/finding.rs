//! Findings of a phase.

use crate::object::ObjectRef;
use crate::operation::OperationId;

/// A finding of a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable id of the rule.
    pub rule: String,
    /// How severe it is.
    pub severity: Severity,
    /// A title of one line.
    pub title: String,
    /// What was found and why it matters; may be empty.
    pub detail: String,
    /// The object concerned, if there is one.
    pub target: Option<ObjectRef>,
    /// Whether the phase can fix it; `None` if its contract cannot say so (0.1.0).
    pub fixable: Option<bool>,
    /// The operations of the same task that fix it.
    pub remedy: Vec<OperationId>,
    /// Further reading: URLs, or names of documents.
    pub references: Vec<String>,
}

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub enum Severity {
    /// For information only.
    Info,
    /// Should be fixed at some point.
    Low,
    /// Should be fixed.
    Medium,
    /// Should be fixed now.
    High,
    /// Open to attack.
    Critical,
}

impl Severity {
    /// All severities, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The severity with a lower case name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name)
    }

    /// The lower case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}
