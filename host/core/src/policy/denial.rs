//! Denials, as text, and the grant that would allow them.

use crate::join::line::InvalidLine;
use crate::name::{Namespace, shortened};
use crate::object::{ApiResource, ObjectRef};
use crate::operation::OperationId;
use crate::permission::Access;
use crate::secret::MisplacedSecret;
use std::fmt;

/// Something that is not allowed, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// An access that one side does not allow.
    Access {
        /// The denied access.
        access: Access,
        /// The kind of the objects.
        of: ApiResource,
        /// The namespace; `None` for all or for a cluster-scoped kind.
        namespace: Option<Namespace>,
        /// The name; `None` for a list.
        name: Option<String>,
        /// The side that does not allow it.
        side: PolicySide,
    },
    /// A list of Secrets selected by their contents.
    Field {
        /// The field of the selector.
        field: String,
    },
    /// An operation that no grant can allow.
    Operation {
        /// The id of the operation.
        id: OperationId,
        /// The object of the operation.
        target: ObjectRef,
        /// What is wrong with it.
        problem: OperationProblem,
    },
    /// A line of console output with a secret that must not be shown.
    Output {
        /// The name of the line.
        name: String,
        /// What is wrong with it.
        problem: MisplacedSecret,
    },
    /// A line for scripts that does not match its name.
    Line {
        /// The name of the line.
        name: String,
        /// What is wrong with it.
        problem: InvalidLine,
    },
    /// A handle in a text, where handles are not replaced.
    Text {
        /// Where the text is.
        place: String,
    },
}

/// A side of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicySide {
    /// The phase did not declare it.
    Declaration,
    /// The operator did not grant it.
    Grant,
}

/// What is wrong with an operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperationProblem {
    /// The body is for another object than the target.
    #[error("its body says `{field}` is `{found}`, its target says `{expected}`")]
    OtherObject {
        /// The field that differs.
        field: &'static str,
        /// The value in the body.
        found: String,
        /// The value of the target.
        expected: String,
    },
    /// The body's metadata is not an object.
    #[error("its body has a `metadata` that is not an object")]
    NoMetadata,
    /// The body has a field that makes programs read it as something else.
    #[error("its body has `{}`, which would make it a list or another object when applied", shortened(.0))]
    Ambiguous(String),
    /// The body has a field that its kind does not have.
    #[error("its body has `{}`, which a Secret does not have", shortened(.0))]
    NoField(String),
    /// It creates an existing object.
    #[error("it creates an object that already exists")]
    Present,
    /// The body sets a field that only the API server or an owner may set.
    #[error("its body sets `metadata.{0}`, which a phase may not set")]
    ReservedMetadata(String),
    /// It depends on an object that was not read.
    #[error("it depends on an object that was not read")]
    NotObserved,
    /// A create whose precondition is not absence, or absence for another action.
    #[error("its precondition does not match its action")]
    Precondition,
    /// It does more to a binding than revoke it.
    #[error("{0} may only be revoked: deleted, or reduced to some of the subjects that were observed")]
    NotRevoked(String),
    /// A secret in the wrong place.
    #[error(transparent)]
    Secret(#[from] MisplacedSecret),
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Access { access, of, namespace, name, side } => {
                write!(f, "{access} {of} ({})", of.kind())?;
                match (namespace, name) {
                    (Some(namespace), _) => write!(f, " in {namespace}")?,
                    (None, None) => f.write_str(" in all namespaces")?,
                    (None, Some(_)) => {}
                }
                if let Some(name) = name {
                    write!(f, " named `{name}`")?;
                }
                f.write_str(match side {
                    PolicySide::Declaration => ": the phase does not declare it",
                    PolicySide::Grant => ": not granted",
                })
            }
            Self::Field { field } => write!(
                f,
                "read secrets where `{}`: Secrets can only be selected by `metadata.name`, `metadata.namespace` and `type`",
                shortened(field)
            ),
            Self::Operation { id, problem, .. } => write!(f, "operation `{id}`: {problem}"),
            Self::Output { name, problem } => write!(f, "output `{name}`: {problem}"),
            Self::Line { name, problem } => write!(f, "output `{name}`: {problem}"),
            Self::Text { place } => write!(f, "{place}: a secret is only allowed in the data of a Secret, not in text"),
        }
    }
}
