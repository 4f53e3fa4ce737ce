//! Where hidden values are, and where they may be.

use super::rules::{both_allow, both_reveal};
use super::scene::Scene;
use super::sorts::{Sort, Sorts, home};
use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::STANDARD_NO_PAD};
use kubephase_core::name::{Namespace, ObjectName};
use kubephase_core::object::{Object, ObjectRef};
use kubephase_core::operation::Operation;
use kubephase_core::permission::Access;
use kubephase_core::policy::Policy;
use kubephase_core::secret::{Home, SecretId, Secrets};
use kubephase_core::selector::Selector;
use kubephase_core::snapshot::Snapshot;
use kubephase_core::write::{Verb, Write};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The longest text that a phase may write for people is 16 KiB; a line of ours around it is little longer.
const LINE: usize = 17 << 10;

/// Values that were hidden in a run.
pub(super) struct Hidden {
    /// The values, with the sorts of Secrets that they may go to, each with the key that a value of the cluster keeps there; one that is
    /// only drawn has none yet.
    homes: BTreeMap<Vec<u8>, BTreeSet<(Home, Option<String>)>>,
    /// Values that the phase saw elsewhere in clear.
    seen: BTreeSet<Vec<u8>>,
    /// Values that were given or drawn.
    ours: BTreeSet<Vec<u8>>,
    /// The objects that the phase saw.
    shown: BTreeSet<ObjectRef>,
}

impl Hidden {
    /// All of a run after it.
    pub(super) fn of(scene: &Scene, snapshot: &Snapshot, secrets: &Secrets) -> Self {
        let values = || secrets.values().map(<[u8]>::to_vec);
        let (given, to) = scene.given();
        let mut hidden = Self {
            homes: values().map(|value| (value, BTreeSet::new())).collect(),
            seen: BTreeSet::new(),
            ours: BTreeSet::new(),
            shown: BTreeSet::new(),
        };
        hidden.homes.entry(given).or_default().insert((to, None));
        for (selector, objects) in snapshot.iter() {
            objects.iter().for_each(|object| hidden.observe(scene.policy(), &name_of(selector, object), object));
        }
        let stored: BTreeSet<Vec<u8>> =
            scene.cluster().iter().flat_map(|stored| data(&stored.object)).map(|(_, value)| value).collect();
        hidden.ours = values().filter(|value| !stored.contains(value)).collect();
        hidden
    }

    fn observe(&mut self, policy: Policy<'_>, name: &ObjectRef, object: &Object) {
        if !both_allow(policy, Access::Read, name) {
            return;
        }
        self.shown.insert(name.clone());
        let of_type = object.fields().get("type").and_then(Value::as_str).filter(|text| !text.is_empty()).unwrap_or("Opaque");
        let home = Home { namespace: name.namespace.clone(), of_type: of_type.to_owned() };
        for (key, value) in data(object) {
            if both_reveal(policy, name, &key) && std::str::from_utf8(&value).is_ok() {
                self.seen.insert(value);
            } else {
                self.homes.entry(value).or_default().insert((home.clone(), Some(key)));
            }
        }
    }

    /// Whether a text holds a value, as it is or in base64.
    fn find(&self, text: &str) -> Option<&Vec<u8>> {
        self.homes.keys().find(|value| is_in(text, value))
    }

    /// No message holds a hidden value, and none is endless.
    pub(super) fn check_words(&self, text: &str) {
        assert_eq!(self.find(text), None, "{text}");
        assert!(text.len() <= LINE, "{} bytes: {}…", text.len(), text.chars().take(300).collect::<String>());
    }

    /// A phase was told nothing that it may not see.
    pub(super) fn check_told(&self, scene: &Scene, told: &str) {
        let told_value = self.homes.keys().find(|value| !self.seen.contains(*value) && is_in(told, value));
        assert_eq!(told_value, None, "{told}");
        for stored in scene.cluster() {
            assert!(self.shown.contains(&stored.target) || !told.contains(&stored.marker), "{} {told}", stored.target);
        }
    }

    /// A line for people shows only what the user gave or what was made for them.
    pub(super) fn check_shown(&self, id: &SecretId, secrets: &Secrets) {
        assert!(secrets.resolve(id).is_some_and(|value| self.ours.contains(value)), "{id:?}");
    }
}

fn is_in(text: &str, value: &[u8]) -> bool {
    text.contains(&STANDARD_NO_PAD.encode(value)) || std::str::from_utf8(value).is_ok_and(|value| text.contains(value))
}

fn name_of(selector: &Selector, object: &Object) -> ObjectRef {
    match selector {
        Selector::One(target) => target.clone(),
        Selector::Many(list) => ObjectRef {
            of: list.of.clone(),
            namespace: object.metadata("namespace").map(|namespace| Namespace::parse(namespace).unwrap()),
            name: ObjectName::parse(object.metadata("name").unwrap()).unwrap(),
        },
    }
}

/// The data of a stored Secret.
fn data(object: &Object) -> Vec<(String, Vec<u8>)> {
    let entries = object.fields().get("data").and_then(Value::as_object).into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), STANDARD.decode(value.as_str().unwrap()).unwrap())).collect()
}

/// The writes of a plan, one after the other.
pub(super) struct Course<'a> {
    hidden: &'a Hidden,
    policy: Policy<'a>,
    secrets: &'a Secrets,
    sorts: Sorts,
    /// Where drawn values went first.
    drawn: BTreeMap<Vec<u8>, Home>,
}

impl<'a> Course<'a> {
    /// Before the first write.
    pub(super) fn new(hidden: &'a Hidden, policy: Policy<'a>, secrets: &'a Secrets, snapshot: &Snapshot) -> Self {
        let mut sorts = Sorts::default();
        for (selector, objects) in snapshot.iter() {
            if let (Selector::One(target), []) = (selector, objects.as_slice()) {
                sorts.read(target, Sort::Absent);
            }
            for object in objects {
                let of_type = object.fields().get("type").and_then(Value::as_str).filter(|text| !text.is_empty());
                sorts.read(&name_of(selector, object), Sort::Of(of_type.unwrap_or("Opaque").to_owned()));
            }
        }
        Self { hidden, policy, secrets, sorts, drawn: BTreeMap::new() }
    }

    /// A write holds hidden values only where they belong, and in clear only what the phase may see.
    pub(super) fn check(&mut self, operation: &Operation, write: &Write) {
        let sort = self.sorts.after(write);
        let (Some(body), Some(proposed)) = (body(write), operation.action.body()) else { return };
        let mut rest = body.clone();
        if write.target.of.is_secret() {
            assert!(!rest.contains_key("stringData"), "{operation:?}");
            let data = rest.remove("data").unwrap_or_default();
            for (key, value) in data.as_object().into_iter().flatten() {
                self.check_entry(operation, proposed, (key, value), sort.as_ref());
            }
        }
        let rest = Value::Object(rest).to_string();
        assert_eq!(self.hidden.find(&rest), None, "{operation:?}");
        assert!(!rest.contains("$secret"), "{operation:?}");
    }

    fn check_entry(
        &mut self,
        operation: &Operation,
        proposed: &Map<String, Value>,
        entry: (&String, &Value),
        sort: Option<&Sort>,
    ) {
        let (key, value) = entry;
        let proposals: Vec<&Value> = ["data", "stringData"].iter().filter_map(|name| proposed.get(*name)?.get(key)).collect();
        let Some(text) = value.as_str() else {
            assert!(value.is_null() && proposals.contains(&&Value::Null), "{operation:?}");
            return;
        };
        let placed = proposals.iter().filter_map(|proposal| self.secrets.resolve(&SecretId::from_handle(proposal)?));
        let placed = placed.map(<[u8]>::to_vec).find(|placed| STANDARD.encode(placed) == text);
        match placed {
            Some(placed) => {
                assert!(!both_reveal(self.policy, &operation.target, key), "the phase will see {key}: {operation:?}");
                self.check_home(operation, placed, key, sort);
            }
            None => {
                assert!(both_reveal(self.policy, &operation.target, key), "{key} in clear: {operation:?}");
                let clear =
                    |proposal: &&Value| proposal.as_str().is_some_and(|clear| clear == text || STANDARD.encode(clear) == text);
                assert!(proposals.iter().any(clear), "{operation:?}");
            }
        }
    }

    fn check_home(&mut self, operation: &Operation, value: Vec<u8>, key: &str, sort: Option<&Sort>) {
        // What the API server refuses goes nowhere.
        let Some(sort) = sort else { return };
        let to = home(&operation.target, sort);
        assert!(to.is_some(), "a hidden value goes to a Secret of unknown type: {operation:?}");
        let Some(to) = to else { return };
        let homes = &self.hidden.homes[&value];
        if homes.is_empty() {
            let first = self.drawn.entry(value).or_insert_with(|| to.clone());
            assert_eq!(*first, to, "a drawn value goes to two sorts of Secrets: {operation:?}");
        } else {
            let is_own = homes.iter().any(|(home, own)| *home == to && own.as_deref().is_none_or(|own| own == key));
            assert!(is_own, "a hidden value of {homes:?} goes to {to} under {key}: {operation:?}");
        }
    }
}

/// The body of a write.
pub(super) const fn body(write: &Write) -> Option<&Map<String, Value>> {
    match &write.verb {
        Verb::Create(body) | Verb::Replace(body) | Verb::MergePatch(body) | Verb::Apply(body) => Some(body),
        Verb::Delete => None,
    }
}
