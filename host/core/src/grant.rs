//! The operator's grant for a phase: the stable file format, and its meaning.

use crate::document::{API_VERSION, DocumentKind, OtherKind};
use crate::name::InvalidName;
use crate::object::ApiResource;
use crate::permission::{Access, AccessSort, InvalidPattern, Pattern, Permission, PermissionScope, Permissions};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The permissions an operator grants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grant {
    /// The phase it applies to; `None` for any.
    pub phase: Option<String>,
    /// The digest of the component it applies to; `None` for any.
    pub digest: Option<String>,
    /// The non-standard properties that are allowed for the component.
    pub extras: Extras,
    /// The permissions of each task, by its name.
    pub tasks: BTreeMap<String, Permissions>,
}

/// Non-standard properties of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extras {
    /// It imports WASI; the host provides an empty one.
    pub wasi: Allowance,
    /// It contains nested components with code, as QuickJS's tools build them.
    pub nested: Allowance,
}

/// Whether a property is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Allowance {
    /// It is refused.
    #[default]
    Refused,
    /// It is allowed.
    Allowed,
}

impl Allowance {
    /// Allowed if either is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self == Self::Allowed { self } else { other }
    }
}

impl Extras {
    /// Allowed where either allows it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { wasi: self.wasi.or(other.wasi), nested: self.nested.or(other.nested) }
    }
}

/// An invalid grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGrant {
    /// A document of another kind or version.
    #[error(transparent)]
    OtherKind(#[from] OtherKind),
    /// An unknown access.
    #[error("`{0}` is not a valid access: must be read, create, update, delete or revoke")]
    Access(String),
    /// An invalid name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// An invalid pattern.
    #[error(transparent)]
    Pattern(#[from] InvalidPattern),
}

/// A grant as written in a file. Unknown fields are refused: a misspelled field must not count as a missing one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantDocument {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// The phase that it is for; any phase if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phase: Option<PhaseDocument>,
    /// Whether the component may import WASI, of which the plugin provides an empty one.
    #[serde(default, rename = "allowWASI", skip_serializing_if = "is_false")]
    allow_wasi: bool,
    /// Whether the component may contain components with code.
    #[serde(default, skip_serializing_if = "is_false")]
    allow_nested: bool,
    /// What the phase may do in each task.
    tasks: Vec<TaskDocument>,
}

/// The phase that a grant is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PhaseDocument {
    /// The id of the phase; any if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The digest of the component, `sha256:<hex>`; any if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

/// What a phase may do in a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct TaskDocument {
    /// The name of the task, as the phase declares it.
    name: String,
    /// What is allowed; nothing else is.
    permissions: Vec<PermissionDocument>,
}

/// A permission as written in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PermissionDocument {
    /// The kinds of access.
    #[cfg_attr(feature = "schemas", schemars(with = "Vec<Access>"))]
    access: Vec<String>,
    /// The API group; empty for the core group.
    group: String,
    /// The version of the API group.
    version: String,
    /// The plural name, as in URLs.
    resource: String,
    /// The `kind` of the objects.
    kind: String,
    /// The namespace; missing for a cluster-scoped kind. `*` is any, where only reading is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    /// The names of the objects. A `*` at the end stands for any rest.
    names: Vec<String>,
    /// The keys of Secrets whose values the phase sees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reveal: Vec<String>,
    /// Why the phase needs it, in its own words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Grant {
    /// The permissions of a task; empty if the grant does not mention it.
    #[must_use]
    pub fn permissions(&self, task: &str) -> Permissions {
        self.tasks.get(task).cloned().unwrap_or_default()
    }

    /// The grant in its file form.
    #[must_use]
    pub fn to_document(&self) -> GrantDocument {
        let phase = PhaseDocument { id: self.phase.clone(), digest: self.digest.clone() };
        let tasks = self.tasks.iter().map(|(name, permissions)| TaskDocument {
            name: name.clone(),
            permissions: permissions.0.iter().map(PermissionDocument::from).collect(),
        });
        GrantDocument {
            api_version: API_VERSION.to_owned(),
            kind: DocumentKind::Grant.to_string(),
            phase: (phase.id.is_some() || phase.digest.is_some()).then_some(phase),
            allow_wasi: self.extras.wasi == Allowance::Allowed,
            allow_nested: self.extras.nested == Allowance::Allowed,
            tasks: tasks.collect(),
        }
    }
}

impl TryFrom<GrantDocument> for Grant {
    type Error = InvalidGrant;

    fn try_from(document: GrantDocument) -> Result<Self, InvalidGrant> {
        DocumentKind::Grant.check(&document.api_version, &document.kind)?;
        let mut tasks: BTreeMap<String, Permissions> = BTreeMap::new();
        for task in document.tasks {
            let permissions = task.permissions.into_iter().map(Permission::try_from).collect::<Result<Vec<_>, _>>()?;
            tasks.entry(task.name).or_default().0.extend(permissions);
        }
        let (phase, digest) = document.phase.map_or((None, None), |phase| (phase.id, phase.digest));
        let allowance = |is_allowed| if is_allowed { Allowance::Allowed } else { Allowance::Refused };
        let extras = Extras { wasi: allowance(document.allow_wasi), nested: allowance(document.allow_nested) };
        Ok(Self { phase, digest, extras, tasks })
    }
}

impl From<&Permission> for PermissionDocument {
    fn from(permission: &Permission) -> Self {
        let texts = |patterns: &[Pattern]| patterns.iter().map(ToString::to_string).collect();
        Self {
            access: permission.access.iter().map(ToString::to_string).collect(),
            group: permission.of.group().to_owned(),
            version: permission.of.version().to_owned(),
            resource: permission.of.plural().to_owned(),
            kind: permission.of.kind().to_owned(),
            namespace: permission.place.as_str().map(str::to_owned),
            names: texts(&permission.names),
            reveal: texts(&permission.reveal),
            reason: permission.reason.clone(),
        }
    }
}

impl TryFrom<PermissionDocument> for Permission {
    type Error = InvalidGrant;

    fn try_from(document: PermissionDocument) -> Result<Self, InvalidGrant> {
        let patterns = |texts: Vec<String>| texts.iter().map(|text| Pattern::parse(text)).collect::<Result<Vec<_>, _>>();
        let access = document.access.into_iter().map(|word| Access::named(&word).ok_or(InvalidGrant::Access(word)));
        let access = access.collect::<Result<Vec<_>, _>>()?;
        let of = ApiResource::parse(&document.group, &document.version, &document.resource, &document.kind)?;
        let sort = AccessSort::of(&access, &of);
        let names = document.names.iter().map(|text| Pattern::parse_name(text, sort));
        Ok(Self {
            access,
            place: PermissionScope::parse(document.namespace.as_deref(), sort, &of)?,
            names: names.collect::<Result<_, _>>()?,
            of,
            reveal: patterns(document.reveal)?,
            reason: document.reason,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Grant, GrantDocument};
    use serde_json::{Value, json};

    fn document() -> Value {
        json!({
            "apiVersion": "bootstrap-token.kubectl/v1alpha1", "kind": "Grant", "phase": { "id": "a" }, "allowWASI": true,
            "tasks": [{ "name": "apply", "permissions": [{
                "access": ["read", "delete"], "group": "", "version": "v1", "resource": "secrets", "kind": "Secret",
                "namespace": "kube-system", "names": ["a-*"], "reveal": ["id"], "reason": "why",
            }] }],
        })
    }

    fn read(value: Value) -> Result<Grant, String> {
        let document: GrantDocument = serde_json::from_value(value).map_err(|error| error.to_string())?;
        Grant::try_from(document).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let grant = read(document()).unwrap();
        assert_eq!(serde_json::to_value(grant.to_document()).unwrap(), document());
    }

    #[test]
    fn a_task_may_be_granted_in_parts() {
        let mut parts = document();
        let mut more = parts["tasks"][0].clone();
        more["permissions"][0]["names"] = json!(["b-*"]);
        parts["tasks"].as_array_mut().unwrap().push(more);
        let names: Vec<String> = read(parts).unwrap().permissions("apply").0.iter().map(|one| one.names[0].to_string()).collect();
        assert_eq!(names, ["a-*", "b-*"]);
    }

    #[test]
    fn what_is_only_read_may_be_anything_but_a_secret() {
        let mut wide = document();
        for (pointer, value) in [
            ("/tasks/0/permissions/0/access", json!(["read"])),
            ("/tasks/0/permissions/0/resource", json!("configmaps")),
            ("/tasks/0/permissions/0/kind", json!("ConfigMap")),
            ("/tasks/0/permissions/0/namespace", json!("*")),
            ("/tasks/0/permissions/0/names", json!(["*"])),
        ] {
            *wide.pointer_mut(pointer).unwrap() = value;
        }
        assert_eq!(serde_json::to_value(read(wide.clone()).unwrap().to_document()).unwrap(), wide);
        *wide.pointer_mut("/tasks/0/permissions/0/access").unwrap() = json!(["read", "update"]);
        assert!(read(wide).is_err());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (pointer, value, expected) in [
            ("/kind", json!("Role"), "it is `bootstrap-token.kubectl/v1alpha1, Role`"),
            ("/tasks/0/permissions/0/access/0", json!("*"), "`*` is not a valid access"),
            ("/tasks/0/permissions/0/names/0", json!("*"), "pattern `*` is not valid"),
            ("/tasks/0/permissions/0/namespace", json!("../x"), "namespace `../x` is not valid"),
            ("/tasks/0/permissions/0/resource", json!("pods/exec"), "resource `pods/exec` is not valid"),
            ("/tasks/0", json!({ "name": "apply", "permissions": [], "permission": [] }), "unknown field `permission`"),
        ] {
            let mut changed = document();
            *changed.pointer_mut(pointer).unwrap() = value;
            let said = read(changed).unwrap_err();
            assert!(said.starts_with(expected), "{said}");
        }
    }
}
