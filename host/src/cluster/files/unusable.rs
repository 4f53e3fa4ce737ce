//! Objects in a folder that cannot be read: encrypted ones, those that a controller will create, patches, and those that an API
//! server refuses. A list leaves them out and reports them; nothing is written in their place.

use super::manifest::Manifest;
use super::place::{Place, metadata};
use kubephase_core::name::Namespace;
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use serde_json::{Map, Value, json};

/// Resources whose controllers create a Secret: the group, the kind, and the path of the Secret's name if it has another one.
const MAKERS: [(&str, &str, &str); 8] = [
    // https://github.com/bitnami-labs/sealed-secrets
    ("bitnami.com", "SealedSecret", "/spec/template/metadata/name"),
    // https://external-secrets.io
    ("external-secrets.io", "ExternalSecret", "/spec/target/name"),
    // https://github.com/isindir/sops-secrets-operator
    ("isindir.github.com", "SopsSecret", "/spec/secretTemplates/*/name"),
    // https://developer.hashicorp.com/vault/docs/platform/k8s/vso
    ("secrets.hashicorp.com", "VaultStaticSecret", "/spec/destination/name"),
    ("secrets.hashicorp.com", "VaultDynamicSecret", "/spec/destination/name"),
    // https://infisical.com/docs/integrations/platforms/kubernetes
    ("secrets.infisical.com", "InfisicalSecret", "/spec/managedSecretReference/secretName"),
    // https://developer.1password.com/docs/k8s/operator
    ("onepassword.com", "OnePasswordItem", ""),
    // https://github.com/mittwald/kubernetes-secret-generator
    ("secretgenerator.mittwald.de", "StringSecret", ""),
];

/// The maps of strings in each kind; labels and annotations are in all kinds.
const TEXTS: [(&str, &[&str]); 3] = [
    ("Secret", &["data", "stringData"]),
    ("ConfigMap", &["data", "binaryData"]),
    ("", &["metadata/labels", "metadata/annotations"]),
];

/// An object in a folder that cannot be read.
pub(super) struct Unusable {
    pub(super) place: Place,
    version: String,
    kind: String,
    namespace: Option<String>,
    name: String,
    why: Why,
}

enum Why {
    /// SOPS has encrypted values in it.
    Sops,
    /// A controller creates it from a resource of this kind.
    MadeOf(String),
    /// It is a patch: it contains `$patch`.
    Patch,
    /// This field must be a string, but has a value of this kind.
    NotText(Vec<String>, &'static str),
}

/// The unreadable objects of a place: the object itself, or the one that a controller creates from it.
pub(super) fn unusable(document: &Value, fields: &Map<String, Value>, place: &Place) -> Vec<Unusable> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (version, kind) = (text("apiVersion"), text("kind"));
    let of = |version: &str, kind: &str, name: &str, why: Why| Unusable {
        place: place.clone(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        namespace: metadata(fields, "namespace").map(str::to_owned),
        name: name.to_owned(),
        why,
    };
    let name = metadata(fields, "name").unwrap_or_default();
    let maker = MAKERS.iter().find(|(group, made, _)| kind == *made && version.split('/').next() == Some(*group));
    if let Some((_, _, path)) = maker {
        let names = names_at(fields, path);
        let names = if names.is_empty() { vec![name] } else { names };
        return names.into_iter().map(|name| of("v1", "Secret", name, Why::MadeOf(kind.clone()))).collect();
    }
    let why = if is_sops(document) || fields.values().any(is_encrypted) {
        Some(Why::Sops)
    } else if fields.contains_key("$patch") {
        Some(Why::Patch)
    } else {
        not_text(&kind, fields).map(|(path, found)| Why::NotText(path, found))
    };
    why.map(|why| of(&version, &kind, name, why)).into_iter().collect()
}

/// The strings at a path, in which `*` stands for all items of a list.
fn names_at<'a>(fields: &'a Map<String, Value>, path: &str) -> Vec<&'a str> {
    let mut steps = path.split('/').skip(1);
    let first: Vec<&Value> = steps.next().and_then(|name| fields.get(name)).into_iter().collect();
    let found = steps.fold(first, |found, step| {
        let below = |value: &'a Value| match (step, value) {
            ("*", Value::Array(items)) => items.iter().collect(),
            _ => value.get(step).into_iter().collect::<Vec<_>>(),
        };
        found.into_iter().flat_map(below).collect()
    });
    found.into_iter().filter_map(Value::as_str).collect()
}

/// Whether a document contains the metadata of SOPS (<https://getsops.io/docs>), which covers all its values, even those in clear
/// text.
pub(super) fn is_sops(document: &Value) -> bool {
    document.get("sops").is_some_and(|sops| ["mac", "lastmodified", "version"].iter().any(|name| sops.get(name).is_some()))
}

/// Whether SOPS has encrypted a value, or one in it.
pub(super) fn is_encrypted(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim_end().ends_with(']') && text.starts_with("ENC[AES256_GCM,data:"),
        Value::Array(items) => items.iter().any(is_encrypted),
        Value::Object(fields) => fields.values().any(is_encrypted),
        _ => false,
    }
}

/// A field that must be a string but is not, and its kind of value. Null counts as an empty string, like in an API server.
fn not_text(kind: &str, fields: &Map<String, Value>) -> Option<(Vec<String>, &'static str)> {
    let paths = TEXTS.iter().filter(|(of, _)| of.is_empty() || *of == kind).flat_map(|(_, paths)| *paths);
    paths.copied().find_map(|path| {
        let mut names: Vec<String> = path.split('/').map(str::to_owned).collect();
        let value = names.iter().skip(1).try_fold(fields.get(names.first()?)?, |value, name| value.get(name))?;
        let Value::Object(texts) = value else {
            let found = sort(value)?;
            return (found != "null").then_some((names, found));
        };
        let (name, found) = texts.iter().find_map(|(name, value)| Some((name, sort(value)?)))?;
        names.push(name.clone());
        Some((names, found))
    })
}

/// The kind of a value that is neither a string nor null.
const fn sort(value: &Value) -> Option<&'static str> {
    match value {
        Value::Bool(_) => Some("a boolean"),
        Value::Number(_) => Some("a number"),
        Value::Array(_) => Some("a list"),
        Value::Object(_) => Some("a map"),
        Value::String(_) | Value::Null => None,
    }
}

impl Unusable {
    pub(super) fn is_target(&self, target: &ObjectRef) -> bool {
        let namespace = target.namespace.as_ref().map(Namespace::as_str);
        self.is_in(&target.of, None) && self.name == target.name.as_str() && self.namespace.as_deref() == namespace
    }

    /// Whether it has this kind and namespace; without a namespace, any.
    pub(super) fn is_in(&self, of: &ApiResource, namespace: Option<&Namespace>) -> bool {
        let is_there = namespace.is_none_or(|namespace| self.namespace.as_deref() == Some(namespace.as_str()));
        self.version == of.api_version() && self.kind == of.kind() && is_there
    }

    /// Whether it is the object at this place, and not one that will be created from it.
    pub(super) const fn is_in_place(&self) -> bool {
        !matches!(self.why, Why::MadeOf(_))
    }

    /// Whether an API server refuses it.
    pub(super) const fn is_malformed(&self) -> bool {
        matches!(self.why, Why::NotText(..))
    }

    /// The known part of the object.
    pub(super) fn stub(&self) -> Object {
        let metadata = json!({ "name": self.name, "namespace": self.namespace });
        let fields = [("apiVersion", json!(self.version)), ("kind", json!(self.kind)), ("metadata", metadata)];
        Object::new(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Why it cannot be read, and how to correct that.
    pub(super) fn refusal(&self, manifest: Option<&Manifest>) -> String {
        let (file, called) = (self.place.file.display(), format!("{}/{}", self.kind.to_lowercase(), self.name));
        match &self.why {
            Why::Sops => {
                let path = self.place.file.to_string_lossy();
                let path = shlex::try_quote(&path).unwrap_or_default();
                format!("{called} in `{file}` is encrypted by SOPS; decrypt it first: `sops decrypt --in-place {path}`")
            }
            Why::MadeOf(kind) => {
                format!("{called} is generated by the {kind} in `{file}`, which does not contain its values; change it there")
            }
            Why::Patch => format!("{called} in `{file}` is a patch, not an object; use the output of `kubectl kustomize`"),
            Why::NotText(path, found) => {
                let mut place: Vec<String> =
                    self.place.item.iter().flat_map(|item| ["items".to_owned(), item.to_string()]).collect();
                place.extend(path.iter().cloned());
                let line = manifest.and_then(|manifest| manifest.line(self.place.document, &place));
                let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
                let field = path.join(".");
                let cure = if matches!(*found, "a list" | "a map") { "write one value" } else { "put the value in quotes" };
                format!("{called} in `{file}`{line}: `{field}` is {found} and must be a string; {cure}")
            }
        }
    }
}
