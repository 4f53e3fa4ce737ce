//! The objects that the host found.

use crate::abi::{ObjectRef, Request, Selector};
use crate::kind::Kind;
use alloc::{string::String, vec::Vec};
use serde_json::Value;

/// Objects by name.
pub struct Observed(Vec<(ObjectRef, Value)>);

impl Observed {
    /// Reads the answers of a request. An object that was not asked for or is not JSON counts as missing.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let found = request.observed.iter().filter_map(|answer| match &answer.to {
            Selector::One(object) => {
                let value = serde_json::from_str(answer.objects.first()?).ok()?;
                Some((object.clone(), value))
            }
            Selector::Many(_) => None,
        });
        Self(found.collect())
    }

    /// The object, if it exists and was asked for by name or kept.
    #[must_use]
    pub fn get(&self, object: &ObjectRef) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == object).map(|(_, value)| value)
    }

    /// Adds an object of a list, so that it can be found by name.
    pub fn keep(&mut self, object: ObjectRef, value: Value) {
        self.0.push((object, value));
    }
}

/// The objects of a kind in all lists that were read, as JSON texts: parsed all at once, thousands of them would not fit into a
/// phase's memory.
pub fn listed(request: &Request, kind: Kind) -> impl Iterator<Item = &str> {
    let resource = kind.resource();
    let lists = request.observed.iter().filter(move |answer| matches!(&answer.to, Selector::Many(list) if list.of == resource));
    lists.flat_map(|answer| answer.objects.iter()).map(String::as_str)
}
