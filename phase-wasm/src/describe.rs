//! Who the phase is, and all that it may ever ask for.

use crate::abi::{self, Access, Description, Permission};
use crate::cluster_info::{cluster_info, kubeadm_config};
use crate::kind::{KUBE_PUBLIC, KUBE_SYSTEM, Kind};
use crate::rbac::{CLUSTER_INFO_READER, GET_NODES, cluster_binding_names};
use crate::task::Task;
use crate::token::SECRET_PREFIX;
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

/// The schema of the parameters of `apply`.
const APPLY_PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "token": { "description": "the token of the command line: its id and a handle, or a handle if it is malformed" },
    "controlPlaneEndpoint": { "type": "string", "description": "HOST[:PORT] for cluster-info" }
  }
}"#;

/// The schema of the parameters of `create`.
const CREATE_PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "token": { "description": "the token of the command line: its id and a handle, or a handle if it is malformed" },
    "ttl": { "type": "string", "description": "how long it lives, a Go duration; 0 is for ever" },
    "usages": { "type": "array", "items": { "enum": ["signing", "authentication"] } },
    "groups": { "type": "array", "items": { "type": "string" } },
    "description": { "type": "string" },
    "joinCommand": { "type": "boolean", "description": "whether a join command is made" },
    "certificateKey": { "description": "a handle of the key of uploaded certificates; the join command is then for a control plane" },
    "controlPlaneEndpoint": { "type": "string", "description": "HOST[:PORT] for the join command" }
  }
}"#;

/// The schema of the parameters of `delete`.
const DELETE_PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["tokens"],
  "properties": {
    "tokens": { "type": "array", "description": "of each token its id; a handle if it is malformed" },
    "ignoreNotFound": { "type": "boolean", "description": "whether tokens that do not exist are fine" }
  }
}"#;

/// The schema of the parameters of `audit` and `fix`.
const AUDIT_PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "maxLifetime": { "type": "string", "description": "how long a token may live, a Go duration; 168h if nothing is said" },
    "fix": { "type": "array", "items": { "type": "string" }, "description": "all, RULE or RULE=OBJECT: cures that may take away what somebody needs" },
    "controlPlaneEndpoint": { "type": "string", "description": "HOST[:PORT] for cluster-info, where it must be written" }
  }
}"#;

const VERSION: &str = if cfg!(feature = "before-kubelet-client") {
    concat!(env!("CARGO_PKG_VERSION"), "+before.kubelet-client")
} else {
    env!("CARGO_PKG_VERSION")
};

/// What the host shows of this phase, and what it holds it to.
#[must_use]
pub fn description() -> Description {
    Description {
        id: "kubeadm.bootstrap-token".to_owned(),
        version: VERSION.to_owned(),
        summary: "bootstrap tokens, their RBAC and cluster-info, as `kubeadm init phase bootstrap-token` makes them".to_owned(),
        tasks: Task::ALL.into_iter().map(described).collect(),
    }
}

fn described(task: Task) -> abi::Task {
    let (summary, parameters, permissions) = match task {
        Task::Apply => ("create or update the tokens, the RBAC objects and cluster-info", APPLY_PARAMETERS, apply_permissions()),
        Task::Create => ("create tokens that do not exist yet", CREATE_PARAMETERS, create_permissions()),
        Task::Delete => ("delete tokens", DELETE_PARAMETERS, delete_permissions()),
        Task::Audit => {
            ("find what is wrong with tokens, cluster-info and the roles around them", AUDIT_PARAMETERS, audit_permissions())
        }
        Task::Fix => ("cure what `audit` finds, where that breaks no join", AUDIT_PARAMETERS, fix_permissions()),
    };
    abi::Task { name: task.name().to_owned(), summary: summary.to_owned(), parameters: parameters.to_owned(), permissions }
}

fn create_permissions() -> Vec<Permission> {
    use Access::{Create, Read};
    let cluster_info = permission(Kind::ConfigMap, KUBE_PUBLIC, vec![cluster_info().name], &[Read], "says where nodes are sent");
    vec![tokens(&[Read, Create], &SHOWN), cluster_info, endpoint()]
}

fn delete_permissions() -> Vec<Permission> {
    vec![tokens(&[Access::Read, Access::Delete], &[])]
}

/// What a pattern or a namespace is that means all of them: to read what is no Secret, and to revoke bindings.
const ALL: &str = "*";

fn audit_permissions() -> Vec<Permission> {
    use Access::Read;
    let all = |kind, namespace| permission(kind, namespace, names(&[ALL]), &[Read], "says who may do what");
    vec![
        tokens(&[Read], &SHOWN),
        permission(
            Kind::ConfigMap,
            KUBE_PUBLIC,
            vec![cluster_info().name],
            &[Read],
            "tells joining nodes where the API server is",
        ),
        endpoint(),
        all(Kind::ClusterRole, ""),
        all(Kind::ClusterRoleBinding, ""),
        all(Kind::Role, ALL),
        all(Kind::RoleBinding, ALL),
    ]
}

/// Roles and bindings that other phases of kubeadm make for bootstrap tokens.
const OTHER_ROLES: [&str; 2] = ["kubeadm:*", "kube-proxy"];

const TAKES: &str = "takes rights from those who should not have them";

/// What `fix` may do: read as `audit` does, write what kubeadm made, and take rights away whoever gave them.
fn fix_permissions() -> Vec<Permission> {
    use Access::{Create, Delete, Revoke, Update};
    let mut permissions = audit_permissions();
    let reader = names(&[CLUSTER_INFO_READER]);
    permissions.extend([
        tokens(&[Update, Delete], &[]),
        permission(
            Kind::ConfigMap,
            KUBE_PUBLIC,
            vec![cluster_info().name],
            &[Create, Update],
            "tells joining nodes where the API server is",
        ),
        permission(
            Kind::ClusterRole,
            "",
            names(&[GET_NODES]),
            &[Create, Update],
            "lets joining nodes look for a node of their name",
        ),
        permission(Kind::ClusterRoleBinding, "", cluster_binding_names(), &[Create, Update, Delete], "lets tokens join"),
        permission(Kind::ClusterRoleBinding, "", names(&[ALL]), &[Revoke], TAKES),
        permission(Kind::Role, KUBE_PUBLIC, reader.clone(), &[Create, Update], "lets joining nodes read cluster-info"),
        permission(Kind::RoleBinding, KUBE_PUBLIC, reader, &[Create, Update, Delete], "lets joining nodes read cluster-info"),
        permission(Kind::RoleBinding, ALL, names(&[ALL]), &[Revoke], TAKES),
        permission(Kind::Role, KUBE_SYSTEM, names(&OTHER_ROLES), &[Update], TAKES),
    ]);
    permissions
}

/// Access to the tokens, of which these keys are seen in clear.
fn tokens(access: &[Access], shown: &[&str]) -> Permission {
    let tokens = vec![format!("{SECRET_PREFIX}*")];
    Permission { reveal: names(shown), ..permission(Kind::Secret, KUBE_SYSTEM, tokens, access, "the tokens themselves") }
}

/// All of a token but its secret half.
const SHOWN: [&str; 5] = ["token-id", "description", "expiration", "usage-bootstrap-*", "auth-extra-groups"];

fn endpoint() -> Permission {
    permission(Kind::ConfigMap, KUBE_SYSTEM, vec![kubeadm_config().name], &[Access::Read], "says the control plane endpoint")
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn permission(kind: Kind, namespace: &str, names: Vec<String>, access: &[Access], reason: &str) -> Permission {
    Permission {
        access: access.to_vec(),
        of: kind.resource(),
        namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
        names,
        reveal: Vec::new(),
        reason: reason.to_owned(),
    }
}

fn apply_permissions() -> Vec<Permission> {
    use Access::{Create, Delete, Read, Update};
    let write = &[Read, Create, Update];
    // roleRef cannot be changed, so a binding to another role is deleted and created.
    let rewrite = &[Read, Create, Update, Delete];
    let reader = names(&[CLUSTER_INFO_READER]);
    vec![
        tokens(write, &SHOWN),
        permission(Kind::ClusterRole, "", names(&[GET_NODES]), write, "lets joining nodes look for a node of their name"),
        permission(
            Kind::ClusterRoleBinding,
            "",
            cluster_binding_names(),
            rewrite,
            "lets tokens request node certificates and have them approved",
        ),
        permission(Kind::ConfigMap, KUBE_PUBLIC, vec![cluster_info().name], write, "tells joining nodes where the API server is"),
        permission(Kind::Role, KUBE_PUBLIC, reader.clone(), write, "lets joining nodes read cluster-info"),
        permission(Kind::RoleBinding, KUBE_PUBLIC, reader, rewrite, "lets joining nodes read cluster-info"),
        endpoint(),
    ]
}
