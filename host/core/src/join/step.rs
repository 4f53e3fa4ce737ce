//! The steps of a joining node, in order (`kubeadm/app/discovery/token`, `app/cmd/join.go`).

use super::distrust::Distrust;
use super::obstacle::ContactObstacle;

/// A step of a joining node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema), schemars(rename_all = "kebab-case"))]
pub enum Step {
    /// Connecting to the endpoint: TCP and TLS.
    Endpoint,
    /// The ConfigMap `kube-public/cluster-info`, read anonymously.
    ClusterInfo,
    /// The kubeconfig in cluster-info.
    Kubeconfig,
    /// The token's signature of that kubeconfig.
    Signature,
    /// The certificate authority in that kubeconfig.
    CaPin,
    /// The same ConfigMap again, from a server verified with this authority.
    VerifiedClusterInfo,
    /// Authentication with the token, at the server that cluster-info names.
    Login,
    /// The ConfigMap `kube-system/kubeadm-config`.
    KubeadmConfig,
    /// The ConfigMap `kube-system/kubelet-config`.
    KubeletConfig,
    /// Permission to read nodes.
    Nodes,
    /// Permission to request a certificate.
    Csr,
    /// Permission to have it approved automatically.
    Approval,
    /// The certificate is issued.
    Certificate,
}

impl Step {
    /// All, in the order of a join.
    pub const ALL: [Self; 13] = [
        Self::Endpoint,
        Self::ClusterInfo,
        Self::Kubeconfig,
        Self::Signature,
        Self::CaPin,
        Self::VerifiedClusterInfo,
        Self::Login,
        Self::KubeadmConfig,
        Self::KubeletConfig,
        Self::Nodes,
        Self::Csr,
        Self::Approval,
        Self::Certificate,
    ];

    /// What a node does, and what it needs for that.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Endpoint => {
                "The node connects to the address in its join command, with TCP and TLS. Something else may answer there, or nothing: a wrong \
                 address, a firewall, a load balancer without an API server behind it."
            }
            Self::ClusterInfo => {
                "The node reads the ConfigMap cluster-info in kube-public without logging in. The Role and the RoleBinding \
                 kubeadm:bootstrap-signer-clusterinfo allow that, and the API server must allow anonymous requests."
            }
            Self::Kubeconfig => {
                "cluster-info contains a kubeconfig with the address and the certificate authority of the cluster. The node uses its cluster \
                 named \"\", or that of its current context."
            }
            Self::Signature => {
                "The controller manager signs this kubeconfig with every token that has the usage `signing`. The node accepts it only with the \
                 signature of its own token, so nobody without the token can send the node elsewhere."
            }
            Self::CaPin => {
                "The node compares the authority in cluster-info with --discovery-token-ca-cert-hash. Anyone with the token can sign; only \
                 the hash proves that this is the cluster."
            }
            Self::VerifiedClusterInfo => {
                "The node reads cluster-info again, now from a server whose certificate it verifies with this authority. Both must be equal."
            }
            Self::Login => {
                "The node logs in with the token, at the address in cluster-info. The Secret of the token must have its name and type and the \
                 usage `authentication`, and must not have expired."
            }
            Self::KubeadmConfig => {
                "The node reads the ConfigMap kubeadm-config in kube-system: version, networks and the address of the control plane. The Role and \
                 the RoleBinding kubeadm:nodes-kubeadm-config allow that."
            }
            Self::KubeletConfig => {
                "The node reads the ConfigMap kubelet-config in kube-system, with the settings of its kubelet. The Role and the RoleBinding \
                 kubeadm:kubelet-config allow that."
            }
            Self::Nodes => {
                "The node checks whether a ready node with its name already exists. The ClusterRole and the ClusterRoleBinding kubeadm:get-nodes \
                 allow that."
            }
            Self::Csr => {
                "The kubelet requests a certificate with the token. The ClusterRoleBinding kubeadm:kubelet-bootstrap allows that."
            }
            Self::Approval => {
                "The controller manager approves the request automatically. The ClusterRoleBinding kubeadm:node-autoapprove-bootstrap allows \
                 that for the group of the token."
            }
            Self::Certificate => {
                "The controller manager signs the certificate; it needs the key of the certificate authority. `check --csr` requests one to verify \
                 that."
            }
        }
    }

    /// Where that is written in the source or the documentation of Kubernetes.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::ClusterInfo | Self::Kubeconfig | Self::Signature | Self::Login => {
                "https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/"
            }
            Self::Endpoint
            | Self::CaPin
            | Self::VerifiedClusterInfo
            | Self::KubeadmConfig
            | Self::KubeletConfig
            | Self::Nodes => "https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/",
            Self::Csr | Self::Approval | Self::Certificate => {
                "https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/"
            }
        }
    }

    /// The printed name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::ClusterInfo => "cluster-info",
            Self::Kubeconfig => "kubeconfig",
            Self::Signature => "signature",
            Self::CaPin => "ca-pin",
            Self::VerifiedClusterInfo => "verified-cluster-info",
            Self::Login => "login",
            Self::KubeadmConfig => "kubeadm-config",
            Self::KubeletConfig => "kubelet-config",
            Self::Nodes => "nodes",
            Self::Csr => "csr",
            Self::Approval => "approval",
            Self::Certificate => "certificate",
        }
    }
}

/// The result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Result {
    /// The step succeeded.
    Ok,
    /// The step failed with this problem.
    Failed(StepProblem),
    /// The step was not taken; the node would not take it either.
    Skipped,
    /// The step could not be taken, although the node would take it.
    NotTaken,
}

impl Result {
    /// The printed name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed(_) => "failed",
            Self::Skipped | Self::NotTaken => "skipped",
        }
    }
}

/// What is wrong in a failed step, as seen from the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepProblem {
    /// No connection.
    Unreachable,
    /// The server's certificate is not trusted.
    Untrusted,
    /// The answer gives no result: the server is overloaded, or it is not an API server.
    Unanswered,
    /// Something answers that is not an API server.
    Foreign,
    /// The credentials, or anonymous access, are refused (401).
    Unauthorized,
    /// It is forbidden (403).
    Forbidden,
    /// The object does not exist (404).
    Missing,
    /// The object exists, but its contents are unusable.
    Malformed,
    /// The signature does not match the token.
    Different,
    /// kubeadm refuses to start: neither a hash nor the flag to skip verification.
    NoHash,
    /// The certificate request was denied.
    Denied,
    /// The certificate request was not approved.
    NotApproved,
    /// The certificate request was approved, but not signed.
    NotSigned,
    /// The certificate request could not be deleted afterwards.
    LeftBehind,
}

/// Where an API server allows anonymous requests, if not for cluster-info.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anonymous {
    /// On no path.
    Nowhere,
    /// On certain paths (`anonymous.conditions` of an AuthenticationConfiguration).
    Elsewhere,
}

/// A step with its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The step taken.
    pub step: Step,
    /// The result of the step.
    pub result: Result,
    /// The details, as text. Parts of it may come from a cluster.
    pub detail: String,
}

/// Everything seen from the node.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The steps and their results.
    pub steps: Vec<Taken>,
    /// The groups of the authenticated token; empty if unknown.
    pub groups: Vec<String>,
    /// The URL of the server that cluster-info names; `None` if it is not known.
    pub server: Option<String>,
    /// The pins of the certificate authority in cluster-info.
    pub pins: Vec<String>,
    /// Whether that authority verifies the endpoint; checked if the pins did not match.
    pub vouches: Option<bool>,
    /// What was found at the endpoint instead of an API server.
    pub obstacle: Option<ContactObstacle>,
    /// What is wrong with a server's certificate.
    pub distrust: Option<Distrust>,
    /// Where anonymous requests are allowed; checked if cluster-info requires authentication.
    pub anonymous: Option<Anonymous>,
}

impl Evidence {
    /// The result of a step; `None` if it was not checked.
    #[must_use]
    pub fn result(&self, step: Step) -> Option<Result> {
        self.steps.iter().find(|taken| taken.step == step).map(|taken| taken.result)
    }

    /// Whether a step succeeded.
    #[must_use]
    pub fn is_ok(&self, step: Step) -> bool {
        self.result(step) == Some(Result::Ok)
    }

    /// What is wrong in a step; `None` if it did not fail.
    #[must_use]
    pub fn problem(&self, step: Step) -> Option<StepProblem> {
        match self.result(step) {
            Some(Result::Failed(problem)) => Some(problem),
            _ => None,
        }
    }
}
