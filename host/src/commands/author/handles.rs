//! Names of hidden values that stay the same: an id counts what was hidden before, so that a Secret more would change those after it.

use kubephase_core::object::Object;
use kubephase_core::policy::Policy;
use kubephase_core::question::{Drawn, Question, RandomValue};
use kubephase_core::secret::{SecretId, Secrets};
use kubephase_core::selector::Selector;
use kubephase_core::snapshot::Snapshot;
use serde_json::Value;
use std::collections::BTreeMap;

/// What each hidden value is called: by where it was first seen, in the request, among what was drawn, or in a Secret.
pub(super) fn names(
    question: &Question,
    random: &[RandomValue],
    snapshot: &Snapshot,
    policy: Policy<'_>,
    secrets: &mut Secrets,
) -> BTreeMap<SecretId, String> {
    let mut names = BTreeMap::new();
    in_value("parameters", &question.parameters, &mut names);
    for (index, document) in question.documents.iter().enumerate() {
        in_value(&format!("documents[{index}]"), document, &mut names);
    }
    for value in random {
        if let Drawn::Hidden(id) = &value.value {
            names.entry(id.clone()).or_insert_with(|| format!("random.{}", value.name));
        }
    }
    for (selector, objects) in snapshot.iter() {
        objects.iter().for_each(|object| in_object(selector, object, policy, secrets, &mut names));
    }
    names
}

fn in_value(path: &str, value: &Value, names: &mut BTreeMap<SecretId, String>) {
    if let Some(id) = SecretId::from_handle(value) {
        names.entry(id).or_insert_with(|| path.to_owned());
        return;
    }
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| in_value(&format!("{path}.{name}"), value, names)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| in_value(&format!("{path}[{index}]"), value, names));
        }
        _ => {}
    }
}

/// An object as the phase saw it: what was hidden in it then is not hidden anew, but found again.
fn in_object(
    selector: &Selector,
    object: &Object,
    policy: Policy<'_>,
    secrets: &mut Secrets,
    names: &mut BTreeMap<SecretId, String>,
) {
    let Some(target) = selector.target_of(object).filter(|target| target.of.is_secret() && policy.may_show(target)) else {
        return;
    };
    let shown = secrets.shown(&target, object, |key| policy.reveals(&target, key));
    let namespace = target.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    for (key, value) in shown.get("data").and_then(Value::as_object).into_iter().flatten() {
        in_value(&format!("{namespace}{}.{key}", target.name), value, names);
    }
}
