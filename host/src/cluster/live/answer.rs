//! Checks that an answer has the requested kind. Plural and kind were granted together; if they do not match on the API server,
//! no part of its answer is used.

use crate::cluster::{ClusterError, Written};
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::selector::{ListRef, Selector};
use kubephase_core::write::{Verb, Write};
use serde_json::{Map, Value};

/// The objects in the answer to a read.
///
/// # Errors
/// [`ClusterError`] for an answer of another kind.
pub(super) fn objects(selector: &Selector, answer: Value) -> Result<Vec<Object>, ClusterError> {
    match (selector, answer) {
        (Selector::One(_), Value::Null) => Ok(Vec::new()),
        (Selector::One(target), answer) => Ok(vec![object(target, answer)?]),
        (Selector::Many(list), answer) => items(list, fields(answer)?),
    }
}

/// The object in an answer.
///
/// # Errors
/// [`ClusterError`] for an answer of another kind.
pub(super) fn object(target: &ObjectRef, answer: Value) -> Result<Object, ClusterError> {
    let fields = fields(answer)?;
    if is_of(&fields, &target.of) { Ok(Object::new(fields)) } else { Err(other_kind(&target.of, &fields)) }
}

/// The result of a write. A deletion is answered with the object or with a `Status`.
///
/// # Errors
/// [`ClusterError`] for an answer of another kind; a dry run reports it before anything is written.
pub(super) fn written(write: &Write, answer: Value) -> Result<Written, ClusterError> {
    match answer {
        Value::Object(fields) if matches!(write.verb, Verb::Delete) && text(&fields, "kind") == Some("Status") => {
            Ok(Written::Object(Object::new(fields)))
        }
        Value::Object(fields) => object(&write.target, Value::Object(fields)).map(Written::Object),
        _ => Ok(Written::Nothing),
    }
}

/// The items of a list, which lack `apiVersion` and `kind` where the list has them for all items. A custom resource may name its
/// list freely (`spec.names.listKind`), but its items have their own kind.
fn items(list: &ListRef, mut answer: Map<String, Value>) -> Result<Vec<Object>, ClusterError> {
    let of = &list.of;
    let items = match answer.remove("items") {
        Some(Value::Array(items)) => items,
        Some(Value::Null) => Vec::new(),
        _ => return Err(other_kind(of, &answer)),
    };
    let is_named = text(&answer, "kind") == Some(format!("{}List", of.kind()).as_str());
    if text(&answer, "apiVersion") != Some(of.api_version().as_str()) || !(is_named || of.scope().is_none()) {
        return Err(other_kind(of, &answer));
    }
    let item = |item| {
        let mut item = fields(item)?;
        if is_named {
            item.entry("apiVersion").or_insert_with(|| Value::String(of.api_version()));
            item.entry("kind").or_insert_with(|| Value::String(of.kind().to_owned()));
        }
        if is_of(&item, of) { Ok(Object::new(item)) } else { Err(other_kind(of, &item)) }
    };
    items.into_iter().map(item).collect()
}

fn fields(answer: Value) -> Result<Map<String, Value>, ClusterError> {
    match answer {
        Value::Object(fields) => Ok(fields),
        _ => Err(ClusterError::unavailable("the server's answer is not an object")),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str()
}

fn is_of(fields: &Map<String, Value>, of: &ApiResource) -> bool {
    text(fields, "apiVersion") == Some(of.api_version().as_str()) && text(fields, "kind") == Some(of.kind())
}

fn other_kind(of: &ApiResource, fields: &Map<String, Value>) -> ClusterError {
    let said = |name| kubephase_core::name::shortened(text(fields, name).unwrap_or("nothing")).into_owned();
    let (version, kind) = (said("apiVersion"), said("kind"));
    ClusterError::unavailable(format!(
        "the server answered for {of} with `{version}, {kind}`, and what is allowed is `{}, {}`: nothing of the answer is used",
        of.api_version(),
        of.kind()
    ))
}

#[cfg(test)]
mod tests {
    use super::{objects, written};
    use kubephase_core::name::ObjectName;
    use kubephase_core::object::{ApiResource, ObjectRef};
    use kubephase_core::selector::{ListRef, Selector};
    use kubephase_core::write::{Expected, Verb, Write};
    use serde_json::{Map, Value, json};

    fn thing() -> ObjectRef {
        let of = ApiResource::parse("example.com", "v1", "things", "Thing").unwrap();
        ObjectRef { of, namespace: None, name: ObjectName::parse("a").unwrap() }
    }

    fn node() -> ObjectRef {
        ObjectRef { of: ApiResource::parse("", "v1", "nodes", "Node").unwrap(), ..thing() }
    }

    fn head(version: &str, kind: &str) -> Value {
        json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "a" } })
    }

    #[test]
    fn an_object_is_of_the_kind_that_was_asked_for() {
        for (target, answer, is_right) in [
            (thing(), head("example.com/v1", "Thing"), true),
            (thing(), head("example.com/v1", "Gadget"), false),
            (thing(), head("example.com/v2", "Thing"), false),
            (thing(), head("example.com/v1", "ThingList"), false),
            (thing(), json!({ "metadata": {} }), false),
            (thing(), json!([]), false),
            (node(), head("v1", "Node"), true),
            (node(), head("v1", "Pod"), false),
        ] {
            let write = |verb| Write { target: target.clone(), verb, expected: Expected::Any };
            assert_eq!(objects(&Selector::One(target.clone()), answer.clone()).is_ok(), is_right, "{answer}");
            if answer.is_object() {
                assert_eq!(written(&write(Verb::MergePatch(Map::new())), answer.clone()).is_ok(), is_right, "{answer}");
                assert_eq!(written(&write(Verb::Delete), answer.clone()).is_ok(), is_right, "{answer}");
            }
            assert!(written(&write(Verb::Delete), head("v1", "Status")).is_ok());
            assert!(written(&write(Verb::Create(Map::new())), head("v1", "Status")).is_err());
            assert_eq!(objects(&Selector::One(target), Value::Null).map(|found| found.len()).ok(), Some(0));
        }
        let said = objects(&Selector::One(thing()), head("example.com/v1", "Gadget")).unwrap_err().to_string();
        let expected = "error: the server answered for things.example.com with `example.com/v1, Gadget`, and what is allowed is \
                        `example.com/v1, Thing`: nothing of the answer is used";
        assert_eq!(said, expected);
    }

    #[test]
    fn each_item_of_a_list_is_of_the_kind_that_was_asked_for() {
        let list = |version: &str, kind: &str, items: Value| json!({ "apiVersion": version, "kind": kind, "items": items });
        let (crd, bare) = ("example.com/v1", json!({ "metadata": { "name": "a" } }));
        let (item, other) = (head(crd, "Thing"), head(crd, "Gadget"));
        for (of, answer, found) in [
            (node().of, list("v1", "NodeList", json!([bare, head("v1", "Node")])), Some(2)),
            (node().of, list("v1", "NodeList", json!(null)), Some(0)),
            (node().of, list("v1", "NodeList", json!([bare, head("v1", "Pod")])), None),
            (node().of, list("v1", "SecretList", json!([bare])), None),
            (node().of, list("v1", "SecretList", json!([])), None),
            (node().of, list("v1", "List", json!([head("v1", "Node")])), None),
            (node().of, list("v2", "NodeList", json!([bare])), None),
            (node().of, head("v1", "Node"), None),
            (thing().of, list(crd, "ThingList", json!([item, bare])), Some(2)),
            (thing().of, list(crd, "ThingList", json!([item, other])), None),
            // As a CustomResourceDefinition may name it.
            (thing().of, list(crd, "ManyThings", json!([item])), Some(1)),
            (thing().of, list(crd, "ManyThings", json!([bare])), None),
            (thing().of, list(crd, "GadgetList", json!([other])), None),
        ] {
            let selector = Selector::Many(ListRef { of, namespace: None, labels: String::new(), fields: String::new() });
            assert_eq!(objects(&selector, answer.clone()).ok().map(|objects| objects.len()), found, "{answer}");
        }
    }
}
