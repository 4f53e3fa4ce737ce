//! Where clusters are listed: the value of `--clusters`.

use crate::name::Namespace;
use crate::object::{ApiResource, secrets};
use crate::selector::ListRef;
use std::fmt;
use std::path::PathBuf;

/// The group of `ClusterProfile` and `PlacementDecision` (SIG Multicluster, cluster-inventory-api). Others have kinds of the same names.
const GROUP: &str = "multicluster.x-k8s.io";
/// The type of the Secrets of Cluster API (`util/secret/consts.go`).
const CLUSTER_API_TYPE: &str = "cluster.x-k8s.io/secret";
/// The label of the Secrets of Argo CD that have clusters.
const ARGO_CD_LABEL: &str = "argocd.argoproj.io/secret-type=cluster";

/// A list of clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterSource {
    /// The contexts of the kubeconfig.
    Contexts,
    /// The kubeconfigs that a file lists.
    File(PathBuf),
    /// An inventory on a hub.
    Hub(Inventory),
}

/// An inventory in a cluster. `None` for a namespace means all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inventory {
    /// The ClusterProfiles.
    ClusterProfiles(Option<Namespace>),
    /// Those that a scheduler chose: the PlacementDecisions of a namespace with this name or key.
    Placement(Namespace, String),
    /// The kubeconfig Secrets of Cluster API.
    ClusterApi(Option<Namespace>),
    /// The cluster Secrets of Argo CD.
    ArgoCd(Option<Namespace>),
}

impl ClusterSource {
    /// What a value may look like.
    pub const SYNTAX: &'static str = "contexts, clusterprofiles[/NS], placement/NS/NAME, capi[/NS], argocd[/NS] or file:LIST";

    /// The source of a value; `None` if it is none of [`Self::SYNTAX`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
            return Some(Self::File(PathBuf::from(path)));
        }
        let parts: Vec<&str> = text.split('/').collect();
        let (word, namespace, name) = match parts.as_slice() {
            ["contexts"] => return Some(Self::Contexts),
            [word] => (*word, None, None),
            [word, namespace] => (*word, Some(Namespace::parse(namespace).ok()?), None),
            [word, namespace, name] => (*word, Some(Namespace::parse(namespace).ok()?), Some(*name)),
            _ => return None,
        };
        Some(Self::Hub(match (word, namespace, name) {
            ("clusterprofiles", namespace, None) => Inventory::ClusterProfiles(namespace),
            ("placement", Some(namespace), Some(name)) if !name.is_empty() => Inventory::Placement(namespace, name.to_owned()),
            ("capi", namespace, None) => Inventory::ClusterApi(namespace),
            ("argocd", namespace, None) => Inventory::ArgoCd(namespace),
            _ => return None,
        }))
    }
}

impl Inventory {
    /// The list that is read first. A decision has no labels of clusters, so the labels are for the profiles that it names.
    #[must_use]
    pub fn list(&self, labels: &str) -> ListRef {
        let list = |of, namespace: Option<&Namespace>, labels: String, fields: String| ListRef {
            of,
            namespace: namespace.cloned(),
            labels,
            fields,
        };
        let labels = labels.to_owned();
        match self {
            Self::ClusterProfiles(namespace) => list(profiles(), namespace.as_ref(), labels, String::new()),
            Self::Placement(namespace, _) => list(decisions(), Some(namespace), String::new(), String::new()),
            Self::ClusterApi(namespace) => list(secrets(), namespace.as_ref(), labels, format!("type={CLUSTER_API_TYPE}")),
            Self::ArgoCd(namespace) => {
                let comma = if labels.is_empty() { "" } else { "," };
                list(secrets(), namespace.as_ref(), format!("{ARGO_CD_LABEL}{comma}{labels}"), String::new())
            }
        }
    }

    /// Whether a plugin of the operator's file logs in to its clusters.
    #[must_use]
    pub const fn needs_providers(&self) -> bool {
        matches!(self, Self::ClusterProfiles(_) | Self::Placement(..))
    }
}

impl fmt::Display for ClusterSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contexts => f.write_str("contexts"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Hub(inventory) => inventory.fmt(f),
        }
    }
}

impl fmt::Display for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, namespace) = match self {
            Self::Placement(namespace, name) => return write!(f, "placement/{namespace}/{name}"),
            Self::ClusterProfiles(namespace) => ("clusterprofiles", namespace),
            Self::ClusterApi(namespace) => ("capi", namespace),
            Self::ArgoCd(namespace) => ("argocd", namespace),
        };
        match namespace {
            Some(namespace) => write!(f, "{word}/{namespace}"),
            None => f.write_str(word),
        }
    }
}

/// The kind `ClusterProfile`.
#[must_use]
pub fn profiles() -> ApiResource {
    ApiResource::of([GROUP, "v1alpha1", "clusterprofiles", "ClusterProfile"])
}

/// The kind `PlacementDecision`.
#[must_use]
pub fn decisions() -> ApiResource {
    ApiResource::of([GROUP, "v1alpha1", "placementdecisions", "PlacementDecision"])
}
