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
use std::fmt;

mod body;

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
        body::check_identity(target, body, matches!(operation.action, Action::MergePatch(_)))?;
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

#[cfg(test)]
mod tests {
    use super::Policy;
    use crate::name::{Namespace, ObjectName};
    use crate::object::{ApiResource, ObjectRef};
    use crate::operation::{Action, Operation, OperationId, Precondition};
    use crate::permission::{Access, Pattern, Permission, Permissions};
    use crate::plan::{Content, Plan};
    use crate::secret::Secrets;
    use crate::selector::Selector;
    use crate::snapshot::Snapshot;
    use serde_json::{Map, Value, json};

    fn config_map(name: &str) -> ObjectRef {
        ObjectRef {
            of: ApiResource::parse("", "v1", "configmaps", "ConfigMap").unwrap(),
            namespace: Some(Namespace::parse("a").unwrap()),
            name: ObjectName::parse(name).unwrap(),
        }
    }

    fn permissions(access: &[Access], names: &[&str]) -> Permissions {
        let target = config_map("x");
        Permissions(vec![Permission {
            access: access.to_vec(),
            of: target.of,
            namespace: target.namespace,
            names: names.iter().map(|name| Pattern::parse(name).unwrap()).collect(),
            reveal: Vec::new(),
            reason: String::new(),
        }])
    }

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_read_needs_the_declaration_and_the_grant() {
        let (wide, narrow) = (permissions(&[Access::Read], &["b*"]), permissions(&[Access::Read], &["b1"]));
        let write_only = permissions(&[Access::Create], &["b*"]);
        for (declared, granted, name, denial) in [
            (&wide, &narrow, "b1", None),
            (&wide, &narrow, "b2", Some("read configmaps in a named `b2`: not granted")),
            (&narrow, &wide, "b2", Some("read configmaps in a named `b2`: the phase does not declare it")),
            (&wide, &write_only, "b1", Some("read configmaps in a named `b1`: not granted")),
            (&wide, &wide, "c", Some("read configmaps in a named `c`: the phase does not declare it")),
        ] {
            let answer = Policy { declared, granted }.permit_reads(vec![Selector::One(config_map(name))]);
            let said = answer.err().map(|denials| denials.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
            assert_eq!(said.as_deref(), denial);
        }
    }

    #[test]
    fn every_denial_of_a_plan_is_reported_at_once() {
        let all = permissions(&[Access::Read, Access::Create, Access::Update], &["b"]);
        let body = |name: &str| {
            object(json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": "a" } }))
        };
        let operation = |id: &str, name: &str, action, when| Operation {
            id: OperationId::parse(id).unwrap(),
            target: config_map(name),
            action,
            when,
            after: Vec::new(),
            reason: String::new(),
        };
        let operations = vec![
            operation("good", "b", Action::Create(body("b")), Precondition::Absent),
            operation("other", "c", Action::Create(body("c")), Precondition::Absent),
            operation("delete", "b", Action::Delete, Precondition::Any),
            operation("unread", "b", Action::MergePatch(Map::new()), Precondition::AsObserved),
            operation("odd", "b", Action::Create(body("b")), Precondition::Any),
        ];
        let content = Content { operations, findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() };
        let plan = Plan::propose(content, 10).unwrap();
        let policy = Policy { declared: &all, granted: &all };
        let denials = policy.permit_plan(plan, &Snapshot::default(), &Secrets::default()).unwrap_err();
        assert_eq!(
            denials.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "create configmaps in a named `c`: the phase does not declare it",
                "delete configmaps in a named `b`: the phase does not declare it",
                "operation `unread`: it depends on an object that was not read",
                "operation `odd`: its precondition does not fit what it does",
            ]
        );
    }
}
