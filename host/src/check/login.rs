//! What a node does with the token once it trusts the server.

use super::administrator::Administrator;
use super::client::{ApiClient, Right, Setting, User, core_object, entry};
use super::node::{Discovered, InfoCluster, PAUSE, unknown};
use super::steps::Steps;
use crate::cluster::ClusterError;
use crate::cluster::certificates::Certificates;
use crate::cluster::contact::{Clocks, distrust};
use crate::cluster::error::ClusterErrorKind;
use crate::cluster::live::poll::{Look, poll};
use crate::cluster::live::{Login, Target, Vouching};
use crate::config::question::clock;
use crate::yaml;
use kubephase_core::join::view::may_join;
use kubephase_core::join::{Distrust, Endpoint, JoinCommand, Role, Step, StepProblem};
use kubephase_core::object::Object;
use serde_json::Value;
use std::time::Duration;

/// A login with a token.
pub(super) struct LoggedIn<'a> {
    pub(super) client: ApiClient<'a>,
    /// The URL of the server.
    pub(super) server: String,
    /// The certificate authority of the server.
    pub(super) authority: Certificates,
    /// The groups of the user; empty if the server does not report them.
    pub(super) groups: Vec<String>,
}

const NODES: Right = Right { verb: "get", group: "", resource: "nodes", subresource: "" };
const CSR: Right =
    Right { verb: "create", group: "certificates.k8s.io", resource: "certificatesigningrequests", subresource: "" };
/// The right that the controller checks before it approves a request (`controller/certificates/approver/sarapprove.go`).
const APPROVAL: Right = Right { subresource: "nodeclient", ..CSR };

/// How long an API server caches a login: ten seconds, plus some time to observe the change.
const KEPT: Duration = Duration::from_secs(12);

/// Logs in like [`logged_in`]: repeatedly, if the user waits, while the API server still has the token's previous groups.
pub(super) fn settled<'a>(
    join: &JoinCommand,
    (found, may_send): (&Discovered, bool),
    (administrator, wait): (Option<&Administrator<'_>>, Option<Duration>),
    steps: &mut Steps,
    setting: Setting<'a>,
) -> (Option<LoggedIn<'a>>, Option<Distrust>) {
    let limit = wait.unwrap_or_default().min(KEPT);
    let (seen, taken) = poll(limit, PAUSE, setting.interrupt, || {
        let mut taken = Steps::default();
        let seen = logged_in(join, found, may_send, &mut taken, setting);
        let is_kept = seen.0.as_ref().is_some_and(|login| login.has_groups_of_before(join, administrator));
        ((seen, taken), if is_kept { Look::Again } else { Look::Enough })
    });
    steps.then(taken);
    seen
}

impl LoggedIn<'_> {
    /// Whether the token's groups do not allow joining although its Secret has the group by now.
    fn has_groups_of_before(&self, join: &JoinCommand, administrator: Option<&Administrator<'_>>) -> bool {
        let user = || administrator?.user_of(&join.login);
        !self.groups.is_empty() && !may_join(&self.groups) && user().is_some_and(|(_, user)| may_join(&user.groups))
    }
}

/// Logs in to the server that cluster-info names, if the token may be sent there; otherwise returns what is wrong with its
/// certificate, if that is the reason.
fn logged_in<'a>(
    join: &JoinCommand,
    found: &Discovered,
    may_send: bool,
    steps: &mut Steps,
    setting: Setting<'a>,
) -> (Option<LoggedIn<'a>>, Option<Distrust>) {
    let Some(cluster) = found.cluster().filter(|_| may_send) else {
        steps.not_taken(Step::Login, "needs a verified server; the token is not sent to any other");
        return (None, None);
    };
    if !setting.reach.has_url(&cluster.server) {
        steps.not_taken(Step::Login, unknown(&cluster.server));
        return (None, None);
    }
    let token = join.login.bearer();
    let target =
        Target::of_node(&cluster.server, Vouching::Authority(&cluster.authority), Login::Bearer(&token), setting.connection);
    let answer = target.and_then(|target| ApiClient::open(target, "the token", setting)).and_then(|client| {
        client.reach()?;
        let user = user(&client)?;
        Ok((client, user))
    });
    match answer {
        Ok((client, user)) => {
            let groups = user.as_ref().map(|user| user.groups.clone()).unwrap_or_default();
            steps.ok(Step::Login, login_text(user.as_ref()));
            (Some(LoggedIn { client, server: cluster.server.clone(), authority: cluster.authority.clone(), groups }), None)
        }
        Err(error) => {
            steps.error(Step::Login, &error);
            (None, if error.kind == ClusterErrorKind::Untrusted { at_server(cluster, found, setting) } else { None })
        }
    }
}

/// What is wrong with the certificate of the server that cluster-info names.
fn at_server(cluster: &InfoCluster, found: &Discovered, setting: Setting<'_>) -> Option<Distrust> {
    let at = Endpoint::of_url(&cluster.server)?;
    let target = Target::of_node(&at.url(), Vouching::Nobody, Login::Anonymous, setting.connection);
    let node = target.and_then(|target| ApiClient::open(target, "nobody", setting)).ok()?;
    let clocks = Clocks { ours: clock().as_second(), theirs: found.met.server_time };
    distrust(&node.chain(&at), &cluster.authority, at.host(), clocks)
}

fn login_text(user: Option<&User>) -> String {
    match user {
        Some(user) => {
            let groups = user.groups.iter().filter(|group| *group != "system:authenticated").map(String::as_str);
            format!("{}, groups {}", user.name, groups.collect::<Vec<_>>().join(", "))
        }
        None => "the token is accepted; the server is too old to report its user".to_owned(),
    }
}

/// The user of the token; `None` from a server before 1.28, which does not know the review but accepts the token: it would have
/// refused an unknown one first.
fn user(client: &ApiClient<'_>) -> Result<Option<User>, ClusterError> {
    match client.user() {
        Ok(user) => Ok(Some(user)),
        Err(error) if error.kind == ClusterErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Checks what the node reads and requests with its login.
pub(super) fn rights(
    join: &JoinCommand,
    login: Option<&LoggedIn<'_>>,
    administrator: Option<&Administrator<'_>>,
    steps: &mut Steps,
) {
    let Some(login) = login else {
        steps.need(&[Step::KubeadmConfig, Step::KubeletConfig, Step::Nodes, Step::Csr], Step::Login);
        match administrator.and_then(|administrator| administrator.user_of(&join.login)) {
            Some((administrator, user)) => right(Step::Approval, administrator.client.may_user(&user, APPROVAL), steps),
            None => steps.need(&[Step::Approval], Step::Login),
        }
        return;
    };
    let version = kubeadm_config(join, &login.client, steps);
    kubelet_config(&login.client, version.as_deref(), steps);
    for (step, wanted) in [(Step::Nodes, NODES), (Step::Csr, CSR), (Step::Approval, APPROVAL)] {
        right(step, login.client.may(wanted), steps);
    }
}

fn right(step: Step, answer: Result<bool, ClusterError>, steps: &mut Steps) {
    let what = match step {
        Step::Nodes => "get nodes",
        Step::Csr => "create certificate signing requests",
        _ => "have its request approved automatically (certificatesigningrequests/nodeclient)",
    };
    match answer {
        Ok(true) => steps.ok(step, format!("the token may {what}")),
        Ok(false) => steps.failed(step, StepProblem::Forbidden, format!("the token may not {what}")),
        // A failed review says nothing about the right.
        Err(error) => steps.failed(step, StepProblem::Unanswered, super::steps::one_line(&error)),
    }
}

/// Reads the cluster configuration like kubeadm (`kubeadm/app/util/config/cluster.go`), and returns its `kubernetesVersion`.
fn kubeadm_config(join: &JoinCommand, client: &ApiClient<'_>, steps: &mut Steps) -> Option<String> {
    let step = Step::KubeadmConfig;
    let map = config_map(client, "kubeadm-config", step, steps)?;
    let parsed = entry(&map, "ClusterConfiguration").and_then(|text| yaml::parse_document(text).ok());
    let is_configuration = |config: &Value| {
        let text = |name| config.get(name).and_then(Value::as_str).unwrap_or_default();
        text("kind") == "ClusterConfiguration" && text("apiVersion").starts_with("kubeadm.k8s.io/")
    };
    let Some(config) = parsed.filter(is_configuration) else {
        steps.failed(step, StepProblem::Malformed, "the ConfigMap kubeadm-config has no ClusterConfiguration");
        return None;
    };
    let text = |name| config.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    if join.role == Role::ControlPlane && text("controlPlaneEndpoint").is_none() {
        steps.failed(step, StepProblem::Malformed, "a control plane can only join a cluster with a controlPlaneEndpoint");
    } else {
        steps.ok(step, "the token may read the ConfigMap kubeadm-config");
    }
    text("kubernetesVersion")
}

/// Reads the kubelet configuration, which must exist (`kubeadm/app/componentconfigs/kubelet.go`). Before 1.24 its name contained
/// the version.
fn kubelet_config(client: &ApiClient<'_>, version: Option<&str>, steps: &mut Steps) {
    let minor = version.and_then(|version| version.trim_start_matches('v').split('.').nth(1)?.parse::<u32>().ok());
    let name = match minor {
        Some(minor) if minor < 24 => format!("kubelet-config-1.{minor}"),
        _ => "kubelet-config".to_owned(),
    };
    let step = Step::KubeletConfig;
    let Some(map) = config_map(client, &name, step, steps) else { return };
    match entry(&map, "kubelet") {
        Some(_) => steps.ok(step, format!("the token may read the ConfigMap {name}")),
        None => steps.failed(step, StepProblem::Malformed, format!("the ConfigMap {name} has no key `kubelet`")),
    }
}

fn config_map(client: &ApiClient<'_>, name: &str, step: Step, steps: &mut Steps) -> Option<Object> {
    match core_object("configmaps", "ConfigMap", "kube-system", name).and_then(|object| client.get(&object)) {
        Ok(Some(map)) => Some(map),
        Ok(None) => {
            steps.failed(step, StepProblem::Missing, format!("the ConfigMap {name} in kube-system does not exist"));
            None
        }
        Err(error) => {
            steps.error(step, &error);
            None
        }
    }
}
