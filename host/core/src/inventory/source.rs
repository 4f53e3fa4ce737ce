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

/// A list of clusters. `None` for a namespace means all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterSource {
    /// The contexts of the kubeconfig.
    Contexts,
    /// The ClusterProfiles of a hub.
    ClusterProfiles(Option<Namespace>),
    /// Those that a scheduler chose: the PlacementDecisions of a namespace with this name or key.
    Placement(Namespace, String),
    /// The kubeconfig Secrets of Cluster API.
    ClusterApi(Option<Namespace>),
    /// The cluster Secrets of Argo CD.
    ArgoCd(Option<Namespace>),
    /// The kubeconfigs that a file lists.
    File(PathBuf),
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
        let namespace = |part: &str| Namespace::parse(part).ok();
        match parts.as_slice() {
            ["contexts"] => Some(Self::Contexts),
            ["clusterprofiles"] => Some(Self::ClusterProfiles(None)),
            ["clusterprofiles", part] => Some(Self::ClusterProfiles(Some(namespace(part)?))),
            ["placement", part, name] if !name.is_empty() => Some(Self::Placement(namespace(part)?, (*name).to_owned())),
            ["capi"] => Some(Self::ClusterApi(None)),
            ["capi", part] => Some(Self::ClusterApi(Some(namespace(part)?))),
            ["argocd"] => Some(Self::ArgoCd(None)),
            ["argocd", part] => Some(Self::ArgoCd(Some(namespace(part)?))),
            _ => None,
        }
    }

    /// Whether the objects of a hub are read.
    #[must_use]
    pub const fn is_of_hub(&self) -> bool {
        !matches!(self, Self::Contexts | Self::File(_))
    }

    /// The list that is read first; `None` for a source on this machine. A decision has no labels of clusters, so the labels are for the
    /// profiles that it names.
    #[must_use]
    pub fn list(&self, labels: &str) -> Option<ListRef> {
        let list = |of, namespace: &Option<Namespace>, labels: String, fields: &str| {
            Some(ListRef { of, namespace: namespace.clone(), labels, fields: fields.to_owned() })
        };
        match self {
            Self::Contexts | Self::File(_) => None,
            Self::ClusterProfiles(namespace) => list(profiles(), namespace, labels.to_owned(), ""),
            Self::Placement(namespace, _) => list(decisions(), &Some(namespace.clone()), String::new(), ""),
            Self::ClusterApi(namespace) => list(secrets(), namespace, labels.to_owned(), &format!("type={CLUSTER_API_TYPE}")),
            Self::ArgoCd(namespace) => {
                let comma = if labels.is_empty() { "" } else { "," };
                list(secrets(), namespace, format!("{ARGO_CD_LABEL}{comma}{labels}"), "")
            }
        }
    }
}

impl fmt::Display for ClusterSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within = |f: &mut fmt::Formatter<'_>, word: &str, namespace: &Option<Namespace>| match namespace {
            Some(namespace) => write!(f, "{word}/{namespace}"),
            None => f.write_str(word),
        };
        match self {
            Self::Contexts => f.write_str("contexts"),
            Self::ClusterProfiles(namespace) => within(f, "clusterprofiles", namespace),
            Self::Placement(namespace, name) => write!(f, "placement/{namespace}/{name}"),
            Self::ClusterApi(namespace) => within(f, "capi", namespace),
            Self::ArgoCd(namespace) => within(f, "argocd", namespace),
            Self::File(path) => write!(f, "file:{}", path.display()),
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
