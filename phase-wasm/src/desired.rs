//! Compares desired objects with existing ones, and derives operations.

use crate::abi::{Action, ObjectRef, Operation, Precondition};
use crate::kind::Kind;
use crate::observed::Observed;
use alloc::{borrow::ToOwned, format, string::String, string::ToString, vec, vec::Vec};
use serde_json::{Map, Value, json};

/// A desired object.
pub struct Desired {
    /// Gives the body its apiVersion and kind.
    pub kind: Kind,
    /// Gives the body its name and namespace.
    pub target: ObjectRef,
    /// All fields but apiVersion, kind and metadata.
    pub fields: Map<String, Value>,
    /// The labels of an object that is created.
    pub labels: Vec<(&'static str, String)>,
    /// What to change if the object exists.
    pub existing: Existing,
    /// Objects that must exist first.
    pub after: Vec<ObjectRef>,
    /// What the object is for; shown with the operation.
    pub reason: String,
}

/// What to change in an existing object. Everything that is not named here stays: labels, annotations, other data.
pub enum Existing {
    /// Set these fields to the desired values, and remove those that have none.
    Align(&'static [&'static str]),
    /// As `Align`, but delete and create the object if the first field differs, which the API server does not let anyone change.
    AlignOrRecreate(&'static str, &'static [&'static str]),
    /// Merge this patch; if it is empty, the object is as desired.
    Patch(Value),
}

impl Desired {
    /// The operations that make it so: at least one, which may be to keep the object.
    #[must_use]
    pub fn operations(self, observed: &Observed) -> Vec<Operation> {
        let Some(found) = observed.get(&self.target) else {
            let body = self.body();
            return vec![self.operation("", Action::Create(body), Precondition::Absent)];
        };
        let patch = match &self.existing {
            Existing::Patch(patch) => patch.clone(),
            Existing::Align(fields) => self.patch(found, fields),
            Existing::AlignOrRecreate(fixed, fields) => {
                if found.get(fixed) != self.fields.get(*fixed) {
                    return self.recreate();
                }
                self.patch(found, fields)
            }
        };
        let is_empty = patch.as_object().is_some_and(Map::is_empty);
        let action = if is_empty { Action::Keep } else { Action::MergePatch(patch.to_string()) };
        vec![self.operation("", action, Precondition::AsObserved)]
    }

    fn recreate(self) -> Vec<Operation> {
        let delete = self.operation("/delete", Action::Delete, Precondition::AsObserved);
        let mut create = self.operation("", Action::Create(self.body()), Precondition::Absent);
        create.after.push(delete.id.clone());
        vec![delete, create]
    }

    fn patch(&self, found: &Value, fields: &[&str]) -> Value {
        let differs = |field: &&&str| found.get(**field).filter(|value| !value.is_null()) != self.fields.get(**field);
        let changes = fields.iter().filter(differs);
        changes
            .map(|field| ((*field).to_owned(), self.fields.get(*field).cloned().unwrap_or_default()))
            .collect::<Map<_, _>>()
            .into()
    }

    fn body(&self) -> String {
        let mut metadata = json!({ "name": self.target.name });
        if let (Some(namespace), Some(fields)) = (&self.target.namespace, metadata.as_object_mut()) {
            fields.insert("namespace".to_owned(), json!(namespace));
        }
        if let (false, Some(fields)) = (self.labels.is_empty(), metadata.as_object_mut()) {
            let labels = self.labels.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
            fields.insert("labels".to_owned(), Value::Object(labels.collect()));
        }
        let mut body = self.fields.clone();
        body.insert("apiVersion".to_owned(), json!(self.kind.api_version()));
        body.insert("kind".to_owned(), json!(self.kind.name()));
        body.insert("metadata".to_owned(), metadata);
        Value::Object(body).to_string()
    }

    fn operation(&self, suffix: &str, action: Action, when: Precondition) -> Operation {
        Operation {
            id: format!("{}{suffix}", operation_id(&self.target)),
            target: self.target.clone(),
            action,
            when,
            after: self.after.iter().map(operation_id).collect(),
            reason: self.reason.clone(),
        }
    }
}

/// The id of the operation after which an object is as desired.
fn operation_id(target: &ObjectRef) -> String {
    format!("{}/{}", target.of.plural, target.name)
}
