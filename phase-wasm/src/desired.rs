//! From what an object should be and what it is to what has to be done.

use crate::abi::{Action, ObjectRef, Operation, Precondition};
use crate::kind::Kind;
use crate::observed::Observed;
use alloc::{borrow::ToOwned, format, string::String, string::ToString, vec, vec::Vec};
use serde_json::{Map, Value, json};

/// An object as it should be.
pub struct Desired {
    /// Its kind.
    pub kind: Kind,
    /// Which object.
    pub target: ObjectRef,
    /// Its fields besides apiVersion, kind and metadata.
    pub fields: Map<String, Value>,
    /// How to make an existing object like it.
    pub existing: Existing,
    /// Objects that must be there before.
    pub after: Vec<ObjectRef>,
    /// Why, for people.
    pub reason: String,
}

/// What to do with an object that exists. Whatever is not named here stays as it is: labels, annotations, data of others.
pub enum Existing {
    /// Make these fields equal to the desired ones; absent fields are removed.
    Align(&'static [&'static str]),
    /// As `Align`, but if the first field, which the API server does not let change, differs, delete and create the object.
    AlignOrRecreate(&'static str, &'static [&'static str]),
    /// Merge this patch; an empty one means that the object is as it should be.
    Patch(Value),
}

impl Desired {
    /// The operations that lead there; at least one, which may be to keep the object.
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

/// The id of the operation that leaves an object as desired.
fn operation_id(target: &ObjectRef) -> String {
    format!("{}/{}", target.of.plural, target.name)
}
