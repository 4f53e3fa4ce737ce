//! From what is wrong with a certificate to the cause and the cure.

use super::case::{Case, Lead};
use super::cure::{further_name, renewed};
use super::distrust::Distrust;
use super::reason::{Reason, Said};
use super::step::Step;

/// When the cure is the right one.
const IF_NEW: &str = "# if the authority is new; a load balancer must pass TLS through (layer 4) instead";

impl Distrust {
    /// The cause and the cure.
    pub(super) fn explained(&self, case: Case<'_>, step: Step) -> Said {
        let at = &case.join.endpoint;
        if step == Step::Login
            && matches!(case.lead(), Lead::Other | Lead::Beyond)
            && matches!(self, Self::Foreign(_) | Self::Namesake(_) | Self::Predecessor(_))
        {
            return Reason::ClusterInfoOtherServer.said(
                format!("cluster-info sends nodes to a server with a certificate of another cluster, not to {at}"),
                case.repair_for(at),
            );
        }
        match self {
            Self::Name(names) => Reason::ServerCertificateName.said(
                format!(
                    "the API server's certificate is not valid for {}, the name that nodes use, but for {}",
                    at.host(),
                    listed(names)
                ),
                further_name(at.host()),
            ),
            Self::Expired(until) => Reason::ServerCertificateExpired.said(format!("the API server's certificate has expired ({until})"), renewed()),
            Self::NotYet(from) => Reason::ServerCertificateNotYet.said(
                format!("the API server's certificate is not valid until {from}: a clock is wrong, here or where it was issued"),
                "# on the machine whose clock is wrong\nsudo timedatectl set-ntp true",
            ),
            Self::Clock { ours, theirs } => Reason::ClockWrong.said(
                format!(
                    "the clock of this machine is wrong: it says {ours}, the server says {theirs}, and the certificate is only valid at the server's time"
                ),
                "# on this machine\nsudo timedatectl set-ntp true",
            ),
            Self::Foreign(issuer) => foreign(at.as_str(), issuer),
            Self::Namesake(name) => namesake(case, name),
            Self::Predecessor(name) => predecessor(case, name),
            Self::Authority(until) => Reason::AuthorityExpired.said(
                format!("the certificate authority in cluster-info has expired ({until}), and with it everything it signed"),
                "# replace it: https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/",
            ),
        }
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn foreign(at: &str, issuer: &str) -> Said {
    Reason::TlsTerminated.said(
        format!(
            "something in front of the API server terminates TLS at {at}, such as a load balancer: the certificate there was \
             issued by `{issuer}`, not by the authority in cluster-info"
        ),
        format!("# on the load balancer at {at}: pass TLS through to the API servers (layer 4) instead of terminating it"),
    )
}

/// A kubeconfig shows which of the two keys is the cluster's.
fn namesake(case: Case<'_>, name: &str) -> Said {
    let Case { join, evidence, view, flags } = case;
    let at = join.endpoint.as_str();
    if view.pins.is_empty() {
        return Reason::ServerCertificateUntrusted.said(
            format!(
                "the certificate at {at} was not issued by the authority in cluster-info, although both authorities are called \
                 `{name}`: a load balancer terminates TLS there, or the cluster has a new authority and cluster-info still has \
                 the old one"
            ),
            format!("{IF_NEW}\n{}", flags.repair_and_line()),
        );
    }
    if evidence.pins.iter().any(|pin| view.pins.contains(pin)) {
        return foreign(at, name);
    }
    Reason::AuthorityRenewed.said(
        format!("the certificate authority `{name}` was renewed, and cluster-info still has the old one"),
        flags.repair_and_line(),
    )
}

/// The reverse case: the API server may still show a certificate from before the authority was renewed.
fn predecessor(case: Case<'_>, name: &str) -> Said {
    let Case { join, evidence, view, .. } = case;
    let at = join.endpoint.as_str();
    if evidence.pins.iter().any(|pin| view.pins.contains(pin)) {
        return foreign(at, name);
    }
    let still = "the API server still presents a certificate issued before the authority was renewed";
    if view.pins.is_empty() {
        return Reason::ServerCertificateUntrusted.said(
            format!(
                "the certificate at {at} was not issued by the authority in cluster-info, although both authorities are called \
                 `{name}`: a load balancer terminates TLS there, or {still}"
            ),
            format!("{IF_NEW}\n{}", renewed()),
        );
    }
    Reason::ServerCertificateOld.said(still, renewed())
}
