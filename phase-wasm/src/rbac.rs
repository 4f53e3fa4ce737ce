//! The RBAC objects of the phase (kubeadm's `app/phases/bootstraptoken/node/tlsbootstrap.go` and `…/clusterinfo`).

use crate::abi::ObjectRef;
use crate::desired::{Desired, Existing};
use crate::input::NODE_TOKEN_GROUP;
use crate::kind::{KUBE_PUBLIC, Kind, RBAC_GROUP};
use crate::version::{OLDEST, Release, Since, newest};
use alloc::{borrow::ToOwned, string::String, vec, vec::Vec};
use serde_json::{Map, Value, json};

/// The name of the role that lets nodes be read, and of its binding.
pub const GET_NODES: &str = "kubeadm:get-nodes";
/// The name of the role that lets `cluster-info` be read by everyone, and of its binding.
pub const CLUSTER_INFO_READER: &str = "kubeadm:bootstrap-signer-clusterinfo";
/// The name of the binding that lets nodes ask for certificates.
pub const KUBELET_BOOTSTRAP: &str = "kubeadm:kubelet-bootstrap";
/// The name of the binding by which certificates of new nodes are approved.
pub const NODE_APPROVAL: &str = "kubeadm:node-autoapprove-bootstrap";
/// The name of the binding by which nodes renew their certificates.
pub const NODE_RENEWAL: &str = "kubeadm:node-autoapprove-certificate-rotation";
/// The name of the binding that gives the API server's kubelet client its rights.
pub const KUBELET_CLIENT: &str = "kubeadm:apiserver-kubelet-client";
/// The first releases in which kubeadm makes it (kubernetes 138957 and its cherry-picks). They also take the client's certificate
/// out of the group of administrators, so that it needs the binding.
pub const KUBELET_CLIENT_SINCE: Since = if cfg!(feature = "before-kubelet-client") {
    Since(&[])
} else {
    Since(&[Release::v1(33, 12), Release::v1(34, 8), Release::v1(35, 5), Release::v1(36, 1)])
};
/// In all releases that this phase supports.
const ALWAYS: Since = Since(&[OLDEST]);

struct Binding {
    name: &'static str,
    role: &'static str,
    subject: Subject,
    since: Since,
    /// The end of the line that kubeadm prints when it has configured the binding.
    note: &'static str,
}

enum Subject {
    Group(&'static str),
    User(&'static str),
}

/// kubeadm's ClusterRoleBindings, in its order.
static CLUSTER_BINDINGS: [Binding; 5] = [
    Binding {
        name: GET_NODES,
        role: GET_NODES,
        subject: Subject::Group(NODE_TOKEN_GROUP),
        since: ALWAYS,
        note: "to allow Node Bootstrap tokens to get nodes",
    },
    Binding {
        name: KUBELET_BOOTSTRAP,
        role: "system:node-bootstrapper",
        subject: Subject::Group(NODE_TOKEN_GROUP),
        since: ALWAYS,
        note: "to allow Node Bootstrap tokens to post CSRs in order for nodes to get long term certificate credentials",
    },
    Binding {
        name: NODE_APPROVAL,
        role: "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
        subject: Subject::Group(NODE_TOKEN_GROUP),
        since: ALWAYS,
        note: "to allow the csrapprover controller automatically approve CSRs from a Node Bootstrap Token",
    },
    Binding {
        name: NODE_RENEWAL,
        role: "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
        subject: Subject::Group("system:nodes"),
        since: ALWAYS,
        note: "to allow certificate rotation for all node client certificates in the cluster",
    },
    Binding {
        name: KUBELET_CLIENT,
        role: "system:kubelet-api-admin",
        subject: Subject::User("kube-apiserver-kubelet-client"),
        since: KUBELET_CLIENT_SINCE,
        note: "to allow the API server kubelet client certificate to access the kubelet API",
    },
];

/// The bindings that kubeadm makes in a release.
fn bindings(target: Release) -> impl Iterator<Item = &'static Binding> {
    CLUSTER_BINDINGS.iter().filter(move |binding| binding.since.includes(target))
}

/// The names of the ClusterRoleBindings of all releases, for permissions: the newest release has them all.
#[must_use]
pub fn cluster_binding_names() -> Vec<String> {
    bindings(newest()).map(|binding| binding.name.to_owned()).collect()
}

/// The ClusterRole and ClusterRoleBindings of a release.
#[must_use]
pub fn cluster_objects(target: Release) -> Vec<Desired> {
    let rules = json!([{ "apiGroups": [""], "resources": ["nodes"], "verbs": ["get"] }]);
    let role = role(Kind::ClusterRole, "", GET_NODES, rules, "grants `get` on nodes");
    let get_nodes = role.target.clone();
    let mut objects = vec![role];
    for binding in bindings(target) {
        let after = if binding.role == GET_NODES { vec![get_nodes.clone()] } else { Vec::new() };
        let kind = Kind::ClusterRoleBinding;
        objects.push(role_binding(kind, "", binding.name, (Kind::ClusterRole, binding.role), &binding.subject, after));
    }
    objects
}

/// The Role and RoleBinding that let everyone read `cluster-info`.
#[must_use]
pub fn cluster_info_objects() -> [Desired; 2] {
    let rules = json!([{ "apiGroups": [""], "resourceNames": ["cluster-info"], "resources": ["configmaps"], "verbs": ["get"] }]);
    let role = role(Kind::Role, KUBE_PUBLIC, CLUSTER_INFO_READER, rules, "grants `get` on `cluster-info`");
    let anonymous = Subject::User("system:anonymous");
    let reads = (Kind::Role, CLUSTER_INFO_READER);
    let after = vec![role.target.clone()];
    let binding = role_binding(Kind::RoleBinding, KUBE_PUBLIC, CLUSTER_INFO_READER, reads, &anonymous, after);
    [role, binding]
}

/// The lines that kubeadm prints about [`cluster_objects`].
#[must_use]
pub fn notes(target: Release) -> Vec<String> {
    bindings(target).map(|binding| alloc::format!("[bootstrap-token] Configured RBAC rules {}", binding.note)).collect()
}

fn role(kind: Kind, namespace: &str, name: &str, rules: Value, reason: &str) -> Desired {
    let mut fields = Map::new();
    fields.insert("rules".to_owned(), rules);
    let existing = Existing::Align(&["rules", "aggregationRule"]);
    let (target, reason) = (kind.object(namespace, name), reason.to_owned());
    Desired { kind, target, fields, labels: Vec::new(), existing, after: Vec::new(), reason }
}

fn role_binding(
    kind: Kind,
    namespace: &str,
    name: &str,
    (role_kind, role): (Kind, &str),
    subject: &Subject,
    after: Vec<ObjectRef>,
) -> Desired {
    let (subject_kind, subject) = match subject {
        Subject::Group(name) => ("Group", *name),
        Subject::User(name) => ("User", *name),
    };
    let mut fields = Map::new();
    fields.insert("roleRef".to_owned(), json!({ "apiGroup": RBAC_GROUP, "kind": role_kind.name(), "name": role }));
    fields.insert("subjects".to_owned(), json!([{ "apiGroup": RBAC_GROUP, "kind": subject_kind, "name": subject }]));
    let existing = Existing::AlignOrRecreate("roleRef", &["subjects"]);
    let reason = alloc::format!("binds `{subject}` to `{role}`");
    Desired { kind, target: kind.object(namespace, name), fields, labels: Vec::new(), existing, after, reason }
}
