//! The task `audit`: finds what is wrong and writes nothing.

use super::Task;
use crate::abi::{Access::Read, Permission};
use crate::audit::{self, Purpose};
use crate::input::AUDIT_PARAMETERS;
use crate::kind::Kind;
use crate::permission::{ALL, SHOWN, endpoint, names, permission, to_cluster_info, tokens};
use alloc::{vec, vec::Vec};

pub(super) const TASK: Task = Task {
    name: "audit",
    summary: "find faults in tokens, cluster-info and their roles",
    parameters: AUDIT_PARAMETERS,
    permissions,
    need: audit::need,
    plan_for: |request| audit::plan_for(request, Purpose::Audit),
};

/// Reads only. `fix` declares the same and more: to fix a finding it must find it.
pub(super) fn permissions() -> Vec<Permission> {
    let all = |kind, namespace| permission(kind, namespace, names(&[ALL]), &[Read], "shows who may do what");
    vec![
        tokens(&[Read], &SHOWN),
        to_cluster_info(&[Read], "tells joining nodes where the API server is"),
        endpoint(),
        all(Kind::ClusterRole, ""),
        all(Kind::ClusterRoleBinding, ""),
        all(Kind::Role, ALL),
        all(Kind::RoleBinding, ALL),
    ]
}
