//! Permissions that more than one task declares, and how to write one.

use crate::abi::{Access, Permission};
use crate::cluster_info::{cluster_info, kubeadm_config};
use crate::kind::{KUBE_PUBLIC, KUBE_SYSTEM, Kind};
use crate::token::SECRET_PREFIX;
use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

/// Matches every name or every namespace. Hosts allow it for reading kinds other than Secrets, and for revoking.
pub(crate) const ALL: &str = "*";

/// The keys of a token Secret that the phase sees in clear text: all but the secret half.
pub(crate) const SHOWN: [&str; 5] = ["token-id", "description", "expiration", "usage-bootstrap-*", "auth-extra-groups"];

/// `namespace` is empty for cluster-scoped kinds.
pub(crate) fn permission(kind: Kind, namespace: &str, names: Vec<String>, access: &[Access], reason: &str) -> Permission {
    Permission {
        access: access.to_vec(),
        of: kind.resource(),
        namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
        names,
        reveal: Vec::new(),
        reason: reason.to_owned(),
    }
}

/// Access to the token Secrets; the values of the keys in `shown` are revealed.
pub(crate) fn tokens(access: &[Access], shown: &[&str]) -> Permission {
    let tokens = vec![format!("{SECRET_PREFIX}*")];
    Permission { reveal: names(shown), ..permission(Kind::Secret, KUBE_SYSTEM, tokens, access, "the tokens themselves") }
}

pub(crate) fn to_cluster_info(access: &[Access], reason: &str) -> Permission {
    permission(Kind::ConfigMap, KUBE_PUBLIC, vec![cluster_info().name], access, reason)
}

/// To read `controlPlaneEndpoint` in kubeadm's own ConfigMap.
pub(crate) fn endpoint() -> Permission {
    permission(Kind::ConfigMap, KUBE_SYSTEM, vec![kubeadm_config().name], &[Access::Read], "contains the control plane endpoint")
}

pub(crate) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
