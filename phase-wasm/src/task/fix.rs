//! The task `fix`: fixes what `audit` finds.

use super::{Task, audit::permissions as audit_permissions};
use crate::abi::{Access, Permission};
use crate::audit::{self, Purpose};
use crate::input::AUDIT_PARAMETERS;
use crate::kind::{KUBE_PUBLIC, KUBE_SYSTEM, Kind};
use crate::permission::{ALL, names, permission, to_cluster_info, tokens};
use crate::rbac::{CLUSTER_INFO_READER, GET_NODES, cluster_binding_names};
use alloc::vec::Vec;

pub(super) const TASK: Task = Task {
    name: "fix",
    summary: "fix what `audit` finds, where that does not break a join",
    parameters: AUDIT_PARAMETERS,
    permissions,
    need: audit::need,
    plan_for: |request| audit::plan_for(request, Purpose::Fix),
};

/// Roles that other phases of kubeadm make for bootstrap tokens.
const OTHER_ROLES: [&str; 2] = ["kubeadm:*", "kube-proxy"];

const TAKES: &str = "removes rights from subjects that should not have them";

/// It reads what `audit` reads, writes what kubeadm made, and may revoke rights no matter who granted them.
fn permissions() -> Vec<Permission> {
    use Access::{Create, Delete, Revoke, Update};
    let mut permissions = audit_permissions();
    let reader = names(&[CLUSTER_INFO_READER]);
    permissions.extend([
        tokens(&[Update, Delete], &[]),
        to_cluster_info(&[Create, Update], "tells joining nodes where the API server is"),
        permission(
            Kind::ClusterRole,
            "",
            names(&[GET_NODES]),
            &[Create, Update],
            "lets joining nodes look up a node with their name",
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
