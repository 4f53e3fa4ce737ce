//! The kinds of object that the phase reads and writes.

use crate::abi::{ApiResource, ObjectRef};
use alloc::{borrow::ToOwned, string::String};

/// The namespace of token Secrets and of kubeadm's own ConfigMap.
pub const KUBE_SYSTEM: &str = "kube-system";
/// The namespace of `cluster-info`, readable by everyone.
pub const KUBE_PUBLIC: &str = "kube-public";
/// The API group of all RBAC kinds.
pub const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `v1` Secret.
    Secret,
    /// `v1` ConfigMap.
    ConfigMap,
    /// `rbac.authorization.k8s.io/v1` ClusterRole.
    ClusterRole,
    /// `rbac.authorization.k8s.io/v1` ClusterRoleBinding.
    ClusterRoleBinding,
    /// `rbac.authorization.k8s.io/v1` Role.
    Role,
    /// `rbac.authorization.k8s.io/v1` RoleBinding.
    RoleBinding,
}

impl Kind {
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Secret => ("Secret", "secrets", ""),
            Self::ConfigMap => ("ConfigMap", "configmaps", ""),
            Self::ClusterRole => ("ClusterRole", "clusterroles", RBAC_GROUP),
            Self::ClusterRoleBinding => ("ClusterRoleBinding", "clusterrolebindings", RBAC_GROUP),
            Self::Role => ("Role", "roles", RBAC_GROUP),
            Self::RoleBinding => ("RoleBinding", "rolebindings", RBAC_GROUP),
        }
    }

    /// The kind's name, as in `kind:`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    /// The group and version, as in `apiVersion:`.
    #[must_use]
    pub fn api_version(self) -> String {
        match self.names().2 {
            "" => "v1".to_owned(),
            group => alloc::format!("{group}/v1"),
        }
    }

    /// The kind as the contract names it.
    #[must_use]
    pub fn resource(self) -> ApiResource {
        let (kind, plural, group) = self.names();
        ApiResource { group: group.to_owned(), version: "v1".to_owned(), plural: plural.to_owned(), kind: kind.to_owned() }
    }

    /// A reference to an object of this kind. `namespace` is empty for cluster-scoped kinds.
    #[must_use]
    pub fn object(self, namespace: &str, name: &str) -> ObjectRef {
        ObjectRef { of: self.resource(), namespace: (!namespace.is_empty()).then(|| namespace.to_owned()), name: name.to_owned() }
    }
}
