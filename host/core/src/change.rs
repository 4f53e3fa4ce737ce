//! The effect of a plan on each object: the state before and after.

use crate::object::{Object, ObjectRef};
use crate::operation::Operation;
use crate::plan::{Plan, Prepared};
use crate::snapshot::{Lookup, Snapshot};
use crate::write::{Verb, Write};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The effect on one object, with all its operations combined.
#[derive(Debug)]
pub struct Change<'a> {
    /// The object concerned.
    pub target: &'a ObjectRef,
    /// The object before; `None` if it does not exist or was not read.
    pub before: Option<Object>,
    /// Whether the object was read.
    pub observed: WasRead,
    /// The object afterwards, without what only the API server knows; `None` if it will not exist.
    pub after: Option<Object>,
    /// The kind of change.
    pub fate: Fate,
}

/// Whether an object was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WasRead {
    /// It was.
    Yes,
    /// It was not.
    No,
}

/// The kind of change to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Unchanged.
    Kept,
    /// Created or changed.
    Written,
    /// Deleted, and created again under the same name.
    Recreated,
    /// Deleted.
    Deleted,
}

impl<S: Prepared> Plan<S> {
    /// The changes to each object, in the order that the plan names them. `snapshot` is what the plan was made from.
    #[must_use]
    pub fn changes<'a>(&'a self, snapshot: &Snapshot) -> Vec<Change<'a>> {
        let mut places: BTreeMap<&ObjectRef, usize> = BTreeMap::new();
        let mut changes: Vec<Change<'a>> = Vec::new();
        for Operation { target, .. } in &self.content().operations {
            places.entry(target).or_insert_with(|| {
                changes.push(Change::new(target, snapshot));
                changes.len() - 1
            });
        }
        for (operation, write) in self.writes_in_turn() {
            let change = places.get(&operation.target).and_then(|place| changes.get_mut(*place));
            if let (Some(change), Some(write)) = (change, write) {
                change.apply(write);
            }
        }
        changes.into_iter().map(Change::completed).collect()
    }
}

impl<'a> Change<'a> {
    fn new(target: &'a ObjectRef, snapshot: &Snapshot) -> Self {
        let (before, observed) = match snapshot.look_up(target) {
            Lookup::Present(object) => (Some(object.clone()), WasRead::Yes),
            Lookup::Absent => (None, WasRead::Yes),
            Lookup::NotRead => (None, WasRead::No),
        };
        Self { target, after: before.clone(), before, observed, fate: Fate::Kept }
    }

    fn apply(&mut self, write: &Write) {
        self.after = write.foreseen(self.after.as_ref());
        self.fate = match (&write.verb, self.fate) {
            (Verb::Delete, _) => Fate::Deleted,
            (_, Fate::Deleted | Fate::Recreated) => Fate::Recreated,
            _ => Fate::Written,
        };
    }

    /// Adds the names that every object has: the API server omits them in lists, and a patch of an unread object has none.
    fn completed(mut self) -> Self {
        self.before = self.before.map(|object| complete(object, self.target));
        self.after = self.after.map(|object| complete(object, self.target));
        self
    }
}

fn complete(object: Object, target: &ObjectRef) -> Object {
    let mut fields = object.into_fields();
    fields.entry("apiVersion").or_insert_with(|| json!(target.of.api_version()));
    fields.entry("kind").or_insert_with(|| json!(target.of.kind()));
    let metadata = fields.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.entry("name").or_insert_with(|| json!(target.name.as_str()));
        if let Some(namespace) = &target.namespace {
            metadata.entry("namespace").or_insert_with(|| json!(namespace.as_str()));
        }
    }
    Object::new(fields)
}

#[cfg(test)]
mod tests {
    use super::{Fate, WasRead};
    use crate::name::ObjectName;
    use crate::object::{ApiResource, Object, ObjectRef};
    use crate::operation::{Action, Operation, OperationId, Precondition};
    use crate::plan::{Content, Plan};
    use crate::selector::Selector;
    use crate::snapshot::Snapshot;
    use crate::write::{Expected, Verb, Write};
    use serde_json::{Value, json};

    fn target(name: &str) -> ObjectRef {
        let of = ApiResource::parse("example.com", "v1", "things", "Thing").unwrap();
        ObjectRef { of, namespace: None, name: ObjectName::parse(name).unwrap() }
    }

    fn operation(id: &str, name: &str, after: &[&str]) -> Operation {
        let (target, after) = (target(name), after.iter().map(|id| OperationId::parse(id).unwrap()).collect());
        let id = OperationId::parse(id).unwrap();
        Operation { id, target, action: Action::Keep, when: Precondition::Any, after, reason: String::new() }
    }

    fn write(name: &str, verb: Verb) -> Option<Write> {
        Some(Write { target: target(name), verb, expected: Expected::Any })
    }

    #[test]
    fn operations_on_one_object_are_one_change() {
        let body = |value: Value| value.as_object().unwrap().clone();
        // The plan names its last step first: a report may have any order.
        let steps = [
            (operation("new", "a", &["gone"]), write("a", Verb::Create(body(json!({ "spec": 2 }))))),
            (operation("gone", "a", &[]), write("a", Verb::Delete)),
            (operation("kept", "b", &[]), None),
            (operation("unread", "c", &[]), write("c", Verb::MergePatch(body(json!({ "spec": 3 }))))),
            (operation("end", "d", &[]), write("d", Verb::Delete)),
        ];
        let (operations, writes) = steps.into_iter().unzip();
        let content = Content { operations, findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() };
        let plan = Plan::propose(content, 10).unwrap().permit(writes, Vec::new());
        let mut snapshot = Snapshot::default();
        for name in ["a", "b", "d"] {
            let object = Object::new(body(json!({ "metadata": { "name": name, "uid": "1" }, "spec": 1 })));
            snapshot.insert(Selector::One(target(name)), vec![object]);
        }
        let changes = plan.changes(&snapshot);
        let seen: Vec<_> = changes
            .iter()
            .map(|change| {
                let spec = |object: &Option<Object>| object.as_ref().map(|object| object.fields()["spec"].clone());
                (change.target.name.as_str(), change.fate, change.observed, spec(&change.before), spec(&change.after))
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("a", Fate::Recreated, WasRead::Yes, Some(json!(1)), Some(json!(2))),
                ("b", Fate::Kept, WasRead::Yes, Some(json!(1)), Some(json!(1))),
                ("c", Fate::Written, WasRead::No, None, Some(json!(3))),
                ("d", Fate::Deleted, WasRead::Yes, Some(json!(1)), None),
            ]
        );
        let whole = json!({ "apiVersion": "example.com/v1", "kind": "Thing", "metadata": { "name": "c" }, "spec": 3 });
        assert_eq!(Value::Object(changes[2].after.clone().unwrap().into_fields()), whole);
    }
}
