//! What somebody with a bootstrap token may do: the groups of the token, the bindings that name them, and what their roles allow.
//! Read from what the phase has read, and only that.

use crate::bootstrap_token::{BootstrapToken, SECRET_TYPE, is_group};
use crate::object::{ApiResource, Object};
use crate::selector::Selector;
use crate::snapshot::Snapshot;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The group of all bootstrap tokens (`cluster-bootstrap/token/api`).
const ALL_TOKENS: &str = "system:bootstrappers";
/// The group of everybody who has logged in, with a token or otherwise (`apiserver/pkg/authentication/user`).
const LOGGED_IN: &str = "system:authenticated";
/// What the user name of a token begins with; its id follows.
const USER_PREFIX: &str = "system:bootstrap:";
/// The usage of tokens that can log in.
const LOGIN: &str = "authentication";
/// How many ids are kept of tokens with the same groups. The others are only counted.
const MOST_IDS: usize = 6;

/// What the holders of the bootstrap tokens of a cluster may do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenRights {
    /// The valid tokens that can log in, those with the same groups together.
    pub tokens: Vec<TokensOfGroups>,
    /// How many tokens cannot log in: they have expired, only sign, or have a group that tokens may not have.
    pub without_login: usize,
    /// The bindings that name a group or the user of a bootstrap token, whether there is such a token or not.
    pub bindings: Vec<TokenBinding>,
}

/// Tokens with the same groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokensOfGroups {
    /// The first ids, in their order.
    pub ids: Vec<String>,
    /// How many there are.
    pub count: usize,
    /// Their groups, with those that every token has; and the users, of those that a binding names.
    pub subjects: BTreeSet<String>,
}

/// A binding that gives rights to bootstrap tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBinding {
    /// `ClusterRoleBinding` or `RoleBinding`.
    pub kind: String,
    /// Its namespace; empty for a `ClusterRoleBinding`.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its role, with the kind: `ClusterRole/system:node-bootstrapper`.
    pub role: String,
    /// The groups and users of bootstrap tokens among its subjects.
    pub subjects: BTreeSet<String>,
    /// What the role allows, a line for each rule; `None` if the role was not read or does not exist.
    pub allows: Option<Vec<String>>,
}

impl TokenRights {
    /// The rights by what was read. Tokens that the API server ignores have none.
    #[must_use]
    pub fn of(snapshot: &Snapshot, now: Timestamp) -> Self {
        let mut roles = BTreeMap::new();
        for (of, object) in objects(snapshot).filter(|(of, _)| is_rbac(of, &["Role", "ClusterRole"])) {
            roles.insert(key(of.kind(), object), object);
        }
        let bindings = objects(snapshot).filter(|(of, _)| is_rbac(of, &["RoleBinding", "ClusterRoleBinding"]));
        let bindings: BTreeMap<_, _> = bindings.map(|(of, object)| (key(of.kind(), object), (of.kind(), object))).collect();
        let bindings: Vec<TokenBinding> =
            bindings.into_values().filter_map(|(kind, object)| TokenBinding::of(kind, object, &roles)).collect();
        let named: BTreeSet<&String> = bindings.iter().flat_map(|binding| &binding.subjects).collect();
        let mut rights = Self::default();
        let secrets = objects(snapshot).filter(|(of, object)| of.is_secret() && is_token(object));
        let secrets: BTreeMap<_, _> = secrets.map(|(of, object)| (key(of.kind(), object), object)).collect();
        let mut by_groups: BTreeMap<BTreeSet<String>, (Vec<String>, usize)> = BTreeMap::new();
        for token in secrets.into_values().filter_map(|secret| BootstrapToken::of_secret(secret).ok()) {
            let is_refused =
                !token.usages.iter().any(|usage| usage == LOGIN) || !token.groups.iter().all(|group| is_group(group));
            if is_refused || token.is_expired(now) {
                rights.without_login += 1;
                continue;
            }
            let user = Some(format!("{USER_PREFIX}{}", token.token.id())).filter(|user| named.contains(user));
            let groups = [ALL_TOKENS, LOGGED_IN].map(str::to_owned).into_iter().chain(token.groups);
            let (ids, count) = by_groups.entry(groups.chain(user).collect()).or_default();
            *count += 1;
            if ids.len() < MOST_IDS {
                ids.push(token.token.id().to_owned());
            }
        }
        rights.tokens = by_groups.into_iter().map(|(subjects, (ids, count))| TokensOfGroups { ids, count, subjects }).collect();
        rights.bindings = bindings;
        rights
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.bindings.is_empty()
    }
}

impl TokenBinding {
    /// The binding, if it names a group or user of bootstrap tokens.
    fn of(kind: &str, binding: &Object, roles: &BTreeMap<(String, String, String), &Object>) -> Option<Self> {
        let fields = binding.fields();
        let subjects = fields.get("subjects").and_then(Value::as_array).into_iter().flatten();
        let subjects: BTreeSet<String> = subjects.filter_map(subject).collect();
        if subjects.is_empty() {
            return None;
        }
        let role = |name: &str| fields.get("roleRef")?.get(name)?.as_str();
        let (role_kind, role_name) = (role("kind")?, role("name")?);
        let namespace = binding.metadata("namespace").unwrap_or_default().to_owned();
        let role_namespace = if role_kind == "Role" { namespace.clone() } else { String::new() };
        let found = roles.get(&(role_kind.to_owned(), role_namespace, role_name.to_owned()));
        Some(Self {
            kind: kind.to_owned(),
            name: binding.metadata("name")?.to_owned(),
            role: format!("{role_kind}/{role_name}"),
            subjects,
            allows: found.map(|role| allows(role)),
            namespace,
        })
    }
}

/// The name of a subject, if bootstrap tokens have it.
fn subject(subject: &Value) -> Option<String> {
    let [kind, name] = ["kind", "name"].map(|field| subject.get(field).and_then(Value::as_str).unwrap_or_default());
    let is_of_token = || name == ALL_TOKENS || name == LOGGED_IN || name.starts_with("system:bootstrappers:");
    let is_of_tokens = match kind {
        "Group" => is_of_token(),
        "User" => name.starts_with(USER_PREFIX),
        _ => false,
    };
    is_of_tokens.then(|| name.to_owned())
}

/// What each rule of a role allows: verbs, what they are for, and the names if it is not for all.
fn allows(role: &Object) -> Vec<String> {
    let rules = role.fields().get("rules").and_then(Value::as_array);
    rules.into_iter().flatten().map(allowed).collect()
}

fn allowed(rule: &Value) -> String {
    let texts = |field: &str| -> Vec<&str> {
        rule.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let groups: Vec<&str> = texts("apiGroups").into_iter().filter(|group| !group.is_empty()).collect();
    let group = if groups.is_empty() { String::new() } else { format!(" of {}", groups.join(", ")) };
    let names = texts("resourceNames");
    let names = if names.is_empty() { String::new() } else { format!(" only {}", names.join(", ")) };
    let what = texts("resources").into_iter().chain(texts("nonResourceURLs")).collect::<Vec<_>>().join(", ");
    format!("{} {what}{group}{names}", texts("verbs").join(", "))
}

/// Everything that was read, with its kind. What was read twice comes twice.
fn objects(snapshot: &Snapshot) -> impl Iterator<Item = (&ApiResource, &Object)> {
    snapshot.iter().flat_map(|(selector, objects)| {
        let of = match selector {
            Selector::One(target) => &target.of,
            Selector::Many(list) => &list.of,
        };
        objects.iter().map(move |object| (of, object))
    })
}

/// Whether the API server looks for tokens in a Secret.
fn is_token(secret: &Object) -> bool {
    secret.metadata("namespace") == Some("kube-system")
        && secret.fields().get("type").and_then(Value::as_str) == Some(SECRET_TYPE)
}

fn is_rbac(of: &ApiResource, kinds: &[&str]) -> bool {
    of.group() == "rbac.authorization.k8s.io" && kinds.contains(&of.kind())
}

fn key(kind: &str, object: &Object) -> (String, String, String) {
    let [namespace, name] = ["namespace", "name"].map(|field| object.metadata(field).unwrap_or_default().to_owned());
    (kind.to_owned(), namespace, name)
}

#[cfg(test)]
mod tests {
    use super::{TokenRights, TokensOfGroups};
    use crate::name::Namespace;
    use crate::object::{ApiResource, Object, secrets};
    use crate::selector::{ListRef, Selector};
    use crate::snapshot::Snapshot;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    fn rbac(kind: &str) -> ApiResource {
        ApiResource::parse("rbac.authorization.k8s.io", "v1", &format!("{}s", kind.to_lowercase()), kind).unwrap()
    }

    fn add(snapshot: &mut Snapshot, of: ApiResource, namespace: Option<&str>, objects: &[Value]) {
        let objects = objects.iter().map(|object| Object::new(object.as_object().unwrap().clone())).collect();
        let namespace = namespace.map(|namespace| Namespace::parse(namespace).unwrap());
        let list = ListRef { of, namespace, labels: String::new(), fields: String::new() };
        snapshot.insert(Selector::Many(list), objects);
    }

    fn token(id: &str, keys: &[(&str, &str)]) -> Value {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let own = [("token-id", id), ("token-secret", "0123456789abcdef")];
        let data = own.iter().chain(keys).map(|(key, text)| ((*key).to_owned(), json!(STANDARD.encode(text))));
        json!({ "metadata": { "name": format!("bootstrap-token-{id}"), "namespace": "kube-system" },
            "type": "bootstrap.kubernetes.io/token", "data": data.collect::<serde_json::Map<_, _>>() })
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_token_has_the_rights_of_its_groups() {
        let login = ("usage-bootstrap-authentication", "true");
        let own = ("auth-extra-groups", "system:bootstrappers:kubeadm:default-node-token");
        let mut snapshot = Snapshot::default();
        let tokens = [
            token("aaaaaa", &[login, own]),
            token("bbbbbb", &[login, own]),
            token("cccccc", &[login]),
            token("dddddd", &[login, ("expiration", "2020-01-01T00:00:00Z")]),
            token("eeeeee", &[("usage-bootstrap-signing", "true")]),
            token("no-id", &[login]),
            token("ffffff", &[login, ("auth-extra-groups", "system:masters")]),
        ];
        add(&mut snapshot, secrets(), Some("kube-system"), &tokens);
        let bound = |name: &str, role: &str, subjects: &[(&str, &str)]| {
            let subjects: Vec<Value> = subjects.iter().map(|(kind, name)| json!({ "kind": kind, "name": name })).collect();
            json!({ "metadata": { "name": name }, "roleRef": { "kind": "ClusterRole", "name": role }, "subjects": subjects })
        };
        let bindings = [
            bound("join", "nodes", &[("Group", own.1), ("Group", "system:nodes")]),
            bound("one", "away", &[("User", "system:bootstrap:cccccc")]),
            bound("others", "nodes", &[("Group", "system:masters"), ("User", "system:bootstrappers"), ("ServiceAccount", own.1)]),
        ];
        add(&mut snapshot, rbac("ClusterRoleBinding"), None, &bindings);
        let rules = json!([
            { "verbs": ["create", "get"], "apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests"] },
            { "verbs": ["get"], "apiGroups": [""], "resources": ["nodes"], "resourceNames": ["w1"] },
            { "verbs": ["get"], "nonResourceURLs": ["/healthz"] },
        ]);
        add(&mut snapshot, rbac("ClusterRole"), None, &[json!({ "metadata": { "name": "nodes" }, "rules": rules })]);
        let rights = TokenRights::of(&snapshot, "2030-01-01T00:00:00Z".parse().unwrap());
        let [join, one] = rights.bindings.as_slice() else { panic!("{:?}", rights.bindings) };
        assert_eq!((join.subjects.clone(), join.role.as_str()), (set(&[own.1]), "ClusterRole/nodes"));
        let allowed = ["create, get certificatesigningrequests of certificates.k8s.io", "get nodes only w1", "get /healthz"];
        assert_eq!(join.allows.as_deref().unwrap(), allowed);
        assert_eq!((one.name.as_str(), &one.allows), ("one", &None));
        let every = ["system:authenticated", "system:bootstrappers"];
        assert_eq!(rights.without_login, 3);
        let of = |ids: &[&str], more: &str| TokensOfGroups {
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            count: ids.len(),
            subjects: set(&[every[0], every[1], more]),
        };
        assert_eq!(rights.tokens, [of(&["cccccc"], "system:bootstrap:cccccc"), of(&["aaaaaa", "bbbbbb"], own.1)]);
    }
}
