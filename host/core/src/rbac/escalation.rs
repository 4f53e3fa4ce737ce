//! What RBAC requires in addition to the verb of a write, to prevent privilege escalation
//! (`kubernetes/pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go`).
//!
//! Measured on 1.37:
//!
//! * Creating or changing a role requires all rules it has afterwards, even unchanged ones; for a Role in its namespace, for a
//!   ClusterRole in the whole cluster. Otherwise it requires `escalate`: a POST has no name yet, so for it only `escalate`
//!   without `resourceNames` works. A role that is or was aggregated always requires `escalate`.
//! * Creating or changing a binding, even a label, requires all rules of its role, or `bind` on it. While the role does not exist
//!   only `bind` works, and the dry run of a plan that makes both is such a case.
//! * Changing nothing, or only `finalizers` and `ownerReferences`, and deleting require none of it.

use super::right::Right;
use crate::name::ObjectName;
use crate::object::{ApiResource, Object, ObjectRef};
use crate::snapshot::{Lookup, Snapshot};
use crate::write::{SERVER_METADATA, Verb, Write};
use serde_json::Value;

/// RBAC's API group.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";
/// The metadata that the garbage collector changes (`rbac/helpers.go`, `IsOnlyMutatingGCFields`).
const COLLECTOR_METADATA: [&str; 2] = ["finalizers", "ownerReferences"];

/// The rights required to write a role.
pub(super) enum ForRole {
    /// These rights, which its rules contain.
    Hold(Vec<Right>),
    /// `escalate`, because the rules are unknown or cannot be held.
    Escalate,
}

/// The rights required to write a binding.
pub(super) struct ForBinding {
    /// The role whose rules must be held, if it is known.
    pub(super) role: Option<ObjectRef>,
    /// The alternative: `bind`, on any role if the role is unknown.
    pub(super) bind: Vec<Right>,
}

/// Whether a kind is one of these two in RBAC's group.
fn is_one_of(of: &ApiResource, plurals: [&str; 2]) -> bool {
    of.group() == GROUP && plurals.contains(&of.plural())
}

/// An object before and after a write that changes more than the garbage collector does; `None` if there is no such change. The
/// object before is `None` if it did not exist or was not read.
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

/// The fields of an object whose changes RBAC checks.
fn as_compared(object: &Object) -> serde_json::Map<String, Value> {
    let mut fields = object.fields().clone();
    if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|name, _| !SERVER_METADATA.contains(&name.as_str()) && !COLLECTOR_METADATA.contains(&name.as_str()));
    }
    fields
}

/// Whether the result of a write is known: for a patch of an unread object it is not.
fn is_foreseeable(write: &Write, snapshot: &Snapshot) -> bool {
    let is_patch = matches!(write.verb, Verb::MergePatch(_) | Verb::Apply(_));
    !is_patch || snapshot.look_up(&write.target) != Lookup::NotRead
}

/// The rights for a write to a role; `None` if it is to something else, or needs none.
pub(super) fn for_role(write: &Write, snapshot: &Snapshot) -> Option<ForRole> {
    if !is_one_of(&write.target.of, ["roles", "clusterroles"]) {
        return None;
    }
    let (before, after) = changed(write, snapshot)?;
    let is_aggregated = before.is_some_and(aggregates) || aggregates(&after);
    let rules = if is_aggregated || !is_foreseeable(write, snapshot) { None } else { rights_of(&after) };
    Some(rules.map_or(ForRole::Escalate, ForRole::Hold))
}

/// The right to give a role any rules.
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

/// The rights for a write to a binding; `None` if it is to something else, or needs none.
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

/// Whether a subject holds all rules of a role whenever the plan refers to it: in the dry run, when the role is as it was read,
/// and when the plan is applied, which may have changed it.
pub(super) fn holds(role: &ObjectRef, writes: &[&Write], snapshot: &Snapshot, is_held: impl Fn(&Right) -> bool) -> bool {
    let is_held = |role: &Object| rights_of(role).is_some_and(|rights| rights.iter().all(&is_held));
    let Lookup::Present(before) = snapshot.look_up(role) else { return false };
    let mut writes = writes.iter().filter(|write| write.target == *role);
    is_held(before) && writes.all(|write| write.foreseen(Some(before)).is_some_and(|after| is_held(&after)))
}
