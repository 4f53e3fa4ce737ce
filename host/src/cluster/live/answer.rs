//! Checks that an answer has the requested kind. Plural and kind were granted together; if they do not match on the API server,
//! no part of its answer is used.

use crate::cluster::{ClusterError, Written};
use kubephase_core::object::{ApiResource, Object, ObjectRef};
use kubephase_core::write::{Verb, Write};
use serde_json::{Map, Value};

/// The object in the answer to a read; `None` if it does not exist.
///
/// # Errors
/// [`ClusterError`] for an answer of another kind.
pub(super) fn found(target: &ObjectRef, answer: Value) -> Result<Option<Object>, ClusterError> {
    match answer {
        Value::Null => Ok(None),
        answer => object(target, answer).map(Some),
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

fn fields(answer: Value) -> Result<Map<String, Value>, ClusterError> {
    match answer {
        Value::Object(fields) => Ok(fields),
        _ => Err(no_object()),
    }
}

/// The error of an answer that is JSON and no object.
pub(super) fn no_object() -> ClusterError {
    ClusterError::unavailable("the server's answer is not an object")
}

pub(super) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str()
}

pub(super) fn is_of(fields: &Map<String, Value>, of: &ApiResource) -> bool {
    text(fields, "apiVersion") == Some(of.api_version().as_str()) && text(fields, "kind") == Some(of.kind())
}

pub(super) fn other_kind(of: &ApiResource, fields: &Map<String, Value>) -> ClusterError {
    let said = |name| kubephase_core::name::shortened(text(fields, name).unwrap_or("nothing")).into_owned();
    let (version, kind) = (said("apiVersion"), said("kind"));
    ClusterError::unavailable(format!(
        "the server answered for {of} with `{version}, {kind}`, but only `{}, {}` is allowed: the answer is ignored",
        of.api_version(),
        of.kind()
    ))
}

#[cfg(test)]
mod tests {
    use super::{found, written};
    use kubephase_core::name::ObjectName;
    use kubephase_core::object::{ApiResource, ObjectRef};
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
            assert_eq!(found(&target, answer.clone()).is_ok(), is_right, "{answer}");
            if answer.is_object() {
                assert_eq!(written(&write(Verb::MergePatch(Map::new())), answer.clone()).is_ok(), is_right, "{answer}");
                assert_eq!(written(&write(Verb::Delete), answer.clone()).is_ok(), is_right, "{answer}");
            }
            assert!(written(&write(Verb::Delete), head("v1", "Status")).is_ok());
            assert!(written(&write(Verb::Create(Map::new())), head("v1", "Status")).is_err());
            assert_eq!(found(&target, Value::Null).ok(), Some(None));
        }
        let said = found(&thing(), head("example.com/v1", "Gadget")).unwrap_err().to_string();
        let expected = "error: the server answered for things.example.com with `example.com/v1, Gadget`, but only \
                        `example.com/v1, Thing` is allowed: the answer is ignored";
        assert_eq!(said, expected);
    }
}
