//! The documents of a kubeadm configuration file.

use super::field::Field;
use crate::abi::Problem;
use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use serde_json::Value;

const GROUP: &str = "kubeadm.k8s.io";
const SUPPORTED: [&str; 3] = ["v1beta2", "v1beta3", "v1beta4"];
/// Versions of the past, with the last release of kubeadm that reads them (`app/util/config/common.go`).
const OLD: [(&str, &str); 4] = [("v1alpha1", "v1.11"), ("v1alpha2", "v1.12"), ("v1alpha3", "v1.14"), ("v1beta1", "v1.15")];
const INIT: &str = "InitConfiguration";
const CLUSTER: &str = "ClusterConfiguration";

/// The documents that this phase reads.
pub(super) struct Documents {
    init: Option<Value>,
    cluster: Option<Value>,
}

impl Documents {
    /// Checks all documents as kubeadm's `SplitConfigDocuments` and `documentMapToInitConfiguration` do, and keeps the two that
    /// this phase reads. Without any document there was no configuration file, which is fine.
    pub(super) fn read(texts: &[String], problems: &mut Vec<Problem>) -> Self {
        let mut found = Self { init: None, cluster: None };
        let mut kinds: Vec<String> = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let value = match serde_json::from_str::<Value>(text) {
                Ok(value) => value,
                Err(error) => {
                    problems.push(Problem { path: format!("documents[{index}]"), message: format!("is not JSON: {error}") });
                    continue;
                }
            };
            if value.is_null() && texts.len() == 1 {
                // An empty file: the check below says what is missing.
                continue;
            }
            let Some((group, version, kind)) = group_version_kind(&value) else {
                let message = "apiVersion (with a group) and kind are mandatory and must be specified".to_owned();
                problems.push(Problem { path: format!("documents[{index}]"), message });
                continue;
            };
            if kinds.contains(&kind) {
                problems.push(problem(&kind, "kind", "is specified twice in the file"));
            }
            if let Some(message) = refuse(&group, &version, &kind) {
                problems.push(problem(&kind, "apiVersion", &message));
            }
            match kind.as_str() {
                INIT => found.init = Some(value),
                CLUSTER => found.cluster = Some(value),
                _ => {}
            }
            kinds.push(kind);
        }
        if !texts.is_empty() && problems.is_empty() && found.init.is_none() && found.cluster.is_none() {
            let message = format!("no {INIT} or {CLUSTER} kind was found in the configuration file");
            problems.push(Problem { path: "kind".to_owned(), message });
        }
        found
    }

    pub(super) fn init_configuration(&self) -> Field<'_> {
        self.init.as_ref().map_or_else(Field::missing, Field::root)
    }

    pub(super) fn cluster_configuration(&self) -> Field<'_> {
        self.cluster.as_ref().map_or_else(Field::missing, Field::root)
    }
}

fn problem(kind: &str, field: &str, message: &str) -> Problem {
    Problem { path: format!("{kind}.{field}"), message: message.to_owned() }
}

/// Reads these fields as kubeadm does, unlike the rest of the document: names in any case, and numbers and booleans as text.
fn group_version_kind(value: &Value) -> Option<(String, String, String)> {
    let fields = value.as_object()?;
    let text = |name: &str| {
        let found = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)?;
        match fields.get(name).unwrap_or(found) {
            Value::String(text) => Some(text.clone()),
            other @ (Value::Number(_) | Value::Bool(_)) => Some(format!("{other}")),
            _ => None,
        }
    };
    let (api_version, kind) = (text("apiVersion")?, text("kind")?);
    let (group, version) = api_version.split_once('/')?;
    let is_whole = !group.is_empty() && !version.is_empty() && !version.contains('/') && !kind.is_empty();
    is_whole.then(|| (group.to_owned(), version.to_owned(), kind))
}

/// Why a document of this type is refused; none if it is accepted or ignored.
fn refuse(group: &str, version: &str, kind: &str) -> Option<String> {
    if group == GROUP {
        if let Some((_, release)) = OLD.iter().find(|(old, _)| *old == version) {
            return Some(format!(
                "`{group}/{version}` is an old API spec; run `kubeadm config migrate --old-config OLD --new-config NEW` with kubeadm {release}"
            ));
        }
        if version == "v1" {
            return Some(format!("experimental API spec `{group}/{version}` is not allowed"));
        }
    }
    let is_read = kind == INIT || kind == CLUSTER;
    let is_known = group == GROUP && SUPPORTED.contains(&version);
    (is_read && !is_known)
        .then(|| format!("no kind `{kind}` is registered for version `{group}/{version}`; use `{GROUP}/v1beta4`"))
}
