//! The ConfigMap `cluster-info`: where a joining node finds the API server and what it may trust
//! (kubeadm's `app/phases/bootstraptoken/clusterinfo`).

use crate::abi::{Failure, ObjectRef, Problem, Request};
use crate::desired::{Desired, Existing};
use crate::endpoint::{DEFAULT_PORT, Endpoint, host_port, is_loopback};
use crate::input::{Input, Warning};
use crate::kind::{KUBE_PUBLIC, KUBE_SYSTEM, Kind};
use crate::observed::Observed;
use crate::version::Release;
use crate::yaml::parse_yaml;
use alloc::{borrow::ToOwned, collections::BTreeSet, format, string::String, vec, vec::Vec};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// The key that holds the kubeconfig; beside it the controller manager writes signatures.
pub const KUBECONFIG_KEY: &str = "kubeconfig";
/// The first release whose kubeadm leaves empty `preferences` out.
const NO_PREFERENCES_SINCE: Release = Release { major: 1, minor: 34 };

/// The ConfigMap itself.
#[must_use]
pub fn cluster_info() -> ObjectRef {
    Kind::ConfigMap.object(KUBE_PUBLIC, "cluster-info")
}

/// Where kubeadm keeps the cluster's configuration.
#[must_use]
pub fn kubeadm_config() -> ObjectRef {
    Kind::ConfigMap.object(KUBE_SYSTEM, "kubeadm-config")
}

/// What a joining node is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// The URL of the API server.
    pub server: String,
    /// The certificate authority, PEM in base64; empty if none is known.
    pub certificate_authority_data: String,
}

/// Chooses what a joining node is told.
///
/// The URL is the first of: the flag or the configuration file, `kube-system/kubeadm-config`, the `cluster-info` that is
/// there, the URL by which the host reaches the server. kubeadm takes the last one always, which on an administrator's machine
/// may be an address that no node can reach. A `cluster-info` with another certificate authority than the one that the host
/// trusts is not believed.
///
/// # Errors
/// [`Failure::InvalidInput`] if none of them says anything, as with manifests for a cluster that nobody named.
pub fn discovery(request: &Request, input: &Input, observed: &Observed) -> Result<Discovery, Failure> {
    let trusted = STANDARD.encode(request.server.certificate_authority.as_bytes());
    let present = present_cluster(observed);
    let member = |name: &str| present.as_ref().and_then(|cluster| Some(cluster.get(name)?.as_str()?.to_owned()));
    let present_authority = member("certificate-authority-data");
    let is_ours = trusted.is_empty()
        || present_authority.as_ref().is_some_and(|data| has_same_certificates(data, &request.server.certificate_authority));
    let present_server = member("server").filter(|server| is_ours && server.starts_with("https://"));
    let reached = Some(request.server.url.clone()).filter(|url| !url.is_empty());
    let server = input.server_url.clone().or_else(|| configured_url(observed)).or(present_server).or(reached);
    let unknown = || {
        let message = "is not known: say it in the configuration, or as --control-plane-endpoint HOST:PORT".to_owned();
        Failure::InvalidInput(vec![Problem { path: "controlPlaneEndpoint".to_owned(), message }])
    };
    // What kubeadm copied may have remarks between its certificates: it stays if they are the same.
    let certificate_authority_data = if is_ours { present_authority.unwrap_or_default() } else { trusted };
    Ok(Discovery { server: server.ok_or_else(unknown)?, certificate_authority_data })
}

impl Discovery {
    /// What the user should know about it; `leads` says what leads there.
    #[must_use]
    pub fn warnings(&self, leads: &str, request: &Request) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let mut warn = |rule, title| warnings.push(Warning { rule, title });
        let reached = &request.server.url;
        if is_loopback(&self.server) {
            let title = format!("{leads} to `{}`, which other machines cannot reach", self.server);
            warn("loopback-endpoint", title);
        } else if !reached.is_empty() && !is_loopback(reached) && host_port(reached) != host_port(&self.server) {
            warn("other-endpoint", format!("nodes are sent to `{}`, you are connected to `{reached}`", self.server));
        }
        if self.certificate_authority_data.is_empty() {
            warn("no-certificate-authority", "no certificate authority is known, so nodes cannot verify the server".to_owned());
        }
        warnings
    }

    /// The ConfigMap as it should be. Other keys, and signatures in particular, stay.
    #[must_use]
    pub fn desired(&self, target: Release, observed: &Observed) -> Desired {
        let data = json!({ KUBECONFIG_KEY: self.kubeconfig(target) });
        let is_right = present_kubeconfig(observed).is_some_and(|present| self.is_said_by(&present));
        let patch = if is_right { json!({}) } else { json!({ "data": data }) };
        let mut fields = Map::new();
        fields.insert("data".to_owned(), data);
        Desired {
            kind: Kind::ConfigMap,
            target: cluster_info(),
            fields,
            existing: Existing::Patch(patch),
            after: Vec::new(),
            reason: "where nodes find the API server".to_owned(),
        }
    }

    /// The kubeconfig, byte for byte as kubeadm writes it.
    fn kubeconfig(&self, target: Release) -> String {
        let authority = match self.certificate_authority_data.as_str() {
            "" => String::new(),
            data => format!("    certificate-authority-data: {data}\n"),
        };
        let preferences = if target < NO_PREFERENCES_SINCE { "preferences: {}\n" } else { "" };
        format!(
            "apiVersion: v1\nclusters:\n- cluster:\n{authority}    server: {}\n  name: \"\"\ncontexts: null\ncurrent-context: \"\"\nkind: Config\n{preferences}users: null\n",
            self.server
        )
    }

    /// Whether a kubeconfig says exactly this. Compared by meaning: the releases of kubeadm format it differently.
    fn is_said_by(&self, kubeconfig: &Value) -> bool {
        let mut cluster = json!({ "server": self.server });
        if let (false, Some(fields)) = (self.certificate_authority_data.is_empty(), cluster.as_object_mut()) {
            fields.insert("certificate-authority-data".to_owned(), json!(self.certificate_authority_data));
        }
        let is_nothing = |value: &Value| match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        };
        kubeconfig.as_object().is_some_and(|fields| {
            fields.iter().all(|(name, value)| match name.as_str() {
                "apiVersion" => value == "v1",
                "kind" => value == "Config",
                "clusters" => *value == json!([{ "cluster": cluster, "name": "" }]),
                _ => is_nothing(value),
            }) && fields.contains_key("clusters")
        })
    }
}

/// `controlPlaneEndpoint` of `kubeadm-config`, as a URL.
#[must_use]
pub fn configured_url(observed: &Observed) -> Option<String> {
    let found = observed.get(&kubeadm_config())?;
    let configuration = parse_yaml(found.get("data")?.get("ClusterConfiguration")?.as_str()?)?;
    let endpoint = configuration.get("controlPlaneEndpoint")?.as_str()?;
    Some(Endpoint::parse(endpoint)?.url(DEFAULT_PORT))
}

/// Whether authority data of cluster-info holds the certificates of a PEM text and no other block.
fn has_same_certificates(data: &str, trusted: &str) -> bool {
    let Some(present) = STANDARD.decode(data).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else { return false };
    let found = certificates(&present);
    present.matches("-----BEGIN").count() == trusted.matches("-----BEGIN CERTIFICATE-----").count()
        && present.lines().filter(|line| line.trim_end() == "-----BEGIN CERTIFICATE-----").count() == found.len()
        && !found.is_empty()
        && found == certificates(trusted)
}

/// The bodies of the certificates in a PEM text, without white space.
#[must_use]
pub fn certificates(pem: &str) -> BTreeSet<String> {
    let blocks = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    let bodies = blocks.filter_map(|block| block.split_once("-----END CERTIFICATE-----"));
    bodies.map(|(body, _)| body.split_ascii_whitespace().collect()).collect()
}

fn present_kubeconfig(observed: &Observed) -> Option<Value> {
    parse_yaml(observed.get(&cluster_info())?.get("data")?.get(KUBECONFIG_KEY)?.as_str()?)
}

fn present_cluster(observed: &Observed) -> Option<Value> {
    present_kubeconfig(observed)?.get("clusters")?.get(0)?.get("cluster").cloned()
}
