//! A `JoinConfiguration`, as kubeadm reads it (`kubeadm/app/util/config/joinconfiguration.go`, `app/apis/kubeadm/v1beta4/types.go`,
//! `app/apis/kubeadm/validation`).

use super::super::error::{CheckError, MachineError};
use crate::yaml;
use kubephase_core::join::command::{JoinWords, Spelling};
use kubephase_core::join::{JoinCommand, Role, Trust};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

/// The kind.
const KIND: &str = "JoinConfiguration";
/// Its group.
const GROUP: &str = "kubeadm.k8s.io/";
/// The versions that a kubeadm of today reads.
const VERSIONS: [&str; 3] = ["v1beta2", "v1beta3", "v1beta4"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JoinConfiguration {
    #[serde(default)]
    discovery: Option<Discovery>,
    #[serde(default)]
    control_plane: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Discovery {
    #[serde(default)]
    bootstrap_token: Option<BootstrapTokenDiscovery>,
    #[serde(default)]
    file: Option<Value>,
    #[serde(default)]
    tls_bootstrap_token: Option<SecretString>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BootstrapTokenDiscovery {
    #[serde(default)]
    token: Option<SecretString>,
    #[serde(default)]
    api_server_endpoint: Option<String>,
    #[serde(default)]
    ca_cert_hashes: Option<Vec<String>>,
    #[serde(default, rename = "unsafeSkipCAVerification")]
    unsafe_skip_ca_verification: Option<bool>,
}

/// The join of a configuration, as `kubeadm join --config` reads it.
///
/// # Errors
/// [`CheckError`] for what kubeadm refuses, and for a text without one.
pub fn read_one(text: &str) -> Result<JoinCommand, CheckError> {
    read(text)?.ok_or(CheckError::Machine(MachineError::NoJoin))
}

/// The join of the configuration in a text; `None` if there is none in it. Other documents may stand beside it.
pub(super) fn read(text: &str) -> Result<Option<JoinCommand>, CheckError> {
    if !text.contains(KIND) {
        return Ok(None);
    }
    let invalid = |what: String| MachineError::Document(KIND, what);
    let documents = yaml::parse_documents(text).map_err(|error| invalid(error.to_string()))?;
    let said = |document: &Value, field: &str| document.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_join = |document: &Value| said(document, "kind") == KIND && said(document, "apiVersion").starts_with(GROUP);
    let mut joins = documents.into_iter().filter(is_join);
    let Some(document) = joins.next() else { return Ok(None) };
    if joins.next().is_some() {
        return Err(invalid("it is there twice".to_owned()).into());
    }
    let version = said(&document, "apiVersion");
    if !version.strip_prefix(GROUP).is_some_and(|version| VERSIONS.contains(&version)) {
        return Err(MachineError::Version(version).into());
    }
    // What does not fit is not repeated: it may be a token.
    let wrong = |_| invalid("a field in it has a value of another type".to_owned());
    let configuration: JoinConfiguration = serde_json::from_value(document).map_err(wrong)?;
    of(configuration).map(Some)
}

fn of(configuration: JoinConfiguration) -> Result<JoinCommand, CheckError> {
    let invalid = |what: &str| MachineError::Document(KIND, what.to_owned());
    let discovery = configuration.discovery.unwrap_or_default();
    let given = match (discovery.bootstrap_token, discovery.file) {
        (Some(given), None) => given,
        (Some(_), Some(_)) => return Err(invalid("it has discovery.bootstrapToken and discovery.file").into()),
        (None, Some(_)) => return Err(CheckError::ByFile),
        (None, None) => return Err(invalid("it has neither discovery.bootstrapToken nor discovery.file").into()),
    };
    let role = if configuration.control_plane.is_some_and(|value| !value.is_null()) { Role::ControlPlane } else { Role::Worker };
    let unsaid = if given.unsafe_skip_ca_verification == Some(true) { Trust::Unsafe } else { Trust::Unsaid };
    // Each entry is one hash: the commas of the flag mean nothing here.
    let hashes = given.ca_cert_hashes.unwrap_or_default();
    let text = |token: SecretString| Zeroizing::new(token.expose_secret().to_owned());
    let words = JoinWords {
        endpoint: given.api_server_endpoint,
        // The token for the cluster is also that for the login, and not the other way round.
        token: given.token.map(text),
        discovery_token: None,
        tls_bootstrap_token: discovery.tls_bootstrap_token.map(text),
        hashes,
        spelling: Spelling::Configuration,
    };
    Ok(JoinCommand::of(&words, unsaid, role)?)
}
