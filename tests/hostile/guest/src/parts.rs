//! The phase that behaves, and the objects that it is about.

use crate::*;

/// The ConfigMaps and the token Secrets of `../cluster`, and no more.
pub fn description() -> Description {
    described([])
}

/// As [`description`], with more permissions.
pub fn described(more: impl IntoIterator<Item = Permission>) -> Description {
    let all = vec![Access::Read, Access::Create, Access::Update, Access::Delete];
    let config_maps = permission(all, config_maps(), Some("kube-public"), "hostile-*");
    let most = vec![Access::Read, Access::Create, Access::Update];
    let keys = ["token-id", "description", "expiration", "usage-bootstrap-*", "auth-extra-groups"];
    let secrets = Permission {
        reveal: keys.map(str::to_owned).to_vec(),
        ..permission(most, secrets(), Some("kube-system"), "bootstrap-token-*")
    };
    let permissions = [config_maps, secrets].into_iter().chain(more).collect();
    let task = Task { name: "apply".to_owned(), summary: "a test".to_owned(), parameters: "{}".to_owned(), permissions };
    Description {
        id: "hostile.test".to_owned(),
        version: "0.1.0".to_owned(),
        summary: "a phase that behaves".to_owned(),
        tasks: vec![task],
        rules: Vec::new(),
    }
}

/// A phase whose task `apply` is shown nothing of the tokens, and another task these keys.
pub fn unseen(keys: impl IntoIterator<Item = &'static str>) -> Description {
    let access = vec![Access::Read, Access::Create, Access::Update];
    let tokens = permission(access, secrets(), Some("kube-system"), "bootstrap-token-*");
    let seen = Permission { reveal: keys.into_iter().map(str::to_owned).collect(), access: vec![Access::Read], ..tokens.clone() };
    let task = |name: &str, tokens| {
        let (name, summary, parameters) = (name.to_owned(), "a test".to_owned(), "{}".to_owned());
        let maps = permission(vec![Access::Read], config_maps(), Some("kube-public"), "hostile-*");
        Task { name, summary, parameters, permissions: vec![maps, tokens] }
    };
    Description { tasks: vec![task("apply", tokens), task("audit", seen)], ..description() }
}

/// The two tokens and the ConfigMap that are there.
pub fn needs() -> Needs {
    reads([secret("bootstrap-token-aaaaaa"), secret("bootstrap-token-bbbbbb"), config_map("hostile-present")])
}

pub fn config_maps() -> ApiResource {
    resource("", "v1", "configmaps", "ConfigMap")
}

pub fn secrets() -> ApiResource {
    resource("", "v1", "secrets", "Secret")
}

/// A ConfigMap in `kube-public`; the names `hostile-*` are declared.
pub fn config_map(name: &str) -> ObjectRef {
    object(config_maps(), Some("kube-public"), name)
}

/// A Secret in `kube-system`; the names `bootstrap-token-*` are declared.
pub fn secret(name: &str) -> ObjectRef {
    object(secrets(), Some("kube-system"), name)
}

/// A ClusterRoleBinding.
pub fn cluster_role_binding(name: &str) -> ObjectRef {
    let of = resource("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding");
    object(of, None, name)
}

/// The binding of `../cluster`, which gives a group and a user something.
pub fn viewers() -> ObjectRef {
    cluster_role_binding("hostile-viewers")
}

/// To read and revoke any ClusterRoleBinding.
pub fn revoking() -> Permission {
    permission(vec![Access::Read, Access::Revoke], viewers().of, None, "*")
}

/// What was found for one object, as JSON; null if nothing.
pub fn observed(request: &Request, name: &str) -> Value {
    let is_it = |answer: &&Answer| matches!(&answer.to, Selector::One(object) if object.name == name);
    let found = request.observed.iter().find(is_it).and_then(|answer| answer.objects.first());
    found.map_or(Value::Null, |json| serde_json::from_str(json).expect("JSON"))
}

/// The handle of a token's secret.
pub fn handle(request: &Request) -> Value {
    observed(request, "bootstrap-token-aaaaaa")["data"]["token-secret"].clone()
}

/// The id in a handle.
pub fn handle_id(request: &Request) -> String {
    handle(request)["$secret"].as_str().unwrap_or("nothing").to_owned()
}

/// A random string of the strength of a token's secret.
pub fn random(name: &str, secret: bool) -> RandomRequest {
    let alphabet = "0123456789abcdefghijklmnopqrstuvwxyz".to_owned();
    RandomRequest { name: name.to_owned(), alphabet, length: 16, secret }
}

/// A bootstrap token, whole but for what `keys` adds.
pub fn token(keys: Value) -> Value {
    let mut keys = keys;
    keys["token-id"] = json!("cccccc");
    json!({ "type": "bootstrap.kubernetes.io/token", "stringData": keys })
}
