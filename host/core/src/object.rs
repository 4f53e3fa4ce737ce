//! Kinds, references to objects, and objects.

use crate::name::{InvalidName, Namespace, ObjectName, is_label};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

mod known;

pub use known::{KNOWN, KnownKind};

/// Whether the objects of a kind are namespaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// Cluster-scoped: outside namespaces.
    Cluster,
}

/// Words with another meaning where a plural stands in a path (`apiserver/pkg/endpoints/request/requestinfo.go`): `watch` and
/// `proxy` start another type of request; `status` and `finalize` after a namespace are its subresources.
const WORDS_OF_PATHS: [&str; 4] = ["watch", "proxy", "status", "finalize"];

/// A kind of object and the API path that serves it. Clones share the text: each object of a list is named with its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiResource(Arc<Parts>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Parts {
    group: String,
    version: String,
    plural: String,
    kind: String,
}

impl ApiResource {
    /// Checks the parts of a kind. It can be neither a subresource (`pods/exec`) nor a list instead of its objects.
    ///
    /// What the user is shown, what is enforced, the path a request goes to and what is searched for in a folder depend on
    /// different parts, so in the groups of Kubernetes plural and kind must match [`KNOWN`]. For other groups no list exists;
    /// there the kind is compared when an answer arrives.
    ///
    /// # Errors
    /// [`InvalidName`] if the group is neither one of Kubernetes nor a DNS name with a dot, if the version is not an API version
    /// (`apimachinery/pkg/version`; in other groups any label), if the plural or kind is not one word, if the kind ends in
    /// `List`, if a group of Kubernetes has no such plural or another kind for it, and for a word with another meaning where
    /// plurals stand.
    pub fn parse(group: &str, version: &str, plural: &str, kind: &str) -> Result<Self, InvalidName> {
        let invalid = |sort, text: &str, rule| Err(InvalidName { sort, text: text.to_owned(), rule });
        if !group.is_empty() && !group.split('.').all(is_label) {
            return invalid("API group", group, "must be empty or a DNS name");
        }
        let is_of_kubernetes = known::is_known_group(group);
        if is_of_kubernetes && !is_version(version) {
            return invalid("API version", version, "must be like `v1` or `v1beta1`");
        }
        if !is_label(version) {
            return invalid("API version", version, "must be lower case letters and digits");
        }
        if !is_label(plural) {
            return invalid("resource", plural, "must be lower case letters and digits");
        }
        if kind.is_empty() || kind.len() > 63 || !kind.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return invalid("kind", kind, "must be letters and digits");
        }
        if kind.ends_with("List") {
            return invalid("kind", kind, "must be the kind of one object, not of a list");
        }
        match known::known(group, plural) {
            Some(known) if known.kind != kind => {
                return invalid("kind", kind, "must be the kind that Kubernetes serves under this plural");
            }
            Some(_) => {}
            None if is_of_kubernetes => return invalid("resource", plural, "must be a resource of its API group"),
            None if !group.contains('.') => return invalid("API group", group, "must be a group of Kubernetes or contain a dot"),
            None if WORDS_OF_PATHS.contains(&plural) => {
                return invalid("resource", plural, "must not be a reserved word in the paths of an API server");
            }
            None => {}
        }
        Ok(Self::of([group, version, plural, kind]))
    }

    pub(crate) fn of(parts: [&str; 4]) -> Self {
        let [group, version, plural, kind] = parts.map(str::to_owned);
        Self(Arc::new(Parts { group, version, plural, kind }))
    }

    /// The API group; empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.0.group
    }

    /// The version within the group.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// The plural name, as in URLs.
    #[must_use]
    pub fn plural(&self) -> &str {
        &self.0.plural
    }

    /// The kind, as in `kind:`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Group and version as in `apiVersion:`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.0.group.is_empty() { self.0.version.clone() } else { format!("{}/{}", self.0.group, self.0.version) }
    }

    /// Whether this is the core Secret, the only kind whose values a phase may not see.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.0.group.is_empty() && self.0.plural == "secrets"
    }

    /// The scope of its objects; `None` if only an API server knows.
    #[must_use]
    pub fn scope(&self) -> Option<Scope> {
        known::known(&self.0.group, &self.0.plural).map(|known| known.scope)
    }

    /// Refuses a namespace for a cluster-scoped kind, and a missing one for a namespaced kind.
    ///
    /// # Errors
    /// [`InvalidName`], with the reason.
    pub fn check_namespace(&self, namespace: Option<&Namespace>) -> Result<(), InvalidName> {
        let rule = match (self.scope(), namespace) {
            (Some(Scope::Namespaced), None) => "needs a namespace, because its objects are namespaced",
            (Some(Scope::Cluster), Some(_)) => "must not have a namespace, because its objects are cluster-scoped",
            _ => return Ok(()),
        };
        Err(InvalidName { sort: "resource", text: self.to_string(), rule })
    }

    /// Whether this is RoleBinding or ClusterRoleBinding, by plural and kind.
    #[must_use]
    pub fn is_binding(&self) -> bool {
        let names = [("rolebindings", "RoleBinding"), ("clusterrolebindings", "ClusterRoleBinding")];
        self.0.group == "rbac.authorization.k8s.io" && names.contains(&(self.0.plural.as_str(), self.0.kind.as_str()))
    }

    /// The URL path of all objects of this kind, or of those in a namespace.
    #[must_use]
    pub fn path(&self, namespace: Option<&Namespace>) -> String {
        let root = if self.0.group.is_empty() { "/api".to_owned() } else { format!("/apis/{}", self.0.group) };
        let namespace = namespace.map(|namespace| format!("namespaces/{namespace}/")).unwrap_or_default();
        format!("{root}/{}/{namespace}{}", self.0.version, self.0.plural)
    }
}

/// `plural.group`, as `kubectl api-resources -o name` prints it.
impl fmt::Display for ApiResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.plural)?;
        if self.0.group.is_empty() { Ok(()) } else { write!(f, ".{}", self.0.group) }
    }
}

/// Whether a text is an API version: `v1`, `v2alpha3` (`apimachinery/pkg/version`, `kubeVersionRegex`).
fn is_version(text: &str) -> bool {
    let is_number = |text: &str| text.starts_with(|c: char| ('1'..='9').contains(&c)) && text.bytes().all(|b| b.is_ascii_digit());
    let Some(rest) = text.strip_prefix('v').filter(|rest| rest.len() < 32) else { return false };
    match rest.split_once("alpha").or_else(|| rest.split_once("beta")) {
        Some((major, minor)) => is_number(major) && is_number(minor),
        None => is_number(rest),
    }
}

/// A reference to one object, which may or may not exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// The kind of the object.
    pub of: ApiResource,
    /// The namespace; `None` for a cluster-scoped kind.
    pub namespace: Option<Namespace>,
    /// The name within the namespace or cluster.
    pub name: ObjectName,
}

impl ObjectRef {
    /// Builds a reference to an object.
    ///
    /// # Errors
    /// [`InvalidName`] as for [`ApiResource::check_namespace`].
    pub fn new(of: ApiResource, namespace: Option<Namespace>, name: ObjectName) -> Result<Self, InvalidName> {
        of.check_namespace(namespace.as_ref())?;
        Ok(Self { of, namespace, name })
    }

    /// The URL path of the object.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.of.path(self.namespace.as_ref()), self.name)
    }
}

/// The kind of Secrets.
#[must_use]
pub fn secrets() -> ApiResource {
    ApiResource::of(["", "v1", "secrets", "Secret"])
}

/// The namespace `kube-system`, which every cluster has and whose UID identifies the cluster.
#[must_use]
pub fn kube_system() -> ObjectRef {
    ObjectRef { of: ApiResource::of(["", "v1", "namespaces", "Namespace"]), namespace: None, name: ObjectName::kube_system() }
}

/// `kind.group/name`, as kubectl prints objects.
impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.of.kind().to_lowercase())?;
        if !self.of.group().is_empty() {
            write!(f, ".{}", self.of.group())?;
        }
        write!(f, "/{}", self.name)
    }
}

/// An object as the API server returns it. Clones share the data: a folder may answer a thousand selectors with the same objects.
#[derive(Clone, PartialEq, Eq)]
pub struct Object(Arc<Map<String, Value>>);

/// Shows only the identity of an object, since it may be a Secret.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({:?} at {:?})", self.metadata("name"), self.resource_version())
    }
}

impl Object {
    /// Wraps a JSON object.
    #[must_use]
    pub fn new(fields: Map<String, Value>) -> Self {
        Self(Arc::new(fields))
    }

    /// The fields of the JSON object.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Returns the fields by value.
    #[must_use]
    pub fn into_fields(self) -> Map<String, Value> {
        Arc::unwrap_or_clone(self.0)
    }

    /// A string under `metadata`; `None` if it is missing.
    #[must_use]
    pub fn metadata(&self, name: &str) -> Option<&str> {
        self.0.get("metadata")?.get(name)?.as_str()
    }

    /// `metadata.resourceVersion`.
    #[must_use]
    pub fn resource_version(&self) -> Option<&str> {
        self.metadata("resourceVersion")
    }

    /// `metadata.uid`.
    #[must_use]
    pub fn uid(&self) -> Option<&str> {
        self.metadata("uid")
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiResource, KNOWN, Scope};
    use crate::name::Namespace;

    const RBAC: &str = "rbac.authorization.k8s.io";

    #[test]
    fn a_plural_has_one_kind() {
        for (group, version, plural, kind, problem) in [
            ("", "v1", "secrets", "Secret", None),
            (RBAC, "v1", "clusterroles", "ClusterRole", None),
            ("cluster.x-k8s.io", "v1beta1", "machines", "Machine", None),
            ("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", None),
            // A kind other than the one shown.
            ("", "v1", "configmaps", "List", Some("kind `List`")),
            ("", "v1", "configmaps", "ConfigMapList", Some("kind `ConfigMapList`")),
            ("", "v1", "configmaps", "Pod", Some("kind `Pod`")),
            ("", "v1", "configmaps", "Secret", Some("kind `Secret`")),
            ("", "v1", "configmaps", "configmap", Some("kind `configmap`")),
            (RBAC, "v1", "clusterroles", "ClusterRoleBinding", Some("kind `ClusterRoleBinding`")),
            (RBAC, "v1", "clusterrolebindings", "ClusterRole", Some("kind `ClusterRole`")),
            ("example.com", "v1", "things", "ThingList", Some("kind `ThingList`")),
            // Words that stand in paths where plurals do, and plurals that do not exist.
            ("", "v1", "watch", "Secret", Some("resource `watch`")),
            ("", "v1", "proxy", "Node", Some("resource `proxy`")),
            ("", "v1", "lists", "Thing", Some("resource `lists`")),
            (RBAC, "v1", "watch", "Role", Some("resource `watch`")),
            ("example.com", "v1", "watch", "Thing", Some("resource `watch`")),
            ("example.com", "v1", "proxy", "Thing", Some("resource `proxy`")),
            ("example.com", "v1", "status", "Thing", Some("resource `status`")),
            ("example.com", "v1", "finalize", "Thing", Some("resource `finalize`")),
            // Kinds and versions as Azure's operator names them.
            ("servicebus.azure.com", "v1api20211101", "namespaces", "Namespace", None),
            ("gateway.networking.k8s.io", "v1", "gateways", "Gateway", None),
            // Versions and groups that are other parts of a path.
            ("", "watch", "secrets", "Secret", Some("API version `watch`")),
            ("", "v1-x", "secrets", "Secret", Some("API version `v1-x`")),
            ("", "v01", "secrets", "Secret", Some("API version `v01`")),
            ("api", "v1", "secrets", "Secret", Some("API group `api`")),
            ("core", "v1", "secrets", "Secret", Some("API group `core`")),
        ] {
            let said = ApiResource::parse(group, version, plural, kind).err().map(|error| error.to_string());
            let is_right = match (&said, problem) {
                (Some(said), Some(problem)) => said.starts_with(problem),
                (said, problem) => said.is_none() && problem.is_none(),
            };
            assert!(is_right, "{group} {version} {plural} {kind}: {said:?}");
        }
        let mut rows: Vec<_> = KNOWN.iter().map(|known| (known.group, known.plural)).collect();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), KNOWN.len(), "no plural is there twice");
        let mut kinds: Vec<_> = KNOWN.iter().map(|known| (known.group, known.kind)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), KNOWN.len(), "a kind has one plural");
        for known in KNOWN {
            assert!(ApiResource::parse(known.group, "v1", known.plural, known.kind).is_ok(), "{}", known.plural);
        }
    }

    #[test]
    fn objects_are_where_their_kind_is() {
        let namespace = Namespace::parse("a").unwrap();
        for (group, plural, kind, scope, without, within) in [
            ("", "secrets", "Secret", Some(Scope::Namespaced), false, true),
            ("", "nodes", "Node", Some(Scope::Cluster), true, false),
            (RBAC, "rolebindings", "RoleBinding", Some(Scope::Namespaced), false, true),
            (RBAC, "clusterrolebindings", "ClusterRoleBinding", Some(Scope::Cluster), true, false),
            ("example.com", "things", "Thing", None, true, true),
        ] {
            let of = ApiResource::parse(group, "v1", plural, kind).unwrap();
            let found = (of.scope(), of.check_namespace(None).is_ok(), of.check_namespace(Some(&namespace)).is_ok());
            assert_eq!(found, (scope, without, within), "{of}");
        }
    }
}
