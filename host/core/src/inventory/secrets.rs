//! Clusters in Secrets: the kubeconfigs of Cluster API (`util/secret`, `util/kubeconfig`), and the cluster Secrets of Argo CD
//! (`docs/operator-manual/declarative-setup.md`).

use super::Member;
use super::access::{MemberAccess, Refusal, text};
use crate::bootstrap_token::datum;
use crate::object::Object;
use serde_json::{Map, Value};

/// The label with the name of the Cluster.
const CLUSTER_NAME: &str = "cluster.x-k8s.io/cluster-name";
/// The end of the name of a Secret with a kubeconfig: others of the same type have certificates.
const KUBECONFIG: &str = "-kubeconfig";

/// The cluster of a kubeconfig Secret of Cluster API; `None` for a Secret with something else. `parse` reads YAML.
#[must_use]
pub fn of_cluster_api(secret: &Object, parse: impl Fn(&str) -> Option<Value>) -> Option<Member> {
    let [namespace, name] = ["namespace", "name"].map(|field| secret.metadata(field).unwrap_or_default());
    let of_name = name.strip_suffix(KUBECONFIG)?;
    let labelled = secret.fields().get("metadata")?.get("labels").and_then(|labels| labels.get(CLUSTER_NAME)?.as_str());
    let cluster = format!("{namespace}/{}", labelled.unwrap_or(of_name));
    let malformed = || Refusal::Malformed("`value`", "a kubeconfig");
    let kubeconfig = datum(secret, "value").filter(|text| !text.is_empty()).ok_or_else(malformed);
    let access = kubeconfig.and_then(|text| MemberAccess::of_kubeconfig(&parse(&text).ok_or_else(malformed)?));
    // The name of a Secret is unique, and a label is not.
    Some(Member { identity: format!("capi/{namespace}/{name}"), name: cluster, access })
}

/// The cluster of a Secret of Argo CD.
#[must_use]
pub fn of_argo_cd(secret: &Object) -> Member {
    let [namespace, name] = ["namespace", "name"].map(|field| secret.metadata(field).unwrap_or_default());
    let shown = datum(secret, "name").map(|text| text.to_string()).filter(|text| !text.is_empty());
    let shown = shown.unwrap_or_else(|| format!("{namespace}/{name}"));
    Member { name: shown, identity: format!("argocd/{namespace}/{name}"), access: argo_cd_access(secret) }
}

fn argo_cd_access(secret: &Object) -> Result<MemberAccess, Refusal> {
    let malformed = || Refusal::Malformed("`config`", "a JSON object");
    let config = datum(secret, "config").ok_or_else(malformed)?;
    let config: Map<String, Value> = serde_json::from_str(&config).map_err(|_| malformed())?;
    for program in ["execProviderConfig", "awsAuthConfig"] {
        if config.get(program).is_some_and(|value| !value.is_null()) {
            return Err(Refusal::Program(program.to_owned()));
        }
    }
    let nothing = Map::new();
    let tls = config.get("tlsClientConfig").and_then(Value::as_object).unwrap_or(&nothing);
    if tls.get("insecure").is_some_and(|value| *value != Value::Bool(false) && !value.is_null()) {
        return Err(Refusal::Unverified("tlsClientConfig.insecure"));
    }
    let mut cluster = Map::new();
    if let Some(server) = datum(secret, "server") {
        cluster.insert("server".to_owned(), Value::String(server.to_string()));
    }
    let mut user = Map::new();
    let move_to = |target: &mut Map<String, Value>, from: &Map<String, Value>, field: &'static str, name: &str| {
        let found = text(from, field)?.map(|text| target.insert(name.to_owned(), Value::String(text.to_owned())));
        drop(found);
        Ok(())
    };
    move_to(&mut cluster, tls, "caData", "certificate-authority-data")?;
    move_to(&mut cluster, tls, "serverName", "tls-server-name")?;
    move_to(&mut cluster, &config, "proxyUrl", "proxy-url")?;
    move_to(&mut user, tls, "certData", "client-certificate-data")?;
    move_to(&mut user, tls, "keyData", "client-key-data")?;
    move_to(&mut user, &config, "bearerToken", "token")?;
    MemberAccess::of_inventory(&cluster, &user)
}
