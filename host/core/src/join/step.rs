//! The steps of a joining node, in its order (`kubeadm/app/discovery/token`, `app/cmd/join.go`).

use super::distrust::Distrust;
use super::obstacle::ContactObstacle;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// TCP and TLS.
    Endpoint,
    /// The ConfigMap `kube-public/cluster-info`, read by nobody in particular.
    ClusterInfo,
    /// The kubeconfig in it.
    Kubeconfig,
    /// The token's signature of that.
    Signature,
    /// The certificate authority in it.
    CaPin,
    /// The same again from a server that this authority vouches for.
    VerifiedClusterInfo,
    /// The token as a login, at the server that cluster-info names.
    Login,
    /// The ConfigMap `kube-system/kubeadm-config`.
    KubeadmConfig,
    /// The ConfigMap `kube-system/kubelet-config`.
    KubeletConfig,
    /// The right to read nodes.
    Nodes,
    /// The right to ask for a certificate.
    Csr,
    /// The right to get it without anybody's approval.
    Approval,
    /// A certificate.
    Certificate,
}

impl Step {
    /// As it is printed.
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

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Result {
    /// It went well.
    Ok,
    /// It did not.
    Failed(StepProblem),
    /// It was not taken, and the node would not take it either.
    Skipped,
    /// It could not be taken, though the node would take it.
    NotTaken,
}

impl Result {
    /// As it is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed(_) => "failed",
            Self::Skipped | Self::NotTaken => "skipped",
        }
    }
}

/// What is wrong in a step that failed, as far as the node can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepProblem {
    /// No connection.
    Unreachable,
    /// A server whose certificate is not to be trusted.
    Untrusted,
    /// An answer that says nothing of the matter: the server is busy, or it is no API server.
    Unanswered,
    /// Something answers, and it is not an API server.
    Foreign,
    /// The login, or nobody's, is not taken (401).
    Unauthorized,
    /// It is not allowed (403).
    Forbidden,
    /// It does not exist (404).
    Missing,
    /// It exists, and what is in it is not usable.
    Malformed,
    /// The signature is not the one that the token makes.
    Different,
    /// kubeadm refuses to start: neither a hash nor the flag to go without.
    NoHash,
    /// The request for a certificate was denied.
    Denied,
    /// Nobody approved it.
    NotApproved,
    /// It was approved, and nobody signed it.
    NotSigned,
    /// The request for a certificate could not be deleted afterwards.
    LeftBehind,
}

/// Where an API server answers without a login that does not answer for cluster-info.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anonymous {
    /// Nowhere.
    Nowhere,
    /// For certain paths (`anonymous.conditions` of an AuthenticationConfiguration).
    Elsewhere,
}

/// A step that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Which.
    pub step: Step,
    /// What came of it.
    pub result: Result,
    /// What was found, in words. Parts of it may come from a cluster.
    pub detail: String,
}

/// What the node sees.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The steps.
    pub steps: Vec<Taken>,
    /// The groups of the login; empty if they are not known.
    pub groups: Vec<String>,
    /// Whether cluster-info names another server than the endpoint.
    pub leads_elsewhere: Option<bool>,
    /// The pins of the authority in cluster-info.
    pub pins: Vec<String>,
    /// Whether that authority vouches for the endpoint; asked if the pins did not fit.
    pub vouches: Option<bool>,
    /// What was met at the endpoint instead of an API server.
    pub obstacle: Option<ContactObstacle>,
    /// What is wrong with the certificate of a server.
    pub distrust: Option<Distrust>,
    /// Where nobody needs a login; asked if one is needed for cluster-info.
    pub anonymous: Option<Anonymous>,
}

impl Evidence {
    /// What came of a step; none if it was not looked at.
    #[must_use]
    pub fn result(&self, step: Step) -> Option<Result> {
        self.steps.iter().find(|taken| taken.step == step).map(|taken| taken.result)
    }

    /// Whether a step went well.
    #[must_use]
    pub fn is_ok(&self, step: Step) -> bool {
        self.result(step) == Some(Result::Ok)
    }

    /// What is wrong in a step; none if it did not fail.
    #[must_use]
    pub fn problem(&self, step: Step) -> Option<StepProblem> {
        match self.result(step) {
            Some(Result::Failed(problem)) => Some(problem),
            _ => None,
        }
    }
}
