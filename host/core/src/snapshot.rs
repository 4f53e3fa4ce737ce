//! What was read.

use crate::object::{Object, ObjectRef};
use crate::selector::Selector;

/// Answers to selectors, in the order in which they were asked.
#[derive(Debug, Clone, Default)]
pub struct Snapshot(Vec<(Selector, Vec<Object>)>);

impl Snapshot {
    /// Adds the answer to a selector; an earlier one for the same selector is replaced.
    pub fn insert(&mut self, selector: Selector, objects: Vec<Object>) {
        self.0.retain(|(present, _)| *present != selector);
        self.0.push((selector, objects));
    }

    /// Whether a selector was answered.
    #[must_use]
    pub fn has(&self, selector: &Selector) -> bool {
        self.0.iter().any(|(present, _)| present == selector)
    }

    /// All answers.
    pub fn iter(&self) -> impl Iterator<Item = &(Selector, Vec<Object>)> {
        self.0.iter()
    }

    /// The answer to a selector; nothing if there was none.
    #[must_use]
    pub fn found(&self, selector: &Selector) -> &[Object] {
        self.0.iter().find(|(present, _)| present == selector).map_or(&[], |(_, objects)| objects)
    }

    /// What is known of one object.
    #[must_use]
    pub fn look_up(&self, object: &ObjectRef) -> Known<'_> {
        let mut known = Known::NotRead;
        for (selector, objects) in &self.0 {
            match selector {
                Selector::One(one) if one == object => {
                    return objects.first().map_or(Known::Absent, Known::Present);
                }
                Selector::Many(list) if list.of == object.of => {
                    let is_it = |found: &&Object| {
                        found.metadata("name") == Some(object.name.as_str())
                            && found.metadata("namespace") == object.namespace.as_ref().map(|namespace| namespace.as_str())
                    };
                    if let Some(found) = objects.iter().find(is_it) {
                        known = Known::Present(found);
                    }
                }
                _ => {}
            }
        }
        known
    }
}

/// What is known of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<'a> {
    /// It was not read.
    NotRead,
    /// It was read and is not there.
    Absent,
    /// It was read and is this.
    Present(&'a Object),
}
