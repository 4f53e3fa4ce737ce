//! What is not allowed, in words, and the grant that would allow it.

use crate::join::line::InvalidLine;
use crate::name::{Namespace, shortened};
use crate::object::{ApiResource, ObjectRef};
use crate::operation::OperationId;
use crate::permission::Access;
use crate::secret::MisplacedSecret;
use std::fmt;

/// Something that is not allowed, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// An access that a side does not allow.
    Access {
        /// The access.
        access: Access,
        /// The kind.
        of: ApiResource,
        /// The namespace.
        namespace: Option<Namespace>,
        /// The name; none for a list.
        name: Option<String>,
        /// The side.
        side: PolicySide,
    },
    /// A list of Secrets that are chosen by what is in them.
    Field {
        /// The field.
        field: String,
    },
    /// An operation that no grant can allow.
    Operation {
        /// The operation.
        id: OperationId,
        /// The object.
        target: ObjectRef,
        /// What is wrong with it.
        problem: OperationProblem,
    },
    /// A line for people with a secret in it that they may not see.
    Output {
        /// The name of the line.
        name: String,
        /// What is wrong with it.
        problem: MisplacedSecret,
    },
    /// A line that scripts take, which is not what its name says.
    Line {
        /// The name of the line.
        name: String,
        /// What is wrong with it.
        problem: InvalidLine,
    },
    /// A handle in a text, where nothing will be put in place.
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
    /// The body is of another object than the target.
    #[error("its body says `{field}` is `{found}`, its target says `{expected}`")]
    OtherObject {
        /// The field.
        field: &'static str,
        /// What the body says.
        found: String,
        /// What the target says.
        expected: String,
    },
    /// The body has metadata that is none.
    #[error("its body has a `metadata` that is no object")]
    NoMetadata,
    /// The body has a field that makes programs read it as something else.
    #[error("its body has `{}`, by which a program that applies it takes it for a list or for another object", shortened(.0))]
    Ambiguous(String),
    /// The body has a field that its kind does not have.
    #[error("its body has `{}`, which no Secret has", shortened(.0))]
    NoField(String),
    /// It creates what is there.
    #[error("it creates an object that is there: it was read")]
    Present,
    /// The body sets a field that is the API server's or an owner's.
    #[error("its body sets `metadata.{0}`, which no phase may set")]
    ReservedMetadata(String),
    /// It depends on an object that was not read.
    #[error("it depends on an object that was not read")]
    NotObserved,
    /// A create with another precondition than absence, or the other way round.
    #[error("its precondition does not fit what it does")]
    Precondition,
    /// It does more to a binding than to revoke it.
    #[error(
        "{0} may only be revoked, which is to delete it or leave it some of its subjects and nothing else changed, as observed"
    )]
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
                "read secrets where `{}`: Secrets are selected by `metadata.name`, `metadata.namespace` and `type` alone",
                shortened(field)
            ),
            Self::Operation { id, problem, .. } => write!(f, "operation `{id}`: {problem}"),
            Self::Output { name, problem } => write!(f, "output `{name}`: {problem}"),
            Self::Line { name, problem } => write!(f, "output `{name}`: {problem}"),
            Self::Text { place } => write!(f, "{place}: a secret may only stand in the data of a Secret, not in a text"),
        }
    }
}
