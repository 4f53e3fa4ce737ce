//! The rules about bindings and roles.

use super::binding::{Binding, Subject, is_join_role, is_of_interest, role_namespace};
use super::grant::{Grant, Narrow};
use super::object;
use super::report::{Draft, Report};
use super::rule;
use crate::abi::{Action, Operation, Precondition, Request};
use crate::kind::{KUBE_PUBLIC, KUBE_SYSTEM, Kind};
use crate::observed::{Observed, listed};
use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use serde_json::{Value, json};

/// Bindings that Kubernetes makes, and makes again when it starts; they are left empty, as a sign that somebody wants that.
const DEFAULT_BINDINGS: [&str; 4] = ["cluster-admin", "system:basic-user", "system:discovery", "system:public-info-viewer"];

/// What roles allow, by namespace and name.
type Grants = BTreeMap<(String, String), Grant>;

/// What is known of roles and bindings, when all were looked at once.
pub(super) struct Rights {
    grants: Grants,
    /// The names of ClusterRoles and of subjects that have them everywhere.
    pub(super) given: BTreeSet<(String, String)>,
    /// Those in which something may be wrong.
    bindings: Vec<Binding>,
}

/// The kinds and names of objects that are judged by themselves.
pub(super) type Own<'a> = BTreeSet<(&'a str, &'a str)>;

impl Rights {
    /// Looks at all roles and bindings. Those in `own` are kept in `observed`, to be judged by themselves.
    pub(super) fn read(request: &Request, own: &Own<'_>, observed: &mut Observed) -> Self {
        let mut rights = Self { grants: Grants::new(), given: BTreeSet::new(), bindings: Vec::new() };
        for kind in [Kind::ClusterRole, Kind::Role] {
            for text in listed(request, kind) {
                let Ok(role) = serde_json::from_str::<object::Role<'_>>(text) else { continue };
                rights.add_role(kind, &role);
                keep(own, kind, &role.metadata, text, observed);
            }
        }
        for kind in [Kind::ClusterRoleBinding, Kind::RoleBinding] {
            for text in listed(request, kind) {
                let Ok(binding) = serde_json::from_str::<object::Binding<'_>>(text) else { continue };
                if !keep(own, kind, &binding.metadata, text, observed) {
                    rights.add_binding(kind, &binding);
                }
            }
        }
        rights
    }

    /// Of a role that is not in `grants` nothing is known, and it allows nothing that counts.
    fn add_role(&mut self, kind: Kind, role: &object::Role<'_>) {
        let namespace = role.metadata.namespace.as_deref().filter(|_| kind == Kind::Role).unwrap_or_default();
        let grant = Grant::of(role, namespace);
        if grant != Grant::default() {
            self.grants.insert((namespace.to_owned(), (*role.metadata.name).to_owned()), grant);
        }
    }

    fn add_binding(&mut self, kind: Kind, binding: &object::Binding<'_>) {
        let (namespace, role) = (role_namespace(binding), &*binding.role_ref.name);
        if kind == Kind::ClusterRoleBinding && is_join_role(role) {
            let subjects = binding.subjects.iter().flatten();
            self.given.extend(subjects.map(|subject| (role.to_owned(), (*subject.name).to_owned())));
        }
        if is_of_interest(binding, self.grant(namespace, role)) {
            self.bindings.push(Binding::read(kind, binding));
        }
    }

    /// What a role allows.
    pub(super) fn grant(&self, namespace: &str, role: &str) -> Grant {
        self.grants.get(&(namespace.to_owned(), role.to_owned())).copied().unwrap_or_default()
    }
}

/// Keeps an object if it is one of `own`; in namespaces only those in kube-public are.
fn keep(own: &Own<'_>, kind: Kind, metadata: &object::Metadata<'_>, text: &str, observed: &mut Observed) -> bool {
    let namespace = metadata.namespace.as_deref().filter(|_| matches!(kind, Kind::Role | Kind::RoleBinding)).unwrap_or_default();
    let is_own = own.contains(&(kind.name(), &*metadata.name)) && (namespace.is_empty() || namespace == KUBE_PUBLIC);
    if is_own && let Ok(value) = serde_json::from_str(text) {
        observed.keep(kind.object(namespace, &metadata.name), value);
    }
    is_own
}

/// Adds what is wrong with bindings that are not of kubeadm's phase, and with roles that they give to bootstrap tokens.
pub(super) fn judge(rights: &Rights, report: &mut Report) {
    let mut widened = BTreeSet::new();
    for binding in &rights.bindings {
        let grant = rights.grant(&binding.role_namespace, &binding.role);
        let (drafts, surplus) = binding.judge(grant);
        let operations = if surplus.is_empty() { Vec::new() } else { vec![without(binding, &surplus)] };
        report.add(drafts, operations);
        if grant.widened && binding.role_namespace == KUBE_SYSTEM && binding.subjects.iter().any(Subject::is_bootstrap) {
            widened.insert(binding.role.as_str());
        }
    }
    widened.into_iter().for_each(|role| judge_widened(role, report));
}

/// The binding without these subjects, or no binding if there are no others.
fn without(binding: &Binding, surplus: &[&Subject]) -> Operation {
    let is_surplus = |subject: &&Subject| surplus.iter().any(|other| other.json == subject.json);
    let others: Vec<&Value> =
        binding.subjects.iter().filter(|subject| !is_surplus(subject)).map(|subject| &subject.json).collect();
    let target = binding.target.clone();
    let (action, reason) = if others.is_empty() && !DEFAULT_BINDINGS.contains(&target.name.as_str()) {
        (Action::Delete, "deletes a binding that gives nobody else anything")
    } else {
        (Action::MergePatch(json!({ "subjects": others }).to_string()), "takes the role from those who should not have it")
    };
    Operation {
        id: super::operation_id(&target),
        target,
        action,
        when: Precondition::AsObserved,
        after: Vec::new(),
        reason: reason.to_owned(),
    }
}

/// A Role of kubeadm's in kube-system that bootstrap tokens have and that allows more than kubeadm's.
fn judge_widened(role: &str, report: &mut Report) {
    let Some(narrow) = Narrow::of_kubeadm(KUBE_SYSTEM, role) else { return };
    let target = Kind::Role.object(KUBE_SYSTEM, role);
    let title = format!("Role `{role}` in {KUBE_SYSTEM} allows bootstrap tokens more than kubeadm's");
    let draft = Draft::new(rule::RBAC_ROLE_WIDENED, target.clone(), title, format!("kubeadm's has the rules {}", narrow.rules()));
    let operation = Operation {
        id: super::operation_id(&target),
        target,
        action: Action::MergePatch(json!({ "rules": narrow.rules() }).to_string()),
        when: Precondition::AsObserved,
        after: Vec::new(),
        reason: "gives the role the rules that kubeadm gives it".to_owned(),
    };
    report.add(vec![draft.cured()], vec![operation]);
}
