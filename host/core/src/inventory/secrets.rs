//! Clusters in Secrets: the kubeconfigs of Cluster API (`util/secret`, `util/kubeconfig`), and the cluster Secrets of Argo CD
//! (`docs/operator-manual/declarative-setup.md`).

use super::access::{MemberAccess, Refusal, text};
use super::{Member, Reach};
use crate::bootstrap_token::datum;
use crate::object::Object;
use crate::unique;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The label with the name of the Cluster.
const CLUSTER_NAME: &str = "cluster.x-k8s.io/cluster-name";
/// The end of the name of a Secret with a kubeconfig: others of the same type have certificates.
const KUBECONFIG: &str = "-kubeconfig";
/// The server of the cluster in which Argo CD itself runs (`KubernetesInternalAPIServerAddr`).
const ARGO_CD_ITSELF: &str = "https://kubernetes.default.svc";
/// The fields of `config` that are looked at: what is spelt as one of them but for upper and lower case is the same field to Go.
const ARGO_CD_FIELDS: [&str; 12] = [
    "awsAuthConfig",
    "bearerToken",
    "caData",
    "certData",
    "execProviderConfig",
    "insecure",
    "keyData",
    "password",
    "proxyUrl",
    "serverName",
    "tlsClientConfig",
    "username",
];

/// A Secret of Cluster API with a kubeconfig.
pub struct KubeconfigSecret {
    namespace: String,
    /// The Cluster whose kubeconfig it is by its name, by which Cluster API looks for it.
    cluster: String,
    /// The Cluster that its label says.
    labelled: Option<String>,
    access: Result<MemberAccess, Refusal>,
}

impl KubeconfigSecret {
    /// `None` for a Secret with something else. `parse` reads YAML.
    #[must_use]
    pub fn of(secret: &Object, parse: impl Fn(&str) -> Option<Value>) -> Option<Self> {
        let [namespace, name] = ["namespace", "name"].map(|field| secret.metadata(field).unwrap_or_default().to_owned());
        let cluster = name.strip_suffix(KUBECONFIG)?.to_owned();
        let labels = secret.fields().get("metadata")?.get("labels");
        let labelled = labels.and_then(|labels| labels.get(CLUSTER_NAME)?.as_str()).map(str::to_owned);
        let malformed = || Refusal::Malformed("`value`", "a kubeconfig");
        let kubeconfig = datum(secret, "value").filter(|text| !text.is_empty()).ok_or_else(malformed);
        let access = kubeconfig.and_then(|text| MemberAccess::of_kubeconfig(&parse(&text).ok_or_else(malformed)?));
        Some(Self { namespace, cluster, labelled, access })
    }

    /// The clusters of these Secrets. A further kubeconfig of a cluster that has one of its own is none: the provider for EKS makes
    /// `CLUSTER-user-kubeconfig` beside `CLUSTER-kubeconfig`.
    #[must_use]
    pub fn members(secrets: Vec<Self>) -> Vec<Member> {
        let clusters: BTreeSet<(String, String)> =
            secrets.iter().map(|secret| (secret.namespace.clone(), secret.cluster.clone())).collect();
        let is_further = |secret: &Self| {
            let Some(labelled) = &secret.labelled else { return false };
            let is_longer = secret.cluster.strip_prefix(labelled.as_str()).is_some_and(|rest| rest.starts_with('-'));
            is_longer && clusters.contains(&(secret.namespace.clone(), labelled.clone()))
        };
        let own = secrets.into_iter().filter(|secret| !is_further(secret));
        let member = |Self { namespace, cluster, access, .. }: Self| Member {
            identity: format!("capi/{namespace}/{cluster}{KUBECONFIG}"),
            name: format!("{namespace}/{cluster}"),
            access: access.map(Reach::Entry),
        };
        own.map(member).collect()
    }
}

/// The cluster of a Secret of Argo CD.
#[must_use]
pub fn of_argo_cd(secret: &Object) -> Member {
    let [namespace, name] = ["namespace", "name"].map(|field| secret.metadata(field).unwrap_or_default());
    let shown = datum(secret, "name").map(|text| text.to_string()).filter(|text| !text.is_empty());
    let shown = shown.unwrap_or_else(|| format!("{namespace}/{name}"));
    Member { name: shown, identity: format!("argocd/{namespace}/{name}"), access: argo_cd_reach(secret) }
}

fn argo_cd_reach(secret: &Object) -> Result<Reach, Refusal> {
    let malformed = || Refusal::Malformed("`config`", "a JSON object with each field once");
    let config = datum(secret, "config").filter(|text| !text.is_empty());
    let config = config.map_or(Ok(Value::Null), |text| unique::parse(text.as_bytes()).map_err(|_| malformed()))?;
    let config = as_go_reads(&config).ok_or_else(malformed)?;
    let tls = as_go_reads(config.get("tlsClientConfig").unwrap_or(&Value::Null)).ok_or_else(malformed)?;
    let mut cluster = Map::new();
    if let Some(server) = datum(secret, "server") {
        cluster.insert("server".to_owned(), Value::String(server.trim_end_matches('/').to_owned()));
    }
    let mut user = Map::new();
    let move_to = |target: &mut Map<String, Value>, from: &Map<String, Value>, field: &'static str, name: &str| {
        let found = text(from, field)?.map(|text| target.insert(name.to_owned(), Value::String(text.to_owned())));
        drop(found);
        Ok(())
    };
    move_to(&mut cluster, &tls, "caData", "certificate-authority-data")?;
    move_to(&mut cluster, &tls, "serverName", "tls-server-name")?;
    move_to(&mut cluster, &config, "proxyUrl", "proxy-url")?;
    move_to(&mut user, &tls, "certData", "client-certificate-data")?;
    move_to(&mut user, &tls, "keyData", "client-key-data")?;
    move_to(&mut user, &config, "bearerToken", "token")?;
    move_to(&mut user, &config, "username", "username")?;
    move_to(&mut user, &config, "password", "password")?;
    let is_itself = cluster.get("server").and_then(Value::as_str) == Some(ARGO_CD_ITSELF);
    if is_itself && !["token", "username", "password"].iter().any(|field| user.contains_key(*field)) {
        return Ok(Reach::Hub);
    }
    for program in ["execProviderConfig", "awsAuthConfig"] {
        if config.get(program).is_some_and(|value| !value.is_null()) {
            return Err(Refusal::Program(program.to_owned()));
        }
    }
    if tls.get("insecure").is_some_and(|value| *value != Value::Bool(false) && !value.is_null()) {
        return Err(Refusal::Unverified("tlsClientConfig.insecure"));
    }
    MemberAccess::of_inventory(&cluster, &user).map(Reach::Entry)
}

/// The fields under the names that Go's `encoding/json` finds them by: it does not tell upper from lower case. `None` if one is there
/// twice, and for what is neither an object nor missing.
fn as_go_reads(value: &Value) -> Option<Map<String, Value>> {
    // Go folds these two letters too; the Kelvin sign is a `k` to Rust as well.
    let folded = |name: &str| name.replace('\u{17f}', "s").to_lowercase();
    let mut read = Map::new();
    let fields = match value {
        Value::Null => return Some(read),
        value => value.as_object()?,
    };
    for (name, value) in fields {
        let known = ARGO_CD_FIELDS.iter().find(|known| folded(known) == folded(name));
        if let Some(known) = known
            && read.insert((*known).to_owned(), value.clone()).is_some()
        {
            return None;
        }
    }
    Some(read)
}
