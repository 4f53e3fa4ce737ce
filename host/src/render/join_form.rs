//! What a new node is given, in the forms that kubeadm, the kubelet and machine templates read.

use crate::yaml;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubephase_core::format::JoinForm;
use kubephase_core::join::{JoinCommand, JoinFormError, Role, Trust};
use kubephase_core::question::Server;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Where a node finds its configuration (Cluster API's own place, `bootstrap/kubeadm/internal/cloudinit`): a folder in memory, which a
/// restart empties.
const ON_NODE: &str = "/run/kubeadm/kubeadm-join-config.yaml";
/// From this minor release on kubeadm writes `v1beta4` (`kubeadm/app/apis/kubeadm`).
const V1BETA4: u32 = 31;
/// The names that kubeadm gives the entries of a kubeconfig for the bootstrap (`kubeadm/app/phases/kubelet`, `constants.go`).
const CLUSTER: &str = "kubernetes";
const USER: &str = "tls-bootstrap-token-user";

/// The text of a form, with the token in clear.
///
/// # Errors
/// [`JoinFormError`] for what the form cannot say.
pub fn join_form(form: JoinForm, join: &JoinCommand, server: &Server) -> Result<Zeroizing<String>, JoinFormError> {
    if join.role == Role::ControlPlane {
        return Err(JoinFormError::ControlPlane);
    }
    let authority = Some(server.certificate_authority.as_str()).filter(|pem| !pem.is_empty()).ok_or(JoinFormError::NoAuthority);
    Ok(match form {
        JoinForm::JoinConfig => join_configuration(join, server)?,
        JoinForm::DiscoveryFile => document(&discovery_file(join, authority?)),
        JoinForm::BootstrapKubeconfig => document(&bootstrap_kubeconfig(join, authority?)),
        JoinForm::CloudInit => {
            let configuration = join_configuration(join, server)?;
            let file = json!({ "path": ON_NODE, "owner": "root:root", "permissions": "0600", "content": *configuration });
            let data = json!({ "write_files": [file], "runcmd": [format!("kubeadm join --config {ON_NODE}")] });
            Zeroizing::new(format!("#cloud-config\n{}", *document(&data)))
        }
        JoinForm::Ignition => {
            let configuration = join_configuration(join, server)?;
            let source = Zeroizing::new(format!("data:;base64,{}", STANDARD.encode(configuration.as_bytes())));
            let mut text = Zeroizing::new(serde_json::to_string_pretty(&ignition(&source)).unwrap_or_default());
            text.push('\n');
            text
        }
    })
}

/// A `JoinConfiguration` (`kubeadm/app/apis/kubeadm/v1beta4/types.go`), as old as the cluster needs it.
fn join_configuration(join: &JoinCommand, server: &Server) -> Result<Zeroizing<String>, JoinFormError> {
    let minor = server.version.trim_start_matches('v').split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
    // What does not say its release is as new as this plugin.
    let version = if minor.is_none_or(|minor| minor >= V1BETA4) { "v1beta4" } else { "v1beta3" };
    let trust = match &join.trust {
        Trust::Pins(pins) | Trust::Kubeconfig(pins) if !pins.is_empty() => json!({ "caCertHashes": pins }),
        _ => return Err(JoinFormError::NoAuthority),
    };
    let mut discovery = json!({ "apiServerEndpoint": join.endpoint.as_str(), "token": *join.login.bearer() });
    if let (Some(discovery), Some(trust)) = (discovery.as_object_mut(), trust.as_object()) {
        discovery.extend(trust.clone());
    }
    Ok(document(&json!({
        "apiVersion": format!("kubeadm.k8s.io/{version}"),
        "kind": "JoinConfiguration",
        "discovery": { "bootstrapToken": discovery },
    })))
}

/// A kubeconfig with the cluster alone, as cluster-info has it: for `kubeadm join --discovery-file`.
fn discovery_file(join: &JoinCommand, authority: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "", "cluster": cluster(join, authority) }],
        "contexts": [],
        "current-context": "",
        "preferences": {},
        "users": [],
    })
}

/// What the kubelet begins with (`--bootstrap-kubeconfig`).
fn bootstrap_kubeconfig(join: &JoinCommand, authority: &str) -> Value {
    let context = format!("{USER}@{CLUSTER}");
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": CLUSTER, "cluster": cluster(join, authority) }],
        "contexts": [{ "name": context, "context": { "cluster": CLUSTER, "user": USER } }],
        "current-context": context,
        "preferences": {},
        "users": [{ "name": USER, "user": { "token": *join.login.bearer() } }],
    })
}

fn cluster(join: &JoinCommand, authority: &str) -> Value {
    json!({ "certificate-authority-data": STANDARD.encode(authority), "server": join.endpoint.url() })
}

/// An Ignition configuration (spec 3.0, which every later one reads) with a unit that joins once the network is there.
fn ignition(source: &str) -> Value {
    // Where distributions for Ignition have kubeadm.
    let unit = format!(
        "[Unit]\nDescription=kubeadm join\nWants=network-online.target\nAfter=network-online.target containerd.service crio.service\n\
         ConditionPathExists=!/etc/kubernetes/kubelet.conf\n\n[Service]\nType=oneshot\n\
         Environment=PATH=/opt/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n\
         ExecStart=/usr/bin/env kubeadm join --config {IGNITED}\n\n[Install]\nWantedBy=multi-user.target\n"
    );
    json!({
        "ignition": { "version": "3.0.0" },
        "storage": { "files": [{ "path": IGNITED, "mode": 0o600, "contents": { "source": source } }] },
        "systemd": { "units": [{ "name": "kubeadm-join.service", "enabled": true, "contents": unit }] },
    })
}

/// Where it is with Ignition, which writes before `/run` is that of the system.
const IGNITED: &str = "/etc/kubernetes/kubeadm-join-config.yaml";

fn document(value: &Value) -> Zeroizing<String> {
    Zeroizing::new(yaml::write_documents(std::slice::from_ref(value)))
}
