//! Derives cause and cure from what was observed. Text from a cluster is never part of a cure, because a cure is copied into a
//! shell.

use super::case::{Case, Lead};
use super::command::{Endpoint, JoinCommand, Role};
use super::cure::{self, CLUSTER_CONFIG, CureFlags};
use super::obstacle::ContactObstacle;
use super::reason::{Reason, Said};
use super::step::{Anonymous, Evidence, Result, Step, StepProblem};
use super::token_cause;
use super::view::{ClusterView, DEFAULT_GROUP, Fit, Sight, may_join};

/// Whether a node would join; the worse, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema), schemars(rename_all = "kebab-case"))]
pub enum JoinVerdict {
    /// The node would join.
    Joins,
    /// Unknown: it could not be determined from here.
    Unknown,
    /// The node would not join.
    #[cfg_attr(feature = "schemas", schemars(rename = "does-not-join"))]
    DoesNot,
}

impl JoinVerdict {
    /// The printed sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Joins => "a node can join with this",
            Self::DoesNot => "a node cannot join with this",
            Self::Unknown => "cannot tell whether a node can join with this",
        }
    }

    /// The name in machine-readable output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Joins => "joins",
            Self::DoesNot => "does-not-join",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a step fails, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The first step that fails because of it.
    pub step: Step,
    /// Its name.
    pub reason: Reason,
    /// The explanation.
    pub text: String,
    /// The commands to run, a line each; what is not a command is a comment line.
    pub cure: String,
}

/// The verdict and the causes of failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Whether a node would join.
    pub verdict: JoinVerdict,
    /// The causes, each once, in the order of the steps.
    pub causes: Vec<Cause>,
}

/// Derives the diagnosis from the results of the steps.
#[must_use]
pub fn diagnose(join: &JoinCommand, evidence: &Evidence, view: &ClusterView, flags: &CureFlags) -> Diagnosis {
    let case = Case { join, evidence, view, flags };
    let mut causes: Vec<Cause> = Vec::new();
    for taken in &evidence.steps {
        let Result::Failed(problem) = taken.result else { continue };
        // The controller approves only what the group may ask for.
        if problem == StepProblem::NotApproved && evidence.problem(Step::Approval).is_some() {
            continue;
        }
        let Said { reason, text, cure } = cause(case, taken.step, problem);
        // A token that is gone has no groups to be put right, even while the API server remembers it.
        let is_gone = causes.iter().any(|cause| cause.reason == Reason::TokenUnknown);
        if is_gone && matches!(reason, Reason::TokenNotInGroup | Reason::TokenGroupsCached) {
            continue;
        }
        if !causes.iter().any(|cause| cause.text == text) {
            causes.push(Cause { step: taken.step, reason, text, cure });
        }
    }
    Diagnosis { verdict: verdict(case), causes }
}

fn verdict(case: Case<'_>) -> JoinVerdict {
    let is_no =
        |taken: &super::step::Taken| matches!(taken.result, Result::Failed(problem) if is_decisive(case, taken.step, problem));
    let is_open = |taken: &super::step::Taken| matches!(taken.result, Result::Failed(_) | Result::NotTaken);
    if case.evidence.steps.iter().any(is_no) {
        JoinVerdict::DoesNot
    } else if case.evidence.steps.iter().any(is_open) {
        JoinVerdict::Unknown
    } else {
        JoinVerdict::Joins
    }
}

/// Whether a node elsewhere would meet the same problem. The endpoint of the command may be unreachable from here only; but if it
/// answers and cluster-info names a server that does not, the node is misdirected.
fn is_decisive(case: Case<'_>, step: Step, problem: StepProblem) -> bool {
    match problem {
        StepProblem::Unreachable => step == Step::Login && case.lead() == Lead::Other,
        StepProblem::Unanswered | StepProblem::LeftBehind => false,
        _ => true,
    }
}

fn cause(case: Case<'_>, step: Step, problem: StepProblem) -> Said {
    let Case { join, evidence, view, flags } = case;
    if let Some(obstacle) = &evidence.obstacle
        && matches!(step, Step::Endpoint | Step::ClusterInfo)
        && matches!(problem, StepProblem::Unreachable | StepProblem::Unanswered | StepProblem::Foreign)
    {
        return in_the_way(case, obstacle);
    }
    match (step, problem) {
        (Step::Login, StepProblem::Unreachable) if case.lead() == Lead::Other => elsewhere(case),
        (Step::Login, StepProblem::Unreachable) if case.lead() == Lead::Beyond => beyond(case),
        (_, StepProblem::Unreachable) => unreachable(join),
        (_, StepProblem::Unanswered | StepProblem::Foreign) => Reason::ServerNotReady.said(
            "the server does not give a usable answer; it may be overloaded or still starting",
            format!("curl -k '{}/readyz?verbose'", join.endpoint.url()),
        ),
        (Step::ClusterInfo | Step::VerifiedClusterInfo, StepProblem::Unauthorized) => no_anonymous(evidence),
        (Step::ClusterInfo | Step::VerifiedClusterInfo, StepProblem::Forbidden) => forbidden_info(view, flags),
        (Step::ClusterInfo, _) => {
            Reason::ClusterInfoMissing.said("the ConfigMap cluster-info is missing in the namespace kube-public", flags.repair())
        }
        (Step::Kubeconfig, StepProblem::Missing) => {
            Reason::ClusterInfoWithoutKubeconfig.said("the ConfigMap cluster-info does not contain a kubeconfig", flags.repair())
        }
        (Step::Kubeconfig, _) => Reason::ClusterInfoWithoutKubeconfig.said(
            "the kubeconfig in cluster-info is not usable: kubeadm uses its cluster named \"\", or that of its current context",
            flags.repair(),
        ),
        (Step::Signature, StepProblem::Different) => token_cause::wrong_signature(case),
        (Step::Signature, _) => token_cause::no_signature(case),
        (Step::CaPin, _) => pin(case, problem),
        (Step::VerifiedClusterInfo | Step::Login, StepProblem::Untrusted) => untrusted(case, step),
        (Step::VerifiedClusterInfo, _) => Reason::ClusterInfoDiffers.said(
            "cluster-info differs when read over verified TLS: another server answers in place of the cluster, or it has just \
             changed",
            flags.kubectl("get configmap cluster-info -n kube-public -o yaml"),
        ),
        (Step::Login, StepProblem::Forbidden) => forbidden_login(case),
        (Step::Login, _) => token_cause::no_login(case),
        (Step::KubeadmConfig, StepProblem::Malformed) => kubeadm_config(join),
        (Step::KubeadmConfig | Step::KubeletConfig, StepProblem::Missing | StepProblem::Malformed) => {
            Reason::ConfigurationMissing.said(
                format!("the ConfigMap {} in the namespace kube-system is missing or incomplete", step.name()),
                // One is generated from the other; if both are missing, the first cure makes both.
                if step == Step::KubeadmConfig { CLUSTER_CONFIG.to_owned() } else { flags.kubelet_config() },
            )
        }
        (Step::Certificate, _) => certificate(problem, flags),
        (_, _) => not_allowed(case, step),
    }
}

/// What was found at the endpoint instead of an API server.
fn in_the_way(case: Case<'_>, obstacle: &ContactObstacle) -> Said {
    let explained = obstacle.explained(&case.join.endpoint, case.flags);
    match &case.join.reached {
        // A new join line would have the same address.
        Some(reached) => {
            let text = format!("{}; cluster-info has this address", explained.text);
            explained.reason.said(text, case.repair_for(reached))
        }
        None => explained,
    }
}

/// Who is refused a request with 403 was known: another token would not help.
fn forbidden_login(case: Case<'_>) -> Said {
    let Case { join, flags, .. } = case;
    if matches!(case.lead(), Lead::Other | Lead::Beyond) {
        let text = "the API server knows the token, but refuses its requests: cluster-info has another address, which may include a path";
        return Reason::ClusterInfoOtherServer.said(text, case.repair_for(join.reached.as_ref().unwrap_or(&join.endpoint)));
    }
    Reason::LoginForbidden.said(
        "the API server knows the token, but does not let it ask who it is: the ClusterRoleBinding system:basic-user is missing or changed",
        flags.kubectl("get clusterrolebinding system:basic-user -o yaml"),
    )
}

fn elsewhere(case: Case<'_>) -> Said {
    let at = &case.join.endpoint;
    Reason::ClusterInfoOtherServer.said(
        format!("cluster-info sends nodes to a server that cannot be reached from here, not to {at}, which answers"),
        case.repair_for(at),
    )
}

/// Only a node can tell.
fn beyond(case: Case<'_>) -> Said {
    let named = case.evidence.server.as_deref().and_then(Endpoint::of_url);
    let (text, url) = named.map_or_else(Default::default, |named| (named.to_string(), named.url()));
    let at = &case.join.endpoint;
    Reason::ClusterInfoServerUnreachable.said(
        format!("cluster-info sends nodes to {text}, which cannot be reached from here; {at}, which answers, is this machine"),
        format!("# on the node\ncurl -k {url}/readyz"),
    )
}

fn unreachable(join: &JoinCommand) -> Said {
    let text = format!("cannot open a TLS connection to {} from here; the token was not checked", join.endpoint);
    Reason::Unreachable.said(text, format!("# on the node\ncurl -k {}/readyz", join.endpoint.url()))
}

fn forbidden_info(view: &ClusterView, flags: &CureFlags) -> Said {
    let name = "kubeadm:bootstrap-signer-clusterinfo";
    let text = match (&view.role, &view.binding) {
        (Sight::Absent, Sight::Absent) => format!("the Role and the RoleBinding {name} are missing in kube-public"),
        (Sight::Absent, _) => format!("the Role {name} is missing in kube-public"),
        (_, Sight::Absent) => format!("the RoleBinding {name} is missing in kube-public"),
        (Sight::Present(Fit::Wrong), _) => format!("the Role {name} in kube-public does not allow reading cluster-info"),
        (_, Sight::Present(Fit::Wrong)) => format!("the RoleBinding {name} in kube-public does not name system:anonymous"),
        (Sight::Present(Fit::Right), Sight::Present(Fit::Right)) => {
            return Reason::ClusterInfoForbidden.said(
                format!(
                    "the Role and the RoleBinding {name} are correct; the API server does not use RBAC, or another authorizer denies it"
                ),
                flags.kubectl("auth can-i get configmaps/cluster-info -n kube-public --as system:anonymous"),
            );
        }
        _ => format!(
            "cluster-info cannot be read without logging in: the Role or the RoleBinding {name} in kube-public is missing or changed"
        ),
    };
    Reason::ClusterInfoForbidden.said(text, flags.repair())
}

fn pin(case: Case<'_>, problem: StepProblem) -> Said {
    let Case { join, evidence, view, flags } = case;
    match problem {
        StepProblem::NoHash => {
            let text = "the command has neither --discovery-token-ca-cert-hash nor \
             --discovery-token-unsafe-skip-ca-verification; kubeadm requires one of them";
            Reason::HashMissing.said(text, another_line(view, flags))
        }
        StepProblem::Malformed => Reason::ClusterInfoWithoutAuthority.said(
            "the kubeconfig in cluster-info has no certificate authority, or one that cannot be read completely",
            flags.repair(),
        ),
        _ => {
            let Some(given) = join.trust.pins() else {
                let text = "the authority in cluster-info is not that of the cluster";
                return Reason::ClusterInfoOtherAuthority.said(text, flags.repair());
            };
            let is_common = |some: &[String], others: &[String]| some.iter().any(|pin| others.contains(pin));
            let is_line_right = is_common(given, &view.pins);
            let is_info_right = is_common(&evidence.pins, &view.pins) || (view.pins.is_empty() && evidence.vouches == Some(true));
            if is_line_right || evidence.vouches == Some(false) {
                let text = "cluster-info does not name the certificate authority of the cluster";
                Reason::ClusterInfoOtherAuthority.said(text, flags.repair())
            } else if is_info_right {
                let text = "the hash in the command does not match the cluster's certificate authority";
                Reason::HashDiffers.said(text, another_line(view, flags))
            } else {
                let text = "the hash in the command and the certificate authority in cluster-info belong to different clusters";
                Reason::HashOfAnotherCluster.said(text, another_line(view, flags))
            }
        }
    }
}

/// How to get a join command with the right hash: from someone who knows the cluster. The hash of an authority that is not
/// vouched for is not repeated as if it were right.
fn another_line(view: &ClusterView, flags: &CureFlags) -> String {
    if view.pins.is_empty() { flags.another_elsewhere() } else { flags.another() }
}

fn untrusted(case: Case<'_>, step: Step) -> Said {
    match &case.evidence.distrust {
        Some(distrust) => distrust.explained(case, step),
        None => Reason::ServerCertificateUntrusted.said(
            "the server's certificate cannot be verified with the certificate authority in cluster-info",
            format!("openssl s_client -connect {} -showcerts </dev/null | openssl x509 -noout -text", case.join.endpoint),
        ),
    }
}

/// Anonymous requests are refused, in general or for cluster-info.
fn no_anonymous(evidence: &Evidence) -> Said {
    match evidence.anonymous {
        Some(Anonymous::Elsewhere) => Reason::AnonymousLimited.said(
            format!(
                "the API server allows anonymous requests only to certain paths, and cluster-info is not one of them: the \
                 AuthenticationConfiguration lacks the condition `path: {}` under `anonymous`",
                cure::INFO_PATH
            ),
            cure::anonymous_path(),
        ),
        Some(Anonymous::Nowhere) | None => Reason::AnonymousDisabled.said(
            "the API server refuses anonymous requests (--anonymous-auth=false, or `enabled: false` under `anonymous` in the \
             file of --authentication-config), so nodes cannot read cluster-info",
            cure::anonymous(),
        ),
    }
}

fn kubeadm_config(join: &JoinCommand) -> Said {
    let text = match join.role {
        Role::ControlPlane => {
            "the ConfigMap kubeadm-config has no usable ClusterConfiguration, or one without a controlPlaneEndpoint"
        }
        Role::Worker => "the ConfigMap kubeadm-config has no usable ClusterConfiguration",
    };
    Reason::ConfigurationMissing.said(text, CLUSTER_CONFIG)
}

/// What an authenticated token may not do. If it is not in the group that all of kubeadm's RBAC binds, that RBAC is not to blame.
fn not_allowed(case: Case<'_>, step: Step) -> Said {
    let Case { join, evidence, view, flags } = case;
    let id = join.login.id();
    let of_secret = match &view.login {
        Sight::Present(facts) => facts.groups.as_slice(),
        _ => &[],
    };
    let groups = if evidence.groups.is_empty() { of_secret } else { evidence.groups.as_slice() };
    if may_join(of_secret) && !may_join(groups) {
        // `TokenSuccessCacheTTL` (`kubeapiserver/options/authentication.go`).
        let text = format!("the groups of the token {id} have just changed: the API server caches them for ten seconds");
        return Reason::TokenGroupsCached.said(text, flags.wait(id, &join.endpoint));
    }
    if !groups.is_empty() && !may_join(groups) {
        let text = format!("the token {id} is not in the group {DEFAULT_GROUP}, which has the rights to join");
        return Reason::TokenNotInGroup.said(text, flags.another());
    }
    let (object, what, cure) = match step {
        Step::KubeadmConfig => (
            "the Role or the RoleBinding kubeadm:nodes-kubeadm-config in kube-system is missing or changed",
            "read the ConfigMap kubeadm-config",
            flags.readable("kubeadm:nodes-kubeadm-config", "kubeadm-config", DEFAULT_GROUP),
        ),
        Step::KubeletConfig => (
            "the Role or the RoleBinding kubeadm:kubelet-config in kube-system is missing or changed",
            "read the ConfigMap kubelet-config",
            flags.readable("kubeadm:kubelet-config", "kubelet-config", DEFAULT_GROUP),
        ),
        Step::Nodes => {
            ("the ClusterRole or the ClusterRoleBinding kubeadm:get-nodes is missing or changed", "get nodes", flags.repair())
        }
        Step::Csr => (
            "the ClusterRoleBinding kubeadm:kubelet-bootstrap is missing or changed",
            "create certificate signing requests",
            flags.repair(),
        ),
        _ => (
            "the ClusterRoleBinding kubeadm:node-autoapprove-bootstrap is missing or changed",
            "have its certificate request approved automatically",
            flags.repair(),
        ),
    };
    Reason::RbacMissing.said(format!("{object}: the token may not {what}"), cure)
}

fn certificate(problem: StepProblem, flags: &CureFlags) -> Said {
    let (reason, text, cure) = match problem {
        StepProblem::Denied => (
            Reason::CsrDenied,
            "certificate requests of nodes are denied by an approver or an admission controller",
            flags.kubectl("get csr -o wide"),
        ),
        StepProblem::NotApproved => (
            Reason::CsrNotApproved,
            "the request is not approved: the controller csrapproving of kube-controller-manager is not running",
            cure::controllers("csrapproving"),
        ),
        StepProblem::NotSigned => (
            Reason::CsrNotSigned,
            "the request is approved but not signed: the controller csrsigning of kube-controller-manager is not running, or \
             --cluster-signing-cert-file is not set",
            cure::signing_controller(),
        ),
        StepProblem::LeftBehind => (
            Reason::CsrLeftBehind,
            "the certificate request could not be deleted",
            flags.kubectl("delete csr -l bootstrap-token.kubectl/check"),
        ),
        StepProblem::Malformed | StepProblem::Unauthorized => (
            Reason::CertificateNotTrusted,
            "a node cannot log in with the issued certificate: kube-controller-manager signs with an authority that \
             kube-apiserver does not trust",
            cure::signing_authority(),
        ),
        _ => (Reason::CsrRefused, "the certificate request is refused", flags.kubectl("get csr")),
    };
    reason.said(text, cure)
}
