//! Short ways to write what the contract has many fields for.

use crate::*;

pub fn resource(group: &str, version: &str, plural: &str, kind: &str) -> ApiResource {
    let [group, version, plural, kind] = [group, version, plural, kind].map(str::to_owned);
    ApiResource { group, version, plural, kind }
}

pub fn object(of: ApiResource, namespace: Option<&str>, name: &str) -> ObjectRef {
    ObjectRef { of, namespace: namespace.map(str::to_owned), name: name.to_owned() }
}

pub fn permission(access: Vec<Access>, of: ApiResource, namespace: Option<&str>, name: &str) -> Permission {
    let (names, reason) = (vec![name.to_owned()], "a test".to_owned());
    Permission { access, of, namespace: namespace.map(str::to_owned), names, reveal: Vec::new(), reason }
}

/// To read these objects.
pub fn reads(objects: impl IntoIterator<Item = ObjectRef>) -> Needs {
    Needs { reads: objects.into_iter().map(Selector::One).collect(), random: Vec::new() }
}

/// To list objects.
pub fn lists(of: ApiResource, namespace: Option<&str>, labels: &str) -> Needs {
    let (namespace, label_selector) = (namespace.map(str::to_owned), labels.to_owned());
    let list = ListRef { of, namespace, label_selector, field_selector: String::new() };
    Needs { reads: vec![Selector::Many(list)], random: Vec::new() }
}

/// To list objects that are chosen by a field.
pub fn selects(of: ApiResource, namespace: Option<&str>, fields: &str) -> Needs {
    let (namespace, field_selector) = (namespace.map(str::to_owned), fields.to_owned());
    let list = ListRef { of, namespace, label_selector: String::new(), field_selector };
    Needs { reads: vec![Selector::Many(list)], random: Vec::new() }
}

pub fn plan(operations: impl IntoIterator<Item = Operation>) -> Plan {
    let operations = operations.into_iter().collect();
    Plan { operations, findings: Vec::new(), notes: Vec::new(), outputs: Vec::new() }
}

/// A plan that does nothing but say something.
pub fn note(text: impl ToString) -> Plan {
    Plan { notes: vec![text.to_string()], ..plan([]) }
}

/// A plan with one line that may hold secrets.
pub fn output(value: impl IntoIterator<Item = Part>) -> Plan {
    let output = Output { name: "line".to_owned(), when: Moment::Before, value: value.into_iter().collect() };
    Plan { outputs: vec![output], ..plan([]) }
}

/// A rule with nothing wrong in it.
pub fn rule() -> Rule {
    Rule {
        id: "broken".to_owned(),
        severity: Severity::Low,
        title: "a rule".to_owned(),
        description: "it is broken".to_owned(),
        references: Vec::new(),
    }
}

/// A plan with one finding.
pub fn finding(title: &str, detail: &str) -> Plan {
    let finding = Finding {
        rule: "rule".to_owned(),
        severity: Severity::High,
        title: title.to_owned(),
        detail: detail.to_owned(),
        target: None,
        remedy: Vec::new(),
        fixable: false,
        references: Vec::new(),
    };
    Plan { findings: vec![finding], ..plan([]) }
}

pub fn operation(id: &str, target: ObjectRef, action: Action, when: Precondition) -> Operation {
    let (id, reason) = (id.to_owned(), "a test".to_owned());
    Operation { id, target, action, when, after: Vec::new(), reason }
}

/// Creates an object with these fields and the right identity.
pub fn create(target: ObjectRef, fields: Value) -> Operation {
    let body = body(&target, fields);
    create_as(target, &body.to_string())
}

/// Creates an object with this text as its body.
pub fn create_as(target: ObjectRef, body: &str) -> Operation {
    let id = format!("create-{}", target.name);
    operation(&id, target, Action::Create(body.to_owned()), Precondition::Absent)
}

/// Patches an object.
pub fn patch(target: ObjectRef, patch: Value) -> Operation {
    let id = format!("patch-{}", target.name);
    operation(&id, target, Action::MergePatch(patch.to_string()), Precondition::AsObserved)
}

/// The operation, after others.
pub fn after<const N: usize>(ids: [&str; N], operation: Operation) -> Operation {
    Operation { after: ids.map(str::to_owned).to_vec(), ..operation }
}

/// Fields and the identity of an object; fields win.
pub fn body(target: &ObjectRef, fields: Value) -> Value {
    let of = &target.of;
    let version = if of.group.is_empty() { of.version.clone() } else { format!("{}/{}", of.group, of.version) };
    let mut metadata = json!({ "name": target.name });
    if let Some(namespace) = &target.namespace {
        metadata["namespace"] = json!(namespace);
    }
    let mut body = json!({ "apiVersion": version, "kind": of.kind, "metadata": metadata });
    merge(&mut body, fields);
    body
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// The secret half of the token that the user gave.
pub fn given(request: &Request) -> Part {
    let parameters: Value = serde_json::from_str(&request.parameters).unwrap();
    Part::Secret(parameters["token"]["secret"]["$secret"].as_str().unwrap().to_owned())
}

/// A plan that writes what the behaving one does, and says a line of this name, in which each `{}` is the secret half that the user gave.
pub fn line(name: &str, text: &str, request: &Request) -> Plan {
    let mut value = Vec::new();
    for (index, piece) in text.split("{}").enumerate() {
        value.extend((index > 0).then(|| given(request)));
        value.push(Part::Text(piece.to_owned()));
    }
    let output = Output { name: name.to_owned(), when: Moment::After, value };
    Plan { outputs: vec![output], ..plan([create(config_map("hostile-new"), json!({ "data": { "a": "b" } }))]) }
}
