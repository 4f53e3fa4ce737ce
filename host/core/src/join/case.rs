//! What a diagnosis is derived from.

use super::command::{Endpoint, JoinCommand};
use super::cure::CureFlags;
use super::step::Evidence;
use super::view::ClusterView;

/// All that is known of a command.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    /// The command.
    pub(super) join: &'a JoinCommand,
    /// What a joining node observes.
    pub(super) evidence: &'a Evidence,
    /// What an administrator sees.
    pub(super) view: &'a ClusterView,
    /// How to call the commands of a cure.
    pub(super) flags: &'a CureFlags,
}

/// Where cluster-info sends nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// Not known.
    Unknown,
    /// To the endpoint of the command.
    Same,
    /// To another server, or to another path.
    Other,
    /// The command has an address of this machine alone, as of a port-forward, and cluster-info one of another machine: what can be
    /// reached from here says nothing of a node.
    Beyond,
}

impl Case<'_> {
    /// Where cluster-info sends nodes.
    pub(super) fn lead(self) -> Lead {
        let Some(server) = &self.evidence.server else { return Lead::Unknown };
        let named = Endpoint::of_url(server);
        match &named {
            Some(named) if *named == self.join.endpoint && !has_path(server) => Lead::Same,
            Some(named) if self.join.endpoint.is_loopback() && !named.is_loopback() => Lead::Beyond,
            _ => Lead::Other,
        }
    }

    /// Repairs the objects, and cluster-info names this endpoint; but no address of this machine takes the place of one that nodes can
    /// reach.
    pub(super) fn repair_for(self, endpoint: &Endpoint) -> String {
        let named = self.evidence.server.as_deref().and_then(Endpoint::of_url);
        if endpoint.is_loopback() && !named.as_ref().unwrap_or(&self.join.endpoint).is_loopback() {
            return format!("# with the address that nodes use\n{}", self.flags.repair_for("HOST:PORT"));
        }
        self.flags.repair_for(endpoint.as_str())
    }
}

/// Whether a URL has a path.
fn has_path(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/').is_some_and(|(_, path)| !path.is_empty())
}
