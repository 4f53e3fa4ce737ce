//! What the host found, by object.

use crate::abi::{ObjectRef, Request, Selector};
use crate::kind::Kind;
use alloc::{string::String, vec::Vec};
use serde_json::Value;

/// The objects that were read for a request.
pub struct Observed(Vec<(ObjectRef, Value)>);

impl Observed {
    /// Reads the answers of a request. What was not asked for, is absent, or is not JSON looks the same: absent.
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

    /// The object, if it was asked for by its name or kept, and exists.
    #[must_use]
    pub fn get(&self, object: &ObjectRef) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == object).map(|(_, value)| value)
    }

    /// Adds an object from a list, so that it can be found by its name.
    pub fn keep(&mut self, object: ObjectRef, value: Value) {
        self.0.push((object, value));
    }
}

/// The objects of a kind in all lists that were read, as JSON texts: thousands of them would not fit into a phase's memory at once as
/// anything else.
pub fn listed(request: &Request, kind: Kind) -> impl Iterator<Item = &str> {
    let resource = kind.resource();
    let lists = request.observed.iter().filter(move |answer| matches!(&answer.to, Selector::Many(list) if list.of == resource));
    lists.flat_map(|answer| answer.objects.iter()).map(String::as_str)
}
