//! Who the phase is, and all that it may ever ask for.

use crate::abi::{Access, Description, Permission, Task};
use crate::cluster_info::{cluster_info, kubeadm_config};
use crate::kind::{KUBE_PUBLIC, KUBE_SYSTEM, Kind};
use crate::rbac::{CLUSTER_INFO_READER, GET_NODES, cluster_binding_names};
use crate::token::SECRET_PREFIX;
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

/// The task that does what `kubeadm init phase bootstrap-token` does.
pub const APPLY: &str = "apply";

/// The schema of the parameters of `apply`.
const APPLY_PARAMETERS: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "token": { "description": "the token of the command line: its id and a handle, or a handle if it is malformed" },
    "controlPlaneEndpoint": { "type": "string", "description": "HOST[:PORT] for cluster-info" }
  }
}"#;

/// What the host shows of this phase, and what it holds it to.
#[must_use]
pub fn description() -> Description {
    Description {
        id: "kubeadm.bootstrap-token".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "bootstrap tokens, their RBAC and cluster-info, as `kubeadm init phase bootstrap-token` makes them".to_owned(),
        tasks: vec![Task {
            name: APPLY.to_owned(),
            summary: "create or update the tokens, the RBAC objects and cluster-info".to_owned(),
            parameters: APPLY_PARAMETERS.to_owned(),
            permissions: apply_permissions(),
        }],
    }
}

fn apply_permissions() -> Vec<Permission> {
    use Access::{Create, Delete, Read, Update};
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let permission = |kind: Kind, namespace: &str, names: Vec<String>, access: &[Access], reason: &str| Permission {
        access: access.to_vec(),
        of: kind.resource(),
        namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
        names,
        reveal: Vec::new(),
        reason: reason.to_owned(),
    };
    let tokens = names(&[&format!("{SECRET_PREFIX}*")]);
    let shown = names(&["token-id", "description", "expiration", "usage-bootstrap-*", "auth-extra-groups"]);
    let write = &[Read, Create, Update];
    // roleRef cannot be changed, so a binding to another role is deleted and created.
    let rewrite = &[Read, Create, Update, Delete];
    let reader = names(&[CLUSTER_INFO_READER]);
    vec![
        Permission { reveal: shown, ..permission(Kind::Secret, KUBE_SYSTEM, tokens, write, "the tokens themselves") },
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
        permission(Kind::ConfigMap, KUBE_SYSTEM, vec![kubeadm_config().name], &[Read], "says the control plane endpoint"),
    ]
}
