//! Differences between two phases: in their permissions, and in the operations they propose for the same cluster.

use crate::description::{Description, TaskDescription};
use crate::operation::{Action, Operation};
use crate::permission::{Access, Permission, Permissions};
use crate::plan::Content;
use crate::structure::Structure;

/// Items on only one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides<T> {
    /// On the new phase's side.
    pub added: Vec<T>,
    /// On the old phase's side.
    pub removed: Vec<T>,
}

impl<T: PartialEq + Clone> Sides<T> {
    fn of(old: &[T], new: &[T]) -> Self {
        let beyond = |these: &[T], others: &[T]| these.iter().filter(|item| !others.contains(item)).cloned().collect();
        Self { added: beyond(new, old), removed: beyond(old, new) }
    }

    /// Whether both sides are the same.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// Differences between two phases that can be found without a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseDifference {
    /// The contract versions they export.
    pub contracts: Sides<String>,
    /// The interfaces they import.
    pub imports: Sides<String>,
    /// The names of their tasks.
    pub tasks: Sides<String>,
    /// The permissions of their tasks.
    pub permissions: Sides<Allowed>,
}

/// A set of objects, and the access of each task to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The objects and keys; accesses and reason are those of the first task.
    pub objects: Permission,
    /// Each task with its accesses.
    pub tasks: Vec<(String, Vec<Access>)>,
}

impl PhaseDifference {
    /// Compares the contents of the files and the descriptions of the phases.
    #[must_use]
    pub fn between(old: (&Structure, &Description), new: (&Structure, &Description)) -> Self {
        let names = |description: &Description| description.tasks.iter().map(|task| task.name.to_string()).collect::<Vec<_>>();
        Self {
            contracts: Sides::of(&old.0.contracts, &new.0.contracts),
            imports: Sides::of(&old.0.imports, &new.0.imports),
            tasks: Sides::of(&names(old.1), &names(new.1)),
            permissions: Sides { added: beyond(new.1, old.1), removed: beyond(old.1, new.1) },
        }
    }

    /// Whether there are no differences.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.contracts.is_empty() && self.imports.is_empty() && self.tasks.is_empty() && self.permissions.is_empty()
    }
}

/// The permissions of one phase's tasks beyond those of the tasks with the same names in the other phase. Accesses of several
/// tasks to the same objects are grouped.
fn beyond(these: &Description, others: &Description) -> Vec<Allowed> {
    let none = Permissions::default();
    let mut all: Vec<Allowed> = Vec::new();
    for TaskDescription { name, permissions, .. } in &these.tasks {
        let other = others.tasks.iter().find(|task| task.name == *name).map_or(&none, |task| &task.permissions);
        for permission in permissions.beyond(other).0 {
            let task = (name.to_string(), permission.access.clone());
            match all.iter_mut().find(|allowed| is_of_same_objects(&allowed.objects, &permission)) {
                Some(allowed) => allowed.tasks.push(task),
                None => all.push(Allowed { objects: permission, tasks: vec![task] }),
            }
        }
    }
    all
}

fn is_of_same_objects(one: &Permission, other: &Permission) -> bool {
    one.of == other.of && one.place == other.place && one.names == other.names && one.reveal == other.reveal
}

/// An operation that only one of two plans has, or that differs between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OperationDifference<'a> {
    /// Only the new phase proposes it.
    Added(&'a Operation),
    /// Only the old phase proposes it.
    Removed(&'a Operation),
    /// Both write to the object, but differently.
    Changed {
        /// The operation of the old phase.
        old: &'a Operation,
        /// The operation of the new phase.
        new: &'a Operation,
    },
}

/// The differences between two plans for the same state, in the order of the new one. Operations are matched by their objects,
/// not by their ids, which each phase chooses freely; unchanged objects are ignored.
#[must_use]
pub fn operations<'a>(old: &'a Content, new: &'a Content) -> Vec<OperationDifference<'a>> {
    let mut left: Vec<&Operation> = acting(old).collect();
    let mut differences = Vec::new();
    for operation in acting(new) {
        match left.iter().position(|other| other.target == operation.target) {
            None => differences.push(OperationDifference::Added(operation)),
            Some(place) => {
                let other = left.remove(place);
                if other.action != operation.action || other.when != operation.when {
                    differences.push(OperationDifference::Changed { old: other, new: operation });
                }
            }
        }
    }
    differences.extend(left.into_iter().map(OperationDifference::Removed));
    differences
}

fn acting(content: &Content) -> impl Iterator<Item = &Operation> {
    content.operations.iter().filter(|operation| operation.action != Action::Keep)
}

#[cfg(test)]
mod tests {
    use super::{OperationDifference, PhaseDifference, operations};
    use crate::description::{Description, TaskDescription};
    use crate::name::{Identifier, ObjectName};
    use crate::object::{ApiResource, ObjectRef};
    use crate::operation::{Action, Operation, OperationId, Precondition};
    use crate::permission::{Access, Pattern, Permission, PermissionScope, Permissions};
    use crate::plan::Content;
    use crate::structure::Structure;
    use serde_json::json;

    fn nodes() -> ApiResource {
        ApiResource::parse("", "v1", "nodes", "Node").unwrap()
    }

    fn task(name: &str, access: &[Access], names: &[&str]) -> TaskDescription {
        let permission = Permission {
            access: access.to_vec(),
            of: nodes(),
            place: PermissionScope::Cluster,
            names: names.iter().map(|name| Pattern::parse(name).unwrap()).collect(),
            reveal: Vec::new(),
            reason: String::new(),
        };
        let (name, summary) = (Identifier::parse("task", name).unwrap(), String::new());
        TaskDescription { name, summary, parameters: String::new(), permissions: Permissions(vec![permission]) }
    }

    fn phase(tasks: Vec<TaskDescription>) -> Description {
        let (id, version) = (Identifier::parse("phase id", "p").unwrap(), "1.0.0".to_owned());
        Description { id, version, summary: String::new(), tasks, rules: Vec::new() }
    }

    #[test]
    fn tasks_that_may_do_more_to_the_same_objects_stand_together() {
        use Access::{Create, Delete, Read, Update};
        let old = phase(vec![task("a", &[Read, Create], &["x"]), task("b", &[Update], &["x"]), task("old", &[Delete], &["x"])]);
        let new = phase(vec![task("a", &[Read, Create], &["x", "y"]), task("b", &[Update, Delete], &["x", "y"])]);
        let structure = |import: &str| Structure { imports: vec![import.to_owned()], ..Structure::default() };
        let difference = PhaseDifference::between((&structure("i"), &old), (&structure("j"), &new));
        let told = |all: &[super::Allowed]| -> Vec<String> {
            let tell = |allowed: &super::Allowed| format!("{:?} {:?}", allowed.objects.names, allowed.tasks);
            all.iter().map(tell).collect()
        };
        let y = "[Pattern { start: \"y\", is_whole: true }]";
        let x = "[Pattern { start: \"x\", is_whole: true }]";
        let added = [format!("{y} [(\"a\", [Read, Create]), (\"b\", [Update, Delete])]"), format!("{x} [(\"b\", [Delete])]")];
        assert_eq!(told(&difference.permissions.added), added);
        assert_eq!(told(&difference.permissions.removed), [format!("{x} [(\"old\", [Delete])]")]);
        assert_eq!((difference.tasks.added.len(), &difference.tasks.removed), (0, &vec!["old".to_owned()]));
        assert_eq!((&difference.imports.added, &difference.imports.removed), (&vec!["j".to_owned()], &vec!["i".to_owned()]));
        assert!(!difference.is_empty() && PhaseDifference::between((&structure("i"), &old), (&structure("i"), &old)).is_empty());
    }

    #[test]
    fn operations_are_told_apart_by_their_objects() {
        let create = |body: &str| Action::Create(json!({ "a": body }).as_object().unwrap().clone());
        let operation = |(id, name, action): &(&str, &str, Action)| Operation {
            id: OperationId::parse(id).unwrap(),
            target: ObjectRef { of: nodes(), namespace: None, name: ObjectName::parse(name).unwrap() },
            action: action.clone(),
            when: Precondition::Any,
            after: Vec::new(),
            reason: String::new(),
        };
        let content = |all: &[(&str, &str, Action)]| {
            let operations = all.iter().map(operation).collect();
            Content { operations, findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() }
        };
        let old = content(&[
            ("1", "same", create("x")),
            ("2", "changed", create("x")),
            ("3", "gone", Action::Delete),
            ("4", "kept", Action::Keep),
            ("5", "again", Action::Delete),
            ("6", "again", create("x")),
        ]);
        let new = content(&[
            ("a", "changed", create("y")),
            ("b", "same", create("x")),
            ("c", "new", create("x")),
            ("d", "again", Action::Delete),
            ("e", "again", create("x")),
            ("f", "other", Action::Keep),
        ]);
        let told: Vec<String> = operations(&old, &new)
            .into_iter()
            .map(|difference| match difference {
                OperationDifference::Added(operation) => format!("+{}", operation.id),
                OperationDifference::Removed(operation) => format!("-{}", operation.id),
                OperationDifference::Changed { old, new } => format!("{}~{}", old.id, new.id),
            })
            .collect();
        assert_eq!(told, ["2~a", "+c", "-3"]);
        assert!(operations(&old, &old).is_empty());
    }
}
