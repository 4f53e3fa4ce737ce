//! What the host found, by object.

use crate::abi::{ObjectRef, Request, Selector};
use alloc::vec::Vec;
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

    /// The object, if it exists.
    #[must_use]
    pub fn get(&self, object: &ObjectRef) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == object).map(|(_, value)| value)
    }
}
