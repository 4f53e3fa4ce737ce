//! What becomes of Secrets while a plan is applied, as the API server does it, so that it is known of which sort each is when a
//! hidden value is put into it.

use kubephase_core::object::ObjectRef;
use kubephase_core::secret::Home;
use kubephase_core::write::{Expected, Verb, Write};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a Secret.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sort {
    /// It may be there and be of any type.
    Unread,
    /// It is not there.
    Absent,
    /// It is there and of this type.
    Of(String),
}

/// The Secrets at some time.
#[derive(Default)]
pub(super) struct Sorts {
    known: BTreeMap<ObjectRef, Sort>,
    changed: BTreeSet<ObjectRef>,
}

impl Sorts {
    /// Adds what was read.
    pub(super) fn read(&mut self, target: &ObjectRef, sort: Sort) {
        self.known.insert(target.clone(), sort);
    }

    /// Applies a write, and says of which sort the Secret is then; none if the API server refuses the write.
    pub(super) fn after(&mut self, write: &Write) -> Option<Sort> {
        let target = &write.target;
        if matches!(write.expected, Expected::Same { .. }) && self.changed.contains(target) {
            return None;
        }
        let before = self.known.get(target).unwrap_or(&Sort::Unread);
        let after = match (&write.verb, before) {
            (Verb::Delete, Sort::Absent) | (Verb::Create(_), Sort::Of(_)) => return None,
            (Verb::Replace(_) | Verb::MergePatch(_), Sort::Absent) => return None,
            (Verb::Delete, _) => Sort::Absent,
            (Verb::Create(body), _) | (Verb::Apply(body), Sort::Absent) => {
                Sort::Of(said(body)?.unwrap_or_else(|| "Opaque".to_owned()))
            }
            (Verb::Replace(body) | Verb::MergePatch(body) | Verb::Apply(body), before) => match (said(body)?, before) {
                // An empty type means the one that it has; another one cannot be set.
                (None, before) => before.clone(),
                (Some(said), Sort::Of(present)) if said != *present => return None,
                (Some(said), _) => Sort::Of(said),
            },
        };
        self.changed.insert(target.clone());
        self.known.insert(target.clone(), after.clone());
        Some(after)
    }
}

/// The type that a body says, if it says one; none if it is not one that the API server can read.
fn said(body: &Map<String, Value>) -> Option<Option<String>> {
    match body.get("type") {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => None,
    }
}

/// The sort as the host names it; none if it is not known.
pub(super) fn home(target: &ObjectRef, sort: &Sort) -> Option<Home> {
    match sort {
        Sort::Of(of_type) => Some(Home { namespace: target.namespace.clone(), of_type: of_type.clone() }),
        Sort::Unread | Sort::Absent => None,
    }
}
