//! The minimal rights to apply a plan: to read its inputs, dry-run its writes and make them.
//!
//! Minimal means that no right can be omitted. Anything beyond the plan is unknown here: rights that the user already has, or
//! rights that a plan for another cluster state would need.

mod escalation;
mod right;
mod rule;
mod subject;

pub use subject::Subject;

use crate::name::{Namespace, ObjectName};
use crate::object::ObjectRef;
use crate::selector::{ListRef, Selector};
use crate::snapshot::{Lookup, Snapshot};
use crate::write::{Verb, Write};
use escalation::{ForBinding, ForRole};
use right::{Right, Thing};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The actions of a plan, whatever its source.
#[derive(Debug, Clone, Copy)]
pub struct Doing<'a> {
    /// The reads it needs.
    pub reads: &'a [&'a Selector],
    /// Non-resource paths it reads, such as `/version`. Most clusters open that one to everyone (`system:public-info-viewer`),
    /// but not all.
    pub urls: &'a [&'a str],
    /// Further objects that the host reads.
    pub extra: &'a [ObjectRef],
    /// The writes it makes.
    pub writes: &'a [&'a Write],
    /// The objects that were read: it gives the rules of a role before and after a write.
    pub snapshot: &'a Snapshot,
    /// Strings generated anew in each run. A name that contains one cannot be known in advance, so a right on it becomes a right
    /// on all objects of the kind; a [`Wide`] reports it.
    pub drawn: &'a [&'a str],
}

/// A minimal set of rights.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needed {
    rights: BTreeMap<Option<Namespace>, BTreeSet<Right>>,
    wide: BTreeSet<Wide>,
}

/// A right that is wider than the plan, because something cannot be known in advance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wide {
    right: Right,
    namespace: Option<Namespace>,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Drawn,
    Rules,
    Role,
}

impl fmt::Display for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (resource, name) = match &self.right.on {
            Thing::Objects { resource, name, .. } => (resource.as_str(), name.as_deref()),
            Thing::Url(url) => ("paths", Some(url.as_str())),
        };
        write!(f, "`{}` is needed on ", self.right.verb)?;
        match name {
            Some(name) => write!(f, "{resource} named `{name}`")?,
            None => write!(f, "all {resource}")?,
        }
        if let Some(namespace) = &self.namespace {
            write!(f, " in {namespace}")?;
        }
        f.write_str(match self.why {
            Why::Drawn => ": its name is random",
            Why::Rules => ": the rules it will grant are not known, or cannot be held",
            Why::Role => ": the bound role is not known",
        })
    }
}

/// The names of the generated objects, and the subjects of the bindings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The name of all of them.
    pub name: ObjectName,
    /// The subjects that receive the rights.
    pub subjects: Vec<Subject>,
}

impl Doing<'_> {
    /// The rights needed.
    #[must_use]
    pub fn needed(&self) -> Needed {
        let mut needed = Needed::default();
        let ones = self.reads.iter().filter_map(|read| if let Selector::One(object) = read { Some(object) } else { None });
        for object in ones.chain(self.extra) {
            self.add(&mut needed, object.namespace.as_ref(), object_right(object, "get"));
        }
        for read in self.reads {
            if let Selector::Many(list) = read {
                let right =
                    Right::new(list.of.group(), list.of.plural(), only_name(list).as_ref().map(ObjectName::as_str), "list");
                self.add(&mut needed, list.namespace.as_ref(), right);
            }
        }
        for url in self.urls {
            self.add(&mut needed, None, Right { on: Thing::Url((*url).to_owned()), verb: "get".to_owned() });
        }
        for write in self.writes {
            self.add_write(&mut needed, write);
        }
        // Last, because a subject that holds the rules of a role anyway does not need `bind`.
        for write in self.writes {
            self.add_binding(&mut needed, write);
        }
        needed.without_covered()
    }

    fn add_write(&self, needed: &mut Needed, write: &Write) {
        let namespace = write.target.namespace.as_ref();
        for (verb, name) in self.verbs(write) {
            self.add(needed, namespace, Right::new(write.target.of.group(), write.target.of.plural(), name, verb));
        }
        match escalation::for_role(write, self.snapshot) {
            None => {}
            Some(ForRole::Hold(rights)) => rights.into_iter().for_each(|right| self.add(needed, namespace, right)),
            Some(ForRole::Escalate) => add_wide(needed, namespace, escalation::escalate(write), Why::Rules),
        }
    }

    /// The verbs of a write, each with the name if the API server knows it when it authorizes the request. For a POST it does
    /// not.
    fn verbs<'w>(&self, write: &'w Write) -> Vec<(&'static str, Option<&'w str>)> {
        let name = Some(write.target.name.as_str());
        let (verb, may_create) = match write.verb {
            Verb::Create(_) => return vec![("create", None)],
            Verb::Delete => return vec![("delete", name)],
            Verb::MergePatch(_) => ("patch", false),
            Verb::Replace(_) => ("update", true),
            Verb::Apply(_) => ("patch", true),
        };
        let is_deleted = |other: &&Write| other.target == write.target && matches!(other.verb, Verb::Delete);
        let is_there = matches!(self.snapshot.look_up(&write.target), Lookup::Present(_)) && !self.writes.iter().any(is_deleted);
        // In a PUT or PATCH that creates, the name is in the path.
        if may_create && !is_there { vec![(verb, name), ("create", name)] } else { vec![(verb, name)] }
    }

    fn add_binding(&self, needed: &mut Needed, write: &Write) {
        let namespace = write.target.namespace.as_ref();
        let Some(ForBinding { role, bind }) = escalation::for_binding(write, self.snapshot) else { return };
        match role {
            None => bind.into_iter().for_each(|right| add_wide(needed, namespace, right, Why::Role)),
            Some(role) => {
                let is_held = |right: &Right| needed.allows(namespace, right);
                if !escalation::holds(&role, self.writes, self.snapshot, is_held) {
                    bind.into_iter().for_each(|right| self.add(needed, namespace, right));
                }
            }
        }
    }

    /// Adds a right; for all names if its own name is generated.
    fn add(&self, needed: &mut Needed, namespace: Option<&Namespace>, mut right: Right) {
        if let Thing::Objects { name, .. } = &mut right.on
            && name.as_ref().is_some_and(|name| self.drawn.iter().any(|drawn| !drawn.is_empty() && name.contains(drawn)))
        {
            *name = None;
            add_wide(needed, namespace, right, Why::Drawn);
        } else {
            needed.rights.entry(namespace.cloned()).or_default().insert(right);
        }
    }
}

fn add_wide(needed: &mut Needed, namespace: Option<&Namespace>, right: Right, why: Why) {
    needed.wide.insert(Wide { right: right.clone(), namespace: namespace.cloned(), why });
    needed.rights.entry(namespace.cloned()).or_default().insert(right);
}

fn object_right(object: &ObjectRef, verb: &str) -> Right {
    Right::new(object.of.group(), object.of.plural(), Some(object.name.as_str()), verb)
}

/// The only name that a list can match: the one selector that RBAC considers (`apiserver/pkg/endpoints/request/requestinfo.go`).
fn only_name(list: &ListRef) -> Option<ObjectName> {
    let terms = list.fields.split(',').filter_map(|term| term.strip_prefix("metadata.name="));
    let mut names = terms.map(|name| name.strip_prefix('=').unwrap_or(name));
    ObjectName::parse(names.next()?).ok().filter(|name| !name.as_str().contains(['\\', '=']))
}

impl Needed {
    /// Rights that are wider than the plan.
    pub fn wide(&self) -> impl Iterator<Item = &Wide> {
        self.wide.iter()
    }

    /// Whether a right in a namespace, or in the whole cluster, is included.
    fn allows(&self, namespace: Option<&Namespace>, right: &Right) -> bool {
        let scopes = self.rights.iter().filter(|(scope, _)| scope.is_none() || scope.as_ref() == namespace);
        scopes.flat_map(|(_, rights)| rights).any(|held| held.covers(right))
    }

    /// Drops rights that other rights already include.
    fn without_covered(mut self) -> Self {
        let cluster = self.rights.get(&None).cloned().unwrap_or_default();
        for (scope, rights) in &mut self.rights {
            let all = rights.clone();
            rights.retain(|right| {
                // If two cover each other, the first one stays.
                let is_covered_here =
                    |other: &Right| other != right && other.covers(right) && !(right.covers(other) && right < other);
                let is_covered =
                    all.iter().any(is_covered_here) || (scope.is_some() && cluster.iter().any(|other| other.covers(right)));
                !is_covered
            });
        }
        self.rights.retain(|_, rights| !rights.is_empty());
        self
    }

    /// A role and a binding for each scope that needs rights: the cluster first, then namespaces by name. In the form that
    /// `kubectl create clusterrole`, `clusterrolebinding`, `role` and `rolebinding` produce.
    #[must_use]
    pub fn objects(&self, naming: &Naming) -> Vec<Value> {
        self.rights.iter().flat_map(|(scope, rights)| objects_of(scope.as_ref(), rights, naming)).collect()
    }
}

/// The role and the binding of a scope.
fn objects_of(scope: Option<&Namespace>, rights: &BTreeSet<Right>, naming: &Naming) -> [Value; 2] {
    let name = naming.name.as_str();
    let (role, binding) = if scope.is_some() { ("Role", "RoleBinding") } else { ("ClusterRole", "ClusterRoleBinding") };
    let metadata =
        scope.map_or_else(|| json!({ "name": name }), |namespace| json!({ "name": name, "namespace": namespace.as_str() }));
    let api_version = format!("{}/v1", escalation::GROUP);
    let rules: Vec<Value> = rule::merged(rights).iter().map(rule::Rule::to_json).collect();
    let subjects: Vec<Value> = naming.subjects.iter().map(Subject::to_json).collect();
    [
        json!({ "apiVersion": api_version, "kind": role, "metadata": metadata, "rules": rules }),
        json!({
            "apiVersion": api_version,
            "kind": binding,
            "metadata": metadata,
            "roleRef": { "apiGroup": escalation::GROUP, "kind": role, "name": name },
            "subjects": subjects,
        }),
    ]
}

#[cfg(test)]
mod tests;
