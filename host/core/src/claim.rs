//! The description of a phase in the config of its artifact: enough to show the phase before any of it is fetched. The format is
//! stable. It is not trusted: when the phase runs, it is compared with what the phase says itself.

use crate::description::{Description, TaskDescription};
use crate::document::{API_VERSION, DocumentKind};
use crate::grant::PermissionDocument;
use crate::name::Identifier;
use crate::permission::{Permission, Permissions};
use serde::{Deserialize, Serialize};

/// The key of the claim in a config.
pub const CLAIM_KEY: &str = "bootstrap-token.kubectl/phase";

/// The claimed properties of a phase, without the parameters of its tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The phase's identity, tasks and permissions.
    pub description: Description,
    /// The contract versions it exports.
    pub contracts: Vec<String>,
    /// The interfaces it imports.
    pub imports: Vec<String>,
}

/// A claim as written in a config.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimDocument {
    /// The version of the format.
    api_version: String,
    /// What the document is.
    kind: String,
    /// The id of the phase.
    id: String,
    /// What the phase calls its version.
    version: String,
    /// What the phase does, in its own words.
    summary: String,
    /// The versions of the contract that the component exports.
    contracts: Vec<String>,
    /// The interfaces that the component imports.
    imports: Vec<String>,
    /// What the phase can be asked to do.
    tasks: Vec<TaskDocument>,
}

/// What a phase can be asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct TaskDocument {
    /// The name of the task.
    name: String,
    /// What the task does, in the words of the phase.
    summary: String,
    /// What the phase declares that it does in this task.
    permissions: Vec<PermissionDocument>,
}

/// An invalid claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("its config has an invalid description of the phase: {0}")]
pub struct InvalidClaim(pub String);

impl Claim {
    /// The claim in its config form.
    #[must_use]
    pub fn to_document(&self) -> ClaimDocument {
        let Description { id, version, summary, tasks, rules: _ } = &self.description;
        let tasks = tasks.iter().map(|task| TaskDocument {
            name: task.name.to_string(),
            summary: task.summary.clone(),
            permissions: task.permissions.0.iter().map(PermissionDocument::from).collect(),
        });
        ClaimDocument {
            api_version: API_VERSION.to_owned(),
            kind: DocumentKind::PhaseClaim.to_string(),
            id: id.to_string(),
            version: version.clone(),
            summary: summary.clone(),
            contracts: self.contracts.clone(),
            imports: self.imports.clone(),
            tasks: tasks.collect(),
        }
    }

    /// The first property that differs; `None` if all match.
    #[must_use]
    pub fn difference(&self, found: &Self) -> Option<String> {
        let (said, is) = (&self.description, &found.description);
        let texts = [
            ("the id", said.id.to_string(), is.id.to_string()),
            ("the version", said.version.clone(), is.version.clone()),
            ("the summary", said.summary.clone(), is.summary.clone()),
            ("the contract", self.contracts.join(", "), found.contracts.join(", ")),
            ("the imports", self.imports.join(", "), found.imports.join(", ")),
            ("the tasks", names(said), names(is)),
        ];
        if let Some((what, said, is)) = texts.into_iter().find(|(_, said, is)| said != is) {
            return Some(format!("{what}: `{said}` in the config, `{is}` in the component"));
        }
        let mut pairs = said.tasks.iter().zip(&is.tasks);
        let other = pairs.find(|(said, is)| said.summary != is.summary || said.permissions != is.permissions)?;
        Some(format!("the permissions of the task `{}`", other.0.name))
    }
}

fn names(description: &Description) -> String {
    description.tasks.iter().map(|task| task.name.to_string()).collect::<Vec<_>>().join(", ")
}

impl ClaimDocument {
    /// Whether this version of the format is supported.
    #[must_use]
    pub fn is_known(api_version: &str) -> bool {
        api_version == API_VERSION
    }
}

impl TryFrom<ClaimDocument> for Claim {
    type Error = InvalidClaim;

    fn try_from(document: ClaimDocument) -> Result<Self, InvalidClaim> {
        DocumentKind::PhaseClaim.check(&document.api_version, &document.kind).map_err(|error| InvalidClaim(error.to_string()))?;
        let name = |sort, text: &str| Identifier::parse(sort, text).map_err(|error| InvalidClaim(error.to_string()));
        let task = |task: TaskDocument| {
            let permissions = task.permissions.into_iter().map(Permission::try_from).collect::<Result<Vec<_>, _>>();
            Ok(TaskDescription {
                name: name("task", &task.name)?,
                summary: task.summary,
                parameters: String::new(),
                permissions: Permissions(permissions.map_err(|error| InvalidClaim(error.to_string()))?),
            })
        };
        let description = Description {
            id: name("id", &document.id)?,
            version: document.version,
            summary: document.summary,
            tasks: document.tasks.into_iter().map(task).collect::<Result<_, _>>()?,
            rules: Vec::new(),
        };
        Ok(Self { description, contracts: document.contracts, imports: document.imports })
    }
}

#[cfg(test)]
mod tests {
    use super::{Claim, ClaimDocument};
    use serde_json::{Value, json};

    fn document() -> Value {
        json!({
            "apiVersion": "bootstrap-token.kubectl/v1alpha1", "kind": "PhaseClaim", "id": "a", "version": "1", "summary": "s",
            "contracts": ["0.1.0"], "imports": [],
            "tasks": [{ "name": "apply", "summary": "t", "permissions": [{
                "access": ["read"], "group": "", "version": "v1", "resource": "configmaps", "kind": "ConfigMap",
                "namespace": "kube-public", "names": ["cluster-info"], "reason": "why",
            }] }],
        })
    }

    fn read(value: Value) -> Result<Claim, String> {
        let document: ClaimDocument = serde_json::from_value(value).map_err(|error| error.to_string())?;
        Claim::try_from(document).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(serde_json::to_value(read(document()).unwrap().to_document()).unwrap(), document());
    }

    #[test]
    fn a_lie_is_named() {
        let honest = read(document()).unwrap();
        assert_eq!(honest.difference(&honest), None);
        for (pointer, value, expected) in [
            ("/id", json!("b"), "the id: `b` in the config, `a` in the component"),
            ("/version", json!("2"), "the version: `2`"),
            ("/summary", json!("other"), "the summary: `other`"),
            ("/contracts", json!([]), "the contract: ``"),
            ("/imports", json!(["wasi:cli/run@0.2.0"]), "the imports: `wasi"),
            ("/tasks/0/name", json!("audit"), "the tasks: `audit`"),
            ("/tasks/0/summary", json!("x"), "the permissions of the task `apply`"),
            ("/tasks/0/permissions", json!([]), "the permissions of the task `apply`"),
        ] {
            let mut lie = document();
            *lie.pointer_mut(pointer).unwrap() = value;
            let said = read(lie).unwrap().difference(&honest).unwrap();
            assert!(said.starts_with(expected), "{said}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (pointer, value) in [
            ("/kind", json!("Grant")),
            ("/id", json!("A b")),
            ("/tasks/0/name", json!("")),
            ("/tasks/0/permissions/0/resource", json!("pods/exec")),
        ] {
            let mut changed = document();
            *changed.pointer_mut(pointer).unwrap() = value;
            assert!(read(changed).is_err(), "{pointer}");
        }
    }
}
