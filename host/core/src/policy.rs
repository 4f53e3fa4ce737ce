//! What a phase may do: a read or write is allowed if the phase declared it **and** the operator granted it. Everything that is
//! not allowed is reported at once, before any request is sent.

use crate::name::Namespace;
use crate::object::{ApiResource, Object, ObjectRef};
use crate::operation::{Action, Operation, OperationId, Precondition};
use crate::permission::{Access, Permissions};
use crate::plan::{Permitted, Plan, Proposed};
use crate::secret::{MisplacedSecret, Secrets};
use crate::selector::Selector;
use crate::snapshot::{Known, Snapshot};
use crate::write::{Expected, Verb, Write};
use serde_json::{Map, Value};
use std::fmt;

/// Both sides of the decision.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// What the task declares.
    pub declared: &'a Permissions,
    /// What the operator granted.
    pub granted: &'a Permissions,
}

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
        side: Side,
    },
    /// An operation that no grant can allow.
    Operation {
        /// The operation.
        id: OperationId,
        /// What is wrong with it.
        problem: OperationProblem,
    },
}

/// A side of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
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
    /// The body sets a field that the API server owns.
    #[error("its body sets `metadata.{0}`, which only the API server may set")]
    ReservedMetadata(String),
    /// It depends on an object that was not read.
    #[error("it depends on an object that was not read")]
    NotObserved,
    /// A create with another precondition than absence, or the other way round.
    #[error("its precondition does not fit what it does")]
    Precondition,
    /// A secret in the wrong place.
    #[error(transparent)]
    Secret(#[from] MisplacedSecret),
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Access { access, of, namespace, name, side } => {
                write!(f, "{access} {of}")?;
                if let Some(namespace) = namespace {
                    write!(f, " in {namespace}")?;
                }
                if let Some(name) = name {
                    write!(f, " named `{name}`")?;
                }
                f.write_str(match side {
                    Side::Declaration => ": the phase does not declare it",
                    Side::Grant => ": not granted",
                })
            }
            Self::Operation { id, problem } => write!(f, "operation `{id}`: {problem}"),
        }
    }
}

/// Reads that are allowed. Made here only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermittedReads(Vec<Selector>);

impl PermittedReads {
    /// The selectors.
    #[must_use]
    pub fn selectors(&self) -> &[Selector] {
        &self.0
    }
}

impl Policy<'_> {
    /// Allows reads.
    ///
    /// # Errors
    /// Every denial.
    pub fn permit_reads(&self, reads: Vec<Selector>) -> Result<PermittedReads, Vec<Denial>> {
        let denials: Vec<Denial> = reads
            .iter()
            .flat_map(|read| match read {
                Selector::One(object) => self.deny(Access::Read, object),
                Selector::Many(list) => {
                    let namespace = list.namespace.as_ref();
                    self.deny_unless(|side| side.allow_list(&list.of, namespace), Access::Read, &list.of, namespace, None)
                }
            })
            .collect();
        if denials.is_empty() { Ok(PermittedReads(reads)) } else { Err(denials) }
    }

    /// Whether an object in the answer to a list may be shown.
    #[must_use]
    pub fn may_show(&self, object: &ObjectRef) -> bool {
        self.deny(Access::Read, object).is_empty()
    }

    /// The permissions for what both sides reveal.
    #[must_use]
    pub fn revealing(&self) -> Permissions {
        let mut both = self.declared.clone();
        for permission in &mut both.0 {
            permission.reveal.retain(|key| {
                let granted = self.granted.0.iter();
                granted
                    .filter(|grant| grant.of == permission.of && grant.namespace == permission.namespace)
                    .any(|grant| grant.reveal.iter().any(|granted| granted == key || granted.matches(&key.to_string())))
            });
        }
        both
    }

    /// Allows a plan, and prepares its writes: secrets put in place, preconditions filled in.
    ///
    /// # Errors
    /// Every denial.
    pub fn permit_plan(
        &self,
        plan: Plan<Proposed>,
        snapshot: &Snapshot,
        secrets: &Secrets,
    ) -> Result<Plan<Permitted>, Vec<Denial>> {
        let operations = &plan.content().operations;
        let mut denials = Vec::new();
        let mut writes = Vec::with_capacity(operations.len());
        for operation in operations {
            for access in operation.action.accesses() {
                denials.extend(self.deny(*access, &operation.target));
            }
            let deletes_before = |other: &Operation| {
                operation.after.contains(&other.id) && other.target == operation.target && other.action == Action::Delete
            };
            let is_recreation = operations.iter().any(deletes_before);
            match prepare(operation, is_recreation, snapshot, secrets) {
                Ok(write) => writes.push(write),
                Err(problem) => denials.push(Denial::Operation { id: operation.id.clone(), problem }),
            }
        }
        if denials.is_empty() { Ok(plan.permit(writes)) } else { Err(denials) }
    }

    fn deny(&self, access: Access, object: &ObjectRef) -> Vec<Denial> {
        let name = Some(object.name.to_string());
        self.deny_unless(|side| side.allow(access, object), access, &object.of, object.namespace.as_ref(), name)
    }

    fn deny_unless(
        &self,
        allows: impl Fn(&Permissions) -> bool,
        access: Access,
        of: &ApiResource,
        namespace: Option<&Namespace>,
        name: Option<String>,
    ) -> Vec<Denial> {
        let denial = |side| Denial::Access { access, of: of.clone(), namespace: namespace.cloned(), name: name.clone(), side };
        let sides = [(self.declared, Side::Declaration), (self.granted, Side::Grant)];
        sides.into_iter().filter(|(permissions, _)| !allows(permissions)).map(|(_, side)| denial(side)).take(1).collect()
    }
}

/// The write of an operation; none if it writes nothing.
fn prepare(
    operation: &Operation,
    is_recreation: bool,
    snapshot: &Snapshot,
    secrets: &Secrets,
) -> Result<Option<Write>, OperationProblem> {
    let target = &operation.target;
    if let Some(body) = operation.action.body() {
        check_identity(target, body, matches!(operation.action, Action::MergePatch(_)))?;
    }
    let expected = expected(operation, is_recreation, snapshot)?;
    let verb = match &operation.action {
        Action::Create(body) => Verb::Create(secrets.placed(target, body)?),
        Action::Replace(body) => Verb::Replace(secrets.placed(target, body)?),
        Action::MergePatch(body) => Verb::MergePatch(secrets.placed(target, body)?),
        Action::Apply(body) => Verb::Apply(secrets.placed(target, body)?),
        Action::Delete => Verb::Delete,
        Action::Keep => return Ok(None),
    };
    Ok(Some(Write { target: target.clone(), verb, expected }))
}

fn expected(operation: &Operation, is_recreation: bool, snapshot: &Snapshot) -> Result<Expected, OperationProblem> {
    let same = |object: &Object| Expected::Same {
        uid: object.uid().map(str::to_owned),
        resource_version: object.resource_version().map(str::to_owned),
    };
    match (operation.when, &operation.action) {
        (Precondition::Absent, Action::Create(_)) if is_recreation => Ok(Expected::Deleted),
        (Precondition::Absent, Action::Create(_)) => Ok(Expected::Absent),
        (Precondition::Absent, _) | (_, Action::Create(_)) => Err(OperationProblem::Precondition),
        (Precondition::AsObserved, _) => match snapshot.look_up(&operation.target) {
            Known::Present(object) => Ok(same(object)),
            Known::Absent | Known::NotRead => Err(OperationProblem::NotObserved),
        },
        (Precondition::Any, _) => Ok(Expected::Any),
    }
}

/// The metadata that a body may have.
const METADATA: [&str; 6] = ["name", "namespace", "labels", "annotations", "finalizers", "ownerReferences"];

/// Refuses a body that is not of the target. A patch may leave out what it does not change.
fn check_identity(target: &ObjectRef, body: &Map<String, Value>, is_patch: bool) -> Result<(), OperationProblem> {
    let metadata = body.get("metadata").and_then(Value::as_object);
    let field = |name: &str| metadata.and_then(|metadata| metadata.get(name));
    let api_version = target.of.api_version();
    let namespace = target.namespace.as_ref().map(Namespace::as_str);
    let claims = [
        ("apiVersion", body.get("apiVersion"), Some(api_version.as_str())),
        ("kind", body.get("kind"), Some(target.of.kind())),
        ("metadata.name", field("name"), Some(target.name.as_str())),
        ("metadata.namespace", field("namespace"), namespace),
    ];
    for (name, found, expected) in claims {
        let is_right = match found {
            None => is_patch || expected.is_none(),
            Some(found) => found.as_str() == expected && expected.is_some(),
        };
        if !is_right {
            let text = |value: Option<&str>| value.unwrap_or("nothing").to_owned();
            let found = found.map_or_else(|| text(None), |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            return Err(OperationProblem::OtherObject { field: name, found, expected: text(expected) });
        }
    }
    match metadata.into_iter().flat_map(Map::keys).find(|name| !METADATA.contains(&name.as_str())) {
        Some(name) => Err(OperationProblem::ReservedMetadata(name.clone())),
        None => Ok(()),
    }
}
