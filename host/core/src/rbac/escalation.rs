//! What RBAC asks for besides the verb of a write, so that nobody gives what he does not have
//! (`kubernetes/pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go`).
//!
//! Measured on 1.37:
//!
//! * Whoever creates or changes a role holds all rules that it has afterwards, also if they were the same before; a Role's in its
//!   namespace, a ClusterRole's in the whole cluster. Otherwise he needs `escalate`: a POST has no name yet, so that for it
//!   `escalate` works without `resourceNames` only. A role that is or was aggregated needs `escalate` in any case.
//! * Whoever creates or changes a binding, be it a label, holds all rules of its role or may `bind` it. While the role does not
//!   exist only `bind` helps, and the dry run of a plan that makes both is such a while.
//! * Who changes nothing, or nothing but `finalizers` and `ownerReferences`, and who deletes, needs none of it.

use super::right::Right;
use crate::name::ObjectName;
use crate::object::{ApiResource, Object, ObjectRef};
use crate::snapshot::{Lookup, Snapshot};
use crate::write::{SERVER_METADATA, Verb, Write};
use serde_json::Value;

/// RBAC's API group.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";
/// What the garbage collector changes (`rbac/helpers.go`, `IsOnlyMutatingGCFields`).
const COLLECTOR_METADATA: [&str; 2] = ["finalizers", "ownerReferences"];

/// What a write of a role needs.
pub(super) enum ForRole {
    /// To hold these rights.
    Hold(Vec<Right>),
    /// `escalate`, since the rules cannot be told or not be held.
    Escalate,
}

/// What a write of a binding needs.
pub(super) struct ForBinding {
    /// The role whose rules must be held, if it can be told.
    pub(super) role: Option<ObjectRef>,
    /// What is needed instead: `bind`, on whatever role if it cannot be told.
    pub(super) bind: Vec<Right>,
}

/// Whether a kind is one of these two of RBAC's.
fn is_one_of(of: &ApiResource, plurals: [&str; 2]) -> bool {
    of.group() == GROUP && plurals.contains(&of.plural())
}

/// An object before and after a write that changes more than the garbage collector does; none if there is no such change. What it
/// was before is none if it did not exist or was not read.
fn changed<'a>(write: &Write, snapshot: &'a Snapshot) -> Option<(Option<&'a Object>, Object)> {
    let before = match snapshot.look_up(&write.target) {
        Lookup::Present(object) => Some(object),
        Lookup::Absent | Lookup::NotRead => None,
    };
    let after = write.foreseen(before)?;
    let is_changed = match (&write.verb, before) {
        (Verb::Create(_), _) | (_, None) => true,
        (_, Some(before)) => as_compared(before) != as_compared(&after),
    };
    is_changed.then_some((before, after))
}

/// The fields of an object whose change RBAC looks at.
fn as_compared(object: &Object) -> serde_json::Map<String, Value> {
    let mut fields = object.fields().clone();
    if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|name, _| !SERVER_METADATA.contains(&name.as_str()) && !COLLECTOR_METADATA.contains(&name.as_str()));
    }
    fields
}

/// Whether what a write leaves can be told: a patch of something that was not read cannot.
fn is_foreseeable(write: &Write, snapshot: &Snapshot) -> bool {
    let is_patch = matches!(write.verb, Verb::MergePatch(_) | Verb::Apply(_));
    !is_patch || snapshot.look_up(&write.target) != Lookup::NotRead
}

/// What a write needs if it is of a role; none if it is of something else, or needs nothing.
pub(super) fn for_role(write: &Write, snapshot: &Snapshot) -> Option<ForRole> {
    if !is_one_of(&write.target.of, ["roles", "clusterroles"]) {
        return None;
    }
    let (before, after) = changed(write, snapshot)?;
    let is_aggregated = before.is_some_and(aggregates) || aggregates(&after);
    let rules = if is_aggregated || !is_foreseeable(write, snapshot) { None } else { rights_of(&after) };
    Some(rules.map_or(ForRole::Escalate, ForRole::Hold))
}

/// The right to give a role whatever rules.
pub(super) fn escalate(write: &Write) -> Right {
    let name = if matches!(write.verb, Verb::Create(_)) { None } else { Some(write.target.name.as_str()) };
    Right::new(GROUP, write.target.of.plural(), name, "escalate")
}

fn aggregates(role: &Object) -> bool {
    let selectors = role.fields().get("aggregationRule").and_then(|rule| rule.get("clusterRoleSelectors"));
    selectors.and_then(Value::as_array).is_some_and(|selectors| !selectors.is_empty())
}

fn rights_of(role: &Object) -> Option<Vec<Right>> {
    Right::of_rules(role.fields().get("rules"))
}

/// What a write needs if it is of a binding; none if it is of something else, or needs nothing.
pub(super) fn for_binding(write: &Write, snapshot: &Snapshot) -> Option<ForBinding> {
    if !is_one_of(&write.target.of, ["rolebindings", "clusterrolebindings"]) {
        return None;
    }
    let (_, after) = changed(write, snapshot)?;
    let bind = |plural, name| Right::new(GROUP, plural, name, "bind");
    let role = role_of(&after, &write.target);
    let bind = match &role {
        Some(role) => vec![bind(role.of.plural(), Some(role.name.as_str()))],
        None if write.target.namespace.is_none() => vec![bind("clusterroles", None)],
        None => vec![bind("clusterroles", None), bind("roles", None)],
    };
    Some(ForBinding { role, bind })
}

/// The role that a binding refers to.
fn role_of(binding: &Object, target: &ObjectRef) -> Option<ObjectRef> {
    let reference = binding.fields().get("roleRef")?;
    let text = |name| reference.get(name).and_then(Value::as_str);
    let (kind, plural, namespace) = match text("kind")? {
        "ClusterRole" => ("ClusterRole", "clusterroles", None),
        "Role" => ("Role", "roles", Some(target.namespace.clone()?)),
        _ => return None,
    };
    let of = ApiResource::parse(GROUP, target.of.version(), plural, kind).ok()?;
    Some(ObjectRef { of, namespace, name: ObjectName::parse(text("name")?).ok()? })
}

/// Whether somebody holds all rules of a role whenever the plan refers to it: while it is tried, when the role is as it was read,
/// and while it is carried out, when the plan may have changed it.
pub(super) fn holds(role: &ObjectRef, writes: &[&Write], snapshot: &Snapshot, is_held: impl Fn(&Right) -> bool) -> bool {
    let is_held = |role: &Object| rights_of(role).is_some_and(|rights| rights.iter().all(&is_held));
    let Lookup::Present(before) = snapshot.look_up(role) else { return false };
    let mut writes = writes.iter().filter(|write| write.target == *role);
    is_held(before) && writes.all(|write| write.foreseen(Some(before)).is_some_and(|after| is_held(&after)))
}
