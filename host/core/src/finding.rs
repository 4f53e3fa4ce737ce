//! What a phase noticed.

use crate::object::ObjectRef;
use crate::operation::OperationId;

/// Something that a phase noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable id of the rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// What was seen and why it matters; may be empty.
    pub detail: String,
    /// The object, if it is about one.
    pub target: Option<ObjectRef>,
    /// Operations that cure it; those of the task that proposes them.
    pub remedy: Vec<OperationId>,
    /// Where to read more: addresses, or names of documents.
    pub references: Vec<String>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be looked at some day.
    Low,
    /// Should be looked at.
    Medium,
    /// Should be looked at now.
    High,
    /// An open door.
    Critical,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

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
