//! From what is wrong with a certificate to the cause and the cure.

use super::command::JoinCommand;
use super::cure::{REPAIR, REPAIR_AND_LINE, further_name, renewed};
use super::distrust::Distrust;
use super::step::{Evidence, Step};
use super::view::ClusterView;

impl Distrust {
    /// The cause and the cure.
    pub(super) fn explained(&self, step: Step, join: &JoinCommand, evidence: &Evidence, view: &ClusterView) -> (String, String) {
        let at = &join.endpoint;
        if step == Step::Login
            && evidence.leads_elsewhere == Some(true)
            && matches!(self, Self::Foreign(_) | Self::Namesake(_) | Self::Predecessor(_))
        {
            return (
                format!("cluster-info sends nodes to a server with a certificate of another cluster, not to {at}"),
                format!("{REPAIR} --control-plane-endpoint {at}"),
            );
        }
        match self {
            Self::Name(names) => (
                format!(
                    "the API server's certificate is not valid for {}, the name that nodes use, but for {}",
                    at.host(),
                    listed(names)
                ),
                further_name(at.host()),
            ),
            Self::Expired(until) => (format!("the API server's certificate has expired ({until})"), renewed()),
            Self::NotYet(from) => (
                format!("the API server's certificate is not valid until {from}: a clock is wrong, here or where it was issued"),
                "sudo timedatectl set-ntp true   # on the machine whose clock is wrong".to_owned(),
            ),
            Self::Clock { ours, theirs } => (
                format!(
                    "the clock of this machine is wrong: it says {ours}, the server says {theirs}, and the certificate is only valid at the server's time"
                ),
                "sudo timedatectl set-ntp true   # on this machine".to_owned(),
            ),
            Self::Foreign(issuer) => foreign(at.as_str(), issuer),
            Self::Namesake(name) => namesake(at.as_str(), name, evidence, view),
            Self::Predecessor(name) => predecessor(at.as_str(), name, evidence, view),
            Self::Authority(until) => (
                format!("the certificate authority in cluster-info has expired ({until}), and with it everything it signed"),
                "# replace it: https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/".to_owned(),
            ),
        }
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn foreign(at: &str, issuer: &str) -> (String, String) {
    (
        format!(
            "something in front of the API server terminates TLS at {at}, such as a load balancer: the certificate there was \
             issued by `{issuer}`, not by the authority in cluster-info"
        ),
        format!("# on the load balancer at {at}: pass TLS through to the API servers (layer 4) instead of terminating it"),
    )
}

/// A kubeconfig shows which of the two keys is the cluster's.
fn namesake(at: &str, name: &str, evidence: &Evidence, view: &ClusterView) -> (String, String) {
    if view.pins.is_empty() {
        return (
            format!(
                "the certificate at {at} was not issued by the authority in cluster-info, although both authorities are called \
                 `{name}`: a load balancer terminates TLS there, or the cluster has a new authority and cluster-info still has \
                 the old one"
            ),
            format!("{REPAIR_AND_LINE}, if the authority is new; a load balancer must pass TLS through (layer 4)"),
        );
    }
    if evidence.pins.iter().any(|pin| view.pins.contains(pin)) {
        return foreign(at, name);
    }
    (
        format!("the certificate authority `{name}` was renewed, and cluster-info still has the old one"),
        REPAIR_AND_LINE.to_owned(),
    )
}

/// The reverse case: the API server may still show a certificate from before the authority was renewed.
fn predecessor(at: &str, name: &str, evidence: &Evidence, view: &ClusterView) -> (String, String) {
    if evidence.pins.iter().any(|pin| view.pins.contains(pin)) {
        return foreign(at, name);
    }
    let still = "the API server still presents a certificate issued before the authority was renewed";
    if view.pins.is_empty() {
        return (
            format!(
                "the certificate at {at} was not issued by the authority in cluster-info, although both authorities are called \
                 `{name}`: a load balancer terminates TLS there, or {still}"
            ),
            format!("{}, if the authority is new; a load balancer must pass TLS through (layer 4)", renewed()),
        );
    }
    (still.to_owned(), renewed())
}
