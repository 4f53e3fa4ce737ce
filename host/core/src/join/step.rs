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
