//! Who made a cluster, and who made a binding: told by what kubeadm and the distributions leave. What is right on a cluster of one is a fault
//! on another's, and a cure that takes the wrong thing away leaves a cluster without nodes.
//!
//! The marks are those of `tests/distributions`, where each stands with its source.

use super::object::Metadata;
use super::token::Token;
use crate::abi::{ObjectRef, Request, Severity};
use crate::cluster_info::kubeadm_config;
use crate::input::NODE_TOKEN_GROUP;
use crate::kind::Kind;
use crate::observed::Observed;
use alloc::{borrow::ToOwned, format, string::String};

/// A distribution, and what tells its clusters from others.
struct Distribution {
    name: &'static str,
    /// What the version of its API server contains.
    version: &'static str,
    /// How the names of its roles and bindings start; a name that ends here, if `$` does.
    objects: &'static [&'static str],
    /// How labels on its roles and bindings start.
    labels: &'static [&'static str],
    /// The group of its bootstrap tokens.
    group: &'static str,
}

const NONE: Distribution = Distribution { name: "", version: "", objects: &[], labels: &[], group: "" };

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
    },
    Distribution {
        name: "k0s",
        version: "+k0s",
        objects: &["system:bootstrappers:worker-config-"],
        labels: &["k0s.k0sproject.io/"],
        ..NONE
    },
    Distribution {
        name: "Talos",
        objects: &["system:talos-nodes$", "system-bootstrap-approve-node-client-csr$", "system-bootstrap-node-renewal$"],
        group: "system:bootstrappers:nodes",
        ..NONE
    },
    Distribution { name: "EKS", version: "-eks-", objects: &["eks:"], labels: &["eks.amazonaws.com/"], ..NONE },
    Distribution { name: "AKS", objects: &["system:aks-", "aks-service-rolebinding$", "aks-cluster-admin-binding$"], ..NONE },
    Distribution { name: "GKE", version: "-gke.", objects: &["gce:cloud-provider$", "system:gke-", "gke:"], ..NONE },
    Distribution { name: "OpenShift or MicroShift", objects: &["system:openshift:"], ..NONE },
    Distribution { name: "Gardener", labels: &["resources.gardener.cloud/"], ..NONE },
    Distribution { name: "kOps", objects: &["kops:"], labels: &["addon.kops.k8s.io/"], ..NONE },
    Distribution { name: "Typhoon", objects: &["bootstrap-approve-new$", "bootstrap-approve-renew$"], ..NONE },
    Distribution {
        name: "Kubermatic",
        objects: &["system:kubermatic-machine-controller:"],
        group: "system:bootstrappers:machine-controller:",
        ..NONE
    },
    Distribution { name: "RKE", objects: &["proxy-role-binding-kubernetes-master$"], ..NONE },
    Distribution { name: "MicroK8s", objects: &["microk8s-hostpath$"], labels: &["microk8s.io/"], ..NONE },
    Distribution { name: "Kubernikus", objects: &["kubernikus:"], ..NONE },
    Distribution { name: "Charmed Kubernetes", labels: &["cdk-addons"], ..NONE },
];

/// Add-ons that any cluster may have, and what they leave: how names of roles and bindings start, and of groups.
static ADD_ONS: [(&str, &[&str]); 2] = [
    ("Open Cluster Management", &["open-cluster-management:", "system:open-cluster-management:", "system:bootstrappers:managedcluster"]),
    ("Kubermatic", &["system:bootstrappers:machine-controller:"]),
];

/// ClusterRoles of Kubernetes that the documentation says to bind to everybody: what they give is public.
const PUBLIC_ROLES: [&str; 1] = ["system:service-account-issuer-discovery"];

/// Who made a cluster.
pub(super) enum Maker {
    /// kubeadm, or somebody who uses it.
    Kubeadm,
    /// A distribution, by this mark on this object.
    Other { name: &'static str, mark: String, object: ObjectRef },
    /// Nothing says.
    Unknown,
}

/// What was seen so far of who made a cluster.
#[derive(Default)]
pub(super) struct Traces {
    other: Option<(&'static str, String, ObjectRef)>,
    has_kubeadms: bool,
}

impl Traces {
    /// What the name and the labels of a role or binding tell.
    pub(super) fn see(&mut self, kind: Kind, metadata: &Metadata<'_>) {
        let name = &*metadata.name;
        self.has_kubeadms |= name.starts_with("kubeadm:");
        if self.other.is_some() {
            return;
        }
        let found = DISTRIBUTIONS.iter().find_map(|distribution| {
            let is_named = distribution.objects.iter().any(|pattern| matches(name, pattern));
            let label = distribution.labels.iter().find(|prefix| metadata.has_label(prefix));
            match (is_named, label) {
                (true, _) => Some((distribution.name, format!("its {} `{name}`", kind.name()))),
                (false, Some(label)) => Some((distribution.name, format!("labels like `{label}`"))),
                (false, None) => None,
            }
        });
        let object = || kind.object(metadata.namespace.as_deref().unwrap_or_default(), name);
        self.other = found.map(|(name, mark)| (name, mark, object()));
    }

    /// Who made the cluster. The configuration that kubeadm leaves is the surest sign: hubs and control planes of others run in clusters of
    /// kubeadm, too.
    pub(super) fn maker(self, request: &Request, observed: &Observed, tokens: &[Token]) -> Maker {
        if observed.get(&kubeadm_config()).is_some() {
            return Maker::Kubeadm;
        }
        let version = &request.server.version;
        let by_version = DISTRIBUTIONS.iter().find(|distribution| {
            !distribution.version.is_empty() && version.contains(distribution.version)
        });
        if let Some(distribution) = by_version {
            let mark = format!("its version `{version}`");
            return Maker::Other { name: distribution.name, mark, object: kubeadm_config() };
        }
        if let Some((name, mark, object)) = self.other {
            return Maker::Other { name, mark, object };
        }
        let group = |wanted: &str| tokens.iter().find(|token| token.groups().any(|group| group.starts_with(wanted)));
        let by_group = DISTRIBUTIONS.iter().filter(|distribution| !distribution.group.is_empty());
        if let Some((distribution, token)) = by_group.filter_map(|one| Some((one, group(one.group)?))).next() {
            let mark = format!("a token of the group `{}`", distribution.group.trim_end_matches(':'));
            return Maker::Other { name: distribution.name, mark, object: token.target() };
        }
        let is_kubeadms = self.has_kubeadms || group(NODE_TOKEN_GROUP).is_some();
        if is_kubeadms { Maker::Kubeadm } else { Maker::Unknown }
    }
}

/// Whether a name starts with a pattern, or is it, if it ends in `$`.
fn matches(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('$') {
        Some(whole) => name == whole,
        None => name.starts_with(pattern),
    }
}

/// Whose a binding is, if it is somebody's who needs it: by its name, its role, or a subject of it.
pub(super) fn of_binding(name: &str, role: &str, subject: &str) -> Option<&'static str> {
    if PUBLIC_ROLES.contains(&role) {
        return Some("the documentation of Kubernetes");
    }
    let is_of = |patterns: &[&str]| patterns.iter().any(|pattern| [name, role, subject].iter().any(|text| matches(text, pattern)));
    let add_on = ADD_ONS.iter().find(|(_, patterns)| is_of(patterns)).map(|(name, _)| *name);
    add_on.or_else(|| {
        let is_group = |group: &str| !group.is_empty() && subject.starts_with(group);
        let found = DISTRIBUTIONS.iter().find(|one| is_of(one.objects) || is_group(one.group));
        found.map(|distribution| distribution.name)
    })
}

/// Rules about what kubeadm's nodes alone need.
const OF_KUBEADM_ALONE: [&str; 9] = [
    "cluster-info-missing",
    "cluster-info-malformed",
    "cluster-info-unsigned",
    "rbac-missing",
    "rbac-drifted",
    "rbac-kubelet-client",
    "token-groups",
    "token-usage-unknown",
    "token-signing-alone",
];

/// Rules about how long tokens live: distributions have their own ways to end them.
const OF_LIFETIME: [&str; 3] = ["token-no-expiry", "token-lifetime", "token-expired"];

impl Maker {
    /// How bad something is on a cluster of this maker.
    pub(super) fn severity(&self, rule: &str, severity: Severity) -> Severity {
        let is_other = match self {
            Self::Kubeadm => false,
            Self::Other { .. } => OF_KUBEADM_ALONE.contains(&rule) || OF_LIFETIME.contains(&rule),
            Self::Unknown => OF_KUBEADM_ALONE.contains(&rule),
        };
        if is_other { Severity::Info } else { severity }
    }

    /// Why a finding is less bad here, or not cured by itself.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Self::Kubeadm => None,
            Self::Other { name, .. } => Some(format!("this is a cluster of {name}")),
            Self::Unknown => Some("nothing says that kubeadm made this cluster".to_owned()),
        }
    }
}
