//! What a role allows, in the terms of the rules.

use super::object::{Role, Rule, Text};
use crate::kind::{KUBE_PUBLIC, KUBE_SYSTEM};
use crate::rbac::CLUSTER_INFO_READER;
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use serde_json::{Value, json};

/// The URLs that Kubernetes lets everyone read (`system:public-info-viewer`).
const PUBLIC_URLS: [&str; 5] = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

/// What a role allows. Without any of these it is of no interest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Grant {
    /// Everything, or a way to it: rights to grant oneself rights, or to act as someone else.
    pub(super) everything: bool,
    /// To have certificates of nodes renewed; by name, not by `*`.
    pub(super) self_approval: bool,
    /// To have requests for certificates of nodes approved; by name, not by `*`.
    pub(super) node_approval: bool,
    /// To request certificates; by name, not by `*`.
    pub(super) requests: bool,
    /// To read cluster-info, among other things.
    pub(super) reads_cluster_info: bool,
    /// Only what is public.
    pub(super) public: bool,
    /// Only to read cluster-info.
    pub(super) cluster_info: bool,
    /// More than kubeadm's role of the same name.
    pub(super) widened: bool,
}

impl Grant {
    /// Reads a Role or ClusterRole; the namespace of a ClusterRole is empty.
    pub(super) fn of(role: &Role<'_>, namespace: &str) -> Self {
        let kubeadms = Narrow::of_kubeadm(namespace, &role.metadata.name);
        let allows_csr =
            |resource: &str| rules(role).any(|rule| has(&rule.resources, resource) && has_or_all(&rule.verbs, "create"));
        Self {
            everything: rules(role).any(|rule| is_everything(rule) || leads_to_everything(rule)),
            self_approval: allows_csr("certificatesigningrequests/selfnodeclient"),
            node_approval: allows_csr("certificatesigningrequests/nodeclient"),
            requests: allows_csr("certificatesigningrequests"),
            reads_cluster_info: (namespace.is_empty() || namespace == KUBE_PUBLIC) && Narrow::cluster_info().is_in(role),
            public: rules(role).all(is_public),
            cluster_info: namespace == KUBE_PUBLIC && Narrow::cluster_info().contains(role),
            widened: kubeadms.is_some_and(|narrow| !narrow.contains(role)),
        }
    }
}

/// The right to get one object of the core group, or without a name all of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Narrow {
    resource: &'static str,
    name: Option<String>,
}

impl Narrow {
    pub(super) const NODES: Self = Self { resource: "nodes", name: None };

    pub(super) fn cluster_info() -> Self {
        Self { resource: "configmaps", name: Some("cluster-info".to_owned()) }
    }

    /// What a Role of kubeadm allows bootstrap tokens (kubeadm's `app/phases/uploadconfig`, `…/kubelet`, `…/addons/proxy`,
    /// `…/copycerts`); none for any other Role. In old releases the name of kubelet-config ends in a version.
    pub(super) fn of_kubeadm(namespace: &str, name: &str) -> Option<Self> {
        let (resource, object) = match (namespace, name) {
            (KUBE_PUBLIC, CLUSTER_INFO_READER) => return Some(Self::cluster_info()),
            (KUBE_SYSTEM, "kube-proxy") => ("configmaps", "kube-proxy"),
            (KUBE_SYSTEM, "kubeadm:nodes-kubeadm-config") => ("configmaps", "kubeadm-config"),
            (KUBE_SYSTEM, "kubeadm:kubeadm-certs") => ("secrets", "kubeadm-certs"),
            (KUBE_SYSTEM, _) => ("configmaps", name.strip_prefix("kubeadm:").filter(|name| name.starts_with("kubelet-config"))?),
            _ => return None,
        };
        Some(Self { resource, name: Some(object.to_owned()) })
    }

    /// Whether a role allows nothing else, neither now nor once other roles are aggregated into it.
    pub(super) fn contains(&self, role: &Role<'_>) -> bool {
        let is_named = |rule: &Rule<'_>| match &self.name {
            Some(name) => !is_empty(&rule.resource_names) && only(&rule.resource_names, name),
            None => true,
        };
        let is_within = |rule: &Rule<'_>| {
            let is_object = only(&rule.api_groups, "") && only(&rule.resources, self.resource) && only(&rule.verbs, "get");
            is_empty(&rule.verbs) || (is_object && is_named(rule) && is_empty(&rule.urls))
        };
        role.aggregation_rule.is_none() && rules(role).all(is_within)
    }

    /// Whether a role allows this, among other things.
    pub(super) fn is_in(&self, role: &Role<'_>) -> bool {
        rules(role).any(|rule| {
            let is_named = self.name.as_ref().is_some_and(|name| has(&rule.resource_names, name));
            has_or_all(&rule.api_groups, "")
                && has_or_all(&rule.resources, self.resource)
                && has_or_all(&rule.verbs, "get")
                && (is_named || is_empty(&rule.resource_names))
        })
    }

    /// The rules of a role that allows this and nothing else.
    pub(super) fn rules(&self) -> Value {
        let mut rule = json!({ "apiGroups": [""], "resources": [self.resource], "verbs": ["get"] });
        if let (Some(name), Some(fields)) = (&self.name, rule.as_object_mut()) {
            fields.insert("resourceNames".to_owned(), json!([name]));
        }
        json!([rule])
    }
}

type Texts<'a> = Option<Vec<Text<'a>>>;

fn rules<'r, 'a>(role: &'r Role<'a>) -> impl Iterator<Item = &'r Rule<'a>> {
    role.rules.iter().flatten()
}

fn is_empty(texts: &Texts<'_>) -> bool {
    texts.as_ref().is_none_or(Vec::is_empty)
}

fn has(texts: &Texts<'_>, text: &str) -> bool {
    texts.iter().flatten().any(|other| **other == *text)
}

fn has_or_all(texts: &Texts<'_>, text: &str) -> bool {
    has(texts, text) || has(texts, "*")
}

fn only(texts: &Texts<'_>, text: &str) -> bool {
    texts.iter().flatten().all(|other| **other == *text)
}

fn is_everything(rule: &Rule<'_>) -> bool {
    [&rule.api_groups, &rule.resources, &rule.verbs].iter().all(|texts| has(texts, "*")) && is_empty(&rule.resource_names)
}

/// Group, resource and verb of rights that lead to all other rights
/// (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/>, the risks of privilege escalation).
const ESCALATIONS: [(&str, &str, &str); 8] = [
    ("rbac.authorization.k8s.io", "clusterroles", "bind"),
    ("rbac.authorization.k8s.io", "clusterroles", "escalate"),
    ("rbac.authorization.k8s.io", "roles", "bind"),
    ("rbac.authorization.k8s.io", "roles", "escalate"),
    ("", "users", "impersonate"),
    ("", "groups", "impersonate"),
    ("", "serviceaccounts", "impersonate"),
    ("", "serviceaccounts/token", "create"),
];

fn leads_to_everything(rule: &Rule<'_>) -> bool {
    let leads = |(group, resource, verb): &(&str, &str, &str)| {
        has_or_all(&rule.api_groups, group) && has_or_all(&rule.resources, resource) && has_or_all(&rule.verbs, verb)
    };
    let is_of_any = is_empty(&rule.resource_names) || has(&rule.resource_names, "cluster-admin");
    is_of_any && ESCALATIONS.iter().any(leads)
}

fn is_public(rule: &Rule<'_>) -> bool {
    is_empty(&rule.resources)
        && rule.urls.iter().flatten().all(|url| PUBLIC_URLS.contains(&&**url))
        && rule.verbs.iter().flatten().all(|verb| ["get", "head"].contains(&&**verb))
}
