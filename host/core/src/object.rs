//! Kinds, references to objects, and objects.

use crate::name::{InvalidName, Namespace, ObjectName, is_label};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// A kind of object and where the API server serves it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiResource {
    group: String,
    version: String,
    plural: String,
    kind: String,
}

impl ApiResource {
    /// Checks the parts of a kind. A subresource (`pods/exec`) cannot be named.
    ///
    /// # Errors
    /// [`InvalidName`] if the group is not a DNS name, or the version, plural or kind is not one word, or one of plural and kind
    /// says that it is a Secret and the other does not.
    pub fn parse(group: &str, version: &str, plural: &str, kind: &str) -> Result<Self, InvalidName> {
        let invalid = |sort, text: &str, rule| Err(InvalidName { sort, text: text.to_owned(), rule });
        if !group.is_empty() && !group.split('.').all(is_label) {
            return invalid("API group", group, "must be empty or a DNS name");
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
        // Whether values are hidden hangs on this word, and a folder looks for objects by the other one.
        if group.is_empty() && (plural == "secrets") != (kind == "Secret") {
            return invalid("kind", kind, "must be `Secret` for `secrets`, and for nothing else");
        }
        let [group, version, plural, kind] = [group, version, plural, kind].map(str::to_owned);
        Ok(Self { group, version, plural, kind })
    }

    /// The API group; empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The version within the group.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The plural name.
    #[must_use]
    pub fn plural(&self) -> &str {
        &self.plural
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Group and version as in `apiVersion:`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Whether this is the core Secret, the one kind with values that a phase may not see.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.group.is_empty() && self.plural == "secrets"
    }

    /// Whether this is RoleBinding or ClusterRoleBinding.
    #[must_use]
    pub fn is_binding(&self) -> bool {
        self.group == "rbac.authorization.k8s.io" && ["rolebindings", "clusterrolebindings"].contains(&self.plural.as_str())
    }

    /// The URL path of all objects of this kind, or of those in a namespace.
    #[must_use]
    pub fn path(&self, namespace: Option<&Namespace>) -> String {
        let root = if self.group.is_empty() { "/api".to_owned() } else { format!("/apis/{}", self.group) };
        let namespace = namespace.map(|namespace| format!("namespaces/{namespace}/")).unwrap_or_default();
        format!("{root}/{}/{namespace}{}", self.version, self.plural)
    }
}

/// `plural.group`, as `kubectl api-resources -o name` prints it.
impl fmt::Display for ApiResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plural)?;
        if self.group.is_empty() { Ok(()) } else { write!(f, ".{}", self.group) }
    }
}

/// One object, which may or may not exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// Its kind.
    pub of: ApiResource,
    /// Its namespace; none for a cluster-scoped kind.
    pub namespace: Option<Namespace>,
    /// Its name.
    pub name: ObjectName,
}

impl ObjectRef {
    /// The URL path of the object.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.of.path(self.namespace.as_ref()), self.name)
    }
}

/// The kind of all Secrets.
#[must_use]
pub fn secrets() -> ApiResource {
    let [group, version, plural, kind] = ["", "v1", "secrets", "Secret"].map(str::to_owned);
    ApiResource { group, version, plural, kind }
}

/// The namespace that every cluster has, whose UID tells clusters apart.
#[must_use]
pub fn kube_system() -> ObjectRef {
    let [group, version, plural, kind] = ["", "v1", "namespaces", "Namespace"].map(str::to_owned);
    let of = ApiResource { group, version, plural, kind };
    ObjectRef { of, namespace: None, name: ObjectName::kube_system() }
}

/// `kind.group/name`, as kubectl prints objects.
impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.of.kind.to_lowercase())?;
        if !self.of.group.is_empty() {
            write!(f, ".{}", self.of.group)?;
        }
        write!(f, "/{}", self.name)
    }
}

/// An object as the API server has it. Copies share it: a folder may answer a thousand selectors with the same ones.
#[derive(Clone, PartialEq, Eq)]
pub struct Object(Arc<Map<String, Value>>);

/// Of an object only its identity is shown: it may be a Secret.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({:?} at {:?})", self.metadata("name"), self.resource_version())
    }
}

impl Object {
    /// Takes a JSON object.
    #[must_use]
    pub fn new(fields: Map<String, Value>) -> Self {
        Self(Arc::new(fields))
    }

    /// The fields.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Gives the fields away.
    #[must_use]
    pub fn into_fields(self) -> Map<String, Value> {
        Arc::unwrap_or_clone(self.0)
    }

    /// A text under `metadata`; none if it is missing.
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
