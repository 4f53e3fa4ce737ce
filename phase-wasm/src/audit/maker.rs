//! Who made a cluster or a binding, by the marks that kubeadm and the distributions leave. What is right on one distribution's
//! cluster is a fault on another's, and a fix that takes the wrong thing away leaves a cluster without nodes.
//!
//! The marks are those of `tests/distributions`, each with its source.

use super::object::Metadata;
use super::rule;
use super::token::Token;
use crate::abi::{ObjectRef, Request, Severity};
use crate::cluster_info::kubeadm_config;
use crate::input::NODE_TOKEN_GROUP;
use crate::kind::{KUBE_SYSTEM, Kind};
use crate::observed::Observed;
use crate::rbac::{KUBELET_BOOTSTRAP, NODE_RENEWAL};
use alloc::{borrow::ToOwned, format, string::String};

/// A distribution and its marks. An empty mark is not looked for.
struct Distribution {
    name: &'static str,
    /// A part of the version of its API server.
    version: &'static str,
    /// How the names of its roles and bindings start; with `$` at the end, the whole name.
    objects: &'static [&'static str],
    /// How labels on its roles and bindings start.
    labels: &'static [&'static str],
    /// How the groups of its bootstrap tokens start.
    group: &'static str,
    /// Further bindings of its own. They are not marks, since others use the same names.
    own: &'static [&'static str],
}

const NONE: Distribution = Distribution { name: "", version: "", objects: &[], labels: &[], group: "", own: &[] };

static DISTRIBUTIONS: [Distribution; 16] = [
    Distribution {
        name: "k3s",
        version: "+k3s",
        objects: &["system:k3s-controller$", "k3s-cloud-controller-manager"],
        group: "system:bootstrappers:k3s:",
        ..NONE
    },
    Distribution {
        name: "RKE2",
        version: "+rke2",
        objects: &["system:rke2-controller$"],
        labels: &["rke2.io/"],
        group: "system:bootstrappers:rke2:",
        ..NONE
    },
    Distribution {
        name: "k0s",
        version: "+k0s",
        objects: &["system:bootstrappers:worker-config"],
        labels: &["k0s.k0sproject.io/"],
        ..NONE
    },
    Distribution { name: "Talos", objects: &["system:talos-nodes$", "system-bootstrap-approve-node-client-csr$"], ..NONE },
    Distribution { name: "EKS", version: "-eks-", objects: &["eks:"], labels: &["eks.amazonaws.com/"], ..NONE },
    Distribution { name: "AKS", objects: &["system:aks-", "aks-service-rolebinding$", "aks-cluster-admin-binding$"], ..NONE },
    Distribution {
        name: "GKE",
        version: "-gke.",
        objects: &["gce:cloud-provider$", "system:gke-", "gke:"],
        own: &["kubelet-bootstrap", "gce:beta:kubelet-certificate-bootstrap", "gce:beta:kubelet-certificate-rotation"],
        ..NONE
    },
    Distribution {
        name: "OpenShift or MicroShift",
        objects: &["system:openshift:"],
        own: &[
            "authentication-reader-for-authenticated-users",
            "basic-users",
            "cluster-status-binding",
            "self-access-reviewers",
            "system:oauth-token-deleters",
            "system:scope-impersonation",
            "system:webhooks",
        ],
        ..NONE
    },
    Distribution { name: "Gardener", labels: &["resources.gardener.cloud/"], ..NONE },
    Distribution { name: "kOps", objects: &["kops:"], labels: &["addon.kops.k8s.io/"], ..NONE },
    Distribution { name: "Typhoon", objects: &["bootstrap-approve-new$", "bootstrap-approve-renew$"], ..NONE },
    Distribution {
        name: "Kubermatic",
        objects: &["system:kubermatic-machine-controller:"],
        group: "system:bootstrappers:machine-controller:",
        own: &[
            "gce:beta:kubelet-certificate-bootstrap",
            "gce:beta:kubelet-certificate-rotation",
            "machine-controller:kubelet-config",
        ],
        ..NONE
    },
    Distribution { name: "RKE", objects: &["proxy-role-binding-kubernetes-master$"], ..NONE },
    Distribution { name: "MicroK8s", objects: &["microk8s-hostpath$"], labels: &["microk8s.io/"], ..NONE },
    Distribution { name: "Kubernikus", objects: &["kubernikus:"], ..NONE },
    Distribution { name: "Charmed Kubernetes", labels: &["cdk-addons"], ..NONE },
];

/// The marks of an add-on that any cluster may have: how names of roles, bindings and groups start.
const HUB: [&str; 3] = ["open-cluster-management:", "system:open-cluster-management:", "system:bootstrappers:managedcluster"];

/// ClusterRoles that the documentation of Kubernetes says to bind to everyone, since they give only what is public.
const PUBLIC_ROLES: [&str; 1] = ["system:service-account-issuer-discovery"];

/// Who made a cluster.
pub(super) enum Maker {
    /// kubeadm, or a product that uses it.
    Kubeadm,
    /// A distribution, with the mark and the object that has it.
    Other { name: &'static str, mark: String, object: ObjectRef },
    /// There are no marks.
    Unknown,
}

/// The marks seen so far.
#[derive(Default)]
pub(super) struct Traces {
    other: Option<(&'static str, String, ObjectRef)>,
    /// Whether a name of kubeadm was seen, and how sure a sign it is.
    kubeadms: Option<Sign>,
}

/// Others use some of kubeadm's names as well. Only one binding is a strong sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Weak,
    Strong,
}

impl Traces {
    /// Looks for marks in the name and the labels of a role or binding.
    pub(super) fn see(&mut self, kind: Kind, metadata: &Metadata<'_>) {
        let name = &*metadata.name;
        let sign = (name == KUBELET_BOOTSTRAP).then_some(Sign::Strong);
        self.kubeadms = self.kubeadms.max(sign.or_else(|| is_kubeadms(name).then_some(Sign::Weak)));
        if self.other.is_some() {
            return;
        }
        let found = DISTRIBUTIONS.iter().find_map(|distribution| {
            let is_named = distribution.objects.iter().any(|pattern| matches(name, pattern));
            let label = distribution.labels.iter().find(|prefix| metadata.has_label(prefix));
            match (is_named, label) {
                (true, _) => Some((distribution.name, format!("it has the {} `{name}`", kind.name()))),
                (false, Some(label)) => Some((distribution.name, format!("{} `{name}` has labels like `{label}`", kind.name()))),
                (false, None) => None,
            }
        });
        let object = || kind.object(metadata.namespace.as_deref().unwrap_or_default(), name);
        self.other = found.map(|(name, mark)| (name, mark, object()));
    }

    /// Who made the cluster. The surest sign is kubeadm's configuration with kubeadm's bindings: hubs and control planes of
    /// others run in clusters of kubeadm, and other distributions use kubeadm.
    pub(super) fn maker(self, request: &Request, observed: &Observed, tokens: &[Token]) -> Maker {
        let has_configuration = observed.get(&kubeadm_config()).is_some();
        if has_configuration && self.kubeadms == Some(Sign::Strong) {
            return Maker::Kubeadm;
        }
        let group = |wanted: &str| tokens.iter().find(|token| token.groups().any(|group| group.starts_with(wanted)));
        let by_version = || {
            let version = &request.server.version;
            let is_of = |one: &&Distribution| !one.version.is_empty() && version.contains(one.version);
            let found = DISTRIBUTIONS.iter().find(is_of);
            found.map(|one| (one.name, format!("its version is `{version}`"), kubeadm_config()))
        };
        let by_group = || {
            let mut found = DISTRIBUTIONS.iter().filter(|one| !one.group.is_empty());
            found.find_map(|one| {
                let token = group(one.group)?;
                Some((
                    one.name,
                    format!("its tokens have groups like `{}`", one.group),
                    Kind::Secret.object(KUBE_SYSTEM, &token.name),
                ))
            })
        };
        if let Some((name, mark, object)) = by_version().or(self.other).or_else(by_group) {
            return Maker::Other { name, mark, object };
        }
        let is_kubeadms = has_configuration || self.kubeadms.is_some() || group(NODE_TOKEN_GROUP).is_some();
        if is_kubeadms { Maker::Kubeadm } else { Maker::Unknown }
    }
}

/// Whether a name is one of kubeadm's, other than that of the one binding that a fix makes on clusters of others.
fn is_kubeadms(name: &str) -> bool {
    name.starts_with("kubeadm:") && name != NODE_RENEWAL
}

/// Whether a name starts with a pattern; if that ends in `$`, whether it is the whole name.
fn matches(name: &str, pattern: &str) -> bool {
    // Hardly any of thousands of names matches, and the first character rules most of them out.
    if name.as_bytes().first() != pattern.as_bytes().first() {
        return false;
    }
    match pattern.strip_suffix('$') {
        Some(whole) => name == whole,
        None => name.starts_with(pattern),
    }
}

/// Rules about what only kubeadm's nodes need.
const OF_KUBEADM_ALONE: [&str; 9] = [
    rule::CLUSTER_INFO_MISSING.id,
    rule::CLUSTER_INFO_MALFORMED.id,
    rule::CLUSTER_INFO_UNSIGNED.id,
    rule::RBAC_MISSING.id,
    rule::RBAC_DRIFTED.id,
    rule::RBAC_KUBELET_CLIENT.id,
    rule::TOKEN_GROUPS.id,
    rule::TOKEN_USAGE_UNKNOWN.id,
    rule::TOKEN_SIGNING_ALONE.id,
];

/// Rules about how long tokens live. Distributions have their own ways to end them.
const OF_LIFETIME: [&str; 3] = [rule::TOKEN_NO_EXPIRY.id, rule::TOKEN_LIFETIME.id, rule::TOKEN_EXPIRED.id];

impl Maker {
    /// Who needs a binding, judged by its name, its role or a subject of it; none if no known product does.
    pub(super) fn owner(&self, name: &str, role: &str, subject: &str) -> Option<&'static str> {
        if PUBLIC_ROLES.contains(&role) {
            return Some("setups that follow the Kubernetes documentation");
        }
        let is_of =
            |patterns: &[&str]| patterns.iter().any(|pattern| [name, role, subject].iter().any(|text| matches(text, pattern)));
        if is_of(&HUB) {
            return Some("Open Cluster Management");
        }
        let is_own = |one: &Distribution| {
            let is_group = !one.group.is_empty() && subject.starts_with(one.group);
            let is_here = matches!(self, Self::Other { name, .. } if *name == one.name);
            is_of(one.objects) || is_group || (is_here && one.own.contains(&name))
        };
        DISTRIBUTIONS.iter().find(|one| is_own(one)).map(|one| one.name)
    }

    /// The name of another maker than kubeadm, the object that shows it, and what it shows; `None` if kubeadm is the maker or none is known.
    pub(super) fn other(&self) -> Option<(&'static str, &ObjectRef, &str)> {
        let Self::Other { name, mark, object } = self else { return None };
        Some((name, object, mark))
    }

    /// The severity on a cluster of this maker.
    pub(super) fn severity(&self, rule: &str, severity: Severity) -> Severity {
        let is_other = match self {
            Self::Kubeadm => false,
            Self::Other { .. } => OF_KUBEADM_ALONE.contains(&rule) || OF_LIFETIME.contains(&rule),
            Self::Unknown => OF_KUBEADM_ALONE.contains(&rule),
        };
        if is_other { Severity::Info } else { severity }
    }

    /// Why a finding is less severe here, or fixed only on request.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Self::Kubeadm => None,
            Self::Other { name, .. } => Some(format!("{name} made this cluster")),
            Self::Unknown => Some("nothing shows that kubeadm made this cluster".to_owned()),
        }
    }
}
