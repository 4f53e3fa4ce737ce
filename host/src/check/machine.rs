//! A Machine of Cluster API (`cluster.x-k8s.io`, `api/core/v1beta2/machine_types.go`): what it is started with, and the cluster that it is
//! to join. Both are read in the management cluster.

use super::client::{ApiClient, Setting, core_object, object, resource};
use super::steps::one_line;
use super::target;
use crate::cluster::ClusterError;
use crate::cluster::error::ClusterErrorKind;
use crate::config::machine::{Parsed, of_user_data};
use crate::config::{CheckError, ConfigError};
use crate::errors::Error;
use crate::yaml;
use kubephase_core::bootstrap_token::binary_datum;
use kubephase_core::connection::Connection;
use kubephase_core::inventory::Reach;
use kubephase_core::inventory::secrets::KubeconfigSecret;
use kubephase_core::join::CureFlags;
use kubephase_core::name::{Namespace, NamespacedName};
use kubephase_core::object::Object;
use serde_json::Value;

/// The versions of the kind that are served, the newest first.
const VERSIONS: [&str; 2] = ["v1beta2", "v1beta1"];

/// What a Machine joins with.
pub(crate) struct MachineJoin {
    /// The join in its bootstrap data, and what of it is not looked at.
    pub(crate) parsed: Parsed,
    /// How the cluster that it joins is reached.
    pub(crate) connection: Connection,
    /// How the commands of a cure choose that cluster.
    pub(crate) cure_flags: CureFlags,
    /// What the operator is told of these.
    pub(crate) told: String,
}

/// Reads a Machine and what belongs to it.
///
/// # Errors
/// [`Error`] if one of the objects cannot be read or does not exist, and if its bootstrap data joins nothing.
pub(crate) fn of_machine(machine: &NamespacedName, setting: Setting<'_>) -> Result<MachineJoin, Error> {
    let refused = |error: CheckError| Error::Config(ConfigError::Check(error));
    let missing = |what: String| refused(CheckError::NoMachine(what));
    let failed = |error: ClusterError| Error::Cluster(vec![error]);
    let NamespacedName { namespace, name } = machine;
    let target = target(setting.connection).map_err(failed)?.ok_or_else(|| missing("there is no kubeconfig".to_owned()))?;
    let client = ApiClient::administrator(target, setting).map_err(failed)?;
    let read = |version: &str| -> Result<Option<Object>, ClusterError> {
        let of = resource("cluster.x-k8s.io", version, "machines", "Machine")?;
        match client.get(&object(of, Some(namespace.as_str()), name.as_str())?) {
            // The cluster does not know the kind, or not in this version.
            Err(error) if error.kind == ClusterErrorKind::NotFound => Ok(None),
            other => other,
        }
    };
    let mut found = None;
    for version in VERSIONS {
        if found.is_none() {
            found = read(version).map_err(failed)?;
        }
    }
    let found = found.ok_or_else(|| missing(format!("there is no Machine {name} in the namespace {namespace}")))?;
    let said = |path: &str| found.fields().get("spec").and_then(|spec| spec.pointer(path)).and_then(Value::as_str);
    let data = said("/bootstrap/dataSecretName").filter(|name| !name.is_empty());
    let data = data.ok_or_else(|| missing(format!("the Machine {name} has no bootstrap data yet")))?;
    let secret = |name: &str| client.get(&core_object("secrets", "Secret", namespace.as_str(), name)?);
    let bootstrap = secret(data).map_err(failed)?;
    let bytes = bootstrap.as_ref().and_then(|secret| binary_datum(secret, "value"));
    let bytes = bytes.ok_or_else(|| missing(format!("its bootstrap data, the Secret {data}, does not exist or is empty")))?;
    let parsed = of_user_data(&bytes).map_err(refused)?;
    // It is in commands that are printed, and in the name of a Secret: a Cluster has the name of a DNS label.
    let cluster = said("/clusterName").unwrap_or_default();
    Namespace::parse(cluster).map_err(|_| missing(format!("the spec.clusterName of the Machine {name} is not a name")))?;
    let (connection, told) = match secret(&format!("{cluster}-kubeconfig")) {
        Ok(Some(secret)) => connection(&secret, setting.connection),
        Ok(None) => Err(format!("there is no Secret {cluster}-kubeconfig")),
        Err(error) => Err(one_line(&error)),
    }
    .map_or_else(
        |why| (setting.connection.clone().nowhere(), format!("the cluster {cluster} is looked at as a node sees it: {why}")),
        |connection| (connection, format!("the cluster {cluster} is looked at with the kubeconfig that Cluster API has of it")),
    );
    let file = shlex::try_quote(&format!("{cluster}.kubeconfig")).unwrap_or_default().into_owned();
    let flag = format!("--kubeconfig {file}");
    let told = format!("{told}; for a cure: clusterctl get kubeconfig {cluster} -n {namespace} > {file}");
    Ok(MachineJoin { parsed, connection, cure_flags: CureFlags { plugin: flag.clone(), kubectl: flag }, told })
}

/// The connection that a kubeconfig of Cluster API gives; otherwise why it is not used.
fn connection(secret: &Object, own: &Connection) -> Result<Connection, String> {
    let parse = |text: &str| yaml::parse_without_repetition(text).ok();
    let member = KubeconfigSecret::of(secret, parse).and_then(|secret| KubeconfigSecret::members(vec![secret]).pop());
    let member = member.ok_or_else(|| "its Secret has no kubeconfig".to_owned())?;
    match member.access.map_err(|refusal| refusal.to_string())? {
        Reach::Hub => Ok(own.clone()),
        Reach::Entry(access) => Ok(own.clone().of_member(&access, format!("kubeconfig of {}", member.name))),
    }
}
