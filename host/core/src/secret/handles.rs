//! Stable names of hidden values: an id counts the values hidden before it, so one additional Secret would change all later ids.

use super::{SecretId, Secrets};
use crate::object::Object;
use crate::policy::Policy;
use crate::question::{Drawn, Question, RandomValue};
use crate::selector::Selector;
use crate::snapshot::Snapshot;
use serde_json::Value;
use std::collections::BTreeMap;

/// The name of each hidden value, by where it was first seen: in the request, among the generated strings, or in a Secret.
#[must_use]
pub fn names(
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

/// An object as the phase saw it: values hidden in it are looked up, not hidden again.
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

#[cfg(test)]
mod tests {
    use super::names;
    use crate::name::{Namespace, ObjectName};
    use crate::object::{Object, ObjectRef, secrets};
    use crate::permission::Permissions;
    use crate::policy::Policy;
    use crate::question::{Drawn, Question, RandomValue};
    use crate::secret::{SecretOrigin, Secrets};
    use crate::selector::Selector;
    use crate::snapshot::Snapshot;
    use serde_json::{Value, json};

    /// A Secret with a key `token`, and whether a phase may read all of it or nothing.
    fn secret(value: &str) -> (Selector, Object) {
        let namespace = Some(Namespace::parse("kube-system").unwrap());
        let target = ObjectRef { of: secrets(), namespace, name: ObjectName::parse("a").unwrap() };
        let fields = json!({ "metadata": { "name": "a", "namespace": "kube-system" }, "data": { "token": value } });
        (Selector::One(target), Object::new(fields.as_object().unwrap().clone()))
    }

    fn readable() -> Permissions {
        let grant = json!({
            "apiVersion": "bootstrap-token.kubectl/v1alpha1",
            "kind": "Grant",
            "tasks": [{ "name": "t", "permissions": [{
                "access": ["read"], "group": "", "version": "v1", "resource": "secrets", "kind": "Secret",
                "namespace": "kube-system", "names": ["a"], "reason": "",
            }] }],
        });
        let document: crate::grant::GrantDocument = serde_json::from_value(grant).unwrap();
        crate::grant::Grant::try_from(document).unwrap().tasks.remove("t").unwrap()
    }

    #[test]
    fn a_hidden_value_is_called_by_where_it_was_first_seen() {
        let mut hidden = Secrets::default();
        let [given, drawn] = ["given", "drawn"].map(|value| hidden.hide(value.as_bytes(), SecretOrigin::Drawn));
        let parameters = json!({ "token": { "id": "abcdef", "secret": hidden.handle(&given) } });
        let documents: Vec<Value> = vec![json!([]), json!({ "tokens": [hidden.handle(&given)] })];
        let question = Question { task: "t".to_owned(), parameters, documents, now: String::new() };
        let random = [RandomValue { name: "r".to_owned(), value: Drawn::Hidden(drawn.clone()) }];
        let may = readable();
        for (value, permissions, others) in [
            ("b3RoZXI=", &may, vec!["kube-system/a.token"]),
            ("b3RoZXI=", &Permissions::default(), vec![]),
            ("Z2l2ZW4=", &may, vec![]),
        ] {
            let (selector, object) = secret(value);
            let mut snapshot = Snapshot::default();
            snapshot.insert(selector, vec![object]);
            let policy = Policy { declared: permissions, granted: permissions, of_phase: permissions };
            let mut found = names(&question, &random, &snapshot, policy, &mut hidden);
            assert_eq!(found.remove(&given).as_deref(), Some("parameters.token.secret"));
            assert_eq!(found.remove(&drawn).as_deref(), Some("random.r"));
            assert_eq!(found.into_values().collect::<Vec<_>>(), others);
        }
    }
}
