//! The ConfigMap `cluster-info`: where a joining node finds the API server and what it may trust
//! (kubeadm's `app/phases/bootstraptoken/clusterinfo`).

use crate::abi::{Failure, ObjectRef, Problem, Request};
use crate::desired::{Desired, Existing};
use crate::endpoint::{ControlPlaneEndpoint, EndpointAddress, is_loopback, is_same_place};
use crate::input::{Input, Warning};
use crate::kind::{KUBE_PUBLIC, KUBE_SYSTEM, Kind};
use crate::observed::Observed;
use crate::version::Release;
use crate::yaml::parse_yaml;
use alloc::{borrow::ToOwned, collections::BTreeSet, format, string::String, vec, vec::Vec};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// The key that holds the kubeconfig. The controller manager writes signatures under other keys.
pub const KUBECONFIG_KEY: &str = "kubeconfig";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// The first release whose kubeadm leaves empty `preferences` out.
const NO_PREFERENCES_SINCE: Release = Release::v1(34, 0);

/// The ConfigMap that joining nodes read before they log in.
#[must_use]
pub fn cluster_info() -> ObjectRef {
    Kind::ConfigMap.object(KUBE_PUBLIC, "cluster-info")
}

/// The ConfigMap in which kubeadm keeps the cluster's configuration.
#[must_use]
pub fn kubeadm_config() -> ObjectRef {
    Kind::ConfigMap.object(KUBE_SYSTEM, "kubeadm-config")
}

/// What `cluster-info` tells a joining node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// The URL of the API server, as nodes reach it.
    pub server: String,
    /// The certificate authority, PEM in base64; empty if none is known.
    pub certificate_authority_data: String,
}

/// Chooses what a joining node is told.
///
/// The URL is the first of: the flag or the configuration file, `kube-system/kubeadm-config`, the existing `cluster-info`, the
/// URL by which the host reaches the server. kubeadm always takes the last, which on an administrator's machine may be an address
/// that no node can reach. An existing `cluster-info` counts only if it has a certificate that the host trusts as well; its other
/// certificates then stay, because authorities may be in rotation.
///
/// # Errors
/// [`Failure::InvalidInput`] if there is no URL at all, as with manifests and no named cluster; and if only the host's own URL is
/// left and it has a path, as behind a proxy such as Rancher's, or is a loopback address that would replace another address.
pub fn discovery(request: &Request, input: &Input, observed: &Observed) -> Result<Discovery, Failure> {
    let trusted = &request.server.certificate_authority;
    let present = present_cluster(observed);
    let member = |name: &str| present.as_ref().and_then(|cluster| Some(cluster.get(name)?.as_str()?.to_owned()));
    let present_authority = member("certificate-authority-data");
    let believed = merged_authority(present_authority.as_deref(), trusted);
    let present_server = member("server").filter(|server| server.to_ascii_lowercase().starts_with("https://"));
    let believed_server = present_server.clone().filter(|_| believed.is_some());
    let reached = Some(request.server.url.clone()).filter(|url| !url.is_empty());
    let named = input.endpoint.clone().or_else(|| configured_endpoint(observed));
    let working: Vec<&str> = believed_server.iter().chain(&reached).map(String::as_str).collect();
    let server = match (named.map(|endpoint| endpoint.url(&working)), believed_server, reached) {
        (Some(server), ..) | (None, Some(server), _) => server,
        (None, None, Some(reached)) => fit_for_nodes(reached, present_server.as_deref())?,
        (None, None, None) => return Err(unknown("is not known: set it in the configuration, or with")),
    };
    let certificate_authority_data = believed.unwrap_or_else(|| STANDARD.encode(trusted.as_bytes()));
    Ok(Discovery { server, certificate_authority_data })
}

/// The URL by which the host reaches the server, if it suits nodes.
fn fit_for_nodes(reached: String, present: Option<&str>) -> Result<String, Failure> {
    if EndpointAddress::of(&reached).is_some_and(|address| !address.is_root()) {
        return Err(unknown(&format!("is not known: you reach the API server at `{reached}`, a path on a proxy; set it with")));
    }
    match present {
        Some(present) if is_loopback(&reached) && !is_loopback(present) => Err(unknown(&format!(
            "is ambiguous: cluster-info points to `{present}` with a certificate authority other than yours, and you reach the \
             API server at `{reached}`; set it with"
        ))),
        _ => Ok(reached),
    }
}

fn unknown(why: &str) -> Failure {
    let message = format!("{why} --control-plane-endpoint HOST:PORT");
    Failure::InvalidInput(vec![Problem { path: "controlPlaneEndpoint".to_owned(), message }])
}

/// The authority data for cluster-info; none if the existing one does not count. It counts if the host knows no authority, or if
/// the two share a certificate. It stays unchanged if it has everything that the host trusts and nothing but certificates;
/// otherwise both are merged.
fn merged_authority(present: Option<&str>, trusted: &str) -> Option<String> {
    let trusted_certificates = certificates(trusted);
    let Some(present) = present else { return trusted_certificates.is_empty().then(String::new) };
    if trusted_certificates.is_empty() {
        return Some(present.to_owned());
    }
    let pem = decoded(present)?;
    let found = certificates(&pem);
    if found.is_disjoint(&trusted_certificates) {
        return None;
    }
    let is_plain = pem.matches("-----BEGIN").count() == pem.matches(BEGIN).count();
    if is_plain && found.is_superset(&trusted_certificates) {
        return Some(present.to_owned());
    }
    let further: String = found.difference(&trusted_certificates).map(|body| block(body)).collect();
    let newline = if further.is_empty() || trusted.ends_with('\n') { "" } else { "\n" };
    Some(STANDARD.encode(format!("{trusted}{newline}{further}")))
}

/// A certificate as PEM (RFC 7468).
fn block(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).filter_map(|line| core::str::from_utf8(line).ok()).collect();
    format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"))
}

impl Discovery {
    /// Warnings for the user. `leads` begins the one about a loopback address, such as `cluster-info leads`.
    #[must_use]
    pub fn warnings(&self, leads: &str, request: &Request) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let mut warn = |rule, title| warnings.push(Warning { rule, title });
        let reached = &request.server.url;
        if is_loopback(&self.server) {
            let title = format!("{leads} to `{}`, which other machines cannot reach", self.server);
            warn("loopback-endpoint", title);
        } else if !reached.is_empty() && !is_loopback(reached) && !is_same_place(reached, &self.server) {
            warn("other-endpoint", format!("nodes are sent to `{}`, but you are connected to `{reached}`", self.server));
        }
        if self.certificate_authority_data.is_empty() {
            warn(
                "no-certificate-authority",
                "the certificate authority is not known, so nodes cannot verify the server".to_owned(),
            );
        }
        warnings
    }

    /// The desired ConfigMap. Other keys stay, signatures in particular.
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
            labels: Vec::new(),
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

    /// Whether a kubeconfig says exactly this. Compares values, not text: the releases of kubeadm format it differently.
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

/// `controlPlaneEndpoint` of `kubeadm-config`.
#[must_use]
pub fn configured_endpoint(observed: &Observed) -> Option<ControlPlaneEndpoint> {
    let found = observed.get(&kubeadm_config())?;
    let configuration = parse_yaml(found.get("data")?.get("ClusterConfiguration")?.as_str()?)?;
    ControlPlaneEndpoint::parse(configuration.get("controlPlaneEndpoint")?.as_str()?)
}

/// The text of `certificate-authority-data`. Line breaks within the base64 are skipped, as in Go.
#[must_use]
pub fn decoded(data: &str) -> Option<String> {
    let data: String = data.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    String::from_utf8(STANDARD.decode(data).ok()?).ok()
}

/// The certificates in a PEM text, as DER. A block that is not base64 is skipped, as in Go.
#[must_use]
pub fn certificates(pem: &str) -> BTreeSet<Vec<u8>> {
    let bodies = pem.split(BEGIN).skip(1).filter_map(|block| block.split_once(END));
    let texts = bodies.map(|(body, _)| body.split_ascii_whitespace().collect::<String>());
    texts.filter_map(|body| STANDARD.decode(body).ok()).collect()
}

/// The cluster of a kubeconfig that a joining node takes: the one with an empty name, else that of the current context (kubeadm's
/// `GetClusterFromKubeConfig`). None if there is neither, or if two have the same name, which client-go refuses.
#[must_use]
pub fn cluster_of(kubeconfig: &Value) -> Option<&Map<String, Value>> {
    let entries = |name: &str| kubeconfig.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let name_of = |entry: &Value| entry.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let named = |list: &str, name: &str| {
        let mut found = entries(list).iter().filter(|entry| name_of(entry) == name);
        found.next().filter(|_| found.next().is_none())
    };
    let cluster = named("clusters", "").or_else(|| {
        let context = kubeconfig.get("current-context").and_then(Value::as_str).unwrap_or_default();
        let cluster = named("contexts", context)?.get("context")?.get("cluster")?.as_str()?;
        named("clusters", cluster)
    });
    cluster?.get("cluster")?.as_object()
}

fn present_kubeconfig(observed: &Observed) -> Option<Value> {
    parse_yaml(observed.get(&cluster_info())?.get("data")?.get(KUBECONFIG_KEY)?.as_str()?)
}

fn present_cluster(observed: &Observed) -> Option<Map<String, Value>> {
    cluster_of(&present_kubeconfig(observed)?).cloned()
}
