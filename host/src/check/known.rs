//! Which servers may be contacted about a join command that a phase made: those that the user, the kubeconfig or the cluster
//! names, and no name that the phase invented. A DNS lookup alone would reveal the contents of a name to its name server.

use super::client::{ApiClient, Setting, cluster_info, entry};
use super::{seen, target};
use crate::config::Run;
use crate::yaml;
use kubephase_core::join::Endpoint;
use kubephase_core::object::ObjectRef;
use kubephase_core::policy::Policy;
use kubephase_core::source::PhaseSource;
use serde_json::Value;

/// kubeadm's default port (`localAPIEndpoint.bindPort`).
const PORT: u16 = 6443;

/// The endpoints that are known independently of the phase: from `--control-plane-endpoint`, the configuration file,
/// `kubeadm-config`, cluster-info and the kubeconfig. An object counts only if the phase may not write it, or
/// is the embedded one itself. Unreadable sources are skipped.
pub(crate) fn known(run: &Run, policy: Policy<'_>, setting: Setting<'_>) -> Vec<Endpoint> {
    let is_own = run.phase.source == PhaseSource::Embedded;
    // Every phase that prepares clusters writes cluster-info; only the embedded one is known to write it correctly.
    let is_cluster_info = |object: &ObjectRef| cluster_info().is_ok_and(|info| info == *object);
    let counts = |object: &ObjectRef| is_own || (!is_cluster_info(object) && !policy.may_write(object));
    asked(run).into_iter().chain(named(setting, counts)).collect()
}

/// The endpoints that the kubeconfig and the cluster name; no phase has written them.
pub(crate) fn known_to_cluster(setting: Setting<'_>) -> Vec<Endpoint> {
    named(setting, |_| true)
}

/// The endpoints in the kubeconfig, and in those of the objects that count.
fn named(setting: Setting<'_>, counts: impl Fn(&ObjectRef) -> bool) -> Vec<Endpoint> {
    let Ok(Some(target)) = target(setting.connection) else { return Vec::new() };
    let mut named: Vec<Endpoint> = Endpoint::of_url(&target.server().url).into_iter().collect();
    let Ok(client) = ApiClient::open(target, "the administrator", setting) else { return named };
    if seen::kubeadm_config_object().is_ok_and(|object| counts(&object)) {
        let map = seen::kubeadm_config(&client);
        let config = map.and_then(|map| yaml::parse_document(entry(&map, "ClusterConfiguration")?).ok());
        let endpoint = config.as_ref().and_then(|config| config.get("controlPlaneEndpoint")?.as_str());
        named.extend(endpoint.into_iter().flat_map(|text| spelled(text, &[PORT])));
    }
    if let Ok(object) = cluster_info()
        && counts(&object)
        && let Ok(Some(info)) = client.get(&object)
    {
        let config = entry(&info, "kubeconfig").and_then(|text| yaml::parse_document(text).ok());
        let clusters = config.as_ref().and_then(|config| config.get("clusters")?.as_array());
        let servers = clusters.into_iter().flatten().filter_map(|cluster| cluster.get("cluster")?.get("server")?.as_str());
        named.extend(servers.filter_map(Endpoint::of_url));
    }
    named
}

/// The endpoints in the command line and the configuration file.
fn asked(run: &Run) -> Vec<Endpoint> {
    let documents = &run.question.documents;
    let port = |document: &Value| document.get("localAPIEndpoint")?.get("bindPort")?.as_f64().map(|port| port as u16);
    let ports: Vec<u16> = documents.iter().filter_map(port).filter(|port| *port > 0).chain([PORT]).collect();
    let endpoints = documents.iter().chain([&run.question.parameters]);
    let endpoints = endpoints.filter_map(|place| place.get("controlPlaneEndpoint")?.as_str());
    endpoints.flat_map(|text| spelled(text, &ports)).collect()
}

/// An endpoint as it is, or with each of these ports if it has none.
fn spelled(text: &str, ports: &[u16]) -> Vec<Endpoint> {
    let text = text.trim_end_matches(':');
    match Endpoint::parse(text) {
        Ok(endpoint) => vec![endpoint],
        Err(_) => {
            let with_port = |port: &u16| [format!("{text}:{port}"), format!("[{text}]:{port}")];
            ports.iter().flat_map(with_port).filter_map(|text| Endpoint::parse(&text).ok()).collect()
        }
    }
}
