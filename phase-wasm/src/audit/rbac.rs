//! The rules about bindings and roles.

use super::binding::{Binding, Step, Subject, Verdict, is_join_role, is_of_interest, role_namespace, steps};
use super::grant::{Grant, Narrow};
use super::maker::Traces;
use super::object;
use super::report::{Cure, Draft, Report};
use super::rule;
use crate::abi::{Action, Operation, Precondition, Request};
use crate::kind::{KUBE_PUBLIC, KUBE_SYSTEM, Kind};
use crate::observed::{Observed, listed};
use crate::rbac::{CLUSTER_INFO_READER, KUBELET_BOOTSTRAP, NODE_APPROVAL, NODE_RENEWAL, cluster_objects};
use crate::version::OLDEST;
use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use serde_json::{Value, json};

/// Bindings that the API server makes again when it starts. They are left empty instead of deleted, as a sign that someone wants
/// that.
const DEFAULT_BINDINGS: [&str; 4] = ["cluster-admin", "system:basic-user", "system:discovery", "system:public-info-viewer"];

/// ClusterRoles that allow the use of the kubelet API.
const KUBELET_ROLES: [&str; 2] = ["system:kubelet-api-admin", "cluster-admin"];
/// The subjects that read cluster-info before they log in.
const ANONYMOUS: [&str; 2] = ["system:anonymous", "system:unauthenticated"];
const NODES: &str = "system:nodes";

/// What a role allows, by its namespace and name.
type Grants = BTreeMap<(String, String), Grant>;

/// What one pass over all roles and bindings collects.
#[derive(Default)]
pub(super) struct Rights {
    grants: Grants,
    /// The names of ClusterRoles, each with a subject that has it in the whole cluster.
    pub(super) given: BTreeSet<(String, String)>,
    /// The bindings by which nodes can take the steps of joining and staying.
    ways: BTreeSet<Way>,
    /// The bindings in which something may be wrong.
    bindings: Vec<Binding>,
    /// The marks that their names and labels leave.
    pub(super) traces: Traces,
}

/// A binding gives a subject the right to take a step.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    step: Step,
    namespace: Option<String>,
    binding: String,
    subject: String,
}

impl Way {
    fn is_of(&self, binding: &Binding, subjects: &[&Subject]) -> bool {
        self.namespace.as_deref() == binding.namespace()
            && self.binding == binding.target.name
            && subjects.iter().any(|subject| subject.name == self.subject)
    }
}

/// Kinds and names of kubeadm's own objects, which are judged separately.
pub(super) type Own<'a> = BTreeSet<(&'a str, &'a str)>;

impl Rights {
    /// Looks at all roles and bindings once. Those in `own` are kept in `observed`, to be judged separately.
    pub(super) fn read(request: &Request, own: &Own<'_>, observed: &mut Observed) -> Self {
        let mut rights = Self::default();
        for kind in [Kind::ClusterRole, Kind::Role] {
            for text in listed(request, kind) {
                let Ok(role) = serde_json::from_str::<object::Role<'_>>(text) else { continue };
                rights.traces.see(kind, &role.metadata);
                rights.add_role(kind, &role);
                keep(own, kind, &role.metadata, text, observed);
            }
        }
        for kind in [Kind::ClusterRoleBinding, Kind::RoleBinding] {
            for text in listed(request, kind) {
                let Ok(binding) = serde_json::from_str::<object::Binding<'_>>(text) else { continue };
                rights.traces.see(kind, &binding.metadata);
                rights.add_ways(kind, &binding);
                if !keep(own, kind, &binding.metadata, text, observed) {
                    rights.add_binding(kind, &binding);
                }
            }
        }
        rights
    }

    /// A role that is not in `grants` is missing or allows nothing that matters.
    fn add_role(&mut self, kind: Kind, role: &object::Role<'_>) {
        let namespace = role.metadata.namespace.as_deref().filter(|_| kind == Kind::Role).unwrap_or_default();
        let grant = Grant::of(role, namespace);
        if grant != Grant::default() {
            self.grants.insert((namespace.to_owned(), (*role.metadata.name).to_owned()), grant);
        }
    }

    fn add_ways(&mut self, kind: Kind, binding: &object::Binding<'_>) {
        let role = &*binding.role_ref.name;
        let namespace = binding.metadata.namespace.as_deref().filter(|_| kind == Kind::RoleBinding);
        for step in steps(namespace, role, self.grant(role_namespace(binding), role)) {
            let subjects = binding.subjects.iter().flatten().map(|subject| (*subject.name).to_owned());
            let counts = |subject: &String| step != Step::Discovery || ANONYMOUS.contains(&subject.as_str());
            let (namespace, binding) = (namespace.map(str::to_owned), (*binding.metadata.name).to_owned());
            let way = |subject| Way { step, namespace: namespace.clone(), binding: binding.clone(), subject };
            self.ways.extend(subjects.filter(counts).map(way));
        }
    }

    /// The step that no one could take any more without these subjects of a binding. Only nodes renew.
    fn last_way(&self, binding: &Binding, surplus: &[&Subject]) -> Option<Step> {
        let grant = self.grant(&binding.role_namespace, &binding.role);
        steps(binding.namespace(), &binding.role, grant).find(|step| {
            let mut ways = self.ways.iter().filter(|way| way.step == *step);
            let is_other = |way: &Way| !way.is_of(binding, surplus) && (*step != Step::Renewal || way.subject == NODES);
            ways.clone().any(|way| way.is_of(binding, surplus)) && !ways.any(is_other)
        })
    }

    fn add_binding(&mut self, kind: Kind, binding: &object::Binding<'_>) {
        let (namespace, role) = (role_namespace(binding), &*binding.role_ref.name);
        if kind == Kind::ClusterRoleBinding && (is_join_role(role) || KUBELET_ROLES.contains(&role)) {
            let subjects = binding.subjects.iter().flatten();
            self.given.extend(subjects.map(|subject| (role.to_owned(), (*subject.name).to_owned())));
        }
        if is_of_interest(binding, self.grant(namespace, role)) {
            self.bindings.push(Binding::read(kind, binding));
        }
    }

    pub(super) fn grant(&self, namespace: &str, role: &str) -> Grant {
        self.grants.get(&(namespace.to_owned(), role.to_owned())).copied().unwrap_or_default()
    }
}

/// Keeps an object if it is in `own`; of objects in namespaces only those in kube-public are.
fn keep(own: &Own<'_>, kind: Kind, metadata: &object::Metadata<'_>, text: &str, observed: &mut Observed) -> bool {
    let namespace = metadata.namespace.as_deref().filter(|_| matches!(kind, Kind::Role | Kind::RoleBinding)).unwrap_or_default();
    let is_own = own.contains(&(kind.name(), &*metadata.name)) && (namespace.is_empty() || namespace == KUBE_PUBLIC);
    if is_own && let Ok(value) = serde_json::from_str(text) {
        observed.keep(kind.object(namespace, &metadata.name), value);
    }
    is_own
}

/// Adds what is wrong with bindings that this phase does not make, and with the roles that they give to bootstrap tokens. `made`
/// has the ids of the operations that make kubeadm's own.
pub(super) fn judge(mut rights: Rights, mut made: BTreeSet<String>, observed: &Observed, report: &mut Report<'_>) {
    let mut widened = BTreeSet::new();
    for binding in core::mem::take(&mut rights.bindings) {
        let grant = rights.grant(&binding.role_namespace, &binding.role);
        let Verdict { mut drafts, surplus, needed } = binding.judge(grant, report.terms());
        let last = rights.last_way(&binding, &surplus);
        let mut operations = Vec::new();
        match last {
            Some(step) if step != Step::Renewal && !made.contains(&binding_for(step)) => {
                drafts = drafts.into_iter().map(|draft| kept(draft, step)).collect();
            }
            // The operation that `--fix` would propose.
            None if surplus.is_empty() => operations.extend((!needed.is_empty()).then(|| without(&binding, &needed))),
            last => {
                rights.ways.retain(|way| !way.is_of(&binding, &surplus));
                let mut without = without(&binding, &surplus);
                if let Some(step) = last {
                    // The same plan makes kubeadm's binding first.
                    if made.insert(binding_for(step)) {
                        operations.extend(renewal(observed));
                        without.reason =
                            "lets nodes renew through a binding of their own, and removes the other subjects".to_owned();
                    }
                    without.after.push(binding_for(step));
                }
                operations.push(without);
            }
        }
        report.add(drafts, operations);
        if grant.widened && binding.role_namespace == KUBE_SYSTEM && binding.subjects.iter().any(Subject::is_bootstrap) {
            widened.insert(binding.role.clone());
        }
    }
    widened.iter().for_each(|role| judge_widened(role, report));
}

/// The id of the operation that makes kubeadm's binding for a step.
fn binding_for(step: Step) -> String {
    let (plural, name) = match step {
        Step::Discovery => ("rolebindings", CLUSTER_INFO_READER),
        Step::Request => ("clusterrolebindings", KUBELET_BOOTSTRAP),
        Step::Approval => ("clusterrolebindings", NODE_APPROVAL),
        Step::Renewal => ("clusterrolebindings", NODE_RENEWAL),
    };
    format!("{plural}/{name}")
}

/// Makes kubeadm's binding by which nodes renew their certificates. Permissions allow removing subjects from any binding, but
/// creating only kubeadm's.
fn renewal(observed: &Observed) -> impl Iterator<Item = Operation> {
    let renewal = cluster_objects(OLDEST).into_iter().filter(|desired| desired.target.name == NODE_RENEWAL);
    renewal.flat_map(|desired| desired.operations(observed))
}

/// A finding without its fix, which would take away the last way to join.
fn kept(draft: Draft, step: Step) -> Draft {
    let what = match step {
        Step::Discovery => "read cluster-info",
        Step::Request => "ask for a certificate",
        Step::Approval | Step::Renewal => "have a certificate approved",
    };
    if !draft.is_planned() {
        return draft;
    }
    let evidence = format!("{}; no other binding lets nodes {what}, so create kubeadm's first", draft.evidence);
    Draft { evidence, ..draft.cured_as(Cure::None) }
}

/// Removes these subjects from a binding, or deletes it if there are no others.
fn without(binding: &Binding, surplus: &[&Subject]) -> Operation {
    let is_surplus = |subject: &&Subject| surplus.iter().any(|other| other.json == subject.json);
    let others: Vec<&Value> =
        binding.subjects.iter().filter(|subject| !is_surplus(subject)).map(|subject| &subject.json).collect();
    let target = binding.target.clone();
    let (action, reason) = if others.is_empty() && !DEFAULT_BINDINGS.contains(&target.name.as_str()) {
        (Action::Delete, "deletes a binding without other subjects")
    } else {
        (Action::MergePatch(json!({ "subjects": others }).to_string()), "removes the subjects that should not have the role")
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

/// Adds that a Role in kube-system that bootstrap tokens have allows more than kubeadm's role of that name.
fn judge_widened(role: &str, report: &mut Report<'_>) {
    let Some(narrow) = Narrow::of_kubeadm(KUBE_SYSTEM, role) else { return };
    let target = Kind::Role.object(KUBE_SYSTEM, role);
    let evidence = format!("kubeadm's rules are {}", narrow.rules());
    let draft = Draft::new(rule::RBAC_ROLE_WIDENED, target.clone(), &[], evidence);
    let operation = Operation {
        id: super::operation_id(&target),
        target,
        action: Action::MergePatch(json!({ "rules": narrow.rules() }).to_string()),
        when: Precondition::AsObserved,
        after: Vec::new(),
        reason: "restores kubeadm's rules for the role".to_owned(),
    };
    report.add(vec![draft.cured()], vec![operation]);
}
