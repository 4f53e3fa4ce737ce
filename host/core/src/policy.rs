//! What a phase may do: a read or write is allowed if the phase declared it **and** the operator granted it. All denials are
//! reported at once, before any request is sent.

use crate::bootstrap_token;
use crate::join::line;
use crate::name::Namespace;
use crate::object::{ApiResource, Object, ObjectRef};
use crate::operation::{Action, Operation, OperationId};
use crate::permission::{Access, Permission, Permissions};
use crate::plan::{Permitted, Plan, Proposed};
use crate::secret::{MisplacedSecret, Placement, Secrets, Shows};
use crate::selector::{ListRef, Selector};
use crate::snapshot::Snapshot;
use std::collections::BTreeMap;

mod body;
mod denial;
mod prepare;
mod revocation;
mod text;

pub use denial::{Denial, OperationProblem, PolicySide};

/// The declared and the granted permissions.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// The permissions the task declares.
    pub declared: &'a Permissions,
    /// The permissions the operator granted.
    pub granted: &'a Permissions,
    /// The permissions of all tasks of the phase: another task may be shown what this one writes under a key.
    pub of_phase: &'a Permissions,
}

/// Reads that are allowed, and which objects of the answers may be shown. Created only here.
#[derive(Debug, Clone)]
pub struct PermittedReads<'a> {
    selectors: Vec<Selector>,
    policy: Policy<'a>,
}

impl PermittedReads<'_> {
    /// The allowed selectors.
    #[must_use]
    pub fn selectors(&self) -> &[Selector] {
        &self.selectors
    }

    /// Whether the owners of the fields of these objects are needed, `metadata.managedFields`: only for objects that may be written.
    #[must_use]
    pub fn needs_owners(&self, list: &ListRef) -> bool {
        let is_written =
            |permission: &Permission| permission.of == list.of && permission.access.iter().any(|access| access.is_write());
        self.policy.declared.0.iter().any(is_written)
    }

    /// Whether an object in the answer to a selector may be shown: a list may be allowed for only some of its objects. Others are
    /// removed before anything selects, keeps or records them.
    #[must_use]
    pub fn may_show(&self, selector: &Selector, object: &Object) -> bool {
        self.policy.may_show_found(selector, object)
    }
}

impl<'a> Policy<'a> {
    /// Permits reads.
    ///
    /// # Errors
    /// Every denial.
    pub fn permit_reads(&self, reads: Vec<Selector>) -> Result<PermittedReads<'a>, Vec<Denial>> {
        let denials: Vec<Denial> = reads
            .iter()
            .flat_map(|read| match read {
                Selector::One(object) => self.deny(Access::Read, object),
                Selector::Many(list) if let Some(field) = list.forbidden_field() => {
                    vec![Denial::Field { field: field.to_owned() }]
                }
                Selector::Many(list) => {
                    let namespace = list.namespace.as_ref();
                    self.deny_unless(|side| side.allow_list(&list.of, namespace), Access::Read, &list.of, namespace, None)
                }
            })
            .collect();
        if denials.is_empty() { Ok(PermittedReads { selectors: reads, policy: *self }) } else { Err(denials) }
    }

    /// Whether an object in the answer to a list may be shown.
    #[must_use]
    pub fn may_show(&self, object: &ObjectRef) -> bool {
        self.declared.allow(Access::Read, object) && self.granted.allow(Access::Read, object)
    }

    /// Whether an object in the answer to a selector may be shown. One whose name cannot be used in a request, such as `a b`, is shown if
    /// any name may be: nobody hides a binding from an audit by a blank in its name. Secrets have no such names.
    #[must_use]
    pub fn may_show_found(&self, selector: &Selector, object: &Object) -> bool {
        match (selector.target_of(object), selector) {
            (Some(target), _) => self.may_show(&target),
            (None, Selector::Many(list)) if !list.of.is_secret() => {
                let namespace = object.metadata("namespace").map(Namespace::parse).transpose();
                let allow = |side: &Permissions| namespace.as_ref().is_ok_and(|place| side.allow_any(&list.of, place.as_ref()));
                allow(self.declared) && allow(self.granted)
            }
            (None, _) => false,
        }
    }

    /// Whether any kind of write to an object is allowed.
    #[must_use]
    pub fn may_write(&self, object: &ObjectRef) -> bool {
        [Access::Create, Access::Update, Access::Delete, Access::Revoke]
            .into_iter()
            .any(|access| self.deny(access, object).is_empty())
    }

    /// Whether a key of a Secret is shown in clear text.
    #[must_use]
    pub fn reveals(&self, object: &ObjectRef, key: &str) -> bool {
        self.declared.reveal(object, key) && self.granted.reveal(object, key)
    }

    /// Whether a key of a Secret is shown in clear text to any task of the phase, or to a user who lists tokens.
    fn is_shown(&self, object: &ObjectRef, key: &str) -> bool {
        self.of_phase.reveal(object, key) || self.reveals(object, key) || bootstrap_token::is_listed(object, key)
    }

    /// The further grant under which none of these would be denied; empty if no grant can allow them.
    #[must_use]
    pub fn grant_for(&self, denials: &[Denial]) -> Permissions {
        let wanted = denials.iter().flat_map(|denial| match denial {
            Denial::Access { access, of, namespace, name, side: PolicySide::Grant } => {
                self.wanted(*access, of, namespace.as_ref(), name.as_deref())
            }
            // A phase must not write in clear text what it may not see.
            Denial::Operation { target, problem: OperationProblem::Secret(MisplacedSecret::Clear { key, .. }), .. } => {
                let wanted = self.wanted(Access::Read, &target.of, target.namespace.as_ref(), Some(target.name.as_str()));
                let reveals = |permission: &Permission| permission.reveal.iter().any(|pattern| pattern.matches(key));
                wanted.into_iter().filter(reveals).collect()
            }
            _ => Vec::new(),
        });
        merged(wanted.collect())
    }

    /// What the phase declared for this kind, for one name or for all names of a list. Patterns are kept as patterns: the next
    /// run may use another name that matches.
    fn wanted(&self, access: Access, of: &ApiResource, namespace: Option<&Namespace>, name: Option<&str>) -> Vec<Permission> {
        let is_meant =
            |declared: &&Permission| declared.of == *of && declared.place.has_all(namespace) && declared.access.contains(&access);
        let named = |declared: &Permission| Permission {
            access: vec![access],
            names: declared.names.iter().filter(|pattern| name.is_none_or(|name| pattern.matches(name))).cloned().collect(),
            ..declared.clone()
        };
        let wanted = self.declared.0.iter().filter(is_meant).map(named);
        wanted.filter(|permission| !permission.names.is_empty()).collect()
    }

    /// Permits a plan and prepares its writes: secrets put in place, preconditions filled in.
    ///
    /// # Errors
    /// Every denial.
    pub fn permit_plan(
        &self,
        plan: Plan<Proposed>,
        snapshot: &Snapshot,
        secrets: &Secrets,
    ) -> Result<Plan<Permitted>, Vec<Denial>> {
        let content = plan.content();
        let mut denials = text::handles_in_texts(content);
        let mut placement = Placement::default();
        let mut writes = Vec::with_capacity(content.operations.len());
        let deleted = deletions(&content.operations);
        for operation in &content.operations {
            let target = &operation.target;
            let denied = self.deny_operation(operation, snapshot);
            if !denied.is_empty() {
                denials.extend(denied);
                continue;
            }
            let is_recreation = operation.after.iter().any(|after| deleted.get(after) == Some(&target));
            let reveals = |key: &str| self.reveals(target, key);
            let is_shown = |key: &str| self.is_shown(target, key);
            let shows = Shows { to_phase: &reveals, to_anybody: &is_shown };
            let preparation = prepare::Preparation { operation, is_recreation, snapshot, secrets, shows };
            match preparation.write(&mut placement) {
                Ok(write) => writes.push(write),
                Err(problem) => denials.push(Denial::Operation { id: operation.id.clone(), target: target.clone(), problem }),
            }
        }
        for output in &content.outputs {
            let problem = output.secrets().find_map(|id| secrets.check_shown(id).err());
            denials.extend(problem.map(|problem| Denial::Output { name: output.name.clone(), problem }));
        }
        let mut outputs = Vec::with_capacity(content.outputs.len());
        for output in &content.outputs {
            match line::rewritten(output, secrets) {
                Ok(output) => outputs.push(output),
                Err(problem) => denials.push(Denial::Line { name: output.name.clone(), problem }),
            }
        }
        if denials.is_empty() { Ok(plan.permit(writes, outputs)) } else { Err(denials) }
    }

    /// What an operation does that is not allowed. Bindings that may only be revoked allow nothing else.
    fn deny_operation(&self, operation: &Operation, snapshot: &Snapshot) -> Vec<Denial> {
        let Operation { id, target, action, .. } = operation;
        let declares = |access| self.declared.allow(access, target);
        let undeclared = action.accesses().iter().any(|access| !declares(*access));
        match undeclared && declares(Access::Revoke) {
            false => action.accesses().iter().flat_map(|access| self.deny(*access, target)).collect(),
            true if revocation::is_revocation(operation, snapshot) => self.deny(Access::Revoke, target),
            true => {
                let problem = OperationProblem::NotRevoked(target.to_string());
                vec![Denial::Operation { id: id.clone(), target: target.clone(), problem }]
            }
        }
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
        let sides = [(self.declared, PolicySide::Declaration), (self.granted, PolicySide::Grant)];
        sides.into_iter().filter(|(permissions, _)| !allows(permissions)).map(|(_, side)| denial(side)).take(1).collect()
    }
}

/// The objects that operations delete.
fn deletions(operations: &[Operation]) -> BTreeMap<&OperationId, &ObjectRef> {
    let deletes = operations.iter().filter(|operation| operation.action == Action::Delete);
    deletes.map(|operation| (&operation.id, &operation.target)).collect()
}

/// Merges permissions for the same objects and names.
fn merged(wanted: Vec<Permission>) -> Permissions {
    let mut merged: Vec<Permission> = Vec::new();
    for permission in wanted {
        let is_same = |other: &&mut Permission| {
            other.of == permission.of && other.place == permission.place && other.reveal == permission.reveal
        };
        match merged.iter_mut().filter(is_same).find(|other| other.names == permission.names || other.access == permission.access)
        {
            Some(other) => {
                let names = permission.names.into_iter().filter(|name| !other.names.contains(name)).collect::<Vec<_>>();
                other.names.extend(names);
                let access = permission.access.into_iter().filter(|access| !other.access.contains(access)).collect::<Vec<_>>();
                other.access.extend(access);
            }
            None => merged.push(permission),
        }
    }
    Permissions(merged)
}

#[cfg(test)]
mod tests {
    use super::Policy;
    use crate::name::{Namespace, ObjectName};
    use crate::object::{ApiResource, ObjectRef};
    use crate::operation::{Action, Operation, OperationId, Precondition};
    use crate::permission::{Access, Pattern, Permission, PermissionScope, Permissions};
    use crate::plan::{Content, Plan};
    use crate::secret::Secrets;
    use crate::selector::{ListRef, Selector};
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
            place: PermissionScope::Namespace(target.namespace.unwrap()),
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
            (&wide, &narrow, "b2", Some("read configmaps (ConfigMap) in a named `b2`: not granted")),
            (&narrow, &wide, "b2", Some("read configmaps (ConfigMap) in a named `b2`: the phase does not declare it")),
            (&wide, &write_only, "b1", Some("read configmaps (ConfigMap) in a named `b1`: not granted")),
            (&wide, &wide, "c", Some("read configmaps (ConfigMap) in a named `c`: the phase does not declare it")),
        ] {
            let answer = Policy { declared, granted, of_phase: declared }.permit_reads(vec![Selector::One(config_map(name))]);
            let said = answer.err().map(|denials| denials.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
            assert_eq!(said.as_deref(), denial);
        }
    }

    #[test]
    fn a_denial_says_what_would_have_to_be_granted() {
        let declared = permissions(&[Access::Read, Access::Create, Access::Delete], &["b*"]);
        let granted = permissions(&[Access::Create], &["b1"]);
        let policy = Policy { declared: &declared, granted: &granted, of_phase: &declared };
        let one = |name| Selector::One(config_map(name));
        let many = Selector::Many(ListRef {
            of: config_map("x").of,
            namespace: config_map("x").namespace,
            labels: String::new(),
            fields: String::new(),
        });
        for (reads, expected) in [
            (vec![one("b1"), one("b2"), one("c")], vec!["read configmaps (ConfigMap, v1) in a; named `b*`"]),
            (vec![many], vec!["read configmaps (ConfigMap, v1) in a; named `b*`"]),
            (vec![one("c")], vec![]),
        ] {
            let grant = policy.grant_for(&policy.permit_reads(reads).unwrap_err());
            assert_eq!(grant.0.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn every_denial_of_a_plan_is_reported_at_once() {
        let all = permissions(&[Access::Read, Access::Create, Access::Update], &["b"]);
        let body = |name: &str| {
            object(json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": "a" } }))
        };
        let operation = |id: &str, after: &[&str], name: &str, action, when| Operation {
            id: OperationId::parse(id).unwrap(),
            target: config_map(name),
            action,
            when,
            after: after.iter().map(|id| OperationId::parse(id).unwrap()).collect(),
            reason: String::new(),
        };
        let operations = vec![
            operation("good", &[], "b", Action::Create(body("b")), Precondition::Absent),
            operation("other", &[], "c", Action::Create(body("c")), Precondition::Absent),
            operation("delete", &["good"], "b", Action::Delete, Precondition::Any),
            operation("unread", &["delete"], "b", Action::MergePatch(Map::new()), Precondition::AsObserved),
            operation("odd", &["unread"], "b", Action::Create(body("b")), Precondition::Any),
        ];
        let content = Content { operations, findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() };
        let plan = Plan::propose(content, 10).unwrap();
        let policy = Policy { declared: &all, granted: &all, of_phase: &all };
        let denials = policy.permit_plan(plan, &Snapshot::default(), &Secrets::default()).unwrap_err();
        assert_eq!(
            denials.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "create configmaps (ConfigMap) in a named `c`: the phase does not declare it",
                "delete configmaps (ConfigMap) in a named `b`: the phase does not declare it",
                "operation `unread`: it depends on an object that was not read",
                "operation `odd`: its precondition does not match its action",
            ]
        );
    }
}
