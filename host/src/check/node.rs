//! What a joining node does before it logs in (`kubeadm/app/discovery/token`).

use super::client::{ApiClient, Setting, cluster_info, entry};
use super::first::{self, Met};
use super::steps::Steps;
use crate::cluster::ClusterError;
use crate::cluster::certificates::Certificates;
use crate::cluster::contact::{Clocks, distrust, expired};
use crate::cluster::error::ClusterErrorKind;
use crate::cluster::jws::is_signature;
use crate::cluster::live::poll::{Look, poll};
use crate::cluster::live::{Login, Target, Vouching};
use crate::config::question::clock;
use crate::yaml;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubephase_core::address::Address;
use kubephase_core::join::{Distrust, JoinCommand, Step, StepProblem, Trust};
use kubephase_core::object::Object;
use serde_json::Value;
use std::time::Duration;

/// The polling interval for changes that happen without the user.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// How often the cluster is polled if the missing item is not a signature: newly granted rights appear within a moment, but the
/// token signer grants none.
const FURTHER_LOOKS: usize = 6;

/// The contents of cluster-info.
pub(super) struct Info {
    pub(super) object: Object,
    /// The signed text; empty if there is none.
    text: String,
    /// The cluster in the text; `None` if it is unusable.
    cluster: Option<InfoCluster>,
}

/// The server and certificate authority for the nodes.
pub(super) struct InfoCluster {
    pub(super) server: String,
    pub(super) authority: Certificates,
}

/// The result of the first four steps.
#[derive(Default)]
pub(super) struct Discovered {
    pub(super) steps: Steps,
    pub(super) info: Option<Info>,
    /// What was found at the endpoint.
    pub(super) met: Met,
}

impl Discovered {
    /// The cluster in cluster-info.
    pub(super) fn cluster(&self) -> Option<&InfoCluster> {
        self.info.as_ref()?.cluster.as_ref()
    }

    /// The pins of the certificate authority in cluster-info.
    pub(super) fn pins(&self) -> Vec<String> {
        self.cluster().map(|cluster| cluster.authority.pins()).unwrap_or_default()
    }

    /// Whether nothing answered at the endpoint in time.
    pub(super) fn is_unreached(&self) -> bool {
        matches!(self.steps.first_problem(), Some((Step::Endpoint, StepProblem::Unreachable)))
    }
}

/// Runs the first four steps, repeatedly if the user waits for the signature.
pub(super) fn discovered(join: &JoinCommand, wait: Option<Duration>, setting: Setting<'_>) -> Discovered {
    let mut patience = FURTHER_LOOKS;
    poll(wait.unwrap_or_default(), PAUSE, setting.interrupt, || {
        let found = discover(join, setting);
        let look = match found.steps.first_problem() {
            None => Look::Enough,
            Some((Step::Endpoint | Step::ClusterInfo, _)) if found.met.is_for_good() => Look::Enough,
            Some((Step::Signature, _) | (_, StepProblem::Unreachable | StepProblem::Unanswered)) => Look::Again,
            Some(_) if patience > 0 => {
                patience -= 1;
                Look::Again
            }
            Some(_) => Look::Enough,
        };
        (found, look)
    })
}

fn discover(join: &JoinCommand, setting: Setting<'_>) -> Discovered {
    let mut found = Discovered::default();
    let steps = &mut found.steps;
    if !setting.reach.has(&join.endpoint) {
        steps.not_taken(Step::Endpoint, unknown(join.endpoint.as_str()));
        steps.need(&[Step::ClusterInfo, Step::Kubeconfig, Step::Signature], Step::Endpoint);
        return found;
    }
    let target = Target::of_node(&join.endpoint.url(), Vouching::Nobody, Login::Anonymous, setting.connection);
    let node = match target.and_then(|target| ApiClient::open(target, "nobody", setting)) {
        Ok(node) => node,
        Err(error) => return unreached(found, &error),
    };
    if let Err(error) = node.reach() {
        found.met = Met::of(node.obstacle(&join.endpoint));
        return unreached(found, &error);
    }
    steps.ok(Step::Endpoint, format!("{} answers", join.endpoint));
    let (object, met) = first::cluster_info(&node, &join.endpoint, steps);
    found.met = met;
    let Some(object) = object else {
        steps.need(&[Step::Kubeconfig, Step::Signature], Step::ClusterInfo);
        return found;
    };
    steps.ok(Step::ClusterInfo, "the ConfigMap cluster-info in kube-public can be read without a login");
    let text = entry(&object, "kubeconfig").unwrap_or_default().to_owned();
    let cluster = kubeconfig(&text, steps);
    signature(&object, &text, join, steps);
    found.info = Some(Info { object, text, cluster });
    found
}

/// Why a server is not contacted.
pub(super) fn unknown(server: &str) -> String {
    format!("only the phase says that `{server}` is the API server; if that is right, pass it with --control-plane-endpoint")
}

fn unreached(mut found: Discovered, error: &ClusterError) -> Discovered {
    found.steps.failed(Step::Endpoint, found.met.problem(), super::steps::one_line(error));
    found.steps.need(&[Step::ClusterInfo, Step::Kubeconfig, Step::Signature], Step::Endpoint);
    found
}

/// The cluster in a kubeconfig as kubeadm finds it (`kubeadm/app/util/kubeconfig`): the one without a name, or the context's.
fn kubeconfig(text: &str, steps: &mut Steps) -> Option<InfoCluster> {
    if text.is_empty() {
        steps.failed(Step::Kubeconfig, StepProblem::Missing, "cluster-info does not contain a kubeconfig");
        return None;
    }
    match yaml::parse_document(text).ok().and_then(|config| cluster_of(&config)) {
        Some(cluster) => {
            steps.ok(Step::Kubeconfig, format!("it points to {}", cluster.server));
            Some(cluster)
        }
        None => {
            steps.failed(
                Step::Kubeconfig,
                StepProblem::Malformed,
                "the kubeconfig in cluster-info does not have the cluster that kubeadm looks for",
            );
            None
        }
    }
}

fn cluster_of(config: &Value) -> Option<InfoCluster> {
    let named = |list: &str, name: &str| {
        let items = config.get(list)?.as_array()?;
        items.iter().find(|item| item.get("name").and_then(Value::as_str).unwrap_or_default() == name)
    };
    let of_context = || {
        let context = named("contexts", config.get("current-context")?.as_str()?)?;
        named("clusters", context.get("context")?.get("cluster")?.as_str()?)
    };
    let cluster = named("clusters", "").or_else(of_context)?.get("cluster")?;
    let text = |name: &str| cluster.get(name).and_then(Value::as_str).unwrap_or_default();
    let authority = STANDARD.decode(text("certificate-authority-data")).map(|pem| Certificates::read(&pem)).unwrap_or_default();
    let server = Address::of(text("server")).to_string();
    (!server.is_empty()).then_some(InfoCluster { server, authority })
}

fn signature(info: &Object, text: &str, join: &JoinCommand, steps: &mut Steps) {
    let (id, secret) = (join.discovery.id(), join.discovery.secret());
    match entry(info, &format!("jws-kubeconfig-{id}")) {
        _ if text.is_empty() => steps.need(&[Step::Signature], Step::Kubeconfig),
        None => {
            let detail = format!("cluster-info has no signature for the token ID \"{id}\"");
            steps.failed(Step::Signature, StepProblem::Missing, detail);
        }
        Some(found) if is_signature(found, text, id, secret) => {
            steps.ok(Step::Signature, format!("cluster-info is signed with the token {id}"));
        }
        Some(_) => {
            let detail = format!("the signature for the token ID \"{id}\" in cluster-info does not match this token");
            steps.failed(Step::Signature, StepProblem::Different, detail);
        }
    }
}

/// Whether the cluster is the right one.
pub(super) struct Trusted {
    /// Whether the token may be sent to the server that cluster-info names.
    pub(super) may_send: bool,
    /// Whether the authority in cluster-info vouches for the endpoint; tested if it is not the pinned one.
    pub(super) vouches: Option<bool>,
    /// What is wrong with the certificate of the endpoint.
    pub(super) distrust: Option<Distrust>,
}

/// Runs steps 5 and 6.
pub(super) fn trusted(join: &JoinCommand, found: &Discovered, steps: &mut Steps, setting: Setting<'_>) -> Trusted {
    const BOTH: [Step; 2] = [Step::CaPin, Step::VerifiedClusterInfo];
    let mut trusted = Trusted { may_send: false, vouches: None, distrust: None };
    let (Some(info), Some(cluster)) = (&found.info, found.cluster()) else {
        match join.trust {
            Trust::Unsaid => {
                no_hash(steps);
                steps.need(&[Step::VerifiedClusterInfo], Step::CaPin);
            }
            _ => steps.need(&BOTH, Step::Kubeconfig),
        }
        return trusted;
    };
    let there = cluster.authority.pins();
    // A certificate that one parser skips may be trusted by another.
    let flaw = cluster
        .authority
        .flaw()
        .map(|flaw| format!("the certificate authority in cluster-info cannot be read completely: {flaw}"));
    let none = || there.is_empty().then(|| "the kubeconfig in cluster-info has no certificate authority".to_owned());
    if let Some(detail) = flaw.or_else(none) {
        steps.failed(Step::CaPin, StepProblem::Malformed, detail);
        steps.need(&[Step::VerifiedClusterInfo], Step::CaPin);
        return trusted;
    }
    match &join.trust {
        Trust::Pins(given) | Trust::Kubeconfig(given) if there.iter().any(|pin| given.contains(pin)) => {
            let detail = match &join.trust {
                Trust::Kubeconfig(_) => "the certificate authority in cluster-info is that of the kubeconfig",
                _ => "the hash matches the certificate authority in cluster-info",
            };
            steps.ok(Step::CaPin, detail);
            trusted.distrust = verified(join, (info, cluster), found.met.server_time, steps, setting);
            // A signature proves that the server knows the token. Without one, an authority beside the pinned one may be
            // anyone's.
            let is_vouched_for = steps.is_ok(Step::Signature) || there.iter().all(|pin| given.contains(pin));
            trusted.may_send = steps.is_ok(Step::VerifiedClusterInfo) && is_vouched_for;
        }
        Trust::Pins(_) | Trust::Kubeconfig(_) => {
            steps.failed(Step::CaPin, StepProblem::Different, format!("cluster-info has {}", there.join(", ")));
            steps.need(&[Step::VerifiedClusterInfo], Step::CaPin);
            trusted.vouches = vouches(join, cluster, setting);
        }
        Trust::Unsafe => {
            steps.skipped(Step::CaPin, "--discovery-token-unsafe-skip-ca-verification");
            steps.skipped(Step::VerifiedClusterInfo, "--discovery-token-unsafe-skip-ca-verification");
            // Only the signature proves that the server knows the token.
            trusted.may_send = steps.is_ok(Step::Signature);
        }
        Trust::Unsaid => {
            no_hash(steps);
            steps.need(&[Step::VerifiedClusterInfo], Step::CaPin);
        }
        Trust::Unknown => {
            steps.not_taken(Step::CaPin, "needs the hash of the certificate authority, from a kubeconfig or the whole join line");
            steps.need(&[Step::VerifiedClusterInfo], Step::CaPin);
        }
    }
    trusted
}

fn no_hash(steps: &mut Steps) {
    steps.failed(Step::CaPin, StepProblem::NoHash, "the command has no --discovery-token-ca-cert-hash");
}

/// Reads cluster-info again over verified TLS, and returns what is wrong with the certificate if it is not trusted.
fn verified(
    join: &JoinCommand,
    (info, cluster): (&Info, &InfoCluster),
    server_time: Option<i64>,
    steps: &mut Steps,
    setting: Setting<'_>,
) -> Option<Distrust> {
    let step = Step::VerifiedClusterInfo;
    let ours = clock().as_second();
    // TLS here does not check whether an authority has expired; kubeadm's does.
    if let Some(expired) = expired(&cluster.authority, ours) {
        steps.failed(step, StepProblem::Untrusted, "the certificate authority in cluster-info has expired");
        return Some(expired);
    }
    let node = match vouched(join, cluster, setting) {
        Ok(node) => node,
        Err(error) => {
            steps.error(step, &error);
            return None;
        }
    };
    match cluster_info().and_then(|object| node.get(&object)) {
        Ok(Some(object)) if entry(&object, "kubeconfig") == Some(info.text.as_str()) => {
            steps.ok(step, "it is identical over verified TLS");
        }
        Ok(_) => steps.failed(step, StepProblem::Different, "it differs over verified TLS"),
        Err(error) => {
            steps.error(step, &error);
            if error.kind == ClusterErrorKind::Untrusted {
                let (chain, clocks) = (node.chain(&join.endpoint), Clocks { ours, theirs: server_time });
                return distrust(&chain, &cluster.authority, join.endpoint.host(), clocks);
            }
        }
    }
    None
}

fn vouched<'a>(join: &JoinCommand, cluster: &InfoCluster, setting: Setting<'a>) -> Result<ApiClient<'a>, ClusterError> {
    let vouching = Vouching::Authority(&cluster.authority);
    let target = Target::of_node(&join.endpoint.url(), vouching, Login::Anonymous, setting.connection)?;
    ApiClient::open(target, "nobody", setting)
}

/// Whether the authority in cluster-info vouches for the endpoint; `None` if that is unknown. No request is sent.
fn vouches(join: &JoinCommand, cluster: &InfoCluster, setting: Setting<'_>) -> Option<bool> {
    match vouched(join, cluster, setting).and_then(|node| node.reach()) {
        Ok(()) => Some(true),
        Err(error) if error.kind == ClusterErrorKind::Untrusted => Some(false),
        Err(_) => None,
    }
}
