//! Which credential plugins may run: the policy in kubectl's preferences (`kubectl/pkg/kuberc`,
//! `client-go/plugin/pkg/client/auth/exec`).

use super::bounded;
use super::program::{cleaned, look_up};
use crate::cluster::ClusterError;
use crate::yaml;
use kubephase_core::connection::Kuberc;
use serde_json::{Map, Value};
use std::io::ErrorKind;
use std::path::Path;

/// The API group of kubectl's preferences.
const GROUP: &str = "kubectl.config.k8s.io/";

/// Which plugins may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Policy {
    /// All.
    AllowAll,
    /// None.
    DenyAll,
    /// Those in the list, each a name that is looked up in `PATH`, or a path.
    Allowlist(Vec<String>),
}

impl Policy {
    /// Reads the preferences. Without any, all plugins may run.
    ///
    /// # Errors
    /// [`ClusterError`] for a named file that cannot be read, one that is not a preferences file, and a contradictory policy.
    /// kubectl continues without a policy if its default file cannot be read; here a policy that may be in it is not ignored.
    pub(super) fn read(place: &Kuberc) -> Result<Self, ClusterError> {
        let (path, is_named) = match place {
            Kuberc::Off => return Ok(Self::AllowAll),
            Kuberc::Flag(path) | Kuberc::Variable(path) => (path, true),
            Kuberc::Home(path) => (path, false),
        };
        let odd = |why: String| ClusterError::unavailable(format!("kuberc: {}: {why}", path.display()));
        let bytes = match bounded::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound && !is_named => return Ok(Self::AllowAll),
            Err(error) => return Err(odd(error.to_string())),
        };
        let text = String::from_utf8_lossy(&bytes);
        let documents = yaml::parse_documents(&text).map_err(|error| odd(error.to_string()))?;
        let documents: Vec<Value> = documents.into_iter().filter(|document| !document.is_null()).collect();
        let is_preference = |fields: &Map<String, Value>| {
            let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
            text("kind") == "Preference" && text("apiVersion").starts_with(GROUP)
        };
        let found = documents.iter().filter_map(Value::as_object).find(|fields| is_preference(fields));
        match found {
            Some(fields) => Self::of(fields).map_err(odd),
            None if documents.is_empty() => Ok(Self::AllowAll),
            None => {
                Err(odd("no valid preferences found in it; they must be `kind: Preference` of `kubectl.config.k8s.io/v1beta1`"
                    .to_owned()))
            }
        }
    }

    /// The policy in the preferences.
    fn of(fields: &Map<String, Value>) -> Result<Self, String> {
        // The first version has no policy, and ignores unknown fields.
        if fields.get("apiVersion").and_then(Value::as_str) == Some("kubectl.config.k8s.io/v1alpha1") {
            return Ok(Self::AllowAll);
        }
        let list = match fields.get("credentialPluginAllowlist") {
            None | Some(Value::Null) => None,
            Some(Value::Array(items)) => Some(items.iter().map(entry).collect::<Result<Vec<_>, _>>()?),
            Some(_) => return Err("`credentialPluginAllowlist` is not a list".to_owned()),
        };
        let said = match fields.get("credentialPluginPolicy") {
            None | Some(Value::Null) => "",
            Some(Value::String(policy)) => policy,
            Some(_) => return Err("`credentialPluginPolicy` is not a string".to_owned()),
        };
        match (said, list) {
            ("" | "AllowAll", None) => Ok(Self::AllowAll),
            ("DenyAll", None) => Ok(Self::DenyAll),
            ("" | "AllowAll" | "DenyAll", Some(_)) => {
                Err(format!("misconfigured credential plugin allowlist: plugin policy is \"{said}\" but allowlist is non-nil"))
            }
            ("Allowlist", None) => Err("credential plugin policy set to \"Allowlist\", but allowlist is unspecified".to_owned()),
            ("Allowlist", Some(list)) if list.is_empty() => {
                Err("credential plugin policy set to \"Allowlist\", but allowlist is empty; \
                 use \"DenyAll\" policy instead"
                    .to_owned())
            }
            ("Allowlist", Some(list)) => Ok(Self::Allowlist(list)),
            (other, _) => Err(format!("unknown plugin policy: \"{other}\"")),
        }
    }

    /// Checks whether a command may run; `found` is its file.
    ///
    /// # Errors
    /// kubectl's message for one that may not.
    pub(super) fn check(&self, command: &str, found: Option<&Path>, path: Option<&str>) -> Result<(), String> {
        let list = match self {
            Self::AllowAll => return Ok(()),
            Self::DenyAll => return Err(format!("plugin \"{command}\" not allowed: policy set to \"DenyAll\"")),
            Self::Allowlist(list) => list,
        };
        let Some(file) = found else {
            let why = "cannot be resolved for credential plugin allowlist check: executable file not found";
            return Err(format!("plugin path \"{command}\" {why}"));
        };
        let is_meant =
            |entry: &String| *entry == command || Path::new(entry) == file || look_up(entry, path).as_deref() == Some(file);
        if list.iter().any(is_meant) {
            return Ok(());
        }
        Err(format!("plugin path \"{}\" is not permitted by the credential plugin allowlist", file.display()))
    }
}

/// An entry of the list; `name` is the older spelling of the field.
fn entry(item: &Value) -> Result<String, String> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let command = match (text("command"), text("name")) {
        ("", "") => return Err("misconfigured credential plugin allowlist: empty allowlist entry".to_owned()),
        ("", name) => name,
        (command, name) if name.is_empty() || name == command => command,
        _ => return Err("an allowlist entry has both `name` and `command`, with different values".to_owned()),
    };
    let clean = cleaned(command);
    if clean == command { Ok(clean) } else { Err(format!("non-normalized file path: \"{command}\" vs \"{clean}\"")) }
}
