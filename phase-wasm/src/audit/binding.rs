//! A binding, and what is wrong with each of its subjects.

use super::grant::{Grant, Narrow};
use super::object;
use super::report::{Cure, Draft, Terms, listed};
use super::rule::{self, AuditRule};
use crate::abi::{ObjectRef, Severity};
use crate::input::NODE_TOKEN_GROUP;
use crate::kind::{KUBE_PUBLIC, KUBE_SYSTEM, Kind};
use crate::rbac::{CLUSTER_INFO_READER, GET_NODES};
use alloc::{borrow::ToOwned, collections::BTreeMap, format, string::String, vec::Vec};
use serde_json::{Map, Value, json};

/// Roles of Kubernetes that everyone who logs in has.
const AUTHENTICATED_ROLES: [&str; 3] = ["system:basic-user", "system:discovery", "system:public-info-viewer"];
/// ClusterRoles that a joining node needs.
const JOIN_ROLES: [&str; 3] =
    [GET_NODES, "system:node-bootstrapper", "system:certificates.k8s.io:certificatesigningrequests:nodeclient"];
/// The ClusterRole by which nodes renew their certificates.
const SELF_APPROVAL_ROLE: &str = "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient";

/// A RoleBinding or ClusterRoleBinding.
pub(super) struct Binding {
    pub(super) target: ObjectRef,
    /// Empty for a ClusterRole.
    pub(super) role_namespace: String,
    pub(super) role: String,
    pub(super) subjects: Vec<Subject>,
}

/// A subject of a binding.
pub(super) struct Subject {
    /// `User`, `Group` or `ServiceAccount`.
    pub(super) kind: String,
    pub(super) name: String,
    /// As it is written in the binding, so that a patch can keep it.
    pub(super) json: Value,
}

/// Who a subject stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Everyone, without logging in.
    Anonymous,
    /// Everyone who logs in.
    Authenticated,
    /// Bootstrap tokens.
    Bootstrap,
    Other,
}

impl Who {
    fn is(kind: &str, name: &str) -> Self {
        let is_bootstrap_group = || name == "system:bootstrappers" || name.starts_with("system:bootstrappers:");
        match (kind, name) {
            ("User", "system:anonymous") | ("Group", "system:unauthenticated") => Self::Anonymous,
            ("Group", "system:authenticated") => Self::Authenticated,
            ("Group", _) if is_bootstrap_group() => Self::Bootstrap,
            ("User", name) if name.starts_with("system:bootstrap:") => Self::Bootstrap,
            _ => Self::Other,
        }
    }
}

/// The namespace of the role of a binding; empty for a ClusterRole.
pub(super) fn role_namespace<'a>(binding: &'a object::Binding<'_>) -> &'a str {
    binding.metadata.namespace.as_deref().filter(|_| *binding.role_ref.kind == *"Role").unwrap_or_default()
}

/// Whether something may be wrong with a binding, given what its role allows. Of thousands of bindings only few are kept.
pub(super) fn is_of_interest(binding: &object::Binding<'_>, grant: Grant) -> bool {
    let is_for_nodes = grant.self_approval || grant.node_approval || is_join_role(&binding.role_ref.name);
    let who = |subject: &object::Subject<'_>| Who::is(&subject.kind, &subject.name);
    is_for_nodes || binding.subjects.iter().flatten().any(|subject| who(subject) != Who::Other)
}

/// A step for which a node needs a right, to join or to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// To read cluster-info.
    Discovery,
    /// To ask for a certificate.
    Request,
    /// To have it approved.
    Approval,
    /// To have its renewal approved.
    Renewal,
}

/// The steps for which a binding gives the right. `namespace` is none for a ClusterRoleBinding, which counts everywhere.
pub(super) fn steps(namespace: Option<&str>, role: &str, grant: Grant) -> impl Iterator<Item = Step> {
    let is = |name: &str| role == name;
    let [_, request, approval] = JOIN_ROLES;
    let is_everywhere = namespace.is_none();
    let reads = grant.reads_cluster_info || is(CLUSTER_INFO_READER);
    let given = [
        (Step::Discovery, namespace.is_none_or(|namespace| namespace == KUBE_PUBLIC) && reads),
        (Step::Request, is_everywhere && (grant.requests || is(request))),
        (Step::Approval, is_everywhere && (grant.node_approval || is(approval))),
        (Step::Renewal, is_everywhere && (grant.self_approval || is(SELF_APPROVAL_ROLE))),
    ];
    given.into_iter().filter(|(_, is_given)| *is_given).map(|(step, _)| step)
}

/// Whether nodes need this ClusterRole to join or to renew their certificates.
pub(super) fn is_join_role(name: &str) -> bool {
    JOIN_ROLES.contains(&name) || name == SELF_APPROVAL_ROLE
}

impl Subject {
    fn read(subject: &object::Subject<'_>) -> Self {
        let fields = [
            ("kind", Some(&subject.kind)),
            ("apiGroup", subject.api_group.as_ref()),
            ("name", Some(&subject.name)),
            ("namespace", subject.namespace.as_ref()),
        ];
        let present = fields.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(&**text?))));
        let json = Value::Object(present.collect::<Map<_, _>>());
        Self { kind: (*subject.kind).to_owned(), name: (*subject.name).to_owned(), json }
    }

    fn who(&self) -> Who {
        Who::is(&self.kind, &self.name)
    }

    /// Whether it means tokens of kubeadm: a single token, all tokens, or those of kubeadm's group.
    fn is_of_kubeadm(&self) -> bool {
        self.kind == "User" || self.name == "system:bootstrappers" || self.name == NODE_TOKEN_GROUP
    }

    /// Whether it means bootstrap tokens.
    pub(super) fn is_bootstrap(&self) -> bool {
        self.who() == Who::Bootstrap
    }
}

/// A rule, and the subjects of a binding that break it.
struct Broken<'a> {
    rule: AuditRule,
    severity: Severity,
    cure: Cure,
    subjects: Vec<&'a Subject>,
}

/// What is wrong with a binding.
pub(super) struct Verdict<'a> {
    /// One finding per rule and owner.
    pub(super) drafts: Vec<Draft>,
    /// The subjects that the fix removes.
    pub(super) surplus: Vec<&'a Subject>,
    /// The subjects that it removes only on request, since someone may need them.
    pub(super) needed: Vec<&'a Subject>,
}

impl Binding {
    pub(super) fn read(kind: Kind, binding: &object::Binding<'_>) -> Self {
        let namespace = binding.metadata.namespace.as_deref().filter(|_| kind == Kind::RoleBinding).unwrap_or_default();
        Self {
            target: kind.object(namespace, &binding.metadata.name),
            role_namespace: role_namespace(binding).to_owned(),
            role: (*binding.role_ref.name).to_owned(),
            subjects: binding.subjects.iter().flatten().map(Subject::read).collect(),
        }
    }

    /// None for a ClusterRoleBinding, which counts everywhere.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.target.namespace.as_deref()
    }

    fn is_cluster_role(&self, names: &[&str]) -> bool {
        self.role_namespace.is_empty() && names.contains(&self.role.as_str())
    }

    /// What is wrong with a subject, and how bad that is.
    pub(super) fn verdict(&self, subject: &Subject, grant: Grant) -> Option<(AuditRule, Severity)> {
        let bad = |rule: AuditRule| Some((rule, rule.severity));
        let who = subject.who();
        let is_everywhere = self.namespace().is_none();
        let is_everything = grant.everything || self.is_cluster_role(&["cluster-admin"]);
        if who != Who::Other && is_everything && (is_everywhere || self.namespace() == Some(KUBE_SYSTEM)) {
            // Full rights in kube-system are enough to take the tokens of the controllers there.
            return bad(rule::RBAC_CLUSTER_ADMIN);
        }
        let is_nodes = subject.kind == "Group" && subject.name == "system:nodes";
        if is_everywhere && (grant.self_approval || self.is_cluster_role(&[SELF_APPROVAL_ROLE])) && !is_nodes {
            return bad(rule::RBAC_SELF_APPROVAL);
        }
        if is_everywhere && (grant.node_approval || self.is_cluster_role(&JOIN_ROLES[2..])) && who != Who::Bootstrap {
            let severity = if subject.kind == "Group" { Severity::High } else { Severity::Medium };
            let severity = if who == Who::Other { severity } else { Severity::High };
            return Some((rule::RBAC_NODE_APPROVAL, severity));
        }
        if who == Who::Other || grant.public || self.reads_cluster_info(grant) {
            return None;
        }
        match who {
            // The default up to Kubernetes 1.13, and still there in a cluster of that age.
            Who::Anonymous if self.is_cluster_role(&AUTHENTICATED_ROLES) => Some((rule::RBAC_ANONYMOUS, Severity::Medium)),
            Who::Anonymous => bad(rule::RBAC_ANONYMOUS),
            Who::Authenticated if self.is_cluster_role(&AUTHENTICATED_ROLES) => None,
            Who::Authenticated => bad(rule::RBAC_AUTHENTICATED),
            Who::Bootstrap | Who::Other => self.bootstrap_verdict(subject),
        }
    }

    fn bootstrap_verdict(&self, subject: &Subject) -> Option<(AuditRule, Severity)> {
        let is_kubeadms_role = Narrow::of_kubeadm(&self.role_namespace, &self.role).is_some();
        let is_public_role = self.is_cluster_role(&AUTHENTICATED_ROLES);
        let is_own_group = subject.name == NODE_TOKEN_GROUP;
        match () {
            () if is_kubeadms_role || is_public_role => None,
            () if self.is_cluster_role(&JOIN_ROLES) && is_own_group => None,
            () if self.is_cluster_role(&JOIN_ROLES) => Some((rule::RBAC_BOOTSTRAP, Severity::Info)),
            () => Some((rule::RBAC_BOOTSTRAP, rule::RBAC_BOOTSTRAP.severity)),
        }
    }

    /// Whether it gives the right to read cluster-info and nothing else. kubeadm's own Role is judged separately.
    fn reads_cluster_info(&self, grant: Grant) -> bool {
        self.namespace() == Some(KUBE_PUBLIC)
            && !self.role_namespace.is_empty()
            && (grant.cluster_info || self.role == CLUSTER_INFO_READER)
    }

    pub(super) fn judge(&self, grant: Grant, terms: Terms<'_>) -> Verdict<'_> {
        let mut by_rule: BTreeMap<(&str, Option<&str>), Broken<'_>> = BTreeMap::new();
        for subject in &self.subjects {
            let Some((rule, severity)) = self.verdict(subject, grant) else { continue };
            let owner =
                terms.maker.owner(&self.target.name, &self.role, &subject.name).filter(|_| rule != rule::RBAC_CLUSTER_ADMIN);
            let is_strangers = rule == rule::RBAC_BOOTSTRAP && !subject.is_of_kubeadm();
            let (severity, cure) = match (severity, rule) {
                (Severity::Info, _) => (severity, Cure::None),
                _ if owner.is_some() || is_strangers => (Severity::Info, Cure::Wide),
                // Nodes go on renewing by kubeadm's own binding.
                (_, rule::RBAC_SELF_APPROVAL) => (severity, Cure::Sure),
                _ => (severity, Cure::Usual),
            };
            let broken = by_rule.entry((rule.id, owner));
            let broken = broken.or_insert(Broken { rule, severity, cure, subjects: Vec::new() });
            broken.severity = severity.max(broken.severity);
            broken.subjects.push(subject);
        }
        let mut verdict = Verdict { drafts: Vec::new(), surplus: Vec::new(), needed: Vec::new() };
        for ((_, owner), Broken { rule, severity, cure, subjects }) in by_rule {
            let mut draft = self.draft(rule, &subjects).at(severity).cured_as(cure);
            if let Some(owner) = owner {
                draft.evidence = format!("it belongs to {owner}");
            }
            let draft = terms.settle(draft);
            match draft.cure {
                Cure::Planned => verdict.surplus.extend(subjects),
                Cure::Wide => verdict.needed.extend(subjects),
                _ => {}
            }
            verdict.drafts.push(draft);
        }
        verdict
    }

    fn draft(&self, rule: AuditRule, subjects: &[&Subject]) -> Draft {
        let names = listed(subjects.iter().map(|subject| subject.name.as_str()));
        let kind = if self.role_namespace.is_empty() { Kind::ClusterRole } else { Kind::Role };
        let role = format!("{} `{}`", kind.name(), self.role);
        let others = self.subjects.len() - subjects.len();
        let evidence = match (subjects.len(), others) {
            (1, 0) => "its only subject should not have this role".to_owned(),
            (_, 0) => "none of its subjects should have this role".to_owned(),
            _ => format!("{names} should not have this role; {others} of its subjects may"),
        };
        Draft::new(rule, self.target.clone(), &[("subjects", &names), ("role", &role)], evidence)
    }
}
