//! The objects that were read.

use crate::name::{Namespace, ObjectName};
use crate::object::{Object, ObjectRef};
use crate::selector::Selector;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Answers to selectors, in the order they were asked in. Lookups use an index: a plan may have ten thousand operations on the
/// objects of a thousand lists.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The answers by number; numbers only increase.
    answers: BTreeMap<u64, (Selector, Vec<Object>)>,
    /// The number of the answer to a selector.
    numbers: BTreeMap<Selector, u64>,
    /// Each listed object: the last list that contains it, and the position there. Built by the first lookup, since an audit of ten
    /// thousand tokens looks none of them up.
    listed: OnceLock<BTreeMap<ObjectRef, (u64, usize)>>,
}

impl Snapshot {
    /// Adds the answer to a selector; an earlier one for the same selector is replaced.
    pub fn insert(&mut self, selector: Selector, objects: Vec<Object>) {
        self.listed.take();
        let number = self.answers.last_key_value().map_or(0, |(last, _)| last + 1);
        if let Some(old) = self.numbers.insert(selector.clone(), number) {
            self.answers.remove(&old);
        }
        self.answers.insert(number, (selector, objects));
    }

    /// Adds the answers of another snapshot.
    pub fn extend(&mut self, other: Self) {
        other.answers.into_values().for_each(|(selector, objects)| self.insert(selector, objects));
    }

    /// Whether a selector was answered.
    #[must_use]
    pub fn has(&self, selector: &Selector) -> bool {
        self.numbers.contains_key(selector)
    }

    /// The number of answered selectors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// All answers.
    pub fn iter(&self) -> impl Iterator<Item = &(Selector, Vec<Object>)> {
        self.answers.values()
    }

    /// The answer to a selector; `None` if there is none.
    #[must_use]
    pub fn answer(&self, selector: &Selector) -> Option<&[Object]> {
        let (_, objects) = self.answers.get(self.numbers.get(selector)?)?;
        Some(objects)
    }

    /// The answer to a selector; empty if there is none.
    #[must_use]
    pub fn found(&self, selector: &Selector) -> &[Object] {
        self.answer(selector).unwrap_or_default()
    }

    /// What is known of one object: the answer to its own selector, otherwise the entry in the last list that contains it.
    #[must_use]
    pub fn look_up(&self, object: &ObjectRef) -> Lookup<'_> {
        if let Some(objects) = self.answer(&Selector::One(object.clone())) {
            return objects.first().map_or(Lookup::Absent, Lookup::Present);
        }
        let listed = self.listed.get_or_init(|| self.index());
        let found = listed.get(object).and_then(|(number, place)| self.answers.get(number)?.1.get(*place));
        found.map_or(Lookup::NotRead, Lookup::Present)
    }

    fn index(&self) -> BTreeMap<ObjectRef, (u64, usize)> {
        let mut index = BTreeMap::new();
        for (number, (selector, objects)) in &self.answers {
            // Of two objects of a list with the same name the first one counts.
            for (place, object) in objects.iter().enumerate().rev() {
                if let Some(target) = listed(selector, object) {
                    index.insert(target, (*number, place));
                }
            }
        }
        index
    }
}

/// The reference to an object in the answer to a list; `None` for another answer, and for an invalid name.
fn listed(selector: &Selector, object: &Object) -> Option<ObjectRef> {
    let Selector::Many(list) = selector else { return None };
    let namespace = object.metadata("namespace").map(Namespace::parse).transpose().ok()?;
    Some(ObjectRef { of: list.of.clone(), namespace, name: ObjectName::parse(object.metadata("name")?).ok()? })
}

/// What is known of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// It was not read.
    NotRead,
    /// It was read, and it does not exist.
    Absent,
    /// It was read, and it exists.
    Present(&'a Object),
}

#[cfg(test)]
mod tests {
    use super::{Lookup, Snapshot};
    use crate::name::ObjectName;
    use crate::object::{Object, ObjectRef, secrets};
    use crate::selector::{ListRef, Selector};
    use serde_json::json;

    fn object(name: &str, version: &str) -> Object {
        Object::new(json!({ "metadata": { "name": name, "resourceVersion": version } }).as_object().unwrap().clone())
    }

    fn many(labels: &str) -> Selector {
        Selector::Many(ListRef { of: secrets(), namespace: None, labels: labels.to_owned(), fields: String::new() })
    }

    #[test]
    fn an_object_is_what_was_read_last_and_best() {
        let target = ObjectRef { of: secrets(), namespace: None, name: ObjectName::parse("a").unwrap() };
        let mut snapshot = Snapshot::default();
        let version = |snapshot: &Snapshot| match snapshot.look_up(&target) {
            Lookup::Present(object) => object.resource_version().unwrap().to_owned(),
            other => format!("{other:?}"),
        };
        for (selector, objects, expected) in [
            (many("x"), vec![object("b", "1")], "NotRead"),
            (many("y"), vec![object("a", "2"), object("a", "3")], "2"),
            (many("z"), vec![object("a", "4")], "4"),
            // Replaced, and therefore the last one.
            (many("y"), vec![object("a", "5")], "5"),
            (many("y"), Vec::new(), "4"),
            (many("z"), Vec::new(), "NotRead"),
            (many("x"), vec![object("a", "6")], "6"),
            (Selector::One(target.clone()), Vec::new(), "Absent"),
            (Selector::One(target.clone()), vec![object("a", "7")], "7"),
            (many("w"), vec![object("a", "8")], "7"),
        ] {
            snapshot.insert(selector.clone(), objects);
            assert_eq!(version(&snapshot), expected, "{selector:?}");
            assert!(snapshot.has(&selector));
        }
        let order: Vec<_> = snapshot.iter().map(|(selector, _)| selector.clone()).collect();
        assert_eq!(order, [many("y"), many("z"), many("x"), Selector::One(target), many("w")]);
    }
}
